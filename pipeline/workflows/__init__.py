"""What each command does, in order: `run_nights`, `backfill`, `regenerate`, `withdraw`, `rebuild`. Sequencing only.

A night: `night.plan_day` reads the day's list and decides what is to do; `night.execute_days` has `calls.summarise_all`
write the summaries, each call recorded in the ledger, and puts them into the digest, its record and the ledger.
Everything foreign is a parameter: sources, model, clock, folders. Nothing here prints or exits, and decisions are made
further down. `judging` has printed entries read and writes only the ledger; `deliver` needs an extra.
"""

from pipeline.workflows.backfill import WINDOW, BackfillOrder, ChosenPapers, KnownMetadata, backfill, choose
from pipeline.workflows.context import CostContext, PlanContext, RunContext, Sources, Writer
from pipeline.workflows.edit import Wanted, regenerate, withdraw
from pipeline.workflows.estimate import DryRun, dry_run, estimate_backfill
from pipeline.workflows.night import LATER_NIGHTS, Order, Plan, execute_day, plan_day, run_nights
from pipeline.workflows.rebuild import rebuild

__all__ = [
    "LATER_NIGHTS",
    "WINDOW",
    "BackfillOrder",
    "ChosenPapers",
    "CostContext",
    "DryRun",
    "KnownMetadata",
    "Order",
    "Plan",
    "PlanContext",
    "RunContext",
    "Sources",
    "Wanted",
    "Writer",
    "backfill",
    "choose",
    "dry_run",
    "estimate_backfill",
    "execute_day",
    "plan_day",
    "rebuild",
    "regenerate",
    "run_nights",
    "withdraw",
]
