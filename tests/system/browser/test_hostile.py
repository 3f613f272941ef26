"""A site whose every text is an attack: nothing is executed, nothing is asked elsewhere. The watch sees to that."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.system.browser.conftest import Served, Watch

NewPage = Callable[..., Page]
_BOMB = (
    "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(2)</script>"
    "<image href='https://evil.example/x.png' width='9' height='9'/>" + "<g>" * 3_000 + "</g>" * 3_000 + "</svg>"
)


def pages(served: Served) -> list[str]:
    return sorted(path.relative_to(served.folder).as_posix() for path in served.folder.rglob("*.html"))


def test_no_page_executes_what_it_shows(new_page: NewPage, hostile: Served, watch: Watch) -> None:
    watch.picture = lambda route: route.fulfill(body=_BOMB, content_type="image/svg+xml")
    page = new_page(hostile)
    for path in pages(hostile):
        page.goto(path.replace("%", "%25"))
        page.evaluate(
            """() => {
              for (const element of document.querySelectorAll("main *")) {
                for (const kind of ["mouseover", "focus", "pointerdown", "animationstart"])
                  element.dispatchEvent(new Event(kind, {bubbles: true}));
                if (element.matches(".sentence, button, summary")) element.click();
              }
            }"""
        )
        assert page.evaluate("!document.querySelector('base, iframe, object, embed, style, main script')")
        assert page.evaluate("[...document.links].every(link => /^(https?|file):$/.test(link.protocol))")


def test_a_search_does_not_execute_what_it_finds(new_page: NewPage, hostile: Served) -> None:
    page = new_page(hostile)
    page.goto("search/index.html?q=추론")
    expect(page.locator("#results li").first).to_be_visible()
    page.get_by_role("button", name="결과 더 보기").click()
    expect(page.locator("#results li")).to_have_count(12)
    assert page.locator("#results img, #results script").count() == 0
    page.goto("search/index.html?q=<img src=x onerror=alert(1)>&field=<script>&month=javascript:alert(1)")
    expect(page.locator("#found")).not_to_be_empty()


def test_data_of_a_day_is_data(new_page: NewPage, hostile: Served) -> None:
    page = new_page(hostile)
    for path in sorted(hostile.folder.glob("day/*/day.json")):
        answer = page.goto(path.relative_to(hostile.folder).as_posix())
        assert answer and answer.headers["content-type"] == "application/json"


def test_nothing_lies_outside_of_the_site(hostile: Served) -> None:
    assert sorted(path.name for path in hostile.folder.parent.iterdir()) == ["easy", "site"]
    assert not list(hostile.folder.rglob("*passwd*"))
