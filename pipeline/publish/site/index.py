"""What the site remembers of every day, so that a build reads only the days that changed: a row a day, kept as JSON.

Also says which pages there are because of these rows. Holds no text of any entry.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.archive.catalog import Day
from pipeline.core.models import LayoutName
from pipeline.core.text import fold, strip_invisible
from pipeline.publish.site import paths


class PaperRow(NamedTuple):
    """A printed paper of one day."""

    id: str
    title: str
    layouts: tuple[LayoutName, ...]
    fields: tuple[str, ...]
    votes: int | None


class DayRow(NamedTuple):
    """A day. `source` is the hash of its files, `previous` the day before it in the archive.

    `withdrawn` are ids, `media` the pictures that are kept for it.
    """

    source: str
    previous: str
    papers: tuple[PaperRow, ...]
    withdrawn: tuple[str, ...]
    media: tuple[str, ...]
    problems: tuple[str, ...]

    def ids(self) -> Iterator[str]:
        """Every id of this day that has a page."""
        known = dict.fromkeys((*(paper.id for paper in self.papers), *self.withdrawn))
        return (paper_id for paper_id in known if paths.paper(paper_id))


Rows = Mapping[dt.date, DayRow]


class Manifest(NamedTuple):
    """What a build remembers: its version (see `build._version`), a row a day, and the stamp of each year's index."""

    version: str
    rows: Rows
    stamps: Mapping[int, str]


def source_of(files: Iterable[Path]) -> str:
    """The hash of a day's files, names and bytes; a file that cannot be read counts as empty, its reader complains."""
    digest = hashlib.sha256()
    for path in files:
        data = _bytes(path)
        digest.update(f"{'/'.join(path.parts[-4:])}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def describe(day: Day, source: str, previous: dt.date | None, media: Iterable[str], problems: Iterable[str]) -> DayRow:
    """The row of a day that was read."""
    return DayRow(
        source,
        previous.isoformat() if previous else "",
        tuple(_papers(day)),
        tuple(gone.id for record in day.records.values() for gone in record.withdrawn),
        tuple(media),
        (*day.problems, *problems),
    )


def days_of(rows: Rows) -> dict[str, list[dt.date]]:
    """The days of each paper that has a page, oldest first."""
    found: dict[str, list[dt.date]] = {}
    for date in sorted(rows):
        for paper_id in rows[date].ids():
            found.setdefault(paper_id, []).append(date)
    return found


def pages(rows: Rows) -> set[str]:
    """Every file of the site that is there because of these rows."""
    found = set()
    for date, row in rows.items():
        found |= {paths.day(date), paths.day_json(date), paths.year(date.year), *row.media}
        found |= {page for paper_id in row.ids() if (page := paths.paper(paper_id))}
        found |= {page for name in fields(row) for page in (paths.field(name), paths.field(name, date.year))}
        found |= {paths.field_feed(name) for name in fields(row)}
    return found


def fields(row: DayRow) -> set[str]:
    """The fields of a day's papers."""
    return {name for paper in row.papers for name in paper.fields}


def load(path: Path) -> Manifest:
    """Read the manifest of the last build, an empty one where it cannot be read."""
    try:
        kept = json.loads(path.read_bytes())
        rows = {dt.date.fromisoformat(date): _row(row) for date, row in kept["days"].items()}
        return Manifest(kept["version"], rows, {int(year): stamp for year, stamp in kept["search"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Manifest("", {}, {})


def dump(manifest: Manifest) -> bytes:
    """Return the bytes that `load` reads."""
    days = {date.isoformat(): row for date, row in sorted(manifest.rows.items())}
    kept = {"version": manifest.version, "days": days, "search": manifest.stamps}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def _row(row: list[Any]) -> DayRow:
    source, previous, papers, withdrawn, media, problems = row
    return DayRow(
        source,
        previous,
        tuple(PaperRow(i, title, tuple(layouts), tuple(fields), votes) for i, title, layouts, fields, votes in papers),
        tuple(withdrawn),
        tuple(media),
        tuple(problems),
    )


def _papers(day: Day) -> Iterator[PaperRow]:
    """The papers in the order of the first layout that prints each."""
    for paper_id in dict.fromkeys(article.entry.paper_id for article in day.articles):
        mine = [article for article in day.articles if article.entry.paper_id == paper_id]
        votes = next((article.entry.votes for article in mine if article.entry.votes is not None), None)
        names = dict.fromkeys(strip_invisible(name) for article in mine for name in article.fields())
        title = strip_invisible(fold(mine[0].entry.title))
        yield PaperRow(paper_id, title, tuple(article.layout for article in mine), tuple(filter(None, names)), votes)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
