"""Where papers come from, built from the settings: Hugging Face and arXiv, a category, the bundled day."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import httpx2

from pipeline.core.config import Settings
from pipeline.core.http import new_client
from pipeline.core.pace import ARXIV_LOCK, Pace
from pipeline.core.providers import PROVIDERS, SAMPLE
from pipeline.core.retry import retrying
from pipeline.sources import sample as bundled
from pipeline.sources.category import Announced, ArxivAccess, Harvested
from pipeline.sources.ranking import choose, require_bm25s
from pipeline.sources.web import Web
from pipeline.workflows import Sources

if TYPE_CHECKING:
    from pipeline.engines.ray.worker import Turn


@contextlib.contextmanager
def daily_papers(settings: Settings, sample: bool = False) -> Iterator[Sources]:
    """Hugging Face and arXiv, or the bundled day."""
    name = "the bundled sample day" if sample else "Hugging Face Daily Papers"
    budget = text_budget(settings, SAMPLE if sample else settings.llm.provider)
    with bundled.client() if sample else new_client() as client:
        access = _access(settings, client)
        yield _web(name, settings, budget, access._replace(turn=contextlib.nullcontext) if sample else access)


@contextlib.contextmanager
def category(
    settings: Settings, name: str, now: dt.datetime, days: tuple[dt.date, dt.date] | None = None
) -> Iterator[Sources]:
    """An arXiv category and the reader's profile: its newest announcement, or past days from the first to the last."""
    if settings.profile.keywords:
        require_bm25s()
    of, chosen = settings.sources, partial(choose, profile=settings.profile)
    with new_client() as client:
        access = _access(settings, client)
        web = _web("arXiv", settings, text_budget(settings, settings.llm.provider), access)
        if days:
            yield Harvested(name, days, web, str(of.arxiv_oai_url), access, chosen, now)
        else:
            yield Announced(name, web, str(of.arxiv_feed_url), str(of.arxiv_url), access, chosen, now)


@contextlib.contextmanager
def texts(settings: Settings, turn: "Turn") -> Iterator[Web]:
    """The papers' texts, for a worker of a cluster."""
    with new_client() as client:
        access = _access(settings, client)._replace(turn=turn)
        yield _web("arXiv", settings, text_budget(settings, settings.llm.provider), access)


def _access(settings: Settings, client: httpx2.Client) -> ArxivAccess:
    turn = Pace(settings.sources.arxiv_interval, ARXIV_LOCK).turn
    return ArxivAccess(client, turn, partial(retrying, scale=settings.wait_scale))


def _web(name: str, settings: Settings, budget: int, access: ArxivAccess) -> Web:
    of = settings.sources
    urls = str(of.hf_url).rstrip("/"), str(of.arxiv_api_url), str(of.arxiv_url)
    return Web(name, access.client, *urls, text_budget=budget, turn=access.turn, retry=access.retry)


def text_budget(settings: Settings, provider: str) -> int:
    """Return how many tokens of a paper's text the writer is shown: none where it reads the abstract alone."""
    return 0 if PROVIDERS[provider].for_trial else settings.sources.text_budget
