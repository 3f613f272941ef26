"""Where papers are named in the output folder: the ledger's index of it, brought in line with what lies there.

A day is read again when one of its files has another size or time of change. That a file names an id says no more than
that it must be looked into: who asks reads the few files that are left.
"""

import contextlib
import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.archive import files
from pipeline.archive.record import WithdrawnRecord, load, record_path
from pipeline.core.errors import ConfigError
from pipeline.core.ids import ID, parse_id
from pipeline.core.models import LayoutName
from pipeline.layouts import LAYOUTS
from pipeline.ledger import Ledger

_ID = re.compile(rf"(?<![\d.])(?:{ID})(?!\d)".encode(), re.IGNORECASE)
_FILE = re.compile(r"/(\d{4})/(\d\d)/(\d\d)\.(?:md|json)$")


def refresh(ledger: Ledger, output: Path) -> None:
    """Read every day that has changed since it was read, and forget those that are gone; ConfigError names a file that
    cannot be read.
    """
    try:
        known, found = ledger.stamps(), _stamps(output)
        gone = [(*day, "", ()) for day in known.keys() - found.keys()]
        changed = [(*day, stamp, _ids(output, *day)) for day, stamp in found.items() if known.get(day) != stamp]
    except OSError as error:
        raise ConfigError(f"{error.filename} cannot be read: {error.strerror}.") from None
    if gone or changed:
        ledger.mention([*gone, *changed])


def note(ledger: Ledger, output: Path, layout: LayoutName, date: dt.date) -> None:
    """Read one day that was written just now."""
    stamp = "".join(_stamp(path.stat()) for path in _files(output, layout, date) if path.exists())
    ledger.mention([(layout, date, stamp, _ids(output, layout, date))])


def printed(ledger: Ledger, output: Path, ids: Iterable[str]) -> dict[str, list[Path]]:
    """Where each of these papers is printed: id to digest files, by layout the oldest first; ids that are not printed
    are absent.
    """
    found: dict[str, list[Path]] = {}
    for path, near in _near(ledger, output, ids):
        for paper_id in _printed_in(path) & near:
            found.setdefault(paper_id, []).append(path)
    return found


def withdrawn(ledger: Ledger, output: Path, ids: Iterable[str]) -> dict[str, WithdrawnRecord]:
    """Those of these papers that the maintainer took out of some layout's digest, by id, each as was said last. What
    was put back into the digest by hand is not taken out.
    """
    found: dict[str, WithdrawnRecord] = {}
    for path, near in _near(ledger, output, ids):
        record = load(record_path(path))
        gone = [one for one in record.withdrawn if one.id in near] if record else []
        back = _printed_in(path) if gone else set()
        for one in gone:
            if one.id not in back and (one.id not in found or one.at > found[one.id].at):
                found[one.id] = one
    return found


def named(ledger: Ledger, output: Path, paper_id: str) -> list[Path]:
    """The digests (which may not exist) that name a paper, or whose record does."""
    return [files.digest_path(output, *day) for day in ledger.mentions(paper_id)]


def _near(ledger: Ledger, output: Path, ids: Iterable[str]) -> list[tuple[Path, set[str]]]:
    """The digests (which may not exist) that name some of the papers, or whose records do, in order; and which."""
    near: dict[Path, set[str]] = {}
    for paper_id in ids:
        for path in named(ledger, output, paper_id):
            near.setdefault(path, set()).add(paper_id)
    return sorted(near.items())


def _printed_in(path: Path) -> set[str]:
    return {entry.paper_id for entry in files.read_digest(path)[1].digest.entries} if path.exists() else set()


def _files(output: Path, layout: LayoutName, date: dt.date) -> tuple[Path, Path]:
    """In the order of their names."""
    digest = files.digest_path(output, layout, date)
    return record_path(digest), digest


def _ids(output: Path, layout: LayoutName, date: dt.date) -> set[str]:
    data = b"\n".join(path.read_bytes() for path in _files(output, layout, date) if path.exists())
    return {parse_id(found.decode()).id for found in set(_ID.findall(data))}


def _stamps(output: Path) -> dict[tuple[LayoutName, dt.date], str]:
    """Each day's files by size and time of change."""
    stamps: dict[tuple[LayoutName, dt.date], str] = {}
    for layout in LAYOUTS:
        for day in _folders(output / layout, 2):
            for file in sorted(_entries(day), key=lambda entry: entry.name):
                if date := _date(file.path):
                    stamps[layout, date] = stamps.get((layout, date), "") + _stamp(file.stat())
    return stamps


def _folders(folder: Path | os.DirEntry[str], depth: int) -> Iterator[Path | os.DirEntry[str]]:
    """The folders so far below this one: with pathlib's glob ten years would take a second."""
    if not depth:
        yield folder
        return
    for entry in _entries(folder):
        if entry.is_dir():
            yield from _folders(entry, depth - 1)


def _entries(folder: Path | os.DirEntry[str]) -> list[os.DirEntry[str]]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        return list(entries)
    return []


def _date(path: str) -> dt.date | None:
    match = _FILE.search(path)
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _stamp(stat: os.stat_result) -> str:
    return f"{stat.st_size}-{stat.st_mtime_ns} "
