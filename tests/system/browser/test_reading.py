"""What readers do: open traces, go by keyboard, mark and save papers, filter and sort, come back, copy a citation."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser.sites import FIRST, NEWEST, PAGES, TRACED

NewPage = Callable[..., Page]
ALL = ["Reasoning Tiles", "Picture Book", "Moving Book"]
_NO_STORAGE = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"


def cards(page: Page) -> list[str]:
    """The titles of the cards that are shown, in their order."""
    return page.locator(".card:visible h2").all_inner_texts()


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText"))


def _click(page: Page) -> None:
    page.locator(".sentence").first.click()


def _tap(page: Page) -> None:
    page.locator(".sentence").first.tap()


def _press(page: Page, key: str) -> None:
    page.locator(".sentence").first.focus()
    page.keyboard.press(key)


@pytest.mark.parametrize(
    "open_it", [_click, _tap, lambda page: _press(page, "Enter"), lambda page: _press(page, "Space")]
)
@pytest.mark.parametrize("kind", ["day", "paper"])
def test_a_trace_opens_and_closes(new_page: NewPage, kind: str, open_it: Callable[[Page], None]) -> None:
    page = new_page(has_touch=True)
    page.goto(PAGES[kind])
    sentence, trace = page.locator(".sentence").first, page.locator(".trace").first
    open_it(page)
    expect(trace).to_be_visible()
    expect(trace).to_contain_text("4 Results")
    expect(trace.locator("mark")).to_have_text("4.6%")
    expect(trace.get_by_role("link")).to_have_attribute("href", f"https://arxiv.org/html/{TRACED}v1#S4.p1")
    expect(sentence).to_have_attribute("aria-expanded", "true")
    sentence.press("Escape")
    expect(trace).not_to_be_visible()


# ---- the keyboard


def test_letters_go_from_paper_to_paper_and_act_on_it(page: Page) -> None:
    page.goto("index.html")
    for key, title in (("j", ALL[0]), ("j", ALL[1]), ("j", ALL[2]), ("j", ALL[2]), ("k", ALL[1])):
        page.keyboard.press(key)
        assert focused(page) == title
    card = page.locator(".card").nth(1)
    page.keyboard.press("o")
    expect(card.locator(".text")).not_to_be_visible()
    page.keyboard.press("o")
    expect(card.locator(".text")).to_be_visible()
    page.keyboard.press("s")
    expect(card.locator(".mark-saved")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("m")
    expect(card.locator(".mark-read")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(ALL[1])


def test_letters_act_while_hangul_is_typed_and_not_in_fields_or_with_other_keys(page: Page) -> None:
    page.goto("index.html")
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ㅓ', code: 'KeyJ', bubbles: true}))")
    assert focused(page) == ALL[0]
    page.keyboard.press("Control+k")
    assert focused(page) == ALL[0]
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jk?")
    expect(page.get_by_role("searchbox")).to_have_value("jk?")


def test_in_a_list_letters_move_and_open(page: Page) -> None:
    page.goto(PAGES["field"])
    page.keyboard.press("j")
    title = focused(page)
    page.keyboard.press("o")
    expect(page.locator("h1")).to_have_text(title)


def test_the_help_keeps_the_focus_and_gives_it_back(page: Page) -> None:
    page.goto("index.html")
    button = page.get_by_role("button", name="단축키 보기")
    button.press("Enter")
    expect(page.get_by_role("dialog", name="단축키")).to_be_visible()
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_the_letters_can_be_switched_off_for_good(page: Page) -> None:
    page.goto("index.html")
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="단축키 사용").uncheck()
    page.get_by_role("button", name="닫기").click()
    page.reload()
    page.keyboard.press("j")
    assert focused(page) not in ALL


# ---- read, saved, filtered


def test_what_is_read_saved_filtered_and_sorted_survives_a_reload(page: Page) -> None:
    page.goto("index.html")
    first = page.locator(".card").first
    first.get_by_role("button", name="읽음").click()
    first.get_by_role("button", name="저장").click()
    for _ in range(2):
        expect(first).to_have_class("card read folded")
        expect(first.locator(".mark-saved")).to_have_attribute("aria-pressed", "true")
        page.reload()
    page.get_by_role("combobox", name="순서").select_option("votes")
    assert cards(page) == ["Picture Book", "Moving Book", "Reasoning Tiles"]
    page.get_by_role("combobox", name="분야").select_option("자연어 처리")
    for _ in range(2):
        assert cards(page) == ["Moving Book", "Reasoning Tiles"]
        expect(page.locator("output")).to_have_text("3편 가운데 2편")
        page.reload()
    page.get_by_role("combobox", name="보기").select_option("unread")
    assert cards(page) == ["Moving Book"]
    page.get_by_role("combobox", name="보기").select_option("saved")
    assert cards(page) == ["Reasoning Tiles"]


def test_a_paper_that_is_opened_is_read_until_the_reader_says_otherwise(page: Page) -> None:
    page.goto(PAGES["paper"])
    page.goto("index.html")
    expect(page.locator(".card").first.locator(".mark-read")).to_have_attribute("aria-pressed", "true")
    page.locator(".card").first.get_by_role("button", name="읽음").click()
    expect(page.locator(".card").first.locator(".text")).to_be_visible()


def test_saved_papers_are_listed_and_can_be_dropped(page: Page) -> None:
    page.goto(PAGES["paper"])
    page.get_by_role("button", name="저장: Reasoning Tiles").click()
    page.goto("recent/index.html")
    saved = page.locator("#saved")
    expect(saved.get_by_role("link")).to_have_attribute("href", f"../paper/{TRACED}/index.html")
    saved.get_by_role("button", name="저장 취소").click()
    expect(saved).to_contain_text("저장한 논문이 없습니다")


def test_everything_works_while_storage_is_blocked(new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script(_NO_STORAGE)
    page.goto("index.html")
    page.locator(".card").first.get_by_role("button", name="읽음").click()
    page.get_by_role("combobox", name="보기").select_option("unread")
    assert cards(page) == ALL[1:]
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_what_others_put_into_the_storage_does_no_harm(page: Page) -> None:
    page.goto("about/index.html")
    kept = {
        "digest.saved": [{"id": "../../x", "title": "x"}, {"id": "1", "title": "<img src=x onerror=alert(1)>"}, None],
        "digest.read": {"a": 1},
        "digest.day": "x",
        "digest.visit": [],
    }
    page.evaluate(f"Object.entries({json.dumps(kept)}).forEach(([k, v]) => localStorage.setItem(k, JSON.stringify(v)))")
    page.goto("index.html")
    assert cards(page) == ALL
    page.goto("recent/index.html")
    expect(page.locator("#saved a")).to_have_text("<img src=x onerror=alert(1)>")


def test_what_is_new_since_the_last_visit_is_shown(page: Page) -> None:
    page.goto("index.html")
    assert not page.locator(".missed").is_visible()
    earlier = {"since": "", "newest": str(FIRST), "at": 0}
    page.evaluate(f"localStorage.setItem('digest.visit', JSON.stringify({json.dumps(earlier)}))")
    page.reload()
    page.locator(".missed").click()
    expect(page.get_by_role("combobox", name="보기")).to_have_value("since")
    dates = page.locator("section[data-date]:visible")
    expect(dates).to_have_count(2)
    expect(dates.first).to_have_attribute("data-date", str(NEWEST))
    page.goto("index.html")
    expect(page.locator(".missed")).to_be_visible()  # the same visit


# ---- citations


def test_a_citation_is_copied(new_page: NewPage) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(PAGES["paper"])
    page.get_by_text("인용하기").click()
    page.get_by_role("button", name="복사하기").click()
    expect(page.get_by_text("복사했습니다.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"@misc{{arXiv:{TRACED},") and "annote" not in copied


def test_a_citation_that_cannot_be_copied_is_selected(new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: undefined}); document.execCommand = () => false"
    )
    page.goto(PAGES["paper"])
    page.get_by_text("인용하기").click()
    page.get_by_role("button", name="복사하기").click()
    expect(page.get_by_text("복사하지 못했습니다.")).to_be_visible()
    assert page.evaluate("getSelection().toString()").startswith("@misc{")
