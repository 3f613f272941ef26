"""The plan: `nightly`, `regenerate`, `withdraw`. Sequencing only; what is decided is decided elsewhere.

Everything foreign is a parameter: sources, model, clock, folders. Nothing here prints or exits.
"""

import asyncio
import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple, Protocol

from pipeline import prompts, summarise
from pipeline.account import Account, Named
from pipeline.engines import live
from pipeline.errors import ConfigError, ModelUnavailable, SourceError
from pipeline.llm import Model
from pipeline.models import (
    Failed,
    HeldBack,
    LayoutName,
    Listed,
    Metadata,
    Outcome,
    Paper,
    SourceText,
    Summary,
)
from pipeline.publish import files, record
from pipeline.publish.compose import compose
from pipeline.publish.record import DayRecord, Evidence
from pipeline.sources.huggingface import Listing
from pipeline.sources.papers import from_listing, from_metadata

# A paper that was held back is tried again on so many later nights, then only by `regenerate`.
LATER_NIGHTS = 3


class Sources(Protocol):
    """Where papers come from. `name` is what the record says of the list's origin."""

    name: str

    def list_day(self, date: dt.date) -> Listing:
        """The day's list, in its order; SourceError when it cannot be had."""
        ...

    def metadata(self, ids: Sequence[str]) -> Mapping[str, Metadata]:
        """arXiv's facts by id without version; an id that arXiv does not know is absent."""
        ...

    def text(self, paper: Paper) -> SourceText:
        """What a model gets to read of a paper: the abstract at least."""
        ...


class Writer(NamedTuple):
    """Who writes and who judges: the model, how many calls at once, the gate, and who hears of each outcome.

    `reader` is the second reader's prompt, if there is to be one, `reader_model` its model if not the writer's.
    `keep_texts` keeps the papers' cited sentences in the records, not only their places. `wait_scale` multiplies the
    waits between two attempts of a call.
    """

    model: Model
    concurrency: int
    verify: summarise.Verify
    reader: prompts.ReaderPrompt | None = None
    reader_model: str | None = None
    keep_texts: bool = True
    heard: Callable[[Outcome], None] = lambda outcome: None
    wait_scale: float = 1


class Order(NamedTuple):
    """What a night is asked for. `chosen` ids take the place of the day's list; `limit` takes its first N papers."""

    date: dt.date
    layouts: tuple[LayoutName, ...]
    limit: int | None = None
    chosen: tuple[str, ...] = ()


class Page(NamedTuple):
    """One layout's day: the file (None: not yet) and its record as they are, the record to be, and what is to do."""

    layout: LayoutName
    path: Path
    text: str | None
    old: DayRecord
    new: DayRecord
    todo: tuple[str, ...]


class Plan(NamedTuple):
    """A night before its first call. `listed` is by id, in the order of printing; empty for chosen papers."""

    order: Order
    listed: dict[str, Listed]
    pages: tuple[Page, ...]


class LayoutReport(NamedTuple):
    """What one layout's night came to. `written` are the ids of the new entries."""

    path: Path
    record: DayRecord
    tally: record.Tally
    written: tuple[str, ...]

    def account(self) -> Account:
        """The same for those who read it."""
        gone = [Named(id=w.id, title=w.title, reason=f"withdrawn: {w.reason}") for w in self.record.withdrawn]
        held = [Named(id=h.id, title=h.title, reason=h.reason) for h in self.record.held_back]
        return Account(
            layout=self.record.layout,
            path=str(self.path),
            state=self.record.state,
            listed=self.tally.listed,
            printed=self.tally.printed,
            duplicate=self.tally.duplicate,
            held_back=(*held, *gone),
            failed=tuple(Named(id=f.id, title=f.title, reason=f.reason) for f in self.record.failed),
            written=self.written,
        )


class NightReport(NamedTuple):
    """What a night came to. `warnings` are sentences for the maintainer, `stopped` is what ended the calls early."""

    layouts: tuple[LayoutReport, ...]
    warnings: tuple[str, ...]
    stopped: ModelUnavailable | None

    def accounts(self) -> list[Account]:
        """The account of each layout."""
        return [layout.account() for layout in self.layouts]


def plan(order: Order, *, sources: Sources, provider: str, output: Path, now: dt.datetime) -> Plan:
    """What the night will have to do: the list is read, and held against what is printed. Calls no model."""
    _check_output(output, provider)
    listing = Listing(listed=()) if order.chosen else sources.list_day(order.date)
    taken = {row.id: row for row in _ranked(listing.listed)[: order.limit]}
    ids = order.chosen or tuple(taken)
    evidence = Evidence(
        source="chosen papers" if order.chosen else sources.name,
        read_at=now,
        listed=len(order.chosen or listing.listed) + len(listing.unreadable),
        taken=len(ids) + len(listing.unreadable),
    )
    pages = tuple(_page(layout, order, ids, evidence, provider, output) for layout in order.layouts)
    unreadable = [record.unreadable(row.place, row.name, row.reason) for row in listing.unreadable]
    return Plan(order, taken, tuple(page._replace(new=record.with_unreadable(page.new, unreadable)) for page in pages))


def nightly(night: Plan, *, sources: Sources, writer: Writer, now: dt.datetime) -> NightReport:
    """Carry out a plan: metadata, summaries, files. What is done is written even when the rest is interrupted."""
    ids = tuple(dict.fromkeys(paper_id for page in night.pages for paper_id in page.todo))
    papers, warnings = _papers(ids, night.listed, sources)
    jobs = [(page.layout, paper_id) for page in night.pages for paper_id in page.todo]
    outcomes: list[Outcome] = []
    stopped: ModelUnavailable | None = None
    try:
        stopped = _summarise(jobs, papers, sources, writer, outcomes)
    finally:
        reports = tuple(_write(page, papers, outcomes, writer.model.provider, now) for page in night.pages)
    return NightReport(reports, warnings, stopped)


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


def regenerate(
    wanted: Wanted, *, sources: Sources, writer: Writer, output: Path, now: dt.datetime
) -> tuple[list[Change], list[Outcome]]:
    """Summarise a paper again for every place where it is printed or held back. Writes nothing: see `apply`."""
    _check_output(output, writer.model.provider)
    places = _places(output, wanted.paper_id, wanted.layout, wanted.date)
    papers, _ = _papers((wanted.paper_id,), {}, sources)
    if wanted.paper_id not in papers:
        raise ConfigError(f"arXiv does not know {wanted.paper_id}; nothing was changed.")
    outcomes: list[Outcome] = []
    jobs = list(dict.fromkeys((place.layout, wanted.paper_id) for place in places))
    if stopped := _summarise(jobs, papers, sources, writer, outcomes):
        raise stopped
    summaries = {outcome.layout: outcome for outcome in outcomes if isinstance(outcome, Summary)}
    settle = partial(_regenerated, wanted, papers[wanted.paper_id], sources, writer.model.provider, now)
    changes = [settle(place, summaries[place.layout]) for place in places if place.layout in summaries]
    return changes, outcomes


def withdraw(paper_id: str, reason: str, *, output: Path, now: dt.datetime) -> list[Change]:
    """Take a paper's entry out of every digest, and say so in the record. Writes nothing: see `apply`."""
    return [_withdrawn(place, paper_id, reason, now) for place in _places(output, paper_id, None, None)]


def apply(changes: Iterable[Change]) -> None:
    """Write what a command decided: each digest, then its record."""
    for change in changes:
        if change.after is None:
            change.path.unlink(missing_ok=True)
        elif change.after != change.before:
            files.write_atomic(change.path, change.after.encode())
        files.write_atomic(record.record_path(change.path), record.dump(change.record))


# ---- before the calls


def _check_output(output: Path, provider: str) -> None:
    """The folder can be written, and what the embedded writer tries out never mixes with real entries."""
    files.check_writable(output)
    first = next(files.digests(output), None)
    if first is None:
        return
    theirs = record.load(record.record_path(first))
    wrote = theirs.provider if theirs else "another program"
    if wrote != provider and "embedded" in (wrote, provider):
        raise ConfigError(
            f"{output} was written by {wrote}, and the writer is now {provider}: the two do not mix. "
            "Choose another folder with PIPELINE_OUTPUT_DIR."
        )


def _ranked(rows: Sequence[Listed]) -> tuple[Listed, ...]:
    return tuple(sorted(rows, key=lambda row: -(row.votes or 0)))


def _page(
    layout: LayoutName, order: Order, ids: Sequence[str], evidence: Evidence, provider: str, output: Path
) -> Page:
    path = files.digest_path(output, layout, order.date)
    text = files.read_digest(path)[0] if path.exists() else None
    old = record.load(record.record_path(path)) or DayRecord(layout=layout, date=order.date, provider=provider)
    printed = set(files.ids_of(text))
    waiting = [paper_id for paper_id in ids if paper_id not in printed | _given_up(old, evidence.read_at.date())]
    elsewhere = _printed_elsewhere(output, layout, path, waiting)
    duplicates = {d.id: d for d in old.duplicates if d.id not in printed} | elsewhere
    listed = tuple(dict.fromkeys((*old.listed, *ids)))
    new = old.model_copy(update={"evidence": evidence, "listed": listed, "duplicates": tuple(duplicates.values())})
    return Page(layout, path, text, old, new, tuple(i for i in waiting if i not in elsewhere))


def _given_up(old: DayRecord, tonight: dt.date) -> set[str]:
    tried = {held.id for held in old.held_back if tonight in held.nights or len(held.nights) > LATER_NIGHTS}
    return tried | {gone.id for gone in old.withdrawn}


def _printed_elsewhere(
    output: Path, layout: LayoutName, path: Path, ids: Sequence[str]
) -> dict[str, record.DuplicateRecord]:
    elsewhere: dict[str, record.DuplicateRecord] = {}
    for paper_id, places in files.printed(output, ids).items():
        for other in places:
            name, date = files.place_of(output, other)
            if name == layout and other != path:
                elsewhere.setdefault(paper_id, record.DuplicateRecord(id=paper_id, printed_on=date))
    return elsewhere


def _papers(
    ids: Sequence[str], listed: Mapping[str, Listed], sources: Sources
) -> tuple[dict[str, Paper], tuple[str, ...]]:
    """The papers that either source knows. Hugging Face's facts serve where arXiv is out of reach."""
    warnings: tuple[str, ...] = ()
    try:
        known = sources.metadata(ids) if ids else {}
    except SourceError as error:
        if not listed:
            raise
        known, warnings = {}, (f"{error}; the facts of the list are printed instead of arXiv's.",)
    papers = {}
    for rank, paper_id in enumerate(ids):
        if paper_id in listed:
            papers[paper_id] = from_listing(listed[paper_id], known.get(paper_id), rank)
        elif paper_id in known:
            papers[paper_id] = from_metadata(known[paper_id], rank)
    return papers, warnings


def _places(output: Path, paper_id: str, layout: LayoutName | None, date: dt.date | None) -> list[Place]:
    """Where a paper is printed or held back; ConfigError with the nearest printed ids where it is nowhere."""
    printed = files.printed(output, [paper_id]).get(paper_id, [])
    waiting = record.waiting(files.records(output), paper_id)
    places = [Place(path, *files.place_of(output, path), path in printed) for path in sorted({*printed, *waiting})]
    chosen = [place for place in places if layout in (None, place.layout) and date in (None, place.date)]
    if not chosen:
        near = difflib.get_close_matches(paper_id, files.printed_ids(output), n=3, cutoff=0)
        hint = f"The nearest printed ids: {', '.join(near)}." if near else "Nothing is printed there yet."
        raise ConfigError(f"{paper_id} is not printed under {output}{_within(layout, date)}. {hint}")
    return chosen


def _within(layout: LayoutName | None, date: dt.date | None) -> str:
    return (f" in layout {layout}" if layout else "") + (f" on {date}" if date else "")


# ---- the calls


def _summarise(
    jobs: Sequence[tuple[LayoutName, str]],
    papers: Mapping[str, Paper],
    sources: Sources,
    writer: Writer,
    outcomes: list[Outcome],
) -> ModelUnavailable | None:
    """Settle every job; each outcome is in `outcomes` as soon as it is known. Returns what stopped the model early."""

    def done(outcome: Outcome) -> None:
        outcomes.append(outcome if writer.keep_texts else _without_texts(outcome))
        writer.heard(outcome)

    forms = {layout: prompts.load(layout) for layout, _ in jobs}
    rules = summarise.Rules(writer.verify, prompts.load, writer.model.attempts, writer.reader, writer.reader_model)
    todo = []
    for layout, paper_id in jobs:
        paper = papers.get(paper_id)
        if refused := _refused(layout, paper_id, paper):
            done(refused)
        elif paper:
            todo.append((forms[layout], paper))
    advance = partial(summarise.advance, rules=rules)
    return asyncio.run(
        live.drive(_jobs(todo, sources), writer.model, advance, done, writer.concurrency, wait_scale=writer.wait_scale)
    )


def _jobs(todo: Iterable[tuple[prompts.PromptFile, Paper]], sources: Sources) -> Iterator[live.Job]:
    """What is to settle. A paper's text is fetched once, when its turn comes, and calls go on meanwhile."""
    text = cache(sources.text)

    def begin(form: prompts.PromptFile, paper: Paper) -> summarise.State:
        return summarise.begin(paper, text(paper), form)

    return (live.Job(form.layout, paper, partial(begin, form, paper)) for form, paper in todo)


def _without_texts(outcome: Outcome) -> Outcome:
    """The outcome with the places of what it cites, and none of the paper's words."""
    if not isinstance(outcome, Summary):
        return outcome
    places = tuple(cited.model_copy(update={"text": ""}) for cited in outcome.cited)
    return outcome.model_copy(update={"cited": places})


def _refused(layout: LayoutName, paper_id: str, paper: Paper | None) -> Outcome | None:
    """Why a paper is not even asked about."""
    if paper is None:
        return Failed(paper_id=paper_id, layout=layout, reason="neither the list nor arXiv knows this id")
    if paper.withdrawn:
        return HeldBack(paper_id=paper_id, layout=layout, reason="withdrawn on arXiv")
    if not paper.abstract.strip():
        return HeldBack(paper_id=paper_id, layout=layout, reason="the paper has no abstract")
    return None


# ---- after the calls


def _write(
    page: Page, papers: Mapping[str, Paper], outcomes: Iterable[Outcome], provider: str, now: dt.datetime
) -> LayoutReport:
    mine = {outcome.paper_id: outcome for outcome in outcomes if outcome.layout == page.layout}
    settled = [mine.get(paper_id) or _interrupted(paper_id, page.layout) for paper_id in page.todo]
    entries = [compose(papers[o.paper_id], o) for o in settled if isinstance(o, Summary)]
    text = files.insert(page.text, page.layout, page.new.date, entries) if entries else page.text
    printed = files.ids_of(text)
    new = record.with_state(record.settle(page.new, settled, papers, provider, now), printed)
    if text is not None and text != page.text:
        files.write_atomic(page.path, text.encode())
    if not record.same_but_for_the_reading(new, page.old):
        files.write_atomic(record.record_path(page.path), record.dump(new))
    tally = new.tally(printed)
    if not tally.balances():
        raise RuntimeError(f"{page.path}: the account does not balance: {tally}")
    return LayoutReport(page.path, new, tally, tuple(entry.paper_id for entry in entries))


def _interrupted(paper_id: str, layout: LayoutName) -> Failed:
    return Failed(paper_id=paper_id, layout=layout, reason="the run was interrupted before this paper was settled")


def _regenerated(
    wanted: Wanted, paper: Paper, sources: Sources, provider: str, now: dt.datetime, place: Place, summary: Summary
) -> Change:
    before = files.read_digest(place.path)[0] if place.path.exists() else None
    if wanted.refresh or not place.printed:
        paper = _with_row(paper, sources.list_day(place.date).listed)
    entry = compose(paper, summary)
    if before is not None and place.printed:
        after = files.replace(before, place.layout, entry, keep_facts=not wanted.refresh)
    else:
        after = files.insert(before, place.layout, place.date, [entry])
    new = record.settle(_record(place, provider), [summary], {paper.id: paper}, provider, now)
    return Change(place.path, before, after, record.with_state(new, files.ids_of(after)))


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
