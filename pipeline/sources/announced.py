"""What arXiv announced in a category: the feed's titles, abstracts and authors, held against the page of new papers.

arXiv announces from Sunday to Thursday at 20:00 US Eastern; what it announces on an evening is the list of the next
day. The feed (https://info.arxiv.org/help/rss.html) is made anew each midnight, is empty at weekends, and its own
dates say when it was made, not what it holds: on some days it holds the list before. So the page, which names its day
and all ids, says which day it is and what belongs to it.
"""

import datetime as dt
import logging
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from pipeline.core.errors import ConfigError, PastDay, SourceError, StaleList
from pipeline.core.http import ArxivAccess, Kind, SourceUnavailable
from pipeline.core.ids import ID, parse_id
from pipeline.core.models import Listed
from pipeline.core.text import fold
from pipeline.sources.arxiv import ATOM, SOURCE, TAXONOMY, read_xml, split_names

_log = logging.getLogger(__name__)
EASTERN = ZoneInfo("America/New_York")
_DEADLINE = dt.time(14)
_FRIDAY, SATURDAY = 4, 5
# On a working day without a new list one may still come until then; after that it is a holiday.
_LATEST = dt.time(12)
_ARXIV = "{http://arxiv.org/schemas/atom}"
_NEW = ("new", "cross")
_HEAD = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*", re.IGNORECASE)
_MONTHS = "January February March April May June July August September October November December".split()
_DAY = re.compile(r"Showing new listings for\s+\w+,\s+(\d{1,2})\s+(\w+)\s+(\d{4})", re.IGNORECASE)
_QUIET = "No updates"
_SECTION = re.compile(r"<h3>\s*(new|cross|replace)[^<(]*\(showing (?:first )?(\d+) of (\d+)", re.IGNORECASE)
_ENTRY = re.compile(rf"href\s*=\s*\"[^\"]*/abs/({ID})(?:v\d+)?\"\s+title\s*=\s*\"Abstract\"", re.IGNORECASE)
# A feed that lacks more of a day's papers than this share holds another day's.
_LAGS = 0.5


class NewPage(NamedTuple):
    """The page of new papers: its day, and the ids that were announced on it, new or cross-listed, not replaced."""

    date: dt.date
    ids: tuple[str, ...]


class Announcement(NamedTuple):
    """One announcement: the page, and what the feed says of papers, by id, in its order."""

    page: NewPage
    rows: dict[str, Listed]


def fetch_announcement(access: ArxivAccess, feed_url: str, arxiv_url: str, category: str) -> Announcement:
    """Fetch what was announced last in a category such as `cs.CL`.

    SourceError when the page or the feed cannot be had or read, or arXiv does not know the category.
    """

    def page(url: str, kind: Kind) -> bytes:
        try:
            return access.fetch(url, source=SOURCE, kind=kind)
        except SourceUnavailable:
            raise
        except SourceError as error:
            reason = f"{error.reason}; is {category} a category of {TAXONOMY}?"
            raise SourceError(SOURCE, url, reason) from error

    new_url, atom_url = f"{arxiv_url.rstrip('/')}/list/{category}/new?show=2000", f"{feed_url.rstrip('/')}/{category}"
    new = parse_new(page(new_url, "html"), new_url)
    return Announcement(new, {row.id: row for row in parse_feed(page(atom_url, "xml"), atom_url)})


def of_day(announcement: Announcement, date: dt.date, now: dt.datetime, url: str) -> tuple[str, ...]:
    """Return the ids that were announced for a day, none where nothing was: at a weekend, on a holiday.

    StaleList where the list, or the feed, is still to come; PastDay where the page, or the feed, is of a later day.
    """
    if date < announcement.page.date and date.weekday() < SATURDAY:
        raise PastDay(SOURCE, url, f"lists {announcement.page.date} now, and {date} no more")
    if date != announcement.page.date:
        if date.weekday() < SATURDAY and may_still_come(date, now):
            raise StaleList(SOURCE, url, f"lists {announcement.page.date} still, {date} is to come: the list is stale")
        return ()
    ids = announcement.page.ids
    lacking = sum(id not in announcement.rows for id in ids)
    if lacking > _LAGS * len(ids):
        if now.astimezone(EASTERN).date() > date:  # at weekends and on holidays the page stays, the feed becomes empty
            raise PastDay(SOURCE, url, f"holds {date} no more")
        reason = f"the feed lacks {lacking} of the {len(ids)} papers announced for {date}: it is stale"
        raise StaleList(SOURCE, url, reason)
    return ids


def may_still_come(date: dt.date, now: dt.datetime) -> bool:
    """Tell whether a working day's announcement, if it is not there, may only be late. `now` is aware."""
    return now < dt.datetime.combine(date, _LATEST, EASTERN)


def announced_on(submitted: dt.datetime) -> dt.date:
    """Return the day whose list a paper belongs to by the time, aware, of its first version.

    The schedule since 2017: https://info.arxiv.org/help/availability.html. It knows no holidays, and nothing of papers
    that moderators held up: these were really announced later.
    """
    local = submitted.astimezone(EASTERN)
    closing = local.date() + dt.timedelta(local.time() >= _DEADLINE)
    while closing.weekday() >= SATURDAY:
        closing += dt.timedelta(1)
    # Friday's deadline is announced on Sunday, the others on their own evening.
    return closing + dt.timedelta(3 if closing.weekday() == _FRIDAY else 1)


def parse_new(data: bytes, url: str) -> NewPage:
    """Return the page of new papers; SourceError when it names no day or does not show every new paper that it counts.

    Of two thousand papers and more it shows the first; the replaced ones come last.
    """
    page = data.decode(errors="replace")
    day = _DAY.search(page)
    if not day:
        raise SourceError(SOURCE, url, "names no day: it is not the page of new papers, or has changed")
    sections = list(_SECTION.finditer(page))
    if not sections and _QUIET not in page:
        raise SourceError(SOURCE, url, "has no sections: it has changed")
    ids: dict[str, None] = {}
    for section, following in zip_longest(sections, sections[1:]):
        if section[1].lower() not in _NEW:
            continue
        found = dict.fromkeys(_ENTRY.findall(page, section.end(), following.start() if following else len(page)))
        if len(found) != int(section[3]):
            raise SourceError(SOURCE, url, f"shows {len(found)} of {section[3]} papers, or has changed")
        ids |= found
    try:
        date = dt.date(int(day[3]), _MONTHS.index(day[2].capitalize()) + 1, int(day[1]))
    except ValueError:
        raise SourceError(SOURCE, url, f"names a day that is none: {fold(day[0])}") from None
    return NewPage(date, tuple(ids))


def parse_feed(data: bytes, url: str) -> tuple[Listed, ...]:
    """Return the new and cross-listed papers of a feed, in its order; none of an empty one.

    SourceError when it is not a whole Atom feed. Entries that cannot be read are passed over: the page has their ids.
    """
    return tuple(_rows(read_xml(data, url, f"{ATOM}feed", "a feed"), url))


def _rows(root: Element, url: str) -> Iterator[Listed]:
    for entry in root.iterfind(f"{ATOM}entry"):
        if entry.findtext(f"{_ARXIV}announce_type", "new") not in _NEW:
            continue
        id = (entry.findtext(f"{ATOM}id") or "").removeprefix("oai:arXiv.org:")
        try:
            id = parse_id(id).id
        except ConfigError as error:
            _log.warning("%s: passed over an entry of the feed: %s (%s)", SOURCE, error, url)
            continue
        yield Listed(
            id=id,
            title=fold(entry.findtext(f"{ATOM}title") or ""),
            abstract=fold(_HEAD.sub("", entry.findtext(f"{ATOM}summary") or "", count=1)),
            authors=split_names(entry.findtext("{http://purl.org/dc/elements/1.1/}creator") or ""),
            metadata="arxiv",
        )
