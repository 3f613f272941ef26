"""The digest for programs: a day as JSON, with its schema, `llms.txt`, sitemaps, a page's Open Graph values. Pure."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple
from xml.etree import ElementTree

from pipeline.archive.catalog import Day, LayoutChoice, UnprintedPaper
from pipeline.archive.record import EntryRecord
from pipeline.core.models import Frozen, Section
from pipeline.core.text import media_problem
from pipeline.lang.ko import interface
from pipeline.publish.papers import PublishedPaper, abs_url, clean, group_by_paper
from pipeline.publish.site import index, paths
from pipeline.publish.site.index import Rows
from pipeline.publish.site.paths import Site

SITEMAP = "sitemap.xml"
SITEMAP_URLS = 50_000  # in one file, by https://www.sitemaps.org/protocol.html
# A page's path under the site's address, and the day on which it changed last, if that is known.
SitemapEntry = tuple[str, dt.date | None]
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_LLMS_DAYS = 30
_DESCRIPTION = 200  # characters; previews show less


class Text(Frozen):
    """A paper in one layout. `record` says where each sentence comes from: null where that is not recorded, as in
    imported archives.
    """

    layout: LayoutChoice
    sections: tuple[Section, ...]
    record: EntryRecord | None


class PrintedPaper(Frozen):
    """A printed paper. `authors` are all that are known, `url` is arXiv's page, `fields` are its 관련분야."""

    id: str
    title: str
    url: str
    authors: tuple[str, ...]
    votes: int | None
    fields: tuple[str, ...]
    texts: tuple[Text, ...]


class MachineDay(Frozen):
    """A day of the digest, in the order of printing."""

    format: Literal[1] = 1
    date: dt.date
    papers: tuple[PrintedPaper, ...]
    not_printed: tuple[UnprintedPaper, ...]


class LinkPreview(NamedTuple):
    """What a link to a page shows elsewhere. `published` is of a day or a paper, None for any other page."""

    title: str
    description: str
    path: str
    image: str = ""
    published: dt.date | None = None


def files(site: Site, rows: Rows) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of each of these files but the days' own, which are written with their pages."""
    yield paths.DAY_SCHEMA, day_schema()
    days = [(date, paths.day_json(date)) for date in sorted(rows, reverse=True)[:_LLMS_DAYS]]
    others = (
        (interface.LLMS_ARCHIVE, paths.ARCHIVE),
        (interface.LLMS_SCHEMA, paths.DAY_SCHEMA),
        (interface.LLMS_ATOM, paths.ATOM),
        (interface.LLMS_JSON_FEED, paths.JSON_FEED),
    )
    yield paths.LLMS, llms_txt(site, days, others).encode()
    yield from sitemaps(_sitemap_entries(rows), site)


def day_json(day: Day) -> bytes:
    """Return a day with the traces that its records keep, as `day_schema` says."""
    papers = tuple(map(_printed, group_by_paper(day.articles)))
    found = MachineDay(date=day.date, papers=papers, not_printed=tuple(day.unprinted()))
    return (found.model_dump_json() + "\n").encode()


def day_schema() -> bytes:
    """Return the JSON schema of `day_json`, to be published beside it."""
    return (json.dumps(MachineDay.model_json_schema(), ensure_ascii=False, indent=1) + "\n").encode()


def llms_txt(site: Site, days: Iterable[tuple[dt.date, str]], others: Iterable[tuple[str, str]]) -> str:
    """Return what the site has for language models, as https://llmstxt.org asks.

    `days` are those to name, the newest first, each with the path of its JSON; `others` are further files, each with
    its name. Links are relative where the site has no address.
    """
    lines = [
        f"# {_plain(site.title)}",
        "",
        f"> {interface.LLMS_SUMMARY}",
        "",
        *interface.LLMS_DETAILS,
        "",
        f"## {interface.LLMS_DAYS}",
        "",
        *(f"- [{date}]({site.link(path)})" for date, path in days),
        "",
        f"## {interface.LLMS_OTHERS}",
        "",
        *(f"- [{_plain(name)}]({site.link(path)})" for name, path in others),
    ]
    return "\n".join(lines) + "\n"


def sitemaps(entries: Iterable[SitemapEntry], site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield the sitemap's files, `sitemap.xml` last: of the pages, or of the other files where one is full.

    None for a site without an address: a sitemap knows no relative links. https://www.sitemaps.org/protocol.html
    """
    if not site.base_url:
        return
    every = list(entries)
    chunks = [every[start : start + SITEMAP_URLS] for start in range(0, len(every), SITEMAP_URLS)]
    if len(chunks) < 2:
        yield SITEMAP, _sitemap("urlset", "url", every, site)
        return
    parts: list[SitemapEntry] = []
    for number, chunk in enumerate(chunks, start=1):
        name = f"sitemap-{number}.xml"
        parts.append((name, max(filter(None, (changed for _, changed in chunk)), default=None)))
        yield name, _sitemap("urlset", "url", chunk, site)
    yield SITEMAP, _sitemap("sitemapindex", "sitemap", parts, site)


def preview(of: LinkPreview, site: Site) -> dict[str, str]:
    """Return names and values for `<meta>`, to be escaped: with `twitter:` the name is its `name`, else its `property`.

    https://ogp.me; the addresses are left out where the site has none, an image where it cannot be shown.
    """
    description = clean(of.description)
    shortened = description if len(description) <= _DESCRIPTION else description[: _DESCRIPTION - 1].rstrip() + "…"
    image = of.image if media_problem(of.image) is None else ""
    values = {
        "og:title": clean(of.title),
        "og:description": shortened,
        "og:type": "article" if of.published else "website",
        "og:site_name": clean(site.title),
        "og:locale": interface.LOCALE,
        "og:url": site.link(of.path) if site.base_url else "",
        "og:image": image,
        "article:published_time": of.published.isoformat() if of.published else "",
        "twitter:card": "summary_large_image" if image else "summary",
    }
    return {name: value for name, value in values.items() if value}


def _printed(paper: PublishedPaper) -> PrintedPaper:
    return PrintedPaper(
        id=paper.id,
        title=paper.articles[0].entry.title,
        url=abs_url(paper.id),
        authors=paper.authors,
        votes=paper.votes,
        fields=paper.fields,
        texts=tuple(Text(layout=one.layout, sections=one.entry.sections, record=one.record) for one in paper.articles),
    )


def _sitemap_entries(rows: Rows) -> Iterator[SitemapEntry]:
    """Yield the pages for people; a page of papers changed when its newest paper was printed."""
    newest = max(rows, default=None)
    yield from ((path, newest) for path in (paths.TODAY, paths.ARCHIVE, paths.FIELDS))
    yield paths.ABOUT, None
    yield from ((paths.day(date), date) for date in sorted(rows))
    for paper_id, dates in index.days_by_paper(rows).items():
        yield paths.paper(paper_id) or "", dates[-1]
    changed = {name: date for date in sorted(rows) for name in index.fields(rows[date])}
    yield from ((paths.field(name), changed[name]) for name in sorted(changed))


def _sitemap(root: str, kind: str, entries: Iterable[SitemapEntry], site: Site) -> bytes:
    found = ElementTree.Element(root, {"xmlns": _SITEMAP})
    for path, changed in entries:
        one = ElementTree.SubElement(found, kind)
        ElementTree.SubElement(one, "loc").text = site.link(path)
        if changed:
            ElementTree.SubElement(one, "lastmod").text = changed.isoformat()
    ElementTree.indent(found, "")
    return bytes(ElementTree.tostring(found, "utf-8", xml_declaration=True)) + b"\n"


def _plain(value: str) -> str:
    """Return a name in markdown in which every mark is a mere character."""
    return re.sub(r"([\\`*_\[\]<>#!()])", r"\\\1", clean(value))
