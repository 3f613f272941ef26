"""A category as a source: the announcement feed held against the page of new papers, and past days by OAI-PMH."""

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import cli
from pipeline.core.errors import PastDay, SourceError, StaleList
from pipeline.sources import announced
from tests.support.fake_arxiv import (
    ATOM,
    OAI_PATH,
    Announcement,
    FakeArxiv,
    deleted,
    entry,
    feed,
    new_page,
    oai,
    record,
)
from tests.support.fake_model import error
from tests.support.fakes import Answer, ArxivPaper
from tests.support.world import World, title_of, write

URL = "http://test/feed"
WEDNESDAY = dt.date(2026, 3, 4)
SUNDAY, MONDAY, TUESDAY, THURSDAY, FRIDAY = (WEDNESDAY + dt.timedelta(days) for days in (-3, -2, -1, 1, 2))
EVENING = dt.datetime(2026, 3, 4, 20, tzinfo=dt.UTC)
FEED, PAGE = "/atom/cs.CL", "/list/cs.CL/new"


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


# ---------------------------------------------------------------------------------------------------------------------
# The schedule


@pytest.mark.parametrize(
    ("submitted", "date"),
    [
        ("2026-01-14T18:59:59", "2026-01-15"),  # Wednesday, 13:59:59 in New York
        ("2026-01-14T19:00:00", "2026-01-16"),  # its 14:00
        ("2026-01-15T18:00:00", "2026-01-16"),  # Thursday: announced on Thursday
        ("2026-01-16T18:00:00", "2026-01-19"),  # Friday: announced on Sunday
        ("2026-01-16T20:00:00", "2026-01-20"),  # Friday afternoon, Saturday, Sunday, Monday morning: on Monday
        ("2026-01-17T12:00:00", "2026-01-20"),
        ("2026-01-18T23:00:00", "2026-01-20"),
        ("2026-01-19T18:00:00", "2026-01-20"),
        ("2026-01-19T20:00:00", "2026-01-21"),
        ("2026-07-15T17:59:59", "2026-07-16"),  # in summer 14:00 is 18:00 UTC
        ("2026-07-15T18:00:00", "2026-07-17"),
        ("2026-03-06T19:00:00", "2026-03-10"),  # the Friday before the clocks go forward, in winter time
        ("2026-03-09T18:00:00", "2026-03-11"),  # the Monday after, in summer time
        ("2026-10-30T17:59:00", "2026-11-02"),  # the Friday before they go back
        ("2026-11-02T18:30:00", "2026-11-03"),  # the Monday after
        ("2026-01-15T03:00:00", "2026-01-16"),  # Wednesday night in New York
    ],
)
def test_the_day_follows_from_the_first_version(submitted: str, date: str) -> None:
    assert str(announced.announced_on(utc(submitted))) == date


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_every_day_of_the_schedule_is_a_working_day_soon_after(moment: dt.datetime) -> None:
    moment = moment.replace(year=2017 + moment.year % 30, day=min(moment.day, 28))
    day = announced.announced_on(moment)
    assert day.weekday() < 5
    assert dt.timedelta(0) < day - moment.astimezone(announced.EASTERN).date() <= dt.timedelta(4)
    assert announced.announced_on(moment + dt.timedelta(hours=1)) >= day


# ---------------------------------------------------------------------------------------------------------------------
# The feed and the page


def one(id: str, kind: str = "new") -> Announcement:
    return Announcement(ArxivPaper(id, "A Title", "We do it."), kind)


def test_an_entry_is_a_row_without_its_head() -> None:
    (row,) = announced.parse_feed(feed(entry(one("2603.00001"))), URL)
    assert (row.id, row.title, row.abstract) == ("2603.00001", "A Title", "We do it.")
    assert (row.authors, row.votes, row.metadata) == (("Ada Example",), None, "arxiv")


def test_new_and_cross_listed_papers_count_replaced_ones_do_not() -> None:
    entries = [entry(one(f"2603.0000{n}", kind)) for n, kind in enumerate(("new", "cross", "replace", "replace-cross"))]
    assert [row.id for row in announced.parse_feed(feed(*entries), URL)] == ["2603.00000", "2603.00001"]


def test_the_recorded_feed(test_data: Path) -> None:
    rows = announced.parse_feed((test_data / "recordings/arxiv_rss/cs.AI.atom.xml").read_bytes(), URL)
    assert len(rows) == 7
    assert rows[0].abstract.startswith("As large language models")
    assert all(row.title and row.abstract and row.authors for row in rows)
    assert any("André" in name for row in rows for name in row.authors)


def test_an_entry_without_an_id_is_passed_over() -> None:
    assert announced.parse_feed(feed("<entry><title>x</title></entry>", entry(one("2603.00001"))), URL)[0].id


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<!doctype html><html><p>busy", "a web page instead of a feed"),
        (b"<rss/>", "<rss> instead of a feed"),
        (feed(entry(one("2603.00001")))[:-30], "broken XML"),
        (b"", "broken XML"),
    ],
)
def test_what_is_no_feed_is_an_error(body: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        announced.parse_feed(body, URL)


def test_the_page_names_its_day_and_ids() -> None:
    page = new_page(WEDNESDAY, [one("2603.00001"), one("2603.00002", "cross"), one("2602.00003", "replace")])
    assert announced.parse_new(page, URL) == (WEDNESDAY, ("2603.00001", "2603.00002"))


def test_a_page_without_papers_is_a_day_without() -> None:
    assert announced.parse_new(new_page(WEDNESDAY, []), URL) == (WEDNESDAY, ())


def test_a_page_that_cuts_the_replaced_papers_is_whole() -> None:
    page = new_page(WEDNESDAY, [one("2603.00001"), one("2602.00003", "replace")])
    cut = page.replace(
        b"Replacement submissions (showing 1 of 1 entries", b"Replacement submissions (showing first 1 of 900"
    )
    assert announced.parse_new(cut, URL).ids == ("2603.00001",)
    with pytest.raises(SourceError, match="shows 1 of 900 papers"):
        announced.parse_new(cut.replace(b"showing 1 of 1", b"showing first 1 of 900"), URL)


PAGE_BYTES = new_page(WEDNESDAY, [one("2603.00001"), one("2603.00002")])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>Are you a robot?", "names no day"),
        (PAGE_BYTES.replace(b"New submissions", b"Latest papers"), "has no sections"),
        (PAGE_BYTES.replace(b"4 March", b"40 March"), "names a day that is none"),
        (PAGE_BYTES.replace(b"4 March", b"4 Marchember"), "names a day that is none"),
        (PAGE_BYTES.replace(b'title="Abstract"', b"", 1), "shows 1 of 2 papers"),
        (PAGE_BYTES.replace(b"of 2 entries", b"of 900 entries"), "shows 2 of 900 papers"),
    ],
)
def test_a_page_that_has_changed_is_an_error(body: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says):
        announced.parse_new(body, URL)


@given(st.binary(max_size=200), st.integers(0, 900), st.integers(0, 60))
def test_any_damage_to_either_is_one_kind_of_error(junk: bytes, place: int, cut: int) -> None:
    for parse, whole in ((announced.parse_new, PAGE_BYTES), (announced.parse_feed, feed(entry(one("2603.00001"))))):
        with contextlib.suppress(SourceError):
            parse(whole[:place] + junk + whole[place + cut :], URL)


def announcement(date: dt.date, on_page: int, in_feed: int) -> announced.Announcement:
    rows = announced.parse_feed(feed(*(entry(one(f"2603.0000{n}")) for n in range(in_feed))), URL)
    page = announced.NewPage(date, tuple(f"2603.0000{n}" for n in range(on_page)))
    return announced.Announcement(page, {row.id: row for row in rows})


@pytest.mark.parametrize(
    ("shown", "asked", "now", "comes"),
    [
        (WEDNESDAY, WEDNESDAY, "2026-03-04T06:00", 4),
        (TUESDAY, WEDNESDAY, "2026-03-04T06:00", StaleList),  # still to come
        (TUESDAY, WEDNESDAY, "2026-03-04T16:59", StaleList),
        (TUESDAY, WEDNESDAY, "2026-03-04T17:00", 0),  # noon in New York: a holiday
        (dt.date(2026, 2, 27), SUNDAY, "2026-03-01T06:00", 0),
        (MONDAY, SUNDAY, "2026-03-02T06:00", 0),  # nothing is ever announced for a Sunday
        (WEDNESDAY, TUESDAY, "2026-03-04T06:00", PastDay),
        (FRIDAY, FRIDAY, "2026-03-08T06:00", 4),  # the weekend's page, and a feed that stayed as well
    ],
)
def test_whose_day_it_is(shown: dt.date, asked: dt.date, now: str, comes: int | type[SourceError]) -> None:
    if isinstance(comes, int):
        assert len(announced.of_day(announcement(shown, 4, 4), asked, utc(now), URL)) == comes
    else:
        with pytest.raises(comes):
            announced.of_day(announcement(shown, 4, 4), asked, utc(now), URL)


@pytest.mark.parametrize(("in_feed", "stale"), [(0, True), (1, True), (2, False), (4, False)])
def test_a_feed_that_lacks_most_of_the_page_is_stale(in_feed: int, stale: bool) -> None:
    with pytest.raises(StaleList, match="lacks") if stale else contextlib.nullcontext():
        announced.of_day(announcement(WEDNESDAY, 4, in_feed), WEDNESDAY, EVENING, URL)


@pytest.mark.parametrize("now", ["2026-03-07T05:00", "2026-03-08T12:00", "2026-03-09T23:00"])  # until Monday evening
def test_a_feed_that_was_made_anew_is_past(now: str) -> None:
    with pytest.raises(PastDay, match="holds 2026-03-06 no more"):
        announced.of_day(announcement(FRIDAY, 4, 0), FRIDAY, utc(now), URL)


# ---------------------------------------------------------------------------------------------------------------------
# By the command line


@pytest.fixture
def fake_sources(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeArxiv]:
    """arXiv with its announcements in place of the fake that `world` has."""
    with FakeArxiv() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture(autouse=True)
def evening(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, EVENING)


def at(monkeypatch: pytest.MonkeyPatch, now: dt.datetime) -> None:
    monkeypatch.setattr(cli.common, "now", lambda: now)


def profile(monkeypatch: pytest.MonkeyPatch, **fields: object) -> None:
    for name, value in fields.items():
        monkeypatch.setenv(f"PIPELINE_PROFILE__{name.upper()}", json.dumps(value))


def five(arxiv: FakeArxiv, date: dt.date = WEDNESDAY, number: int = 26030) -> None:
    subjects = ("Parsing", "Speech Recognition", "Retrieval", "Chess", "Retrieval of Chess Games")
    for place, subject in enumerate(subjects):
        arxiv.announce(date, f"2603.{number % 10}000{place}", f"Net{place}: {subject}")


RUN = ("run", "--source", "arxiv:cs.CL")


def test_a_category_without_a_profile_is_printed_in_its_order(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile(monkeypatch, limit=3)
    five(fake_sources)
    assert world.run(*RUN)[0] == 0
    found = world.record(day="2026-03-04")
    assert [one["id"] for one in found["entries"]] == ["2603.00000", "2603.00001", "2603.00002"]
    assert found["evidence"]["source"] == "arXiv cs.CL"
    assert (found["evidence"]["listed"], found["evidence"]["taken"]) == (5, 3)
    assert {one["metadata"] for one in found["entries"]} == {"arxiv"}
    assert {one["match"] for one in found["entries"]} == {None}


def test_a_profile_chooses_orders_and_says_why(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile(monkeypatch, keywords={"retrieval": 1, "chess game": 2, "speech recognition": 0.1}, excluded=["parsing"])
    five(fake_sources)
    assert world.run(*RUN)[0] == 0
    found = world.record(day="2026-03-04")
    assert found["listed"] == ["2603.00004", "2603.00002", "2603.00001"]
    printed = world.digest(day="2026-03-04").read_text()
    assert printed.index("Net4") < printed.index("Net2") < printed.index("Net1")
    assert found["entries"][0]["match"]["words"] == ["retrieval", "chess game"]
    assert found["entries"][0]["match"]["score"] > found["entries"][1]["match"]["score"] > 0
    assert (found["evidence"]["listed"], found["evidence"]["taken"]) == (5, 3)
    assert "taken for retrieval, chess game (score" in world.run("show", "2603.00004")[1]


def test_a_limit_narrows_further(world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(monkeypatch, keywords={"retrieval": 1})
    five(fake_sources)
    world.run(*RUN, "--limit", 1)
    evidence = world.record(day="2026-03-04")["evidence"]
    assert (evidence["listed"], evidence["taken"]) == (5, 1)


def test_facts_are_those_of_the_query_api_or_of_the_feed(world: World, fake_sources: FakeArxiv) -> None:
    fake_sources.announce(WEDNESDAY, "2603.00001", "Net1: One", version=2)
    fake_sources.announce(WEDNESDAY, "2603.00002", "Net2: Two")
    del fake_sources.papers["2603.00002"]
    world.run(*RUN)
    versions = {one["id"]: (one["version"], one["metadata"]) for one in world.record(day="2026-03-04")["entries"]}
    assert versions == {"2603.00001": (2, "arxiv"), "2603.00002": (None, "arxiv")}


def test_a_dry_run_asks_no_model(world: World, fake_sources: FakeArxiv) -> None:
    five(fake_sources)
    code, out, _ = world.run(*RUN, "--dry-run")
    assert code == 0
    assert "5" in out
    assert not world.model.calls
    assert not list(world.folder.rglob("*.json"))


def test_a_feed_that_lags_is_stale_and_comes_later(world: World, fake_sources: FakeArxiv) -> None:
    five(fake_sources)
    five(fake_sources, TUESDAY, 26031)
    fake_sources.feed_shows = TUESDAY
    code, _, err = world.run(*RUN)
    assert code == 4
    assert "the feed lacks 5 of the 5 papers announced for 2026-03-04: it is stale" in err
    assert world.record(day="2026-03-04")["state"] == "stale"
    assert not world.model.calls
    fake_sources.feed_shows = None
    assert world.run(*RUN)[0] == 0
    assert world.record(day="2026-03-04")["state"] == "published"


def test_a_paper_that_only_the_page_has_is_asked_for(world: World, fake_sources: FakeArxiv) -> None:
    five(fake_sources)
    fake_sources.announce(WEDNESDAY, "2603.00009", "Net9: Late", feed=False)
    fake_sources.announce(WEDNESDAY, "2603.00010", "Net10: Later", feed=False)
    del fake_sources.papers["2603.00010"]
    assert world.run(*RUN)[0] == 3
    found = world.record(day="2026-03-04")
    assert "2603.00009" in [one["id"] for one in found["entries"]]
    assert [(one["id"], one["reason"]) for one in found["failed"]] == [
        ("2603.00010", "neither the list nor arXiv knows more than its id")
    ]
    assert found["evidence"]["listed"] == 7


def test_a_query_api_out_of_reach_costs_only_what_the_feed_lacks(world: World, fake_sources: FakeArxiv) -> None:
    five(fake_sources)
    fake_sources.announce(WEDNESDAY, "2603.00009", "Net9: Late", feed=False)
    fake_sources.queue("/api/query", *[Answer(503)] * 10)
    assert world.run(*RUN)[0] == 3
    found = world.record(day="2026-03-04")
    assert (len(found["entries"]), [one["id"] for one in found["failed"]]) == (5, ["2603.00009"])


@pytest.mark.parametrize("keywords", [{}, {"retrieval": 1}])
def test_what_nothing_was_known_of_is_tried_the_next_night(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch, keywords: dict[str, float]
) -> None:
    profile(monkeypatch, keywords=keywords)
    five(fake_sources)
    fake_sources.announce(WEDNESDAY, "2603.00009", "Net9: Late", feed=False)
    fake_sources.queue("/api/query", *[Answer(503)] * 10)
    assert world.run(*RUN)[0] == 3
    five(fake_sources, THURSDAY, 26035)
    fake_sources.shows = THURSDAY
    at(monkeypatch, EVENING + dt.timedelta(1))
    assert world.run(*RUN)[0] == 0
    found = world.record(day="2026-03-04")
    assert (found["state"], found["entries"][-1]["id"], found["failed"]) == ("published", "2603.00009", [])


def test_a_day_of_which_too_little_is_known_is_none(world: World, fake_sources: FakeArxiv) -> None:
    for number in range(12):
        fake_sources.announce(WEDNESDAY, f"2603.000{number:02}", f"Net{number}: A Paper", feed=number < 6)
    fake_sources.queue("/api/query", *[Answer(503)] * 5)
    code, _, err = world.run(*RUN)
    assert (code, "HTTP 503" in err) == (4, True)
    known = [fake_sources.papers.pop(f"2603.000{number:02}") for number in range(6, 12)]
    code, _, err = world.run(*RUN)
    assert (code, "lack 6 of the 12 papers announced for 2026-03-04: they are stale" in err) == (4, True)
    assert not world.model.calls
    fake_sources.papers |= {paper.id: paper for paper in known}
    assert world.run(*RUN)[0] == 0


def test_a_paper_without_a_title_is_held_back(world: World, fake_sources: FakeArxiv) -> None:
    five(fake_sources)
    fake_sources.announce(WEDNESDAY, "2603.00011", " ")
    assert world.run(*RUN)[0] == 3
    held = world.record(day="2026-03-04")["held_back"]
    assert [(one["id"], one["reason"]) for one in held] == [("2603.00011", "the paper has no title")]


def test_a_working_day_without_an_announcement_is_stale_until_noon_then_empty(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    five(fake_sources, TUESDAY)
    fake_sources.shows = TUESDAY
    at(monkeypatch, dt.datetime(2026, 3, 4, 6, tzinfo=dt.UTC))
    code, _, err = world.run(*RUN)
    assert code == 4
    assert "lists 2026-03-03 still, 2026-03-04 is to come: the list is stale" in err
    at(monkeypatch, EVENING)
    assert world.run(*RUN)[0] == 0
    assert world.record(day="2026-03-04")["state"] == "empty"


def test_a_past_day_says_how_to_list_it(world: World, fake_sources: FakeArxiv) -> None:
    five(fake_sources)
    code, _, err = world.run(*RUN, "--date", TUESDAY)
    assert code == 4
    assert "`pipeline backfill --source arxiv:cs.CL --from 2026-03-03 --to 2026-03-03` lists it" in err


def test_the_next_night_tries_again_what_failed_and_adds_nothing(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile(monkeypatch, keywords={"retrieval": 1})
    monkeypatch.setenv("PIPELINE_LLM__SECOND_READER", "false")
    five(fake_sources)
    world.model.say = lambda body: "{}" if "Net4" in title_of(body) else write(body)
    assert world.run(*RUN)[0] == 3
    before = world.record(day="2026-03-04")
    world.model.say = write
    five(fake_sources, THURSDAY, 26035)
    fake_sources.shows = THURSDAY
    at(monkeypatch, EVENING + dt.timedelta(1))
    code, out, _ = world.run(*RUN)
    assert code == 0, out
    after = world.record(day="2026-03-04")
    assert after["state"] == "published"
    assert after["evidence"] == before["evidence"]
    assert after["listed"] == before["listed"]
    assert next(one for one in after["entries"] if one["id"] == "2603.00004")["match"]["words"] == ["retrieval"]
    assert len(fake_sources.paths(FEED)) == 2, "one request a night, however many days"


def test_weekends_try_again_what_failed_on_friday_and_warn_of_nothing(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_LLM__SECOND_READER", "false")
    five(fake_sources, FRIDAY)
    fake_sources.shows = FRIDAY
    at(monkeypatch, EVENING + dt.timedelta(2))
    world.model.say = lambda body: "{}" if "Net4" in title_of(body) else write(body)
    assert world.run(*RUN)[0] == 3
    world.model.say = write
    for days in (3, 4):  # the page shows Friday until Sunday evening, and the feed is empty
        fake_sources.feed_shows = WEDNESDAY + dt.timedelta(days)
        at(monkeypatch, EVENING + dt.timedelta(days))
        code, out, err = world.run(*RUN)
        assert (code, "could not be looked at again" in out + err) == (0, False)
        assert world.record(day=f"2026-03-0{4 + days}")["state"] == "empty"
    assert world.record(day="2026-03-06")["state"] == "published"


def test_a_control_character_costs_no_list(world: World, fake_sources: FakeArxiv) -> None:
    five(fake_sources)
    fake_sources.announce(WEDNESDAY, "2603.00008", "Net8: One\x0cTwo")
    assert world.run(*RUN)[0] == 0
    assert world.record(day="2026-03-04")["entries"][5]["title"] == "Net8: One Two"


def test_an_encoding_that_cannot_be_read_is_told(world: World, fake_sources: FakeArxiv) -> None:
    fake_sources.queue(FEED, Answer(body=b'<?xml version="1.0" encoding="shift_jis"?><feed/>', content_type=ATOM))
    code, _, err = world.run(*RUN)
    assert (code, "broken XML: multi-byte encodings are not supported" in err) == (4, True)


def test_quiet_earlier_days_are_not_spoken_of(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    five(fake_sources)
    world.run(*RUN)
    five(fake_sources, THURSDAY, 26035)
    fake_sources.shows = THURSDAY
    at(monkeypatch, EVENING + dt.timedelta(1))
    code, out, _ = world.run(*RUN)
    assert (code, "2026-03-04" in out.partition("\n\n")[0]) == (0, False)


def test_a_missed_night_is_told(world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch) -> None:
    five(fake_sources)
    world.run(*RUN)
    five(fake_sources, FRIDAY, 26036)
    fake_sources.shows = FRIDAY
    at(monkeypatch, EVENING + dt.timedelta(2))
    code, out, _ = world.run(*RUN)
    assert code == 0
    assert "2026-03-05 could not be looked at again" in out
    assert "--from 2026-03-05 --to 2026-03-05" in out


def test_status_says_how_a_day_without_a_list_gets_it(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    five(fake_sources, TUESDAY)
    fake_sources.shows = TUESDAY
    at(monkeypatch, EVENING - dt.timedelta(1))
    assert world.run(*RUN)[0] == 0
    at(monkeypatch, dt.datetime(2026, 3, 4, 6, tzinfo=dt.UTC))
    assert world.run(*RUN)[0] == 4
    assert "2026-03-04: `pipeline run --source arxiv:cs.CL --date 2026-03-04`" in world.run("status")[1]
    fake_sources.shows = FRIDAY
    at(monkeypatch, dt.datetime(2026, 3, 6, 6, tzinfo=dt.UTC))
    assert world.run(*RUN, "--date", "2026-03-06")[0] == 0
    said = world.run("status")[1]
    for day in ("2026-03-04", "2026-03-05"):  # stale, and never run
        assert f"{day}: `pipeline backfill --source arxiv:cs.CL --from {day} --to {day}`" in said
    assert json.loads(world.run("status", "--json")[1])["without_list"] == ["2026-03-04", "2026-03-05"]


def test_a_paper_is_refreshed_without_hugging_faces_list(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile(monkeypatch, keywords={"retrieval": 1})
    five(fake_sources)
    world.run(*RUN)
    fake_sources.add("2026-03-04", "2603.00004", title="Net4: Retrieval", votes=3)
    assert world.run("regenerate", "2603.00004", "--refresh")[0] == 0
    assert not fake_sources.paths("/api/daily_papers")
    entry = next(one for one in world.record(day="2026-03-04")["entries"] if one["id"] == "2603.00004")
    assert (entry["votes"], entry["match"]["words"]) == (None, ["retrieval"])


@pytest.mark.parametrize("path", [FEED, PAGE])
def test_an_unknown_category_is_asked_about(world: World, fake_sources: FakeArxiv, path: str) -> None:
    fake_sources.queue(path, Answer(404 if path == PAGE else 400, content_type="text/html"))
    code, _, err = world.run(*RUN)
    assert code == 4
    assert "is cs.CL a category of https://arxiv.org/category_taxonomy?" in err


@pytest.mark.parametrize("path", [FEED, PAGE])
def test_what_is_out_of_reach_ends_the_night(world: World, fake_sources: FakeArxiv, path: str) -> None:
    fake_sources.queue(path, *[Answer(503)] * 5)
    code, _, err = world.run(*RUN)
    assert code == 4
    assert "HTTP 503" in err
    assert "category_taxonomy" not in err


@pytest.mark.parametrize("source", ["arxiv", "arxiv:", "cs.CL", "arxiv:cs.CL/new", "arxiv:CS", "nature:1", "arxiv:a b"])
def test_a_wrong_source_is_named_with_an_example(world: World, source: str) -> None:
    code, _, err = world.run("run", "--source", source)
    assert code == 2
    assert "arxiv:cs.CL" in err


def test_the_sample_has_no_source(world: World) -> None:
    assert world.run(*RUN, "--sample")[0] == 2


def test_hugging_face_can_be_named(world: World) -> None:
    assert world.run("run", "--source", "huggingface")[0] == 0


# ---------------------------------------------------------------------------------------------------------------------
# Past days

BACKFILL = ("backfill", "--source", "arxiv:cs.CL", "--from", "2026-01-14", "--to", "2026-01-20")


def past(arxiv: FakeArxiv) -> None:
    """A week of January: the days that arXiv says nothing of follow from the first versions."""
    moments = ["Tue, 13 Jan 2026 18:00:00 GMT", "Tue, 13 Jan 2026 20:00:00 GMT", "Fri, 16 Jan 2026 12:00:00 GMT"]
    arxiv.harvest = [
        record("2601.00000", "Mon, 12 Jan 2026 12:00:00 GMT", "Net0: Before"),
        *(record(f"2601.0000{n}", moment, f"Net{n}: A Paper", versions=n) for n, moment in enumerate(moments, 1)),
        deleted("2601.00004"),
        record("2601.00005", "Tue, 20 Jan 2026 20:00:00 GMT", "Net5: After"),
        record("0801.00006", "Mon, 14 Jan 2008 12:00:00 GMT", "Net6: Long Ago"),
    ]
    arxiv.per_page = 2


def test_past_days_come_from_one_harvest(world: World, fake_sources: FakeArxiv) -> None:
    past(fake_sources)
    code, _, err = world.run(*BACKFILL)
    assert (code, "missing: 3 papers of 3 days" in err) == (0, True)
    days = {day: world.record(day=day) for day in ("2026-01-14", "2026-01-15", "2026-01-19")}
    assert {day: found["listed"] for day, found in days.items()} == {
        "2026-01-14": ["2601.00001"],
        "2026-01-15": ["2601.00002"],
        "2026-01-19": ["2601.00003"],
    }
    assert days["2026-01-15"]["entries"][0]["version"] == 2
    assert days["2026-01-15"]["evidence"]["source"] == "arXiv cs.CL by OAI-PMH"
    assert world.record(day="2026-01-17")["state"] == "empty"
    assert fake_sources.paths(OAI_PATH)[0].query["from"] == "2026-01-13"
    assert len(fake_sources.paths(OAI_PATH)) == 4, "all of it once, for the plan and the work"
    assert not fake_sources.paths("/api/query")


def test_a_day_that_was_read_from_the_feed_is_not_harvested(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    five(fake_sources)
    world.run(*RUN)
    at(monkeypatch, EVENING + dt.timedelta(5))
    order = ("backfill", "--source", "arxiv:cs.CL", "--from", "2026-03-04", "--to", "2026-03-04")
    assert world.run(*order)[0] == 0
    assert not fake_sources.paths(OAI_PATH)
    assert world.record(day="2026-03-04")["evidence"]["source"] == "arXiv cs.CL"


@pytest.mark.parametrize("feed_first", [True, False])
def test_papers_of_a_holiday_are_announced_the_next_day_and_printed_once(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch, feed_first: bool
) -> None:
    holiday, next_day = dt.date(2026, 5, 26), dt.date(2026, 5, 27)
    five(fake_sources, next_day)
    fake_sources.shows = next_day
    fake_sources.harvest = [
        record(f"2603.0000{n}", "Sat, 23 May 2026 18:00:00 GMT", f"Net{n}: A Paper") for n in range(5)
    ]
    at(monkeypatch, dt.datetime(2026, 5, 27, 6, tzinfo=dt.UTC))
    backfill = ("backfill", "--source", "arxiv:cs.CL", "--from", holiday, "--to", holiday)
    for command in (RUN, backfill) if feed_first else (backfill, RUN):
        assert world.run(*command)[0] == 0
    days = [world.record(day=str(day)) for day in (holiday, next_day)]
    assert {day["state"] for day in days} == {"published"}
    assert sorted([len(day["entries"]), len(day["duplicates"])] for day in days) == [[0, 5], [5, 0]]


def test_past_days_have_the_profile_too(world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(monkeypatch, excluded=["net2"])
    past(fake_sources)
    world.run(*BACKFILL)
    assert world.record(day="2026-01-15")["evidence"]["listed"] == 1
    assert not world.record(day="2026-01-15")["listed"]


def test_a_stopped_backfill_goes_on(world: World, fake_sources: FakeArxiv) -> None:
    past(fake_sources)
    world.model.queue_answers(error(401))
    assert world.run(*BACKFILL)[0] == 2
    assert world.run(*BACKFILL)[0] == 0


def test_a_day_that_is_still_to_come_is_stale(
    world: World, fake_sources: FakeArxiv, monkeypatch: pytest.MonkeyPatch
) -> None:
    past(fake_sources)
    at(monkeypatch, dt.datetime(2026, 1, 20, 2, tzinfo=dt.UTC))
    assert world.run(*BACKFILL)[0] == 4
    assert world.record(day="2026-01-20")["state"] == "stale"
    assert world.record(day="2026-01-19")["state"] == "published"


@pytest.mark.parametrize("code", ["badArgument", "noRecordsMatch"])
def test_an_unknown_category_of_past_days_is_asked_about(world: World, fake_sources: FakeArxiv, code: str) -> None:
    answer = oai(f'<error code="{code}">Set does not exist</error>')
    fake_sources.queue(OAI_PATH, *[Answer(body=answer, content_type="application/xml")] * 2)
    _, _, err = world.run(*BACKFILL)
    assert "of https://arxiv.org/category_taxonomy?" in err


def test_no_change_is_asked_for_from_before_the_first(world: World, fake_sources: FakeArxiv) -> None:
    past(fake_sources)
    world.run("backfill", "--source", "arxiv:cs.CL", "--from", "2000-01-03", "--to", "2000-01-03")
    assert fake_sources.paths(OAI_PATH)[0].query["from"] == "2005-09-16"


def test_a_harvest_that_fails_spends_nothing(world: World, fake_sources: FakeArxiv) -> None:
    past(fake_sources)
    fake_sources.queue(OAI_PATH, *[Answer(503)] * 15)  # for each of three days, until the source is given up
    code, _, err = world.run(*BACKFILL)
    assert (code, "HTTP 503" in err) == (4, True)
    assert not world.model.calls
    assert not world.digest(day="2026-01-14").exists()
