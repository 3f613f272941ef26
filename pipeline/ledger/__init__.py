"""What was paid for and delivered: one SQLite file of runs, model calls, batches, paid summaries and deliveries.

Each method is one transaction, on disk when it returns, but for `keep`. Knows what is kept and how it is found again;
what follows from it is decided by those who ask. All moments are stored in UTC, all money in US dollars. What is
printed is not kept here: the digests and their records say it, and `archive.index` keeps its tables in the same file.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.ledger.batches import BatchTable
from pipeline.ledger.calls import Booked, Call, CallRow, CallTable, Cost
from pipeline.ledger.database import FILENAME, connect
from pipeline.ledger.deliveries import DeliveryTable
from pipeline.ledger.runs import RunRow, RunTable, month_of
from pipeline.ledger.summaries import SummaryTable

__all__ = ["FILENAME", "Booked", "Call", "CallRow", "Cost", "Ledger", "RunRow", "month_of", "opened"]


class Ledger(RunTable, CallTable, BatchTable, SummaryTable, DeliveryTable):
    """An open ledger: see `opened`."""


@contextlib.contextmanager
def opened(folder: Path, keep: bool = True) -> Iterator[Ledger]:
    """Open the ledger of a state folder; make it, or bring it up to date, if need be.

    With `keep` False nothing is made where there is none: the ledger is an empty one in memory. ConfigError for a file
    that is not ours, is damaged, of a newer version or not to be written; nothing is changed then. LockHeld when
    another writer holds it for longer than PATIENCE.
    """
    path = folder / FILENAME
    with contextlib.closing(connect(path, keep)) as connection:
        yield Ledger(connection, path, keep)
