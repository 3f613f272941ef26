"""Many days: what the ledger misses of them, carried out in windows of days whose papers are asked about together."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline.errors import StaleList
from pipeline.models import LayoutName, Metadata, Request
from pipeline.money import BATCHED, Estimate, Prices, Range, estimate, largest
from pipeline.publish import files
from pipeline.run import places
from pipeline.run.calls import first_questions
from pipeline.run.desk import Basis, Desk, Sources
from pipeline.run.night import NightReport, Order, Plan, carry_out, find_papers, jobs_of, plan
from pipeline.sources.document import from_abstract
from pipeline.sources.papers import from_listing

# Papers and layouts that are asked about together, unless one day alone has more: enough to keep many calls under way
# while a day is being finished, few enough that memory stays flat over years.
WINDOW = 200


class Span(NamedTuple):
    """The days from `first` to `last`, and the layouts wanted of them; `tonight` is the run's own day.

    `chosen` papers, by day, take the place of the days' lists. `window` is how many papers and layouts are asked about
    together.
    """

    first: dt.date
    last: dt.date
    layouts: tuple[LayoutName, ...]
    tonight: dt.date
    chosen: Mapping[dt.date, tuple[str, ...]] | None = None
    window: int = WINDOW


class Missing(NamedTuple):
    """What a backfill would have to do: days with something to do, their papers and summaries, what the calls come to.

    `fetches` are the requests to arXiv at least, of which one may be made every few seconds. `least` is the most that
    the smallest of the calls can cost in US dollars, None where no price is known or nothing is missing.
    """

    days: int
    papers: int
    summaries: int
    fetches: int
    estimate: Estimate
    least: float | None

    def batched(self) -> "Missing":
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


def backfill(span: Span, desk: Desk) -> Iterator[NightReport]:
    """Carry out what is missing, the oldest day first. A model or a list out of reach ends it; run again to go on."""
    files.remove_unfinished(desk.output)
    places.refresh(desk.ledger, desk.output)
    for window in _windows(span, desk.basis):
        reports = carry_out(window, desk)
        yield from reports
        if any(report.stopped and not isinstance(report.stopped, StaleList) for report in reports):
            return


def survey(span: Span, basis: Basis, prices: Prices, writer: str, reader: str | None, text_budget: int) -> Missing:
    """What is missing, from the days' lists alone. Writes nothing, calls no model; SourceError for a missing list."""
    places.refresh(basis.ledger, basis.output)
    days = papers = summaries = 0
    least: Request | None = None

    def questions() -> Iterator[Request]:
        nonlocal days, papers, summaries, least
        for day in _plans(span, basis):
            if day.unlisted and not isinstance(day.unlisted, StaleList):
                raise day.unlisted
            days, papers, summaries = days + bool(day.ids), papers + len(day.ids), summaries + len(jobs_of(day))
            for question in _questions(day, basis):
                least = min(least or question, question, key=largest)
                yield question

    cost = estimate(questions(), prices, writer, reader, unread=text_budget)
    most = prices.most(least, writer) if least else None
    return Missing(days, papers, summaries, papers * (text_budget > 0) + days, cost, most)


def _windows(span: Span, basis: Basis) -> Iterator[list[Plan]]:
    """Days that are carried out together. A window is carried out before the next one is planned."""
    window: list[Plan] = []
    for day in _plans(span, basis):
        if any(not set(day.ids).isdisjoint(other.ids) for other in window):
            yield window
            window, day = [], plan(_order(span, day.date), basis)  # where its papers are printed is known now
        window.append(day)
        if sum(len(jobs_of(one)) for one in window) >= span.window:
            yield window
            window = []
    if window:
        yield window


def _plans(span: Span, basis: Basis) -> Iterator[Plan]:
    """The days of which something is missing. A day's list is read for it; of chosen papers there is none."""
    if span.chosen is not None:
        days = (plan(_order(span, date), basis) for date in span.chosen)
        yield from (day for day in days if day.ids)
        return
    complete = basis.ledger.complete(span.first, span.last)
    for number in range((span.last - span.first).days + 1):
        date = span.first + dt.timedelta(number)
        if any((date, layout) not in complete for layout in span.layouts):
            yield plan(_order(span, date), basis)


def _order(span: Span, date: dt.date) -> Order:
    return Order(date, span.layouts, span.tonight, chosen=span.chosen[date] if span.chosen else ())


def _questions(day: Plan, basis: Basis) -> Iterator[Request]:
    """The first questions with the abstracts alone: near enough for an estimate, and no text is fetched for them."""
    papers = {paper_id: from_listing(row, None, 0) for paper_id, row in day.listed.items()}
    if not day.listed:
        papers, _ = find_papers(day.ids, day.listed, basis.sources)
    return first_questions(jobs_of(day), papers, from_abstract, basis.ledger)
