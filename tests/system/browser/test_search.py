"""Searching in the page: Korean prefixes, English terms, facets, years together, from an address."""

from playwright.sync_api import Page, expect

from tests.support import synthetic


def results(page: Page) -> list[str]:
    expect(page.locator("#found")).to_contain_text("찾")
    return page.locator("#results > li > a").all_inner_texts()


def test_a_korean_prefix_and_an_english_term_are_found(page: Page) -> None:
    page.goto("search/index.html")
    for words in ("추론", "LLM", "llm의 추론"):
        page.get_by_role("searchbox").fill(words)
        expect(page.locator("#results > li > a", has_text="Reasoning Tiles")).to_be_visible()
    assert page.locator("#results mark").first.inner_text()
    page.get_by_role("link", name="Reasoning Tiles").click()
    expect(page.locator("h1")).to_have_text("Reasoning Tiles")


def test_all_years_are_searched_and_the_facets_narrow_them(page: Page) -> None:
    page.goto("search/index.html")
    page.get_by_role("combobox", name="월").select_option("2023-12")
    expect(page.locator("#found")).to_have_text("논문 3편을 찾았습니다.")
    page.get_by_role("combobox", name="월").select_option("2024-08")
    page.get_by_role("combobox", name="분야").select_option("컴퓨터 비전")
    expect(page.locator("#results > li > a", has_text="Picture Book")).to_be_visible()
    page.get_by_role("combobox", name="분야").select_option("")
    page.get_by_role("combobox", name="월").select_option("")
    page.get_by_role("searchbox").fill(f"{_name(0)} {_name(0)}")
    expect(page.locator("#results > li > a").first).to_contain_text(_name(0))


def _name(number: int) -> str:
    return synthetic._paper(number, synthetic.FIRST)[0].title.split(":")[0]


def test_a_search_is_an_address_that_survives_a_reload(page: Page) -> None:
    page.goto("search/index.html?q=추론&field=자연어 처리")
    before = results(page)
    assert before
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("추론")
    expect(page.get_by_role("combobox", name="분야")).to_have_value("자연어 처리")
    expect(page.locator("#results > li")).to_have_count(len(before))


def test_what_is_nowhere_is_said(page: Page) -> None:
    page.goto("search/index.html?q=쿼크글루온플라즈마")
    expect(page.locator("#found")).to_contain_text("찾는 논문이 없습니다")


def test_a_lost_index_is_said(page: Page) -> None:
    page.route(
        "**/pagefind.js", lambda route: route.fulfill(status=200, body="export {}", content_type="text/javascript")
    )
    page.goto("search/index.html")
    expect(page.locator("#found")).to_contain_text("검색 색인을 불러오지 못했습니다")
