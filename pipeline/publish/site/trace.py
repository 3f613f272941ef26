"""Which printed sentence rests on which sentences of the paper: a text cut at its claims, figures marked in both.

Pure. A text that was changed after it was recorded has no trace where it was changed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from pipeline.archive.record import EntryRecord
from pipeline.core.models import Claim, Section
from pipeline.core.text import fold, strip_invisible

ARXIV = "https://arxiv.org"
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
# For the eye alone, on every sentence of an archive: `verify.quantities` reads far more, a hundred times slower.
_FIGURE = re.compile(
    r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?:\s?(?:%p?|[천만억조배]|[kKMBT](?![A-Za-z])|[x×](?!\w)| (?:million|billion)))*"
)
_PARAGRAPH = re.compile(r"\n\s*\n")


class Piece(NamedTuple):
    """A run of a paragraph: a sentence with the numbers that it cites, or text without a trace."""

    html: Markup
    cites: tuple[int, ...] = ()


class Source(NamedTuple):
    """A cited sentence of the paper. `html` is empty where its words are not kept."""

    number: int
    html: Markup
    section: str
    url: str
    exact: bool


class Part(NamedTuple):
    """A section of an entry: its heading, its paragraphs in pieces, and what they cite, by number."""

    heading: str
    paragraphs: tuple[tuple[Piece, ...], ...]
    sources: tuple[Source, ...]


def part(section: Section, heading: str, record: EntryRecord | None) -> Part:
    """A printed section with as much of a trace as the record has."""
    claims = [claim for claim in record.claims if claim.section == section.name] if record else []
    texts = _PARAGRAPH.split(section.text.strip())
    paragraphs = tuple(tuple(_pieces(fold(strip_invisible(text)), claims)) for text in texts)
    cited = sorted({number for pieces in paragraphs for piece in pieces for number in piece.cites})
    return Part(heading, paragraphs, tuple(_sources(record, cited)) if record else ())


def inline(text: str) -> Markup:
    """One line of a digest as HTML: escaped, `**bold**` as bold."""
    return _html(escape(text))


def marked(text: str) -> Markup:
    """The same with each figure in a `mark`; a digit of a name such as GPT-4 is none."""
    parts, place = [], 0
    for figure in _FIGURE.finditer(text):
        parts += [escape(text[place : figure.start()]), f"<mark>{escape(figure[0])}</mark>"]
        place = figure.end()
    return _html("".join([*parts, escape(text[place:])]))


def _html(escaped: str) -> Markup:
    if "**" in escaped:
        escaped = _BOLD.sub(r"<strong>\1</strong>", escaped)
    return Markup(escaped)  # noqa: S704  # escaped before it came here


def _pieces(text: str, claims: Sequence[Claim]) -> Iterator[Piece]:
    """The text in order: each claim that stands in it, and what is between them."""
    place = 0
    for claim in claims:
        sentence = fold(strip_invisible(claim.text))
        at = text.find(sentence, place) if sentence and claim.cites else -1
        if at < 0:
            continue
        if between := text[place:at].strip():
            yield Piece(inline(between))
        yield Piece(marked(sentence), claim.cites)
        place = at + len(sentence)
    if rest := text[place:].strip():
        yield Piece(inline(rest))


def _sources(record: EntryRecord, numbers: Iterable[int]) -> Iterator[Source]:
    kept = {cited.number: cited for cited in record.cited}
    paper = f"{record.id}v{record.version}" if record.version else record.id
    for number in numbers:
        cited = kept.get(number)
        exact = bool(cited and cited.anchor and record.origin == "html")
        url = f"{ARXIV}/html/{paper}#{quote(cited.anchor)}" if cited and exact else f"{ARXIV}/abs/{paper}"
        text, section = (strip_invisible(fold(cited.text)), strip_invisible(fold(cited.section))) if cited else ("", "")
        yield Source(number, marked(text), section, url, exact)
