"""What programs get: a day's JSON by its schema, sitemaps by their protocol, llms.txt, values for previews of links."""

import datetime as dt
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.archive.catalog import Day
from pipeline.archive.record import DuplicateRecord, FailedRecord, HeldBackRecord, WithdrawnRecord
from pipeline.core.models import Section
from pipeline.publish.site import metadata
from pipeline.publish.site.metadata import LinkPreview
from pipeline.publish.site.paths import Site
from tests.support.days import HOSTILE, TODAY, article, at, day, entry, record

BASE = "https://example.org/digest"
SITE = Site("오늘의 논문", BASE)
NOWHERE = Site("오늘의 논문", "")
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def read(found: Day) -> Any:
    """A day's JSON, which its published schema accepts."""
    data = json.loads(metadata.day_json(found))
    jsonschema.validate(data, json.loads(metadata.day_schema()), format_checker=jsonschema.FormatChecker())
    return data


def test_a_day_has_its_papers_with_every_trace_that_is_kept() -> None:
    bullets = entry(sections=(Section(name="", text="한 문장입니다."),), votes=7, authors=("Kim Min", "Kim Min"))
    data = read(day([article(entry(fields="영상 이해"), record()), article(bullets, layout="bullets")]))
    (paper,) = data["papers"]
    assert (paper["id"], paper["votes"], paper["fields"]) == ("2408.11318", 7, ["영상 이해"])
    assert paper["authors"] == ["Kim Min", "Lee Ann"]
    assert [text["layout"] for text in paper["texts"]] == ["easy", "bullets"]
    recorded = paper["texts"][0]["record"]
    assert recorded["claims"][0]["cites"] == [1]
    assert recorded["cited"][0] == {"number": 1, "text": "Errors fall by 3.2%.", "section": "Results", "anchor": "S4"}
    assert paper["texts"][1]["record"] is None


def test_a_day_says_what_is_not_printed_and_why() -> None:
    data = read(
        day(
            held_back=(HeldBackRecord(id="1", title="A", reason="numbers/unknown: 34억", nights=(TODAY,)),),
            failed=(FailedRecord(id="2", title="B", reason="timeout"),),
            withdrawn=(WithdrawnRecord(id="3", title="C", reason="wrong", at=at()),),
            duplicates=(DuplicateRecord(id="4", printed_on=dt.date(2024, 8, 20)),),
        )
    )
    assert [(one["id"], one["status"], one["reason"]) for one in data["not_printed"]] == [
        ("1", "held back", "numbers/unknown: 34억"),
        ("2", "failed", "timeout"),
        ("3", "withdrawn", "wrong"),
        ("4", "duplicate", "2024-08-20"),
    ]


def test_an_empty_day_is_a_day() -> None:
    assert read(day()) == {"format": 1, "date": "2024-08-22", "papers": [], "not_printed": []}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_comes_back_as_it_was(text: str) -> None:
    found = read(day([article(entry(title=text, sections=(Section(name=text, text=text),)))]))["papers"][0]
    assert found["title"] == text
    assert found["texts"][0]["sections"] == [{"name": text, "text": text}]


def urls(data: bytes) -> list[tuple[str, str | None]]:
    root = etree.fromstring(data)
    assert root.tag in (f"{NAMESPACE}urlset", f"{NAMESPACE}sitemapindex")
    assert {one.tag for one in root} <= {f"{NAMESPACE}url", f"{NAMESPACE}sitemap"}
    return [(one.findtext(f"{NAMESPACE}loc"), one.findtext(f"{NAMESPACE}lastmod")) for one in root]


def test_a_sitemap_names_each_page_by_its_address() -> None:
    places = [
        ("index.html", TODAY),
        ("field/자연어-처리/index.html", None),
        ('a&b<"\u202e.html', None),
    ]
    ((name, data),) = metadata.sitemaps(places, SITE._replace(base_url=f"{BASE}/"))
    assert name == "sitemap.xml"
    assert urls(data) == [
        (f"{BASE}/", "2024-08-22"),
        (f"{BASE}/field/%EC%9E%90%EC%97%B0%EC%96%B4-%EC%B2%98%EB%A6%AC/", None),
        (f"{BASE}/a%26b%3C%22%E2%80%AE.html", None),
    ]


def test_a_sitemap_that_is_full_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "SITEMAP_URLS", 3)
    files = dict(metadata.sitemaps(((f"{n}.html", dt.date(2024, 1, n)) for n in range(1, 8)), SITE))
    assert [len(urls(data)) for data in files.values()] == [3, 3, 1, 3]
    assert urls(files["sitemap.xml"]) == [
        (f"{BASE}/sitemap-1.xml", "2024-01-03"),
        (f"{BASE}/sitemap-2.xml", "2024-01-06"),
        (f"{BASE}/sitemap-3.xml", "2024-01-07"),
    ]
    assert [name for name, _ in metadata.sitemaps(((f"{n}.html", None) for n in range(3)), SITE)] == ["sitemap.xml"]


def test_an_empty_site_has_an_empty_sitemap_and_one_without_an_address_has_none() -> None:
    ((_, data),) = metadata.sitemaps([], SITE)
    assert urls(data) == []
    assert list(metadata.sitemaps([("index.html", None)], NOWHERE)) == []


def test_llms_txt_names_the_data_of_each_day() -> None:
    text = metadata.llms_txt(
        Site("논문 [x](javascript:1)\n# 둘", BASE), [(TODAY, "day/a b.json")], [("Atom", "feed.xml")]
    )
    assert text.startswith("# 논문 \\[x\\]\\(javascript:1\\) \\# 둘\n\n> ")
    assert f"- [2024-08-22]({BASE}/day/a%20b.json)\n" in text
    assert f"## 그 밖의 자료\n\n- [Atom]({BASE}/feed.xml)\n" in text
    assert "(feed.xml)" in metadata.llms_txt(NOWHERE, [], [("Atom", "feed.xml")])


def test_a_preview_has_what_the_page_is() -> None:
    link = LinkPreview("Alpha", "제안한 방법은 " * 40, "paper/1/index.html", "https://example.org/a.png", TODAY)
    values = metadata.preview(link, SITE)
    assert values["og:url"] == f"{BASE}/paper/1/"
    assert values["og:type"] == "article"
    assert values["article:published_time"] == "2024-08-22"
    assert (values["og:image"], values["twitter:card"]) == ("https://example.org/a.png", "summary_large_image")
    assert len(values["og:description"]) <= 200
    assert values["og:description"].endswith("…")


@pytest.mark.parametrize("image", ["javascript:alert(1)", "data:text/html,x", "/a.png", ""])
def test_a_preview_says_nothing_that_it_does_not_know(image: str) -> None:
    values = metadata.preview(LinkPreview("Alpha", "", "index.html", image), NOWHERE)
    assert set(values) == {"og:title", "og:type", "og:site_name", "og:locale", "twitter:card"}
    assert values["twitter:card"] == "summary"


@given(st.text(max_size=40))
def test_any_name_keeps_the_lines_of_llms_txt(name: str) -> None:
    lines = metadata.llms_txt(Site(name, ""), [], [(name, name)]).split("\n")
    assert len(lines) == len(metadata.llms_txt(Site("x", ""), [], [("x", "x")]).split("\n"))
