"""Many days at once: the same files as night by night, resumed after any stop, and nothing paid twice."""

import datetime as dt
import json
import re
import sys
from pathlib import Path

import pytest

from pipeline import cli
from tests.fake_model import error
from tests.fakes import Answer
from tests.world import World, title_of, write

FIRST, LAST = dt.date(2026, 2, 1), dt.date(2026, 2, 10)


@pytest.fixture(autouse=True)
def march(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_now", lambda: dt.datetime(2026, 3, 2, 20, tzinfo=dt.UTC))


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
    assert "missing: 36 papers of 8 days; about" in err
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
    monkeypatch.setattr(sys.modules["pipeline.run.backfill"], "_WINDOW", 3)
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
    code, out, _ = archive.run("backfill", "--from", FIRST, "--to", LAST, "--budget", "1")
    assert code == 3
    assert "PIPELINE_BUDGET__USD_PER_RUN is $1" in out
    assert not archive.model.calls


def test_a_dry_run_spends_and_writes_nothing(archive: World) -> None:
    code, _, err = archive.run("backfill", "--from", FIRST, "--to", LAST, "--dry-run")
    assert code == 0
    assert "missing: 36 papers of 8 days; about 37 calls" in err
    assert not archive.model.calls
    assert not list(archive.output.rglob("*.json"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--from", LAST, "--to", FIRST), "turn them round"),
        (("--from", FIRST, "--to", "2027-01-01"), "is in the future"),
        (("--from", "yesterday", "--to", LAST), "is not a date"),
        (("--from", FIRST, "--to", LAST, "--budget", "0"), "budget"),
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
    assert "missing: 0 papers of 0 days" in err
