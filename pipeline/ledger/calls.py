"""Calls of models: reserved before they are made, recorded before their answers are used, settled with their day."""

import datetime as dt
from typing import NamedTuple

from pipeline.core.models import Answer, LayoutName, Usage
from pipeline.ledger.database import Database, usage_of, utc

# The sum of US dollars, NULL where some of its parts are unknown.
_KNOWN_COST = "iif(total(usd IS NULL), NULL, total(usd))"


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


class Cost(NamedTuple):
    """The sum of some calls, by day of the call, model or paper. `usd` is None where a price is unknown."""

    of: str
    calls: int
    usage: Usage
    usd: float | None


class CallTable(Database):
    """The table of calls."""

    def reserve(self, run: int, call: Call, now: dt.datetime, batch: int | None = None) -> int:
        """Insert a call that is about to be made and return its number; `batch` is the number of its batch."""
        with self.transaction() as execute:
            row = execute(
                "INSERT INTO calls (run, request_hash, paper_id, layout, model, usd, started_at, batch, state) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open')",
                (run, *call, utc(now), batch),
            )
            return int(row.lastrowid or 0)

    def booked(self, call: int) -> Booked | None:
        """Return a call that is not answered yet; None for one that is, or that nobody reserved."""
        rows = self.query("SELECT model, usd, batch IS NOT NULL FROM calls WHERE id = ? AND state = 'open'", (call,))
        return Booked(rows[0][0], rows[0][1], bool(rows[0][2])) if rows else None

    def record(self, call: int, answer: Answer, usd: float | None) -> None:
        """Record the answer to a call, and what it cost."""
        usage = answer.usage
        with self.transaction() as execute:
            execute(
                "UPDATE calls SET state = 'answered', answer = ?, usd = ?, seconds = ?, input = ?, output = ?, "
                "cached = ? WHERE id = ?",
                (answer.model_dump_json(), usd, answer.seconds, usage.input, usage.output, usage.cached, call),
            )

    def release(self, call: int, error: str, in_doubt: bool) -> None:
        """Record that a call failed: its cost counts against the budget only where it may have been charged."""
        with self.transaction() as execute:
            execute(
                "UPDATE calls SET state = ?, error = ?, usd = CASE WHEN ? THEN usd ELSE 0 END WHERE id = ?",
                ("in doubt" if in_doubt else "failed", error, in_doubt, call),
            )

    def restore_call(
        self, paper_id: str, layout: str, model: str, moment: str, usage: Usage, usd: float | None
    ) -> None:
        """Insert one row for all calls about a paper, unless it has some: what they cost is not forgotten."""
        with self.transaction() as execute:
            known = "SELECT 1 FROM calls WHERE paper_id = ? AND layout = ?"
            if not execute(known, (paper_id, layout)).fetchone():
                execute(
                    "INSERT INTO calls (request_hash, state, settled, paper_id, layout, model, started_at, input, "
                    "output, cached, usd) VALUES ('', 'answered', 1, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (paper_id, layout, model, moment, usage.input, usage.output, usage.cached, usd),
                )

    def answers(self, request_hash: str) -> list[tuple[int, Answer]]:
        """Return the answers to a request that were paid for and not used yet, each with its call; oldest first."""
        rows = self.query(
            "SELECT id, answer FROM calls WHERE request_hash = ? AND settled = 0 AND state = 'answered' ORDER BY id",
            (request_hash,),
        )
        return [(call, Answer.model_validate_json(answer)) for call, answer in rows]

    def spent_since(self, moment: dt.datetime) -> float:
        """Return the US dollars of all calls since then, those in doubt at the most that they can cost."""
        ((usd,),) = self.query("SELECT total(usd) FROM calls WHERE started_at >= ?", (utc(moment),))
        return float(usd)

    def seconds_per_call(self, model: str) -> float | None:
        """Return how long the last calls of a model took on average; None where none was made outside of batches."""
        ((seconds,),) = self.query(
            "SELECT avg(seconds) FROM (SELECT seconds FROM calls WHERE model = ? AND state = 'answered' "
            "AND batch IS NULL ORDER BY id DESC LIMIT 1000)",
            (model,),
        )
        return None if seconds is None else float(seconds)

    def unsettled_cost(self, paper_id: str, layout: LayoutName) -> float | None:
        """Return the US dollars of the calls that a paper's next outcome rests on; None where a price is unknown."""
        ((usd,),) = self.query(
            f"SELECT {_KNOWN_COST} FROM calls WHERE paper_id = ? AND layout = ? AND settled = 0",  # noqa: S608
            (paper_id, layout),
        )
        return None if usd is None else float(usd)

    def calls(self, paper_id: str) -> list[CallRow]:
        """Return every attempt of a call about a paper, oldest first."""
        rows = self.query(
            "SELECT started_at, input, output, cached, layout, model, state, usd, seconds, error FROM calls "
            "WHERE paper_id = ? ORDER BY id",
            (paper_id,),
        )
        return [
            CallRow(dt.datetime.fromisoformat(moment), layout, model, state, usage_of(*tokens), usd, seconds, error)
            for moment, *tokens, layout, model, state, usd, seconds, error in rows
        ]

    def costs(self, by: str, since: dt.datetime) -> list[Cost]:
        """Return the sums of the calls since then by `day`, `model` or `paper`, the most expensive first."""
        column = {"day": "substr(started_at, 1, 10)", "model": "model", "paper": "paper_id"}[by]
        rows = self.query(
            f"SELECT {column}, count(*), total(input), total(output), total(cached), {_KNOWN_COST} "  # noqa: S608
            f"FROM calls WHERE started_at >= ? GROUP BY 1 ORDER BY total(usd) DESC, 1 DESC",
            (utc(since),),
        )
        return [Cost(of, calls, usage_of(*tokens), usd) for of, calls, *tokens, usd in rows]
