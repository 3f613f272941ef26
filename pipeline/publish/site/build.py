"""Builds the site: which pages changed with the days that changed, and in which order they take the old ones' place.

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
from pipeline.publish import export
from pipeline.publish.site import index, media, metadata, pages, paths, search, stage, syndication, views
from pipeline.publish.site.index import DayRow, Manifest, PaperRow
from pipeline.publish.site.media import Fetch
from pipeline.publish.site.pages import Row, Site
from pipeline.publish.site.search import Found, Pagefind
from pipeline.publish.site.stage import Stage

RECENT_DAYS = 14
RECENT = 60  # papers on the first page of a field, or a few more: a day is not divided
_DAYS_KEPT = 8  # in memory, for papers that are printed on more than one
_INDEXES = (
    paths.ABOUT,
    paths.SEARCH,
    paths.FIELDS,
    paths.ARCHIVE,
    paths.RECENT,
    paths.TODAY,
)
_NOTHING = "아직 실린 논문이 없습니다. pipeline run을 실행한 뒤 사이트를 다시 만드시기 바랍니다."


class Built(NamedTuple):
    """What a build came to: where, of how much, how many files it changed, and what it could not read or fetch.

    `searchable`: whether the site has search; without it nothing is wrong, but for who wants to search.
    """

    site: Path
    days: int
    papers: int
    changed: int
    problems: tuple[str, ...]
    searchable: bool


def build(output: Path, site: Site, fetch: Fetch | None = None, pagefind: Pagefind | None = None) -> Built:
    """Bring `output/site/` in line with the digests; `fetch`, where thumbnails are kept on the site, gets one.

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
        return _Build(output, site, Stage(folder), fetch, pagefind).run()


@dataclass
class _Build:
    output: Path
    site: Site
    stage: Stage
    fetch: Fetch | None
    pagefind: Pagefind | None
    rows: dict[dt.date, DayRow] = field(default_factory=dict)
    _written: dict[str, dt.date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._day = lru_cache(maxsize=_DAYS_KEPT)(partial(catalog.read_day, self.output))

    def run(self) -> Built:
        """The plan of a build."""
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
        kept = self.stage.written | index.pages(self.rows)
        if not old or not index.pages(old) <= kept:
            removed.update(self.stage.leftovers(kept))
        self.stage.write(stage.MANIFEST, index.dump(Manifest(version, self.rows, found.stamps)))
        moved = self.stage.commit(removed, _INDEXES)
        problems = [problem for date in sorted(self.rows) for problem in self.rows[date].problems]
        problems += found.problems
        papers = len(index.days_of(self.rows))
        return Built(self.stage.site, len(self.rows), papers, moved, tuple(problems), self.pagefind is not None)

    def _write_days(self, current: index.Rows) -> set[dt.date]:
        """The pages of the days that are not as in `current`; which these are."""
        changed = set()
        previous: dt.date | None = None
        for date, found in catalog.sources(self.output).items():
            source, row = index.source_of(found), current.get(date)
            if not row or row.source != source or row.previous != (previous.isoformat() if previous else ""):
                row = self._write_day(date, source, previous)
                changed.add(date)
            self.rows[date] = row
            previous = date
        return changed

    def _write_day(self, date: dt.date, source: str, previous: dt.date | None) -> DayRow:
        day = self._day(date)
        missing = list(self._fetch_pictures(day.articles))
        if any(isinstance(error, Transient) for error in missing):
            source = ""  # so that the next build tries again
        pictures = self._pictures(day.articles)
        row = index.describe(day, source, previous, sorted((pictures or {}).values()), map(str, missing))
        path = paths.day(date)
        self.stage.write(path, pages.day(self.site, path, day, list(views.cards(day, pictures)), row.previous))
        self.stage.write(paths.day_json(date), metadata.day_json(day))
        for paper_id in row.ids():  # most papers are of one day, which need not be read again for them
            self._write_paper(paper_id, [day])
            self._written[paper_id] = date
        return row

    def _write_papers(self, touched: Iterable[DayRow]) -> None:
        """The pages of the papers of these days, without those that their day has written already."""
        dates = index.days_of(self.rows)
        for paper_id in {paper_id for row in touched for paper_id in row.ids()} & dates.keys():
            if dates[paper_id] != [self._written.get(paper_id)]:
                self._write_paper(paper_id, [self._day(date) for date in reversed(dates[paper_id])])

    def _write_paper(self, paper_id: str, days: Sequence[Day]) -> None:
        """A paper's page, from the days that print it or took it out, the newest first."""
        path = paths.paper(paper_id)
        articles = [one for day in days for one in day.articles if one.entry.paper_id == paper_id]
        gone = views.notices(days, paper_id)
        facts = views.facts(articles, self._pictures(articles)) if articles else views.withdrawn(gone[0])
        if path:
            cited = export.citation(articles) if articles else ""
            self.stage.write(path, pages.paper(self.site, path, facts, views.tabs(articles), gone, cited))

    def _write_fields(self, names: set[str], years: set[int]) -> None:
        """The first page of each of these fields, and its pages of these years."""
        listed: dict[str, dict[dt.date, list[Row]]] = {}
        for date in sorted(self.rows, reverse=True):
            for paper in self.rows[date].papers:
                for name in names.intersection(paper.fields):
                    listed.setdefault(name, {}).setdefault(date, []).append(_listed(paper))
        for name, days in listed.items():
            self._write_field(name, days, years)

    def _write_field(self, name: str, days: dict[dt.date, list[Row]], years: set[int]) -> None:
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
            self._write(paths.ARCHIVE, "empty.html.j2", section="archive", heading="날짜", notice=_NOTHING)

    def _write_single_pages(self) -> None:
        """What there is one of: today, fields, search, about, feeds, and what pages load."""
        self._write_today()
        self._write_recent()
        counts = Counter(name for row in self.rows.values() for paper in row.papers for name in paper.fields)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        self._write(paths.FIELDS, "fields.html.j2", fields=ordered)
        self._write(paths.ABOUT, "about.html.j2")
        for asset in sorted((pages.HERE / "assets").iterdir()):
            self.stage.write(f"assets/{asset.name}", asset.read_bytes())
        for path, data in syndication.files(self.site, self.rows, self._day):
            self.stage.write(path, data)
        self.stage.write(".nojekyll", b"")  # GitHub Pages would leave out names that begin with an underscore

    def _write_today(self) -> None:
        """The newest day that prints something."""
        if not self.rows:
            self._write(paths.TODAY, "empty.html.j2", section="today", heading=self.site.title, notice=_NOTHING)
            return
        newest = max(self.rows, key=lambda date: (bool(self.rows[date].papers), date))
        day = self._day(newest)
        cards = list(views.cards(day, self._pictures(day.articles)))
        previous = self.rows[newest].previous
        self.stage.write(paths.TODAY, pages.day(self.site, paths.TODAY, day, cards, previous, today=True))

    def _write_recent(self) -> None:
        """The newest days as lists of titles, of which the reader's browser shows what is new to it."""
        days = []
        for date in sorted(self.rows, reverse=True)[:RECENT_DAYS]:
            days.append((date, [_listed(paper) for paper in self.rows[date].papers]))
        self._write(paths.RECENT, "recent.html.j2", days=days)

    def _write_search(self, version: str, stamps: Mapping[int, str]) -> Found:
        """The search page and the indexes behind it, each of the papers that were last printed in its year."""
        printed: dict[int, dict[str, str]] = {}
        for paper_id, dates in index.days_of(self.rows).items():
            path = paths.paper(paper_id)
            if path and any(paper.id == paper_id for date in dates for paper in self.rows[date].papers):
                printed.setdefault(dates[-1].year, {})[path] = " ".join(self.rows[date].source for date in dates)
        found = search.update(self.stage, printed, stamps, version, self.pagefind)
        self._write(paths.SEARCH, "search.html.j2", years=list(found.stamps), installed=self.pagefind is not None)
        return found

    def _write(self, path: str, template: str, **values: object) -> None:
        self.stage.write(path, pages.render(self.site, path, template, None, **values))

    def _pictures(self, articles: Iterable[Article]) -> dict[str, str] | None:
        """Where the site has these articles' thumbnails, by address; None where it keeps none."""
        if self.fetch is None:
            return None
        return {url: media.place(url) for url in _thumbnails(articles) if self.stage.has(media.place(url))}

    def _fetch_pictures(self, articles: Iterable[Article]) -> Iterator[SourceError]:
        """Fetch the thumbnails that the site has not got; what is wrong with those that cannot be had."""
        for url in _thumbnails(articles) if self.fetch else ():
            if self.fetch and not self.stage.has(media.place(url)):
                try:
                    self.stage.write(media.place(url), media.drawn(url, self.fetch))
                except SourceError as error:
                    yield error


def _listed(paper: PaperRow) -> Row:
    return Row(paper.title, paths.href(paths.paper(paper.id) or ""), paper.votes)


def _thumbnails(articles: Iterable[Article]) -> list[str]:
    """The addresses of these articles' thumbnails on the media hosts."""
    pictures = (views.picture(article.entry.paper_id, article.entry.thumbnail) for article in articles)
    return list(dict.fromkeys(picture.src for picture in pictures if picture.src))


def _recent(days: dict[dt.date, list[Row]]) -> Iterator[tuple[dt.date, list[Row]]]:
    """The newest days, until they have RECENT papers."""
    shown = 0
    for date, rows in days.items():
        if shown >= RECENT:
            return
        yield date, rows
        shown += len(rows)


def _version(site: Site, stored: bool) -> str:
    """What a page is made by besides its day: this package's code, templates and assets, and the settings."""
    digest = hashlib.sha256(repr((__version__, site, stored)).encode())
    for path in sorted(pages.HERE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.read_bytes())
    return digest.hexdigest()
