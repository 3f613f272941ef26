"""Many days at once: the same files as night by night, resumed after any stop, and nothing paid twice."""

import datetime as dt
import json
import re
from collections.abc import Container
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.cli import context
from tests.support.fake_model import error
from tests.support.fakes import Answer, Asked
from tests.support.world import World, title_of, write

FIRST, LAST = dt.date(2026, 2, 1), dt.date(2026, 2, 10)


@pytest.fixture(autouse=True)
def march(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli.common, "now", lambda: dt.datetime(2026, 3, 2, 20, tzinfo=dt.UTC))


@pytest.fixture
def archive(world: World) -> World:
    """Ten days, of which two are empty; each lists one paper of the day before again, and one is always held back."""
    for number in range(10):
        day = FIRST + dt.timedelta(number)
        for place in range(0 if number in (3, 4) else 4):
            paper = f"2602.{number:02}{place:03}"
            world.sources.add(day.isoformat(), paper, title=f"Net{paper[5:]}: A Paper", votes=50 - place)
        if number in (1, 2, 6, 7):
            again = f"2602.{number - 1:02}002"
            world.sources.add(day.isoformat(), again, title=f"Net{again[5:]}: A Paper", votes=9)
    world.model.say = lambda body: "{}" if "Net06001" in title_of(body) else write(body)
    return world


def texts(world: World) -> dict[str, str]:
    """Every digest, and every record without what depends on when and how it was made."""
    volatile = r'"(read_at|written_at|usd|nights)": ?("[^"]*"|null|[\d.e-]+|\[[^]]*\])'
    return {
        str(path.relative_to(world.output)): re.sub(volatile, "", path.read_text())
        for path in sorted(world.output.rglob("*.*"))
    }


def test_it_writes_what_the_nights_would_have_written(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        archive.run("run", "--date", FIRST + dt.timedelta(number))
    by_night = texts(archive)
    monkeypatch.setenv("PIPELINE_OUTPUT_DIR", str(archive.folder / "again"))
    monkeypatch.setenv("PIPELINE_STATE_DIR", str(archive.folder / "state"))
    code, out, err = archive.run("backfill", "--from", FIRST, "--to", LAST)
    assert code == 3
    assert "missing: 32 papers of 8 days, 32 summaries; about" in err
    assert "held back: 2602.06001" in out
    again = World(archive.sources, archive.model, archive.folder, archive.capsys)
    again.__class__ = type("Again", (World,), {"output": property(lambda self: self.folder / "again")})
    assert texts(again) == by_night


def test_it_asks_for_nothing_that_is_there(archive: World) -> None:
    archive.run("backfill", "--from", FIRST, "--to", LAST)
    calls, lists = len(archive.model.calls), len(archive.sources.paths("/api/daily_papers"))
    before = texts(archive)
    archive.run("backfill", "--from", FIRST, "--to", LAST)
    assert len(archive.model.calls) == calls
    assert len(archive.sources.paths("/api/daily_papers")) == lists + 4  # one day has a paper held back
    assert texts(archive) == before


def test_small_windows_change_nothing(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.run("backfill", "--from", FIRST, "--to", LAST)
    before = texts(archive)
    monkeypatch.setitem(context.WINDOWS, "local", 3)
    monkeypatch.setenv("PIPELINE_STATE_DIR", str(archive.folder / "state"))
    for path in archive.output.rglob("*.*"):
        path.unlink()
    archive.run("backfill", "--from", FIRST, "--to", LAST)
    assert texts(archive) == before


def test_it_goes_on_where_it_was_stopped(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_LLM__CONCURRENCY", "1")
    archive.model.queue_answers(error(401))
    assert archive.run("backfill", "--from", FIRST, "--to", LAST)[0] == 2
    assert archive.run("backfill", "--from", FIRST, "--to", LAST)[0] == 3
    assert not any(json.loads(path.read_text())["failed"] for path in archive.output.rglob("*.json"))


def test_the_deadline_of_a_night_is_not_that_of_a_backfill(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_DEADLINE", "0.001")
    assert "PIPELINE_DEADLINE" in archive.run("run", "--date", FIRST)[1]
    assert archive.run("backfill", "--from", FIRST, "--to", LAST)[0] == 3
    assert not any(json.loads(path.read_text())["failed"] for path in archive.output.rglob("*.json"))


def failing(world: World, days: Container[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that cannot be had on these days."""
    honest = world.sources.answer

    def answer(asked: Asked) -> Answer:
        return Answer(500) if asked.query.get("date") in days else honest(asked)

    monkeypatch.setattr(world.sources, "answer", answer)


def test_a_source_out_of_reach_ends_it_before_anything_is_spent(
    archive: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(archive, {(FIRST + dt.timedelta(number)).isoformat() for number in range(10)}, monkeypatch)
    code, _, err = archive.run("backfill", "--from", FIRST, "--to", LAST)
    assert code == 4
    assert "HTTP 500" in err
    assert {asked.query["date"] for asked in archive.sources.asked} == {f"2026-02-0{day}" for day in (1, 2, 3)}
    assert not archive.model.calls
    assert not list(archive.output.rglob("*.*"))


def test_a_day_whose_list_cannot_be_had_costs_the_others_nothing(
    archive: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {"2026-02-03"}
    failing(archive, broken, monkeypatch)
    code, out, _ = archive.run("backfill", "--from", FIRST, "--to", LAST, "--dry-run")
    assert code == 4
    assert "missing: 28 papers of 7 days" in out
    assert re.search(r"^not read: 2026-02-03 \(Hugging Face: answered HTTP 500", out, re.M)
    code, out, _ = archive.run("backfill", "--from", FIRST, "--to", LAST)
    assert code == 4
    assert len(archive.record(day="2026-02-10")["entries"]) == 4
    assert re.search(r"2026/02/03.md \(failed\)$", out, re.M)
    broken.clear()
    assert archive.run("backfill", "--from", FIRST, "--to", LAST)[0] == 3  # one paper is always held back
    assert len(archive.record(day="2026-02-03")["entries"]) == 4


def test_a_budget_of_its_own(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_PRICES", json.dumps({"gpt-6-luna": {"input": 0, "output": 1000}}))
    code, out, err = archive.run("backfill", "--from", FIRST, "--to", LAST, "--budget", "1")
    assert (code, out) == (2, "")
    assert "The budget of $1 is too small for one paper: a call could cost $8" in err
    assert not archive.model.calls
    assert not list(archive.output.rglob("*.*"))


def test_a_dry_run_spends_and_writes_nothing(archive: World) -> None:
    code, out, _ = archive.run("backfill", "--from", FIRST, "--to", LAST, "--dry-run")
    assert code == 0
    assert "missing: 32 papers of 8 days, 32 summaries; about 33 calls" in out
    ahead = json.loads(archive.run("backfill", "--from", FIRST, "--to", LAST, "--dry-run", "--json")[1])
    assert (ahead["papers"], ahead["days"], ahead["estimate"]["calls"], ahead["unread"]) == (32, 8, 33, [])
    assert not archive.model.calls
    assert not list(archive.output.rglob("*.json"))


def test_what_is_paid_for_is_not_counted_and_needs_no_budget(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_PRICES", json.dumps({"gpt-6-luna": {"input": 0, "output": 1000}}))
    archive.run("backfill", "--from", FIRST, "--to", FIRST)
    before, calls = texts(archive), len(archive.model.calls)
    for path in archive.output.rglob("*.*"):
        path.unlink()
    code, _, err = archive.run("backfill", "--from", FIRST, "--to", FIRST, "--budget", "0.01")
    assert (code, "4 papers of 1 days, 4 summaries; about 0 calls" in err) == (0, True)
    assert (texts(archive), len(archive.model.calls)) == (before, calls)


def test_a_budget_that_is_spent_ends_it(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_PRICES", json.dumps({"gpt-6-luna": {"input": 0, "output": 1000}}))
    monkeypatch.setitem(context.WINDOWS, "local", 4)
    code, out, _ = archive.run("backfill", "--from", FIRST, "--to", LAST, "--budget", "8.1")
    assert code == 3
    assert "warning: the budget is spent: the days after 2026-02-0" in out
    assert not archive.digest(day="2026-02-10").with_suffix(".json").exists()
    assert archive.run("backfill", "--from", FIRST, "--to", LAST)[0] == 3
    assert len(archive.record(day="2026-02-10")["entries"]) == 4


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--from", LAST, "--to", FIRST), "turn them round"),
        (("--from", FIRST, "--to", "2027-01-01"), "is in the future"),
        (("--from", "yesterday", "--to", LAST), "is not a date"),
        (("--from", FIRST, "--to", LAST, "--budget", "0"), "budget"),
        (("--from", FIRST, "--to", LAST, "--engine", "abacus"), "'abacus' is not one of 'local', 'batch'"),
        (("--from", FIRST, "--papers", "ids.txt"), "leave --from and --to out"),
        (("--papers", "ids.txt", "--source", "arxiv:cs.CL"), "leave --source out"),
        (("--papers", "ids.txt"), "ids.txt cannot be read"),
        (("--from", "0001-01-01", "--to", FIRST), "0001-01-01 is before the first paper of arXiv"),
        ((), "Which days?"),
    ],
)
def test_a_wrong_range_is_named(world: World, arguments: tuple[object, ...], says: str) -> None:
    code, _, err = world.run("backfill", *arguments)
    assert code == 2
    assert says in err
    assert not Path(world.folder / "output").exists()


@pytest.mark.parametrize(
    ("engine", "settings", "says"),
    [
        ("batch", {"PIPELINE_LLM__ENDPOINTS": '{"http://a/v1": 1, "http://b/v1": 1}'}, "Batches are of one service"),
        ("batch", {"PIPELINE_LLM__PROVIDER": "embedded"}, "writes in this process only"),
        ("local", {"PIPELINE_LLM__MODEL": "unheard-of", "PIPELINE_BUDGET__USD_PER_RUN": "1"}, "price"),
    ],
)
def test_what_cannot_be_carried_out_is_named_before_any_list_is_read(
    engine: str, settings: dict[str, str], says: str, archive: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    code, _, err = archive.run("backfill", "--from", FIRST, "--to", LAST, "--dry-run", "--engine", engine)
    assert (code, says in err) == (2, True), err
    assert not archive.sources.asked


def test_a_range_with_no_days_is_fine(world: World) -> None:
    code, _, err = world.run("backfill", "--from", FIRST, "--to", FIRST)
    assert code == 0
    assert "missing: 0 papers of 0 days, 0 summaries" in err


# ---- papers of one's choice


def ids(world: World, *lines: str) -> Path:
    path = world.folder / "ids.txt"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_chosen_papers_are_printed_on_the_days_of_their_submission(world: World) -> None:
    for paper, published in (("1706.03762", "2017-06-12"), ("1706.00001", "2017-06-12"), ("1810.04805", "2018-10-11")):
        world.sources.add("2026-03-01", paper, title=f"Net{paper}: A Paper", published=f"{published}T17:57:34Z")
    chosen = ids(world, "# classics", "arXiv:1706.03762v5", "", "https://arxiv.org/abs/1810.04805", "1706.00001")
    code, _, err = world.run("backfill", "--papers", chosen)
    assert (code, "missing: 3 papers of 2 days, 3 summaries" in err) == (0, True)
    assert [entry["id"] for entry in world.record(day="2017-06-12")["entries"]] == ["1706.03762", "1706.00001"]
    assert world.record(day="2018-10-11")["evidence"]["source"] == "chosen papers"
    assert len(world.sources.paths("/api/query")) == 1
    assert not world.sources.paths("/api/daily_papers")
    calls, before = len(world.model.calls), texts(world)
    assert world.run("backfill", "--papers", chosen)[0] == 0
    assert (len(world.model.calls), texts(world)) == (calls, before)


def test_an_id_that_arxiv_does_not_know_is_named_and_costs_the_others_nothing(world: World) -> None:
    world.sources.add("2026-03-01", "1706.03762", title="Net1: A Paper", published="2017-06-12T17:57:34Z")
    code, out, _ = world.run("backfill", "--papers", ids(world, "1706.03762", "1706.09999"))
    assert code == 3
    assert "warning: arXiv does not know 1 of the ids: 1706.09999." in out
    assert len(world.record(day="2017-06-12")["entries"]) == 1
    _, out, _ = world.run("backfill", "--papers", ids(world, "1706.03762", "1706.09999"), "--json")
    assert json.loads(out)["warnings"] == ["arXiv does not know 1 of the ids: 1706.09999."]


def test_a_chosen_paper_that_is_not_printed_is_named_every_time(world: World) -> None:
    world.sources.add("2026-03-01", "1706.03762", title="Net1: A Paper", published="2017-06-12T17:57:34Z")
    world.model.say = lambda body: "{}"
    for _ in range(6):
        code, out, _ = world.run("backfill", "--papers", ids(world, "1706.03762"))
        assert (code, "held back: 1706.03762 (sections)" in out) == (3, True)


# ---- what is missing


def listed(world: World, day: str, *papers: str) -> None:
    for place, paper in enumerate(papers):
        world.sources.add(day, paper, title=f"Net{paper[5:]}: A Paper", votes=50 - place, published=f"{day}T10:00:00Z")


def printed(world: World, day: str) -> set[str]:
    return {entry["id"] for entry in world.record(day=day)["entries"]}


@pytest.mark.parametrize("before", ["a chosen paper", "a list that was cut"])
def test_a_day_of_which_only_a_part_was_wanted_is_missing(before: str, world: World) -> None:
    listed(world, "2026-02-01", "2602.00001", "2602.00002", "2602.00003")
    if before == "a chosen paper":
        world.run("run", "--date", FIRST, "--paper", "2602.00002")
    else:
        world.run("run", "--date", FIRST, "--limit", "1")
    assert len(printed(world, "2026-02-01")) == 1
    assert world.run("backfill", "--from", FIRST, "--to", FIRST)[0] == 0
    assert len(printed(world, "2026-02-01")) == 3


def test_a_list_that_was_read_while_it_grew_is_read_again_until_it_was_read_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(world, "2026-03-01", "2603.00001")
    world.run("backfill", "--from", "2026-03-01")
    listed(world, "2026-03-01", "2603.00001", "2603.00002")
    assert world.run("backfill", "--from", "2026-03-01", "--to", "2026-03-01")[0] == 0
    assert printed(world, "2026-03-01") == {"2603.00001", "2603.00002"}
    monkeypatch.setattr(cli.common, "now", lambda: dt.datetime(2026, 3, 5, 20, tzinfo=dt.UTC))
    before = texts(world)
    for requests in (4, 0):  # the plan, then the work; a page with papers is followed by one without
        asked = len(world.sources.asked)
        world.run("backfill", "--from", "2026-03-01", "--to", "2026-03-01")
        assert len(world.sources.asked) - asked == requests
    assert texts(world) == before


def test_a_chosen_paper_leaves_a_day_to_its_list(world: World) -> None:
    listed(world, "2026-02-01", "2602.00001")
    listed(world, "2026-03-01", "2602.00009")
    world.run("backfill", "--from", FIRST, "--to", FIRST)
    evidence = world.record(day="2026-02-01")["evidence"]
    world.run("run", "--date", FIRST, "--paper", "2602.00009")
    assert printed(world, "2026-02-01") == {"2602.00001", "2602.00009"}
    assert world.record(day="2026-02-01")["evidence"] == evidence
    asked = len(world.sources.asked)
    world.run("backfill", "--from", FIRST, "--to", FIRST)
    assert len(world.sources.asked) == asked


def test_files_that_are_gone_are_missing(archive: World) -> None:
    archive.run("backfill", "--from", FIRST, "--to", LAST)
    before, calls = texts(archive), len(archive.model.calls)
    archive.digest(day="2026-02-02").unlink()
    archive.digest(day="2026-02-06").with_suffix(".json").unlink()
    archive.digest(day="2026-02-06").unlink()
    archive.run("backfill", "--from", FIRST, "--to", "2026-02-06")
    assert (texts(archive), len(archive.model.calls)) == (before, calls)


def test_one_paper_that_the_model_refuses_is_no_source_out_of_reach(world: World) -> None:
    listed(world, "2026-02-01", "2602.00001")
    listed(world, "2026-02-02", "2602.00002")
    world.model.queue_answers(error(400))
    assert world.run("backfill", "--from", FIRST, "--to", "2026-02-02")[0] == 3


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("1706.03762", "hello", "9999.99999"), "line 2 (hello), line 3 (9999.99999); correct it"),
        (("#",), "holds no arXiv id"),
        (tuple(f"rubbish {number}" for number in range(12)), "and 2 more"),
    ],
)
def test_rubbish_among_the_ids_is_named_before_anything_is_asked(
    world: World, lines: tuple[str, ...], says: str
) -> None:
    code, _, err = world.run("backfill", "--papers", ids(world, *lines))
    assert code == 2
    assert says in err
    assert not world.sources.asked
    assert not world.model.calls


# ---- what it tells


def test_progress_with_rate_rest_and_cost(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.cli.progress._EVERY", 10)
    monkeypatch.setenv("PIPELINE_PRICES", json.dumps({"gpt-6-luna": {"input": 1, "output": 1}}))
    _, _, err = archive.run("backfill", "--from", FIRST, "--to", LAST)
    assert re.search(r"progress: 30 of 32, \d+\.\d\d a second, about 0 min left, \$0\.00\d+ spent", err)


def test_how_long_it_takes_is_told_from_what_calls_took(archive: World) -> None:
    _, out, _ = archive.run("backfill", "--from", FIRST, "--to", FIRST, "--dry-run")
    assert "h at arXiv's pace" in out
    assert "as long as they took before" not in out
    archive.run("backfill", "--from", FIRST, "--to", FIRST)
    _, out, _ = archive.run("backfill", "--from", FIRST, "--to", LAST, "--dry-run")
    assert "0.0 h for the calls, as long as they took before" in out


def test_batches_cost_half(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_PRICES", json.dumps({"gpt-6-luna": {"input": 10, "output": 10}}))
    live, batched = (
        archive.run("backfill", "--from", FIRST, "--to", LAST, "--dry-run", "--engine", engine)[1]
        for engine in ("local", "batch")
    )
    low, half = (float(re.search(r"\$([\d.]+) to", told)[1]) for told in (live, batched))  # type: ignore[index]
    assert half == pytest.approx(low / 2)
    assert "up to 24 h for each round of batches" in batched
