"""arXiv's metadata in bulk, by OAI-PMH: every paper of a category that changed since a day, page by page.

The protocol: https://www.openarchives.org/OAI/openarchivesprotocol.html; arXiv's notes on it, its sets and the format
`arXivRaw`, which alone has the times of all versions: https://info.arxiv.org/help/oa/index.html. arXiv lists by the
day of the last change (UTC), never by that of submission; which day a paper belongs to is the caller's question.
"""

import datetime as dt
import logging
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from pipeline.core.errors import ConfigError, SourceError
from pipeline.core.http import ArxivAccess
from pipeline.core.ids import parse_id
from pipeline.core.models import Metadata
from pipeline.core.text import fold
from pipeline.sources.arxiv import SOURCE, TAXONOMY, is_withdrawn, read_xml, split_names

_log = logging.getLogger(__name__)
_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW = "{http://arxiv.org/OAI/arXivRaw/}"
# All of arXiv, 2.5 million papers, comes in some two thousand pages.
MOST_PAGES = 10_000
# A page of more than a thousand records takes arXiv seconds, where nobody asked for it before also more than a minute.
PAGE_TIMEOUT = 120.0
# The repository's earliest date of change; it refuses to be asked for earlier ones.
_EARLIEST = dt.date(2005, 9, 16)
# Archives that are groups of their own; every other archive is in the group `physics`.
_GROUPS = frozenset("cs econ eess math q-bio q-fin stat".split())


class HarvestPage(NamedTuple):
    """One answer: its papers, what was wrong with records that cannot be read, and the token of the next page or ""."""

    papers: tuple[Metadata, ...]
    unreadable: tuple[str, ...]
    token: str


def harvest(
    access: ArxivAccess, oai_url: str, category: str, since: dt.date, until: dt.date | None = None
) -> Iterator[tuple[Metadata, ...]]:
    """Fetch the papers of a category (cross-listed ones too) that changed from `since` to `until`, both days included.

    One page at a time; a page may repeat papers of an earlier one. SourceError when a page cannot be had or read, so
    that a part is not taken for the whole.
    """
    bounds = {"from": str(max(since, _EARLIEST))} | ({"until": str(until)} if until else {})
    query = {"metadataPrefix": "arXivRaw", "set": set_of(category)} | bounds
    tokens: set[str] = set()
    for _ in range(MOST_PAGES):
        url = f"{oai_url}?{urlencode({'verb': 'ListRecords'} | query)}"
        page = parse_page(access.fetch(url, source=SOURCE, kind="xml", timeout=PAGE_TIMEOUT), url)
        if not (page.papers or tokens):
            _log.warning("%s: nothing in %s since %s; is it a category of %s?", SOURCE, category, since, TAXONOMY)
        for reason in page.unreadable:
            _log.warning("%s: passed over a record, %s (%s)", SOURCE, reason, url)
        yield page.papers
        if not page.token:
            return
        if page.token in tokens:
            raise SourceError(SOURCE, url, "goes round in circles: it gave the same resumption token twice")
        tokens.add(page.token)
        query = {"resumptionToken": page.token}
    raise SourceError(SOURCE, url, f"does not end after {MOST_PAGES:,} pages")


def parse_page(data: bytes, url: str) -> HarvestPage:
    """Read one answer to ListRecords; no papers where none match, and none for deleted records.

    SourceError when it is no OAI-PMH, is cut off, says that something is wrong, or none of its records can be read.
    """
    root = read_xml(data, url, f"{_OAI}OAI-PMH", "an OAI-PMH answer")
    for error in root.iterfind(f"{_OAI}error"):
        if error.get("code") == "noRecordsMatch":
            return HarvestPage((), (), "")
        raise SourceError(SOURCE, url, _said(error))
    records = root.find(f"{_OAI}ListRecords")
    if records is None:
        raise SourceError(SOURCE, url, "answered without a list of records")
    papers, unreadable = [], []
    for record in records.iterfind(f"{_OAI}record"):
        try:
            papers += _papers(record)
        except (ValueError, ConfigError) as error:
            unreadable.append(f"{_text(record, f'{_OAI}header/{_OAI}identifier') or 'without an id'}: {error}")
    if unreadable and not papers:
        raise SourceError(SOURCE, url, f"none of its {len(unreadable)} records can be read; {unreadable[0]}")
    return HarvestPage(tuple(papers), tuple(unreadable), _text(records, f"{_OAI}resumptionToken"))


def set_of(category: str) -> str:
    """Return the set of a category or an archive: `cs.CL` is `cs:cs:CL`, `hep-th` is `physics:hep-th`."""
    archive, _, subject = category.partition(".")
    return ":".join(filter(None, (archive if archive in _GROUPS else "physics", archive, subject)))


def _said(error: Element) -> str:
    code, text = error.get("code", ""), fold(error.text or "")[:200]
    if code == "badResumptionToken":
        return f"does not know any more where the harvest was ({text or code}); tokens end at midnight UTC, run again"
    hint = f"; is the category one of {TAXONOMY}?" if code == "badArgument" else ""
    return f"answered with the error {code or 'without a code'}: {text}{hint}"


def _papers(record: Element) -> list[Metadata]:
    """Return the paper of a record, none of a deleted one; ValueError or ConfigError where something is missing."""
    header = record.find(f"{_OAI}header")
    if header is not None and header.get("status") == "deleted":
        return []
    raw = record.find(f"{_OAI}metadata/{_RAW}arXivRaw")
    if raw is None:
        raise ValueError("it has no arXivRaw")
    versions = {
        int(version.get("version", "").removeprefix("v")): _date(version) for version in raw.iterfind(f"{_RAW}version")
    }
    title, abstract = _text(raw, f"{_RAW}title"), _text(raw, f"{_RAW}abstract")
    if not title or not versions:
        raise ValueError(f"it has no {'version' if title else 'title'}")
    return [
        Metadata(
            id=parse_id(_text(raw, f"{_RAW}id")).id,
            version=max(versions),
            title=title,
            abstract=abstract,
            authors=split_names(_text(raw, f"{_RAW}authors")),
            categories=tuple(dict.fromkeys(_text(raw, f"{_RAW}categories").split())),
            published=versions[min(versions)],
            withdrawn=is_withdrawn(_text(raw, f"{_RAW}comments"), abstract),
        )
    ]


def _text(element: Element, path: str) -> str:
    return fold(element.findtext(path) or "")


def _date(version: Element) -> dt.datetime:
    """Read a date as in e-mail, `Tue, 19 Jan 2016 04:10:52 GMT`."""
    date = parsedate_to_datetime(version.findtext(f"{_RAW}date") or "")
    return date if date.tzinfo else date.replace(tzinfo=dt.UTC)
