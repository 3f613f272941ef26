"""Each page as bytes, from templates that escape. Knows the Korean of the site; decides nothing of what is shown."""

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.archive.catalog import Day, UnprintedPaper
from pipeline.archive.record import WithdrawnRecord
from pipeline.core.text import strip_invisible
from pipeline.publish.site import metadata, paths
from pipeline.publish.site.views import MEDIA_HOSTS, Card, Facts, Tab

HERE = Path(__file__).parent
CSP = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",  # the latter for Pagefind
        "style-src 'self'",
        "connect-src 'self'",
        f"img-src 'self' {' '.join(f'https://{host}' for host in MEDIA_HOSTS)}",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
    ]
)
_WEEKDAYS = "월화수목금토일"


class Site(NamedTuple):
    """What every page knows: the site's title, and its address, "" where none is set."""

    title: str
    base_url: str


class Row(NamedTuple):
    """A paper in a list. `page` is the way to it from the site's folder, "" where it has none."""

    title: str
    page: str
    votes: int | None


def render(site: Site, path: str, template: str, card: metadata.Card | None = None, /, **values: object) -> bytes:
    """A page at `path`; `card` is what a link to it shows elsewhere, the site's title by default."""
    html = _template(template).render(
        masthead=partial(_masthead, site.title),
        site=site,
        preview=metadata.preview(card or metadata.Card(site.title, "", path), site.title, site.base_url),
        root=paths.root(path),
        canonical=paths.address(site.base_url, path) if site.base_url else "",
        **values,
    )
    return html.encode("utf-8", "replace")


def day(site: Site, path: str, of: Day, cards: Sequence[Card], previous: str, today: bool = False) -> bytes:
    """A day's page; `previous` is the date of the day before it in the archive, "" for the first."""
    before = dt.date.fromisoformat(previous) if previous else None
    records = list(of.records.values())
    values = {"cards": cards, "previous": before, "records": records, "unprinted": _unprinted(of), "today": today}
    title, description = f"{site.title}, {_date(of.date)}", f"논문 {len(cards)}편의 한국어 요약"
    card = metadata.Card(title, description, path, published=of.date)
    return render(site, path, "day.html.j2", card, day=of, **values)


def paper(
    site: Site, path: str, facts: Facts, tabs: Sequence[Tab], gone: Sequence[WithdrawnRecord], citation: str
) -> bytes:
    """A paper's page; `citation` is its BibTeX, "" where it has no text."""
    days = sorted({text.date for tab in tabs for text in tab.texts})
    card = metadata.Card(facts.title, _opening(tabs), path, facts.picture.src, days[-1] if days else None)
    return render(site, path, "paper.html.j2", card, facts=facts, citation=citation, tabs=tabs, notices=gone, days=days)


def year(site: Site, path: str, number: int, counts: Mapping[dt.date, int], years: Sequence[int]) -> bytes:
    """A year's calendar, newest month first; `counts` are the papers of each day that has a page."""
    months = sorted({date.month for date in counts if date.year == number}, reverse=True)
    weeks = {month: calendar.Calendar().monthdatescalendar(number, month) for month in months}
    return render(site, path, "archive.html.j2", year=number, weeks=weeks, counts=counts, years=years)


def _opening(tabs: Sequence[Tab]) -> str:
    """The first paragraph of a paper's page."""
    paragraphs = (pieces for tab in tabs for part in tab.texts[0].parts for pieces in part.paragraphs)
    return " ".join(piece.html.striptags() for piece in next(paragraphs, ()))


def _unprinted(day: Day) -> dict[str, list[UnprintedPaper]]:
    """Return what a day does not print by status, each paper once however many layouts leave it out."""
    found: dict[str, dict[tuple[str, str], UnprintedPaper]] = {}
    for one in day.unprinted():
        reason = "" if one.status == "duplicate" else one.reason
        found.setdefault(one.status, {})[one.id, reason] = one
    return {status: list(papers.values()) for status, papers in found.items()}


def _date(date: dt.date) -> str:
    """2024년 8월 22일 목요일"""
    return f"{date.year}년 {date.month}월 {date.day}일 {_WEEKDAYS[date.weekday()]}요일"


@cache
def _masthead(title: str, root: str, section: str) -> Markup:
    """The head of a page, the same on tens of thousands of them."""
    html = _template("masthead.html.j2").render(title=title, root=root, section=section)
    return Markup(html)  # noqa: S704  # the template escapes


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    """The templates beside this module, compiled once; an unknown name in one is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(korean=_date, seen=strip_invisible, href=paths.href)
    environment.globals.update(csp=CSP, paths=paths)
    return environment
