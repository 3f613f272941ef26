"""Estimates: what a night or a backfill would have to do, and what that would cost. No model is called."""

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from pipeline.core.budget import BATCH_FACTOR, estimate, max_input_tokens, require_room
from pipeline.core.errors import SourceError
from pipeline.core.models import LayoutName, Request
from pipeline.fulltext.document import from_abstract
from pipeline.ops.account import BackfillEstimate, NightEstimate, PlannedDigest
from pipeline.sources.papers import from_listing
from pipeline.workflows.backfill import BackfillOrder, plan_backfill
from pipeline.workflows.calls import first_questions
from pipeline.workflows.context import CostContext, PlanContext
from pipeline.workflows.night import Order, Plan, find_papers, plan_days

# The papers of so many days are remembered, so as not to count one twice that is listed again soon.
_REMEMBERED = 7


def dry_run(order: Order, planning: PlanContext, costs: CostContext) -> NightEstimate:
    """Plan a night and fetch what its questions need. Writes nothing, calls no model.

    SourceError when the day's list cannot be had.
    """
    plans = list(plan_days(order, planning))
    if plans[0].unlisted:
        raise plans[0].unlisted
    digests, requests, warnings = list[PlannedDigest](), list[Request](), list[str]()
    for plan in plans:
        papers, found = find_papers(plan.ids, plan.listed, planning.sources)
        requests += first_questions(plan.jobs, papers, planning.sources.text, planning.ledger)
        warnings += found
        for day in plan.days:
            counts = len(day.record.listed), len(day.record.duplicates)
            digests.append(PlannedDigest(str(day.path), *counts, plan.todo[day.layout]))
    return NightEstimate(digests, estimate(requests, costs.prices, costs.writer, costs.judge), warnings)


def estimate_backfill(
    order: BackfillOrder,
    planning: PlanContext,
    costs: CostContext,
    engine: str,
    on_day: Callable[[dt.date], None] = lambda date: None,
) -> BackfillEstimate:
    """Estimate a backfill from the days' lists alone; `on_day` is called with each. Writes nothing, calls no model.

    SourceError where no list can be had at all; ConfigError for a budget that no call fits into.
    """
    planning.output_index.refresh()
    days = papers = summaries = 0
    least: Request | None = None
    unread: dict[dt.date, SourceError] = {}
    before: deque[set[tuple[LayoutName, str]]] = deque(maxlen=_REMEMBERED)

    def requests() -> Iterator[Request]:
        nonlocal days, papers, summaries, least
        for day in plan_backfill(order, planning):
            on_day(day.date)
            if day.out_of_reach:
                unread[day.date] = day.out_of_reach
            # A paper that an earlier day is to print will be a duplicate by then.
            jobs = [job for job in day.jobs if not any(job in planned for planned in before)]
            before.append(set(jobs))
            days, papers, summaries = days + bool(jobs), papers + len({id for _, id in jobs}), summaries + len(jobs)
            for request in _requests(day, jobs, planning):
                least = min(least or request, request, key=max_input_tokens)
                yield request

    cost = estimate(requests(), costs.prices, costs.writer, costs.judge, unread=costs.text_budget)
    most = costs.prices.max_cost(least, costs.writer) if least else None
    if unread and not papers:
        raise next(iter(unread.values()))
    if engine == "batch":
        cost, most = cost.batched(), most and most * BATCH_FACTOR
    require_room(costs.usd_per_run, most)
    seconds = planning.ledger.seconds_per_call(costs.writer) if engine == "local" else None
    return BackfillEstimate(
        days=days,
        papers=papers,
        summaries=summaries,
        estimate=cost,
        unread=tuple(f"{date} ({error})" for date, error in unread.items()),
        engine=engine,
        arxiv_seconds=(papers * (costs.text_budget > 0) + days) * costs.arxiv_interval,
        call_seconds=seconds and cost.calls * seconds / costs.concurrency,
    )


def _requests(day: Plan, jobs: Sequence[tuple[LayoutName, str]], planning: PlanContext) -> Iterator[Request]:
    """Return the first questions with the abstracts alone: near enough for an estimate, and no text is fetched."""
    papers = {paper_id: from_listing(row, None, 0) for paper_id, row in day.listed.items()}
    if not day.listed:
        papers, _ = find_papers(day.ids, day.listed, planning.sources)
    return first_questions(jobs, papers, from_abstract, planning.ledger)
