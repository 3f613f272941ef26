"""Which feeds and files for programs a site has, and where they lie: `feed.xml` and the like, as path and content.

Written anew with every build from the site's rows and its newest days; a day's JSON is written with the day's page.
"""

import datetime as dt
from collections.abc import Callable, Iterator

from pipeline.archive.catalog import Day
from pipeline.publish.site import feeds, index, metadata, paths
from pipeline.publish.site.feeds import About, Item
from pipeline.publish.site.index import Rows
from pipeline.publish.site.metadata import Place
from pipeline.publish.site.pages import Site

_LLMS_DAYS = 30


def files(site: Site, rows: Rows, read_day: Callable[[dt.date], Day]) -> Iterator[tuple[str, bytes]]:
    """All of them but the days' own: path under the site's folder, and bytes."""
    found = feeds.items(map(read_day, _newsworthy(rows)), site.base_url)
    yield from _feeds(site, rows, found)
    yield paths.DAY_SCHEMA, metadata.day_schema()
    yield paths.LLMS, _llms_txt(site, rows).encode()
    yield from metadata.sitemaps(_places(rows), site.base_url)


def _newsworthy(rows: Rows) -> list[dt.date]:
    """The newest days, and the older ones of which something was withdrawn: that may be news."""
    newest = sorted(rows, reverse=True)[: feeds.FEED_DAYS]
    return [date for date in rows if rows[date].withdrawn or date in newest]


def _feeds(site: Site, rows: Rows, found: tuple[Item, ...]) -> Iterator[tuple[str, bytes]]:
    """The feeds of all papers and one a field, also of a field that none of the newest papers is of."""
    yield paths.ATOM, feeds.atom(found, About(site.title, site.base_url, paths.ATOM))
    yield paths.JSON_FEED, feeds.json_feed(found, About(site.title, site.base_url, paths.JSON_FEED))
    for name in sorted({name for row in rows.values() for name in index.fields(row)}):
        path = paths.field_feed(name)
        about = About(site.title, site.base_url, path, paths.field(name), name)
        yield path, feeds.atom(feeds.of_field(found, name), about)


def _llms_txt(site: Site, rows: Rows) -> str:
    days = [(date, paths.day_json(date)) for date in sorted(rows, reverse=True)[:_LLMS_DAYS]]
    others = (
        ("모든 날짜의 목록", paths.ARCHIVE),
        ("날짜별 JSON의 스키마", paths.DAY_SCHEMA),
        ("Atom 피드", paths.ATOM),
        ("JSON 피드", paths.JSON_FEED),
    )
    return metadata.llms_txt(site.title, site.base_url, days, others)


def _places(rows: Rows) -> Iterator[Place]:
    """The pages for people; a page of papers changed when its newest paper was printed."""
    newest = max(rows, default=None)
    yield from (Place(path, newest) for path in (paths.TODAY, paths.ARCHIVE, paths.FIELDS))
    yield Place(paths.ABOUT)
    yield from (Place(paths.day(date), date) for date in sorted(rows))
    for paper_id, dates in index.days_of(rows).items():
        yield Place(paths.paper(paper_id) or "", dates[-1])
    changed = {name: date for date in sorted(rows) for name in index.fields(rows[date])}
    yield from (Place(paths.field(name), changed[name]) for name in sorted(changed))
