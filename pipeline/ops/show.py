"""What happened to one paper: each of its entries with the trace of every sentence, or why it is not printed.

Reads the records, and is given the ledger's calls; changes nothing.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.archive import files, record
from pipeline.archive.record import DayRecord, EntryRecord
from pipeline.core.budget import dollars
from pipeline.core.errors import ConfigError
from pipeline.core.models import HEADLINE, Claim
from pipeline.core.text import printable
from pipeline.ledger import CallRow

_LISTS = ("entries", "held_back", "failed", "withdrawn")


class Shown(NamedTuple):
    """A paper in one day's record of one layout; `day` has nothing of other papers in those lists."""

    path: Path
    day: DayRecord
    paper_id: str


def trace(digests: Sequence[Path], output: Path, paper_id: str) -> list[Shown]:
    """Return each record of these digests that knows the paper; ConfigError where none under the output does."""
    found = []
    for path in map(record.record_path, digests):
        if day := record.load(path):
            kept = {name: tuple(one for one in getattr(day, name) if one.id == paper_id) for name in _LISTS}
            if any(kept.values()):
                found.append(Shown(path, day.model_copy(update=kept), paper_id))
    if not found:
        printed = [path for path in digests if path.exists() and paper_id in files.ids_of(files.read_text(path))]
        where = f"printed in {printed[0]} without a record" if printed else f"nowhere under {output}"
        raise ConfigError(f"{paper_id} is {where}; there is no trace to show.")
    return found


def as_json(shown: list[Shown], calls: list[CallRow]) -> str:
    """Return the records of the paper, one object for each day and layout, and the calls about it."""
    rows = [
        {"path": str(one.path), "layout": one.day.layout, "date": str(one.day.date)}
        | {name: [kept.model_dump(mode="json") for kept in getattr(one.day, name)] for name in _LISTS}
        for one in shown
    ]
    made = [call._asdict() | {"usage": call.usage.model_dump()} for call in calls]
    return json.dumps({"records": rows, "calls": made}, ensure_ascii=False, indent=1, default=str)


def as_text(shown: list[Shown], calls: list[CallRow]) -> str:
    """Return each Korean sentence with what it rests on below it; then what was paid for it."""
    parts = [_lines(one) for one in shown] + [_paid(calls)] * bool(calls)
    return "\n\n".join("\n".join(printable(line) for line in lines) for lines in parts)


def _paid(calls: list[CallRow]) -> Iterator[str]:
    yield "calls"
    for call in calls:
        took = f", {call.seconds:.1f} s" if call.seconds is not None else ""
        said = f": {call.error}" if call.error else ""
        made = f"{call.started_at:%Y-%m-%d %H:%M} UTC {call.layout} {call.model}"
        yield f"  {made}: {call.state}{said}{took}, {_cost(call)}"


def _cost(paid: CallRow | EntryRecord) -> str:
    usage = paid.usage
    return f"tokens: {usage.input} in ({usage.cached} of them cached), {usage.output} out, {dollars(paid.usd)}"


def _lines(one: Shown) -> Iterator[str]:
    yield f"{one.paper_id}, {one.day.layout}, {one.day.date} ({one.path})"
    for entry in one.day.entries:
        yield from _entry(entry)
    for held in one.day.held_back:
        yield f"  held back after {held.attempts} answers on {', '.join(map(str, held.nights))}: {held.reason}"
        yield from (f"    {found.rule}: {found.message}" for found in held.findings)
    for failed in one.day.failed:
        yield f"  failed: {failed.reason}"
    for gone in one.day.withdrawn:
        yield f"  withdrawn on {gone.at:%Y-%m-%d}: {gone.reason}"


def _entry(entry: EntryRecord) -> Iterator[str]:
    version = f"v{entry.version}" if entry.version else "version unknown"
    yield f"  {entry.title} ({version}, facts of {entry.metadata}, text of {entry.origin})"
    yield f"  written by {entry.model} ({entry.provider}), prompt {entry.prompt.name} {entry.prompt.version}"
    if entry.match:
        yield f"  taken for {', '.join(entry.match.words)} (score {entry.match.score:.2f})"
    yield f"  answers: {entry.attempts}, {_cost(entry)}"
    for claim in (*filter(None, [entry.headline]), *entry.claims):
        yield from _claim(entry, claim)
    yield from (f"  not read: {what}" for what in entry.cut)
    yield from (f"  {found.rule}: {found.message}" for found in entry.findings)


def _claim(entry: EntryRecord, claim: Claim) -> Iterator[str]:
    yield f"  {'headline:' if claim.section == HEADLINE else '-'} {claim.text}"
    kept = {cited.number: cited for cited in entry.cited}
    for number in claim.cites:
        cited = kept.get(number)
        place = f" {cited.section}" if cited and cited.section else ""
        yield f"      [{number}]{place} {cited.text if cited and cited.text else '(text not kept)'}"
