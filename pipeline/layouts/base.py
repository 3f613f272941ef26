"""What every layout has: its description, an entry while it is being read, and the findings that all of them make."""

import datetime as dt
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pipeline.core.models import Digest, Entry, Finding, Parsed, Section, Span
from pipeline.core.rules import finding
from pipeline.core.text import fold
from pipeline.layouts.answers import LayoutAnswer
from pipeline.layouts.fields import id_of, read_authors
from pipeline.layouts.lines import Line, ending_findings, trailing_space_findings, without_blank_end

if TYPE_CHECKING:
    from jinja2 import Environment


class Layout(ABC):
    """One layout of digests: how it is told from others, read and written, and the answer that a model fills for it.

    `rank` is its place where layouts are listed; whether a text is theirs, the last one is asked first. `header` is the
    first line in the form of strftime, "" where only the path has the date, and `sign` how people know a digest of the
    layout. `header_gap` stands below the header, `gap` between entries, `ending` after the last one. `shown` are the
    fields besides title and link that an entry without them lacks. `link` precedes the arXiv id in an entry's link.
    `bold` allows bold type inside texts.

    For the surfaces that people read: `topics` names the section that lists research fields by commas, `lay` the one
    in plain words, each "" where there is none; a layout that `leads` is shown first and the others as details.
    """

    name: ClassVar[str]
    rank: ClassVar[int]
    answer_type: ClassVar[type[LayoutAnswer]]
    header: ClassVar[str] = ""
    sign: ClassVar[str]
    header_gap: ClassVar[str] = "\n\n"
    gap: ClassVar[str] = "\n\n"
    ending: ClassVar[str] = "\n\n"
    shown: ClassVar[frozenset[str]] = frozenset({"thumbnail", "votes"})
    link: ClassVar[str] = "https://arxiv.org/abs/"
    bold: ClassVar[bool] = False
    topics: ClassVar[str] = ""
    lay: ClassVar[str] = ""
    leads: ClassVar[bool] = False

    @property
    def required(self) -> str:
        """The first section, without which nothing is printed; "" where sections have no names."""
        return next(iter(self.answer_type.names.values()))

    @property
    def optional(self) -> tuple[str, ...]:
        """The sections that may be left out."""
        return tuple(self.answer_type.names.values())[1:]

    @abstractmethod
    def detect(self, text: str) -> bool:
        """Tell whether the text looks like a digest of this layout."""

    @abstractmethod
    def parse(self, text: str) -> Parsed:
        """Read a text of this layout; LayoutError where a part of it has no place in a digest and would be lost."""

    @abstractmethod
    def normalise(self, entry: Entry) -> Entry:
        """Return the entry as it is read back once rendered."""

    def context(self, entry: Entry) -> dict[str, object]:
        """Return what the template needs besides `entry`."""
        return {}

    def url(self, paper_id: str) -> str:
        """Return the link that an entry carries."""
        return self.link + paper_id

    def render_entry(self, entry: Entry) -> str:
        """Return a normalised entry in canonical form, by the template with the layout's name."""
        template = environment().get_template(f"{self.name}.md.j2")
        return template.render(entry=entry, **self.context(entry)).removesuffix("\n")

    def assemble(
        self, lines: list[Line], date: dt.date | None, drafts: Sequence["EntryDraft"], findings: list[Finding]
    ) -> Parsed:
        """Put the entries that were read together; adds the findings of what is missing, white space and the ending."""
        for draft in drafts:
            self._note_fields(draft)
            self._note_sections(draft)
        entries = tuple(draft.entry(("", self.required, *self.optional)) for draft in drafts)
        spans = tuple(draft.span() for draft in drafts)
        exempt = frozenset[int]().union(*(draft.ends_in_spaces for draft in drafts))
        last = drafts[-1].lines[-1] if drafts else without_blank_end(lines)[-1]
        found = [
            *findings,
            *(one for draft in drafts for one in draft.findings),
            *trailing_space_findings(lines, spans, entries, exempt),
            *ending_findings(lines, last, len(self.ending)),
        ]
        found.sort(key=lambda finding: (finding.line, finding.column))
        return Parsed(digest=Digest(layout=self.name, date=date, entries=entries), spans=spans, findings=tuple(found))

    def _note_fields(self, draft: "EntryDraft") -> None:
        """Note a missing id or title, and what is missing of the fields that the layout shows."""
        first = draft.lines[0]
        if not draft.title:
            draft.note("field/title", "The entry has no title.", first)
        if not id_of(draft.url):
            draft.note("field/id", "The entry has no arXiv id.", first)
        if "thumbnail" in self.shown and not draft.thumbnail:
            draft.note("field/media", "The thumbnail is missing.", first)
        if "votes" in self.shown and not draft.votes_seen:
            draft.note("field/votes", "The entry has no line of votes.", first)

    def _note_sections(self, draft: "EntryDraft") -> None:
        """Note sections that are missing or empty, and sections that the layout does not have."""
        filled = {section.name for section in draft.texts if section.text}
        if self.required not in filled and (self.required or not filled):
            what = f"The section {self.required!r}" if self.required else "The text"
            draft.note("structure/missing-section", f"{what} is missing or empty.", draft.lines[0])
        for name in self.optional:
            if name not in filled:
                what = f"The section {name!r}" if name else "The text without a label"
                draft.note("structure/optional-section", f"{what} is missing.", draft.lines[0], text=name)
        for section in draft.texts:
            if section.name and section.name not in (self.required, *self.optional):
                message = f"The layout has no section {section.name!r}."
                draft.note("structure/unknown-section", message, section.line, text=section.name)


@dataclass
class SectionDraft:
    """A section while it is being read: the lines of its text, blank ones included, and the line it begins on.

    With `inline` the white space around its text belongs to the form.
    """

    name: str
    lines: list[str]
    line: Line
    inline: bool = False

    @property
    def text(self) -> str:
        """The raw lines, without the blank ones at both ends."""
        lines = self.lines
        kept = [index for index, line in enumerate(lines) if line.strip()]
        text = "\n".join(lines[kept[0] : kept[-1] + 1]) if kept else ""
        return text.strip() if self.inline else text

    @property
    def below(self) -> int:
        """The number of lines below its first paragraph, the blank one between them included."""
        first = next((index for index, line in enumerate(self.lines) if line.strip()), 0)
        blank = (index for index, line in enumerate(self.lines) if index > first and not line.strip())
        return len(self.lines) - next(blank, len(self.lines))


@dataclass
class EntryDraft:
    """An entry while it is being read.

    `pieces` are its parts in order: kind, first and last line number. `own_end` is where the entry itself ends, before
    somebody's note; `ends_in_spaces` are the numbers of the lines that may.
    """

    lines: list[Line]
    title: str = ""
    url: str = ""
    thumbnail: str | None = None
    votes: int | None = None
    votes_seen: bool = False
    authors: tuple[str, ...] = ()
    more_authors: int = 0
    texts: list[SectionDraft] = field(default_factory=list)
    pieces: list[tuple[str, int, int]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    own_end: int = 0
    ends_in_spaces: set[int] = field(default_factory=set)

    def note(self, rule: str, message: str, line: Line, column: int = 1, text: str | None = None) -> None:
        """Add a finding; `text` is the whole line unless given."""
        excerpt = fold(line.text if text is None else text)[:200]
        self.findings.append(
            finding(rule, message, line=line.number, column=column, text=excerpt, paper_id=id_of(self.url) or None)
        )

    def extend(self, line: Line) -> None:
        """Let the last piece reach to this line as well."""
        kind, first, _ = self.pieces[-1]
        self.pieces[-1] = (kind, first, line.number)

    def span(self) -> Span:
        """Return where the entry stands in the text."""
        first = self.lines[0]
        return Span(start=first.start, own_end=self.own_end, end=self.lines[-1].end, line=first.number)

    def entry(self, known: tuple[str, ...]) -> Entry:
        """Return the entry that was read, without sections that have neither a text nor a name besides those known."""
        read = (Section(name=section.name, text=section.text) for section in self.texts)
        return Entry(
            paper_id=id_of(self.url),
            title=self.title,
            url=self.url,
            thumbnail=self.thumbnail,
            votes=self.votes,
            authors=self.authors,
            more_authors=self.more_authors,
            sections=tuple(section for section in read if section.text or section.name not in known),
        )


def note_authors(draft: EntryDraft, line: Line, value: str) -> None:
    """Note what departs from canonical form in an author line whose value has been read into the draft."""
    names = read_authors(value)[0]
    column = line.text.find(value.split("\n")[0]) + 1
    if value.lstrip().startswith("["):
        draft.note("field/raw-value", "The authors are printed as a Python list.", line, column)
    repeated = [name for name, count in Counter(names).items() if count > 1 and name != "+"]
    if repeated:
        second = line.text.find(repeated[0], line.text.find(repeated[0]) + 1) + 1
        message = f"Named more than once: {', '.join(repeated)}."
        draft.note("field/repeated-name", message, line, max(second, 1), repeated[0])
    if "+" in names:
        message = "The authors are cut off with a `+`." if names[-1] == "+" else "A `+` stands among the authors."
        draft.note("field/cut-authors", message, line, max(line.text.find("+") + 1, 1), "+")
    if not names:
        draft.note("field/cut-authors", "The authors are missing.", line)


@cache
def environment() -> "Environment":
    """Load the templates beside this module. Imported late: reading a digest must not wait for Jinja."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # A digest is markdown, not HTML: escaping would change the paper's words.
    return Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
