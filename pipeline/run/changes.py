"""Changes to what is printed: `regenerate` and `withdraw` say what would become of each file, `apply` writes it."""

import datetime as dt
import difflib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ConfigError
from pipeline.ledger import Ledger
from pipeline.models import LayoutName, Listed, Outcome, Paper, Summary
from pipeline.publish import files, record
from pipeline.publish.compose import compose
from pipeline.publish.record import DayRecord
from pipeline.run import places
from pipeline.run.calls import summarise_all
from pipeline.run.desk import Desk
from pipeline.run.night import check_output, find_papers


class Place(NamedTuple):
    """A digest file that prints a paper, or whose record holds it back."""

    path: Path
    layout: LayoutName
    date: dt.date
    printed: bool


class Change(NamedTuple):
    """What a command makes of one digest file: its text before and after (None: no such file), and its record."""

    path: Path
    before: str | None
    after: str | None
    record: DayRecord


class Wanted(NamedTuple):
    """Which paper to regenerate, and where: everywhere, unless a layout or a date is given. `refresh`: facts anew."""

    paper_id: str
    layout: LayoutName | None = None
    date: dt.date | None = None
    refresh: bool = False


def regenerate(wanted: Wanted, desk: Desk) -> tuple[list[Change], list[Outcome]]:
    """Summarise a paper again for every place where it is printed or held back. Writes nothing: see `apply`."""
    check_output(desk.output, desk.provider)
    found = _places(desk.ledger, desk.output, wanted.paper_id, wanted.layout, wanted.date)
    papers, _ = find_papers((wanted.paper_id,), {}, desk.sources)
    if wanted.paper_id not in papers:
        raise ConfigError(f"arXiv does not know {wanted.paper_id}; nothing was changed.")
    outcomes: list[Outcome] = []
    jobs = list(dict.fromkeys((place.layout, wanted.paper_id) for place in found))
    if stopped := summarise_all(jobs, papers, desk, outcomes, anew=True):
        raise stopped
    summaries = {outcome.layout: outcome for outcome in outcomes if isinstance(outcome, Summary)}
    settle = partial(_regenerated, wanted, papers[wanted.paper_id], desk)
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
        places.note(ledger, output, change.record.layout, change.record.date)


def _places(
    ledger: Ledger, output: Path, paper_id: str, layout: LayoutName | None, date: dt.date | None
) -> list[Place]:
    """Where a paper is printed or held back; ConfigError with the nearest ids where it is nowhere."""
    places.refresh(ledger, output)
    printed = places.printed(ledger, output, [paper_id]).get(paper_id, [])
    waiting = record.waiting(places.named(ledger, output, paper_id), paper_id)
    found = [Place(path, *files.place_of(output, path), path in printed) for path in sorted({*printed, *waiting})]
    chosen = [place for place in found if layout in (None, place.layout) and date in (None, place.date)]
    if not chosen:
        near = difflib.get_close_matches(paper_id, ledger.mentioned(), n=3, cutoff=0)
        hint = f"The nearest ids: {', '.join(near)}." if near else "Nothing is printed there yet."
        raise ConfigError(f"{paper_id} is not printed under {output}{_within(layout, date)}. {hint}")
    return chosen


def _within(layout: LayoutName | None, date: dt.date | None) -> str:
    return (f" in layout {layout}" if layout else "") + (f" on {date}" if date else "")


def _regenerated(wanted: Wanted, paper: Paper, desk: Desk, place: Place, summary: Summary) -> Change:
    before = files.read_digest(place.path)[0] if place.path.exists() else None
    if (wanted.refresh or not place.printed) and not _of_a_category(place, desk.provider):
        paper = _with_row(paper, desk.sources.list_day(place.date).listed)
    entry = compose(paper, summary)
    if before is not None and place.printed:
        after = files.replace(before, place.layout, entry, keep_facts=not wanted.refresh)
    else:
        listed = _record(place, desk.provider).listed
        after = files.insert(before, place.layout, place.date, [entry], listed)
    costs = {paper.id: desk.ledger.unsettled_cost(paper.id, place.layout)}
    new = record.settle(_record(place, desk.provider), [summary], {paper.id: paper}, costs, desk.stamp)
    return Change(place.path, before, after, record.with_state(new, files.ids_of(after)))


def _of_a_category(place: Place, provider: str) -> bool:
    """Whether the day's list was that of an arXiv category, which has neither votes nor thumbnails."""
    evidence = _record(place, provider).evidence
    return bool(evidence and record.is_category(evidence.source))


def _with_row(paper: Paper, rows: Iterable[Listed]) -> Paper:
    """The paper with the votes and the thumbnail that the day's list has for it now."""
    for row in rows:
        if row.id == paper.id:
            return paper.model_copy(update={"votes": row.votes, "thumbnail": row.thumbnail})
    return paper


def _withdrawn(place: Place, paper_id: str, reason: str, now: dt.datetime) -> Change:
    before, parsed = files.read_digest(place.path) if place.path.exists() else (None, None)
    entries = parsed.digest.entries if parsed else ()
    title = next((entry.title for entry in entries if entry.paper_id == paper_id), "")
    after = files.remove(before, paper_id) if before is not None else None
    gone = record.WithdrawnRecord(id=paper_id, title=title, reason=reason, at=now)
    new = record.with_withdrawn(_record(place, "another program"), gone)
    return Change(place.path, before, after, record.with_state(new, files.ids_of(after)))


def _record(place: Place, provider: str) -> DayRecord:
    fresh = DayRecord(layout=place.layout, date=place.date, provider=provider)
    return record.load(record.record_path(place.path)) or fresh
