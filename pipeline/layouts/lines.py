"""A digest's text by line, and what is off with its white space: byte order mark, CR LF, trailing spaces, blank lines.

Knows nothing of layouts. Offsets are characters of the text as given; a line's text holds no newline.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pipeline.core.models import Entry, Finding, Span
from pipeline.core.rules import finding

BOM = "\ufeff"
_NEWLINE = re.compile(r"\r\n|\n|\r")


class Line(NamedTuple):
    """One line: its number from 1, the offset of its first character, its text."""

    number: int
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def blank(self) -> bool:
        return not self.text or self.text.isspace()


def split_lines(text: str) -> list[Line]:
    """Return the lines of a text, the empty one after a last newline included; a byte order mark belongs to none."""
    return list(each_line(text))


def each_line(text: str) -> Iterator[Line]:
    """Yield the lines of a text one by one, for whoever need not read to its end."""
    start = len(BOM) if text.startswith(BOM) else 0
    number = 1
    for newline in _NEWLINE.finditer(text):
        yield Line(number, start, text[start : newline.start()])
        number, start = number + 1, newline.end()
    yield Line(number, start, text[start:])


def first_line(text: str) -> Line | None:
    """Return the first line that is not blank; None where there is none."""
    return next((line for line in each_line(text) if not line.blank), None)


def any_line(pattern: re.Pattern[str], text: str) -> bool:
    """Tell whether the pattern matches at the beginning of any line."""
    return any(pattern.match(line.text) for line in each_line(text))


def without_blank_end(lines: list[Line], also: Callable[[Line], bool] = lambda _: False) -> list[Line]:
    """Return the lines up to the last one that is neither blank nor `also` to be left out."""
    end = len(lines)
    while end and (lines[end - 1].blank or also(lines[end - 1])):
        end -= 1
    return lines[:end]


def encoding_findings(text: str) -> list[Finding]:
    """Return `text/bom` and `text/crlf`, one each at its first place."""
    found: list[Finding] = []
    if text.startswith(BOM):
        found.append(finding("text/bom", "The file begins with a byte order mark."))
    if "\r" in text:
        line = len(_NEWLINE.findall(text, 0, text.index("\r"))) + 1
        found.append(finding("text/crlf", "Lines end in CR LF instead of LF.", line=line))
    return found


def trailing_space_findings(
    lines: list[Line], spans: Sequence[Span], entries: Sequence[Entry], exempt: frozenset[int] = frozenset()
) -> list[Finding]:
    """Return `text/trailing-space` for every line that ends in white space, but for the exempt line numbers."""
    starts = [span.line for span in spans]
    found: list[Finding] = []
    for line in lines:
        bare = line.text.rstrip()
        if len(bare) == len(line.text) or line.number in exempt:
            continue
        index = bisect_right(starts, line.number) - 1
        found.append(
            finding(
                "text/trailing-space",
                "The line ends in white space.",
                line=line.number,
                column=len(bare) + 1,
                text=line.text[len(bare) :],
                paper_id=(entries[index].paper_id or None) if index >= 0 else None,
            )
        )
    return found


def ending_findings(lines: list[Line], last: Line, expected: int) -> list[Finding]:
    """Return `structure/ending` unless exactly `expected` newlines follow the last line of content."""
    newlines = len(lines) - last.number
    if newlines == expected:
        return []
    message = f"The file should end with {expected} newlines after its content, not {newlines}."
    return [finding("structure/ending", message, line=last.number, column=len(last.text) + 1)]
