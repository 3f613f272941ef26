"""Each page as bytes, from templates that escape."""

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.archive.catalog import Day, UnprintedPaper
from pipeline.core.text import strip_invisible
from pipeline.lang.ko import interface
from pipeline.publish import export
from pipeline.publish.papers import PublishedPaper, clean, clean_all, group_by_paper
from pipeline.publish.site import metadata, paths, views
from pipeline.publish.site.metadata import LinkPreview
from pipeline.publish.site.paths import Site
from pipeline.publish.site.views import MEDIA_HOSTS, Pictures

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


def render(site: Site, path: str, template: str, link: LinkPreview | None = None, /, **values: object) -> bytes:
    """Return a page at `path`; `link` is what a link to it shows elsewhere, the site's title by default."""
    html = _template(template).render(
        masthead=partial(_masthead, site.title),
        site=site,
        preview=metadata.preview(link or LinkPreview(site.title, "", path), site),
        root=paths.root(path),
        canonical=site.link(path) if site.base_url else "",
        **values,
    )
    return html.encode("utf-8", "replace")


def day(
    site: Site, path: str, of: Day, pictures: Pictures | None, previous: dt.date | None, today: bool = False
) -> bytes:
    """Return a day's page; `previous` is the day before it in the archive."""
    cards = views.cards(of, pictures)
    link = LinkPreview(
        f"{site.title}, {interface.long_date(of.date)}",
        interface.DAY_DESCRIPTION.format(len(cards)),
        path,
        published=of.date,
    )
    records = list(of.records.values())
    values = {"cards": cards, "previous": previous, "records": records, "unprinted": _unprinted(of), "today": today}
    return render(site, path, "day.html.j2", link, day=of, **values)


def paper(site: Site, path: str, days: Sequence[Day], paper_id: str, pictures: Pictures | None) -> bytes:
    """Return a paper's page, from the days that print it or took it out, the newest first."""
    printed = group_by_paper(one for day in days for one in day.articles if one.entry.paper_id == paper_id)
    gone = views.notices(days, paper_id)
    found = printed[0] if printed else PublishedPaper(paper_id, clean(gone[0].title) or paper_id)
    tabs = views.tabs(found)
    picture = views.thumbnail(found, pictures)
    dates = sorted({text.date for tab in tabs for text in tab.texts})
    paragraphs = (runs for tab in tabs for part in tab.texts[0].parts for runs in part.paragraphs)
    opening = " ".join(run.html.striptags() for run in next(paragraphs, ()))
    link = LinkPreview(found.title, opening, path, picture.src, dates[-1] if dates else None)
    citation = export.citation(found.articles)
    values = {"paper": found, "picture": picture, "citation": citation, "tabs": tabs, "notices": gone, "days": dates}
    return render(site, path, "paper.html.j2", link, links=views.links(found), **values)


def year(site: Site, path: str, number: int, counts: Mapping[dt.date, int], years: Sequence[int]) -> bytes:
    """Return a year's calendar, newest month first; `counts` are the papers of each day that has a page."""
    months = sorted({date.month for date in counts if date.year == number}, reverse=True)
    weeks = {month: calendar.Calendar().monthdatescalendar(number, month) for month in months}
    return render(site, path, "archive.html.j2", year=number, weeks=weeks, counts=counts, years=years)


def _unprinted(day: Day) -> dict[str, list[UnprintedPaper]]:
    """Return what a day does not print by status, each paper once however many layouts leave it out."""
    found: dict[str, dict[tuple[str, str], UnprintedPaper]] = {}
    for one in day.unprinted():
        reason = "" if one.status == "duplicate" else one.reason
        found.setdefault(one.status, {})[one.id, reason] = one
    return {status: list(papers.values()) for status, papers in found.items()}


@cache
def _masthead(title: str, root: str, section: str) -> Markup:
    """Return the head of a page, the same on tens of thousands of them."""
    html = _template("masthead.html.j2").render(title=title, root=root, section=section)
    return Markup(html)  # noqa: S704  # the template escapes


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    """Compile the templates beside this module; an unknown name in one is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(korean=interface.long_date, seen=strip_invisible, clean_all=clean_all, href=quote)
    environment.globals.update(csp=CSP, paths=paths, byline=views.byline, untitled=interface.UNTITLED)
    return environment
