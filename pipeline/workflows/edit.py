"""Changes to what is printed: `regenerate` and `withdraw` return the days as they are to be, for the caller to save."""

import datetime as dt
import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.archive import files, record
from pipeline.archive.compose import compose, plain
from pipeline.archive.digest_day import DigestDay
from pipeline.archive.index import Index
from pipeline.core.errors import ConfigError, LayoutError
from pipeline.core.models import LayoutName, Listed, Outcome, Paper, Summary
from pipeline.sources import lists
from pipeline.workflows.calls import summarise_all
from pipeline.workflows.context import RunContext
from pipeline.workflows.night import check_output, find_papers


def regenerate(
    paper_id: str, layout: LayoutName | None, date: dt.date | None, refresh: bool, context: RunContext
) -> tuple[list[DigestDay], list[Outcome], list[str]]:
    """Summarise a paper again for every day where it is printed or held back, or for those of a layout or a date.

    Returns the days with the new entries, with facts anew for `refresh`; the outcome of each layout; and sentences
    about facts that could not be had. Writes nothing but the ledger.
    """
    check_output(context.output, context.provider)
    found = _days_of(context.output_index, paper_id, layout, date, context.provider)
    papers, _ = find_papers((paper_id,), {}, context.sources)
    if paper_id not in papers:
        raise ConfigError(f"arXiv does not know {paper_id}; nothing was changed.")
    outcomes: list[Outcome] = []
    jobs = list(dict.fromkeys((day.layout, paper_id) for day in found))
    if stopped := summarise_all(jobs, papers, context, outcomes, anew=True):
        raise stopped
    summaries = {outcome.layout: outcome for outcome in outcomes if isinstance(outcome, Summary)}
    days, notes = list[DigestDay](), list[str]()
    for day in found:
        if day.layout in summaries:
            paper, note = _with_facts(papers[paper_id], day, context, anew=refresh)
            days.append(_regenerated(day, paper, summaries[day.layout], context, refresh))
            notes += [f"{day.path}: {note}"] if note else []
    return days, outcomes, notes


def withdraw(paper_id: str, reason: str, index: Index, now: dt.datetime) -> list[DigestDay]:
    """Take a paper's entry out of every digest, and say so in the record. Writes nothing."""
    days = _days_of(index, paper_id, None, None, "another program")
    return [_withdrawn(day, paper_id, reason, now) for day in days]


def _days_of(
    index: Index, paper_id: str, layout: LayoutName | None, date: dt.date | None, provider: str
) -> list[DigestDay]:
    """Open the days where a paper is printed or held back; ConfigError where it is nowhere."""
    index.refresh()
    paths = sorted({*index.printed([paper_id]).get(paper_id, ()), *index.waiting(paper_id)})
    places = [files.place_of(index.output, path) for path in paths]
    chosen = [place for place in places if layout in (None, place[0]) and date in (None, place[1])]
    if not chosen:
        within = (f" in layout {layout}" if layout else "") + (f" on {date}" if date else "")
        raise ConfigError(f"{paper_id} is not printed under {index.output}{within}. {_hint(index, paper_id, paths)}")
    return [DigestDay.open(index.output, *place, provider) for place in chosen]


def _hint(index: Index, paper_id: str, paths: Sequence[Path]) -> str:
    """Return where else the paper is, since when it is withdrawn, or which ids are like its."""
    if paths:
        return f"It is in {', '.join(map(str, paths))}."
    if gone := index.withdrawn([paper_id]).get(paper_id):
        return f"It was withdrawn on {gone.at:%Y-%m-%d}."
    others = [other for other in index.ids() if other != paper_id]
    near = difflib.get_close_matches(paper_id, others, n=3, cutoff=0)
    return f"The nearest ids: {', '.join(near)}." if near else "Nothing is printed there yet."


def _regenerated(day: DigestDay, paper: Paper, summary: Summary, context: RunContext, refresh: bool) -> DigestDay:
    entry = compose(paper, summary)
    costs = {paper.id: context.ledger.unsettled_cost(paper.id, day.layout)}
    new = record.settle(day.record, [summary], {paper.id: paper}, costs, context.stamp)
    printed = day.replace(entry, keep_facts=not refresh) if paper.id in day.entries else day.insert([entry])
    return printed.with_record(new)


def _with_facts(paper: Paper, day: DigestDay, context: RunContext, anew: bool) -> tuple[Paper, str]:
    """Return the paper with its votes, and a sentence about those that could not be had, or "".

    They are those of the day's list for an entry that is new or whose facts are wanted `anew`, else those that were
    printed, and the authors with them.
    """
    old = day.entries.get(paper.id)
    known = next((entry for entry in day.record.entries if entry.id == paper.id), None)
    votes = known.votes if known else old and old.votes
    if old and not anew:
        names = known.authors if known else tuple(map(plain, old.authors))
        return paper.model_copy(update={"votes": votes, "authors": names or paper.authors}), ""
    # The list of a category has neither votes nor thumbnails.
    evidence = day.record.evidence
    of_category = evidence and lists.is_final(evidence.source)
    rows: Iterable[Listed] = () if of_category else context.sources.list_day(day.date).listed
    for row in rows:
        if row.id == paper.id:
            return paper.model_copy(update={"votes": row.votes, "thumbnail": row.thumbnail}), ""
    if not old:
        return paper, ""
    kept = paper.model_copy(update={"votes": votes, "thumbnail": old.thumbnail})
    return kept, "" if of_category else f"the day's list has {paper.id} no more; its votes and its thumbnail stay."


def _withdrawn(day: DigestDay, paper_id: str, reason: str, now: dt.datetime) -> DigestDay:
    old = day.entries.get(paper_id)
    try:
        left = day.remove(paper_id)
    except LayoutError as error:
        raise ConfigError(f"{day.path}, {error}; move or delete it, and withdraw again.") from None
    gone = record.WithdrawnRecord(id=paper_id, title=plain(old.title) if old else "", reason=reason, at=now)
    return left.with_record(record.with_withdrawn(day.record, gone))
