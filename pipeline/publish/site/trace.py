"""Shows which sentences of the paper each printed sentence cites: a text cut at its claims, figures marked in both.

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
from pipeline.publish.papers import ARXIV, BOLD, clean

# For the eye alone, on every sentence of an archive: `verify.quantities` reads far more, a hundred times slower.
_FIGURE = re.compile(
    r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?:\s?(?:%p?|[천만억조배]|[kKMBT](?![A-Za-z])|[x×](?!\w)| (?:million|billion)))*"
)
_PARAGRAPH = re.compile(r"\n\s*\n")


class TextRun(NamedTuple):
    """A run of a paragraph: a sentence with the numbers that it cites, or text without a trace."""

    html: Markup
    cites: tuple[int, ...] = ()


class CitedSentence(NamedTuple):
    """A cited sentence of the paper. `html` is empty where its words are not kept."""

    number: int
    html: Markup
    section: str
    url: str
    exact: bool


class TracedSection(NamedTuple):
    """A section of an entry: its heading, its paragraphs as runs of text, and what they cite, by number."""

    heading: str
    paragraphs: tuple[tuple[TextRun, ...], ...]
    sources: tuple[CitedSentence, ...]


def trace_section(section: Section, heading: str, record: EntryRecord | None) -> TracedSection:
    """Cut a printed section at the claims of its record, as far as that has any."""
    claims = [claim for claim in record.claims if claim.section == section.name] if record else []
    paragraphs = tuple(tuple(_runs(clean(text), claims)) for text in _PARAGRAPH.split(section.text.strip()))
    cited = sorted({number for runs in paragraphs for run in runs for number in run.cites})
    return TracedSection(heading, paragraphs, tuple(_sources(record, cited)) if record else ())


def inline_html(text: str) -> Markup:
    """Return one line of a digest as HTML: escaped, `**bold**` as bold."""
    return _html(escape(text))


def mark_figures(text: str) -> Markup:
    """Return a line as `inline_html` does, with each figure in a `mark`; a digit of a name such as GPT-4 is none."""
    parts, place = [], 0
    for figure in _FIGURE.finditer(text):
        parts += [escape(text[place : figure.start()]), f"<mark>{escape(figure[0])}</mark>"]
        place = figure.end()
    return _html("".join([*parts, escape(text[place:])]))


def _html(escaped: str) -> Markup:
    if "**" in escaped:
        escaped = BOLD.sub(r"<strong>\1</strong>", escaped)
    return Markup(escaped)  # noqa: S704  # escaped before it came here


def _runs(text: str, claims: Sequence[Claim]) -> Iterator[TextRun]:
    """Yield the text in order: each claim that stands in it, and what is between them."""
    place = 0
    for claim in claims:
        sentence = clean(claim.text)
        at = text.find(sentence, place) if sentence and claim.cites else -1
        if at < 0:
            continue
        if between := text[place:at].strip():
            yield TextRun(inline_html(between))
        yield TextRun(mark_figures(sentence), claim.cites)
        place = at + len(sentence)
    if rest := text[place:].strip():
        yield TextRun(inline_html(rest))


def _sources(record: EntryRecord, numbers: Iterable[int]) -> Iterator[CitedSentence]:
    kept = {cited.number: cited for cited in record.cited}
    paper = f"{record.id}v{record.version}" if record.version else record.id
    for number in numbers:
        cited = kept.get(number)
        exact = bool(cited and cited.anchor and record.origin == "html")
        url = f"{ARXIV}/html/{paper}#{quote(cited.anchor)}" if cited and exact else f"{ARXIV}/abs/{paper}"
        text, section = (clean(cited.text), clean(cited.section)) if cited else ("", "")
        yield CitedSentence(number, mark_figures(text), section, url, exact)
