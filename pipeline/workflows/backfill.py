"""Many days: what the ledger misses of them, carried out in windows of days whose papers are asked about together."""

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.archive import files
from pipeline.archive.record import is_category, list_of, record_path
from pipeline.core.budget import BATCHED, Estimate, Prices, Range, estimate, largest
from pipeline.core.errors import ModelUnavailable, SourceError
from pipeline.core.models import LayoutName, Metadata, Request
from pipeline.fulltext.document import from_abstract
from pipeline.ledger import Finished
from pipeline.sources.papers import from_listing
from pipeline.workflows import paper_index
from pipeline.workflows.calls import first_questions
from pipeline.workflows.context import PlanContext, RunContext, Sources
from pipeline.workflows.night import NightReport, Order, Plan, execute_days, find_papers, jobs_of, plan_day

# Papers and layouts that are asked about together, unless one day alone has more: enough to keep many calls under way
# while a day is being finished, few enough that memory stays flat over years, whether or not there is much to ask.
WINDOW = 200
# A plan remembers the papers of so many days, so as not to count one twice that is listed again soon.
_REMEMBERED = 7
# A source is given up after so many days in a row whose lists cannot be had.
_SILENT = 3


class Span(NamedTuple):
    """The days from `first` to `last`, and the layouts wanted of them; `tonight` is the run's own day.

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


class BackfillEstimate(NamedTuple):
    """What a backfill would have to do: days with something to do, their papers and summaries, what the calls come to.

    `fetches` are the requests to arXiv at least, of which one may be made every few seconds. `least` is the most that
    the smallest of the calls can cost in US dollars, None where no price is known or no call is needed. `unread` says
    of which days the list cannot be had.
    """

    days: int
    papers: int
    summaries: int
    fetches: int
    estimate: Estimate
    least: float | None
    unread: tuple[str, ...]

    def batched(self) -> "BackfillEstimate":
        """The same at the price of batches."""
        usd, least = self.estimate.usd, self.least
        half = usd and Range(usd.low * BATCHED, usd.high * BATCHED)
        return self._replace(estimate=self.estimate._replace(usd=half), least=least and least * BATCHED)


class Chosen(NamedTuple):
    """Papers of one's choice by the day of their first submission (UTC), and the ids that arXiv does not know."""

    days: dict[dt.date, tuple[str, ...]]
    metadata: dict[str, Metadata]
    unknown: tuple[str, ...]


class Known:
    """Sources of which the facts about some papers are known: arXiv is not asked for them once more."""

    def __init__(self, sources: Sources, metadata: Mapping[str, Metadata]) -> None:
        self.name, self.list_day, self.text = sources.name, sources.list_day, sources.text
        self._metadata = metadata

    def metadata(self, ids: Sequence[str]) -> Mapping[str, Metadata]:
        """The facts that are known, by id."""
        return {paper_id: self._metadata[paper_id] for paper_id in ids if paper_id in self._metadata}


def choose(ids: Sequence[str], sources: Sources) -> Chosen:
    """The papers of these ids by day; SourceError when arXiv cannot be asked."""
    known = dict(sources.metadata(ids))
    days: dict[dt.date, tuple[str, ...]] = {}
    for paper_id in ids:
        if paper_id in known:
            date = known[paper_id].published.date()
            days[date] = (*days.get(date, ()), paper_id)
    return Chosen(dict(sorted(days.items())), known, tuple(paper_id for paper_id in ids if paper_id not in known))


def backfill(span: Span, context: RunContext) -> Iterator[NightReport]:
    """Carry out what is missing, the oldest day first. A model or a source out of reach ends it, and so does a budget
    that is spent; run again to go on.
    """
    files.remove_unfinished(context.output)
    paper_index.refresh(context.ledger, context.output)
    for window in _windows(span, context.planning):
        reports = execute_days(window, context)
        yield from reports
        if any(isinstance(report.stopped, ModelUnavailable) for report in reports):
            return
        if context.budget.is_spent:
            yield NightReport(window[-1].date, (), _not_begun(span, window[-1].date))
            return
        del window, reports  # before the next one is planned


def estimate_backfill(
    span: Span,
    planning: PlanContext,
    prices: Prices,
    writer: str,
    judge: str | None,
    text_budget: int,
    looked_at: Callable[[dt.date], None] = lambda date: None,
) -> BackfillEstimate:
    """What is missing, from the days' lists alone. Writes nothing, calls no model; tells of each day that is looked at.

    SourceError where no list can be had at all.
    """
    paper_index.refresh(planning.ledger, planning.output)
    days = papers = summaries = 0
    least: Request | None = None
    unread: dict[dt.date, SourceError] = {}
    before: deque[set[tuple[LayoutName, str]]] = deque(maxlen=_REMEMBERED)

    def questions() -> Iterator[Request]:
        nonlocal days, papers, summaries, least
        for day in _plan_days(span, planning):
            looked_at(day.date)
            if day.out_of_reach:
                unread[day.date] = day.out_of_reach
            # What an earlier day is to print will be a duplicate by then.
            jobs = [job for job in jobs_of(day) if not any(job in planned for planned in before)]
            before.append(set(jobs))
            days, papers, summaries = days + bool(jobs), papers + len({id for _, id in jobs}), summaries + len(jobs)
            for question in _questions(day, jobs, planning):
                least = min(least or question, question, key=largest)
                yield question

    cost = estimate(questions(), prices, writer, judge, unread=text_budget)
    if unread and not papers:
        raise next(iter(unread.values()))
    most = prices.most(least, writer) if least else None
    said = tuple(f"{date} ({error})" for date, error in unread.items())
    return BackfillEstimate(days, papers, summaries, papers * (text_budget > 0) + days, cost, most, said)


def _windows(span: Span, planning: PlanContext) -> Iterator[list[Plan]]:
    """Days that are carried out together. A window is carried out before the next one is planned."""
    window: list[Plan] = []
    for day in _plan_days(span, planning):
        if any(not set(day.ids).isdisjoint(other.ids) for other in window):
            yield window
            window, day = [], plan_day(_order(span, day.date), planning)  # where its papers are printed is known now
        window.append(day)
        if sum(map(_weight, window)) >= span.window:
            yield window
            window = []
    if window:
        yield window


def _weight(day: Plan) -> float:
    """How much of a window a day fills: its questions, and for their size in memory a quarter of the papers that are
    only looked at again.
    """
    return max(1, len(jobs_of(day)), sum(len(page.new.listed) for page in day.pages) / 4)


def _not_begun(span: Span, last: dt.date) -> tuple[str, ...]:
    if last >= max(span.chosen or (span.last,)):
        return ()
    return (f"the budget is spent: the days after {last} are not begun; run again with more to go on.",)


def _plan_days(span: Span, planning: PlanContext) -> Iterator[Plan]:
    """The days to look at, until the source is silent day after day."""
    silent = 0
    for date in _dates(span, planning):
        day = plan_day(_order(span, date), planning)
        yield day
        silent = silent + 1 if day.out_of_reach else 0
        if silent == _SILENT:
            return


def _dates(span: Span, planning: PlanContext) -> Iterator[dt.date]:
    """The days of chosen papers, or those of the range whose lists have to be read."""
    if span.chosen is not None:
        yield from span.chosen
        return
    finished = planning.ledger.finished(span.first, span.last)
    for number in range((span.last - span.first).days + 1):
        date = span.first + dt.timedelta(number)
        if not all(_is_complete(finished.get((date, layout)), layout, date, span, planning) for layout in span.layouts):
            yield date


def _is_complete(day: Finished | None, layout: LayoutName, date: dt.date, span: Span, planning: PlanContext) -> bool:
    """Whether a day is not to be looked at: the whole of this source's list was read when it grew no more, and what
    came of it is still there.
    """
    if not day or not day.evidence or list_of(day.evidence.source) != list_of(planning.sources.name):
        return False
    read, path = day.evidence, files.digest_path(planning.output, layout, date)
    is_whole = read.taken + read.passed_over == read.listed
    grows = 0 if is_category(read.source) else max(span.lookback, 1)
    is_final = read.read_at.astimezone(dt.UTC).date() >= date + dt.timedelta(grows)
    is_there = record_path(path).exists() and (path.exists() or not day.printed)
    return is_whole and is_final and is_there


def _order(span: Span, date: dt.date) -> Order:
    return Order(date, span.layouts, span.tonight, chosen=span.chosen[date] if span.chosen else ())


def _questions(day: Plan, jobs: Sequence[tuple[LayoutName, str]], planning: PlanContext) -> Iterator[Request]:
    """The first questions with the abstracts alone: near enough for an estimate, and no text is fetched for them."""
    papers = {paper_id: from_listing(row, None, 0) for paper_id, row in day.listed.items()}
    if not day.listed:
        papers, _ = find_papers(day.ids, day.listed, planning.sources)
    return first_questions(jobs, papers, from_abstract, planning.ledger)
