"""Builds the site: decides which pages change with the days that changed, and in which order they replace the old ones.

Reads days one at a time and remembers a row of each; a day whose files are as they were is not read again, unless a
paper of a changed day is printed on it too.
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from pipeline import __version__
from pipeline.archive import catalog, files
from pipeline.archive.catalog import Article, Day
from pipeline.core.errors import LockHeld, SourceError
from pipeline.core.retry import Transient
from pipeline.lang.ko import interface
from pipeline.publish.site import feeds, index, media, metadata, pages, paths, search, stage, views
from pipeline.publish.site.index import Manifest, SiteDay, SitePaper
from pipeline.publish.site.media import Fetch
from pipeline.publish.site.paths import Site
from pipeline.publish.site.search import Pagefind, SearchIndexes
from pipeline.publish.site.stage import Stage

RECENT_DAYS = 14
FIRST_PAGE_PAPERS = 60  # papers on the first page of a field, or a few more: a day is not divided
_DAYS_KEPT = 8  # in memory, for papers that are printed on more than one
_MOVED_LAST = (paths.ABOUT, paths.SEARCH, paths.FIELDS, paths.ARCHIVE, paths.RECENT, paths.TODAY)


class BuildResult(NamedTuple):
    """A finished build: the site's folder, its days and papers, the number of files that changed or went.

    `problems` are sentences about what could not be read or fetched; `searchable` says whether the site has search.
    """

    site: Path
    days: int
    papers: int
    changed: int
    problems: tuple[str, ...]
    searchable: bool


def build(output: Path, site: Site, fetch: Fetch | None = None, pagefind: Pagefind | None = None) -> BuildResult:
    """Bring `output/site/` in line with the digests; `fetch` gets a thumbnail, and is None where the site keeps none.

    Without `pagefind` the site has no search, and says so. ConfigError when the folder cannot be written, LockHeld when
    another build is at work. A day that cannot be read is a problem, and the rest is built.
    """
    folder = output / "site"
    files.check_writable(folder / stage.HIDDEN)
    lock = FileLock(folder / stage.HIDDEN / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LockHeld(f"Another build of {folder} is running; wait for it.") from None
    with lock:
        return _Builder(output, site, Stage(folder), fetch, pagefind).run()


@dataclass
class _Builder:
    output: Path
    site: Site
    stage: Stage
    fetch: Fetch | None
    pagefind: Pagefind | None
    rows: dict[dt.date, SiteDay] = field(default_factory=dict)
    _written: dict[str, dt.date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._read_day = lru_cache(maxsize=_DAYS_KEPT)(partial(catalog.read_day, self.output))

    def run(self) -> BuildResult:
        """Build the site step by step; nothing of the old one changes before `commit`."""
        version = _version(self.site, stored=self.fetch is not None)
        last = index.load(self.stage.site / stage.MANIFEST)
        old = last.rows if last.version == version else {}
        changed = self._write_days(old) | (old.keys() - self.rows.keys())
        touched = [rows[date] for rows in (old, self.rows) for date in changed if date in rows]
        self._write_papers(touched)
        self._write_fields({name for row in touched for name in index.fields(row)}, {date.year for date in changed})
        self._write_archive()
        self._write_single_pages()
        found = self._write_search(version, last.stamps)
        removed = set(found.removed)
        kept = self.stage.written | index.page_paths(self.rows)
        if not old or not index.page_paths(old) <= kept:
            removed.update(self.stage.find_leftovers(kept))
        self.stage.write(stage.MANIFEST, index.dump(Manifest(version, self.rows, found.stamps)))
        moved = self.stage.commit(removed, _MOVED_LAST)
        problems = [problem for date in sorted(self.rows) for problem in self.rows[date].problems]
        problems += found.problems
        papers = len(index.days_by_paper(self.rows))
        return BuildResult(self.stage.site, len(self.rows), papers, moved, tuple(problems), self.pagefind is not None)

    def _write_days(self, current: index.Rows) -> set[dt.date]:
        """Write the pages of the days that are not as in `current`; return which these are."""
        changed = set()
        previous: dt.date | None = None
        for date, found in catalog.sources(self.output).items():
            source, row = index.hash_files(found), current.get(date)
            if not row or (row.source, row.previous) != (source, str(previous or "")):
                row = self._write_day(date, source, previous)
                changed.add(date)
            self.rows[date] = row
            previous = date
        return changed

    def _write_day(self, date: dt.date, source: str, previous: dt.date | None) -> SiteDay:
        day = self._read_day(date)
        missing = list(self._fetch_pictures(day.articles))
        if any(isinstance(error, Transient) for error in missing):
            source = ""  # so that the next build tries again
        pictures = self._pictures(day.articles)
        row = index.make_row(day, source, previous, sorted((pictures or {}).values()), map(str, missing))
        path = paths.day(date)
        self.stage.write(path, pages.day(self.site, path, day, pictures, previous))
        self.stage.write(paths.day_json(date), metadata.day_json(day))
        for paper_id in row.ids():  # most papers are of one day, which need not be read again for them
            self._write_paper(paper_id, [day])
            self._written[paper_id] = date
        return row

    def _write_papers(self, touched: Iterable[SiteDay]) -> None:
        """Write the pages of the papers of these days, but those that their day has written already."""
        dates = index.days_by_paper(self.rows)
        for paper_id in {paper_id for row in touched for paper_id in row.ids()} & dates.keys():
            if dates[paper_id] != [self._written.get(paper_id)]:
                self._write_paper(paper_id, [self._read_day(date) for date in reversed(dates[paper_id])])

    def _write_paper(self, paper_id: str, days: Sequence[Day]) -> None:
        """Write a paper's page, from the days that print it or took it out, the newest first."""
        path = paths.paper(paper_id)
        if path:
            pictures = self._pictures(one for day in days for one in day.articles if one.entry.paper_id == paper_id)
            self.stage.write(path, pages.paper(self.site, path, days, paper_id, pictures))

    def _write_fields(self, names: set[str], years: set[int]) -> None:
        """Write the first page of each of these fields, and its pages of these years."""
        listed: dict[str, dict[dt.date, list[SitePaper]]] = {}
        for date in sorted(self.rows, reverse=True):
            for paper in self.rows[date].papers:
                for name in names.intersection(paper.fields):
                    listed.setdefault(name, {}).setdefault(date, []).append(paper)
        for name, days in listed.items():
            by_year = {year: list(group) for year, group in groupby(days.items(), key=lambda item: item[0].year)}
            write = partial(self._write, template="field.html.j2", name=name, years=list(by_year))
            write(paths.field(name), year=None, days=list(_recent(days)))
            for year in years & by_year.keys():
                write(paths.field(name, year), year=year, days=by_year[year])

    def _write_archive(self) -> None:
        counts = {date: len(row.papers) for date, row in self.rows.items()}
        years = sorted({date.year for date in counts}, reverse=True)
        for year in years:
            page = paths.year(year)
            self.stage.write(page, pages.year(self.site, page, year, counts, years))
        if years:
            self.stage.write(paths.ARCHIVE, pages.year(self.site, paths.ARCHIVE, years[0], counts, years))
        else:
            self._write_empty(paths.ARCHIVE, "archive", interface.CALENDAR)

    def _write_single_pages(self) -> None:
        """Write what there is one of: today, recent, fields, about, feeds, and what pages load."""
        self._write_today()
        # The newest days as lists of titles, of which the reader's browser shows what is new to it.
        days = [(date, self.rows[date].papers) for date in sorted(self.rows, reverse=True)[:RECENT_DAYS]]
        self._write(paths.RECENT, "recent.html.j2", days=days)
        counts = Counter(name for row in self.rows.values() for paper in row.papers for name in paper.fields)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        self._write(paths.FIELDS, "fields.html.j2", fields=ordered)
        self._write(paths.ABOUT, "about.html.j2")
        for asset in sorted((pages.HERE / "assets").iterdir()):
            self.stage.write(f"assets/{asset.name}", asset.read_bytes())
        for path, data in (*feeds.files(self.site, self.rows, self._read_day), *metadata.files(self.site, self.rows)):
            self.stage.write(path, data)
        self.stage.write(".nojekyll", b"")  # GitHub Pages would leave out names that begin with an underscore

    def _write_today(self) -> None:
        """Write the newest day that prints something as the first page."""
        if not self.rows:
            self._write_empty(paths.TODAY, "today", self.site.title)
            return
        newest = max(self.rows, key=lambda date: (bool(self.rows[date].papers), date))
        day = self._read_day(newest)
        previous = max((date for date in self.rows if date < newest), default=None)
        pictures = self._pictures(day.articles)
        self.stage.write(paths.TODAY, pages.day(self.site, paths.TODAY, day, pictures, previous, today=True))

    def _write_search(self, version: str, stamps: Mapping[int, str]) -> SearchIndexes:
        """Write the search page and the indexes behind it, each of the papers that were last printed in its year."""
        printed: dict[int, dict[str, str]] = {}
        for paper_id, dates in index.days_by_paper(self.rows).items():
            path = paths.paper(paper_id)
            if path and any(paper.id == paper_id for date in dates for paper in self.rows[date].papers):
                printed.setdefault(dates[-1].year, {})[path] = " ".join(self.rows[date].source for date in dates)
        found = search.update_indexes(self.stage, printed, stamps, version, self.pagefind)
        self._write(paths.SEARCH, "search.html.j2", years=list(found.stamps), installed=self.pagefind is not None)
        return found

    def _write_empty(self, path: str, section: str, heading: str) -> None:
        self._write(path, "empty.html.j2", section=section, heading=heading, notice=interface.NOTHING_PRINTED)

    def _write(self, path: str, template: str, **values: object) -> None:
        self.stage.write(path, pages.render(self.site, path, template, None, **values))

    def _pictures(self, articles: Iterable[Article]) -> dict[str, str] | None:
        """Return where the site has these articles' thumbnails, by address; None where it keeps none."""
        if self.fetch is None:
            return None
        return {url: media.media_path(url) for url in _thumbnails(articles) if self.stage.has(media.media_path(url))}

    def _fetch_pictures(self, articles: Iterable[Article]) -> Iterator[SourceError]:
        """Fetch the thumbnails that the site has not got; yield the errors of those that cannot be had."""
        for url in _thumbnails(articles):
            if self.fetch and not self.stage.has(media.media_path(url)):
                try:
                    self.stage.write(media.media_path(url), media.redraw(url, self.fetch))
                except SourceError as error:
                    yield error


def _thumbnails(articles: Iterable[Article]) -> list[str]:
    """Return the addresses of these articles' thumbnails on the media hosts."""
    pictures = (views.picture(article.entry.paper_id, article.entry.thumbnail) for article in articles)
    return list(dict.fromkeys(picture.src for picture in pictures if picture.src))


def _recent(days: Mapping[dt.date, list[SitePaper]]) -> Iterator[tuple[dt.date, list[SitePaper]]]:
    """Yield the newest days, until they have FIRST_PAGE_PAPERS papers."""
    shown = 0
    for date, rows in days.items():
        if shown >= FIRST_PAGE_PAPERS:
            return
        yield date, rows
        shown += len(rows)


def _version(site: Site, stored: bool) -> str:
    """Hash what a page is made by besides its day: this package's code, templates and assets, and the settings."""
    digest = hashlib.sha256(repr((__version__, site, stored)).encode())
    for path in sorted(pages.HERE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    return digest.hexdigest()
