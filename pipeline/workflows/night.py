"""One day of the list: what is to do, and what came of it. `run_nights` begins with the day that is asked for."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline.archive import files, record
from pipeline.archive.catalog import unprinted
from pipeline.archive.compose import compose
from pipeline.archive.record import DayRecord, ListingInfo
from pipeline.core.errors import ConfigError, ModelUnavailable, PastDay, SourceError, StaleList
from pipeline.core.models import Failed, LayoutName, Listed, Outcome, Paper, Summary
from pipeline.core.providers import is_for_trial
from pipeline.ledger import Ledger
from pipeline.ops.account import Account, NightAccount
from pipeline.sources.huggingface import Listing
from pipeline.sources.papers import from_listing, from_metadata
from pipeline.workflows import paper_index
from pipeline.workflows.calls import summarise_all
from pipeline.workflows.context import PlanContext, RunContext, Sources

# The source of papers that the maintainer chose.
CHOSEN = "chosen papers"
# A paper that was held back is tried again on so many later nights, then only by `regenerate`.
LATER_NIGHTS = 3
# A new day's list shares no paper with those of the days around it: of 72 real days not one did. One that shares half
# of its papers, and more than one may have listed twice by mistake, is an old list under a new date.
_STALE_SHARE, _STALE_LEAST = 0.5, 3
_AROUND = 7


class Order(NamedTuple):
    """What a night is asked for: `date` is the list's, `tonight` the run's own.

    `chosen` ids take the place of the day's list; `limit` takes its first N papers. `lookback` is how many earlier days
    are looked at again; `revisit` marks the order for such a day.
    """

    date: dt.date
    layouts: tuple[LayoutName, ...]
    tonight: dt.date
    limit: int | None = None
    chosen: tuple[str, ...] = ()
    lookback: int = 0
    revisit: bool = False


class Page(NamedTuple):
    """One layout's day: the file (None: not yet) and its record as they are, the record to be, and what is to do."""

    layout: LayoutName
    path: Path
    text: str | None
    old: DayRecord | None
    new: DayRecord
    todo: tuple[str, ...]


class Plan(NamedTuple):
    """A day before its first call. `listed` is by id, in the order of printing; empty for chosen papers.

    `unlisted` says why there is no list to go by; then nothing is to do. An earlier day without a list has no pages.
    """

    date: dt.date
    listed: dict[str, Listed]
    pages: tuple[Page, ...]
    unlisted: SourceError | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The papers that one layout or another is to be written of."""
        return tuple(dict.fromkeys(paper_id for page in self.pages for paper_id in page.todo))

    @property
    def out_of_reach(self) -> SourceError | None:
        """Why the list could not be had; None for one that is read, or is stale."""
        return None if isinstance(self.unlisted, StaleList) else self.unlisted


class LayoutReport(NamedTuple):
    """What one layout's day came to. `written` are the ids of the new entries."""

    path: Path
    record: DayRecord
    tally: record.Tally
    written: tuple[str, ...]

    def account(self) -> Account:
        """Return the account of this layout's day."""
        papers = list(unprinted(self.record))
        held = [one for one in papers if one.status == "held back"]
        gone = [
            one.model_copy(update={"reason": f"withdrawn: {one.reason}"}) for one in papers if one.status == "withdrawn"
        ]
        return Account(
            date=self.record.date.isoformat(),
            layout=self.record.layout,
            path=str(self.path),
            state=self.record.state,
            listed=self.tally.listed,
            printed=self.tally.printed,
            duplicate=self.tally.duplicate,
            held_back=(*held, *gone),
            failed=tuple(one for one in papers if one.status == "failed"),
            written=self.written,
        )


class NightReport(NamedTuple):
    """What a day came to. `warnings` are sentences for the maintainer, `stopped` is what ended the work early."""

    date: dt.date
    layouts: tuple[LayoutReport, ...]
    warnings: tuple[str, ...] = ()
    stopped: ModelUnavailable | SourceError | None = None

    def account(self) -> NightAccount:
        """Return the account of this day, without the records."""
        return NightAccount(tuple(layout.account() for layout in self.layouts), self.warnings, self.stopped)


def run_nights(order: Order, context: RunContext) -> Iterator[NightReport]:
    """Carry out `plan_days`, each when its turn comes.

    A model or a list that cannot be reached ends it: the earlier days lose nothing, their turn comes again.
    """
    files.remove_unfinished(context.output)
    for day in plan_days(order, context.planning):
        done = execute_day(day, context)
        yield done
        if done.stopped and not isinstance(done.stopped, StaleList):
            return


def plan_days(order: Order, planning: PlanContext) -> Iterator[Plan]:
    """The day that is asked for, then those before it: papers listed late, held back or failed, and days never run.

    An earlier day is planned after the one before was carried out, and left out where nothing is to do.
    """
    paper_index.refresh(planning.ledger, planning.output)
    yield plan_day(order, planning)
    for date in _earlier(order, planning.ledger):
        day = plan_day(order._replace(date=date, revisit=True), planning)
        if day.unlisted or any(_changes(page) for page in day.pages):
            yield day._replace(pages=()) if day.unlisted else day


def plan_day(order: Order, planning: PlanContext) -> Plan:
    """What a day will have to do: its list is read, and held against what is printed. Calls no model.

    A day that its source lists no more has the papers that its records list.
    """
    check_output(planning.output, planning.provider)
    try:
        listing = Listing(listed=()) if order.chosen else planning.sources.list_day(order.date)
        _reject_stale(listing, order.date, planning)
    except SourceError as error:
        known = _listed_before(order, planning) if isinstance(error, PastDay) else None
        if known is not None:
            return Plan(order.date, {}, tuple(_page(layout, order, known, None, planning) for layout in order.layouts))
        return Plan(order.date, {}, tuple(_unlisted(order, error, planning)), error)
    rows = {row.id: row for row in _ranked(listing.listed)}
    ids = order.chosen or tuple(rows)
    evidence = ListingInfo(
        source=CHOSEN if order.chosen else planning.sources.name,
        read_at=planning.now,
        listed=len(order.chosen or listing.listed) + len(listing.unreadable) + listing.passed_over,
        taken=len(ids) + len(listing.unreadable),
        passed_over=listing.passed_over,
    )
    pages = tuple(_page(layout, order, ids, evidence, planning) for layout in order.layouts)
    unreadable = [record.unreadable(row.place, row.name, row.reason) for row in listing.unreadable]
    pages = tuple(page._replace(new=record.with_unreadable(page.new, unreadable)) for page in pages)
    return Plan(order.date, rows, pages)


def execute_day(day: Plan, context: RunContext) -> NightReport:
    """Carry out a plan: metadata, summaries, files. What is done is written even when the rest is interrupted."""
    if day.unlisted and not day.pages:
        return NightReport(day.date, (), (f"{day.date} could not be looked at again: {day.unlisted}",))
    (report,) = execute_days([day], context)
    return report


def execute_days(days: Sequence[Plan], context: RunContext) -> list[NightReport]:
    """The same for days that have no paper in common: the calls about all of them are made together."""
    papers: dict[str, Paper] = {}
    warnings: dict[dt.date, tuple[str, ...]] = {}
    for day in days:
        found, warnings[day.date] = find_papers(day.ids, day.listed, context.sources)
        papers |= found
    jobs = [job for day in days for job in jobs_of(day)]
    context.writer.on_jobs(len(jobs))
    outcomes: list[Outcome] = []
    stopped: ModelUnavailable | None = None
    try:
        stopped = summarise_all(jobs, papers, context, outcomes)
    finally:
        written = {day.date: tuple(_write(page, papers, outcomes, context) for page in day.pages) for day in days}
    return [NightReport(day.date, written[day.date], warnings[day.date], day.unlisted or stopped) for day in days]


# ---- before the calls


def jobs_of(day: Plan) -> list[tuple[LayoutName, str]]:
    """What is to be summarised, layout by layout: by the second, a paper's text is in the cache of the provider."""
    return [(page.layout, paper_id) for page in day.pages for paper_id in page.todo]


def _changes(page: Page) -> bool:
    return bool(page.todo) or page.old is None or not record.same_but_for_the_reading(page.new, page.old)


def _earlier(order: Order, ledger: Ledger) -> Iterator[dt.date]:
    """The days to look at again, none from before the ledger began: a first night makes one digest, not four."""
    oldest = ledger.first_day() or order.date
    days = (order.date - dt.timedelta(back) for back in range(1, order.lookback + 1))
    return (day for day in days if day >= oldest)


def _reject_stale(listing: Listing, date: dt.date, planning: PlanContext) -> None:
    if listing.dated:
        return
    ids = {row.id for row in listing.listed}
    for other, known in planning.ledger.listed_near(date, _AROUND).items():
        shared = len(ids & known)
        if shared >= _STALE_LEAST and shared >= _STALE_SHARE * len(ids):
            reason = f"{shared} of the {len(ids)} papers listed for {date} are those of {other}: the list is stale"
            raise StaleList(planning.sources.name, str(date), reason)


def _listed_before(order: Order, planning: PlanContext) -> tuple[str, ...] | None:
    """The papers that the day's records list, in whichever layout; None where no list of that day was ever read."""
    paths = [files.digest_path(planning.output, layout, order.date) for layout in order.layouts]
    days = [day for path in paths if (day := record.load(record.record_path(path)))]
    read = [day for day in days if day.listed or not (day.evidence and day.evidence.unlisted)]
    return tuple(dict.fromkeys(id for day in read for id in record.readable(day))) if read else None


def _unlisted(order: Order, error: SourceError, planning: PlanContext) -> Iterator[Page]:
    """The pages of a day without a list: what was printed or listed before stays as it is."""
    state: Literal["stale", "failed"] = "stale" if isinstance(error, StaleList) else "failed"
    evidence = ListingInfo(
        source=planning.sources.name, read_at=planning.now, listed=0, taken=0, unlisted=state, problem=str(error)
    )
    for layout in order.layouts:
        page = _page(layout, order, (), evidence, planning)
        yield page._replace(new=page.old) if page.old and page.old.listed else page


def check_output(output: Path, provider: str) -> None:
    """Raise ConfigError unless the folder can be written and has no trial entries where real ones go, or vice versa."""
    files.check_writable(output)
    some = files.any_digest(output)
    if some is None:
        return
    theirs = record.load(record.record_path(some))
    wrote = theirs.provider if theirs else "another program"
    if wrote != provider and (is_for_trial(wrote) or is_for_trial(provider)):
        raise ConfigError(
            f"{output} was written by {wrote}, and the writer is now {provider}: the two do not mix. "
            "Choose another folder with PIPELINE_OUTPUT_DIR."
        )


def _ranked(rows: Sequence[Listed]) -> tuple[Listed, ...]:
    return tuple(sorted(rows, key=lambda row: -(row.votes or 0)))


def _page(
    layout: LayoutName, order: Order, ids: Sequence[str], evidence: ListingInfo | None, planning: PlanContext
) -> Page:
    """What a layout's day is and has to do, these being on its list; its evidence stays where there is no other."""
    path = files.digest_path(planning.output, layout, order.date)
    known = record.load(record.record_path(path))
    text = _text(path, known) if path.exists() else None
    old = known or DayRecord(layout=layout, date=order.date, provider=planning.provider)
    printed = set(files.ids_of(text))
    taken = _taken(ids, order, known)
    if evidence:
        evidence = evidence.model_copy(update={"taken": evidence.taken - len(ids) + len(taken)})
    waiting = [paper_id for paper_id in taken if paper_id not in printed | _given_up(old, order.tonight)]
    elsewhere = _printed_elsewhere(planning, layout, path, waiting)
    others = [paper_id for paper_id in waiting if paper_id not in elsewhere]
    # What was taken out of one digest comes back in no other, listed again or in another layout.
    withdrawn = paper_index.withdrawn(planning.ledger, planning.output, others)
    todo = tuple(paper_id for paper_id in others if paper_id not in withdrawn)
    duplicates = {d.id: d for d in old.duplicates if d.id not in printed.union(todo)} | elsewhere
    listed = tuple(dict.fromkeys((*old.listed, *taken)))
    if order.chosen and old.evidence and old.evidence.source != CHOSEN:
        evidence = old.evidence  # a day that has a list rests on it, whatever is put beside
    new = record.with_duplicates(
        old.model_copy(update={"evidence": evidence or old.evidence, "listed": listed}), duplicates
    )
    for gone in withdrawn.values():
        new = record.with_withdrawn(new, gone)
    return Page(layout, path, text, known, new, todo)


def _text(path: Path, known: DayRecord | None) -> str:
    """A digest as it is; one that we wrote must be whole, another may be in any form that can be read."""
    return files.read_whole(path) if known and known.entries else files.read_digest(path)[0]


def _taken(ids: Sequence[str], order: Order, known: DayRecord | None) -> Sequence[str]:
    """The first N papers, or those that were the first when the day was new: votes change afterwards."""
    if order.chosen or not order.limit:
        return ids
    return [paper_id for paper_id in ids if paper_id in known.listed] if order.revisit and known else ids[: order.limit]


def _given_up(old: DayRecord, tonight: dt.date) -> set[str]:
    tried = {held.id for held in old.held_back if tonight in held.nights or len(held.nights) > LATER_NIGHTS}
    return tried | {gone.id for gone in old.withdrawn}


def _printed_elsewhere(
    planning: PlanContext, layout: LayoutName, path: Path, ids: Sequence[str]
) -> dict[str, record.DuplicateRecord]:
    elsewhere: dict[str, record.DuplicateRecord] = {}
    for paper_id, found in paper_index.printed(planning.ledger, planning.output, ids).items():
        for other in found:
            name, date = files.place_of(planning.output, other)
            if name == layout and other != path:
                elsewhere.setdefault(paper_id, record.DuplicateRecord(id=paper_id, printed_on=date))
    return elsewhere


def find_papers(
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


# ---- after the calls


def _write(page: Page, papers: Mapping[str, Paper], outcomes: Iterable[Outcome], context: RunContext) -> LayoutReport:
    """The record, then the digest, then the ledger: a run that dies in between is finished by the next."""
    mine = {outcome.paper_id: outcome for outcome in outcomes if outcome.layout == page.layout}
    settled = [mine.get(paper_id) or _interrupted(paper_id, page.layout) for paper_id in page.todo]
    before = _as_it_is_now(page)
    there = files.ids_of(before)
    entries = [compose(papers[o.paper_id], o) for o in settled if isinstance(o, Summary) and o.paper_id not in there]
    text = files.insert(before, page.layout, page.new.date, entries, page.new.listed) if entries else before
    printed = files.ids_of(text) if entries else there
    costs = {o.paper_id: context.ledger.unsettled_cost(o.paper_id, page.layout) for o in settled}
    new = record.with_state(record.settle(page.new, settled, papers, costs, context.stamp), printed)
    tally = new.tally(printed)
    if not tally.balances():
        raise RuntimeError(f"{page.path}: the account does not balance: {tally}")
    if page.old is None or not record.same_but_for_the_reading(new, page.old):
        files.write_atomic(record.record_path(page.path), record.dump(new))
    if text is not None and text != before:
        files.write_atomic(page.path, text.encode())
    context.ledger.close_day(new, printed)
    paper_index.note(context.ledger, context.output, page.layout, page.new.date)
    return LayoutReport(page.path, new, tally, tuple(entry.paper_id for entry in entries))


def _as_it_is_now(page: Page) -> str | None:
    """The digest, which may have been edited since it was planned, hours ago. What was taken out meanwhile comes back,
    as it would in the next night.
    """
    if not page.path.exists() or files.read_text(page.path) == page.text:
        return page.text
    text = _text(page.path, page.old)
    return text if {*files.ids_of(page.text)} <= {*files.ids_of(text)} else page.text


def _interrupted(paper_id: str, layout: LayoutName) -> Failed:
    return Failed(paper_id=paper_id, layout=layout, reason="the run was interrupted before this paper was settled")
