"""An arXiv category as a source of days: today's announcement, or past days out of a harvest.

Which of a day's papers are for the reader is decided by `choose`, a parameter. Texts, and facts that the lists do not
have, come from `Web`.
"""

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial

from pipeline.core.errors import PastDay, SourceError, StaleList
from pipeline.core.models import Listed, Metadata
from pipeline.sources import announced, oai
from pipeline.sources.arxiv import SOURCE, ArxivAccess
from pipeline.sources.huggingface import Listing
from pipeline.sources.lists import ListContext
from pipeline.sources.ranking import choose, require_bm25s
from pipeline.sources.web import Web, open_web

_log = logging.getLogger(__name__)
# So many papers may be listed by their ids alone, to be tried again: with more of them nobody could choose.
_FEW = 5
Choose = Callable[[Sequence[Listed]], Sequence[Listed]]


class Announced:
    """The newest announcement in a category. `now` is the moment of the run."""

    def __init__(
        self,
        category: str,
        web: Web,
        feed_url: str,
        arxiv_url: str,
        access: ArxivAccess,
        choose: Choose,
        now: dt.datetime,
    ) -> None:
        self.name, self.category = f"arXiv {category}", category
        self._web, self._feed_url, self._arxiv_url = web, feed_url, arxiv_url
        self._access, self._choose, self._now = access, choose, now
        self.text = web.text
        self.metadata = web.metadata

    def list_day(self, date: dt.date) -> Listing:
        """Return the papers for the reader of those announced for the day; SourceError as in `announced.of_day`.

        The facts of papers that the feed lacks come from the query API. A few of which it has none, or cannot be asked,
        are rows with an id alone; more than a few are a SourceError.
        """
        url = f"{self._feed_url}/{self.category}"
        try:
            ids = announced.of_day(self._announcement, date, self._now, url)
        except PastDay as error:
            how = f"`pipeline backfill --source arxiv:{self.category} --from {date} --to {date}` lists it"
            raise PastDay(SOURCE, url, f"{error.reason}; {how}") from None
        known = self._announcement.rows | self._beyond_the_feed([id for id in ids if id not in self._announcement.rows])
        unknown = sum(id not in known for id in ids)
        if unknown > _FEW:
            reason = f"feed and metadata lack {unknown} of the {len(ids)} papers announced for {date}: they are stale"
            raise StaleList(SOURCE, url, reason)
        return _chosen([known.get(id) or _unknown(id) for id in ids], self._choose)

    def _beyond_the_feed(self, ids: Sequence[str]) -> dict[str, Listed]:
        """Ask the query API for these; a few are given up where it is out of reach, so as not to miss the others."""
        try:
            return {id: _listed(paper) for id, paper in self._web.metadata(ids).items()} if ids else {}
        except SourceError as error:
            if len(ids) > _FEW:
                raise
            _log.warning("%s", error)
            return {}

    @cached_property
    def _announcement(self) -> announced.Announcement:
        how = self._access
        return announced.fetch_announcement(
            how.client, self._feed_url, self._arxiv_url, self.category, turn=how.turn, retry=how.retry()
        )


class Harvested:
    """Past days of a category, from `first` to `last`, by OAI-PMH: harvested once, when the first day is asked for.

    A change moves a paper's date of change, so the harvest goes from the evening before the first day to now, and
    keeps the papers whose first version was announced within the days. Those announced on a day are all in memory.
    """

    def __init__(
        self,
        category: str,
        days: tuple[dt.date, dt.date],
        web: Web,
        oai_url: str,
        access: ArxivAccess,
        choose: Choose,
        now: dt.datetime,
    ) -> None:
        self.name, self.category = f"arXiv {category} by OAI-PMH", category
        self._first, self._last = days
        self._web, self._oai_url = web, oai_url
        self._access, self._choose, self._now = access, choose, now
        self.text = web.text

    def list_day(self, date: dt.date) -> Listing:
        """Return the papers for the reader of those whose first version was announced for the day, oldest first.

        StaleList where the day's announcement is still to come; SourceError when the harvest fails.
        """
        papers = sorted(self._days.get(date, {}).values(), key=lambda paper: (paper.published, paper.id))
        if not papers and date.weekday() < announced.SATURDAY and announced.may_still_come(date, self._now):
            raise StaleList(SOURCE, self._oai_url, f"has nothing of {date} yet: the list is stale")
        return _chosen([_listed(paper) for paper in papers], self._choose)

    def metadata(self, ids: Sequence[str]) -> Mapping[str, Metadata]:
        """Return the harvested facts by id; others as in `Web.metadata`."""
        known = {id: day[id] for day in self._days.values() for id in ids if id in day}
        others = [id for id in ids if id not in known]
        return known | dict(self._web.metadata(others) if others else {})

    @cached_property
    def _days(self) -> dict[dt.date, dict[str, Metadata]]:
        how, days = self._access, dict[dt.date, dict[str, Metadata]]()
        since = self._first - dt.timedelta(1)
        pages = oai.harvest(how.client, self._oai_url, self.category, since, turn=how.turn, retry=how.retry())
        for paper in (paper for page in pages for paper in page):
            date = announced.announced_on(paper.published)
            if self._first <= date <= self._last:
                days.setdefault(date, {})[paper.id] = paper
        return days


def _listed(paper: Metadata) -> Listed:
    return Listed(id=paper.id, title=paper.title, abstract=paper.abstract, authors=paper.authors, metadata="arxiv")


def _unknown(id: str) -> Listed:
    return Listed(id=id, title="", abstract="", authors=(), metadata="arxiv")


def _chosen(rows: Sequence[Listed], choose: Choose) -> Listing:
    taken = tuple(choose(rows))
    return Listing(listed=taken, passed_over=len(rows) - len(taken), dated=True)


def open_list(category: str, context: ListContext) -> Announced | Harvested:
    """Open a category with the reader's profile: its newest announcement, or past days from the first to the last."""
    of, profile = context.settings.sources, context.settings.profile
    if profile.keywords:
        require_bm25s()
    web, chosen = open_web("arXiv", context), partial(choose, profile=profile)
    if context.days:
        return Harvested(category, context.days, web, str(of.arxiv_oai_url), context.access, chosen, context.now)
    feed, pages = str(of.arxiv_feed_url), str(of.arxiv_url)
    return Announced(category, web, feed, pages, context.access, chosen, context.now)
