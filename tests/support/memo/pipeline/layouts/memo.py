"""The layout `memo`: a quoted gist and points, each on one line, entries parted by `***` under a dated heading.

Neither thumbnails nor authors are printed.
"""

import datetime as dt
import re
from typing import ClassVar, Final

from pydantic import Field

from pipeline.core.errors import LayoutError
from pipeline.core.models import Entry, Parsed, Section
from pipeline.core.rules import finding
from pipeline.core.text import fold
from pipeline.layouts.answers import LayoutAnswer, MaybeHeadline, Sentences
from pipeline.layouts.base import EntryDraft, Layout, SectionDraft
from pipeline.layouts.lines import Line, encoding_findings, first_line, split_lines, without_blank_end

GIST: Final = "한마디"
_HEADER = re.compile(r"# Memo, \d{4}-\d{2}-\d{2}\s*")
_TITLE = re.compile(r"##(?:\s+(?P<title>.*)|$)")
_FACTS = re.compile(r"(?P<url>.*?) ?\((?P<votes>[0-9]{1,9}|-) votes\)\s*")
_SECTION = re.compile(r"(?P<mark>[>*]) (?P<text>.*)")
_RULE = re.compile(r"\s*\*{3,}\s*")


class MemoAnswer(LayoutAnswer):
    """A summary of one paper in Korean."""

    names: ClassVar = {"gist": GIST, "points": ""}

    gist: Sentences = Field(description="One whole sentence: what is new and what for. Never empty.")
    points: Sentences = Field(description="What one should remember, each one whole sentence.")
    headline: MaybeHeadline

    @classmethod
    def of_sentences(
        cls, proposed: Sentences, details: Sentences, results: Sentences, topics: list[str]
    ) -> "MemoAnswer":
        return cls(gist=proposed[:1], points=[*proposed[1:], *details, *results], headline=None)


class MemoLayout(Layout):
    """The layout `memo`."""

    name = "memo"
    rank = 5
    answer_type = MemoAnswer
    header = "# Memo, %Y-%m-%d"
    sign = "begins with # Memo, YYYY-MM-DD"
    gap = "\n\n***\n\n"
    ending = "\n"
    shown = frozenset({"votes"})

    def detect(self, text: str) -> bool:
        first = first_line(text)
        return first is not None and _HEADER.fullmatch(first.text) is not None

    def parse(self, text: str) -> Parsed:
        lines = split_lines(text)
        header, *blocks = _blocks(lines)
        drafts = [_read_entry(block) for block in blocks]
        before, wanted = header[0], [""]
        for draft in drafts:
            first = draft.lines[0]
            if [line.text for line in lines[before.number : first.number - 1]] != wanted:
                draft.note("structure/blank-lines", "The gap above the entry is not in canonical form.", first)
            # The least that a reader owes: whatever `fmt` would change has a finding.
            written = self.render_entry(self.normalise(draft.entry((GIST, ""))))
            if written != "\n".join(line.text for line in draft.lines):
                draft.note("structure/label", "The entry is not in canonical form.", first)
            before, wanted = draft.lines[-1], ["", "***", ""]
        found = encoding_findings(text)
        if header[0].number > 1:
            found.append(finding("structure/blank-lines", "The file does not begin with its header."))
        return self.assemble(lines, _date(header[0]), drafts, found)

    def normalise(self, entry: Entry) -> Entry:
        """Return the entry as it is read back: each text on one line; only the gist has a name."""
        texts = [(GIST if section.name == GIST else "", fold(section.text)) for section in entry.sections]
        return entry.model_copy(
            update={
                "title": fold(entry.title),
                "url": fold(entry.url),
                "thumbnail": None,
                "votes": entry.votes or None,
                "authors": (),
                "more_authors": 0,
                "sections": tuple(Section(name=name, text=text) for name, text in texts if text),
            }
        )


def _blocks(lines: list[Line]) -> list[list[Line]]:
    """Return the lines of the header and of each entry, without the blank ones and rules that follow."""
    blocks: list[list[Line]] = []
    for line in lines:
        if not blocks and line.blank:
            continue
        if not blocks or _TITLE.fullmatch(line.text):
            blocks.append([line])
        elif len(blocks) > 1 or line.blank:
            blocks[-1].append(line)
        else:
            raise LayoutError("text between the header and the first entry, which begins with `## `", line.number)
    return [without_blank_end(block, lambda line: bool(_RULE.fullmatch(line.text))) for block in blocks]


def _date(line: Line) -> dt.date:
    try:
        return dt.datetime.strptime(line.text.rstrip(), MemoLayout.header).date()  # noqa: DTZ007  # a day
    except ValueError:
        raise LayoutError("the header is not # Memo, YYYY-MM-DD with a real date", line.number) from None


def _read_entry(lines: list[Line]) -> EntryDraft:
    """Read an entry. It ends with its last line in form; what stands below that is a note, and is kept as text."""
    draft, first = EntryDraft(lines=lines), lines[0]
    title = _TITLE.fullmatch(first.text)
    draft.title, draft.own_end, in_form = fold((title and title["title"]) or ""), first.end, True
    for line in lines[1:]:
        if line.blank or _RULE.fullmatch(line.text):
            continue
        if not draft.votes_seen and (match := _FACTS.fullmatch(line.text)):
            draft.votes_seen, draft.url = True, fold(match["url"])
            draft.votes = int(match["votes"]) if match["votes"] != "-" else None
        elif match := _SECTION.fullmatch(line.text):
            draft.texts.append(SectionDraft(GIST if match["mark"] == ">" else "", [match["text"]], line))
        else:
            draft.texts.append(SectionDraft("", [line.text], line))
            in_form = not draft.texts[:-1]
        if in_form:
            draft.own_end = line.end
    return draft


LAYOUT: Final = MemoLayout()
