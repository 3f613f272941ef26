"""Report progress: a bar on a terminal, plain lines elsewhere, nothing where it is to be quiet."""

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
from pipeline.core.text import printable
from pipeline.engines import batch as batch_engine

# On a plain stream, so many outcomes, or days, from one sum to the next.
_EVERY = 100


def outcome_line(outcome: Outcome) -> str:
    """Return an outcome in one line."""
    what = "summarised" if isinstance(outcome, Summary) else f"not printed, {outcome.reason}"
    return printable(f"{outcome.paper_id} ({outcome.layout}): {what}")


def judged_line(outcome: Outcome) -> str:
    """Return what came of judging an entry, in one line."""
    what = f"read, {len(outcome.findings)} findings" if isinstance(outcome, Summary) else f"not read, {outcome.reason}"
    return printable(f"{outcome.paper_id} ({outcome.layout}): {what}")


class Progress(NamedTuple):
    """Callbacks for how many more jobs are to come and for each outcome, and how an outcome is put into one line."""

    on_jobs: Callable[[int], None]
    on_outcome: Callable[[Outcome], None]
    line: Callable[[Outcome], str]


@contextlib.contextmanager
def outcomes(
    quiet: bool, spent: Callable[[], float], total: int | None, line: Callable[[Outcome], str]
) -> Iterator[Progress]:
    """Show a command's outcomes: of how many they are `total`, if that is known, and what was `spent` in dollars."""
    if quiet:
        yield Progress(lambda jobs: None, lambda outcome: None, line)
    elif sys.stderr.isatty():
        with _bar(spent, total) as (on_jobs, on_outcome):
            yield Progress(on_jobs, on_outcome, line)
    else:
        yield Progress(lambda jobs: None, _lines(spent, total, line), line)


@contextlib.contextmanager
def lists(quiet: bool, first: dt.date, last: dt.date) -> Iterator[Callable[[dt.date], None]]:
    """Show which day's list is being read, from the first to the last: years of them take hours."""
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
def _bar(
    spent: Callable[[], float], total: int | None
) -> Iterator[tuple[Callable[[int], None], Callable[[Outcome], None]]]:
    from rich import progress as rich  # nobody else needs to wait for it
    from rich.console import Console

    columns = (
        *(rich.TextColumn("{task.description}"), rich.BarColumn(), rich.MofNCompleteColumn()),
        *(rich.TimeElapsedColumn(), rich.TimeRemainingColumn(), rich.TextColumn("{task.fields[so_far]}")),
    )
    with rich.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("papers", total=total or 0, so_far="")

        def on_jobs(jobs: int) -> None:
            if total is None:
                bar.update(task, total=(bar.tasks[0].total or 0) + jobs)

        def on_outcome(outcome: Outcome) -> None:
            so_far = f"{bar.tasks[0].speed or 0:.1f}/s {dollars(spent())}"
            bar.update(task, advance=1, description=outcome.paper_id, so_far=so_far)

        yield on_jobs, on_outcome


def _lines(spent: Callable[[], float], total: int | None, line: Callable[[Outcome], str]) -> Callable[[Outcome], None]:
    began, done = time.monotonic(), 0

    def on_outcome(outcome: Outcome) -> None:
        nonlocal done
        done += 1
        click.echo(line(outcome), err=True)
        if total and done % _EVERY == 0:
            rate = done / max(time.monotonic() - began, 0.001)
            left = f"about {max(total - done, 0) / rate / 60:.0f} min left"
            click.echo(
                f"progress: {done:,} of {total:,}, {rate:.2f} a second, {left}, {dollars(spent())} spent", err=True
            )

    return on_outcome


@contextlib.contextmanager
def batches(quiet: bool) -> Iterator[None]:
    """Show how batches stand on the terminal as well as in the log: for hours there is nothing else to report."""
    terminal, log = logging.StreamHandler(), logging.getLogger(batch_engine.__name__)
    terminal.addFilter(lambda record: record.levelno == logging.INFO)  # warnings are shown anyway
    if not quiet:
        log.addHandler(terminal)
    try:
        yield
    finally:
        log.removeHandler(terminal)
