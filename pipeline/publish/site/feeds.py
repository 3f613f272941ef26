"""The newest days as feeds: Atom (RFC 4287) and JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/).

One entry a paper, with the text of all its layouts; a feed of all papers in both formats, and one a field. Pure.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from pipeline.archive.catalog import Day
from pipeline.archive.record import WithdrawnRecord
from pipeline.lang.ko import interface
from pipeline.publish.papers import PublishedPaper, abs_url, clean, clean_all, group_by_paper
from pipeline.publish.site import index, paths, views
from pipeline.publish.site.index import Rows
from pipeline.publish.site.paths import Site

FEED_DAYS = 14
_DNS_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_NO_HOST = "paper-digest.invalid"


class FeedEntry(NamedTuple):
    """A paper in a feed. `id` is a tag: URI that never changes; `url` is its page, or arXiv's where the site has no
    address; `abs` is arXiv's page; `html` is the text; `fields` is None in a notice, which is of no known field.
    """

    id: str
    title: str
    url: str
    abs: str
    authors: tuple[str, ...]
    fields: tuple[str, ...] | None
    html: str
    published: dt.datetime
    updated: dt.datetime


class Feed(NamedTuple):
    """A feed itself. `path` and `home` are where it and the page that it is of lie under the site's address.

    Of a site without an address the feed says neither its own nor any page's: a feed knows no relative ones.
    """

    site: Site
    path: str
    home: str = ""
    field: str = ""

    @property
    def title(self) -> str:
        """The site's title, and the field."""
        return clean(f"{self.site.title}: {self.field}" if self.field else self.site.title)


def files(site: Site, rows: Rows, read_day: Callable[[dt.date], Day]) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of each feed, also of a field that none of the newest papers is of."""
    newest = sorted(rows, reverse=True)[:FEED_DAYS]
    # A withdrawal may be news, of however old a day.
    days = map(read_day, [date for date in rows if rows[date].withdrawn or date in newest])
    found = entries(days, site.base_url)
    yield paths.ATOM, atom(found, Feed(site, paths.ATOM))
    yield paths.JSON_FEED, json_feed(found, Feed(site, paths.JSON_FEED))
    for name in sorted({name for row in rows.values() for name in index.fields(row)}):
        feed = Feed(site, paths.field_feed(name), paths.field(name), name)
        yield feed.path, atom(of_field(found, name), feed)


def entries(days: Iterable[Day], base_url: str) -> tuple[FeedEntry, ...]:
    """Return the papers of the FEED_DAYS newest days, the newest day first, then what was withdrawn since the oldest.

    `base_url` is "" for a site without an address. Days may come in any order; only the newest are kept in memory. Of
    older ones given, withdrawals alone count. A paper without an arXiv id has no page, and no place in a feed.
    """
    newest: list[Day] = []
    gone: dict[str, tuple[dt.date, WithdrawnRecord]] = {}
    for day in days:
        newest = sorted([*newest, day], key=lambda one: one.date, reverse=True)[:FEED_DAYS]
        for record in day.records.values():
            gone.update({old.id: (day.date, old) for old in record.withdrawn})
    papers = group_by_paper(one for day in newest for one in day.articles if paths.paper(one.entry.paper_id))
    for paper in papers:
        gone.pop(paper.id, None)
    since = newest[-1].date if newest else dt.date.min
    notices = [_notice(date, old, base_url) for date, old in gone.values() if paths.paper(old.id)]
    return (
        *(_entry(paper, base_url) for paper in papers),
        *(notice for notice in notices if notice.updated.date() >= since),
    )


def of_field(found: Iterable[FeedEntry], field: str) -> tuple[FeedEntry, ...]:
    """Return the papers of one 관련분야, and every notice: its field is not known, and readers of the paper need it."""
    return tuple(entry for entry in found if entry.fields is None or field in entry.fields)


def atom(found: Sequence[FeedEntry], feed: Feed) -> bytes:
    """Return an Atom feed: https://www.rfc-editor.org/rfc/rfc4287"""
    site = feed.site
    root = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": interface.HTML_LANGUAGE})
    _add_text(root, "id", _tag(site.base_url, "feed" + (f"/{feed.field}" if feed.field else "")))
    _add_text(root, "title", feed.title)
    # 1970 for a feed without entries, as the time of building says nothing.
    changed = max((entry.updated for entry in found), default=dt.datetime.fromtimestamp(0, dt.UTC))
    _add_text(root, "updated", _rfc3339(changed))
    _add_text(ElementTree.SubElement(root, "author"), "name", clean(site.title))
    if site.base_url:
        _add_link(root, "self", site.link(feed.path), "application/atom+xml")
        _add_link(root, "alternate", site.link(feed.home), "text/html")
    for entry in found:
        _add_entry(ElementTree.SubElement(root, "entry"), entry)
    ElementTree.indent(root, " ")
    return bytes(ElementTree.tostring(root, "utf-8", xml_declaration=True)) + b"\n"


def json_feed(found: Sequence[FeedEntry], feed: Feed) -> bytes:
    """Return a JSON Feed: https://www.jsonfeed.org/version/1.1/"""
    addresses = {"home_page_url": feed.site.link(feed.home), "feed_url": feed.site.link(feed.path)}
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        **(addresses if feed.site.base_url else {}),
        "language": interface.HTML_LANGUAGE,
        "authors": [{"name": clean(feed.site.title)}],
        "items": [_json_item(entry) for entry in found],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _entry(paper: PublishedPaper, base_url: str) -> FeedEntry:
    published = _midnight(min(article.date for article in paper.articles))
    return FeedEntry(
        id=_tag(base_url, f"paper/{paper.id}"),
        title=paper.title,
        url=_page(base_url, paper.id),
        abs=abs_url(paper.id),
        authors=clean_all(paper.authors),
        fields=clean_all(paper.fields),
        html="\n".join((*_texts(paper), _links(base_url, paper.id))),
        published=published,
        updated=max((published, *(_as_utc(record.written_at) for record in paper.records))),
    )


def _notice(date: dt.date, gone: WithdrawnRecord, base_url: str) -> FeedEntry:
    reason = interface.WITHDRAWN_BECAUSE.format(escape(clean(gone.reason)))
    return FeedEntry(
        id=_tag(base_url, f"paper/{gone.id}"),
        title=interface.WITHDRAWN_TITLE.format(clean(gone.title) or gone.id),
        url=_page(base_url, gone.id),
        abs=abs_url(gone.id),
        authors=(),
        fields=None,
        html=f"<p>{interface.WITHDRAWN_ON.format(gone.at)}</p>\n<p>{reason}</p>\n{_links('', gone.id)}",
        published=_midnight(date),
        updated=max(_midnight(date), _as_utc(gone.at)),
    )


def _texts(paper: PublishedPaper) -> Iterator[str]:
    """Yield what the paper's page shows under its tabs, the newest text of each."""
    for tab in views.tabs(paper):
        text = tab.texts[0]
        yield f"<h2>{tab.label}</h2>"
        for part in text.parts:
            if part.heading:
                yield f"<h3>{escape(clean(part.heading))}</h3>"
            # Marks of figures mean something beside their sources only.
            paragraphs = [re.sub("</?mark>", "", " ".join(run.html for run in runs)) for runs in part.paragraphs]
            yield from (f"<ul><li>{one}</li></ul>" if text.bullets else f"<p>{one}</p>" for one in paragraphs)
    if not paper.records:
        yield f"<p>{interface.NO_TRACES}</p>"


def _links(base_url: str, paper_id: str) -> str:
    own = [f'<a href="{escape(_page(base_url, paper_id))}">{interface.LINK_TRACES}</a>'] if base_url else []
    other = [f'<a href="{url}">{label}</a>' for label, url in views.arxiv_links(paper_id)]
    return f"<p>{' · '.join((*own, *other))}</p>"


def _add_entry(element: ElementTree.Element, entry: FeedEntry) -> None:
    _add_text(element, "id", entry.id)
    _add_text(element, "title", entry.title)
    _add_text(element, "published", _rfc3339(entry.published))
    _add_text(element, "updated", _rfc3339(entry.updated))
    for name in entry.authors:
        _add_text(ElementTree.SubElement(element, "author"), "name", name)
    _add_link(element, "alternate", entry.url, "text/html")
    if entry.url != entry.abs:
        _add_link(element, "related", entry.abs, "text/html")
    for field in entry.fields or ():
        ElementTree.SubElement(element, "category", {"term": field})
    _add_text(element, "content", entry.html, type="html")


def _json_item(entry: FeedEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "url": entry.url,
        "external_url": entry.abs,
        "title": entry.title,
        "content_html": entry.html,
        "date_published": _rfc3339(entry.published),
        "date_modified": _rfc3339(entry.updated),
        **({"authors": [{"name": name} for name in entry.authors]} if entry.authors else {}),
        **({"tags": list(entry.fields)} if entry.fields else {}),
    }


def _add_text(parent: ElementTree.Element, name: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = text


def _add_link(parent: ElementTree.Element, relation: str, address: str, kind: str) -> None:
    ElementTree.SubElement(parent, "link", {"rel": relation, "href": address, "type": kind})


def _tag(base_url: str, name: str) -> str:
    """Return a tag: URI (RFC 4151) under the site's host, under a name that is nobody's while the site has no address.

    The year is any in which the host was the site's; it must stay as it is, for the id must.
    """
    site = urlsplit(base_url)
    host = (site.hostname or "").lower()
    return f"tag:{host if _DNS_NAME.fullmatch(host) else _NO_HOST},2026:{quote(site.path.strip('/') + '/' + name)}"


def _page(base_url: str, paper_id: str) -> str:
    return paths.address(base_url, paths.paper(paper_id) or "") if base_url else abs_url(paper_id)


def _midnight(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), dt.UTC)


def _as_utc(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _rfc3339(moment: dt.datetime) -> str:
    """Return a moment as RFC 3339 has it, in UTC."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
