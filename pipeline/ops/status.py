"""The morning report: what the last nights came to, what is not printed and why, what it cost. For people and monitors.

Reads the ledger, and for machines the records of the last days; changes nothing.
"""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.archive import catalog
from pipeline.archive.index import Index, IndexedDay, PaperStatus
from pipeline.core.budget import dollars
from pipeline.core.models import Batch, Usage
from pipeline.core.text import printable
from pipeline.layouts import LAYOUTS
from pipeline.ledger import Cost, RunRow, month_of
from pipeline.ops import figures
from pipeline.sources import lists

# A nightly run that is later than this has failed to come, whatever the reason.
OVERDUE = dt.timedelta(hours=36)
_RUNS, _DAYS, _BACK = 5, 12, dt.timedelta(days=7)
# No setting looks back further: a day that has no list by then needs somebody to ask for it.
_GAPS = dt.timedelta(days=31)
# A day's state is the worst of its layouts.
_WORST_FIRST = ("failed", "stale", "partial", "published", "empty")


class Morning(NamedTuple):
    """The state of things at one moment.

    `without_list` has the days whose list was never read, each with the source that it is to come from.
    """

    now: dt.datetime
    last_success: dt.datetime | None
    runs: list[RunRow]
    days: list[IndexedDay]
    not_printed: list[PaperStatus]
    without_list: dict[dt.date, str]
    unaccounted: list[PaperStatus]
    open_batches: list[Batch]
    month: float
    costs: dict[str, list[Cost]]

    @property
    def overdue(self) -> bool:
        """Whether no night has succeeded for OVERDUE."""
        return self.last_success is None or self.now - self.last_success > OVERDUE


def look(index: Index, now: dt.datetime) -> Morning:
    """Return the state of things now."""
    ledger, since, month = index.ledger, now - _BACK, month_of(now)
    return Morning(
        now=now,
        last_success=ledger.last_success(),
        runs=ledger.runs(_RUNS),
        days=index.days(_DAYS),
        not_printed=index.not_printed(since.date()),
        without_list=_without_list(index, now),
        unaccounted=index.unaccounted(),
        open_batches=ledger.open_batches(),
        month=ledger.spent_since(month),
        costs={
            "day": ledger.costs("day", since),
            "model": ledger.costs("model", month),
            "paper": ledger.costs("paper", since)[:_RUNS],
        },
    )


def _without_list(index: Index, now: dt.datetime) -> dict[dt.date, str]:
    """Return the days without a list, each with its source: that of the newest day for one that never ran."""
    rows = index.days(_GAPS.days * len(LAYOUTS))
    known = {day.date: json.loads(day.evidence)["source"] for day in reversed(rows) if day.evidence}
    newest = next(reversed(known.values()), "")
    return {date: known.get(date, newest) for date in index.without_list((now - _GAPS).date())}


def states(days: list[IndexedDay]) -> dict[dt.date, str]:
    """Return the state of each day: the worst of its layouts."""
    worst: dict[dt.date, str] = {}
    for day in days:
        states = (day.state, worst.get(day.date, day.state))
        worst[day.date] = min(states, key=_WORST_FIRST.index)
    return worst


def as_json(morning: Morning, output: Path) -> str:
    """Return one object: what the text says, and `figures` of the last week's records in the output folder.

    Moments are in UTC, money in US dollars.
    """
    week = catalog.read_days(output, (morning.now - _BACK).date())
    facts: dict[str, Any] = {
        "last_success": morning.last_success,
        "overdue": morning.overdue,
        "runs": [run._asdict() | {"usage": run.usage.model_dump()} for run in morning.runs],
        "days": [{"date": date, "state": state} for date, state in states(morning.days).items()],
        "layouts": [day._asdict() | {"evidence": json.loads(day.evidence or "null")} for day in morning.days],
        "not_printed": [one._asdict() for one in morning.not_printed],
        "without_list": list(morning.without_list),
        "unaccounted": [one._asdict() for one in morning.unaccounted],
        "open_batches": [batch.id or batch.name for batch in morning.open_batches],
        "month_usd": morning.month,
        "costs": {
            name: [cost._asdict() | {"usage": cost.usage.model_dump()} for cost in costs]
            for name, costs in morning.costs.items()
        },
        "figures": figures.of_days(week)._asdict(),
    }
    return json.dumps(facts, ensure_ascii=False, indent=1, default=str)


def as_text(morning: Morning) -> str:
    """Return the summary, then the details."""
    return "\n".join((summary(morning), *map(printable, _details(morning))))


def summary(morning: Morning) -> str:
    """Return four lines: the last run, the last day's papers, the cost, and what somebody should look at."""
    cost = dollars(morning.runs[0].usd if morning.runs else 0)
    lines = (
        f"runs      {_last_run(morning)}",
        f"papers    {_last_day(morning)}",
        f"cost      {cost} the last run, ${morning.month:.2f} this month",
        f"attention {_attention(morning)}",
    )
    return "\n".join(map(printable, lines))


def _last_run(morning: Morning) -> str:
    if not morning.runs:
        return "none yet: `pipeline run` makes the first one"
    success = f"{morning.last_success:%Y-%m-%d %H:%M} UTC" if morning.last_success else "never"
    return f"last {_run(morning.runs[0])}; last success {success}"


def _last_day(morning: Morning) -> str:
    if not morning.days:
        return "no day yet"
    last = morning.days[0].date
    rows = [f"{day.layout} {_counts(day)}" for day in morning.days if day.date == last]
    return f"{last} {states(morning.days)[last]}: {'; '.join(rows)}"


def _attention(morning: Morning) -> str:
    since = (morning.now - _BACK).date()
    recent = {one.paper_id for one in morning.not_printed if one.date >= since}
    older = {one.paper_id for one in morning.not_printed if one.date < since} - recent
    unaccounted = {one.paper_id for one in morning.unaccounted}
    troubles = [
        f"no night has succeeded for {OVERDUE.total_seconds() / 3600:.0f} h" * morning.overdue,
        f"{len(unaccounted)} papers are unaccounted for" * bool(unaccounted),
        f"{len(recent)} papers of the last week are not printed" * bool(recent),
        f"{len(older)} older papers have failed" * bool(older),
        f"{len(morning.without_list)} days have no list" * bool(morning.without_list),
        f"{sum(run.in_doubt for run in morning.runs)} calls in doubt" * any(run.in_doubt for run in morning.runs),
        f"{len(morning.open_batches)} batches are open: `pipeline backfill --engine batch` takes them in"
        * bool(morning.open_batches),
    ]
    return "; ".join(trouble for trouble in troubles if trouble) or "nothing"


def _details(morning: Morning) -> Iterator[str]:
    yield from ("", "runs")
    yield from (f"  {_run(run)}, {run.calls} calls, {_tokens(run.usage)}, {dollars(run.usd)}" for run in morning.runs)
    yield from ("", "days")
    yield from (f"  {day.date} {day.layout:8} {day.state:9} {_counts(day)}" for day in morning.days)
    yield from ("", "cost")
    for name, costs in morning.costs.items():
        yield from (f"  {name} {c.of}: {c.calls} calls, {_tokens(c.usage)}, {dollars(c.usd)}" for c in costs)
    if morning.without_list:
        yield from ("", "without a list")
    for date, source in morning.without_list.items():
        yield f"  {date}: `pipeline {_listing(date, source, morning.now.date())}`"
    if morning.not_printed:
        yield from ("", "not printed")
    for one in morning.not_printed:
        yield f"  {one.date} {one.layout} {one.paper_id} {one.title}: {one.status or 'unaccounted'}: {one.reason}"


def _listing(date: dt.date, source: str, today: dt.date) -> str:
    """Return the arguments that list a day. A category's feed has the newest one only."""
    if not lists.is_final(source):
        return f"run --date {date}"
    of = f"--source {lists.key_of(source)}"
    return f"backfill {of} --from {date} --to {date}" if date < today else f"run {of} --date {date}"


def _run(run: RunRow) -> str:
    end = "killed, or still running" if run.exit_code is None else f"exit {run.exit_code}"
    took = f", {(run.ended_at - run.started_at).total_seconds():.0f} s" if run.ended_at else ""
    doubt = f", {run.in_doubt} calls in doubt" if run.in_doubt else ""
    return f"{run.started_at:%Y-%m-%d %H:%M} UTC {run.command}{f' of {run.day}' if run.day else ''}: {end}{took}{doubt}"


def _counts(day: IndexedDay) -> str:
    others = " + ".join(f"{number} {name}" for name, number in day.counts.items() if name != "listed")
    return f"{day.counts['listed']} listed = {others}"


def _tokens(usage: Usage) -> str:
    return f"{usage.input} tokens in ({usage.cached} cached), {usage.output} out"
