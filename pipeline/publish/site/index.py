"""The manifest: a row a day that a build keeps as JSON, so that the next one reads only the days that changed.

Says which pages there are because of these rows. Holds no text of any entry.
"""

import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from pipeline.archive.catalog import Day
from pipeline.publish.papers import clean_all, group_by_paper
from pipeline.publish.site import paths


class SitePaper(NamedTuple):
    """A printed paper of one day."""

    id: str
    title: str
    fields: tuple[str, ...]
    votes: int | None

    @property
    def page(self) -> str:
        """The way to its page from the site's folder, "" where it has none."""
        return paths.paper_href(self.id)


class SiteDay(NamedTuple):
    """A day. `source` is the hash of its files, `previous` the day before it in the archive.

    `withdrawn` are ids, `media` the pictures that are kept for it.
    """

    source: str
    previous: str
    papers: tuple[SitePaper, ...]
    withdrawn: tuple[str, ...]
    media: tuple[str, ...]
    problems: tuple[str, ...]

    def ids(self) -> list[str]:
        """Return every id of this day that has a page."""
        known = dict.fromkeys((*(paper.id for paper in self.papers), *self.withdrawn))
        return [paper_id for paper_id in known if paths.paper(paper_id)]


Rows = Mapping[dt.date, SiteDay]


class Manifest(NamedTuple):
    """What a build remembers: its version (see `build._version`), a row a day, and the stamp of each year's index."""

    version: str
    rows: Rows
    stamps: Mapping[int, str]


_MANIFEST = TypeAdapter(Manifest)


def hash_files(files: Iterable[Path]) -> str:
    """Hash a day's files, names and bytes; one that cannot be read counts as empty, as its reader complains."""
    digest = hashlib.sha256()
    for path in files:
        data = b""
        with contextlib.suppress(OSError):
            data = path.read_bytes()
        digest.update(f"{'/'.join(path.parts[-4:])}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def make_row(day: Day, source: str, previous: dt.date | None, media: Iterable[str], problems: Iterable[str]) -> SiteDay:
    """Return the row of a day that was read."""
    return SiteDay(
        source,
        str(previous or ""),
        tuple(SitePaper(one.id, one.title, clean_all(one.fields), one.votes) for one in group_by_paper(day.articles)),
        tuple(gone.id for record in day.records.values() for gone in record.withdrawn),
        tuple(media),
        (*day.problems, *problems),
    )


def days_by_paper(rows: Rows) -> dict[str, list[dt.date]]:
    """Return the days of each paper that has a page, oldest first."""
    found: dict[str, list[dt.date]] = {}
    for date in sorted(rows):
        for paper_id in rows[date].ids():
            found.setdefault(paper_id, []).append(date)
    return found


def page_paths(rows: Rows) -> set[str]:
    """Return every file of the site that is there because of these rows."""
    found = set()
    for date, row in rows.items():
        found |= {paths.day(date), paths.day_json(date), paths.year(date.year), *row.media}
        found |= {page for paper_id in row.ids() if (page := paths.paper(paper_id))}
        found |= {page for name in fields(row) for page in (paths.field(name), paths.field(name, date.year))}
        found |= {paths.field_feed(name) for name in fields(row)}
    return found


def fields(row: SiteDay) -> set[str]:
    """Return the fields of a day's papers."""
    return {name for paper in row.papers for name in paper.fields}


def load(path: Path) -> Manifest:
    """Read the manifest of the last build, an empty one where it cannot be read."""
    try:
        return _MANIFEST.validate_json(path.read_bytes())
    except (OSError, ValueError):
        return Manifest("", {}, {})


def dump(manifest: Manifest) -> bytes:
    """Return the bytes that `load` reads."""
    return _MANIFEST.dump_json(manifest)
