"""Many days: those that the ledger misses, executed in windows of days whose papers are asked about together."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.archive import files
from pipeline.archive.index import FinishedDay
from pipeline.archive.record import record_path
from pipeline.core.errors import ModelUnavailable
from pipeline.core.models import LayoutName, Metadata
from pipeline.ops.account import NightAccount
from pipeline.sources import lists
from pipeline.workflows.context import PlanContext, RunContext, Sources
from pipeline.workflows.night import Order, Plan, execute_days, plan_day

# Papers and layouts that are asked about together, unless one day alone has more: enough to keep many calls under way
# while a day is being finished, few enough that memory stays flat over years, whether or not there is much to ask.
WINDOW = 200
# A source is given up after so many days in a row whose lists cannot be had.
_SILENT = 3


class BackfillOrder(NamedTuple):
    """What a backfill is asked for: the days from `first` to `last` in some layouts; `tonight` is the run's own day.

    `chosen` papers, by day, take the place of the days' lists. `window` is how many papers and layouts are asked about
    together. A list may grow for `lookback` days: one that was read before is read again.
    """

    first: dt.date
    last: dt.date
    layouts: tuple[LayoutName, ...]
    tonight: dt.date
    chosen: Mapping[dt.date, tuple[str, ...]] | None = None
    window: int = WINDOW
    lookback: int = 0


class _KnownMetadata:
    """Sources whose facts about the chosen papers are known already: arXiv is not asked for them once more."""

    def __init__(self, sources: Sources, metadata: Mapping[str, Metadata]) -> None:
        self.name, self.list_day, self.text = sources.name, sources.list_day, sources.text
        self._metadata = metadata

    def metadata(self, ids: Sequence[str]) -> Mapping[str, Metadata]:
        """Return the known facts by id."""
        return {paper_id: self._metadata[paper_id] for paper_id in ids if paper_id in self._metadata}


def choose(ids: Sequence[str], sources: Sources) -> tuple[dict[dt.date, tuple[str, ...]], Sources, list[str]]:
    """Return the papers by the day of their first submission (UTC), sources that know them, and the unknown ids.

    SourceError when arXiv cannot be asked.
    """
    known = dict(sources.metadata(ids))
    days: dict[dt.date, tuple[str, ...]] = {}
    for paper_id in ids:
        if paper_id in known:
            date = known[paper_id].published.date()
            days[date] = (*days.get(date, ()), paper_id)
    unknown = [paper_id for paper_id in ids if paper_id not in known]
    return dict(sorted(days.items())), _KnownMetadata(sources, known), unknown


def backfill(order: BackfillOrder, context: RunContext) -> Iterator[NightAccount]:
    """Execute the days that are missing, the oldest first.

    A model or a source out of reach ends it, and so does a spent budget; run again to go on.
    """
    files.remove_unfinished(context.output)
    context.output_index.refresh()
    for window in _windows(order, context):
        reports = execute_days(window, context)
        yield from reports
        if any(isinstance(report.stopped, ModelUnavailable) for report in reports):
            return
        if context.budget.is_spent:
            last = window[-1].date
            if last < max(order.chosen or (order.last,)):
                left = f"the budget is spent: the days after {last} are not begun; run again with more to go on."
                yield NightAccount((), (left,), None)
            return
        del window, reports  # before the next one is planned


def _windows(order: BackfillOrder, planning: PlanContext) -> Iterator[list[Plan]]:
    """Yield days to execute together. A window is executed before the next one is planned."""
    window: list[Plan] = []
    for day in plan_backfill(order, planning):
        if any(not set(day.ids).isdisjoint(other.ids) for other in window):
            yield window
            window = []
            day = plan_day(_night_order(order, day.date), planning)  # where its papers are printed is known now
        window.append(day)
        if sum(map(_weight, window)) >= order.window:
            yield window
            window = []
    if window:
        yield window


def _weight(day: Plan) -> float:
    """Return how much of a window a day fills: its questions or, for its size in memory, a quarter of its papers."""
    return max(1, len(day.jobs), sum(len(one.record.listed) for one in day.days) / 4)


def plan_backfill(order: BackfillOrder, planning: PlanContext) -> Iterator[Plan]:
    """Yield the days to look at, until the source is silent day after day."""
    silent = 0
    for date in _dates(order, planning):
        day = plan_day(_night_order(order, date), planning)
        yield day
        silent = silent + 1 if day.out_of_reach else 0
        if silent == _SILENT:
            return


def _dates(order: BackfillOrder, planning: PlanContext) -> Iterator[dt.date]:
    """Yield the days of chosen papers, or those of the range whose lists have to be read."""
    if order.chosen is not None:
        yield from order.chosen
        return
    finished = planning.output_index.finished(order.first, order.last)
    for number in range((order.last - order.first).days + 1):
        date = order.first + dt.timedelta(number)
        if not all(
            _is_complete(finished.get((date, layout)), layout, date, order, planning) for layout in order.layouts
        ):
            yield date


def _is_complete(
    day: FinishedDay | None, layout: LayoutName, date: dt.date, order: BackfillOrder, planning: PlanContext
) -> bool:
    """Return whether a day is done: this source's whole list was read once it was final, and its files are there."""
    if not day or not day.evidence or not lists.is_same(day.evidence.source, planning.sources.name):
        return False
    read, path = day.evidence, files.digest_path(planning.output, layout, date)
    is_whole = read.taken + read.passed_over == read.listed
    grows = 0 if lists.is_final(read.source) else max(order.lookback, 1)
    is_final = read.read_at.astimezone(dt.UTC).date() >= date + dt.timedelta(grows)
    is_there = record_path(path).exists() and (path.exists() or not day.printed)
    return is_whole and is_final and is_there


def _night_order(order: BackfillOrder, date: dt.date) -> Order:
    return Order(date, order.layouts, order.tonight, chosen=order.chosen[date] if order.chosen else ())
