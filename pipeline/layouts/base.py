"""What a layout is, the record of an entry while it is being read, and the findings that every layout makes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from pipeline.core.models import Claim, Digest, Entry, Finding, LayoutName, Parsed, Section
from pipeline.core.rules import finding
from pipeline.core.text import fold, media_problem
from pipeline.layouts.answers import Revisions
from pipeline.layouts.fields import id_of, read_authors
from pipeline.layouts.lines import Line

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Layout:
    """One layout. `Answer` is what the model fills; `sections` prints it, `claims` are its sentences.

    The last claim is the headline, which `sections` has not. `revised` puts sentences in the place of claims.

    `required` names the first section (empty where sections have no names), `optional` those that may be left out.
    `parse` takes a text of this layout; `url` gives the link that an entry carries for an arXiv id.
    """

    name: LayoutName
    Answer: type[BaseModel]
    required: str
    optional: tuple[str, ...]
    url: Callable[[str], str]
    sections: Callable[[Any], tuple[Section, ...]]
    claims: Callable[[Any], tuple[Claim, ...]]
    revised: Callable[[Any, Revisions], Any]
    parse: Callable[[str], Parsed]
    normalise: Callable[[Entry], Entry]
    render_entry: Callable[[Entry], str]
    join: Callable[[Digest, list[str]], str]


@dataclass
class DraftSection:
    """A section while it is being read: the lines of its text, blank ones included, and the line it begins on."""

    name: str
    lines: list[str]
    line: Line

    @property
    def text(self) -> str:
        """The raw lines, without the blank ones at both ends."""
        lines = self.lines
        kept = [index for index, line in enumerate(lines) if line.strip()]
        return "\n".join(lines[kept[0] : kept[-1] + 1]) if kept else ""

    @property
    def below(self) -> int:
        """How many lines stand below its first paragraph, the blank one between them included."""
        first = next((index for index, line in enumerate(self.lines) if line.strip()), 0)
        blank = (index for index, line in enumerate(self.lines) if index > first and not line.strip())
        return len(self.lines) - next(blank, len(self.lines))


@dataclass
class Draft:
    """An entry while it is being read. `pieces` are its parts in order: kind, first and last line number."""

    lines: list[Line]
    title: str = ""
    url: str = ""
    thumbnail: str | None = None
    votes: int | None = None
    votes_seen: bool = False
    authors: tuple[str, ...] = ()
    more_authors: int = 0
    texts: list[DraftSection] = field(default_factory=list)
    pieces: list[tuple[str, int, int]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def note(self, rule: str, message: str, line: Line, column: int = 1, text: str | None = None) -> None:
        """A finding of this entry; `text` is the whole line unless given."""
        excerpt = fold(line.text if text is None else text)[:200]
        self.findings.append(
            finding(rule, message, line=line.number, column=column, text=excerpt, paper_id=id_of(self.url) or None)
        )

    def extend(self, line: Line) -> None:
        """The last piece reaches to this line as well."""
        kind, first, _ = self.pieces[-1]
        self.pieces[-1] = (kind, first, line.number)

    def entry(self, sections: tuple[Section, ...]) -> Entry:
        return Entry(
            paper_id=id_of(self.url),
            title=self.title,
            url=self.url,
            thumbnail=self.thumbnail,
            votes=self.votes,
            authors=self.authors,
            more_authors=self.more_authors,
            sections=sections,
        )


def note_fields(draft: Draft) -> None:
    """`field/id`, `field/title`, `field/media` and `field/votes`: what an entry of any layout should have."""
    first = draft.lines[0]
    if not draft.title:
        draft.note("field/title", "The entry has no title.", first)
    if not id_of(draft.url):
        draft.note("field/id", "The entry has no arXiv id.", first)
    if (problem := media_problem(draft.thumbnail)) and not draft.thumbnail:
        draft.note("field/media", f"The thumbnail {problem}.", first)
    if not draft.votes_seen:
        draft.note("field/votes", "The entry has no line of votes.", first)


def note_authors(draft: Draft, line: Line, value: str) -> None:
    """What is off with an author line whose value has been read into the draft."""
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


def note_sections(draft: Draft, required: str, optional: tuple[str, ...]) -> None:
    """Required and optional sections that are missing or empty, and sections that the layout does not have."""
    known = (required, *optional)
    filled = {section.name for section in draft.texts if section.text}
    if required not in filled and (required or not filled):
        what = f"The section {required!r}" if required else "The text"
        draft.note("structure/missing-section", f"{what} is missing or empty.", draft.lines[0])
    for name in optional:
        if name not in filled:
            draft.note("structure/optional-section", f"The section {name!r} is missing.", draft.lines[0], text=name)
    for section in draft.texts:
        if section.name and section.name not in known:
            message = f"The layout has no section {section.name!r}."
            draft.note("structure/unknown-section", message, section.line, text=section.name)


@cache
def environment() -> "Environment":
    """The templates beside this module. Imported late: reading a digest must not wait for Jinja."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # A digest is markdown, not HTML: escaping would change the paper's words.
    return Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def fill(template: str, **values: object) -> str:
    """One entry from its template, without the newline that ends the template."""
    return environment().get_template(template).render(values).removesuffix("\n")
