"""Where a paper stands when days disagree: printed on one and held back, failed or withdrawn on another; and its name
in the morning report, however old."""

import json
import shutil
from dataclasses import replace

import pytest

from tests.support.fakes import Answer
from tests.support.world import World, title_of, write
from tests.system.test_nights import MONDAY, THURSDAY, TUESDAY, WEDNESDAY, bad, go_to, lists, monday, printed

__all__ = ["monday"]  # its clock is this file's too


def named(world: World, day: str, which: str) -> list[str]:
    return [one["id"] for one in world.record(day=day)[which]]


def test_a_paper_held_back_on_one_day_and_printed_on_another_is_a_duplicate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    world.model.say = lambda body: bad(body) if "Net00002" in title_of(body) else write(body)
    world.run("run")
    assert named(world, MONDAY, "held_back") == ["2603.00002"]
    world.model.say = write
    lists(world, TUESDAY, "2603.00002", "2603.00011", "2603.00012")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    assert world.run("run")[0] == 0
    assert printed(world, TUESDAY)[0] == "2603.00002"
    assert named(world, MONDAY, "held_back") == []
    assert named(world, MONDAY, "duplicates") == ["2603.00002"]
    assert world.record(day=MONDAY)["state"] == "published"


def test_what_was_withdrawn_does_not_come_back_where_it_was_listed_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    world.run("run")
    lists(world, TUESDAY, "2603.00001", "2603.00011", "2603.00012")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    world.run("run")
    assert named(world, TUESDAY, "duplicates") == ["2603.00001"]
    assert world.run("withdraw", "2603.00001", "--reason", "a mistake")[0] == 0
    lists(world, WEDNESDAY, "2603.00001", "2603.00021", "2603.00022")
    go_to(monkeypatch, f"{WEDNESDAY}T20:00:00+00:00")
    assert world.run("run")[0] == 3
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        assert "2603.00001" not in printed(world, day)
        gone = world.record(day=day)["withdrawn"]
        assert [(one["id"], one["reason"]) for one in gone] == [("2603.00001", "a mistake")]
    assert named(world, TUESDAY, "duplicates") == []


def test_what_was_withdrawn_is_not_printed_in_another_layout(world: World) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    world.run("run")
    world.run("withdraw", "2603.00001", "--reason", "the authors asked")
    code, out, _ = world.run("run", "--layout", "sections", "--layout", "easy")
    assert (code, out.count("A Paper: withdrawn: the authors asked")) == (3, 2)
    (gone,) = world.record("easy", MONDAY)["withdrawn"]
    assert [gone] == world.record("sections", MONDAY)["withdrawn"]
    assert [one["id"] for one in world.record("easy", MONDAY)["entries"]] == ["2603.00002"]
    assert world.run("backfill", "--from", MONDAY, "--to", MONDAY, "--layout", "bullets")[0] == 3
    assert [title_of(body) for body in world.model.calls].count("Net00001: A Paper") == 1
    assert world.run("check", "--strict", world.output)[0] == 0


def test_what_was_withdrawn_does_not_come_back_with_a_new_ledger(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    world.run("run")
    world.run("withdraw", "2603.00001", "--reason", "a mistake")
    shutil.rmtree(world.folder / ".pipeline")
    lists(world, TUESDAY, "2603.00001", "2603.00011", "2603.00012")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    assert world.run("run")[0] == 3
    assert "2603.00001" not in printed(world, TUESDAY)
    assert named(world, TUESDAY, "withdrawn") == ["2603.00001"]


def test_what_the_maintainer_puts_back_by_hand_is_withdrawn_no_more(world: World) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    world.run("run")
    before = world.digest(day=MONDAY).read_bytes()
    world.run("withdraw", "2603.00001", "--reason", "a mistake")
    world.digest(day=MONDAY).write_bytes(before)
    world.run("run", "--layout", "sections", "--layout", "easy")
    assert b"2603.00001" in world.digest("easy", MONDAY).read_bytes()


def test_the_old_ids_of_a_paper_are_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "math.GT/0309136", "2603.00002")
    world.sources.papers["math/0309136"] = replace(world.sources.papers.pop("math.GT/0309136"), id="math/0309136")
    assert world.run("run")[0] == 0
    assert printed(world, MONDAY) == ["math/0309136", "2603.00002"]
    digest = world.digest(day=MONDAY)
    digest.write_text(digest.read_text().replace("abs/math/", "abs/MATH.gt/"))
    lists(world, TUESDAY, "Math/0309136", "2603.00011", "2603.00012")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    assert world.run("run")[0] == 0
    assert named(world, TUESDAY, "duplicates") == ["math/0309136"]
    assert '"rule": "field/link"' in world.run("check", "--format", "json", digest)[1]
    assert world.run("withdraw", "math.GT/0309136", "--reason", "a mistake")[0] == 0
    assert named(world, MONDAY, "withdrawn") == ["math/0309136"]
    assert world.run("check", "--strict", world.output)[0] == 0


def test_a_withdrawal_that_was_killed_half_way_stops_no_night(world: World) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    world.run("run")
    digest = world.digest(day=MONDAY)
    before = digest.read_bytes()
    world.run("withdraw", "2603.00001", "--reason", "a mistake")
    digest.write_bytes(before)
    assert world.run("run")[0] == 3
    assert world.run("withdraw", "2603.00001", "--reason", "a mistake")[0] == 0
    assert b"2603.00001" not in digest.read_bytes()
    assert world.run("run")[0] == 3


def test_a_day_whose_list_could_not_be_read_is_looked_at_again_although_nothing_is_listed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sources.queue("/api/daily_papers", *[Answer(500)] * 5)
    assert world.run("run")[0] == 4
    assert world.record(day=MONDAY)["state"] == "failed"
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    assert world.run("run")[0] == 0
    assert world.record(day=MONDAY)["state"] == "empty"


def test_an_earlier_list_that_cannot_be_read_is_told_of(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001")
    world.run("run")
    lists(world, TUESDAY, "2603.00011")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    world.run("run")
    world.sources.queue("/api/daily_papers", *[Answer(body=b"[]")], *[Answer(500)] * 5)
    code, out, _ = world.run("run")
    assert code == 0
    assert f"{MONDAY} could not be looked at again" in out


def test_status_names_failed_papers_and_days_without_a_list_however_old(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sources.days[MONDAY] = [{"title": "No paper at all"}]
    lists(world, MONDAY, "2603.00001")
    world.run("run")
    for day in ("2026-03-12", "2026-03-17"):
        go_to(monkeypatch, f"{day}T20:00:00+00:00")
        world.run("run")
    facts = json.loads(world.run("status", "--json")[1])
    assert [one["status"] for one in facts["not_printed"]] == ["failed"]
    assert facts["without_list"] == [f"2026-03-{day:02}" for day in (*range(3, 9), 13)]
    out = world.run("status")[1]
    assert "1 older papers have failed; 7 days have no list" in out
    assert "`pipeline run --date 2026-03-13`" in out


@pytest.mark.parametrize("layout", ["sections", "bullets", "easy"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.98])
def test_a_digest_that_was_cut_is_named_and_left_alone(world: World, layout: str, share: float) -> None:
    lists(world, THURSDAY, "2603.00031", "2603.00032")
    ordered = ("run", "--date", THURSDAY, "--layout", layout)
    with pytest.MonkeyPatch.context() as clock:
        go_to(clock, f"{THURSDAY}T20:00:00+00:00")
        world.run(*ordered)
        digest = world.digest(layout, THURSDAY)
        whole = digest.read_text()
        digest.write_text(whole[: int(len(whole) * share)])
        code, _, err = world.run(*ordered)
        assert code == 2
        assert "03/05.md is cut short, line" in err
        assert digest.read_text() == whole[: int(len(whole) * share)]
        digest.unlink()
        assert world.run(*ordered)[0] == 0
        assert digest.read_text() == whole


def test_status_counts_a_paper_once_however_many_layouts_leave_it_out(world: World) -> None:
    lists(world, MONDAY, "2603.00001")
    world.model.say = lambda body: "{}"
    assert world.run("run", "--layout", "sections", "--layout", "easy", "--layout", "bullets")[0] == 3
    facts = json.loads(world.run("status", "--json")[1])
    assert len(facts["not_printed"]) == 3
    assert facts["figures"]["held_back"] == {"answer": 3}
    assert "attention 1 papers of the last week are not printed" in world.run("status")[1]
