"""Who hears of papers, outcomes and batches: a bar on a terminal, plain lines elsewhere, nobody where it is quiet."""

import contextlib
import datetime as dt
import logging
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import click

from pipeline.core.budget import dollars
from pipeline.core.models import Outcome, Summary
from pipeline.core.text import visible
from pipeline.engines import batch

# On a plain stream, so many outcomes, or days, from one sum to the next.
_EVERY = 100


def said(outcome: Outcome) -> str:
    """An outcome in one line."""
    what = "summarised" if isinstance(outcome, Summary) else f"not printed, {outcome.reason}"
    return visible(f"{outcome.paper_id} ({outcome.layout}): {what}")


def read(outcome: Outcome) -> str:
    """An entry that was to be read, in one line."""
    what = f"read, {len(outcome.findings)} findings" if isinstance(outcome, Summary) else f"not read, {outcome.reason}"
    return visible(f"{outcome.paper_id} ({outcome.layout}): {what}")


class Told(NamedTuple):
    """`expecting` hears of so many papers more to come, unless their number is known already; `heard` of outcomes.

    `said` puts an outcome into one line.
    """

    expecting: Callable[[int], None]
    heard: Callable[[Outcome], None]
    said: Callable[[Outcome], str] = said


@contextlib.contextmanager
def progress(
    quiet: bool, spent: Callable[[], float], total: int | None = None, said: Callable[[Outcome], str] = said
) -> Iterator[Told]:
    """Tell of a command's papers: of how many they are `total`, if that is known, and what was `spent` in dollars."""
    if quiet:
        yield Told(lambda papers: None, lambda outcome: None, said)
    elif sys.stderr.isatty():
        with _bar(spent, total) as told:
            yield told._replace(said=said)
    else:
        yield Told(lambda papers: None, _lines(spent, total, said), said)


@contextlib.contextmanager
def lists_read(quiet: bool, first: dt.date, last: dt.date) -> Iterator[Callable[[dt.date], None]]:
    """Tell how far a plan is that reads the lists from the first day to the last: years of them take hours."""
    total, seen = (last - first).days + 1, 0

    def line(date: dt.date) -> None:
        nonlocal seen
        seen += 1
        if seen % _EVERY == 0:
            click.echo(f"reading the lists: {date}, {(date - first).days + 1:,} of {total:,} days", err=True)

    if quiet:
        yield lambda date: None
    elif sys.stderr.isatty():
        with click.progressbar(length=total, label="reading the lists", file=sys.stderr) as bar:
            yield lambda date: bar.update((date - first).days + 1 - bar.pos)
    else:
        yield line


@contextlib.contextmanager
def _bar(spent: Callable[[], float], total: int | None) -> Iterator[Told]:
    from rich import progress as rich  # nobody else needs to wait for it
    from rich.console import Console

    columns = (
        *(rich.TextColumn("{task.description}"), rich.BarColumn(), rich.MofNCompleteColumn()),
        *(rich.TimeElapsedColumn(), rich.TimeRemainingColumn(), rich.TextColumn("{task.fields[so_far]}")),
    )
    with rich.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("papers", total=total or 0, so_far="")

        def expecting(papers: int) -> None:
            if total is None:
                bar.update(task, total=(bar.tasks[0].total or 0) + papers)

        def heard(outcome: Outcome) -> None:
            so_far = f"{bar.tasks[0].speed or 0:.1f}/s {dollars(spent())}"
            bar.update(task, advance=1, description=outcome.paper_id, so_far=so_far)

        yield Told(expecting, heard)


def _lines(spent: Callable[[], float], total: int | None, said: Callable[[Outcome], str]) -> Callable[[Outcome], None]:
    began, done = time.monotonic(), 0

    def heard(outcome: Outcome) -> None:
        nonlocal done
        done += 1
        click.echo(said(outcome), err=True)
        if total and done % _EVERY == 0:
            click.echo(_sum(done, total, time.monotonic() - began, spent()), err=True)

    return heard


def _sum(done: int, total: int, seconds: float, usd: float) -> str:
    rate = done / max(seconds, 0.001)
    left = max(total - done, 0) / rate / 60
    return f"progress: {done:,} of {total:,}, {rate:.2f} a second, about {left:.0f} min left, {dollars(usd)} spent"


@contextlib.contextmanager
def batches_told(quiet: bool) -> Iterator[None]:
    """How batches stand, on the terminal as well as in the log: for hours there is nothing else to tell."""
    told, log = logging.StreamHandler(), logging.getLogger(batch.__name__)
    told.addFilter(lambda record: record.levelno == logging.INFO)  # warnings are told anyway
    if not quiet:
        log.addHandler(told)
    try:
        yield
    finally:
        log.removeHandler(told)
