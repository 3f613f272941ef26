"""Ten thousand papers in one process: how many a second, in how much memory, and with how large a ledger."""

import datetime as dt
import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from pipeline import ledger
from pipeline.archive.index import Index
from pipeline.core.models import Cited, Claim, Prompt, Section, Summary, Usage
from tests.bench.endpoints import Setting, World, served, world
from tests.bench.measure import RUNS, Figure, Ran, ran
from tests.bench.nights import DAY
from tests.bench.papers import Paper

PAPERS = 10_000
A_DAY = 50
_SLICE = 1_000  # papers by which the rate is sampled in the course of the one large backfill
_GROWN = 500  # papers that are added to a ledger of each size
_SMALL, _LARGE = 1_000, 1_000_000  # rows
_OTHERS = 3_000_000  # the first number of the papers in those ledgers: none that is listed here


def figures() -> Iterator[Figure]:
    """Measure 3."""
    with world(Setting(papers=A_DAY)) as of:
        yield from _large(of)
        yield from _growth(of)


def _large(of: World) -> Iterator[Figure]:
    tenth = _fill(of, PAPERS // 10)
    served(of.model)
    whole = _fill(of, PAPERS)
    calls = [call.at for call in served(of.model)]
    samples = tuple(_SLICE / (end - begin) for begin, end in pairwise(calls[::_SLICE]))
    yield Figure(f"backfill of {PAPERS:,} papers, by the thousand", "papers/s", samples, 80.0, True)
    yield Figure(f"backfill of {PAPERS:,} papers, start to end", "papers/s", (PAPERS / whole.seconds,), 80.0, True)
    yield Figure(f"backfill of {PAPERS:,} papers: processor a paper", "ms", (1000 * whole.processor / PAPERS,))
    yield Figure(f"backfill of {PAPERS // 10:,} papers: memory", "MB", (tenth.memory,))
    yield Figure(f"backfill of {PAPERS:,} papers: memory", "MB", (whole.memory,))
    yield Figure("backfill: memory, the larger over the smaller", "", (whole.memory / tenth.memory,), 1.10)


def _fill(of: World, papers: int, folder: Path | None = None, first: dt.date = DAY) -> Ran:
    with tempfile.TemporaryDirectory() as fresh:
        last = first + dt.timedelta(papers // A_DAY - 1)
        environment = of.environment(folder or Path(fresh), LLM__CONCURRENCY=16)
        return ran(["backfill", "--from", str(first), "--to", str(last)], environment)


# ---- the ledger


def _growth(of: World) -> Iterator[Figure]:
    """Small and large in turn, so that both meet the same weather; each time other days, into empty outputs.

    What a backfill with nothing to do takes is not counted, as measured with the small ledger: what it takes longer
    with the large one is growth.
    """
    seconds: dict[int, list[float]] = {_SMALL: [], _LARGE: []}
    idle: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in seconds:
            make_ledger(Path(folder) / str(rows) / "state", rows)
        for number in range(RUNS + 1):
            first = DAY + dt.timedelta(number * _GROWN // A_DAY)
            for rows, taken in seconds.items():
                taken.append(_fill(of, _GROWN, Path(folder) / str(rows), first).seconds)
            idle.append(_fill(of, _GROWN, Path(folder) / str(_SMALL), first).seconds)
    start = statistics.median(idle[1:])
    small, large = ([one - start for one in seconds[rows][1:]] for rows in (_SMALL, _LARGE))
    yield Figure("a backfill with nothing to do", "s", tuple(idle[1:]))
    for rows, taken in ((_SMALL, small), (_LARGE, large)):
        each = tuple(1000 * one / _GROWN for one in taken)
        yield Figure(f"a paper with a ledger of {rows:,} rows", "ms", each)
    pairs = zip(small, large, strict=True)
    yield Figure("a paper: growth with the ledger", "", tuple(more / less for less, more in pairs), 1.10)


def make_ledger(state: Path, rows: int) -> None:
    """A ledger of so many rows: every paper has been listed, called about and printed, fifty a day before DAY."""
    state.mkdir(parents=True)
    with ledger.opened(state) as book:
        Index(book, state.parent / "output")  # makes its tables
    papers = rows // 4
    database = sqlite3.connect(state / ledger.FILENAME)
    database.execute("PRAGMA foreign_keys = OFF")
    database.execute("PRAGMA synchronous = OFF")
    numbers = range(papers)
    dates = [str(DAY - dt.timedelta(1 + number // A_DAY)) for number in numbers]
    ids = [Paper(_OTHERS + number).id for number in numbers]
    summary = _summary()
    tables: dict[str, Iterator[tuple[object, ...]]] = {
        "runs VALUES (?, 'run', ?, ?, ?, 0)": (
            (place, day, f"{day}T23:00:00+00:00", f"{day}T23:05:00+00:00")
            for place, day in enumerate(sorted(set(dates)), start=1)
        ),
        "days VALUES (?, 'sections', 'published', NULL, 'openai')": ((day,) for day in sorted(set(dates))),
        "papers VALUES (?, 1, ?)": ((one, f"{one}: Reading Long Documents in Parts") for one in sorted(ids)),
        "listings VALUES (?, 'sections', ?, ?, 'printed', '')": (
            (dates[number], ids[number], number % A_DAY) for number in reversed(numbers)
        ),
        "summaries VALUES (?, 1, 'sections', 'hash', 'fake-1', ?)": ((one, summary) for one in sorted(ids)),
        "calls (run, request_hash, paper_id, layout, model, started_at, seconds, state, input, output, usd, settled) "
        "VALUES (1, ?, ?, 'sections', 'fake-1', ?, 2.0, 'answered', 2500, 400, 0.001, 1)": (
            (f"{number:064x}", ids[number], f"{dates[number]}T23:01:00+00:00") for number in numbers
        ),
    }
    with database:
        for table, values in tables.items():
            database.executemany(f"INSERT INTO {table}", values)
    database.close()


def _summary() -> str:
    """One as the ledger keeps it."""
    paper = Paper(0)
    said = paper.korean
    return Summary(
        paper_id=paper.id,
        layout="sections",
        sections=(Section(name="What's New", text=" ".join(said)),),
        claims=tuple(Claim(section="What's New", text=text, cites=(1,)) for text in said),
        cited=tuple(Cited(number=place, text=text) for place, text in enumerate(said, start=1)),
        model="fake-1",
        prompt=Prompt(name="sections", version="1", hash="hash"),
        usage=Usage(input=2500, output=400),
        attempts=1,
    ).model_dump_json()
