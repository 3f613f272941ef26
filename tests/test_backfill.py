"""Many days at once: the same files as night by night, resumed after any stop, and nothing paid twice."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.cli import writers
from tests.fake_model import error
from tests.fakes import Answer
from tests.world import World, title_of, write

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
    assert "missing: 36 papers of 8 days, 36 summaries; about" in err
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
    monkeypatch.setitem(writers.WINDOWS, "local", 3)
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


def test_a_list_out_of_reach_ends_it_before_anything_is_spent(archive: World) -> None:
    archive.sources.queue("/api/daily_papers", *[Answer(500)] * 5)
    code, _, err = archive.run("backfill", "--from", FIRST, "--to", LAST)
    assert code == 4
    assert "HTTP 500" in err
    assert not archive.model.calls


def test_a_budget_of_its_own(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_PRICES", json.dumps({"gpt-6-luna": {"input": 0, "output": 1000}}))
    code, out, err = archive.run("backfill", "--from", FIRST, "--to", LAST, "--budget", "1")
    assert (code, out) == (2, "")
    assert "The budget of $1 is too small for one paper: a call could cost $8" in err
    assert not archive.model.calls
    assert not list(archive.output.rglob("*.*"))


def test_a_dry_run_spends_and_writes_nothing(archive: World) -> None:
    code, _, err = archive.run("backfill", "--from", FIRST, "--to", LAST, "--dry-run")
    assert code == 0
    assert "missing: 36 papers of 8 days, 36 summaries; about 37 calls" in err
    assert not archive.model.calls
    assert not list(archive.output.rglob("*.json"))


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
        ((), "Which days?"),
    ],
)
def test_a_wrong_range_is_named(world: World, arguments: tuple[object, ...], says: str) -> None:
    code, _, err = world.run("backfill", *arguments)
    assert code == 2
    assert says in err
    assert not Path(world.folder / "output").exists()


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
    code, _, err = world.run("backfill", "--papers", ids(world, "1706.03762", "1706.09999"))
    assert code == 3
    assert "arXiv does not know 1 of the ids: 1706.09999." in err
    assert len(world.record(day="2017-06-12")["entries"]) == 1


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
    assert re.search(r"progress: 30 of 36, \d+\.\d\d a second, about 0 min left, \$0\.00\d+ spent", err)


def test_how_long_it_takes_is_told_from_what_calls_took(archive: World) -> None:
    _, _, err = archive.run("backfill", "--from", FIRST, "--to", FIRST, "--dry-run")
    assert "h at arXiv's pace" in err
    assert "as long as they took before" not in err
    archive.run("backfill", "--from", FIRST, "--to", FIRST)
    _, _, err = archive.run("backfill", "--from", FIRST, "--to", LAST, "--dry-run")
    assert "0.0 h for the calls, as long as they took before" in err


def test_batches_cost_half(archive: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_PRICES", json.dumps({"gpt-6-luna": {"input": 10, "output": 10}}))
    live, batched = (
        archive.run("backfill", "--from", FIRST, "--to", LAST, "--dry-run", "--engine", engine)[2]
        for engine in ("local", "batch")
    )
    low, half = (float(re.search(r"\$([\d.]+) to", told)[1]) for told in (live, batched))  # type: ignore[index]
    assert half == pytest.approx(low / 2)
    assert "up to 24 h for each round of batches" in batched
