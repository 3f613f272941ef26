"""The account of a night, for people and for machines: listed = printed + duplicate + held back + failed, and why.

Says nothing about findings (`report`), and prints nothing: every function returns a string.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.archive.catalog import UnprintedPaper
from pipeline.archive.record import STATUSES
from pipeline.core.budget import Estimate, dollars
from pipeline.core.errors import PipelineError
from pipeline.core.models import Frozen, LayoutName
from pipeline.core.text import printable

# What the account of a layout says of its papers by their place.
_KNOWN = {"__all__": {"layout", "status"}}


class Account(Frozen):
    """The account of one layout's day, a withdrawn paper among those held back.

    `written` are the ids that this run printed; `printed` counts all of the list's.
    """

    date: str
    layout: LayoutName
    path: str
    state: str
    listed: int
    printed: int
    duplicate: int
    held_back: tuple[UnprintedPaper, ...]
    failed: tuple[UnprintedPaper, ...]
    written: tuple[str, ...]


class NightAccount(NamedTuple):
    """The account of a day in all its layouts.

    `warnings` are sentences for the maintainer, `stopped` is what ended the work early.
    """

    accounts: tuple[Account, ...]
    warnings: tuple[str, ...]
    stopped: PipelineError | None


def as_json(date: str, accounts: Sequence[Account], warnings: Sequence[str], stopped: str | None) -> str:
    """Return one object: date, layouts, warnings, and what ended the calls early (null if nothing did)."""
    layouts = [account.model_dump(exclude={"held_back": _KNOWN, "failed": _KNOWN}) for account in accounts]
    night = {"date": date, "layouts": layouts, "warnings": list(warnings), "stopped": stopped}
    return json.dumps(night, ensure_ascii=False, indent=1)


def as_text(accounts: Sequence[Account], warnings: Sequence[str]) -> str:
    """Return a table with a line for each layout, then each paper that is not printed, with its reason."""
    lines = [_row("layout", "listed", "=", STATUSES[0], *(f"+ {status}" for status in STATUSES[1:]), "new", "file")]
    for account in accounts:
        counts = (account.listed, "=", account.printed, account.duplicate, len(account.held_back), len(account.failed))
        unlisted = f" ({account.state})" if account.state in ("stale", "failed") else ""
        lines.append(_row(account.layout, *counts, len(account.written), account.path + unlisted))
    for account in accounts:
        lines += [_line(account, "held back", paper) for paper in account.held_back]
        lines += [_line(account, "failed", paper) for paper in account.failed]
    return "\n".join([*lines, *(f"warning: {printable(warning)}" for warning in warnings)])


class PlannedDigest(NamedTuple):
    """What a night would have to do for one digest."""

    path: str
    listed: int
    duplicate: int
    to_summarise: tuple[str, ...]


class NightEstimate(NamedTuple):
    """What a night would have to do, digest by digest, and its cost. `warnings` are sentences for the maintainer."""

    layouts: list[PlannedDigest]
    estimate: Estimate
    warnings: list[str]

    def as_json(self) -> str:
        """Return one object: layouts, estimate (tokens, US dollars; ranges as [low, high]), warnings."""
        layouts = [planned._asdict() for planned in self.layouts]
        night = self._asdict() | {"layouts": layouts, "estimate": self.estimate._asdict()}
        return json.dumps(night, ensure_ascii=False, indent=1)

    def as_text(self) -> str:
        """Return a line for each digest, then what the night would cost."""
        lines = [
            f"{page.path}: {page.listed} listed, {page.duplicate} printed on another day, "
            f"{len(page.to_summarise)} to summarise: {', '.join(page.to_summarise) or 'none'}"
            for page in self.layouts
        ]
        warnings = (f"warning: {warning}" for warning in self.warnings)
        return "\n".join(map(printable, [*lines, _cost(self.estimate), *warnings]))


class BackfillEstimate(NamedTuple):
    """What a backfill would have to do: days with something to do, their papers and summaries, cost and time.

    `arxiv_seconds` is what its requests to arXiv take at least; `call_seconds` what the calls take if they are as fast
    as before, None where that is not known. `unread` says of which days the list cannot be had, and why.
    """

    days: int
    papers: int
    summaries: int
    estimate: Estimate
    unread: tuple[str, ...]
    engine: str
    arxiv_seconds: float
    call_seconds: float | None

    def as_json(self) -> str:
        """Return one object; the estimate as in the plan of a night."""
        return json.dumps(self._asdict() | {"estimate": self.estimate._asdict()}, ensure_ascii=False, indent=1)

    def as_text(self) -> str:
        """Return one line, and one for each day whose list cannot be had."""
        what = f"missing: {self.papers:,} papers of {self.days:,} days, {self.summaries:,} summaries"
        time = [f"at least {_hours(self.arxiv_seconds)} at arXiv's pace"]
        if self.call_seconds is not None:
            time.append(f"{_hours(self.call_seconds)} for the calls, as long as they took before")
        if self.engine == "batch":
            time.append("up to 24 h for each round of batches")
        unread = (printable(f"not read: {day}") for day in self.unread)
        return "\n".join([f"{what}; {_cost(self.estimate)}; {', '.join(time)}", *unread])


class JudgingEstimate(NamedTuple):
    """What judging printed entries would have to do: `asked` of the entries are not answered and paid for yet."""

    entries: int
    asked: int
    estimate: Estimate

    def as_text(self) -> str:
        """Return one line."""
        answered = f"{self.entries - self.asked:,} of them answered before"
        return f"to read: {self.entries:,} entries, {answered}; {_cost(self.estimate)}"


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


def _line(account: Account, what: str, paper: UnprintedPaper) -> str:
    return printable(f"{what}: {paper.id} ({account.layout}) {paper.title}: {paper.reason}")
