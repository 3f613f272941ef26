"""A night: plan what the list of a day asks for, have it summarised, and write it; then the days before it."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline.archive import files, record
from pipeline.archive.catalog import unprinted
from pipeline.archive.compose import compose
from pipeline.archive.digest_day import DigestDay
from pipeline.archive.record import DayRecord, ListingInfo
from pipeline.core.errors import ConfigError, ModelUnavailable, PastDay, SourceError, StaleList
from pipeline.core.models import Failed, LayoutName, Listed, Outcome, Paper, Summary
from pipeline.core.providers import is_for_trial
from pipeline.ops.account import Account, NightAccount
from pipeline.sources.huggingface import Listing
from pipeline.sources.papers import from_listing, from_metadata
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
    """The request for a night: `date` is the list's, `tonight` the run's own.

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


class Plan(NamedTuple):
    """A day before its first call. `listed` is by id, in the order of printing; empty for chosen papers.

    `days` has each layout's day with the record that it is to have, `todo` the papers to be summarised for it.
    `unlisted` says why there is no list to go by; then nothing is to do. An earlier day without a list has no `days`.
    """

    date: dt.date
    listed: dict[str, Listed]
    days: tuple[DigestDay, ...]
    todo: dict[LayoutName, tuple[str, ...]]
    unlisted: SourceError | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The papers that one layout or another is to be written of."""
        return tuple(dict.fromkeys(paper_id for ids in self.todo.values() for paper_id in ids))

    @property
    def jobs(self) -> list[tuple[LayoutName, str]]:
        """The summaries to write, layout by layout: by the second, a paper's text is in the cache of the provider."""
        return [(layout, paper_id) for layout, ids in self.todo.items() for paper_id in ids]

    @property
    def out_of_reach(self) -> SourceError | None:
        """Why the list could not be had; None for one that is read, or is stale."""
        return None if isinstance(self.unlisted, StaleList) else self.unlisted


def run_nights(order: Order, context: RunContext) -> Iterator[NightAccount]:
    """Plan and execute day after day, the day that is asked for first.

    A model or a list that cannot be reached ends it: the days that are left lose nothing, their turn comes again.
    """
    files.remove_unfinished(context.output)
    for day in plan_days(order, context):
        if day.unlisted and not day.days:
            yield NightAccount((), (f"{day.date} could not be looked at again: {day.unlisted}",), None)
            continue
        (done,) = execute_days([day], context)
        yield done
        if done.stopped and not isinstance(done.stopped, StaleList):
            return


def plan_days(order: Order, planning: PlanContext) -> Iterator[Plan]:
    """Plan the day that is asked for, then those before it: papers listed late, held back or failed, days never run.

    An earlier day is planned after the one before was carried out, and left out where nothing is to do.
    """
    planning.output_index.refresh()
    yield plan_day(order, planning)
    oldest = planning.output_index.first_day() or order.date  # a first night makes one digest, not four
    for back in range(1, min(order.lookback, (order.date - oldest).days) + 1):
        day = plan_day(order._replace(date=order.date - dt.timedelta(back), revisit=True), planning)
        if day.unlisted or day.jobs or any(one.is_changed for one in day.days):
            yield day._replace(days=()) if day.unlisted else day


def plan_day(order: Order, planning: PlanContext) -> Plan:
    """Read a day's list and compare it with what is printed. Calls no model.

    The papers of a day that its source no longer lists are those that its records list.
    """
    check_output(planning.output, planning.provider)
    try:
        listing = Listing(listed=()) if order.chosen else planning.sources.list_day(order.date)
        _reject_stale(listing, order.date, planning)
    except SourceError as error:
        known = _listed_before(order, planning) if isinstance(error, PastDay) else None
        if known is not None:
            return _plan(order, known, None, planning)
        return _plan_unlisted(order, error, planning)
    rows = {row.id: row for row in sorted(listing.listed, key=lambda row: -(row.votes or 0))}
    ids = order.chosen or tuple(rows)
    evidence = ListingInfo(
        source=CHOSEN if order.chosen else planning.sources.name,
        read_at=planning.now,
        listed=len(order.chosen or listing.listed) + len(listing.unreadable) + listing.passed_over,
        taken=len(ids) + len(listing.unreadable),
        passed_over=listing.passed_over,
    )
    plan = _plan(order, ids, evidence, planning)
    unreadable = [record.unreadable(row.place, row.name, row.reason) for row in listing.unreadable]
    days = tuple(replace(day, record=record.with_unreadable(day.record, unreadable)) for day in plan.days)
    return plan._replace(listed=rows, days=days)


def execute_days(days: Sequence[Plan], context: RunContext) -> list[NightAccount]:
    """Execute the plans of days that have no paper in common; the calls about all of them are made together.

    What is done is written even when the rest is interrupted.
    """
    papers: dict[str, Paper] = {}
    warnings: dict[dt.date, tuple[str, ...]] = {}
    for day in days:
        found, warnings[day.date] = find_papers(day.ids, day.listed, context.sources)
        papers |= found
    jobs = [job for day in days for job in day.jobs]
    context.writer.on_jobs(len(jobs))
    outcomes: list[Outcome] = []
    stopped: ModelUnavailable | None = None
    try:
        stopped = summarise_all(jobs, papers, context, outcomes)
    finally:
        written = {day.date: tuple(_write(day, papers, outcomes, context)) for day in days}
    return [NightAccount(written[day.date], warnings[day.date], day.unlisted or stopped) for day in days]


# ---- before the calls


def _reject_stale(listing: Listing, date: dt.date, planning: PlanContext) -> None:
    if listing.dated:
        return
    ids = {row.id for row in listing.listed}
    for other, known in planning.output_index.listed_near(date, _AROUND).items():
        shared = len(ids & known)
        if shared >= _STALE_LEAST and shared >= _STALE_SHARE * len(ids):
            reason = f"{shared} of the {len(ids)} papers listed for {date} are those of {other}: the list is stale"
            raise StaleList(planning.sources.name, str(date), reason)


def _listed_before(order: Order, planning: PlanContext) -> tuple[str, ...] | None:
    """Return the papers that the day's records list, in any layout; None where no list of that day was ever read."""
    records = (record.load(files.digest_path(planning.output, layout, order.date)) for layout in order.layouts)
    read = [day for day in records if day and (day.listed or not (day.evidence and day.evidence.unlisted))]
    return tuple(dict.fromkeys(id for day in read for id in record.readable(day))) if read else None


def _plan_unlisted(order: Order, error: SourceError, planning: PlanContext) -> Plan:
    """Plan a day without a list: what was printed or listed before stays as it is."""
    state: Literal["stale", "failed"] = "stale" if isinstance(error, StaleList) else "failed"
    evidence = ListingInfo(
        source=planning.sources.name, read_at=planning.now, listed=0, taken=0, unlisted=state, problem=str(error)
    )
    plan = _plan(order, (), evidence, planning)
    days = (
        replace(day, record=day.old_record) if day.old_record and day.old_record.listed else day for day in plan.days
    )
    return plan._replace(days=tuple(days), unlisted=error)


def check_output(output: Path, provider: str) -> None:
    """Raise ConfigError unless the folder can be written and has no trial entries where real ones go, or vice versa."""
    files.check_writable(output)
    some = next(files.digests(output), None)
    if some is None:
        return
    theirs = record.load(some)
    wrote = theirs.provider if theirs else "another program"
    if wrote != provider and (is_for_trial(wrote) or is_for_trial(provider)):
        raise ConfigError(
            f"{output} was written by {wrote}, and the writer is now {provider}: the two do not mix. "
            "Choose another folder with PIPELINE_OUTPUT_DIR."
        )


def _plan(order: Order, ids: Sequence[str], evidence: ListingInfo | None, planning: PlanContext) -> Plan:
    days, todo = zip(*(_plan_layout(layout, order, ids, evidence, planning) for layout in order.layouts), strict=True)
    return Plan(order.date, {}, days, dict(zip(order.layouts, todo, strict=True)))


def _plan_layout(
    layout: LayoutName, order: Order, ids: Sequence[str], evidence: ListingInfo | None, planning: PlanContext
) -> tuple[DigestDay, tuple[str, ...]]:
    """Return a layout's day with its record to be, and the papers to summarise, these ids being on its list.

    Without `evidence` the recorded one stays.
    """
    day = DigestDay.open(planning.output, layout, order.date, planning.provider)
    day.require_whole()
    old, printed = day.record, day.entries.keys()
    taken = _taken(ids, order, day.old_record)
    if evidence:
        evidence = evidence.model_copy(update={"taken": evidence.taken - len(ids) + len(taken)})
    given_up = _given_up(old, order.tonight)
    waiting = [paper_id for paper_id in taken if paper_id not in printed and paper_id not in given_up]
    elsewhere = _printed_elsewhere(day, waiting, planning)
    others = [paper_id for paper_id in waiting if paper_id not in elsewhere]
    # What was taken out of one digest comes back in no other, listed again or in another layout.
    withdrawn = planning.output_index.withdrawn(others)
    todo = tuple(paper_id for paper_id in others if paper_id not in withdrawn)
    duplicates = {d.id: d for d in old.duplicates if d.id not in printed and d.id not in todo} | elsewhere
    listed = tuple(dict.fromkeys((*old.listed, *taken)))
    if order.chosen and old.evidence and old.evidence.source != CHOSEN:
        evidence = old.evidence  # a day that has a list rests on it, whatever is put beside
    new = old.model_copy(update={"evidence": evidence or old.evidence, "listed": listed})
    new = record.with_duplicates(new, duplicates)
    for gone in withdrawn.values():
        new = record.with_withdrawn(new, gone)
    return replace(day, record=new), todo


def _taken(ids: Sequence[str], order: Order, known: DayRecord | None) -> Sequence[str]:
    """Return the first N papers, or those that were the first when the day was new: votes change afterwards."""
    if order.chosen or not order.limit:
        return ids
    return [paper_id for paper_id in ids if paper_id in known.listed] if order.revisit and known else ids[: order.limit]


def _given_up(old: DayRecord, tonight: dt.date) -> set[str]:
    tried = {held.id for held in old.held_back if tonight in held.nights or len(held.nights) > LATER_NIGHTS}
    return tried | {gone.id for gone in old.withdrawn}


def _printed_elsewhere(day: DigestDay, ids: Sequence[str], planning: PlanContext) -> dict[str, record.DuplicateRecord]:
    """Return those of the papers that another day of the same layout prints."""
    elsewhere: dict[str, record.DuplicateRecord] = {}
    for paper_id, found in planning.output_index.printed(ids).items():
        for other in found:
            layout, date = files.place_of(planning.output, other)
            if layout == day.layout and other != day.path:
                elsewhere.setdefault(paper_id, record.DuplicateRecord(id=paper_id, printed_on=date))
    return elsewhere


def find_papers(
    ids: Sequence[str], listed: Mapping[str, Listed], sources: Sources
) -> tuple[dict[str, Paper], tuple[str, ...]]:
    """Return the papers that either source knows, and warnings. The list's facts serve where arXiv is out of reach."""
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


def _write(
    plan: Plan, papers: Mapping[str, Paper], outcomes: Sequence[Outcome], context: RunContext
) -> Iterator[Account]:
    for day in plan.days:
        mine = {outcome.paper_id: outcome for outcome in outcomes if outcome.layout == day.layout}
        yield _write_layout(day, plan.todo.get(day.layout, ()), mine, papers, context)


def _write_layout(
    day: DigestDay,
    ids: Sequence[str],
    outcomes: Mapping[str, Outcome],
    papers: Mapping[str, Paper],
    context: RunContext,
) -> Account:
    day = day.reread()  # it may have been edited since it was planned, hours ago
    interrupted = "the run was interrupted before this paper was settled"
    settled = [outcomes.get(id) or Failed(paper_id=id, layout=day.layout, reason=interrupted) for id in ids]
    entries = [
        compose(papers[outcome.paper_id], outcome)
        for outcome in settled
        if isinstance(outcome, Summary) and outcome.paper_id not in day.entries
    ]
    costs = {outcome.paper_id: context.ledger.unsettled_cost(outcome.paper_id, day.layout) for outcome in settled}
    new = record.settle(day.record, settled, papers, costs, context.stamp)
    day = (day.insert(entries) if entries else day).with_record(new)
    tally = day.record.tally(day.entries)
    if not tally.balances():
        raise RuntimeError(f"{day.path}: the account does not balance: {tally}")
    day.save(context.output_index)
    return _account(day, tally, tuple(entry.paper_id for entry in entries))


def _account(day: DigestDay, tally: record.Tally, written: tuple[str, ...]) -> Account:
    papers = list(unprinted(day.record))
    held = [one for one in papers if one.status == "held back"]
    gone = [
        one.model_copy(update={"reason": f"withdrawn: {one.reason}"}) for one in papers if one.status == "withdrawn"
    ]
    return Account(
        date=day.record.date.isoformat(),
        layout=day.record.layout,
        path=str(day.path),
        state=day.record.state,
        listed=tally.listed,
        printed=tally.printed,
        duplicate=tally.duplicate,
        held_back=(*held, *gone),
        failed=tuple(one for one in papers if one.status == "failed"),
        written=written,
    )
