"""Changes to what is printed: `regenerate` and `withdraw` say what would become of each file, `apply` writes it."""

import datetime as dt
import difflib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pipeline.archive import files, record
from pipeline.archive.compose import compose, plain
from pipeline.archive.record import DayRecord
from pipeline.core.errors import ConfigError, LayoutError
from pipeline.core.models import Entry, LayoutName, Listed, Outcome, Paper, Summary
from pipeline.ledger import Ledger
from pipeline.workflows import paper_index
from pipeline.workflows.calls import summarise_all
from pipeline.workflows.context import RunContext
from pipeline.workflows.night import check_output, find_papers


class Place(NamedTuple):
    """A digest file that prints a paper, or whose record holds it back."""

    path: Path
    layout: LayoutName
    date: dt.date


class Change(NamedTuple):
    """What a command makes of one digest file: its text before and after (None: no such file), and its record.

    `note` is a sentence about what could not be had, "" for none.
    """

    path: Path
    before: str | None
    after: str | None
    record: DayRecord
    note: str = ""


class Wanted(NamedTuple):
    """Which paper to regenerate, and where: everywhere, unless a layout or a date is given. `refresh`: facts anew."""

    paper_id: str
    layout: LayoutName | None = None
    date: dt.date | None = None
    refresh: bool = False


def regenerate(wanted: Wanted, context: RunContext) -> tuple[list[Change], list[Outcome]]:
    """Summarise a paper again for every place where it is printed or held back. Writes nothing: see `apply`."""
    check_output(context.output, context.provider)
    found = _places(context.ledger, context.output, wanted.paper_id, wanted.layout, wanted.date)
    papers, _ = find_papers((wanted.paper_id,), {}, context.sources)
    if wanted.paper_id not in papers:
        raise ConfigError(f"arXiv does not know {wanted.paper_id}; nothing was changed.")
    outcomes: list[Outcome] = []
    jobs = list(dict.fromkeys((place.layout, wanted.paper_id) for place in found))
    if stopped := summarise_all(jobs, papers, context, outcomes, anew=True):
        raise stopped
    summaries = {outcome.layout: outcome for outcome in outcomes if isinstance(outcome, Summary)}
    settle = partial(_regenerated, wanted, papers[wanted.paper_id], context)
    changes = [settle(place, summaries[place.layout]) for place in found if place.layout in summaries]
    return changes, outcomes


def withdraw(paper_id: str, reason: str, *, ledger: Ledger, output: Path, now: dt.datetime) -> list[Change]:
    """Take a paper's entry out of every digest, and say so in the record. Writes nothing: see `apply`."""
    return [_withdrawn(place, paper_id, reason, now) for place in _places(ledger, output, paper_id, None, None)]


def apply(changes: Iterable[Change], ledger: Ledger, output: Path) -> None:
    """Write what a command decided: each record, then its digest, then the ledger."""
    for change in changes:
        files.write_atomic(record.record_path(change.path), record.dump(change.record))
        if change.after is None:
            files.delete(change.path)
        elif change.after != change.before:
            files.write_atomic(change.path, change.after.encode())
        ledger.close_day(change.record, files.ids_of(change.after))
        paper_index.note(ledger, output, change.record.layout, change.record.date)


def _places(
    ledger: Ledger, output: Path, paper_id: str, layout: LayoutName | None, date: dt.date | None
) -> list[Place]:
    """Where a paper is printed or held back; ConfigError where it is nowhere."""
    paper_index.refresh(ledger, output)
    printed = paper_index.printed(ledger, output, [paper_id]).get(paper_id, [])
    waiting = record.waiting(paper_index.named(ledger, output, paper_id), paper_id)
    found = [Place(path, *files.place_of(output, path)) for path in sorted({*printed, *waiting})]
    chosen = [place for place in found if layout in (None, place.layout) and date in (None, place.date)]
    if not chosen:
        hint = _elsewhere(found) or _withdrawn_on(ledger, output, paper_id) or _nearest(ledger, paper_id)
        raise ConfigError(f"{paper_id} is not printed under {output}{_within(layout, date)}. {hint}")
    return chosen


def _elsewhere(found: Iterable[Place]) -> str:
    paths = ", ".join(str(place.path) for place in found)
    return f"It is in {paths}." if paths else ""


def _withdrawn_on(ledger: Ledger, output: Path, paper_id: str) -> str:
    gone = paper_index.withdrawn(ledger, output, [paper_id]).get(paper_id)
    return f"It was withdrawn on {gone.at:%Y-%m-%d}." if gone else ""


def _nearest(ledger: Ledger, paper_id: str) -> str:
    others = (other for other in ledger.mentioned() if other != paper_id)
    near = difflib.get_close_matches(paper_id, list(others), n=3, cutoff=0)
    return f"The nearest ids: {', '.join(near)}." if near else "Nothing is printed there yet."


def _within(layout: LayoutName | None, date: dt.date | None) -> str:
    return (f" in layout {layout}" if layout else "") + (f" on {date}" if date else "")


def _regenerated(wanted: Wanted, paper: Paper, context: RunContext, place: Place, summary: Summary) -> Change:
    before, old = _printed(place, paper.id)
    known = _record(place, context.provider)
    paper, note = _with_facts(paper, old, known, context, anew=wanted.refresh)
    entry = compose(paper, summary)
    if before is not None and old:
        after = files.replace(before, place.layout, entry, keep_facts=not wanted.refresh)
    else:
        after = files.insert(before, place.layout, place.date, [entry], known.listed)
    costs = {paper.id: context.ledger.unsettled_cost(paper.id, place.layout)}
    new = record.settle(known, [summary], {paper.id: paper}, costs, context.stamp)
    return Change(
        place.path, before, after, record.with_state(new, files.ids_of(after)), note and f"{place.path}: {note}"
    )


def _printed(place: Place, paper_id: str) -> tuple[str | None, Entry | None]:
    """The digest's text and the paper's entry in it, None where there is none."""
    if not place.path.exists():
        return None, None
    text, parsed = files.read_digest(place.path)
    return text, next((entry for entry in parsed.digest.entries if entry.paper_id == paper_id), None)


def _with_facts(paper: Paper, old: Entry | None, day: DayRecord, context: RunContext, anew: bool) -> tuple[Paper, str]:
    """The paper with its votes, and what there is to say of them: those of the day's list for an entry that is new or
    whose facts are wanted `anew`, else those that were printed, and the authors with them.
    """
    known = next((entry for entry in day.entries if entry.id == paper.id), None)
    votes = known.votes if known else old and old.votes
    if old and not anew:
        names = known.authors if known else tuple(map(plain, old.authors))
        return paper.model_copy(update={"votes": votes, "authors": names or paper.authors}), ""
    # The list of a category has neither votes nor thumbnails.
    of_category = day.evidence and record.is_category(day.evidence.source)
    rows: Iterable[Listed] = () if of_category else context.sources.list_day(day.date).listed
    for row in rows:
        if row.id == paper.id:
            return paper.model_copy(update={"votes": row.votes, "thumbnail": row.thumbnail}), ""
    if not old:
        return paper, ""
    kept = paper.model_copy(update={"votes": votes, "thumbnail": old.thumbnail})
    return kept, "" if of_category else f"the day's list has {paper.id} no more; its votes and its thumbnail stay."


def _withdrawn(place: Place, paper_id: str, reason: str, now: dt.datetime) -> Change:
    before, old = _printed(place, paper_id)
    try:
        after = files.remove(before, paper_id) if before is not None else None
    except LayoutError as error:
        raise ConfigError(f"{place.path}, {error}; move or delete it, and withdraw again.") from None
    gone = record.WithdrawnRecord(id=paper_id, title=plain(old.title) if old else "", reason=reason, at=now)
    new = record.with_withdrawn(_record(place, "another program"), gone)
    return Change(place.path, before, after, record.with_state(new, files.ids_of(after)))


def _record(place: Place, provider: str) -> DayRecord:
    fresh = DayRecord(layout=place.layout, date=place.date, provider=provider)
    return record.load(record.record_path(place.path)) or fresh
