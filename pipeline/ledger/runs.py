"""Runs: each command that may call a model or deliver, from its beginning to its exit code."""

import datetime as dt
from typing import Any, NamedTuple

from pipeline.core.models import Usage
from pipeline.ledger.database import Database, usage_of, utc


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


class RunTable(Database):
    """The table of runs."""

    def begin_run(self, command: str, day: dt.date | None, now: dt.datetime) -> int:
        """Insert a run and return its number. Calls that a dead run left open may be charged: they are in doubt now.

        Those of a batch that has not ended are still under way: see `open_batches`.
        """
        with self.transaction() as execute:
            execute(
                "UPDATE calls SET state = 'in doubt' WHERE state = 'open' "
                "AND (batch IS NULL OR batch IN (SELECT id FROM batches WHERE state = 'ended'))"
            )
            row = execute(
                "INSERT INTO runs (command, day, started_at) VALUES (?, ?, ?)",
                (command, day and day.isoformat(), utc(now)),
            )
            return int(row.lastrowid or 0)

    def end_run(self, run: int, exit_code: int, now: dt.datetime) -> None:
        """Record the run's end, with the exit code that it is about to give."""
        with self.transaction() as execute:
            execute("UPDATE runs SET ended_at = ?, exit_code = ? WHERE id = ?", (utc(now), exit_code, run))

    def runs(self, limit: int) -> list[RunRow]:
        """Return the last runs, newest first."""
        rows = self.query(
            "SELECT r.id, r.command, r.day, r.started_at, r.ended_at, r.exit_code, count(c.id), "
            "total(c.state = 'in doubt'), total(c.input), total(c.output), total(c.cached), "
            "iif(total(c.id IS NOT NULL AND c.usd IS NULL), NULL, total(c.usd)) "
            "FROM (SELECT * FROM runs ORDER BY id DESC LIMIT ?) r LEFT JOIN calls c ON c.run = r.id "
            "GROUP BY r.id ORDER BY r.id DESC",
            (limit,),
        )
        return [_run(row) for row in rows]

    def last_success(self) -> dt.datetime | None:
        """Return when the last night ended that published what there was."""
        ((moment,),) = self.query("SELECT max(ended_at) FROM runs WHERE command = 'run' AND exit_code IN (0, 3)")
        return dt.datetime.fromisoformat(moment) if moment else None

    def first_run_day(self) -> dt.date | None:
        """Return the oldest day that a run was for."""
        ((day,),) = self.query("SELECT min(day) FROM runs WHERE command IN ('run', 'backfill')")
        return dt.date.fromisoformat(day) if day else None


def month_of(now: dt.datetime) -> dt.datetime:
    """Return when the month of `now` began, from which a monthly budget counts."""
    return now.replace(day=1, hour=0, minute=0, second=0)


def _run(row: tuple[Any, ...]) -> RunRow:
    number, command, day, started, ended, exit_code, calls, doubts, *tokens, usd = row
    return RunRow(
        number,
        command,
        day,
        dt.datetime.fromisoformat(started),
        dt.datetime.fromisoformat(ended) if ended else None,
        exit_code,
        calls,
        int(doubts),
        usage_of(*tokens),
        usd,
    )
