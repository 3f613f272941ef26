"""A night without a call: what it would have to do, and what that would come to."""

from typing import NamedTuple

from pipeline.core.budget import Estimate, Prices, estimate
from pipeline.core.models import Request
from pipeline.workflows.calls import first_questions
from pipeline.workflows.context import PlanContext
from pipeline.workflows.night import Order, Plan, find_papers, jobs_of, plan_days


class DryRun(NamedTuple):
    """The days of a night, and its cost. `warnings` are sentences for the maintainer."""

    days: tuple[Plan, ...]
    estimate: Estimate
    warnings: tuple[str, ...]


def dry_run(order: Order, planning: PlanContext, prices: Prices, writer: str, judge: str | None) -> DryRun:
    """Plan a night and fetch what its questions need; `writer` and `judge` are models. Writes nothing, calls nobody.

    SourceError when the day's list cannot be had.
    """
    days = tuple(plan_days(order, planning))
    if days[0].unlisted:
        raise days[0].unlisted
    questions, warnings = list[Request](), list[str]()
    for day in days:
        papers, said = find_papers(day.ids, day.listed, planning.sources)
        questions += first_questions(jobs_of(day), papers, planning.sources.text, planning.ledger)
        warnings += said
    return DryRun(days, estimate(questions, prices, writer, judge), tuple(warnings))
