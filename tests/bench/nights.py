"""A night against the best that its calls allow, and what the program itself takes for a paper.

The ideal is the schedule of the calls alone: each of the latencies that were served, in that order, goes to the first
of so many workers that is free. Wall time is that of the whole process, its start included; what a night without
papers takes is shown beside it. Nights that mostly wait run side by side, each begun when the one before has started.
"""

import datetime as dt
import heapq
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.bench.endpoints import Served, Setting, World, served, top_rate, world
from tests.bench.measure import RUNS, Figure, Ran, ran
from tests.bench.papers import day_of

DAY = dt.date(2024, 8, 22)
PAPERS = 50
LATENCY = 2.0  # seconds, the median
PACE = 3.0  # seconds between two requests, as arXiv's terms of use have it
PAGES = 60
_SAMPLE = 200  # papers by which the program's own time is measured, with the abstract
_APART = 3.0  # seconds between the starts of nights that run side by side: by then one has started


class Night(NamedTuple):
    """The input of a night. `pages`: its papers have texts; `pace`: seconds between requests to arXiv."""

    papers: int = PAPERS
    concurrency: int = 16
    latency: float = 0.0
    pages: int = 0
    pace: float = 0.0
    errors: float = 0.0


class Measured(NamedTuple):
    """The time that a night took, and what was served to it."""

    ran: Ran
    calls: list[Served]
    requests: int


def spend(night: Night, seed: int = 0) -> Measured:
    """One night in a folder of its own, by the real command line."""
    papers = Setting(papers=night.papers, pages=night.pages)
    answers = Setting(latency=night.latency, errors=night.errors, seed=seed)
    with tempfile.TemporaryDirectory() as folder, world(papers, answers) as of:
        done = ran(
            ["run", "--date", str(DAY)], settings(night, of, Path(folder)), codes=(0, 3) if night.errors else (0,)
        )
        return Measured(done, served(of.model), len(served(of.arxiv)))


def settings(night: Night, of: World, folder: Path) -> dict[str, str]:
    """The environment of a night."""
    return of.environment(
        folder,
        LLM__CONCURRENCY=night.concurrency,
        SOURCES__TEXT_BUDGET=6000 if night.pages else 0,
        SOURCES__ARXIV_INTERVAL=night.pace,
    )


def ideal(delays: Iterable[float], workers: int) -> float:
    """When the last of these calls ends, each begun in its turn by the first worker that is free; seconds."""
    free = [0.0] * workers
    for delay in delays:
        heapq.heappush(free, heapq.heappop(free) + delay)
    return max(free)


def alone(night: Night) -> list[Measured]:
    """The nights one after another, after one that is not counted."""
    return [spend(night, seed) for seed in range(RUNS + 1)][1:]


def side_by_side(night: Night) -> list[Measured]:
    """The nights at once, for those that leave the machine idle: each has endpoints, folders and a pace of its own.

    One of a single paper, which is not counted, goes before them.
    """
    spend(night._replace(papers=1))

    def begun(number: int) -> Measured:
        time.sleep(number * _APART)
        return spend(night, number)

    with ThreadPoolExecutor(RUNS) as pool:
        return list(pool.map(begun, range(RUNS)))


def waiting() -> Iterator[Figure]:
    """Measures 1 and 1b."""
    empty = [one.ran.seconds for one in alone(Night(papers=0))]
    start = statistics.median(empty)
    yield Figure("a night without papers: start-up", "s", tuple(empty))
    ways: dict[int, Callable[[Night], list[Measured]]] = {1: side_by_side, 4: side_by_side, 16: alone, 64: alone}
    for workers, way in ways.items():
        night = Night(latency=LATENCY, concurrency=workers)
        yield from _over_ideal(f"night, {PAPERS} abstracts, {workers} at once", way(night), workers, start)
    night = Night(latency=LATENCY, pages=PAGES, pace=PACE)
    yield from _over_ideal(
        f"night, {PAPERS} full texts, real pace", side_by_side(night), night.concurrency, start, PACE
    )
    night = Night(latency=LATENCY, errors=0.05)
    name = "night, 5 % of the calls fail, tried again"
    yield from _over_ideal(name, side_by_side(night), night.concurrency, start, limit=None)


def _over_ideal(
    name: str, nights: list[Measured], workers: int, start: float, pace: float = 0.0, limit: float | None = 1.10
) -> Iterator[Figure]:
    ideals = [max(ideal((call.delay for call in one.calls), workers), pace * one.requests) for one in nights]
    pairs = list(zip((one.ran.seconds for one in nights), ideals, strict=True))
    note = f"{statistics.median(one.ran.seconds for one in nights):.1f} s over {statistics.median(ideals):.1f} s"
    yield Figure(name, "", tuple(wall / best for wall, best in pairs), limit, note=note)
    yield Figure(f"{name}, less start-up", "", tuple((wall - start) / best for wall, best in pairs))


def working() -> Iterator[Figure]:
    """Measure 2: processor time of the process, less that of a night without papers, for each paper."""
    yield from rates()
    start = statistics.median(one.ran.processor for one in alone(Night(papers=0)))
    yield Figure("a night without papers: processor", "s", (start,))
    for name, night, limit in (
        ("own processor time a paper, abstract", Night(papers=_SAMPLE), 10.0),
        (f"own processor time a paper, {PAGES} pages", Night(pages=PAGES), 75.0),
    ):
        each = (1000 * (one.ran.processor - start) / night.papers for one in alone(night))
        yield Figure(name, "ms", tuple(each), limit)


def rates() -> Iterator[Figure]:
    """Measure the endpoints alone, to show that they are not what is measured."""
    title = day_of(DAY, 1)[0].title
    content = f"<title>{title}</title>{'x' * 9_000} Your task\\n- `whats_new`:"
    body = f'{{"messages": [{{}}, {{"content": "{content}"}}]}}'.encode()
    call = b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    page = f"GET /html/{day_of(DAY, 1)[0].id} HTTP/1.1\r\n\r\n".encode()
    with world(Setting(pages=PAGES)) as of:
        for name, url, request in (("model", of.model, call), ("arXiv, 60 pages", of.arxiv, page)):
            samples = tuple(top_rate(url, request, 0.5) for _ in range(RUNS + 1))[1:]
            yield Figure(f"the endpoint itself: {name}", "answers/s", samples, more_is_better=True)
