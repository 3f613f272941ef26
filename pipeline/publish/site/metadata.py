"""The digest for programs: `llms.txt`, one JSON a day with its schema, sitemaps, and a page's Open Graph values.

Pure: says what stands in these files, nothing of which there are or where they lie.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Literal, NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree

from pipeline.archive.catalog import Day, LayoutChoice, UnprintedPaper
from pipeline.archive.record import EntryRecord
from pipeline.core.models import Frozen, Section
from pipeline.core.text import fold, media_problem, strip_invisible
from pipeline.publish.site import paths

SITEMAP = "sitemap.xml"
SITEMAP_URLS = 50_000  # in one file, by https://www.sitemaps.org/protocol.html
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
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


class Place(NamedTuple):
    """A page's path under the site's address, and the day on which it changed last, if that is known."""

    path: str
    changed: dt.date | None = None


class Card(NamedTuple):
    """What a link to a page shows elsewhere. `published` is of a day or a paper, None for any other page."""

    title: str
    description: str
    path: str
    image: str = ""
    published: dt.date | None = None


def day_json(day: Day) -> bytes:
    """A day with the traces that its records keep, as `day_schema` says."""
    papers = dict.fromkeys(article.entry.paper_id for article in day.articles)
    found = MachineDay(
        date=day.date,
        papers=tuple(_paper(day, paper_id) for paper_id in papers),
        not_printed=tuple(day.unprinted()),
    )
    return (found.model_dump_json() + "\n").encode()


def day_schema() -> bytes:
    """The JSON schema of `day_json`, to be published beside it."""
    return (json.dumps(MachineDay.model_json_schema(), ensure_ascii=False, indent=1) + "\n").encode()


def llms_txt(title: str, base_url: str, days: Iterable[tuple[dt.date, str]], others: Iterable[tuple[str, str]]) -> str:
    """What the site has for language models, as https://llmstxt.org asks.

    `days` are those to name, the newest first, each with the path of its JSON; `others` are further files, each with
    its name. Links are relative where the site has no address.
    """
    lines = [
        f"# {_plain(title)}",
        "",
        "> 매일 화제가 된 연구 논문을 한국어로 요약합니다. 수록된 문장마다 근거가 되는 논문의 문장을 함께 기록합니다.",
        "",
        "날짜별 JSON에는 그날 수록한 논문의 요약과 문장별 근거, 수록하지 않은 논문과 그 사유가 들어 있습니다.",
        "`record`가 null인 글은 근거 기록 없이 들여온 것입니다. 인용하실 때에는 원문 논문을 함께 확인하시기 바랍니다.",
        "",
        "## 날짜별 데이터",
        "",
        *(f"- [{date}]({_address(base_url, path)})" for date, path in days),
        "",
        "## 그 밖의 자료",
        "",
        *(f"- [{_plain(name)}]({_address(base_url, path)})" for name, path in others),
    ]
    return "\n".join(lines) + "\n"


def sitemaps(places: Iterable[Place], base_url: str) -> Iterator[tuple[str, bytes]]:
    """The sitemap's files, name and content, `sitemap.xml` last: of the pages, or of the other files where one is full.

    No file for a site without an address: a sitemap knows no relative links. https://www.sitemaps.org/protocol.html
    """
    if not base_url:
        return
    remaining = iter(places)
    chunk, following = list(islice(remaining, SITEMAP_URLS)), list(islice(remaining, SITEMAP_URLS))
    if not following:
        yield SITEMAP, _sitemap("urlset", "url", chunk, base_url)
        return
    parts: list[Place] = []
    while chunk:
        parts.append(
            Place(f"sitemap-{len(parts) + 1}.xml", max(filter(None, (one.changed for one in chunk)), default=None))
        )
        yield parts[-1].path, _sitemap("urlset", "url", chunk, base_url)
        chunk, following = following, list(islice(remaining, SITEMAP_URLS))
    yield SITEMAP, _sitemap("sitemapindex", "sitemap", parts, base_url)


def preview(card: Card, site: str, base_url: str) -> dict[str, str]:
    """Names and values for `<meta>`, to be escaped: those with `twitter:` are its `name`, all others its `property`.

    https://ogp.me; the addresses are left out where the site has none, an image where it cannot be shown.
    """
    description = _line(card.description)
    shortened = description if len(description) <= _DESCRIPTION else description[: _DESCRIPTION - 1].rstrip() + "…"
    image = card.image if media_problem(card.image) is None else ""
    values = {
        "og:title": _line(card.title),
        "og:description": shortened,
        "og:type": "article" if card.published else "website",
        "og:site_name": _line(site),
        "og:locale": "ko_KR",
        "og:url": _address(base_url, card.path) if base_url else "",
        "og:image": image,
        "article:published_time": card.published.isoformat() if card.published else "",
        "twitter:card": "summary_large_image" if image else "summary",
    }
    return {name: value for name, value in values.items() if value}


def _paper(day: Day, paper_id: str) -> PrintedPaper:
    articles = [article for article in day.articles if article.entry.paper_id == paper_id]
    records = [article.record for article in articles if article.record]
    return PrintedPaper(
        id=paper_id,
        title=articles[0].entry.title,
        url=f"https://arxiv.org/abs/{quote(paper_id)}",
        authors=max((*(one.authors for one in records), *(one.entry.authors for one in articles)), key=len),
        votes=next((one.entry.votes for one in articles if one.entry.votes is not None), None),
        fields=tuple(dict.fromkeys(field for one in articles for field in one.fields())),
        texts=tuple(Text(layout=one.layout, sections=one.entry.sections, record=one.record) for one in articles),
    )


def _sitemap(root: str, kind: str, places: Iterable[Place], base_url: str) -> bytes:
    found = ElementTree.Element(root, {"xmlns": _SITEMAP})
    for place in places:
        one = ElementTree.SubElement(found, kind)
        ElementTree.SubElement(one, "loc").text = _address(base_url, place.path)
        if place.changed:
            ElementTree.SubElement(one, "lastmod").text = place.changed.isoformat()
    ElementTree.indent(found, "")
    return bytes(ElementTree.tostring(found, "utf-8", xml_declaration=True)) + b"\n"


def _address(base_url: str, path: str) -> str:
    """The address of a page or file, relative where the site has none."""
    return paths.address(base_url, path) if base_url else paths.href(path)


def _line(value: str) -> str:
    return fold(strip_invisible(value))


def _plain(value: str) -> str:
    """A name in markdown with its marks as mere characters."""
    return re.sub(r"([\\`*_\[\]<>#!()])", r"\\\1", _line(value))
