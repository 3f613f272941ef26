"""An arXiv category as a source of days: today's announcement, or past days out of a harvest.

Which of a day's papers are for the reader is decided by `choose`. Texts, and facts that the lists do not have, come
from `Web`.
"""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain

from pipeline.core.errors import PastDay, SourceError, StaleList
from pipeline.core.models import Listed, Metadata
from pipeline.sources import announced, oai
from pipeline.sources.arxiv import SOURCE
from pipeline.sources.huggingface import Listing
from pipeline.sources.lists import ListContext
from pipeline.sources.ranking import choose, require_bm25s
from pipeline.sources.web import open_web

_log = logging.getLogger(__name__)
# So many papers may be listed by their ids alone, to be tried again: with more of them nobody could choose.
_FEW = 5


class Announced:
    """The newest announcement in a category."""

    def __init__(self, category: str, context: ListContext) -> None:
        self.name, self.category, self._context = f"arXiv {category}", category, context
        web = open_web("arXiv", context)
        self.text, self.metadata = web.text, web.metadata

    def list_day(self, date: dt.date) -> Listing:
        """Return the papers for the reader of those announced for the day; SourceError as in `announced.of_day`.

        The facts of papers that the feed lacks come from the query API. A few of which it has none, or cannot be asked,
        are rows with an id alone; more than a few are a SourceError.
        """
        url = f"{self._context.settings.sources.arxiv_feed_url}/{self.category}"
        try:
            ids = announced.of_day(self._announcement, date, self._context.now, url)
        except PastDay as error:
            how = f"`pipeline backfill --source arxiv:{self.category} --from {date} --to {date}` lists it"
            raise PastDay(SOURCE, url, f"{error.reason}; {how}") from None
        known = self._announcement.rows | self._beyond_the_feed([id for id in ids if id not in self._announcement.rows])
        unknown = sum(id not in known for id in ids)
        if unknown > _FEW:
            reason = f"feed and metadata lack {unknown} of the {len(ids)} papers announced for {date}: they are stale"
            raise StaleList(SOURCE, url, reason)
        rows = [known.get(id) or Listed(id=id, title="", abstract="", authors=(), metadata="arxiv") for id in ids]
        return _chosen(rows, self._context)

    def _beyond_the_feed(self, ids: Sequence[str]) -> dict[str, Listed]:
        """Ask the query API for these; a few are given up where it is out of reach, so as not to miss the others."""
        try:
            return {id: _listed(paper) for id, paper in self.metadata(ids).items()} if ids else {}
        except SourceError as error:
            if len(ids) > _FEW:
                raise
            _log.warning("%s", error)
            return {}

    @cached_property
    def _announcement(self) -> announced.Announcement:
        of = self._context.settings.sources
        feed, pages = str(of.arxiv_feed_url), str(of.arxiv_url)
        return announced.fetch_announcement(self._context.access, feed, pages, self.category)


class Harvested:
    """Past days of a category, from `first` to `last`, by OAI-PMH: harvested once, when the first day is asked for.

    A change moves a paper's date of change, so the harvest goes from the evening before the first day to now, and
    keeps the papers whose first version was announced within the days. Those announced on a day are all in memory.
    """

    def __init__(self, category: str, days: tuple[dt.date, dt.date], context: ListContext) -> None:
        self.name, self.category, self._context = f"arXiv {category} by OAI-PMH", category, context
        self._first, self._last = days
        self._oai_url = str(context.settings.sources.arxiv_oai_url)
        self._web = open_web("arXiv", context)
        self.text = self._web.text

    def list_day(self, date: dt.date) -> Listing:
        """Return the papers for the reader of those whose first version was announced for the day, oldest first.

        StaleList where the day's announcement is still to come; SourceError when the harvest fails.
        """
        papers = sorted(self._days.get(date, {}).values(), key=lambda paper: (paper.published, paper.id))
        if not papers and date.weekday() < announced.SATURDAY and announced.may_still_come(date, self._context.now):
            raise StaleList(SOURCE, self._oai_url, f"has nothing of {date} yet: the list is stale")
        return _chosen([_listed(paper) for paper in papers], self._context)

    def metadata(self, ids: Sequence[str]) -> Mapping[str, Metadata]:
        """Return the harvested facts by id; others as in `Web.metadata`."""
        known = {id: day[id] for day in self._days.values() for id in ids if id in day}
        others = [id for id in ids if id not in known]
        return known | dict(self._web.metadata(others) if others else {})

    @cached_property
    def _days(self) -> dict[dt.date, dict[str, Metadata]]:
        days: dict[dt.date, dict[str, Metadata]] = {}
        since = self._first - dt.timedelta(1)
        pages = oai.harvest(self._context.access, self._oai_url, self.category, since)
        for paper in chain.from_iterable(pages):
            date = announced.announced_on(paper.published)
            if self._first <= date <= self._last:
                days.setdefault(date, {})[paper.id] = paper
        return days


def _listed(paper: Metadata) -> Listed:
    return Listed(id=paper.id, title=paper.title, abstract=paper.abstract, authors=paper.authors, metadata="arxiv")


def _chosen(rows: Sequence[Listed], context: ListContext) -> Listing:
    taken = choose(rows, context.settings.profile)
    return Listing(listed=taken, passed_over=len(rows) - len(taken), dated=True)


def open_list(category: str, context: ListContext) -> Announced | Harvested:
    """Open a category with the reader's profile: its newest announcement, or past days from the first to the last."""
    if context.settings.profile.keywords:
        require_bm25s()
    return Harvested(category, context.days, context) if context.days else Announced(category, context)
