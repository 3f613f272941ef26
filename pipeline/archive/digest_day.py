"""One layout's day: its digest and the record beside it, opened, changed and written together.

Decides nothing about what is printed. A change to one entry leaves every other byte as it was; texts keep their own
newlines, BOM included.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pipeline.archive import files
from pipeline.archive.index import Index
from pipeline.archive.record import DayRecord, dump, load, record_path, same_but_for_the_reading, with_state
from pipeline.core.errors import LayoutError
from pipeline.core.models import Digest, Entry, LayoutName
from pipeline.layouts import LAYOUTS, parse, render, render_entry
from pipeline.layouts.lines import split_lines

_FACTS = ("votes", "authors", "more_authors", "thumbnail")
# What stands between two entries of any layout, and what does not: the beginning of a note.
_RULES = sorted({layout.gap.strip() for layout in LAYOUTS.values()} - {""}, reverse=True)
_MARKS = "".join(sorted(set().union(*_RULES)))
_BETWEEN = re.compile(rf"(?:\r?\n)*(?:{'|'.join(map(re.escape, _RULES))})?(?:\r?\n)*")
_NOTE = re.compile(rf"[^{re.escape(_MARKS)}\s]")


@dataclass(frozen=True)
class DigestDay:
    """A digest and its record as they are to be, and as the files have them: None where there is no such file."""

    path: Path
    layout: LayoutName
    date: dt.date
    text: str | None
    record: DayRecord
    old_text: str | None
    old_record: DayRecord | None

    @classmethod
    def open(cls, output: Path, layout: LayoutName, date: dt.date, provider: str) -> "DigestDay":
        """Read a day; `provider` is that of its record if there is none yet. ConfigError for what cannot be read."""
        path = files.digest_path(output, layout, date)
        known = load(path)
        text = files.read_text(path) if path.exists() else None
        record = known or DayRecord(layout=layout, date=date, provider=provider)
        return cls(path, layout, date, text, record, text, known)

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The printed entries by paper id, the first of each; ConfigError where the text is no digest."""
        parsed = files.parse_digest(self.path, self.text) if self.text is not None else None
        return {entry.paper_id: entry for entry in reversed(parsed.digest.entries)} if parsed else {}

    @property
    def is_changed(self) -> bool:
        """Whether the record says anything new but when the list was read."""
        return self.old_record is None or not same_but_for_the_reading(self.record, self.old_record)

    def require_whole(self) -> None:
        """Raise ConfigError where a part is missing of a digest that we wrote; any other may have any readable form."""
        if self.text is not None and self.old_record and self.old_record.entries:
            files.require_whole(self.path, self.text)

    def reread(self) -> "DigestDay":
        """Take in how the digest was edited since it was opened. An entry that was taken out meanwhile comes back, as
        it would on the next night.
        """
        if not self.path.exists() or (text := files.read_text(self.path)) == self.text:
            return self
        edited = replace(self, text=text, old_text=text)
        edited.require_whole()
        return edited if edited.entries.keys() >= self.entries.keys() else self

    def with_record(self, record: DayRecord) -> "DigestDay":
        """Replace the record; its state follows from what is printed."""
        return replace(self, record=with_state(record, self.entries))

    def insert(self, entries: Iterable[Entry]) -> "DigestDay":
        """Insert entries, each before the first one with fewer votes, or with as many and listed after it."""
        text, place = self.text, {paper_id: number for number, paper_id in enumerate(self.record.listed)}
        pending = list(entries)
        if text is None and pending:
            pending.sort(key=lambda entry: (-(entry.votes or 0), place.get(entry.paper_id, len(place))))
            date = self.date if LAYOUTS[self.layout].header else None
            return replace(self, text=render(Digest(layout=self.layout, date=date, entries=tuple(pending))))
        for entry in pending:
            text = _insert(text or "", self.layout, entry, place)
        return replace(self, text=text)

    def replace(self, entry: Entry, keep_facts: bool) -> "DigestDay":
        """Replace a paper's entry; with `keep_facts` its votes, authors and thumbnail stay.

        A note that stands below the old entry stands below the new one.
        """
        text = self.text or ""
        parsed = parse(text)
        for span, old in reversed(list(zip(parsed.spans, parsed.digest.entries, strict=True))):
            if old.paper_id == entry.paper_id:
                new = entry.model_copy(update={name: getattr(old, name) for name in _FACTS}) if keep_facts else entry
                text = text[: span.start] + _newlines(text, render_entry(self.layout, new)) + text[span.own_end :]
        return replace(self, text=text)

    def remove(self, paper_id: str) -> "DigestDay":
        """Remove a paper's entry and one gap beside it; with the last entry the digest goes.

        A note that stands below the entry stays; LayoutError, with its line, where it would stand above all entries.
        """
        return self if self.text is None else replace(self, text=_remove(self.text, paper_id))

    def save(self, index: Index) -> None:
        """Write what has changed: the record, then the digest, then ledger and index.

        A run that dies in between is finished by the next. ConfigError says what the disk objects to.
        """
        if self.is_changed:
            files.write_atomic(record_path(self.path), dump(self.record))
        if self.text is None and self.old_text is not None:
            files.delete(self.path)
        elif self.text is not None and self.text != self.old_text:
            files.write_atomic(self.path, self.text.encode())
        close_day(index, self.record, self.entries)


def close_day(index: Index, record: DayRecord, printed: Iterable[str]) -> None:
    """Settle a day in the ledger and bring the index in line with it, in one transaction.

    `printed` are the ids in the digest. What was kept for finishing the day is dropped.
    """
    with index.ledger.transaction():
        index.update(record, printed)
        index.ledger.settle(
            record.layout,
            printed=[(e.id, e.version, e.prompt.hash, e.model) for e in record.entries],
            held_back=[held.id for held in record.held_back if held.nights],
            withdrawn=[gone.id for gone in record.withdrawn],
        )


def _insert(text: str, layout: LayoutName, entry: Entry, place: Mapping[str, int]) -> str:
    parsed = parse(text)
    form, new = LAYOUTS[layout], _newlines(text, render_entry(layout, entry))
    gap = _newlines(text, form.gap)
    mine = (entry.votes or 0, -place.get(entry.paper_id, len(place)))
    for span, other in zip(parsed.spans, parsed.digest.entries, strict=True):
        if (other.votes or 0, -place.get(other.paper_id, -1)) < mine:
            return text[: span.start] + new + gap + text[span.start :]
    if not parsed.spans:  # a header and nothing else
        return text.rstrip("\r\n") + _newlines(text, form.header_gap) + new + _newlines(text, form.ending)
    end = parsed.spans[-1].end
    return text[:end] + gap + new + text[end:]


def _remove(text: str, paper_id: str) -> str | None:
    parsed = parse(text)
    ids = [entry.paper_id for entry in parsed.digest.entries]
    if paper_id not in ids:
        return text
    index, spans = ids.index(paper_id), parsed.spans
    if not index and (note := _NOTE.search(text, spans[0].own_end, spans[0].end)):
        line = len(split_lines(text[: note.start()]))
        raise LayoutError("a note stands below the entry and would be left without one above it", line)
    if len(ids) == 1:
        return None
    start, end = spans[index].start, spans[index].own_end
    gap = _BETWEEN.match(text, end)
    if index + 1 < len(ids) and gap:
        end = gap.end()
    elif index and not text[spans[index - 1].end : start].strip(_MARKS + "\r\n"):
        start = spans[index - 1].end
    return _remove(text[:start] + text[end:], paper_id)  # archives print a paper twice now and then


def _newlines(text: str, new: str) -> str:
    """Return new text with the newlines of the file that it goes into."""
    return new.replace("\n", "\r\n") if "\r\n" in text else new
