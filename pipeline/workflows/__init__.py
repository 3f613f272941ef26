"""The plan of each command that writes: `nights`, `backfill`, `regenerate`, `withdraw`, `rebuild`. Sequencing only.
`reading` has printed entries read and writes nothing but the ledger.

A night: `night.plan` reads the day's list and says what is to do; `night.carry_out` has `calls.summarise_all` write the
summaries, each call booked in the ledger, and puts them into the digest, its record and the ledger. Everything foreign
is a parameter: sources, model, clock, folders. Nothing here prints or exits; what is decided is decided further down.
`messages` is apart: it needs an extra.
"""

from pipeline.workflows.backfill import WINDOW, BackfillEstimate, Chosen, Known, Span, backfill, choose, survey
from pipeline.workflows.context import PlanContext, RunContext, Sources, Writer
from pipeline.workflows.dry_run import DryRun, rehearse
from pipeline.workflows.edit import Change, Wanted, apply, regenerate, withdraw
from pipeline.workflows.night import LATER_NIGHTS, NightReport, Order, Plan, nightly, nights, plan
from pipeline.workflows.rebuild import rebuild

__all__ = [
    "LATER_NIGHTS",
    "WINDOW",
    "BackfillEstimate",
    "Change",
    "Chosen",
    "DryRun",
    "Known",
    "NightReport",
    "Order",
    "Plan",
    "PlanContext",
    "RunContext",
    "Sources",
    "Span",
    "Wanted",
    "Writer",
    "apply",
    "backfill",
    "choose",
    "nightly",
    "nights",
    "plan",
    "rebuild",
    "regenerate",
    "rehearse",
    "survey",
    "withdraw",
]
