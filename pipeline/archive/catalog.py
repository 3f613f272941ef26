"""The output folder as readers have it: day by day the printed entries, each with its provenance where there is one.

Reads only, one day at a time, and goes on past what cannot be read: a problem is a sentence beside the rest.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from pipeline.archive import files, record
from pipeline.archive.compose import plain_entry
from pipeline.archive.record import DayRecord, EntryRecord
from pipeline.core.errors import ConfigError
from pipeline.core.models import Entry, Frozen, LayoutName
from pipeline.layouts import LAYOUTS, TOPICS

# A layout's name in a published schema.
LayoutChoice = Annotated[LayoutName, Field(json_schema_extra={"enum": list(LAYOUTS)})]


class Article(NamedTuple):
    """A printed entry, its words as they are meant and not as markdown has them: who shows them escapes them.

    `record` is None where nothing is known of how it was written, as in imported archives.
    """

    date: dt.date
    layout: LayoutName
    entry: Entry
    record: EntryRecord | None

    def fields(self) -> tuple[str, ...]:
        """Return the research fields that the entry names, none twice."""
        texts = [section.text for section in self.entry.sections if section.name in TOPICS]
        names = (field.strip(" .\n") for text in texts for field in text.split(","))
        return tuple(dict.fromkeys(filter(None, names)))


class UnprintedPaper(Frozen):
    """A listed paper without an entry in this layout, and why. A duplicate's reason is the day that prints it."""

    id: str
    layout: LayoutChoice
    title: str
    status: Literal["held back", "failed", "duplicate", "withdrawn"]
    reason: str


class Day(NamedTuple):
    """A day in all its layouts: articles in the order of printing, and each layout's record."""

    date: dt.date
    articles: tuple[Article, ...]
    records: dict[LayoutName, DayRecord]
    problems: tuple[str, ...]

    def unprinted(self) -> Iterator[UnprintedPaper]:
        """Yield what the day's records say is not printed, layout by layout."""
        for found in self.records.values():
            yield from unprinted(found)


def unprinted(record: DayRecord) -> Iterator[UnprintedPaper]:
    """Yield what a record says is not printed, and why."""
    for status, papers in (("held back", record.held_back), ("failed", record.failed), ("withdrawn", record.withdrawn)):
        for one in papers:
            yield UnprintedPaper(id=one.id, layout=record.layout, title=one.title, status=status, reason=one.reason)
    for old in record.duplicates:
        reason = old.printed_on.isoformat()
        yield UnprintedPaper(id=old.id, layout=record.layout, title="", status="duplicate", reason=reason)


def sources(output: Path) -> dict[dt.date, tuple[Path, ...]]:
    """Return the files that make up each day, digests and records, the oldest day first, without reading them."""
    days: dict[dt.date, list[Path]] = {}
    for _, date, file in files.day_files(output):
        days.setdefault(date, []).append(Path(file.path))
    return {date: tuple(days[date]) for date in sorted(days)}


def read_days(
    output: Path, first: dt.date | None = None, last: dt.date | None = None, paper_id: str | None = None
) -> Iterator[Day]:
    """Yield the days from `first` to `last`, oldest first; None is no bound. If a paper is named, its entries alone."""
    for date, paths in sources(output).items():
        if (first and date < first) or (last and date > last):
            continue
        if paper_id and not any(paper_id.encode() in path.read_bytes() for path in paths):
            continue
        day = read_day(output, date)
        yield day._replace(articles=tuple(a for a in day.articles if paper_id in (None, a.entry.paper_id)))


def read_day(output: Path, date: dt.date) -> Day:
    """Read everything of a day that can be read."""
    articles: list[Article] = []
    records: dict[LayoutName, DayRecord] = {}
    problems: list[str] = []
    for layout in LAYOUTS:
        digest = files.digest_path(output, layout, date)
        try:
            found = record.load(digest)
        except ConfigError as error:
            found = None
            problems.append(str(error))
        if found:
            records[layout] = found
        try:
            articles += _articles(digest, layout, date, found, problems) if digest.exists() else ()
        except ConfigError as error:
            problems.append(str(error))
    return Day(date, tuple(articles), records, tuple(problems))


def _articles(
    digest: Path, layout: LayoutName, date: dt.date, day: DayRecord | None, problems: list[str]
) -> Iterator[Article]:
    known = {entry.id: entry for entry in day.entries} if day else {}
    seen: set[str] = set()
    for entry in files.read_digest(digest)[1].digest.entries:
        if entry.paper_id in seen:
            problems.append(f"{digest} prints {entry.paper_id} twice; the first entry is taken.")
            continue
        seen.add(entry.paper_id)
        yield Article(date, layout, plain_entry(entry), known.get(entry.paper_id))
