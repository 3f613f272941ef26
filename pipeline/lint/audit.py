"""Printed digests held against their papers: files and sources → findings with line and column.

What is printed cites nothing, so its sentences are looked up in the whole text; the nearest source sentence is named.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ConfigDict, Field

from pipeline import layouts
from pipeline.core.errors import ConfigError, LayoutError
from pipeline.core.models import Claim, Entry, Finding, Frozen, LayoutName, Paper, SourceText, Span
from pipeline.core.rules import finding
from pipeline.core.text import fold, normal_form, plain
from pipeline.fulltext.document import located
from pipeline.lang.termbase import Termbase
from pipeline.layouts.fields import id_of
from pipeline.verify import claims_of, gate
from pipeline.verify.alignment import align
from pipeline.verify.paper import PaperText


class Source(Frozen):
    """One line of a file of sources: a paper's title and abstract, and its text where it is at hand."""

    model_config = ConfigDict(extra="ignore")  # the file may say more of a paper

    id: str = Field(min_length=1)
    title: str = ""
    abstract: str = ""
    text: str = ""


class Printed(NamedTuple):
    """An entry as it stands in a file, whose text this is, with its source if there is one."""

    path: Path
    text: str
    layout: LayoutName
    entry: Entry
    span: Span
    source: Source | None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Its sentences, in normal form."""
        written = claims_of(self.entry.sections)
        return tuple(claim.model_copy(update={"text": normal_form(claim.text)}) for claim in written)

    def at(self, found: Finding, words: str = "") -> Finding:
        """Give a finding about one sentence, or about all of them, its place: that of the words, if given."""
        line, column = self.span.line, 1
        if found.sentence:
            claims = claims_of(self.entry.sections)
            place = _places(self.text, self.span, claims)[found.sentence - 1]
            place += max(0, claims[found.sentence - 1].text.find(words))
            line, column = self.text.count("\n", 0, place) + 1, place - self.text.rfind("\n", 0, place)
        changes = {"path": str(self.path), "paper_id": self.entry.paper_id, "line": line, "column": column}
        return found.model_copy(update=changes | {"text": fold(found.text)})


class Audit(NamedTuple):
    """What is wrong with printed entries, how many were held against their paper, and how many have no source."""

    findings: list[Finding]
    held: int
    without_source: int


def read_sources(path: Path) -> dict[str, Source]:
    """Read sources by id from JSON lines; ConfigError names the line that is broken, repeats an id or holds no text."""
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


def printed(paths: Iterable[Path], sources: Mapping[str, Source]) -> Iterator[Printed | Finding]:
    """Read the entries of these digests, file by file; a finding for a file that cannot be read as one."""
    for path in paths:
        try:
            text = path.read_bytes().decode("utf-8")
            parsed = layouts.parse(text)
        except (LayoutError, UnicodeDecodeError, OSError) as error:
            found = finding("structure/unreadable", f"Not a digest that can be held: {error}.")
            yield found.model_copy(update={"path": str(path)})
            continue
        for entry, span in zip(parsed.digest.entries, parsed.spans, strict=True):
            yield Printed(path, text, parsed.digest.layout, entry, span, sources.get(entry.paper_id))


def audit(entries: Iterable[Printed | Finding], termbase: Termbase) -> Audit:
    """Hold every printed entry that has a source against it."""
    findings: list[Finding] = []
    held = without_source = 0
    for one in entries:
        if isinstance(one, Finding):
            findings.append(one)
        elif one.source is None:
            without_source += 1
        else:
            held += 1
            findings += _against(one, one.source, termbase)
    return Audit(findings, held, without_source)


def _source(line: str, place: str) -> Source:
    try:
        source = Source.model_validate(json.loads(line))
    except ValueError:  # ValidationError is one
        raise ConfigError(f'{place}: not a source; expected {{"id", "title", "abstract", "text"}}.') from None
    if not source.abstract.strip() and not source.text.strip():
        raise ConfigError(f"{place}: {source.id} has neither an abstract nor a text; leave the line out.")
    return source


# What the file alone shows is for `check` to say; links that a new answer must not bring may stand in an archive.
_OF_THE_FILE = frozenset({"language/style", "text/markup", "field/media"})


def _against(printed: Printed, source: Source, termbase: Termbase) -> Iterator[Finding]:
    abstract, claims, entry = plain(source.abstract), printed.claims, printed.entry
    whole = f"{abstract} {plain(source.text)}".strip()
    paper = Paper(id=entry.paper_id, title=plain(source.title or entry.title), abstract=abstract, authors=())
    numbered = SourceText(paper_id=paper.id, sentences=tuple(located(whole)))
    sections = tuple(section.model_copy(update={"text": normal_form(section.text)}) for section in entry.sections)
    known = PaperText(paper.title, (sentence.text for sentence in numbered.sentences), termbase)
    nearest = align((claim.text for claim in claims), known)
    for found in gate(sections, claims, printed.layout, paper, numbered, termbase):
        if found.rule in _OF_THE_FILE:
            continue
        at = (found.sentence or 0) - 1
        near = f" Nearest: [{nearest[at][0]}] {known.sentences[nearest[at][0] - 1]}" if at >= 0 and nearest[at] else ""
        yield printed.at(found.model_copy(update={"message": found.message + near}))


def _places(text: str, span: Span, claims: Iterable[Claim]) -> list[int]:
    """Find where each claim begins, in characters; the claim before it where a claim runs over several lines."""
    places, position = [], span.start
    for claim in claims:
        found = text.find(claim.text, position, span.end)
        position = found if found >= 0 else position
        places.append(position)
    return places
