"""The frame that `sections` and `bullets` share: header, linked title, thumbnail, votes, authors, then list items."""

import datetime as dt
import re
from abc import abstractmethod
from itertools import pairwise
from typing import NamedTuple

from pipeline.core.errors import LayoutError
from pipeline.core.models import Entry, Finding, Parsed, Section
from pipeline.core.rules import finding
from pipeline.core.text import fold, media_problem
from pipeline.layouts.base import EntryDraft, Layout, SectionDraft, note_authors
from pipeline.layouts.fields import (
    id_of,
    is_video,
    normal_authors,
    normal_text,
    read_authors,
    social_thumbnail,
    write_authors,
)
from pipeline.layouts.lines import Line, encoding_findings, first_line, split_lines, without_blank_end

HEADER_START = "## Daily Papers"
_HEADER = re.compile(r"## Daily Papers \((?P<date>\d{4}-\d{2}-\d{2})\)\s*")
_ENTRY = re.compile(r"###(?:\s+|(?=\[)|$)(?P<rest>.*)")
_IMAGE = re.compile(r"!\[[^\]]*\]\((?P<url>.*)\)\s*")
_WATCH = re.compile(r"\[Watch Video\](?:\((?P<url>.*)\)|(?P<bare>\S+))\s*")
_VIDEO = re.compile(
    r"(?:<div>)?<video\b[^>]{0,200}?\bsrc=(?P<quote>[\"'])(?P<url>[^\"'<>]+)(?P=quote)[^>]{0,200}>\s*</video>(?:</div>)?\s*"
)
_VOTES = re.compile(r"Votes?:\s*(?P<votes>[0-9]{1,9}|-|None|N/A)?", re.IGNORECASE)
_AUTHORS = re.compile(r"Authors?:\s*(?P<names>.*)")
_A_TITLE_SPANS = 5  # lines at most; arXiv titles come with newlines, none with more


class ListItem(NamedTuple):
    """A line that begins a section: its name, the text that follows on the line, and whether its form is golden."""

    name: str
    text: str
    golden: bool


class DailyLayout(Layout):
    """A layout under the frame. `read_item` and `is_structural` know how an item looks."""

    header = f"{HEADER_START} (%Y-%m-%d)"
    sign = f"begins with {HEADER_START} (YYYY-MM-DD)"

    @abstractmethod
    def read_item(self, line: str, begun: int) -> ListItem | None:
        """Return the item that a line begins, None for any other line; `begun` sections stand above it."""

    def is_structural(self, line: str) -> bool:
        """Tell whether the line would begin an item if it stood inside a text."""
        return self.read_item(line, 1) is not None

    def detect(self, text: str) -> bool:
        return has_header(text)

    def parse(self, text: str) -> Parsed:
        """Read a digest under its header; LayoutError for a bad header or text outside any entry."""
        lines = split_lines(text)
        blocks = _blocks(lines)
        date, findings = _headers(blocks)
        findings += encoding_findings(text) + _gaps_between(blocks)
        drafts = [_read_entry(block, self) for block in blocks if not _is_header(block[0])]
        return self.assemble(lines, date, drafts, findings)

    def normalise(self, entry: Entry) -> Entry:
        authors, more = normal_authors(entry.authors, entry.more_authors)

        def belongs_to_the_form(line: str) -> bool:
            return (
                self.is_structural(line)
                or line.startswith(HEADER_START)
                or bool(_ENTRY.match(line))
                or (not authors and bool(_AUTHORS.match(line)))
            )

        sections = tuple(
            Section(name=fold(section.name), text=normal_text(section.text, belongs_to_the_form))
            for section in entry.sections
        )
        if not self.required:  # nameless sections: an empty one would not be read back
            sections = tuple(Section(name="", text=section.text) for section in sections if section.text)
        return entry.model_copy(
            update={
                "title": fold(entry.title),
                "url": fold(entry.url),
                "thumbnail": fold(entry.thumbnail or "") or social_thumbnail(entry.paper_id),
                "votes": entry.votes or None,
                "authors": authors,
                "more_authors": more,
                "sections": sections,
            }
        )

    def context(self, entry: Entry) -> dict[str, object]:
        return {"media": write_media(entry.thumbnail), "authors": write_authors(entry.authors, entry.more_authors)}


def write_media(url: str | None) -> str:
    """Return the thumbnail: an image, or for a video a link and a player, as the golden bullets have them."""
    if url and is_video(url):
        return f'[Watch Video]({url})\n<div><video controls src="{url}" muted="false"></video></div>'
    return f"![]({url})" if url else ""


def has_header(text: str) -> bool:
    """Tell whether the first line that is not blank is the header."""
    first = first_line(text)
    return first is not None and _is_header(first)


def _is_header(line: Line) -> bool:
    return line.text.startswith(HEADER_START)


def _blocks(lines: list[Line]) -> list[list[Line]]:
    """Return the lines of each header and entry, without the blank ones that follow it."""
    blocks: list[list[Line]] = []
    for line in lines:
        if _is_header(line) or (blocks and _ENTRY.match(line.text)):
            blocks.append([line])
        elif blocks:
            blocks[-1].append(line)
        elif not line.blank:
            raise LayoutError(f"a digest begins with its header, {HEADER_START} (YYYY-MM-DD)", line.number)
    return [without_blank_end(block) for block in blocks]


def _headers(blocks: list[list[Line]]) -> tuple[dt.date, list[Finding]]:
    """Return the date of the first header, and a finding for each further one."""
    date: dt.date | None = None
    findings: list[Finding] = []
    for line, *rest in (block for block in blocks if _is_header(block[0])):
        if stray := next((line for line in rest if not line.blank), None):
            raise LayoutError("text between the header and the first entry", stray.number)
        found = _date(line)
        if date not in (None, found):
            raise LayoutError(f"a second day, {found}, begins here; give each day its own file", line.number)
        if date:
            findings.append(
                finding("structure/second-header", "The header stands here again.", line=line.number, text=line.text)
            )
        date = found
    if date is None:  # `detect` has seen one
        raise LayoutError("the file has no header")
    return date, findings


def _date(line: Line) -> dt.date:
    match = _HEADER.fullmatch(line.text)
    try:
        return dt.date.fromisoformat(match["date"] if match else "")
    except ValueError:
        raise LayoutError(f"the header is not {HEADER_START} (YYYY-MM-DD) with a real date", line.number) from None


def _gaps_between(blocks: list[list[Line]]) -> list[Finding]:
    found: list[Finding] = []
    for before, after in pairwise(blocks):
        if (blank := after[0].number - before[-1].number - 1) != 1:
            message = f"{blank} blank lines before this, where one belongs."
            found.append(finding("structure/blank-lines", message, line=after[0].number))
    return found


def _read_entry(lines: list[Line], layout: DailyLayout) -> EntryDraft:
    draft = EntryDraft(lines=lines)
    index = _read_title(draft, layout)
    while index < len(lines):
        line, taken = lines[index], 0
        if item := layout.read_item(line.text, len(draft.texts)):
            _begin_section(draft, line, item)
        elif not (taken := _read_field(draft, index, layout)):
            _continue(draft, line)
        index += taken or 1
    _note_gaps(draft)
    # The entry itself ends there: its last section has one paragraph; below it stands somebody's note.
    below = draft.texts[-1].below if draft.pieces[-1][0] == "section" else 0
    draft.own_end = lines[-1 - below].end
    return draft


def _read_title(draft: EntryDraft, layout: Layout) -> int:
    """Read the title, which a newline inside it may spread over lines; return how many lines that took."""
    first = draft.lines[0]
    entry = _ENTRY.match(first.text)
    rest = entry["rest"] if entry else ""
    title, url, taken = rest, "", 1
    for count in range(1, min(_A_TITLE_SPANS, len(draft.lines)) + 1):
        joined = " ".join([rest, *(line.text for line in draft.lines[1:count])])
        if found := _link(joined):
            (title, url), taken = found, count
            break
        if draft.lines[count - 1].blank or not rest.startswith("["):
            break
    draft.title, draft.url = fold(title), fold(url)
    draft.pieces.append(("field", first.number, draft.lines[taken - 1].number))
    if first.text.rstrip() != f"### [{draft.title}]({layout.url(id_of(draft.url))})":
        draft.note("field/link", "The title line is not `### [title](https://arxiv.org/abs/ID)`.", first)
    return taken


def _link(markdown: str) -> tuple[str, str] | None:
    """Return text and address of `[text](address)`; the text may hold brackets of its own, so the last pair counts."""
    markdown = markdown.strip()
    if not (markdown.startswith("[") and markdown.endswith(")") and "](" in markdown):
        return None
    text, _, address = markdown[1:-1].rpartition("](")
    return text, address


def _read_field(draft: EntryDraft, index: int, layout: DailyLayout) -> int:
    """Read thumbnail, votes or authors if they begin here and were not read yet; return how many lines they took."""
    line = draft.lines[index]
    if draft.thumbnail is None and (taken := _read_media(draft, index)):
        pass
    elif not draft.votes_seen and (match := _VOTES.fullmatch(line.text.rstrip())):
        taken = _read_votes(draft, line, match["votes"] or "")
    elif not draft.authors and (match := _AUTHORS.fullmatch(line.text)):
        taken = _read_author_lines(draft, index, match["names"], layout)
    else:
        return 0
    draft.pieces.append(("field", line.number, line.number + taken - 1))
    return taken


def _read_media(draft: EntryDraft, index: int) -> int:
    line, taken = draft.lines[index], 1
    if match := _WATCH.fullmatch(line.text):
        url = match["url"] or match["bare"] or ""
        player = _VIDEO.fullmatch(draft.lines[index + 1].text) if index + 1 < len(draft.lines) else None
        taken += bool(player and player["url"] == url)
    elif match := _IMAGE.fullmatch(line.text) or _VIDEO.fullmatch(line.text):
        url = match["url"]
    else:
        return 0
    draft.thumbnail = fold(url) or None
    written = "\n".join(line.text.rstrip() for line in draft.lines[index : index + taken])
    if problem := media_problem(draft.thumbnail):
        draft.note("field/media", f"The thumbnail {problem}.", line)
    elif written != write_media(draft.thumbnail):
        kind = "video" if draft.thumbnail and is_video(draft.thumbnail) else "image"
        draft.note("field/media", f"The thumbnail is not in the golden form of a {kind}.", line)
    return taken


def _read_votes(draft: EntryDraft, line: Line, value: str) -> int:
    draft.votes_seen = True
    draft.votes = (int(value) or None) if value.isdecimal() else None
    if line.text.rstrip() != f"Vote: {draft.votes or '-'}":
        draft.note("field/votes", "The votes are not `Vote: N`, or `Vote: -` for none.", line)
    return 1


def _read_author_lines(draft: EntryDraft, index: int, value: str, layout: DailyLayout) -> int:
    """Read the author line and the lines directly below it that are neither blank nor a field or item."""
    line, taken = draft.lines[index], 1
    for below in draft.lines[index + 1 :]:
        if below.blank or _FOLLOWS_AUTHORS.match(below.text) or layout.read_item(below.text, 0):
            break
        draft.note("structure/continuation", "The authors run over several lines.", below)
        value += "\n" + below.text
        taken += 1
    draft.authors, draft.more_authors = read_authors(value)
    before = len(draft.findings)
    note_authors(draft, line, value)
    written = f"Authors: {write_authors(draft.authors, draft.more_authors)}"
    if len(draft.findings) == before and taken == 1 and line.text.rstrip() != written:
        draft.note("structure/label", "The author line is not `Authors: A, B`.", line)
    return taken


_FOLLOWS_AUTHORS = re.compile(r"[-*•](?:\s|$)|\*\*|!\[|\[Watch Video\]|<(?:div|video)\b|Votes?:", re.IGNORECASE)


def _begin_section(draft: EntryDraft, line: Line, item: ListItem) -> None:
    draft.texts.append(SectionDraft(item.name, [item.text], line))
    draft.pieces.append(("section", line.number, line.number))
    if not item.golden:
        draft.note("structure/label", "The item does not begin in the golden form.", line, text=line.text[:40])


def _continue(draft: EntryDraft, line: Line) -> None:
    """Add a line that is neither field nor item to the text before it, or begin a text without a label with it."""
    if draft.texts:
        draft.texts[-1].lines.append(line.text)
        if not line.blank:
            draft.extend(line)
            draft.note("structure/continuation", "The text runs over several lines.", line)
    elif not line.blank:
        _begin_section(draft, line, ListItem("", line.text, False))


def _note_gaps(draft: EntryDraft) -> None:
    """Note gaps that are not one blank line between fields and none between sections; missing ones once an entry."""
    missing: Line | None = None
    first = draft.lines[0].number
    for before, after in pairwise(draft.pieces):
        line = draft.lines[after[1] - first]
        blank, wanted = after[1] - before[2] - 1, 0 if before[0] == after[0] == "section" else 1
        if blank < wanted:
            missing = missing or line
        elif blank > wanted:
            draft.note("structure/blank-lines", f"{blank} blank lines before this, where {wanted} belong.", line)
    if missing:
        draft.note("structure/blank-lines", "No blank line between the fields.", missing)
