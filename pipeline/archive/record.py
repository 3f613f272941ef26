"""The provenance beside each digest, `DD.json`: where every entry comes from, and what became of every listed paper.

`day.schema.json` in this folder is the published schema of the format; a test keeps the two in step.
"""

import datetime as dt
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import ValidationError

from pipeline.core.errors import ConfigError
from pipeline.core.models import (
    Cited,
    Claim,
    Failed,
    Finding,
    Frozen,
    Match,
    Outcome,
    Paper,
    Prompt,
    Section,
    Summary,
    Usage,
)
from pipeline.layouts import LAYOUTS, KnownLayout

DayState = Literal["published", "partial", "empty", "stale", "failed"]
_UNREADABLE = "unreadable-record-"
# So much of a paper's own words may stand beside its entry; many papers may be read and not redistributed.
CITED_MOST, CITED_LONGEST = 25, 400
# The fields that records have of papers, summaries and what was held back.
_OF_PAPER = ("id", "version", "title", "authors", "votes", "metadata")
_OF_SUMMARY = ("headline", "claims", "cited", "origin", "cut", "findings", "model", "prompt", "usage", "attempts")
_OF_HELD_BACK = ("reason", "findings", "model", "usage", "attempts")


class ListingInfo(Frozen):
    """What the state of a day rests on: the list's source, when it was read, how many papers it had.

    `taken` is fewer than `listed` where `--limit` or a profile cut the list; the profile has `passed_over` so many.
    `unlisted` says that there is no list to go by, and `problem` why: it is another day's, or could not be had.
    """

    source: str
    read_at: dt.datetime
    listed: int
    taken: int
    passed_over: int = 0
    unlisted: Literal["", "stale", "failed"] = ""
    problem: str = ""


class EntryRecord(Frozen):
    """One printed entry. `authors` has all of them, `votes` are those of the printing, `metadata` says whose facts.

    `omitted` are the optional sections that the writer left out because the paper gives nothing for them. `claims` are
    the printed sentences, `headline` says in a line what is new and is not printed, None where the writer gave none
    that may be; `cited` are the sentences of the paper that they rest on, by number, as far as they are kept:
    CITED_MOST of them, CITED_LONGEST characters each. `origin` says which text of the paper was read, `cut` what of it
    was not. `findings` are what did not hold the entry back. `usd` is what its calls cost, None where the model's
    price is unknown. `match` says why it was taken, where a profile chose.
    """

    id: str
    version: int | None
    title: str
    authors: tuple[str, ...]
    votes: int | None
    match: Match | None = None
    metadata: Literal["arxiv", "huggingface"]
    provider: str
    model: str
    prompt: Prompt
    usage: Usage
    attempts: int
    usd: float | None = None
    omitted: tuple[str, ...] = ()
    origin: Literal["abstract", "html", "pdf"] = "abstract"
    cut: tuple[str, ...] = ()
    headline: Claim | None = None
    claims: tuple[Claim, ...] = ()
    cited: tuple[Cited, ...] = ()
    findings: tuple[Finding, ...] = ()
    written_at: dt.datetime


class _NotPrinted(Frozen):
    id: str
    title: str
    reason: str


class HeldBackRecord(_NotPrinted):
    """A paper that is not printed, why, and on which nights it was tried: on none where the budget did not allow it."""

    findings: tuple[Finding, ...] = ()
    nights: tuple[dt.date, ...]
    model: str = ""
    usage: Usage = Usage()
    attempts: int = 0
    usd: float | None = None
    match: Match | None = None


class FailedRecord(_NotPrinted):
    """A paper that could not be asked about; the next run tries it again."""

    match: Match | None = None


class DuplicateRecord(Frozen):
    """A listed paper that another day's digest of the same layout prints."""

    id: str
    printed_on: dt.date


class WithdrawnRecord(_NotPrinted):
    """An entry that the maintainer took out."""

    at: dt.datetime


# What becomes of a listed paper, in the order of the account.
STATUSES = ("printed", "duplicate", "held back", "failed")


class Tally(Frozen):
    """The account of one layout's day: listed = printed + duplicate + held back + failed. Withdrawn is held back."""

    listed: int
    printed: int
    duplicate: int
    held_back: int
    failed: int

    def balances(self) -> bool:
        """Whether every listed paper is accounted for."""
        return self.listed == self.printed + self.duplicate + self.held_back + self.failed


class DayRecord(Frozen):
    """One layout's day. `listed` has every id ever taken from that day's list, in its order."""

    format: Literal[1] = 1
    layout: KnownLayout
    date: dt.date
    state: DayState = "empty"
    evidence: ListingInfo | None = None
    provider: str
    listed: tuple[str, ...] = ()
    entries: tuple[EntryRecord, ...] = ()
    held_back: tuple[HeldBackRecord, ...] = ()
    failed: tuple[FailedRecord, ...] = ()
    duplicates: tuple[DuplicateRecord, ...] = ()
    withdrawn: tuple[WithdrawnRecord, ...] = ()

    def tally(self, printed: Iterable[str]) -> Tally:
        """Count the papers, given the ids that the digest prints: they are printed, whatever else the record says."""
        there = set(printed)
        return Tally(
            listed=len(self.listed),
            printed=len(there.intersection(self.listed)),
            duplicate=len(self.duplicates),
            held_back=len(self.held_back) + len({gone.id for gone in self.withdrawn} - there),
            failed=len(self.failed),
        )


class Stamp(NamedTuple):
    """Who writes, and when: the moment, and the date of the run."""

    provider: str
    now: dt.datetime
    tonight: dt.date


def settle(
    record: DayRecord,
    outcomes: Iterable[Outcome],
    papers: Mapping[str, Paper],
    costs: Mapping[str, float | None],
    stamp: Stamp,
) -> DayRecord:
    """Settle these outcomes: each paper leaves the list that it was on and enters the one it belongs to.

    `costs` are the US dollars of each paper's calls. A paper that comes without its match keeps the recorded one.
    """
    settled = {outcome.paper_id: outcome for outcome in outcomes}
    nights = {held.id: held.nights for held in record.held_back}
    known = {one.id: one.match for one in record.entries}
    known |= {one.id: one.match for one in record.held_back}
    known |= {one.id: one.match for one in record.failed}
    left = _without(record, settled)
    entries, held_back, failed = list(left.entries), list(left.held_back), list(left.failed)
    for id, outcome in settled.items():
        paper, usd = papers.get(id), costs.get(id)
        title = paper.title if paper else ""
        match = (paper.match or known.get(id)) if paper else None
        if isinstance(outcome, Summary):
            entries.append(_entry(papers[id], outcome, match, usd, stamp))
        elif isinstance(outcome, Failed):
            failed.append(FailedRecord(id=id, title=title, reason=outcome.reason, match=match))
        else:
            before = nights.get(id, ())
            tried = before if outcome.postponed else tuple(dict.fromkeys((*before, stamp.tonight)))
            facts = {name: getattr(outcome, name) for name in _OF_HELD_BACK}
            held_back.append(HeldBackRecord(id=id, title=title, nights=tried, usd=usd, match=match, **facts))
    return left.model_copy(update={"entries": tuple(entries), "held_back": tuple(held_back), "failed": tuple(failed)})


def _without(record: DayRecord, ids: Container[str]) -> DayRecord:
    """Take these papers out of the lists of what was printed, held back or failed."""
    names = ("entries", "held_back", "failed")
    return record.model_copy(
        update={name: tuple(one for one in getattr(record, name) if one.id not in ids) for name in names}
    )


def unreadable(place: int, name: str, reason: str) -> FailedRecord:
    """Record a row of the list that could not be read: it has no id, so its place in the list stands for one."""
    return FailedRecord(id=f"{_UNREADABLE}{place}", title=name, reason=f"the list's record cannot be read: {reason}")


def readable(record: DayRecord) -> tuple[str, ...]:
    """Return the listed papers that have an id."""
    return tuple(paper_id for paper_id in record.listed if not paper_id.startswith(_UNREADABLE))


def with_unreadable(record: DayRecord, failed: Sequence[FailedRecord]) -> DayRecord:
    """Replace the unreadable rows of an earlier night's list by these of tonight's."""
    others = (old for old in record.failed if not old.id.startswith(_UNREADABLE))
    return record.model_copy(
        update={"listed": (*readable(record), *(one.id for one in failed)), "failed": (*others, *failed)}
    )


def with_duplicates(record: DayRecord, duplicates: Mapping[str, DuplicateRecord]) -> DayRecord:
    """Replace the papers printed on other days, by id; they leave every other list of the record."""
    return _without(record, duplicates).model_copy(update={"duplicates": tuple(duplicates.values())})


def with_withdrawn(record: DayRecord, gone: WithdrawnRecord) -> DayRecord:
    """Move a paper that the maintainer took out, or does not want, to `withdrawn`; imported days list nothing."""
    return _without(record, (gone.id,)).model_copy(
        update={
            "listed": tuple(dict.fromkeys((*record.listed, gone.id))),
            "duplicates": tuple(one for one in record.duplicates if one.id != gone.id),
            "withdrawn": (*(old for old in record.withdrawn if old.id != gone.id), gone),
        }
    )


def with_state(record: DayRecord, printed: Iterable[str]) -> DayRecord:
    """Set the state that follows from the record's account, given the ids that the digest prints."""
    tally = record.tally(printed)
    state: DayState = "published"
    if not tally.listed:
        state = (record.evidence and record.evidence.unlisted) or "empty"
    elif tally.failed and not tally.printed:
        state = "failed"
    elif tally.failed or tally.held_back:
        state = "partial"
    return record.model_copy(update={"state": state})


def same_but_for_the_reading(one: DayRecord, other: DayRecord) -> bool:
    """Whether two records differ in nothing but when the list was read."""
    if one.evidence and other.evidence:
        other = other.model_copy(
            update={"evidence": other.evidence.model_copy(update={"read_at": one.evidence.read_at})}
        )
    return one == other


def kept(summary: Summary, texts: bool) -> Summary:
    """Keep as much of the paper's own words as may be kept: none without `texts`, else some sentences."""
    most, longest = (CITED_MOST, CITED_LONGEST) if texts else (None, 0)
    cited = tuple(one.model_copy(update={"text": one.text[:longest]}) for one in summary.cited[:most])
    return summary.model_copy(update={"cited": cited})


def summary_of(day: DayRecord, entry: EntryRecord, sections: tuple[Section, ...]) -> Summary:
    """Return the summary that an entry was made of, its sections being those of the digest."""
    facts = {name: getattr(entry, name) for name in _OF_SUMMARY}
    return Summary(paper_id=entry.id, layout=day.layout, sections=sections, **facts)


def _entry(paper: Paper, summary: Summary, match: Match | None, usd: float | None, stamp: Stamp) -> EntryRecord:
    printed = {section.name for section in summary.sections}
    facts = {name: getattr(paper, name) for name in _OF_PAPER} | {name: getattr(summary, name) for name in _OF_SUMMARY}
    return EntryRecord(
        provider=stamp.provider,
        match=match,
        usd=usd,
        omitted=tuple(name for name in LAYOUTS[summary.layout].optional if name not in printed),
        written_at=stamp.now,
        **facts,
    )


def record_path(digest: Path) -> Path:
    """Return `DD.json` beside `DD.md`."""
    return digest.with_suffix(".json")


def load(digest: Path) -> DayRecord | None:
    """Return the record beside a digest, None where there is none; ConfigError when the file is not such a record."""
    path = record_path(digest)
    try:
        return DayRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(
            f"{path} is not a day's record: {place}: {first['msg'].lower()}. Restore it or move it away."
        ) from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None


def omitted(digest: Path) -> set[tuple[str, str]]:
    """Return the paper and the name of each section that the record beside a digest says was left out."""
    try:
        record = load(digest)
    except ConfigError:
        return set()
    return {(entry.id, name) for entry in record.entries for name in entry.omitted} if record else set()


def dump(record: DayRecord) -> bytes:
    """Return the bytes of a record: indented JSON in UTF-8 with a newline at the end."""
    return (record.model_dump_json(indent=1) + "\n").encode()
