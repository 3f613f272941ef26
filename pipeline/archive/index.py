"""What is printed where: an index of the output folder, in tables beside the ledger's.

It holds nothing that the digests and their records do not say, and can be dropped: `refresh` finds again which day
names which paper, `status --rebuild` the days and their papers. A day is read again when one of its files has another
size or time of change. That a file names an id says no more than that it must be looked into: `printed` and
`withdrawn` read the few files that are left.
"""

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pipeline.archive import files
from pipeline.archive.record import STATUSES, DayRecord, ListingInfo, WithdrawnRecord, load, record_path
from pipeline.core.errors import ConfigError
from pipeline.core.ids import ID, parse_id
from pipeline.core.models import LayoutName
from pipeline.ledger import Ledger
from pipeline.ledger.database import Execute

# A temporary table stands before the one of the same name that is kept.
_TEMPORARY = """
    CREATE TEMP TABLE IF NOT EXISTS read_days AS SELECT * FROM main.read_days;
    CREATE TEMP TABLE IF NOT EXISTS mentions AS SELECT * FROM main.mentions;
    CREATE INDEX IF NOT EXISTS temp.mentions_by_paper ON mentions (paper_id);
"""
_ID = re.compile(rf"(?<![\d.])(?:{ID})(?!\d)".encode(), re.IGNORECASE)


class PaperStatus(NamedTuple):
    """Where a listed paper stands; `status` is None where nobody accounts for it."""

    date: dt.date
    layout: str
    paper_id: str
    title: str
    status: str | None
    reason: str


class IndexedDay(NamedTuple):
    """One layout's day, with the number of its papers by status, `listed` for all of them."""

    date: dt.date
    layout: str
    state: str
    evidence: str
    counts: Mapping[str, int]


class FinishedDay(NamedTuple):
    """A day with nothing left to do: what its list was, and whether the day has a digest."""

    evidence: ListingInfo | None
    printed: bool


class _Mentions(NamedTuple):
    """The ids that a day's files name, and the stamp of these files; a day without a stamp is gone."""

    layout: LayoutName
    date: dt.date
    stamp: str = ""
    ids: Iterable[str] = ()


class Index:
    """The index of an output folder. It is as old as the last `refresh`; whoever writes a day calls `update` for it."""

    def __init__(self, ledger: Ledger, output: Path) -> None:
        self.ledger, self.output = ledger, output
        if not self.ledger.query("SELECT 1 FROM sqlite_schema WHERE name = 'mentions_by_day'"):
            self._execute_all(Path(__file__).with_suffix(".sql").read_text("utf-8"))

    # ---- bringing it in line

    def refresh(self) -> None:
        """Read every day whose files have changed since they were read, and forget those that are gone.

        ConfigError names a file that cannot be read.
        """
        try:
            known, found = self.stamps(), _stamps(self.output)
            gone = [_Mentions(*day) for day in known.keys() - found.keys()]
            changed = [self._read(*day, stamp) for day, stamp in found.items() if known.get(day) != stamp]
        except OSError as error:
            raise ConfigError(f"{error.filename} cannot be read: {error.strerror}.") from None
        if gone or changed:
            self._write_mentions([*gone, *changed])

    def note(self, layout: LayoutName, date: dt.date) -> None:
        """Read one day that was written just now."""
        stamp = "".join(_stamp(path.stat()) for path in self._files(layout, date) if path.exists())
        self._write_mentions([self._read(layout, date, stamp)])

    def update(self, record: DayRecord, printed: Iterable[str]) -> None:
        """Replace one layout's day by what its record says, and its digest, which prints these ids."""
        with self.ledger.transaction() as execute:
            evidence = record.evidence.model_dump_json() if record.evidence else None
            execute(
                "INSERT INTO days VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state, "
                "evidence = excluded.evidence, provider = excluded.provider",
                (record.date.isoformat(), record.layout, record.state, evidence, record.provider),
            )
            _write_papers(execute, record)
            _write_listings(execute, record, printed)
            self.note(record.layout, record.date)

    def clear(self) -> None:
        """Forget everything."""
        with self.ledger.transaction() as execute:
            for table in ("listings", "papers", "days", "mentions", "read_days"):
                execute(f"DELETE FROM {table}")  # noqa: S608

    # ---- where papers are

    def printed(self, ids: Iterable[str]) -> dict[str, list[Path]]:
        """Return where each of these papers is printed: id to digests, by layout the oldest first; without the ids that
        are not printed.
        """
        found: dict[str, list[Path]] = {}
        for path, near in self._near(ids):
            for paper_id in _printed_in(path) & near:
                found.setdefault(paper_id, []).append(path)
        return found

    def withdrawn(self, ids: Iterable[str]) -> dict[str, WithdrawnRecord]:
        """Return those of these papers that the maintainer took out of some layout's digest, by id, each as it was said
        last. A paper that was put back into the digest by hand is not taken out.
        """
        found: dict[str, WithdrawnRecord] = {}
        for path, near in self._near(ids):
            record = load(path)
            gone = [one for one in record.withdrawn if one.id in near] if record else []
            back = _printed_in(path) if gone else set()
            for one in gone:
                if one.id not in back and (one.id not in found or one.at > found[one.id].at):
                    found[one.id] = one
        return found

    def waiting(self, paper_id: str) -> Iterator[Path]:
        """Yield the digests (which may not exist) whose record holds this paper back, or says that it failed."""
        for path in self.named(paper_id):
            record = load(path)
            if record and (paper_id in {h.id for h in record.held_back} or paper_id in {f.id for f in record.failed}):
                yield path

    def named(self, paper_id: str) -> list[Path]:
        """Return the digests (which may not exist) that name a paper, or whose record does."""
        rows = self.ledger.query(
            "SELECT layout, date FROM mentions WHERE paper_id = ? ORDER BY date, layout", (paper_id,)
        )
        return [files.digest_path(self.output, layout, dt.date.fromisoformat(date)) for layout, date in rows]

    def ids(self) -> list[str]:
        """Return every id that is named anywhere."""
        return [paper_id for (paper_id,) in self.ledger.query("SELECT DISTINCT paper_id FROM mentions")]

    def stamps(self) -> dict[tuple[LayoutName, dt.date], str]:
        """Return what each day's files were when they were last read, by layout and date."""
        rows = self.ledger.query("SELECT layout, date, stamp FROM read_days")
        return {(layout, dt.date.fromisoformat(date)): stamp for layout, date, stamp in rows}

    # ---- how days stand

    def first_day(self) -> dt.date | None:
        """Return the oldest day that is known here, or that a run was for: one that died has left no more than that."""
        ((day,),) = self.ledger.query("SELECT min(date) FROM days")
        days = (day and dt.date.fromisoformat(day), self.ledger.first_run_day())
        return min(filter(None, days), default=None)

    def listed_near(self, date: dt.date, days: int) -> dict[dt.date, set[str]]:
        """Return the ids that other days' lists had, so many days before and after."""
        first, last = (date + dt.timedelta(sign * days) for sign in (-1, 1))
        rows = self.ledger.query(
            "SELECT DISTINCT date, paper_id FROM listings WHERE date BETWEEN ? AND ? AND date <> ?",
            (first.isoformat(), last.isoformat(), date.isoformat()),
        )
        near: dict[dt.date, set[str]] = {}
        for day, paper_id in rows:
            near.setdefault(dt.date.fromisoformat(day), set()).add(paper_id)
        return near

    def finished(self, first: dt.date, last: dt.date) -> dict[tuple[dt.date, str], FinishedDay]:
        """Return the days and layouts of a range of which everything listed is printed, or a duplicate."""
        rows = self.ledger.query(
            "SELECT date, layout, evidence, EXISTS (SELECT 1 FROM listings l WHERE l.date = d.date "
            "AND l.layout = d.layout AND status = 'printed') FROM days d "
            "WHERE date BETWEEN ? AND ? AND state IN ('published', 'empty')",
            (first.isoformat(), last.isoformat()),
        )
        return {
            (dt.date.fromisoformat(date), layout): FinishedDay(
                ListingInfo.model_validate_json(evidence) if evidence else None, bool(printed)
            )
            for date, layout, evidence, printed in rows
        }

    def days(self, limit: int) -> list[IndexedDay]:
        """Return the last days, newest first, `limit` rows of a layout and day each."""
        rows = self.ledger.query(
            "SELECT d.date, d.layout, d.state, coalesce(d.evidence, ''), total(l.status = 'printed'), "
            "total(l.status = 'duplicate'), total(l.status = 'held back'), total(l.status = 'failed'), count(l.place) "
            "FROM (SELECT * FROM days ORDER BY date DESC, layout LIMIT ?) d LEFT JOIN listings l USING (date, layout) "
            "GROUP BY d.date, d.layout ORDER BY d.date DESC, d.layout",
            (limit,),
        )
        names = (*STATUSES, "listed")
        return [
            IndexedDay(
                dt.date.fromisoformat(date), layout, state, evidence, dict(zip(names, map(int, counts), strict=True))
            )
            for date, layout, state, evidence, *counts in rows
        ]

    def not_printed(self, since: dt.date) -> list[PaperStatus]:
        """Return the papers that failed or are unaccounted for, however old, and those held back since that day."""
        held_back = "status = 'held back' AND date >= ?"
        return self._statuses(f"status = 'failed' OR status IS NULL OR {held_back}", since.isoformat())

    def unaccounted(self) -> list[PaperStatus]:
        """Return the listed papers that are neither printed nor duplicate, held back or failed: there must be none."""
        return self._statuses("status IS NULL")

    def without_list(self, since: dt.date) -> list[dt.date]:
        """Return the days since then, up to the last one known, whose list was never read; oldest first."""
        rows = self.ledger.query(
            "SELECT date, max(state IN ('failed', 'stale')), count(paper_id) FROM days "
            "LEFT JOIN listings USING (date, layout) WHERE date >= ? GROUP BY date",
            (since.isoformat(),),
        )
        read = {dt.date.fromisoformat(day): listed or not missing for day, missing, listed in rows}
        ((newest,),) = self.ledger.query("SELECT max(date) FROM days")
        if newest is None:
            return []
        first, last = max(self.first_day() or since, since), dt.date.fromisoformat(newest)
        days = (first + dt.timedelta(number) for number in range((last - first).days + 1))
        return [day for day in days if not read.get(day)]

    def _statuses(self, condition: str, *values: object) -> list[PaperStatus]:
        rows = self.ledger.query(
            "SELECT date, layout, paper_id, title, status, reason FROM listings JOIN papers ON id = paper_id "  # noqa: S608
            f"WHERE {condition} ORDER BY date DESC, layout, place",
            values,
        )
        return [PaperStatus(dt.date.fromisoformat(date), *others) for date, *others in rows]

    # ---- reading and writing

    def _execute_all(self, statements: str) -> None:
        with self.ledger.transaction() as execute:
            for statement in statements.split(";"):
                execute(statement)

    def _near(self, ids: Iterable[str]) -> list[tuple[Path, set[str]]]:
        """Return the digests (which may not exist) that name some of the papers, or whose records do; and which."""
        near: dict[Path, set[str]] = {}
        for paper_id in ids:
            for path in self.named(paper_id):
                near.setdefault(path, set()).add(paper_id)
        return sorted(near.items())

    def _files(self, layout: LayoutName, date: dt.date) -> tuple[Path, Path]:
        """Return a day's files in the order of their names."""
        digest = files.digest_path(self.output, layout, date)
        return record_path(digest), digest

    def _read(self, layout: LayoutName, date: dt.date, stamp: str) -> _Mentions:
        data = b"\n".join(path.read_bytes() for path in self._files(layout, date) if path.exists())
        return _Mentions(layout, date, stamp, {parse_id(found.decode()).id for found in set(_ID.findall(data))})

    def _write_mentions(self, days: Iterable[_Mentions]) -> None:
        if not self.ledger.keeps:
            self._execute_all(_TEMPORARY)
        with self.ledger.transaction() as execute:
            for layout, date, stamp, ids in days:
                day = layout, date.isoformat()
                execute("DELETE FROM read_days WHERE layout = ? AND date = ?", day)
                execute("DELETE FROM mentions WHERE layout = ? AND date = ?", day)
                if stamp:
                    execute("INSERT INTO read_days VALUES (?, ?, ?)", (*day, stamp))
                for paper_id in ids:
                    execute("INSERT INTO mentions VALUES (?, ?, ?)", (paper_id, *day))


def _write_papers(execute: Execute, record: DayRecord) -> None:
    titles = {one.id: one.title for one in (*record.withdrawn, *record.failed, *record.held_back)}
    titles |= {entry.id: entry.title for entry in record.entries}
    versions = {entry.id: entry.version for entry in record.entries}
    for paper_id in {*record.listed, *titles}:
        execute(
            "INSERT INTO papers VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
            "version = coalesce(excluded.version, version), title = coalesce(nullif(excluded.title, ''), title)",
            (paper_id, versions.get(paper_id), titles.get(paper_id, "")),
        )
    for gone in record.withdrawn:
        execute("UPDATE papers SET version = NULL WHERE id = ?", (gone.id,))


def _write_listings(execute: Execute, record: DayRecord, printed: Iterable[str]) -> None:
    day = (record.date.isoformat(), record.layout)
    statuses = _statuses_of(record, printed)
    execute("DELETE FROM listings WHERE date = ? AND layout = ?", day)
    for place, paper_id in enumerate(record.listed):
        status, reason = statuses.get(paper_id, (None, ""))
        execute("INSERT INTO listings VALUES (?, ?, ?, ?, ?, ?)", (*day, paper_id, place, status, reason))
    # What could not be read has a place in the list for a name, and may be gone or readable another night.
    execute(
        "DELETE FROM papers WHERE id >= 'unreadable-record-' AND id < 'unreadable-record.' "
        "AND NOT EXISTS (SELECT 1 FROM listings WHERE paper_id = papers.id)"
    )


def _statuses_of(record: DayRecord, printed: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return status and reason by id; what is printed is printed, whatever else a record says."""
    statuses = {gone.id: ("held back", f"withdrawn: {gone.reason}") for gone in record.withdrawn}
    statuses |= {one.id: ("failed", one.reason) for one in record.failed}
    statuses |= {one.id: ("held back", one.reason) for one in record.held_back}
    statuses |= {one.id: ("duplicate", f"printed on {one.printed_on}") for one in record.duplicates}
    return statuses | dict.fromkeys(printed, ("printed", ""))


def _printed_in(path: Path) -> set[str]:
    return {entry.paper_id for entry in files.read_digest(path)[1].digest.entries} if path.exists() else set()


def _stamps(output: Path) -> dict[tuple[LayoutName, dt.date], str]:
    """Return each day's files by size and time of change."""
    stamps: dict[tuple[LayoutName, dt.date], str] = {}
    for layout, date, file in files.day_files(output):
        stamps[layout, date] = stamps.get((layout, date), "") + _stamp(file.stat())
    return stamps


def _stamp(stat: os.stat_result) -> str:
    return f"{stat.st_size}-{stat.st_mtime_ns} "
