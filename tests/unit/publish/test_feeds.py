"""Feeds: valid, read back by a feed reader, with the same ids for good, whatever a title holds."""

import datetime as dt
import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.archive.catalog import Day, read_day, sources
from pipeline.archive.record import WithdrawnRecord
from pipeline.core.models import Entry, Section
from pipeline.publish.site import feeds
from pipeline.publish.site.feeds import Feed, FeedEntry
from pipeline.publish.site.paths import Site
from tests.support.days import HOSTILE, TODAY, article, at, day, entry, record

BASE = "https://example.org/digest"
FEED = Feed(Site("오늘의 논문", BASE), "feed.xml")
NOWHERE = Feed(Site("오늘의 논문", ""), "feed.xml")
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parent / "atom.rng"))


def items(*days: Day, base_url: str = BASE) -> tuple[FeedEntry, ...]:
    return feeds.entries(days, base_url)


def read(found: Sequence[FeedEntry], feed: Feed = FEED) -> Any:
    """What a feed reader makes of it, after the schema and the rules that a schema cannot say have passed."""
    data = feeds.atom(found, feed)
    root = etree.fromstring(data)
    SCHEMA.assertValid(root)
    ids = [one.text for one in root.iter("{*}id")]
    assert len(ids) == len(set(ids))
    for one in root.iter("{*}entry", "{*}feed"):  # RFC 4287, 4.1.1 and 4.1.2: of one kind no two alternate links
        assert len([link for link in one.findall("{*}link") if link.get("rel") == "alternate"]) <= 1
    parsed = feedparser.parse(data, sanitize_html=False)
    assert not parsed.bozo
    assert parsed.version == "atom10"
    return parsed


def read_json(found: Sequence[FeedEntry], of: Feed = FEED) -> Any:
    """A JSON Feed after a look at each field that version 1.1 asks for and at the kind of those that may be."""
    feed = json.loads(feeds.json_feed(found, of))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert set(feed) <= {"version", "title", "home_page_url", "feed_url", "language", "authors", "items"}
    for item in feed["items"]:
        assert item["id"].startswith("tag:")
        assert item["content_html"]
        assert all(item[name].startswith(("https://", "http://")) for name in ("url", "external_url"))
        assert all(dt.datetime.fromisoformat(item[name]).tzinfo for name in ("date_published", "date_modified"))
        assert all(set(author) == {"name"} and author["name"] for author in item.get("authors", ()))
        assert all(isinstance(tag, str) for tag in item.get("tags", ()))
    return feed


class Tags(HTMLParser):
    """The elements of a piece of HTML, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(html: str) -> None:
    for tag, attributes in Tags(html).found:
        assert tag in {"h2", "h3", "p", "ul", "li", "strong", "a"}
        assert set(attributes) <= {"href"}
        assert (attributes.get("href") or "https://").startswith("https://")


def both_layouts() -> Day:
    bullets = entry(sections=(Section(name="", text="첫 문장입니다."), Section(name="", text="둘째 문장입니다.")))
    easy = entry(fields="영상 이해, 기계 학습")
    return day([article(easy, record()), article(bullets, record(written_at=at(hour=5)), layout="bullets")])


def test_a_feed_reader_finds_one_entry_a_paper_with_the_text_of_all_its_layouts() -> None:
    parsed = read(items(both_layouts()))
    assert parsed.feed.title == "오늘의 논문"
    assert parsed.feed.link == f"{BASE}/"
    (found,) = parsed.entries
    assert found.title == "Alpha Networks"
    assert found.link == f"{BASE}/paper/2408.11318/"
    assert [link.href for link in found.links if link.rel == "related"] == ["https://arxiv.org/abs/2408.11318"]
    assert [author.name for author in found.authors] == ["Kim Min", "Lee Ann"]
    assert [tag.term for tag in found.tags] == ["영상 이해", "기계 학습"]
    assert (found.published, found.updated) == ("2024-08-22T00:00:00Z", "2024-08-22T05:00:00Z")
    html = found.content[0].value
    paragraph = "제안한 방법은 <strong>정확도</strong>를 4.6% 높입니다. 오류는 3.2% 줄어듭니다."
    assert f"<h2>요약</h2>\n<p>{paragraph}</p>\n<p>코드도 공개합니다.</p>\n<h2>자세히</h2>" in html
    assert "<ul><li>첫 문장입니다.</li></ul>" in html


def test_json_feed_says_the_same() -> None:
    found = items(both_layouts())
    feed = read_json(found)
    assert feed["feed_url"] == f"{BASE}/feed.xml"
    (item,) = feed["items"]
    assert item["content_html"] == read(found).entries[0].content[0].value
    assert item["authors"] == [{"name": "Kim Min"}, {"name": "Lee Ann"}]
    assert item["tags"] == ["영상 이해", "기계 학습"]


def test_an_entry_that_is_written_again_keeps_its_id_and_says_when() -> None:
    before = items(day([article(entry(), record())]))[0]
    after = items(day([article(entry(title="Beta"), record(written_at=at(23)))]))[0]
    assert before.id == after.id == "tag:example.org,2026:digest/paper/2408.11318"
    assert before.updated < after.updated
    assert before.published == after.published


def test_without_an_address_links_lead_to_arxiv_and_ids_are_nobodys() -> None:
    found = items(both_layouts(), base_url="")
    parsed = read(found, NOWHERE)
    assert "links" not in parsed.feed
    assert parsed.entries[0].link == "https://arxiv.org/abs/2408.11318"
    assert parsed.entries[0].id == "tag:paper-digest.invalid,2026:/paper/2408.11318"
    assert "문장별 근거 보기" not in parsed.entries[0].content[0].value
    assert "feed_url" not in read_json(found, NOWHERE)


def test_an_entry_of_an_imported_archive_says_that_it_has_no_evidence() -> None:
    found = items(day([article(entry(authors=("Kim Min",)))]))
    assert "문장별 근거가 기록되어 있지 않습니다" in found[0].html
    assert found[0].updated == found[0].published
    assert read(found).entries[0].author == "Kim Min"


def test_an_entry_without_authors_is_the_digests() -> None:
    assert read(items(day([article(entry())]))).entries[0].get("author") in (None, "오늘의 논문")
    assert "authors" not in read_json(items(day([article(entry())])))["items"][0]


WITHDRAWN = WithdrawnRecord(id="2408.11318", title="Alpha Networks", reason="수치가 <틀렸>습니다.", at=at(23))


def test_a_withdrawn_entry_stays_as_a_notice_under_the_same_id() -> None:
    before = items(day([article(entry(), record())]))[0]
    found = items(day(withdrawn=(WITHDRAWN,)))
    parsed = read(found).entries[0]
    assert parsed.id == before.id
    assert parsed.title == "[내린 글] Alpha Networks"
    assert "2024-08-23에 내렸습니다" in parsed.content[0].value
    assert "수치가 &lt;틀렸&gt;습니다." in parsed.content[0].value
    assert parsed.updated == "2024-08-23T03:00:00Z"
    assert feeds.of_field(found, "기계 학습") == found


def test_a_withdrawal_of_an_old_entry_is_news() -> None:
    old = [day([article(entry("2408.00001"), date=TODAY)], date=TODAY - dt.timedelta(n)) for n in range(1, 30)]
    longer_ago = WITHDRAWN.model_copy(update={"id": "2301.00002", "at": at() - dt.timedelta(300)})
    found = items(day([article(entry("2408.00003"))]), *old, day(date=dt.date(2023, 1, 1), withdrawn=(WITHDRAWN,)))
    assert [item.id.rpartition("/")[2] for item in found] == ["2408.00003", "2408.00001", "2408.11318"]
    assert not items(*old, day(date=dt.date(2023, 1, 1), withdrawn=(longer_ago,)))[1:]


def test_a_paper_that_is_printed_again_is_no_withdrawn_one() -> None:
    (found,) = items(day([article(entry(), record())], withdrawn=(WITHDRAWN,)))
    assert found.title == "Alpha Networks"


def test_only_the_newest_days_are_in_a_feed_whatever_their_order() -> None:
    numbers = [7, 1, 28, 14, *(n for n in range(30) if n not in (7, 1, 28, 14))]
    days = [
        day([article(entry(f"2408.{n:05}"), date=TODAY - dt.timedelta(n))], date=TODAY - dt.timedelta(n))
        for n in numbers
    ]
    found = [int(item.id[-5:]) for item in items(*days)]
    assert found == list(range(feeds.FEED_DAYS))


def test_a_field_has_a_feed_of_its_own() -> None:
    found = items(
        day([article(entry("2408.00001", fields="영상 이해")), article(entry("2408.00002", fields="<b>, 영상 이해"))])
    )
    assert {field for one in found for field in one.fields or ()} == {"<b>", "영상 이해"}
    parsed = read(feeds.of_field(found, "<b>"), FEED._replace(field="<b>", path="fields/b.xml"))
    assert [one.id[-10:] for one in parsed.entries] == ["2408.00002"]
    assert parsed.feed.title == "오늘의 논문: <b>"
    assert parsed.feed.id == "tag:example.org,2026:digest/feed/%3Cb%3E"


def test_a_digest_without_a_day_has_a_feed_without_an_entry() -> None:
    assert read(items()).entries == []
    assert read_json(items())["items"] == []


def test_an_entry_without_an_id_has_no_place_in_a_feed() -> None:
    nameless = WITHDRAWN.model_copy(update={"id": "../../x"})
    assert items(day([article(entry(""))], withdrawn=(nameless,))) == ()


def poisoned(text: str) -> Entry:
    sections = (Section(name="요약", text=text), Section(name="관련분야", text=text), Section(name="", text=text))
    return entry(title=text, authors=(text, "Kim Min"), sections=sections)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_only_a_text(text: str) -> None:
    gone = WITHDRAWN.model_copy(update={"id": "2408.00002", "title": text, "reason": text})
    found = items(day([article(poisoned(text), record(authors=(text,)))], withdrawn=(gone,)))
    for item in (*read(found).entries, *read(found, NOWHERE._replace(field=text)).entries):
        assert_harmless(item.content[0].value)
    for item in read_json(found)["items"]:
        assert_harmless(item["content_html"])
        assert not {"\u202e", "\x00"}.intersection(item["title"] + item["content_html"])


@given(st.text(alphabet=st.characters(), max_size=60))  # halves of surrogate pairs too
def test_any_text_makes_a_valid_feed(text: str) -> None:
    found = items(day([article(poisoned(text))]))
    assert_harmless(read(found).entries[0].content[0].value)
    read_json(found)


def test_the_feed_of_a_real_archive_is_valid(test_data: Path, tmp_path: Path) -> None:
    for digest in sorted((test_data / "seeds").glob("*/*.md")):
        place = tmp_path / digest.parent.name / f"{digest.stem.replace('-', '/')}.md"
        place.parent.mkdir(parents=True)
        place.write_bytes(digest.read_bytes())
    found = feeds.entries((read_day(tmp_path, date) for date in sources(tmp_path)), BASE)
    assert len(read(found).entries) == len(read_json(found)["items"]) > 20
