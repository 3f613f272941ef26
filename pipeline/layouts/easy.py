"""The layout `easy`: a plain summary, an easier one and the research fields, entries joined by `---`, no header.

The value of 관련분야 stands on its label's line and markdown's two spaces end it, so the white space around it is form.
"""

import re
from itertools import pairwise
from typing import ClassVar, Final, NamedTuple

from pydantic import Field

from pipeline.core.errors import LayoutError
from pipeline.core.models import Entry, Finding, Parsed, Section
from pipeline.core.rules import finding
from pipeline.core.text import fold, media_problem
from pipeline.layouts.answers import LayoutAnswer, MaybeHeadline, Sentences
from pipeline.layouts.base import EntryDraft, Layout, SectionDraft
from pipeline.layouts.daily import has_header
from pipeline.layouts.fields import id_of, is_video, normal_text, social_thumbnail
from pipeline.layouts.lines import Line, any_line, encoding_findings, split_lines, without_blank_end

SUMMARY, EASY, FIELDS = NAMES = ("요약", "쉬운설명", "관련분야")
VOTES: Final = "추천수"
LINK: Final = "PDF 다운로드 링크"
_TITLE = re.compile(r"#{1,4}\s*\**제목\**\s*:\**\s*(?P<value>.*)")
_LINE_BREAK = "  "
_IMAGE = re.compile(r"!\[(?!PDF)[^\]]*\]\((?P<url>.*)\)\s*")
_RULE = re.compile(r"\s*-{3,}\s*")
_KNOWN_LABEL = re.compile(
    r"(?:[-*] )?(?:#{1,6} )?(?P<stars>\*{2,3})(?P<name>요약|쉬운 ?설명|관련 ?분야|추천 ?수|PDF 다운로드(?: 링크)?)"
    r"(?:(?P=stars)\s*:|:\s*(?P=stars)) ?(?P<value>.*)"
)
_OTHER_LABEL = re.compile(r"\*\*(?P<name>[^*]*[^*\s:])\*\*:(?P<value>\s*)")
_VOTES = re.compile(r"(?:(?P<votes>[0-9]{1,9})(?: ?[개표])?|-|None|N/A)?\s*", re.IGNORECASE)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<url>[^()\s]*)\)\s*|<?(?P<bare>https?://[^\s<>()]+)>?\s*")


class EasyAnswer(LayoutAnswer):
    """A summary of one paper in Korean."""

    names: ClassVar = dict(zip(("summary", "easy", "fields"), NAMES, strict=True))

    summary: list[Sentences] = Field(
        description="Paragraphs, each a list of whole sentences, for readers of the field."
    )
    easy: Sentences = Field(description="The same in sentences that a first-year student understands.")
    fields: list[str] = Field(description="Two or three research fields in Korean.")
    headline: MaybeHeadline

    @classmethod
    def of_sentences(
        cls, proposed: Sentences, details: Sentences, results: Sentences, topics: list[str]
    ) -> "EasyAnswer":
        return cls(summary=[[*proposed, *details, *results]], easy=[], fields=topics, headline=None)


class Label(NamedTuple):
    """A labelled line: the name without bold, and the text that follows on the same line."""

    name: str
    value: str


class EasyLayout(Layout):
    """The layout `easy`."""

    name = "easy"
    rank = 2
    answer_type = EasyAnswer
    sign = "has entries with `## 제목:`"
    gap = "\n\n---\n\n"
    ending = ""
    link = "https://arxiv.org/pdf/"
    bold = True
    topics = FIELDS
    lay = EASY
    leads = True

    def detect(self, text: str) -> bool:
        return not has_header(text) and any_line(_TITLE, text)

    def parse(self, text: str) -> Parsed:
        """Read a digest; LayoutError for text before the first entry."""
        lines = split_lines(text)
        blocks = _blocks(lines)
        findings = encoding_findings(text) + _gaps_between(lines, blocks)
        return self.assemble(lines, None, [_EntryReader(block, self).read() for block in blocks], findings)

    def normalise(self, entry: Entry) -> Entry:
        """Return the entry as it is read back: authors are not printed, a video gives way to the social thumbnail."""
        thumbnail = fold(entry.thumbnail or "")
        if not thumbnail or is_video(thumbnail):
            thumbnail = social_thumbnail(entry.paper_id) or thumbnail
        sections = (_normal_section(section) for section in entry.sections)
        return entry.model_copy(
            update={
                "title": fold(entry.title),
                "url": fold(entry.url),
                "thumbnail": thumbnail or None,
                "votes": entry.votes or 0,
                "authors": (),
                "more_authors": 0,
                "sections": tuple(section for section in sections if section.text or section.name not in ("", *NAMES)),
            }
        )

    def context(self, entry: Entry) -> dict[str, object]:
        return {"block": _write_block, "inline": FIELDS}


def _normal_section(section: Section) -> Section:
    text = normal_text(section.text, _structural)
    return Section(name=fold(section.name), text=text.strip() if section.name == FIELDS else text)


def _write_block(section: Section) -> str:
    """Return a label and the text below it; a text that begins like a label must stand on the label's own line."""
    if not section.name:
        return f"\n{section.text}"
    if section.text and _structural(section.text.split("\n")[0]):
        return f"**{section.name}**: {section.text}"
    return f"**{section.name}**:{_LINE_BREAK}" + (f"\n{section.text}" if section.text else "")


def _structural(line: str) -> bool:
    """Tell whether a line would be read as a title or as a section's label; further votes or links would not."""
    label = _label(line)
    return bool(_TITLE.match(line)) or (label is not None and label.name not in (VOTES, LINK))


def _label(line: str) -> Label | None:
    if match := _KNOWN_LABEL.fullmatch(line):
        name = match["name"].replace(" ", "")
        return Label(LINK if name.startswith("PDF") else name, match["value"])
    if match := _OTHER_LABEL.fullmatch(line):
        return Label(fold(match["name"]), "")
    return None


def _blocks(lines: list[Line]) -> list[list[Line]]:
    """Return the lines of each entry, without the blank lines and rules that follow it."""
    starts = [_start(lines, index) for index, line in enumerate(lines) if _TITLE.match(line.text)]
    before = lines[: starts[0]]  # `detect` has seen a title
    if stray := next((line for line in before if not line.blank and not _RULE.fullmatch(line.text)), None):
        raise LayoutError("text before the first entry, which begins with a thumbnail or `## 제목:`", stray.number)
    ends = [*starts[1:], len(lines)]
    return [
        without_blank_end(lines[start:end], lambda line: bool(_RULE.fullmatch(line.text)))
        for start, end in zip(starts, ends, strict=True)
    ]


def _start(lines: list[Line], title: int) -> int:
    """Return the line where the entry with that title begins: the thumbnail above the title, if there is one."""
    index = title - 1
    while index > 0 and lines[index].blank:
        index -= 1
    return index if index >= 0 and _IMAGE.fullmatch(lines[index].text) else title


def _gaps_between(lines: list[Line], blocks: list[list[Line]]) -> list[Finding]:
    """Note what stands before the first entry, and between two what is not a rule with a blank line on each side."""
    found: list[Finding] = []
    if blocks[0][0].number > 1:
        found.append(finding("structure/blank-lines", "The file does not begin with its first entry."))
    for before, after in pairwise(blocks):
        between = [line.text.strip() for line in lines[before[-1].number : after[0].number - 1]]
        if between != ["", "---", ""]:
            message = "Entries are parted by a blank line, `---` and a blank line."
            found.append(finding("structure/blank-lines", message, line=before[-1].number + 1))
    return found


class _EntryReader:
    """The reading of one entry, line by line. The last votes and the last link count; earlier ones are text."""

    def __init__(self, lines: list[Line], layout: Layout) -> None:
        self.draft = EntryDraft(lines=lines)
        self.labelled = self.draft.ends_in_spaces
        self._layout, self._lines = layout, lines
        self._labels = [_label(line.text) for line in lines]
        self._votes_at = self._last(VOTES, _VOTES)
        self._link_at = self._last(LINK, _LINK)
        self._closed = False  # votes or link have been read: nothing but those should follow

    def read(self) -> EntryDraft:
        index = next(index for index, line in enumerate(self._lines) if _TITLE.match(line.text))
        if index:
            self._read_image(0)
        index = self._read_title(index)
        while index < len(self._lines):
            index = self._step(index)
        pieces = [piece for piece in self.draft.pieces if piece[0] != "line"]
        for section, piece in zip(self.draft.texts, pieces, strict=True):
            self._note_form(section, piece)
        self._note_gaps()
        # The entry itself ends there; lines that belong to no part of it may stand below.
        strange = {found.line for found in self.draft.findings if found.rule == "structure/entry"}
        self.draft.own_end = without_blank_end(self._lines, lambda line: line.number in strange)[-1].end
        return self.draft

    def _last(self, name: str, value: re.Pattern[str]) -> int:
        """Return the index of the last line with that label and a readable value, else of the last without one."""
        places = [(index, label.value) for index, label in enumerate(self._labels) if label and label.name == name]
        readable = [index for index, text in places if text.strip() and value.fullmatch(text)]
        empty = [index for index, text in places if not text.strip()]
        return (readable or empty or [-1])[-1]

    def _step(self, index: int) -> int:
        line, label = self._lines[index], self._labels[index]
        if index == self._votes_at:
            return self._read_votes(index)
        if index == self._link_at:
            return self._read_link(index)
        if label and label.name not in (VOTES, LINK):
            self._begin(line, label)
        elif not self.draft.texts and not self.draft.thumbnail and _IMAGE.fullmatch(line.text):
            self._read_image(index)
        else:
            self._read_text(line, label)
        return index + 1

    def _read_image(self, index: int) -> None:
        line = self._lines[index]
        match = _IMAGE.fullmatch(line.text)
        self.draft.thumbnail = fold(match["url"] if match else "") or None
        self._add("line", index, index)
        if problem := media_problem(self.draft.thumbnail):
            self.draft.note("field/media", f"The thumbnail {problem}.", line)
        elif self.draft.thumbnail and is_video(self.draft.thumbnail):
            self.draft.note("field/media", "The thumbnail is a video, which this layout does not print.", line)
        elif line.text.rstrip() != f"![Image]({self.draft.thumbnail})" or index:
            self.draft.note("field/media", "The thumbnail is not `![Image](URL)` above the title.", line)

    def _read_title(self, index: int) -> int:
        """Read the title, beside its label or below it, with indented lines that go on with it; return what follows."""
        line = self._lines[index]
        match = _TITLE.match(line.text)
        value, last = (match["value"] if match else ""), index
        if not value.strip():
            value, last = self._below(index)
        while last + 1 < len(self._lines) and self._goes_on(last + 1):
            last += 1
            value += " " + self._lines[last].text
            self.draft.note("structure/continuation", "The title runs over several lines.", self._lines[last])
        self.draft.title = fold(value)
        self._add("line", index, last)
        if line.text.rstrip() != f"## 제목: {self.draft.title}" and last == index:
            self.draft.note("structure/label", "The title line is not `## 제목: title`.", line)
        elif not match or not match["value"].strip():
            self.draft.note("structure/label", "The title is not on the line of its label.", line)
        return last + 1

    def _goes_on(self, index: int) -> bool:
        text = self._lines[index].text
        return text[:1].isspace() and bool(text.strip()) and not self._labels[index]

    def _below(self, index: int) -> tuple[str, int]:
        """Return the first line below a label and its index; "" and the label's index before another label."""
        for below in range(index + 1, len(self._lines)):
            line = self._lines[below]
            if self._labels[below] or _IMAGE.fullmatch(line.text):
                break
            if not line.blank:
                return line.text, below
        return "", index

    def _value(self, index: int, pattern: re.Pattern[str]) -> tuple[re.Match[str] | None, int]:
        """Return the value of the label on that line, beside or below it, and the index of its line."""
        label = self._labels[index]
        if label and label.value.strip():
            return pattern.fullmatch(label.value), index
        value, below = self._below(index)
        match = pattern.fullmatch(value) if value else None
        return match, below if match else index

    def _read_votes(self, index: int) -> int:
        match, last = self._value(index, _VOTES)
        line, draft = self._lines[index], self.draft
        draft.votes_seen = True
        draft.votes = int(match["votes"]) if match and match["votes"] else None
        if draft.votes is None:
            draft.note("field/votes", "The votes are missing or not a number.", line)
        elif line.text != f"**{VOTES}**: {draft.votes}{_LINE_BREAK}":
            draft.note("structure/label", f"The votes are not `**{VOTES}**: N` with two spaces after it.", line)
        elif draft.url:
            draft.note("structure/label", "The votes stand below the link.", line)
        return self._close(index, last)

    def _read_link(self, index: int) -> int:
        match, last = self._value(index, _LINK)
        line, draft = self._lines[index], self.draft
        draft.url = fold((match["url"] or match["bare"] or "") if match else "")
        if line.text.rstrip() != f"**{LINK}**: ![PDF 다운로드]({self._layout.url(id_of(draft.url))})":
            draft.note("field/link", f"The link is not `**{LINK}**: ![PDF 다운로드](https://arxiv.org/pdf/ID)`.", line)
        return self._close(index, last)

    def _close(self, index: int, last: int) -> int:
        self._closed = True
        self._add("line", index, last)
        self.labelled |= {self._lines[index].number, self._lines[last].number}
        return last + 1

    def _begin(self, line: Line, label: Label) -> None:
        self.draft.texts.append(SectionDraft(label.name, [label.value], line, inline=label.name == FIELDS))
        self.draft.pieces.append(("inline" if label.name == FIELDS else "block", line.number, line.number))
        self.labelled.add(line.number)
        if self._closed:
            self.draft.note("structure/label", "The section stands below the votes or the link.", line)

    def _read_text(self, line: Line, label: Label | None) -> None:
        """Add a line of text to the last section, or begin one without a name with it."""
        if line.blank and not self.draft.texts:
            return
        if not self.draft.texts:
            self.draft.texts.append(SectionDraft("", [], line))
            self.draft.pieces.append(("plain", line.number, line.number))
        self.draft.texts[-1].lines.append(line.text)
        if line.blank:
            return
        self.draft.extend(line)
        if label or self._closed:
            self.draft.note("structure/entry", "The line belongs to no part of the entry; it is read as text.", line)

    def _add(self, kind: str, first: int, last: int) -> None:
        self.draft.pieces.append((kind, self._lines[first].number, self._lines[last].number))

    def _note_form(self, section: SectionDraft, piece: tuple[str, int, int]) -> None:
        """Note where the section does not look as it would be written."""
        kind, line, label = piece[0], section.line, section.line.text
        first = self._lines[0].number
        last = self._lines[piece[2] - first]
        if kind == "plain":
            self.draft.note("structure/label", "A text without a label.", line)
        elif kind == "block" and label != f"**{section.name}**:{_LINE_BREAK}":
            self.draft.note("structure/label", "The label is not in bold, alone, with a colon and two spaces.", line)
        elif kind == "inline":
            self.labelled.add(last.number)
            if last.number > line.number and section.lines[0].strip():
                self.draft.note("structure/continuation", "The value runs over several lines.", line)
            elif label != f"**{section.name}**: {section.text}{_LINE_BREAK}":
                self.draft.note("structure/label", "The value is not on its label's line, two spaces after it.", line)
        if kind == "block" and section.text and not "".join(section.lines[:2]).strip():
            self.draft.note("structure/blank-lines", "A blank line between the label and its text.", line)

    def _note_gaps(self) -> None:
        """Note missing and further blank lines: one stands after a text, none elsewhere."""
        first = self._lines[0].number
        for before, after in pairwise(self.draft.pieces):
            blank, wanted = after[1] - before[2] - 1, int(before[0] in ("block", "plain") or after[0] == "plain")
            if blank != wanted:
                message = f"{blank} blank lines before this, where {wanted} belong."
                self.draft.note("structure/blank-lines", message, self._lines[after[1] - first])


LAYOUT: Final = EasyLayout()
