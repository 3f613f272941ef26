"""What happened: one SQLite file of days, listings, papers, summaries, model calls, runs and deliveries.

Each method is one transaction, on disk when it returns, but for `keep`. Knows what is kept and how it is found again;
what follows from it is decided by those who ask. All moments are stored in UTC, all money in US dollars.
"""

import contextlib
import datetime as dt
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.archive.record import DayRecord, EntryRecord, FailedRecord, HeldBackRecord, ListingInfo, WithdrawnRecord
from pipeline.core.errors import ConfigError, LockHeld
from pipeline.core.models import Answer, Batch, LayoutName, Summary, Usage

FILENAME = "ledger.sqlite"
# Seconds to wait for another writer, as a copy or a check by hand may be.
PATIENCE = 5.0
_APPLICATION_ID = 0x50445047
# Step n takes a ledger of version n to n + 1. A step that was released is never changed.
_MIGRATIONS = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY, command TEXT NOT NULL, day TEXT, started_at TEXT NOT NULL, ended_at TEXT,
        exit_code INTEGER
    ) STRICT;
    CREATE TABLE days (
        date TEXT NOT NULL, layout TEXT NOT NULL, state TEXT NOT NULL, evidence TEXT, provider TEXT NOT NULL,
        PRIMARY KEY (date, layout)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE papers (id TEXT PRIMARY KEY, version INTEGER, title TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE listings (
        date TEXT NOT NULL, layout TEXT NOT NULL, paper_id TEXT NOT NULL REFERENCES papers (id), place INTEGER NOT NULL,
        status TEXT CHECK (status IN ('printed', 'duplicate', 'held back', 'failed')), reason TEXT NOT NULL,
        PRIMARY KEY (date, layout, paper_id),
        FOREIGN KEY (date, layout) REFERENCES days (date, layout) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX listings_by_paper ON listings (paper_id);
    CREATE TABLE summaries (
        paper_id TEXT NOT NULL, version INTEGER NOT NULL, layout TEXT NOT NULL, prompt_hash TEXT NOT NULL,
        model TEXT NOT NULL, summary TEXT NOT NULL,
        PRIMARY KEY (paper_id, layout, version, prompt_hash, model)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE calls (
        id INTEGER PRIMARY KEY, run INTEGER REFERENCES runs (id), request_hash TEXT NOT NULL, paper_id TEXT NOT NULL,
        layout TEXT NOT NULL, model TEXT NOT NULL, started_at TEXT NOT NULL, seconds REAL,
        state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'failed', 'in doubt')), error TEXT,
        input INTEGER NOT NULL DEFAULT 0, output INTEGER NOT NULL DEFAULT 0, cached INTEGER NOT NULL DEFAULT 0,
        usd REAL, answer TEXT, settled INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX calls_unsettled ON calls (request_hash) WHERE settled = 0;
    CREATE INDEX calls_by_paper ON calls (paper_id, layout);
    CREATE INDEX calls_by_time ON calls (started_at);
    CREATE TABLE deliveries (
        day TEXT NOT NULL, channel TEXT NOT NULL, part INTEGER NOT NULL, message_key TEXT NOT NULL,
        delivered_at TEXT NOT NULL,
        PRIMARY KEY (day, channel, part)
    ) STRICT, WITHOUT ROWID;
    """,
    "ALTER TABLE deliveries ADD COLUMN papers TEXT NOT NULL DEFAULT '';",
    """
    CREATE TABLE batches (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, file TEXT, batch TEXT, begun_at TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('preparing', 'submitted', 'ended'))
    ) STRICT;
    ALTER TABLE calls ADD COLUMN batch INTEGER REFERENCES batches (id);
    CREATE INDEX calls_by_batch ON calls (batch) WHERE batch IS NOT NULL;
    CREATE INDEX calls_open ON calls (state) WHERE state = 'open';
    CREATE INDEX calls_by_run ON calls (run);
    CREATE INDEX listings_by_status ON listings (status, date);
    CREATE TABLE read_days (
        layout TEXT NOT NULL, date TEXT NOT NULL, stamp TEXT NOT NULL, PRIMARY KEY (layout, date)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE mentions (
        paper_id TEXT NOT NULL, layout TEXT NOT NULL, date TEXT NOT NULL, PRIMARY KEY (paper_id, layout, date)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX mentions_by_day ON mentions (layout, date);
    """,
)
# A temporary table stands before the one of the same name that is kept.
_FOR_THE_TIME_BEING = """
    CREATE TEMP TABLE IF NOT EXISTS read_days AS SELECT * FROM main.read_days;
    CREATE TEMP TABLE IF NOT EXISTS mentions AS SELECT * FROM main.mentions;
    CREATE INDEX IF NOT EXISTS temp.mentions_by_paper ON mentions (paper_id);
"""


class Call(NamedTuple):
    """A call before it is made. `usd` is the most that it can cost, None where nobody knows the model's price.

    `layout` is that of the summary which rests on the call, or the command's name where none does.
    """

    request_hash: str
    paper_id: str
    layout: str
    model: str
    usd: float | None


class Booked(NamedTuple):
    """A call that is not answered yet: its model, the most that it can cost, whether it is in a batch."""

    model: str
    usd: float | None
    batched: bool


class PaperStatus(NamedTuple):
    """Where a listed paper stands; `status` is None where nobody accounts for it."""

    date: dt.date
    layout: str
    paper_id: str
    title: str
    status: str | None
    reason: str


class RunRow(NamedTuple):
    """One run. `ended_at` and `exit_code` are None where it was killed, or is still at work."""

    id: int
    command: str
    day: str | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    exit_code: int | None
    calls: int
    in_doubt: int
    usage: Usage
    usd: float | None


class DayRow(NamedTuple):
    """One layout's day."""

    date: dt.date
    layout: str
    state: str
    evidence: str
    counts: Mapping[str, int]


class CallRow(NamedTuple):
    """One attempt of a call. `error` says why it failed; `usd` is None where the model's price is unknown."""

    started_at: dt.datetime
    layout: str
    model: str
    state: str
    usage: Usage
    usd: float | None
    seconds: float | None
    error: str | None


class Finished(NamedTuple):
    """A day with nothing left to do: what its list was, and whether the day has a digest."""

    evidence: ListingInfo | None
    printed: bool


class Cost(NamedTuple):
    """What calls came to, by day of the call, model or paper. `usd` is None where a price is unknown."""

    of: str
    calls: int
    usage: Usage
    usd: float | None


class Ledger:
    """An open ledger: see `opened`."""

    def __init__(self, database: sqlite3.Connection, path: Path, keep: bool) -> None:
        self._database, self._path, self._keep = database, path, keep

    # ---- runs

    def begin_run(self, command: str, day: dt.date | None, now: dt.datetime) -> int:
        """A run that begins. Calls that a dead run left open may have been charged: they are in doubt from now on.

        Those of a batch that has not ended are under way still: see `open_batches`.
        """
        with self._transaction() as execute:
            execute(
                "UPDATE calls SET state = 'in doubt' WHERE state = 'open' "
                "AND (batch IS NULL OR batch IN (SELECT id FROM batches WHERE state = 'ended'))"
            )
            row = execute(
                "INSERT INTO runs (command, day, started_at) VALUES (?, ?, ?)",
                (command, day and day.isoformat(), _moment(now)),
            )
            return int(row.lastrowid or 0)

    def end_run(self, run: int, exit_code: int, now: dt.datetime) -> None:
        """The run's end, with the exit code that it is about to give."""
        with self._transaction() as execute:
            execute("UPDATE runs SET ended_at = ?, exit_code = ? WHERE id = ?", (_moment(now), exit_code, run))

    def runs(self, limit: int) -> list[RunRow]:
        """The last runs, newest first."""
        rows = self._query(
            "SELECT r.id, r.command, r.day, r.started_at, r.ended_at, r.exit_code, count(c.id), "
            "total(c.state = 'in doubt'), total(c.input), total(c.output), total(c.cached), sum(c.usd), "
            "total(c.id IS NOT NULL AND c.usd IS NULL) "
            "FROM (SELECT * FROM runs ORDER BY id DESC LIMIT ?) r LEFT JOIN calls c ON c.run = r.id "
            "GROUP BY r.id ORDER BY r.id DESC",
            (limit,),
        )
        return [_run(row) for row in rows]

    def last_success(self) -> dt.datetime | None:
        """When the last night ended that published what there was."""
        ((moment,),) = self._query("SELECT max(ended_at) FROM runs WHERE command = 'run' AND exit_code IN (0, 3)")
        return dt.datetime.fromisoformat(moment) if moment else None

    # ---- calls

    def reserve(self, run: int, call: Call, now: dt.datetime, batch: int | None = None) -> int:
        """A call that is about to be made, with the most that it can cost; `batch` is the number of its batch."""
        with self._transaction() as execute:
            row = execute(
                "INSERT INTO calls (run, request_hash, paper_id, layout, model, usd, started_at, batch, state) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open')",
                (run, *call, _moment(now), batch),
            )
            return int(row.lastrowid or 0)

    def booked(self, call: int) -> Booked | None:
        """What is known of a call that is not answered yet; None for one that is, or that nobody booked."""
        rows = self._query("SELECT model, usd, batch IS NOT NULL FROM calls WHERE id = ? AND state = 'open'", (call,))
        return Booked(rows[0][0], rows[0][1], bool(rows[0][2])) if rows else None

    def record(self, call: int, answer: Answer, usd: float | None) -> None:
        """The answer to a call, and what it cost."""
        usage = answer.usage
        with self._transaction() as execute:
            execute(
                "UPDATE calls SET state = 'answered', answer = ?, usd = ?, seconds = ?, input = ?, output = ?, "
                "cached = ? WHERE id = ?",
                (answer.model_dump_json(), usd, answer.seconds, usage.input, usage.output, usage.cached, call),
            )

    def release(self, call: int, error: str, in_doubt: bool) -> None:
        """A call that failed: what it could cost stands against the budget only where it may have been charged."""
        with self._transaction() as execute:
            execute(
                "UPDATE calls SET state = ?, error = ?, usd = CASE WHEN ? THEN usd ELSE 0 END WHERE id = ?",
                ("in doubt" if in_doubt else "failed", error, in_doubt, call),
            )

    def answers(self, request_hash: str) -> list[tuple[int, Answer]]:
        """The answers to a request that were paid for and led to nothing yet, oldest first, each with its call."""
        rows = self._query(
            "SELECT id, answer FROM calls WHERE request_hash = ? AND settled = 0 AND state = 'answered' ORDER BY id",
            (request_hash,),
        )
        return [(call, Answer.model_validate_json(answer)) for call, answer in rows]

    def spent_since(self, moment: dt.datetime) -> float:
        """US dollars of all calls since then, those in doubt at the most that they can cost."""
        ((usd,),) = self._query("SELECT total(usd) FROM calls WHERE started_at >= ?", (_moment(moment),))
        return float(usd)

    def seconds_per_call(self, model: str) -> float | None:
        """How long the last calls of a model took, each by itself; None where none was made."""
        ((seconds,),) = self._query(
            "SELECT avg(seconds) FROM (SELECT seconds FROM calls WHERE model = ? AND state = 'answered' "
            "AND batch IS NULL ORDER BY id DESC LIMIT 1000)",
            (model,),
        )
        return None if seconds is None else float(seconds)

    def unsettled_cost(self, paper_id: str, layout: LayoutName) -> float | None:
        """US dollars of the calls about a paper that its next outcome rests on; None where a price is unknown."""
        ((unknown, usd),) = self._query(
            "SELECT total(usd IS NULL), total(usd) FROM calls WHERE paper_id = ? AND layout = ? AND settled = 0",
            (paper_id, layout),
        )
        return None if unknown else float(usd)

    def calls(self, paper_id: str) -> list[CallRow]:
        """Every attempt of a call about a paper, oldest first."""
        rows = self._query(
            "SELECT started_at, layout, model, state, input, output, cached, usd, seconds, error FROM calls "
            "WHERE paper_id = ? ORDER BY id",
            (paper_id,),
        )
        return [_call(row) for row in rows]

    def costs(self, by: str, since: dt.datetime) -> list[Cost]:
        """What calls came to since then, by `day`, `model` or `paper`, the dearest first."""
        column = {"day": "substr(started_at, 1, 10)", "model": "model", "paper": "paper_id"}[by]
        rows = self._query(
            f"SELECT {column}, count(*), total(input), total(output), total(cached), sum(usd), "  # noqa: S608
            f"total(usd IS NULL) FROM calls WHERE started_at >= ? GROUP BY 1 ORDER BY total(usd) DESC, 1 DESC",
            (_moment(since),),
        )
        return [Cost(of, calls, _usage(*tokens), _known(usd, unknown)) for of, calls, *tokens, usd, unknown in rows]

    # ---- batches

    def begin_batch(self, name: str, now: dt.datetime) -> Batch:
        """A batch that is about to be made."""
        with self._transaction() as execute:
            row = execute(
                "INSERT INTO batches (name, begun_at, state) VALUES (?, ?, 'preparing')", (name, _moment(now))
            )
            return Batch(int(row.lastrowid or 0), name)

    def uploaded(self, batch: Batch, file: str) -> Batch:
        """The provider has the batch's lines."""
        with self._transaction() as execute:
            execute("UPDATE batches SET file = ? WHERE id = ?", (file, batch.number))
        return batch._replace(file=file)

    def submitted(self, batch: Batch, id: str) -> Batch:
        """The provider has the batch."""
        with self._transaction() as execute:
            execute("UPDATE batches SET batch = ?, state = 'submitted' WHERE id = ?", (id, batch.number))
        return batch._replace(id=id)

    def end_batch(self, batch: Batch) -> None:
        """All of a batch's answers are taken in, or never will be."""
        with self._transaction() as execute:
            execute("UPDATE batches SET state = 'ended' WHERE id = ?", (batch.number,))

    def open_batches(self) -> list[Batch]:
        """The batches that have not ended, oldest first: of this run, or of one that died."""
        rows = self._query("SELECT id, name, file, batch FROM batches WHERE state <> 'ended' ORDER BY id")
        return list(map(Batch._make, rows))

    def asked_in_batch(self, request_hash: str) -> str | None:
        """The batch that has this request, if it has not ended: by the provider's id, or by ours until there is one."""
        rows = self._query(
            "SELECT coalesce(b.batch, b.name) FROM calls c JOIN batches b ON b.id = c.batch "
            "WHERE c.request_hash = ? AND c.settled = 0 AND c.state = 'open' AND b.state <> 'ended'",
            (request_hash,),
        )
        return rows[0][0] if rows else None

    def calls_of(self, batch: Batch) -> list[int]:
        """The calls of a batch that are not answered."""
        rows = self._query("SELECT id FROM calls WHERE batch = ? AND state = 'open' ORDER BY id", (batch.number,))
        return [call for (call,) in rows]

    # ---- where papers are named

    def stamps(self) -> dict[tuple[str, dt.date], str]:
        """What each day's files were when they were last read for `mentions`, by layout and date."""
        rows = self._query("SELECT layout, date, stamp FROM read_days")
        return {(layout, dt.date.fromisoformat(date)): stamp for layout, date, stamp in rows}

    def mention(self, days: Iterable[tuple[str, dt.date, str, Iterable[str]]]) -> None:
        """What days name now: layout, date, stamp of the files, ids; a day without a stamp is gone."""
        if not self._keep:
            self._database.executescript(_FOR_THE_TIME_BEING)
        with self._transaction() as execute:
            for layout, date, stamp, ids in days:
                day = layout, date.isoformat()
                execute("DELETE FROM read_days WHERE layout = ? AND date = ?", day)
                execute("DELETE FROM mentions WHERE layout = ? AND date = ?", day)
                if stamp:
                    execute("INSERT INTO read_days VALUES (?, ?, ?)", (*day, stamp))
                for paper_id in set(ids):
                    execute("INSERT INTO mentions VALUES (?, ?, ?)", (paper_id, *day))

    def mentions(self, paper_id: str) -> list[tuple[LayoutName, dt.date]]:
        """The days that name a paper, by layout and date, oldest first."""
        rows = self._query("SELECT layout, date FROM mentions WHERE paper_id = ? ORDER BY date, layout", (paper_id,))
        return [(layout, dt.date.fromisoformat(date)) for layout, date in rows]

    def mentioned(self) -> list[str]:
        """Every id that is named anywhere."""
        return [paper_id for (paper_id,) in self._query("SELECT DISTINCT paper_id FROM mentions")]

    # ---- papers and days

    def keep(self, summary: Summary, version: int | None) -> None:
        """A summary as soon as it is there, so that a run that dies before it writes need not make it again.

        It is on disk with the next transaction: what the power takes comes again from its answers.
        """
        self._database.execute("PRAGMA synchronous = NORMAL")
        try:
            with self._transaction() as execute:
                _keep(execute, summary, version)
        finally:
            self._database.execute("PRAGMA synchronous = FULL")

    def is_paid_for(self, paper_id: str, layout: LayoutName, prompt_hash: str) -> bool:
        """Whether there is a summary of some version of a paper by this prompt, or an answer that was not used yet."""
        return bool(
            self._query(
                "SELECT 1 FROM summaries WHERE paper_id = ? AND layout = ? AND prompt_hash = ? UNION ALL "
                "SELECT 1 FROM calls WHERE paper_id = ? AND layout = ? AND state = 'answered' AND settled = 0 LIMIT 1",
                (paper_id, layout, prompt_hash, paper_id, layout),
            )
        )

    def summary(self, paper_id: str, version: int | None, layout: LayoutName, prompt_hash: str) -> Summary | None:
        """The summary of this version of a paper by this prompt, whichever model was paid for it."""
        rows = self._query(
            "SELECT summary FROM summaries WHERE paper_id = ? AND version = ? AND layout = ? AND prompt_hash = ?",
            (paper_id, version or 0, layout, prompt_hash),
        )
        return Summary.model_validate_json(rows[0][0]) if rows else None

    def close_day(self, record: DayRecord, printed: Iterable[str], summaries: Iterable[Summary] = ()) -> None:
        """One layout's day as its record and its digest have it, and the end of what was kept for finishing it.

        `printed` are the ids in the digest; `summaries` those of its entries that the ledger may not have.
        """
        with self._transaction() as execute:
            _write_day(execute, record)
            _write_papers(execute, record)
            _write_listings(execute, record, set(printed))
            versions = {entry.id: entry.version for entry in record.entries}
            for summary in summaries:
                _keep(execute, summary, versions[summary.paper_id])
            _settle(execute, record)

    def restore_calls(self, record: DayRecord) -> None:
        """One line for all calls about each paper of which the ledger has none: what they cost is not forgotten."""
        papers: tuple[EntryRecord | HeldBackRecord, ...] = (*record.entries, *record.held_back)
        with self._transaction() as execute:
            for one in papers:
                known = "SELECT 1 FROM calls WHERE paper_id = ? AND layout = ?"
                if one.attempts and not execute(known, (one.id, record.layout)).fetchone():
                    _restore_call(execute, one, record)

    def forget_days(self, kept: Iterable[tuple[dt.date, str]]) -> None:
        """Drop the days that are not among these, with their listings: the output does not have them any more."""
        known = {(date.isoformat(), layout) for date, layout in kept}
        gone = [row for row in self._query("SELECT date, layout FROM days") if tuple(row) not in known]
        with self._transaction() as execute:
            for row in gone:
                execute("DELETE FROM days WHERE date = ? AND layout = ?", row)

    def listed_near(self, date: dt.date, days: int) -> dict[dt.date, set[str]]:
        """The ids that other days' lists had, so many days before and after."""
        first, last = (date + dt.timedelta(sign * days) for sign in (-1, 1))
        rows = self._query(
            "SELECT DISTINCT date, paper_id FROM listings WHERE date BETWEEN ? AND ? AND date <> ?",
            (first.isoformat(), last.isoformat(), date.isoformat()),
        )
        near: dict[dt.date, set[str]] = {}
        for day, paper_id in rows:
            near.setdefault(dt.date.fromisoformat(day), set()).add(paper_id)
        return near

    def first_day(self) -> dt.date | None:
        """The oldest day that the ledger knows, or that a run was for: one that died has left no more than that."""
        ((day,),) = self._query(
            "SELECT min(date) FROM (SELECT date FROM days UNION "
            "SELECT day FROM runs WHERE command IN ('run', 'backfill'))"
        )
        return dt.date.fromisoformat(day) if day else None

    def finished(self, first: dt.date, last: dt.date) -> dict[tuple[dt.date, str], Finished]:
        """The days and layouts of a range of which everything listed is printed, or a duplicate."""
        rows = self._query(
            "SELECT date, layout, evidence, EXISTS (SELECT 1 FROM listings l WHERE l.date = d.date "
            "AND l.layout = d.layout AND status = 'printed') FROM days d "
            "WHERE date BETWEEN ? AND ? AND state IN ('published', 'empty')",
            (first.isoformat(), last.isoformat()),
        )
        return {
            (dt.date.fromisoformat(date), layout): Finished(
                ListingInfo.model_validate_json(evidence) if evidence else None, bool(printed)
            )
            for date, layout, evidence, printed in rows
        }

    def days(self, limit: int) -> list[DayRow]:
        """The last days, newest first, `limit` rows of a layout and day each."""
        rows = self._query(
            "SELECT d.date, d.layout, d.state, coalesce(d.evidence, ''), total(l.status = 'printed'), "
            "total(l.status = 'duplicate'), total(l.status = 'held back'), total(l.status = 'failed'), count(l.place) "
            "FROM (SELECT * FROM days ORDER BY date DESC, layout LIMIT ?) d LEFT JOIN listings l USING (date, layout) "
            "GROUP BY d.date, d.layout ORDER BY d.date DESC, d.layout",
            (limit,),
        )
        return [_day(row) for row in rows]

    def not_printed(self, since: dt.date) -> list[PaperStatus]:
        """The papers that failed or are unaccounted for, however old, and those held back since that day."""
        held_back = "status = 'held back' AND date >= ?"
        return self._standings(f"status = 'failed' OR status IS NULL OR {held_back}", since.isoformat())

    def without_list(self, since: dt.date) -> list[dt.date]:
        """The days since then, up to the last one known, whose list was never read; oldest first."""
        rows = self._query(
            "SELECT date, max(state IN ('failed', 'stale')), count(paper_id) FROM days "
            "LEFT JOIN listings USING (date, layout) WHERE date >= ? GROUP BY date",
            (since.isoformat(),),
        )
        read = {dt.date.fromisoformat(day): listed or not missing for day, missing, listed in rows}
        ((newest,),) = self._query("SELECT max(date) FROM days")
        if newest is None:
            return []
        first, last = max(self.first_day() or since, since), dt.date.fromisoformat(newest)
        days = (first + dt.timedelta(number) for number in range((last - first).days + 1))
        return [day for day in days if not read.get(day)]

    def unaccounted(self) -> list[PaperStatus]:
        """The listed papers that are neither printed nor duplicate, held back or failed: there must be none."""
        return self._standings("status IS NULL")

    def is_sound(self) -> bool:
        """Whether SQLite finds its own file whole."""
        return self._query("PRAGMA quick_check") == [("ok",)]

    # ---- deliveries

    def delivered(self, day: dt.date, channel: str) -> dict[int, tuple[str, ...]]:
        """The parts of a day's message that a channel has got, each with the ids of what it told of."""
        rows = self._query(
            "SELECT part, papers FROM deliveries WHERE day = ? AND channel = ? ORDER BY part",
            (day.isoformat(), channel),
        )
        return {part: tuple(papers.split()) for part, papers in rows}

    def deliver(
        self, day: dt.date, channel: str, part: int, message_key: str, papers: Iterable[str], now: dt.datetime
    ) -> None:
        """A part that a channel has got."""
        with self._transaction() as execute:
            execute(
                "INSERT OR REPLACE INTO deliveries (day, channel, part, message_key, papers, delivered_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (day.isoformat(), channel, part, message_key, " ".join(papers), _moment(now)),
            )

    # ---- SQLite

    def _standings(self, condition: str, *values: object) -> list[PaperStatus]:
        rows = self._query(
            "SELECT date, layout, paper_id, title, status, reason FROM listings JOIN papers ON id = paper_id "  # noqa: S608
            f"WHERE {condition} ORDER BY date DESC, layout, place",
            values,
        )
        return [PaperStatus(dt.date.fromisoformat(date), *others) for date, *others in rows]

    def _query(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        with _explained(self._path):
            return self._database.execute(sql, tuple(values)).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator["_Execute"]:
        with _explained(self._path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database.execute
            except BaseException:
                self._database.rollback()
                raise
            self._database.commit()


_Execute = Any  # sqlite3.Connection.execute, whose parameters have no simple type
_Named = EntryRecord | HeldBackRecord | FailedRecord | WithdrawnRecord


@contextlib.contextmanager
def opened(folder: Path, keep: bool = True) -> Iterator[Ledger]:
    """The ledger of a state folder, made or brought up to date if need be; where there is none and it is not to
    `keep`, an empty one in memory. Who does not keep it writes what is named where for the time being only.

    ConfigError for a file that is not ours, is damaged, of a newer version or not to be written; nothing is changed
    then. LockHeld when another writer keeps it for longer than PATIENCE.
    """
    path = folder / FILENAME
    with _explained(path):
        database = sqlite3.connect(
            path if keep or path.exists() else ":memory:", timeout=PATIENCE, isolation_level=None
        )
    try:
        with _explained(path):
            _prepare(database, path)
        yield Ledger(database, path, keep)
    finally:
        database.close()


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    """Check whose file it is before anything is written, then bring it up to date."""
    # In one statement: another process may be about to make the file.
    ((application, version, tables),) = database.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) "
        "FROM pragma_application_id, pragma_user_version"
    )
    if application != _APPLICATION_ID and (application or version or tables):
        raise ConfigError(
            f"{path} is another program's SQLite file; move it away or choose another PIPELINE_STATE_DIR."
        )
    if version > len(_MIGRATIONS):
        raise ConfigError(f"{path} was written by a newer version of this program; update the program.")
    _use_wal(database)
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA foreign_keys = ON")
    if version < len(_MIGRATIONS):
        _migrate(database)


def _use_wal(database: sqlite3.Connection) -> None:
    """The journal as a file beside it. For this SQLite does not wait by itself while another process does the same."""
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > patience:
                raise
            time.sleep(0.01)


def _migrate(database: sqlite3.Connection) -> None:
    """Bring a ledger up to date, in one transaction; of several processes at once one does it."""
    database.execute("BEGIN IMMEDIATE")
    ((version,),) = database.execute("PRAGMA user_version")
    for number, step in enumerate(_MIGRATIONS[version:], version + 1):
        for statement in step.split(";"):
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {number}")
    database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    database.execute("COMMIT")


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """SQLite's errors as ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if _is_busy(error):
            raise LockHeld(f"Another program holds {path}; end it, or wait, and run again.") from None
        raise ConfigError(f"The ledger {path} cannot be used: {error}. Correct its rights or its disk.") from None
    except sqlite3.DatabaseError as error:
        raise ConfigError(
            f"{path} is no ledger, or is damaged ({error}); move it away, then `pipeline status --rebuild` makes one "
            "from the output."
        ) from None


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


# ---- a day, by table


def _write_day(execute: _Execute, record: DayRecord) -> None:
    evidence = record.evidence.model_dump_json() if record.evidence else None
    execute(
        "INSERT INTO days VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state, "
        "evidence = excluded.evidence, provider = excluded.provider",
        (record.date.isoformat(), record.layout, record.state, evidence, record.provider),
    )


def _write_papers(execute: _Execute, record: DayRecord) -> None:
    named: tuple[_Named, ...] = (*record.withdrawn, *record.failed, *record.held_back, *record.entries)
    titles = {one.id: one.title for one in named}
    versions = {entry.id: entry.version for entry in record.entries}
    for paper_id in {*record.listed, *titles}:
        execute(
            "INSERT INTO papers VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
            "version = coalesce(excluded.version, version), title = coalesce(nullif(excluded.title, ''), title)",
            (paper_id, versions.get(paper_id), titles.get(paper_id, "")),
        )
    for gone in record.withdrawn:
        execute("UPDATE papers SET version = NULL WHERE id = ?", (gone.id,))


def _write_listings(execute: _Execute, record: DayRecord, printed: set[str]) -> None:
    day = (record.date.isoformat(), record.layout)
    standing = _standing(record, printed)
    execute("DELETE FROM listings WHERE date = ? AND layout = ?", day)
    for place, paper_id in enumerate(record.listed):
        status, reason = standing.get(paper_id, (None, ""))
        execute("INSERT INTO listings VALUES (?, ?, ?, ?, ?, ?)", (*day, paper_id, place, status, reason))
    # What could not be read has a place in the list for a name, and may be gone or readable another night.
    execute(
        "DELETE FROM papers WHERE id >= 'unreadable-record-' AND id < 'unreadable-record.' "
        "AND NOT EXISTS (SELECT 1 FROM listings WHERE paper_id = papers.id)"
    )


def _standing(record: DayRecord, printed: set[str]) -> dict[str, tuple[str, str]]:
    """Status and reason by id; what is printed is printed, whatever else a record says."""
    standing = {gone.id: ("held back", f"withdrawn: {gone.reason}") for gone in record.withdrawn}
    standing |= {one.id: ("failed", one.reason) for one in record.failed}
    standing |= {one.id: ("held back", one.reason) for one in record.held_back}
    standing |= {one.id: ("duplicate", f"printed on {one.printed_on}") for one in record.duplicates}
    return standing | dict.fromkeys(printed, ("printed", ""))


def _keep(execute: _Execute, summary: Summary, version: int | None) -> None:
    key = (summary.paper_id, version or 0, summary.layout, summary.prompt.hash, summary.model)
    execute("INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?, ?)", (*key, summary.model_dump_json()))


def _settle(execute: _Execute, record: DayRecord) -> None:
    """What was printed or held back needs its calls' answers no more; of its summaries, the printed one stays."""
    for gone in record.withdrawn:
        execute("DELETE FROM summaries WHERE paper_id = ? AND layout = ?", (gone.id, record.layout))
    for entry in record.entries:
        execute(
            "DELETE FROM summaries WHERE paper_id = ? AND layout = ? AND (version, prompt_hash, model) <> (?, ?, ?)",
            (entry.id, record.layout, entry.version or 0, entry.prompt.hash, entry.model),
        )
    tried = [held.id for held in record.held_back if held.nights]
    for paper_id in {*tried, *(entry.id for entry in record.entries)}:
        execute(
            "UPDATE calls SET settled = 1, answer = NULL WHERE paper_id = ? AND layout = ? AND settled = 0",
            (paper_id, record.layout),
        )


def _restore_call(execute: _Execute, one: EntryRecord | HeldBackRecord, record: DayRecord) -> None:
    nights = () if isinstance(one, EntryRecord) else one.nights
    moment = one.written_at.isoformat() if isinstance(one, EntryRecord) else str(max(nights, default=record.date))
    execute(
        "INSERT INTO calls (request_hash, state, settled, paper_id, layout, model, started_at, input, output, cached, "
        "usd) VALUES ('', 'answered', 1, ?, ?, ?, ?, ?, ?, ?, ?)",
        (one.id, record.layout, one.model, moment, one.usage.input, one.usage.output, one.usage.cached, one.usd),
    )


# ---- rows


def month_of(now: dt.datetime) -> dt.datetime:
    """When the month of `now` began: what a monthly budget counts from."""
    return now.replace(day=1, hour=0, minute=0, second=0)


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def _usage(given: float, made: float, cached: float) -> Usage:
    return Usage(input=int(given), output=int(made), cached=int(cached))


def _known(usd: float | None, unknown: float) -> float | None:
    return None if unknown else usd or 0.0


def _run(row: tuple[Any, ...]) -> RunRow:
    number, command, day, started, ended, exit_code, calls, doubts, *tokens, usd, unknown = row
    return RunRow(
        number,
        command,
        day,
        dt.datetime.fromisoformat(started),
        dt.datetime.fromisoformat(ended) if ended else None,
        exit_code,
        calls,
        int(doubts),
        _usage(*tokens),
        _known(usd, unknown),
    )


def _day(row: tuple[Any, ...]) -> DayRow:
    date, layout, state, evidence, *counts = row
    names = ("printed", "duplicate", "held back", "failed", "listed")
    of_each = dict(zip(names, map(int, counts), strict=True))
    return DayRow(dt.date.fromisoformat(date), layout, state, evidence, of_each)


def _call(row: tuple[Any, ...]) -> CallRow:
    started, layout, model, state, given, made, cached, usd, seconds, error = row
    moment, usage = dt.datetime.fromisoformat(started), _usage(given, made, cached)
    return CallRow(moment, layout, model, state, usage, usd, seconds, error)
