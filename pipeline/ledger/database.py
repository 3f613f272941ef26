"""The SQLite file: its schema, whose file it is, transactions, and SQLite's errors as ours."""

import contextlib
import datetime as dt
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.core.errors import ConfigError, LockHeld
from pipeline.core.models import Usage

FILENAME = "ledger.sqlite"
# Seconds to wait for another writer, as a copy or a check by hand may be.
PATIENCE = 5.0
_APPLICATION_ID = 0x50445047
# `n.sql` takes a ledger of version n - 1 to n. One that was released is never changed.
_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION = 3
Execute = Any  # sqlite3.Connection.execute, whose parameters have no simple type


class Database:
    """An open connection. `keeps` is False for a reader who must leave no trace of what it finds."""

    def __init__(self, connection: sqlite3.Connection, path: Path, keeps: bool) -> None:
        self._connection, self._path, self.keeps = connection, path, keeps

    def query(self, sql: str, values: Iterable[object] = ()) -> list[Any]:
        """Return all rows of a statement."""
        with _explained(self._path):
            return self._connection.execute(sql, tuple(values)).fetchall()

    @contextlib.contextmanager
    def transaction(self, durable: bool = True) -> Iterator[Execute]:
        """Hold the file for writing until the end of the block; an error takes everything back.

        A transaction within another is part of it. One that is not `durable` is on disk with the next that is.
        """
        if self._connection.in_transaction:
            yield self._connection.execute
            return
        with _explained(self._path):
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise

    def is_sound(self) -> bool:
        """Whether SQLite finds its own file whole."""
        return self.query("PRAGMA quick_check") == [("ok",)]


def connect(path: Path, keep: bool) -> sqlite3.Connection:
    """Open the file, brought up to date; where there is none and it is not to `keep`, an empty one in memory."""
    with _explained(path), contextlib.ExitStack() as stack:
        place = path if keep or path.exists() else ":memory:"
        connection = sqlite3.connect(place, timeout=PATIENCE, isolation_level=None)
        stack.callback(connection.close)
        _prepare(connection, path)
        stack.pop_all()
    return connection


def utc(moment: dt.datetime) -> str:
    """Format a moment as the tables have it."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def usage_of(given: float, made: float, cached: float) -> Usage:
    """Make a usage of three sums."""
    return Usage(input=int(given), output=int(made), cached=int(cached))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Check whose file it is before anything is written, then bring it up to date."""
    # In one statement: another process may be about to make the file.
    ((application, version, tables),) = connection.execute(
        "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) "
        "FROM pragma_application_id, pragma_user_version"
    )
    if application != _APPLICATION_ID and (application or version or tables):
        raise ConfigError(
            f"{path} is another program's SQLite file; move it away or choose another PIPELINE_STATE_DIR."
        )
    if version > _VERSION:
        raise ConfigError(f"{path} was written by a newer version of this program; update the program.")
    _use_wal(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    if version < _VERSION:
        _migrate(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log, waiting while another process does so: SQLite does not wait for this by itself."""
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > patience:
                raise
            time.sleep(0.01)


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring a ledger up to date, in one transaction; of several processes at once one does it."""
    connection.execute("BEGIN IMMEDIATE")
    ((version,),) = connection.execute("PRAGMA user_version")
    for number in range(version + 1, _VERSION + 1):
        for statement in (_MIGRATIONS / f"{number}.sql").read_text("utf-8").split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute("COMMIT")


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Raise SQLite's errors as ours."""
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
