"""The ledger and the index from the output: what a machine that keeps nothing else needs before its next night."""

from pathlib import Path

from pipeline.archive import files, record
from pipeline.archive.compose import plain_entry
from pipeline.archive.digest_day import close_day
from pipeline.archive.index import Index
from pipeline.archive.record import DayRecord, EntryRecord, HeldBackRecord


def rebuild(index: Index) -> int:
    """Make the index anew from every record under the output, with the summaries that they hold; return their number.

    Runs, deliveries and what calls took stay as they are; calls that only a record knows come back as their sums. All
    is as before where a record cannot be read: ConfigError.
    """
    days = 0
    with index.ledger.transaction():
        index.clear()
        for path in files.records(index.output):
            if day := record.load(path):
                _restore(index, path.with_suffix(".md"), day)
                days += 1
    return days


def _restore(index: Index, digest: Path, day: DayRecord) -> None:
    printed = files.read_digest(digest)[1].digest.entries if digest.exists() else ()
    entries = {entry.paper_id: plain_entry(entry) for entry in printed}
    for one in day.entries:
        if one.id in entries:
            index.ledger.keep(record.summary_of(day, one, entries[one.id].sections), one.version)
    close_day(index, day, entries)
    for entry in day.entries:
        _restore_call(index, day, entry, entry.written_at.isoformat())
    for held in day.held_back:
        _restore_call(index, day, held, str(max(held.nights, default=day.date)))


def _restore_call(index: Index, day: DayRecord, one: EntryRecord | HeldBackRecord, moment: str) -> None:
    if one.attempts:
        index.ledger.restore_call(one.id, day.layout, one.model, moment, one.usage, one.usd)
