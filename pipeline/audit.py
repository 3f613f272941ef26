"""Printed digests held against their papers: files and sources → findings with line and column.

What is printed cites nothing, so its sentences are looked up in the whole text; the nearest source sentence is named.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from pipeline import layouts
from pipeline.errors import ConfigError, LayoutError
from pipeline.layouts.fields import id_of
from pipeline.models import Claim, Digest, Entry, Finding, Frozen, Paper, SourceText, Span
from pipeline.rules import finding
from pipeline.sources.document import located
from pipeline.text import fold, normal_form, plain
from pipeline.verify import claims_of, gate
from pipeline.verify.alignment import align
from pipeline.verify.paper import PaperText
from pipeline.verify.termbase import Termbase


class Source(Frozen):
    """One line of a file of sources: a paper's title and abstract, and its text where it is at hand."""

    id: str = Field(min_length=1)
    title: str = ""
    abstract: str = ""
    text: str = ""


class Audit(NamedTuple):
    """What is wrong with printed entries, how many were held against their paper, and how many have no source."""

    findings: list[Finding]
    held: int
    without_source: int


def read_sources(path: Path) -> dict[str, Source]:
    """Sources by id, from JSON lines; ConfigError names the line that is broken, repeats an id or holds no text."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The sources {path} cannot be read: {error}.") from None
    sources: dict[str, Source] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            source = _source(line, f"{path}, line {number}")
            paper_id = id_of(source.id) or source.id
            if paper_id in sources:
                raise ConfigError(f"{path}, line {number}: {paper_id} stands there twice; keep one.")
            sources[paper_id] = source
    return sources


def audit(paths: Iterable[Path], sources: Mapping[str, Source], termbase: Termbase) -> Audit:
    """Hold every entry of these digests that has a source against it."""
    findings: list[Finding] = []
    held = without_source = 0
    for path in paths:
        try:
            text = path.read_bytes().decode("utf-8")
            parsed = layouts.parse(text)
        except (LayoutError, UnicodeDecodeError, OSError) as error:
            findings.append(_at(path, finding("structure/unreadable", f"Not a digest that can be held: {error}.")))
            continue
        for entry, span in zip(parsed.digest.entries, parsed.spans, strict=True):
            source = sources.get(entry.paper_id)
            held, without_source = held + bool(source), without_source + (not source)
            if source:
                findings += (_at(path, found) for found in _entry(text, parsed.digest, entry, span, source, termbase))
    return Audit(findings, held, without_source)


def _source(line: str, place: str) -> Source:
    try:
        source = Source.model_validate({key: value for key, value in json.loads(line).items() if key in _FIELDS})
    except (ValueError, AttributeError, ValidationError):
        raise ConfigError(f'{place}: not a source; expected {{"id", "title", "abstract", "text"}}.') from None
    if not source.abstract.strip() and not source.text.strip():
        raise ConfigError(f"{place}: {source.id} has neither an abstract nor a text; leave the line out.")
    return source


_FIELDS = frozenset(Source.model_fields)
# What the file alone shows is for `check` to say; links that a new answer must not bring may stand in an archive.
_OF_THE_FILE = frozenset({"language/style", "text/markup", "field/media"})


def _entry(
    text: str, digest: Digest, entry: Entry, span: Span, source: Source, termbase: Termbase
) -> Iterator[Finding]:
    abstract = plain(source.abstract)
    whole = f"{abstract} {plain(source.text)}".strip()
    paper = Paper(id=entry.paper_id, title=plain(source.title or entry.title), abstract=abstract, authors=())
    numbered = SourceText(paper_id=paper.id, sentences=tuple(located(whole)))
    claims = claims_of(entry.sections)
    read = tuple(claim.model_copy(update={"text": normal_form(claim.text)}) for claim in claims)
    sections = tuple(section.model_copy(update={"text": normal_form(section.text)}) for section in entry.sections)
    known = PaperText(paper.title, (sentence.text for sentence in numbered.sentences), termbase)
    nearest = align((claim.text for claim in read), known)
    places = _places(text, span, claims)
    for found in gate(sections, read, digest.layout, paper, numbered, termbase):
        if found.rule in _OF_THE_FILE:
            continue
        at = (found.sentence or 0) - 1
        line, column = places[at] if at >= 0 else (span.line, 1)
        near = f" Nearest: [{nearest[at][0]}] {known.sentences[nearest[at][0] - 1]}" if at >= 0 and nearest[at] else ""
        yield found.model_copy(update={"line": line, "column": column, "message": found.message + near})


def _places(text: str, span: Span, claims: Iterable[Claim]) -> list[tuple[int, int]]:
    """The line and column where each claim begins; those of the entry where a claim runs over several lines."""
    places, position = [], span.start
    for claim in claims:
        found = text.find(claim.text, position, span.end)
        position = found if found >= 0 else position
        places.append((text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)))
    return places


def _at(path: Path, found: Finding) -> Finding:
    return found.model_copy(update={"path": str(path), "text": fold(found.text)})
