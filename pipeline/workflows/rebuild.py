"""The ledger from the output: what a machine that keeps nothing else needs before its next night."""

from pathlib import Path

from pipeline.archive import files, record
from pipeline.archive.compose import plain_entry
from pipeline.archive.record import DayRecord
from pipeline.ledger import Ledger


def rebuild(ledger: Ledger, output: Path) -> int:
    """Bring days, listings, papers and summaries in line with every record under the output; gives their number.

    Runs, deliveries and what calls took stay as they are; calls that only a record knows come back as their sums.
    """
    days = []
    for path in files.records(output):
        if day := record.load(path):
            _restore(ledger, path.with_suffix(".md"), day)
            days.append((day.date, day.layout))
    ledger.forget_days(days)
    return len(days)


def _restore(ledger: Ledger, digest: Path, day: DayRecord) -> None:
    printed = files.read_digest(digest)[1].digest.entries if digest.exists() else ()
    entries = {entry.paper_id: plain_entry(entry) for entry in printed}
    summaries = [record.summary_of(day, e, entries[e.id].sections) for e in day.entries if e.id in entries]
    ledger.close_day(day, entries, summaries)
    ledger.restore_calls(day)
