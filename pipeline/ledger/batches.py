"""Batches of calls, from the first line to the last answer: one that a dead run left open is taken up again."""

import datetime as dt

from pipeline.core.models import Batch
from pipeline.ledger.database import Database, utc


class BatchTable(Database):
    """The table of batches."""

    def begin_batch(self, name: str, now: dt.datetime) -> Batch:
        """Insert a batch that is about to be made."""
        with self.transaction() as execute:
            row = execute("INSERT INTO batches (name, begun_at, state) VALUES (?, ?, 'preparing')", (name, utc(now)))
            return Batch(int(row.lastrowid or 0), name)

    def uploaded(self, batch: Batch, file: str) -> Batch:
        """Record that the provider has the batch's lines, in this file."""
        with self.transaction() as execute:
            execute("UPDATE batches SET file = ? WHERE id = ?", (file, batch.number))
        return batch._replace(file=file)

    def submitted(self, batch: Batch, id: str) -> Batch:
        """Record that the provider has the batch, by this id."""
        with self.transaction() as execute:
            execute("UPDATE batches SET batch = ?, state = 'submitted' WHERE id = ?", (id, batch.number))
        return batch._replace(id=id)

    def end_batch(self, batch: Batch) -> None:
        """Record that all of a batch's answers are taken in, or never will be."""
        with self.transaction() as execute:
            execute("UPDATE batches SET state = 'ended' WHERE id = ?", (batch.number,))

    def open_batches(self) -> list[Batch]:
        """Return the batches that have not ended, of this run or of one that died; oldest first."""
        rows = self.query("SELECT id, name, file, batch FROM batches WHERE state <> 'ended' ORDER BY id")
        return list(map(Batch._make, rows))

    def asked_in_batch(self, request_hash: str) -> str | None:
        """Return the open batch that has this request: the provider's id of it, or our name until there is one."""
        rows = self.query(
            "SELECT coalesce(b.batch, b.name) FROM calls c JOIN batches b ON b.id = c.batch "
            "WHERE c.request_hash = ? AND c.settled = 0 AND c.state = 'open' AND b.state <> 'ended'",
            (request_hash,),
        )
        return rows[0][0] if rows else None

    def calls_of(self, batch: Batch) -> list[int]:
        """Return the calls of a batch that are not answered."""
        rows = self.query("SELECT id FROM calls WHERE batch = ? AND state = 'open' ORDER BY id", (batch.number,))
        return [call for (call,) in rows]
