"""Every kind of page: it fits, has no barrier, reads well in the dark, on paper, from a disk and without scripts."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.system.browser.conftest import Served, Watch
from tests.system.browser.sites import PAGES

NewPage = Callable[..., Page]
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1440, "height": 900}
_CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}


def visit(page: Page, kind: str) -> None:
    page.goto(PAGES[kind])
    if kind == "search":
        expect(page.locator("#results li").first).to_be_visible()
    if kind in ("day", "paper"):
        page.locator(".sentence").first.click()


def barriers(page: Page, **options: object) -> list[str]:
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page, **options).response["violations"]]


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_fits_and_has_no_barrier_light_and_dark(new_page: NewPage, kind: str) -> None:
    page = new_page(viewport=PHONE, color_scheme="light")
    visit(page, kind)
    assert barriers(page) == []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.emulate_media(color_scheme="dark")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(21, 23, 26)"
    assert barriers(page, options=_CONTRAST) == []


def test_the_help_has_no_barrier(page: Page) -> None:
    page.goto("index.html")
    page.keyboard.press("?")
    assert barriers(page) == []


def test_the_readers_choice_of_light_and_dark_survives_a_reload(page: Page) -> None:
    page.goto("index.html")
    page.get_by_role("button", name="어두운 화면으로 바꾸기").click()
    for _ in range(2):
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 26)"
        page.reload()


@pytest.mark.parametrize("kind", PAGES)
def test_without_scripts_a_page_reads_well(new_page: NewPage, kind: str) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False)
    page.goto(PAGES[kind])
    expect(page.locator("h1")).to_be_visible()
    for button in page.get_by_role("button").all():
        assert not button.is_visible()
    if kind == "search":
        expect(page.get_by_text("자바스크립트가 필요합니다")).to_be_visible()


def test_without_scripts_a_sentence_leads_to_its_source_and_all_texts_are_there(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(PAGES["paper"])
    for heading in ("요약", "쉽게", "자세히"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    page.locator(".sentence").first.click()
    expect(page.get_by_text("Tiles improve reasoning")).to_be_visible()


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_opens_from_the_disk(new_page: NewPage, every_kind: Served, kind: str) -> None:
    page = new_page()
    page.goto(f"{every_kind.folder.as_uri()}/{PAGES[kind]}")
    expect(page.locator("h1")).to_be_visible()
    if kind == "search":
        expect(page.get_by_text("파일로 연 사이트에서는 검색할 수 없습니다")).to_be_visible()
        assert not page.locator("#q").is_visible()
    if kind == "paper":
        page.locator(".sentence").first.click()
        expect(page.locator(".trace")).to_contain_text("Tiles improve reasoning")


def test_a_paper_on_paper_has_all_its_texts_and_no_buttons(page: Page) -> None:
    page.goto(PAGES["paper"])
    page.emulate_media(media="print")
    for text in ("LLM의 추론을", "조각을 나누어", "타일을 더 자세히"):
        expect(page.get_by_text(text)).to_be_visible()
    for button in page.get_by_role("button").all():
        assert button.get_attribute("class") == "sentence" or not button.is_visible()
    assert not page.locator(".masthead nav").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_pictures_come_from_the_media_hosts_lazily_and_leave_a_drawing_when_they_do_not(
    new_page: NewPage, watch: Watch
) -> None:
    page = new_page()
    page.goto("index.html")
    expect(page.locator(".picture img").first).to_be_visible()
    assert len(set(watch.media)) == len(watch.media) > 0
    assert page.locator("img:not([loading=lazy])").count() == 1
    assert page.locator("img:not([width][height])").count() == 0
    watch.picture = lambda route: route.fulfill(status=200, body="<html>", content_type="text/html")
    broken = new_page()
    broken.goto("index.html")
    expect(broken.locator(".picture img")).to_have_count(0)
    assert "placeholder.svg" in broken.locator(".picture").first.evaluate("e => getComputedStyle(e).backgroundImage")
