"""The account of a night, for people and for machines: listed = printed + duplicate + held back + failed, and why.

Says nothing about findings (`report`), and prints nothing: every function returns a string.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.core.budget import Estimate, dollars
from pipeline.core.errors import PipelineError
from pipeline.core.models import Frozen, LayoutName
from pipeline.core.text import visible


class Named(Frozen):
    """A paper that is not printed, and why."""

    id: str
    title: str
    reason: str


class Account(Frozen):
    """One layout's day. `written` are the ids that this run printed, `printed` counts all of the list's."""

    date: str
    layout: LayoutName
    path: str
    state: str
    listed: int
    printed: int
    duplicate: int
    held_back: tuple[Named, ...]
    failed: tuple[Named, ...]
    written: tuple[str, ...]


class NightAccount(NamedTuple):
    """A day in all its layouts. `warnings` are sentences for the maintainer, `stopped` is what ended the work early."""

    accounts: tuple[Account, ...]
    warnings: tuple[str, ...]
    stopped: PipelineError | None


def as_json(date: str, accounts: Sequence[Account], warnings: Sequence[str], stopped: str | None) -> str:
    """One object: date, layouts, warnings, and what ended the calls early (null if nothing did)."""
    layouts = [account.model_dump() for account in accounts]
    night = {"date": date, "layouts": layouts, "warnings": list(warnings), "stopped": stopped}
    return json.dumps(night, ensure_ascii=False, indent=1)


def as_text(accounts: Sequence[Account], warnings: Sequence[str]) -> str:
    """A table with a line a layout, then each paper that is not printed, with its reason."""
    lines = [_row("layout", "listed", "=", "printed", "+ duplicate", "+ held back", "+ failed", "new", "file")]
    for account in accounts:
        counts = (account.listed, "=", account.printed, account.duplicate, len(account.held_back), len(account.failed))
        unlisted = f" ({account.state})" if account.state in ("stale", "failed") else ""
        lines.append(_row(account.layout, *counts, len(account.written), account.path + unlisted))
    for account in accounts:
        lines += [_line(account, "held back", paper) for paper in account.held_back]
        lines += [_line(account, "failed", paper) for paper in account.failed]
    return "\n".join([*lines, *(f"warning: {visible(warning)}" for warning in warnings)])


class Planned(Frozen):
    """What a night would have to do for one digest."""

    path: str
    listed: int
    duplicate: int
    to_summarise: tuple[str, ...]


def plan_as_json(pages: Sequence[Planned], cost: Estimate, warnings: Sequence[str]) -> str:
    """One object: layouts, estimate (tokens, US dollars; ranges as [low, high]), warnings."""
    plan = {"layouts": [page.model_dump() for page in pages], "estimate": cost._asdict(), "warnings": list(warnings)}
    return json.dumps(plan, ensure_ascii=False, indent=1)


def plan_as_text(pages: Sequence[Planned], cost: Estimate, warnings: Sequence[str]) -> str:
    """A line a digest, then what the night would come to."""
    lines = [
        f"{page.path}: {page.listed} listed, {page.duplicate} printed on another day, "
        f"{len(page.to_summarise)} to summarise: {', '.join(page.to_summarise) or 'none'}"
        for page in pages
    ]
    lines.append(_cost(cost))
    return "\n".join([*map(visible, lines), *(f"warning: {visible(warning)}" for warning in warnings)])


class Ahead(NamedTuple):
    """What a backfill has to do, and how long that takes: `arxiv_seconds` are those of its requests at arXiv's pace,
    `call_seconds` those of the model's calls as far as that is known. `unread` are days whose lists cannot be had.
    """

    days: int
    papers: int
    summaries: int
    estimate: Estimate
    unread: tuple[str, ...]
    engine: str
    arxiv_seconds: float
    call_seconds: float | None


def ahead_as_json(ahead: Ahead) -> str:
    """One object; the estimate as in the plan of a night."""
    return json.dumps(ahead._asdict() | {"estimate": ahead.estimate._asdict()}, ensure_ascii=False, indent=1)


def ahead_as_text(ahead: Ahead) -> str:
    """One line, and one for each day whose list cannot be had."""
    what = f"missing: {ahead.papers:,} papers of {ahead.days:,} days, {ahead.summaries:,} summaries"
    took = [f"at least {_hours(ahead.arxiv_seconds)} at arXiv's pace"]
    if ahead.call_seconds is not None:
        took.append(f"{_hours(ahead.call_seconds)} for the calls, as long as they took before")
    if ahead.engine == "batch":
        took.append("up to 24 h for each round of batches")
    unread = (visible(f"not read: {day}") for day in ahead.unread)
    return "\n".join([f"{what}; {_cost(ahead.estimate)}; {', '.join(took)}", *unread])


def reading_as_text(entries: int, asked: int, cost: Estimate) -> str:
    """What a reading of printed entries has to do, in one line."""
    return f"to read: {entries:,} entries, {entries - asked:,} of them answered before; {_cost(cost)}"


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h"


def _cost(cost: Estimate) -> str:
    usd = f"{dollars(cost.usd.low)} to {dollars(cost.usd.high)}" if cost.usd else "a price that is not known"
    out = f"{cost.output.low:,.0f} to {cost.output.high:,.0f}"
    return f"about {cost.calls:,} calls, {cost.input:,} tokens in, {out} out: {usd}"


def _row(layout: str, *cells: object) -> str:
    widths = (6, 1, 7, 11, 11, 8, 4)
    *counts, path = cells
    return "  ".join(
        [f"{layout:8}", *(f"{cell!s:>{width}}" for cell, width in zip(counts, widths, strict=True)), str(path)]
    )


def _line(account: Account, what: str, paper: Named) -> str:
    return visible(f"{what}: {paper.id} ({account.layout}) {paper.title}: {paper.reason}")
