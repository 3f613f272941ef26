"""What arXiv knows of a paper, from its query API. Titles and abstracts keep their LaTeX.

The format: https://info.arxiv.org/help/api/user-manual.html. The `arxiv` package reads the entries; the request is our
own, because the package's client sets no time limit, hides `Retry-After`, and takes a captcha page for an empty answer.
"""

import codecs
import logging
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from pipeline.core.errors import ConfigError, SourceError
from pipeline.core.http import ArxivAccess, RequestRefused
from pipeline.core.ids import parse_id
from pipeline.core.models import Frozen, Metadata
from pipeline.core.text import fold, plain_latex

_log = logging.getLogger(__name__)

SOURCE = "arXiv"
IDS_PER_REQUEST = 100
# So many ids in a row, each refused alone: arXiv refuses everything.
_MOST_REFUSED = 10
TAXONOMY = "https://arxiv.org/category_taxonomy"
ATOM = "{http://www.w3.org/2005/Atom}"
# How authors and arXiv's administrators say it, in the comment or at the beginning of what was the abstract. A paper
# withdrawn from a conference is not withdrawn from arXiv.
_WITHDRAWN = re.compile(
    r"\b(?:paper|article|manuscript|submission|preprint|work|version)(?: has been| is| was)? withdrawn\b(?! from)"
    r"|\bwithdrawn by (?:the |its |all |one of the )*(?:\w+ )?(?:authors?|arxiv|admin)"
    r"|^withdrawn\b(?! from)",
    re.IGNORECASE,
)
_BEGINNING = 200
_BETWEEN_NAMES = re.compile(r",\s*(?:and\b)?|\s+and\s+|;")
# What XML does not allow and abstracts bring along now and then.
_ILLEGAL = bytes({*range(0x20)} - {*b"\t\n\r"})
_SPACES = bytes.maketrans(_ILLEGAL, b" " * len(_ILLEGAL))
_NAME_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV", re.IGNORECASE)


class Fetched(Frozen):
    """arXiv's answer: `papers` by id without version, and the asked ids, without version, that it does not know."""

    papers: dict[str, Metadata]
    missing: tuple[str, ...]


def fetch_metadata(access: ArxivAccess, api_url: str, ids: Sequence[str]) -> Fetched:
    """Fetch arXiv's metadata of papers: of the version named in an id, else of the newest. Ids are in any form of
    `parse_id`.

    `api_url` is the address of the query. An id that arXiv refuses is not known. SourceError when an answer cannot be
    had or read.
    """

    def get(batch: list[str]) -> list[Metadata]:
        url = f"{api_url}?{urlencode({'id_list': ','.join(batch), 'max_results': len(batch)})}"
        return parse_feed(access.fetch(url, source=SOURCE, kind="xml"), url)

    asked = dict(map(parse_id, ids))
    found: dict[str, Metadata] = {}
    refused: list[str] = []
    versions = [f"{id}v{version}" if version else id for id, version in asked.items()]
    for start in range(0, len(versions), IDS_PER_REQUEST):
        found |= {paper.id: paper for paper in _accepted(versions[start : start + IDS_PER_REQUEST], get, refused)}
    papers = {id: found[id] for id in asked if id in found}
    return Fetched(papers=papers, missing=tuple(id for id in asked if id not in found))


def _accepted(batch: list[str], get: Callable[[list[str]], list[Metadata]], refused: list[str]) -> list[Metadata]:
    """Return the papers of a request. One bad id has arXiv refuse all of it: then its halves are asked, down to that id
    alone.

    `refused` are the last ids in a row that were.
    """
    try:
        papers = get(batch)
    except RequestRefused:
        if len(batch) > 1:
            middle = len(batch) // 2
            return _accepted(batch[:middle], get, refused) + _accepted(batch[middle:], get, refused)
        if len(refused) == _MOST_REFUSED:
            raise
        _log.warning("arXiv does not accept the id %s", *batch)
        refused += batch
        return []
    refused.clear()
    return papers


def parse_feed(data: bytes, url: str) -> list[Metadata]:
    """Return the papers of one answer, in its order.

    SourceError when it is not a whole Atom feed, holds an error of the API, or an entry that is no paper. (The package
    alone would give an empty or a shorter list for each of these.)
    """
    from arxiv import _feed  # type: ignore[import-untyped]  # with it comes another HTTP client, which takes time

    entries = read_xml(data, url, f"{ATOM}feed", "a feed").findall(f"{ATOM}entry")
    for entry in entries:
        if "/api/errors" in entry.findtext(f"{ATOM}id", ""):
            raise SourceError(SOURCE, url, f"answered with an error: {fold(entry.findtext(f'{ATOM}summary', ''))}")
    try:
        results = _feed.parse(_legible(data)).results
    except ValueError as error:
        raise SourceError(SOURCE, url, f"holds an entry with an unreadable date: {error}") from error
    if len(results) != len(entries):
        raise SourceError(SOURCE, url, f"only {len(results)} of {len(entries)} entries have an id and dates")
    return [_metadata(result, url) for result in results]


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Tell whether the comment, or the beginning of the abstract, says that the paper is withdrawn from arXiv."""
    return any(map(_WITHDRAWN.search, (fold(comment), fold(abstract)[:_BEGINNING])))


def split_names(authors: str) -> tuple[str, ...]:
    """Return the names in arXiv's one line of authors, none twice, accents made plain; affiliations in parentheses left
    out.

    The form: https://info.arxiv.org/help/prep.html#author
    """
    names: list[str] = []
    for part in _BETWEEN_NAMES.split(_outside_parentheses(authors)):
        name = plain_latex(part)
        if names and _NAME_SUFFIX.fullmatch(name):
            names[-1] += f" {name}"
        elif name and name.casefold() not in ("et al", "et al."):
            names.append(name)
    return tuple(dict.fromkeys(names))


def _outside_parentheses(value: str) -> str:
    """Return the text without what stands in parentheses, nested ones too; where they do not match, up to the first
    one.
    """
    if value.count("(") != value.count(")"):
        return value.partition("(")[0]
    depth, kept = 0, []
    for char in value:
        depth += char == "("
        kept.append(char if depth <= 0 and char != ")" else "")
        depth -= char == ")"
    return "".join(kept)


def read_xml(data: bytes, url: str, tag: str, what: str) -> ElementTree.Element:
    """Return the root of an answer, which must be whole and this element (`{namespace}name`, in words `what`).

    SourceError for anything else, and for a document type: of its entities a small answer can fill the memory.
    """
    try:
        root = ElementTree.fromstring(_legible(data), ElementTree.XMLParser(target=_NoDoctype()))  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # the latter two: encodings that expat lacks
        reason = f"a web page instead of {what}" if b"<html" in data[:1000].lower() else f"broken XML: {error}"
        raise SourceError(SOURCE, url, f"answered {reason}") from error
    if root.tag != tag:
        raise SourceError(SOURCE, url, f"answered <{root.tag.rpartition('}')[2]}> instead of {what}")
    return root


class _NoDoctype(ElementTree.TreeBuilder):
    """Ends with ValueError where a document type is declared, before any entity is: arXiv declares none."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError(f"it declares the document type {name}")


def _legible(data: bytes) -> bytes:
    """Return the answer with spaces for control characters: one in one abstract made the whole answer broken XML."""
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data if utf_16 else data.translate(_SPACES)


def _metadata(result: Any, url: str) -> Metadata:
    try:
        id, version = parse_id(result.entry_id)
    except ConfigError as error:
        raise SourceError(SOURCE, url, f"holds an entry that is no paper: {result.entry_id!r}") from error
    abstract = fold(result.summary)
    return Metadata(
        id=id,
        version=version or 1,
        title=fold(result.title),
        abstract=abstract,
        authors=tuple(dict.fromkeys(filter(None, (fold(author.name) for author in result.authors)))),
        categories=tuple(dict.fromkeys(filter(None, [result.primary_category, *result.categories]))),
        published=result.published,
        withdrawn=is_withdrawn(result.comment or "", abstract),
    )
