"""Many days: what the ledger misses of them, carried out in windows of days whose papers are asked about together."""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.errors import StaleList
from pipeline.models import LayoutName, Paper, Request
from pipeline.money import Estimate, Prices, estimate
from pipeline.publish import files
from pipeline.run import places
from pipeline.run.calls import first_questions
from pipeline.run.desk import Basis, Desk
from pipeline.run.night import NightReport, Order, Plan, carry_out, jobs_of, plan
from pipeline.sources.document import from_abstract
from pipeline.sources.papers import from_listing

# Papers and layouts that are asked about together, unless one day alone has more: enough to keep many calls under way
# while a day is being finished, few enough that memory stays flat over years.
_WINDOW = 200


class Span(NamedTuple):
    """The days from `first` to `last`, and the layouts wanted of them; `tonight` is the run's own day."""

    first: dt.date
    last: dt.date
    layouts: tuple[LayoutName, ...]
    tonight: dt.date


class Missing(NamedTuple):
    """What a backfill would have to do: days with something to do, their papers, and what the calls would come to.

    `fetches` are the requests to arXiv at least, of which one may be made every few seconds.
    """

    days: int
    papers: int
    fetches: int
    estimate: Estimate


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
    days = papers = 0

    def questions() -> Iterator[Request]:
        nonlocal days, papers
        for date in _missing(span, basis):
            day = plan(_order(span, date), basis)
            if day.unlisted and not isinstance(day.unlisted, StaleList):
                raise day.unlisted
            days, papers = days + bool(day.ids), papers + len(day.ids)
            yield from _questions(day, basis)

    cost = estimate(questions(), prices, writer, reader, unread=text_budget)
    return Missing(days, papers, papers * (text_budget > 0) + days, cost)


def _windows(span: Span, basis: Basis) -> Iterator[list[Plan]]:
    """Days that are carried out together. A window is carried out before the next one is planned."""
    window: list[Plan] = []
    for date in _missing(span, basis):
        day = plan(_order(span, date), basis)
        if any(not set(day.ids).isdisjoint(other.ids) for other in window):
            yield window
            window, day = [], plan(_order(span, date), basis)  # where its papers are printed is known now
        window.append(day)
        if sum(len(jobs_of(one)) for one in window) >= _WINDOW:
            yield window
            window = []
    if window:
        yield window


def _missing(span: Span, basis: Basis) -> Iterator[dt.date]:
    complete = basis.ledger.complete(span.first, span.last)
    for number in range((span.last - span.first).days + 1):
        date = span.first + dt.timedelta(number)
        if any((date, layout) not in complete for layout in span.layouts):
            yield date


def _order(span: Span, date: dt.date) -> Order:
    return Order(date, span.layouts, span.tonight)


def _questions(day: Plan, basis: Basis) -> Iterator[Request]:
    """The first questions with the list's abstracts: near enough for an estimate, and nothing is fetched for them."""
    papers: dict[str, Paper] = {
        paper_id: from_listing(day.listed[paper_id], None, rank) for rank, paper_id in enumerate(day.ids)
    }
    return first_questions(jobs_of(day), papers, from_abstract, basis.ledger)
