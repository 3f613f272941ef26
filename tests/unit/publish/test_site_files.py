"""The feeds and files for programs of a built site: all are there, and lead to what is there."""

import datetime as dt
import json
import re
from pathlib import Path
from urllib.parse import unquote

import feedparser
import jsonschema
import pytest
from lxml import etree

from pipeline.archive import record
from pipeline.archive.files import digest_path, write_atomic
from pipeline.archive.record import DayRecord, WithdrawnRecord
from pipeline.core.models import Digest
from pipeline.layouts import render
from pipeline.publish.site.build import build
from pipeline.publish.site.feeds import FEED_DAYS
from pipeline.publish.site.paths import Site
from tests.support.days import TODAY, at, entry

BASE = "https://example.org/digest"
SITE = Site("오늘의 논문", BASE)
OLD = TODAY - dt.timedelta(60)


def write_day(output: Path, date: dt.date, number: int, fields: str) -> None:
    digest = Digest(layout="easy", date=None, entries=(entry(f"2408.{number:05}", fields=fields),))
    write_atomic(digest_path(output, "easy", date), render(digest).encode())


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """More days than a feed has, and an older one of a field of its own."""
    for number in range(FEED_DAYS + 3):
        write_day(tmp_path, TODAY - dt.timedelta(number), number, "영상 이해, 기계 학습")
    write_day(tmp_path, OLD, 99, "로봇 공학")
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".build" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def target(address: str) -> str:
    """The file that an address of the site stands for."""
    path = unquote(address.removeprefix(f"{BASE}/"))
    return path if path and not path.endswith("/") else f"{path}index.html"


def test_every_address_of_the_sitemap_and_llms_txt_is_a_file_of_the_site(output: Path) -> None:
    build(output, SITE)
    files = tree(output / "site")
    addresses = [one.text for one in etree.fromstring(files["sitemap.xml"]).iter("{*}loc")]
    addresses += re.findall(r"\]\((.*?)\)", files["llms.txt"].decode())
    assert len(addresses) == len(set(addresses)) + 1  # the archive is in both
    assert {target(address) for address in addresses} <= set(files)
    papers = {path for path in files if path.startswith(("paper/", "day/")) and path.endswith(".html")}
    assert papers <= {target(address) for address in addresses}


def test_feeds_lead_to_pages_and_each_field_has_one(output: Path) -> None:
    build(output, SITE)
    files = tree(output / "site")
    for path in ("feed.xml", "field/영상-이해/feed.xml", "field/로봇-공학/feed.xml"):
        feed = feedparser.parse(files[path])
        assert len(feed.entries) == (0 if "로봇" in path else FEED_DAYS)
        assert {target(link.href) for link in feed.feed.links} <= set(files)
        assert {target(one.link) for one in feed.entries} <= set(files)
    assert len(json.loads(files["feed.json"])["items"]) == FEED_DAYS


def test_each_day_has_its_json_by_the_published_schema(output: Path) -> None:
    build(output, SITE)
    files = tree(output / "site")
    days = [json.loads(data) for path, data in files.items() if path.endswith("/day.json")]
    assert len(days) == FEED_DAYS + 4
    for day in days:
        jsonschema.validate(day, json.loads(files["day.schema.json"]))


def test_a_build_after_another_leaves_what_a_first_one_would(
    output: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    build(output, SITE)
    write_day(output, TODAY + dt.timedelta(1), 50, "로봇 공학")
    build(output, SITE)
    fresh = tmp_path_factory.mktemp("fresh")
    (output / "easy").rename(fresh / "easy")
    build(fresh, SITE)
    assert tree(output / "site") == tree(fresh / "site")


def test_a_withdrawal_of_an_old_entry_is_in_the_feeds(output: Path) -> None:
    build(output, SITE)
    digest = digest_path(output, "easy", OLD)
    digest.unlink()
    gone = WithdrawnRecord(id="2408.00099", title="Alpha Networks", reason="수치가 틀렸습니다.", at=at())
    day = DayRecord(layout="easy", date=OLD, provider="openai", withdrawn=(gone,))
    write_atomic(record.record_path(digest), record.dump(day))
    build(output, SITE)
    files = tree(output / "site")
    for path in ("feed.xml", "field/영상-이해/feed.xml"):
        notice = feedparser.parse(files[path]).entries[-1]
        assert notice.title == "[내린 글] Alpha Networks"
        assert target(notice.link) in files
    assert "field/로봇-공학/feed.xml" not in files


def test_without_an_address_there_is_no_sitemap_and_the_rest_is_there(output: Path) -> None:
    build(output, SITE)  # when it still had one
    build(output, Site("오늘의 논문", ""))
    files = tree(output / "site")
    assert "sitemap.xml" not in files
    assert set(re.findall(r"\]\((.*?)\)", files["llms.txt"].decode())) <= set(files)
    assert feedparser.parse(files["feed.xml"]).entries[0].link == "https://arxiv.org/abs/2408.00000"


def test_an_empty_digest_has_empty_feeds(tmp_path: Path) -> None:
    build(tmp_path, SITE)
    files = tree(tmp_path / "site")
    assert feedparser.parse(files["feed.xml"]).entries == []
    assert "# 오늘의 논문" in files["llms.txt"].decode()


def test_a_page_says_what_a_link_to_it_shows_elsewhere(output: Path) -> None:
    build(output, SITE)
    files = tree(output / "site")
    for path, data in files.items():
        if path.endswith(".html"):
            values = {one.get("property"): one.get("content") for one in etree.HTML(data).iter("meta")}
            assert {"og:title", "og:type", "og:site_name"} <= set(values), path
            assert target(values["og:url"]) == path
    page = etree.HTML(files["paper/2408.00000/index.html"])
    said = {one.get("property") or one.get("name"): one.get("content") for one in page.iter("meta")}
    assert said["og:title"] == "Alpha Networks"
    assert (
        said["og:description"] == said["description"] == "제안한 방법은 정확도를 4.6% 높입니다. 오류는 3.2% 줄어듭니다."
    )
    assert said["article:published_time"] == "2024-08-22"
    assert said["twitter:card"] == "summary_large_image"
