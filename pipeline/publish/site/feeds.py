"""The newest days as feeds: Atom (RFC 4287) and JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/).

One entry a paper, with the text of all its layouts. Pure: days in, bytes out; which feeds there are and where they lie
is the builder's affair.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from pipeline.archive.catalog import Article, Day
from pipeline.archive.record import WithdrawnRecord
from pipeline.core.text import fold, strip_invisible
from pipeline.publish.site import paths, views
from pipeline.publish.site.trace import ARXIV

FEED_DAYS = 14
_DNS_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_NOBODY = "paper-digest.invalid"


class Item(NamedTuple):
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


class About(NamedTuple):
    """A feed itself. `path` and `home` are where it and the page that it is of lie under the site's address.

    Without `base_url` the feed says neither of its own address nor of any page: a feed knows no relative ones.
    """

    title: str
    base_url: str
    path: str
    home: str = ""
    field: str = ""


def items(days: Iterable[Day], base_url: str) -> tuple[Item, ...]:
    """The papers of the FEED_DAYS newest days, the newest day first, then what was withdrawn since the oldest of them.

    `base_url` is "" for a site without an address. Days may come in any order; only the newest are kept in memory. Of
    older ones given, withdrawals alone count. A paper without an arXiv id has no page, and no place in a feed.
    """
    newest: list[Day] = []
    gone: dict[str, tuple[dt.date, WithdrawnRecord]] = {}
    for day in days:
        newest = sorted([*newest, day], key=lambda one: one.date, reverse=True)[:FEED_DAYS]
        for record in day.records.values():
            gone.update({old.id: (day.date, old) for old in record.withdrawn})
    papers = views.by_paper(one for day in newest for one in day.articles if paths.paper(one.entry.paper_id))
    since = newest[-1].date if newest else dt.date.min
    left = [(date, old) for date, old in gone.values() if old.id not in papers and paths.paper(old.id)]
    notices = [_notice(date, old, base_url) for date, old in left]
    return (
        *(_item(paper_id, articles, base_url) for paper_id, articles in papers.items()),
        *(notice for notice in notices if notice.updated.date() >= since),
    )


def fields(found: Iterable[Item]) -> tuple[str, ...]:
    """Every 관련분야 of these items, in the order of the alphabet."""
    return tuple(sorted({field for item in found for field in item.fields or ()}))


def of_field(found: Iterable[Item], field: str) -> tuple[Item, ...]:
    """The papers of one 관련분야, and every notice: who read the entry must see it, and its field is not known."""
    return tuple(item for item in found if item.fields is None or field in item.fields)


def atom(found: Sequence[Item], about: About) -> bytes:
    """An Atom feed: https://www.rfc-editor.org/rfc/rfc4287"""
    feed = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "ko"})
    _text(feed, "id", _tag(about.base_url, "feed" + (f"/{about.field}" if about.field else "")))
    _text(feed, "title", _title(about))
    _text(feed, "updated", _moment(_newest(found)))
    _text(ElementTree.SubElement(feed, "author"), "name", _line(about.title))
    if about.base_url:
        _link(feed, "self", paths.address(about.base_url, about.path), "application/atom+xml")
        _link(feed, "alternate", paths.address(about.base_url, about.home), "text/html")
    for item in found:
        _entry(ElementTree.SubElement(feed, "entry"), item)
    ElementTree.indent(feed, " ")
    return bytes(ElementTree.tostring(feed, "utf-8", xml_declaration=True)) + b"\n"


def json_feed(found: Sequence[Item], about: About) -> bytes:
    """A JSON Feed: https://www.jsonfeed.org/version/1.1/"""
    addresses = {
        "home_page_url": paths.address(about.base_url, about.home),
        "feed_url": paths.address(about.base_url, about.path),
    }
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(about),
        **(addresses if about.base_url else {}),
        "language": "ko",
        "authors": [{"name": _line(about.title)}],
        "items": [_json_item(item) for item in found],
    }
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()


def _item(paper_id: str, articles: list[Article], base_url: str) -> Item:
    records = [article.record for article in articles if article.record]
    authors = max((*(r.authors for r in records), *(a.entry.authors for a in articles)), key=len)
    published = _midnight(min(article.date for article in articles))
    return Item(
        id=_tag(base_url, f"paper/{paper_id}"),
        title=_line(articles[0].entry.title) or paper_id,
        url=_page(base_url, paper_id),
        abs=_abs(paper_id),
        authors=_lines(authors),
        fields=_lines(field for article in articles for field in article.fields()),
        html="\n".join((*_texts(articles), _links(base_url, paper_id))),
        published=published,
        updated=max((published, *(_aware(record.written_at) for record in records))),
    )


def _notice(date: dt.date, gone: WithdrawnRecord, base_url: str) -> Item:
    said = f"<p>이 논문의 글을 {gone.at:%Y-%m-%d}에 내렸습니다.</p>\n<p>사유: {escape(_line(gone.reason))}</p>"
    return Item(
        id=_tag(base_url, f"paper/{gone.id}"),
        title=f"[내린 글] {_line(gone.title) or gone.id}",
        url=_page(base_url, gone.id),
        abs=_abs(gone.id),
        authors=(),
        fields=None,
        html=f"{said}\n{_links('', gone.id)}",
        published=_midnight(date),
        updated=max(_midnight(date), _aware(gone.at)),
    )


def _texts(articles: list[Article]) -> Iterator[str]:
    """What the paper's page shows under its tabs, the newest text of each."""
    for tab in views.tabs(articles):
        text = tab.texts[0]
        yield f"<h2>{tab.label}</h2>"
        for part in text.parts:
            if part.heading:
                yield f"<h3>{escape(_line(part.heading))}</h3>"
            paragraphs = [_unmarked(" ".join(str(piece.html) for piece in pieces)) for pieces in part.paragraphs]
            yield from (f"<ul><li>{one}</li></ul>" if text.bullets else f"<p>{one}</p>" for one in paragraphs)
    if not any(article.record for article in articles):
        yield "<p>이 글에는 문장별 근거가 기록되어 있지 않습니다.</p>"


def _unmarked(html: str) -> str:
    """Without the marks of figures, which mean something beside their sources only."""
    return html.replace("<mark>", "").replace("</mark>", "")


def _links(base_url: str, paper_id: str) -> str:
    own = [f'<a href="{escape(_page(base_url, paper_id))}">문장별 근거 보기</a>'] if base_url else []
    other = [f'<a href="{link.url}">{link.label}</a>' for link in views.links(paper_id)]
    return f"<p>{' · '.join((*own, *other))}</p>"


def _entry(entry: ElementTree.Element, item: Item) -> None:
    _text(entry, "id", item.id)
    _text(entry, "title", item.title)
    _text(entry, "published", _moment(item.published))
    _text(entry, "updated", _moment(item.updated))
    for name in item.authors:
        _text(ElementTree.SubElement(entry, "author"), "name", name)
    _link(entry, "alternate", item.url, "text/html")
    if item.url != item.abs:
        _link(entry, "related", item.abs, "text/html")
    for field in item.fields or ():
        ElementTree.SubElement(entry, "category", {"term": field})
    _text(entry, "content", item.html, type="html")


def _json_item(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "url": item.url,
        "external_url": item.abs,
        "title": item.title,
        "content_html": item.html,
        "date_published": _moment(item.published),
        "date_modified": _moment(item.updated),
        **({"authors": [{"name": name} for name in item.authors]} if item.authors else {}),
        **({"tags": list(item.fields)} if item.fields else {}),
    }


def _title(about: About) -> str:
    return _line(f"{about.title}: {about.field}" if about.field else about.title)


def _newest(found: Iterable[Item]) -> dt.datetime:
    """When a feed changed last. One without entries is as old as can be: the time of building says nothing."""
    return max((item.updated for item in found), default=dt.datetime.fromtimestamp(0, dt.UTC))


def _text(parent: ElementTree.Element, name: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = text


def _link(parent: ElementTree.Element, relation: str, address: str, kind: str) -> None:
    ElementTree.SubElement(parent, "link", {"rel": relation, "href": address, "type": kind})


def _tag(base_url: str, name: str) -> str:
    """A tag: URI (RFC 4151) under the site's host, and under a name that is nobody's while the site has no address.

    The year is any in which the host was the site's; it must stay as it is, for the id must.
    """
    site = urlsplit(base_url)
    host = (site.hostname or "").lower()
    return f"tag:{host if _DNS_NAME.fullmatch(host) else _NOBODY},2026:{quote(site.path.strip('/') + '/' + name)}"


def _page(base_url: str, paper_id: str) -> str:
    return paths.address(base_url, paths.paper(paper_id) or "") if base_url else _abs(paper_id)


def _abs(paper_id: str) -> str:
    return f"{ARXIV}/abs/{quote(paper_id)}"


def _line(value: str) -> str:
    """On one line, without what is not seen: direction marks, and all that XML forbids."""
    return fold(strip_invisible(value))


def _lines(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in map(_line, values) if line))


def _midnight(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), dt.UTC)


def _aware(moment: dt.datetime) -> dt.datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _moment(moment: dt.datetime) -> str:
    """RFC 3339 in UTC."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
