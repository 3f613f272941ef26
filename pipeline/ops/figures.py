"""Figures from the records of days: why papers were held back, what verification found, what a paper cost.

Pure. How many papers each day printed is in the ledger, and not counted here.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pipeline.archive.catalog import Day
from pipeline.archive.record import EntryRecord, HeldBackRecord
from pipeline.core.rules import RULES


class RecordFigures(NamedTuple):
    """The figures of some days, an entry in each layout counted by itself.

    `held_back` counts causes: a family of rules, `budget`, `source`, `answer` or `withdrawn`. `findings` counts
    findings by rule, the warnings in printed entries too. The averages are over the papers that calls were made about,
    held back or not; None where there are none, or no price is known. Tokens are in and out.
    """

    held_back: Mapping[str, int]
    findings: Mapping[str, int]
    usd_per_paper: float | None
    tokens_per_paper: float | None


def of_days(days: Iterable[Day]) -> RecordFigures:
    """Return the figures of these days, the most frequent cause and rule first; imported days have none."""
    causes = Counter[str]()
    checked: list[tuple[dt.date, EntryRecord | HeldBackRecord]] = []
    for date, record in ((day.date, record) for day in days for record in day.records.values()):
        causes.update([*map(_cause, record.held_back), *["withdrawn"] * len(record.withdrawn)])
        checked += [(date, entry) for entry in record.entries]
        checked += [(date, held) for held in record.held_back]
    findings = Counter(found.rule for _, one in checked for found in one.findings)
    asked = [(date, one) for date, one in checked if one.attempts]
    papers = {(date, one.id) for date, one in asked}
    priced = {(date, one.id) for date, one in asked if one.usd is not None}
    usd = sum(one.usd for _, one in asked if one.usd is not None)
    tokens = sum(one.usage.input + one.usage.output for _, one in asked)
    return RecordFigures(
        dict(causes.most_common()),
        dict(findings.most_common()),
        usd / len(priced) if priced else None,
        tokens / len(papers) if papers else None,
    )


def _cause(held: HeldBackRecord) -> str:
    """Return the family of the first broken rule, or `budget`, `answer` or `source` by the reason."""
    rule = held.findings[0].rule if held.findings else held.reason.partition(":")[0]
    if rule in RULES:
        return rule.partition("/")[0]
    if rule == "budget":
        return rule
    return "answer" if held.attempts else "source"
