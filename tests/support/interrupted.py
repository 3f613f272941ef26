"""A backfill of thirty days that is killed again and again, and what it must come to: the files of one that was not.

For every engine: `undisturbed` and `killed` run the real command line against the same sources and model.
"""

import datetime as dt
import json
import random
import re
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.support.fake_model import FakeModel
from tests.support.fakes import FakeSources
from tests.support.installation import Installation
from tests.support.world import title_of, write

FIRST, LAST = dt.date(2024, 8, 1), dt.date(2024, 8, 30)
NOW = dt.datetime(2024, 9, 2, 20, tzinfo=dt.UTC)
KILLS = 5
PAPERS = 2
# What of a record depends on when and how it was made, and not on the papers: docs/many-days.md lists the same.
VOLATILE = ("read_at", "written_at", "nights", "usd", "usage")


def thirty_days(sources: FakeSources) -> None:
    """Two papers a day: some days are empty, some list a paper of the day before again."""
    for number in range(30):
        date = FIRST + dt.timedelta(number)
        for place in range(0 if number % 7 == 3 else PAPERS):
            paper = f"2408.{number:02}{place:03}"
            sources.add(date.isoformat(), paper, title=f"Net{number:02}{place}: A Paper", votes=50 - place)
        if number % 5 == 1:
            sources.add(date.isoformat(), f"2408.{number - 1:02}001", title=f"Net{number - 1:02}1: A Paper", votes=9)


def answer(body: dict[str, Any]) -> str:
    """A decent model, but for one paper that it never summarises and one that it has to be asked about again."""
    title = title_of(body)
    repaired = len(body["messages"]) > 2
    return "{}" if "Net120" in title or ("Net131" in title and not repaired) else write(body)


def files(house: Installation) -> dict[str, str]:
    """Every digest, and every record without what is volatile, by place."""
    found = {}
    for path in sorted(house.output.rglob("*.*")):
        text = path.read_text("utf-8")
        found[str(path.relative_to(house.output))] = steady(text) if path.suffix == ".json" else text
    return found


def steady(text: str) -> str:
    """A record without what is volatile."""
    return json.dumps(_without(json.loads(text)), ensure_ascii=False, sort_keys=True)


def _without(value: Any) -> Any:
    if isinstance(value, list):
        return [_without(one) for one in value]
    if isinstance(value, dict):
        return {name: _without(one) for name, one in value.items() if name not in VOLATILE}
    return value


def command(engine: str) -> tuple[str, ...]:
    """The backfill."""
    return "backfill", "--from", FIRST.isoformat(), "--to", LAST.isoformat(), "--engine", engine


def house(folder: Path, sources: FakeSources, model: FakeModel, **more: str) -> Installation:
    """An installation in a folder of its own."""
    folder.mkdir()
    abstracts = {"PIPELINE_SOURCES__TEXT_BUDGET": "0"}
    return Installation(folder, sources, model, NOW, abstracts | more)


def killed(place: Installation, engine: str, requests: int, seed: int) -> list[int]:
    """Start the backfill again and again, and kill it five times, each at some request; then let it end.

    `requests` is how many an undisturbed one makes. Returns the exit codes.
    """
    dice, codes = random.Random(seed), []
    for _ in range(KILLS):
        codes.append(_killed_after(place, engine, dice.randrange(2, max(requests // KILLS, 3))))
    ended = subprocess.run(
        place.command(*command(engine)), cwd=place.folder, env=place.environment(), capture_output=True, timeout=300
    )
    return [*codes, ended.returncode]


def _killed_after(place: Installation, engine: str, requests: int) -> int:
    before = _asked(place)
    process = subprocess.Popen(
        place.command(*command(engine)),
        cwd=place.folder,
        env=place.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and _asked(place) - before < requests:
        time.sleep(0.002)
    process.kill()
    return process.wait()


def _asked(place: Installation) -> int:
    return len(place.sources.asked) + len(place.model.asked)


def answered_twice(place: Installation) -> list[str]:
    """The papers of which the very same question was answered more than once."""
    from pipeline import ledger

    with ledger.opened(place.state) as book:
        rows = book.query("SELECT request_hash, paper_id FROM calls WHERE state = 'answered'")
    return [paper for (_, paper), count in Counter(map(tuple, rows)).items() if count > 1]


def sound(record: str) -> bool:
    """Whether a record accounts for every listed paper."""
    day = json.loads(record)
    named = [one["id"] for part in ("entries", "held_back", "failed", "duplicates", "withdrawn") for one in day[part]]
    return sorted(day["listed"]) == sorted(named) and not re.search('"failed": \\[\\{', record)
