"""Night after night: papers listed late, held back or failed, stale and missing lists, midnights, and what is paid."""

import datetime as dt
import json
from typing import Any

import pytest

from pipeline import cli, ledger
from pipeline.archive.index import Index
from pipeline.workflows.night import LATER_NIGHTS
from pipeline.workflows.rebuild import rebuild
from tests.support.fake_model import completion, error
from tests.support.fakes import Answer
from tests.support.world import HEADLINE, World, title_of, write

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    go_to(monkeypatch, f"{MONDAY}T20:00:00+00:00")


def go_to(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setattr(cli.common, "now", lambda: dt.datetime.fromisoformat(moment).astimezone(dt.UTC))


def lists(world: World, day: str, *ids: str) -> None:
    for number, paper_id in enumerate(ids):
        world.sources.add(day, paper_id, title=f"Net{paper_id[-5:]}: A Paper", votes=50 - number)


def printed(world: World, day: str) -> list[str]:
    return [entry["id"] for entry in world.record(day=day)["entries"]]


def bad(body: dict[str, Any]) -> str:
    return "{}"


def test_a_first_night_makes_one_digest(world: World) -> None:
    lists(world, "2026-03-01", "2603.00101")
    lists(world, MONDAY, "2603.00001")
    assert world.run("run")[0] == 0
    assert [path.name for path in world.output.rglob("*.md")] == ["02.md"]


def test_a_paper_listed_late_comes_into_its_own_day_and_moves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    assert world.run("run")[0] == 0
    before = world.digest(day=MONDAY).read_text()
    world.sources.add(MONDAY, "2603.00003", title="NetLate: A Paper", votes=1)
    lists(world, TUESDAY, "2603.00011")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    code, out, _ = world.run("run")
    assert (code, printed(world, MONDAY), printed(world, TUESDAY)) == (
        0,
        ["2603.00001", "2603.00002", "2603.00003"],
        ["2603.00011"],
    )
    assert world.digest(day=MONDAY).read_text().startswith(before.rstrip("\n"))
    assert "03/02.md" in out
    assert len(world.model.calls) == 4


def test_a_day_on_which_the_machine_was_off_is_made_up_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001")
    world.run("run")
    lists(world, TUESDAY, "2603.00011")
    lists(world, WEDNESDAY, "2603.00021")
    go_to(monkeypatch, f"{WEDNESDAY}T20:00:00+00:00")
    assert world.run("run")[0] == 0
    assert printed(world, TUESDAY) == ["2603.00011"]


def test_what_lies_further_back_than_the_setting_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001")
    world.run("run")
    world.sources.add(MONDAY, "2603.00003", title="NetLate: A Paper")
    monkeypatch.setenv("PIPELINE_LOOKBACK_DAYS", "1")
    go_to(monkeypatch, f"{WEDNESDAY}T20:00:00+00:00")
    world.run("run")
    assert printed(world, MONDAY) == ["2603.00001"]


def test_a_limited_day_does_not_grow_when_votes_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002", "2603.00003")
    world.model.say = lambda body: bad(body) if "Net00002" in title_of(body) else write(body)
    world.run("run", "--limit", 2)
    world.model.say = write
    world.sources.days[MONDAY][2]["paper"]["upvotes"] = 99
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    assert world.run("run", "--limit", 2)[0] == 0  # 2603.00002 is not among the first two any more
    assert printed(world, MONDAY) == ["2603.00001", "2603.00002"]
    assert world.record(day=MONDAY)["evidence"]["taken"] == 2


def test_a_limit_does_not_cut_the_days_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002", "2603.00003")
    world.run("run")
    before = world.record(day=MONDAY)
    lists(world, TUESDAY, "2603.00004", "2603.00005")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    world.run("run", "--limit", 1)
    assert printed(world, TUESDAY) == ["2603.00004"]
    assert world.record(day=MONDAY) == before


def test_an_edit_made_while_the_night_is_at_work_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001")
    world.run("run")
    lists(world, MONDAY, "2603.00002")

    def edit(body: dict[str, Any]) -> str:
        digest = world.digest(day=MONDAY)
        digest.write_text(digest.read_text("utf-8").replace("자세히", "꼼꼼히"), "utf-8")
        return write(body)

    world.model.say = edit
    assert world.run("run", "--date", MONDAY)[0] == 0
    assert printed(world, MONDAY) == ["2603.00001", "2603.00002"]
    assert world.digest(day=MONDAY).read_text("utf-8").count("꼼꼼히") == 1


def test_a_refused_regenerate_makes_no_day_of_the_ledger(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, TUESDAY, "2603.00001")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    world.run("run")
    lists(world, MONDAY, "2603.00002")
    assert world.run("regenerate", "2603.00001", "--date", MONDAY)[0] == 2
    go_to(monkeypatch, f"{WEDNESDAY}T20:00:00+00:00")
    world.run("run")
    assert not world.digest(day=MONDAY).exists()


def test_a_new_installation_lacks_no_list(world: World) -> None:
    assert "without a list" not in world.run("status")[1]


@pytest.mark.parametrize("title", ["", "\u200b", "\u200b \u2060"])
def test_a_paper_without_a_visible_title_is_held_back(title: str, world: World) -> None:
    lists(world, MONDAY, "2603.00001")
    world.sources.add(MONDAY, "2603.00002", title=title)
    for _ in range(2):
        code, out, _ = world.run("run", "--date", MONDAY)
        assert (code, "the paper has no title" in out) == (3, True)
    assert printed(world, MONDAY) == ["2603.00001"]


def test_what_is_held_back_is_tried_on_later_nights_and_paid_for_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists(world, MONDAY, "2603.00001")
    world.model.say = bad
    assert world.run("run")[0] == 3
    assert len(world.model.calls) == 3
    assert world.run("run")[0] == 3
    assert len(world.model.calls) == 3  # not again the same night
    world.model.say = write
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    assert world.run("run")[0] == 0
    assert printed(world, MONDAY) == ["2603.00001"]


def test_it_is_not_tried_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_LOOKBACK_DAYS", "31")
    lists(world, MONDAY, "2603.00001")
    world.model.say = bad
    for day in range(2, 12):
        go_to(monkeypatch, f"2026-03-{day:02}T20:00:00+00:00")
        world.run("run")
    assert len(world.model.calls) == 3 * (1 + LATER_NIGHTS)


def test_yesterdays_list_under_todays_date_is_stale(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, *(f"2603.0000{n}" for n in range(1, 6)))
    world.run("run")
    world.sources.days[TUESDAY] = list(world.sources.days[MONDAY])
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    code, _, err = world.run("run")
    assert code == 4
    assert "5 of the 5 papers listed for 2026-03-03 are those of 2026-03-02" in err
    assert not world.digest(day=TUESDAY).exists()
    assert world.record(day=TUESDAY)["state"] == "stale"
    world.sources.days[TUESDAY] = []
    lists(world, TUESDAY, "2603.00011")
    assert world.run("run")[0] == 0
    assert world.record(day=TUESDAY)["state"] == "published"


def test_a_few_papers_listed_twice_make_no_stale_list(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    world.run("run")
    lists(world, TUESDAY, "2603.00001", "2603.00011")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    assert world.run("run")[0] == 0
    record = world.record(day=TUESDAY)
    assert [one["id"] for one in record["duplicates"]] == ["2603.00001"]
    assert printed(world, TUESDAY) == ["2603.00011"]


def test_a_missing_list_leaves_what_is_printed_and_says_so(world: World) -> None:
    lists(world, MONDAY, "2603.00001")
    world.run("run")
    before = world.digest(day=MONDAY).read_bytes(), world.record(day=MONDAY)
    world.sources.queue("/api/daily_papers", *[Answer(500)] * 5)
    assert world.run("run")[0] == 4
    assert (world.digest(day=MONDAY).read_bytes(), world.record(day=MONDAY)) == before


def test_a_night_whose_list_is_missing_is_a_failed_day_with_its_evidence(world: World) -> None:
    world.sources.queue("/api/daily_papers", *[Answer(500)] * 5)
    assert world.run("run")[0] == 4
    record = world.record(day=MONDAY)
    assert record["state"] == "failed"
    assert "HTTP 500" in record["evidence"]["problem"]
    assert not world.digest(day=MONDAY).exists()


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("UTC", "2026-03-02T23:59:59+00:00", "2026-03-02"),
        ("UTC", "2026-03-03T00:00:00+00:00", "2026-03-03"),
        ("Asia/Seoul", "2026-03-02T14:59:59+00:00", "2026-03-02"),
        ("Asia/Seoul", "2026-03-02T15:00:00+00:00", "2026-03-03"),
        ("America/New_York", "2026-03-08T04:59:59+00:00", "2026-03-07"),  # an hour before the clocks go forward
        ("America/New_York", "2026-03-09T03:59:59+00:00", "2026-03-08"),  # and at midnight of that short day
        ("America/New_York", "2026-11-02T04:59:59+00:00", "2026-11-01"),  # the long one
        ("Pacific/Kiritimati", "2025-12-31T10:00:00+00:00", "2026-01-01"),
        ("UTC", "2026-12-31T23:59:59+00:00", "2026-12-31"),
    ],
)
def test_today_is_the_setting_time_zones(
    world: World, monkeypatch: pytest.MonkeyPatch, zone: str, moment: str, day: str
) -> None:
    monkeypatch.setenv("PIPELINE_TIMEZONE", zone)
    go_to(monkeypatch, moment)
    assert world.run("run")[0] == 0
    assert world.record(day=day)["state"] == "empty"


def test_a_summary_that_was_paid_for_is_used_when_the_digest_is_lost(world: World) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    world.run("run")
    before = world.digest(day=MONDAY).read_bytes()
    for path in world.output.rglob("*.*"):
        path.unlink()
    assert world.run("run")[0] == 0
    assert world.digest(day=MONDAY).read_bytes() == before
    assert len(world.model.calls) == 2


def test_the_budget_of_a_run_is_hard_and_what_it_leaves_waits(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, *(f"2603.0000{n}" for n in range(1, 6)))
    price = {"gpt-6-luna": {"input": 0, "output": 1000}, "fake-1": {"input": 0, "output": 1000}}
    monkeypatch.setenv("PIPELINE_PRICES", json.dumps(price))
    monkeypatch.setenv("PIPELINE_BUDGET__USD_PER_RUN", "8.03")  # 8,000 tokens at most for one call, 20 in fact
    code, _, _ = world.run("run")
    assert code == 3
    assert len(world.model.calls) == 2  # after two, 0.04 is spent, and 8 more would be too much
    assert len(printed(world, MONDAY)) == 2
    held = world.record(day=MONDAY)["held_back"]
    assert len(held) == 3
    assert all("PIPELINE_BUDGET__USD_PER_RUN" in one["reason"] and not one["nights"] for one in held)
    assert world.run("run")[0] == 3
    assert len(printed(world, MONDAY)) == 4


def test_the_budget_of_a_month_counts_what_other_runs_spent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001")
    monkeypatch.setenv("PIPELINE_PRICES", json.dumps({"gpt-6-luna": {"input": 0, "output": 1000}}))
    monkeypatch.setenv("PIPELINE_BUDGET__USD_PER_MONTH", "8.01")
    assert world.run("run")[0] == 0
    lists(world, TUESDAY, "2603.00011")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    assert world.run("run")[0] == 3
    assert "PIPELINE_BUDGET__USD_PER_MONTH" in world.record(day=TUESDAY)["held_back"][0]["reason"]
    monkeypatch.setenv("PIPELINE_LOOKBACK_DAYS", "31")
    go_to(monkeypatch, "2026-04-01T00:00:01+00:00")
    assert world.run("run")[0] == 0
    assert printed(world, TUESDAY) == ["2603.00011"]


def test_a_dry_run_says_what_the_night_would_come_to(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    world.model.say = lambda body: bad(body) if "Net00002" in title_of(body) else write(body)
    world.run("run")
    lists(world, TUESDAY, "2603.00011", "2603.00001")
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    before = {path: path.read_bytes() for path in world.folder.rglob("*.*") if path.suffix in (".md", ".json")}
    code, out, _ = world.run("run", "--dry-run")
    assert code == 0
    assert "03/03.md: 2 listed, 1 printed on another day, 1 to summarise: 2603.00011" in out
    assert "03/02.md: 2 listed, 0 printed on another day, 1 to summarise: 2603.00002" in out
    assert "about 2 calls" in out
    assert json.loads(world.run("run", "--dry-run", "--json")[1])["estimate"]["calls"] == 2
    assert {path: path.read_bytes() for path in before} == before
    assert len(world.model.calls) == 4


def test_a_key_that_is_refused_in_mid_run_costs_no_other_call(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_LLM__CONCURRENCY", "1")
    lists(world, MONDAY, *(f"2603.0000{n}" for n in range(1, 4)))
    world.model.queue_answers(completion(None, refusal="no"), error(401))
    code, _, err = world.run("run")
    assert code == 2
    assert "OPENAI_API_KEY" in err
    assert len(world.model.calls) == 2
    assert [one["id"] for one in world.record(day=MONDAY)["failed"]] == ["2603.00001", "2603.00002", "2603.00003"]


def test_status_says_in_four_lines_what_happened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002")
    world.model.say = lambda body: bad(body) if "Net00002" in title_of(body) else write(body)
    world.run("run")
    code, out, _ = world.run("status")
    first, second, third, fourth = out.splitlines()[:4]
    assert code == 0
    assert "last success 2026-03-02 20:00 UTC" in first
    assert "2026-03-02 partial: sections 2 listed = 1 printed + 0 duplicate + 1 held back + 0 failed" in second
    assert "this month" in third
    assert "1 papers of the last week are not printed" in fourth
    assert "2603.00002 Net00002: A Paper: held back:" in out
    facts = json.loads(world.run("status", "--json")[1])
    assert facts["days"] == [{"date": "2026-03-02", "state": "partial"}]
    assert facts["not_printed"][0]["paper_id"] == "2603.00002"
    go_to(monkeypatch, "2026-03-04T08:00:01+00:00")
    assert world.run("status")[0] == 4


def test_a_day_is_as_bad_as_its_worst_layout(world: World) -> None:
    lists(world, MONDAY, "2603.00001")
    world.model.say = lambda body: bad(body) if "요약" in str(body["messages"][1]["content"])[-3000:] else write(body)
    world.run("run", "--layout", "sections", "--layout", "easy")
    facts = json.loads(world.run("status", "--json")[1])
    states = {one["layout"]: one["state"] for one in facts["layouts"]}
    assert facts["days"][0]["state"] == ("partial" if "partial" in states.values() else "published")


def test_a_ledger_made_anew_from_the_output_equals_the_old_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(world, MONDAY, "2603.00001", "2603.00002", "2603.00003")
    world.model.say = lambda body: bad(body) if "Net00002" in title_of(body) else write(body)
    world.run("run", "--layout", "sections", "--layout", "bullets")
    world.run("withdraw", "2603.00003", "--reason", "a mistake")
    world.sources.queue("/api/daily_papers", *[Answer(500)] * 5)
    go_to(monkeypatch, f"{TUESDAY}T20:00:00+00:00")
    world.run("run")
    before = facts(world)
    assert sum(str(HEADLINE["text"]) in summary for summary in before["summaries"]) == len(before["summaries"]) > 0
    for path in (world.folder / ".pipeline").glob("ledger.*"):
        path.unlink()
    assert world.run("status", "--rebuild")[0] == 0
    assert facts(world) == before
    assert world.run("status", "--rebuild")[0] == 0
    assert facts(world) == before


def facts(world: World) -> dict[str, list[Any]]:
    """What a ledger says of days, listings, papers and printed summaries."""
    with ledger.opened(world.folder / ".pipeline") as book:
        tables = ("days", "papers", "listings", "summaries")
        return {table: sorted(map(repr, book.query(f"SELECT * FROM {table}"))) for table in tables}


def test_a_record_edited_into_nonsense_is_named_and_nothing_is_dropped(world: World) -> None:
    lists(world, MONDAY, "2603.00001")
    world.run("run")
    path = world.digest(day=MONDAY).with_suffix(".json")
    path.write_text('{"format": 1, "layout": "sections", "listed": "rubbish"}')
    code, _, err = world.run("status", "--rebuild")
    assert code == 2
    assert str(path.relative_to(world.folder)) in err
    with ledger.opened(world.folder / ".pipeline") as book:
        assert [day.date.isoformat() for day in Index(book, world.output).days(5)] == [MONDAY]
    assert world.run("run")[0] == 2
    assert "rubbish" in path.read_text()


def test_rebuild_counts_records(world: World) -> None:
    lists(world, MONDAY, "2603.00001")
    world.run("run")
    with ledger.opened(world.folder / ".pipeline") as book:
        assert rebuild(Index(book, world.output)) == 1


def test_texts_out_of_reach_cost_a_night_no_hours_and_are_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_LLM__CONCURRENCY", "1")
    ids = [f"2603.000{n:02}" for n in range(1, 28)]
    lists(world, MONDAY, *ids)
    for paper_id in ids[:3]:
        for form in ("html", "pdf"):
            world.sources.queue(f"/{form}/{paper_id}v1", *[Answer(503)] * 5)
    assert world.run("run")[0] == 0
    asked = [paper_id for paper_id in ids if world.sources.paths(f"/html/{paper_id}v1")]
    assert asked == [*ids[:3], *ids[23:]]
    cut = {entry["id"]: entry["cut"] for entry in world.record(day=MONDAY)["entries"]}
    assert "503" in cut[ids[0]][0]
    assert "arXiv did not answer about the papers before" in cut[ids[4]][0]
    assert "404" in cut[ids[23]][0]
