"""Is a written digest file right: bytes or text → findings with rule, line and column.

`layouts` finds departures from canonical form while it reads; this module adds what concerns the file as a whole, and
what should stand in no text: leftovers, chat, control characters, other languages. It holds nothing against the paper,
which `verify` does, and changes no file.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Set
from pathlib import Path, PurePath
from typing import NamedTuple

from pipeline import layouts
from pipeline.core.errors import ConfigError, LayoutError
from pipeline.core.models import Digest, Entry, Finding, Parsed, Span
from pipeline.core.rules import finding
from pipeline.core.text import HANGUL, printable, sentences
from pipeline.lang.ko import filler, style
from pipeline.verify import markup

_MAX_BYTES = 20_000_000
_EXCERPT = 120  # characters

_TIME = r"-\d\d:\d\d:\d\d"
_DIGEST = re.compile(rf"(?:.*/)?\d{{4}}(?:-\d\d-\d\d(?:{_TIME})?|/\d\d/\d\d)\.md", re.DOTALL)
_PLACE = re.compile(
    rf"(?:(?:^|/)(?P<layout>{'|'.join(layouts.LAYOUTS)}))?(?:^|/)(?P<date>\d{{4}}([-/])\d\d\3\d\d)(?:{_TIME})?\.md$"
)
_WORD = re.compile(r"\S+")
_LINK = re.compile(r"(?:[^.:!?]{1,40}(?<!다): ?)?[^\s:]{0,40}https?://\S+")  # with a label or without
_SHORT = 20  # characters: a shorter sentence may well stand twice


class _Pattern(NamedTuple):
    """What stands in no text, but perhaps `quotable` in quotation marks, or in a title, which may say anything."""

    rule: str
    advice: str
    pattern: re.Pattern[str]
    quotable: bool = False
    titles: bool = True


# Every repetition is bounded, so that a hostile file costs time in proportion to its length.
_BARE = r"(?:None|null|undefined|NaN|nan|True|False|\[\]|\{\}|\[object Object\])"
_PATTERNS = (
    _Pattern("text/control", "a control or replacement character; put what was meant in its place", markup.CONTROL),
    _Pattern(
        "field/raw-value",
        "a raw Python or JSON value; print what it holds",
        filler.any_of(
            rf"{filler.VALUE}({_BARE})[ \r]*$",
            rf"{filler.VALUE}([\[{{]\s?['\"][^'\"\n]{{0,200}}['\"]\s?[,:\]}}])",
            r"/(None|null|undefined)(?=[.)\s])",
            r"\\[nrt](?![A-Za-z])",
            r"\\u[0-9a-fA-F]{4}",
            r"\\\"",
        ),
    ),
    _Pattern(
        "text/template",
        "a leftover of a template or prompt; fill it in or delete it",
        filler.PROMPT,
        quotable=True,
    ),
    _Pattern(
        "filler/chat",
        "the model talking to its user; delete it or regenerate the entry",
        filler.CHAT,
        quotable=True,
        titles=False,
    ),
    _Pattern("text/latex", "LaTeX; write it as plain text", markup.LATEX),
)


class _Body:
    """A digest's text with LF alone, and where in it a line, a column and a paper are."""

    def __init__(self, text: str, parsed: Parsed) -> None:
        self.text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self.starts = [0, *(newline.end() for newline in re.finditer("\n", self.text))]
        self._entry_lines = [span.line for span in parsed.spans]
        self._ids = [entry.paper_id for entry in parsed.digest.entries]

    def finding(self, rule: str, message: str, offset: int, text: str) -> Finding:
        """Return a finding at a character of the body."""
        line = bisect_right(self.starts, offset)
        entry = bisect_right(self._entry_lines, line) - 1
        return finding(
            rule,
            message,
            line=line,
            column=offset - self.starts[line - 1] + 1,
            text=text[:_EXCERPT],
            paper_id=(self._ids[entry] or None) if entry >= 0 else None,
        )

    def in_title(self, offset: int) -> bool:
        """Tell whether a character stands in a heading: a paper may be called anything."""
        return self.text.startswith("#", self.starts[bisect_right(self.starts, offset) - 1])

    def sections(self, entry: Entry, span: Span) -> Iterator[tuple[str, int, int]]:
        """Yield each section's label, and where its text begins and ends."""
        place = self.starts[span.line - 1]
        for section in entry.sections:
            label = max(self.text.find(section.name, place), place)
            start = self.text.find(section.text, label + len(section.name))
            if start < 0:  # gathered from several places, of which `structure/entry` tells
                continue
            place = start + len(section.text)
            yield section.name, start, place

    def find(self, words: str, start: int, end: int) -> int:
        """Find where words stand between two characters, or their first one if white space differs; else `start`."""
        for needle in (words, words.partition(" ")[0]):
            if (place := self.text.find(needle, start, end)) >= 0:
                return place
        return start


def check_paths(paths: Iterable[Path], omitted: Callable[[Path], Set[tuple[str, str]]]) -> list[Finding]:
    """Return the findings of every digest file that `digest_files` names, in its order.

    `omitted` gives the paper and the name of each section of a file that its writer is known to have left out; that one
    is missing is no finding then.
    """
    findings: list[Finding] = []
    for path in digest_files(paths):
        found = check_file(path)
        # To read a record takes longer than to read its digest.
        known = omitted(path) if any(map(_is_missing, found)) else frozenset()
        findings += (one for one in found if not (_is_missing(one) and (one.paper_id or "", one.text) in known))
    return findings


def _is_missing(found: Finding) -> bool:
    return found.rule == "structure/optional-section"


def digest_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files given and the digests in the folders given, sorted, none twice; ConfigError for a missing path.

    In a folder a digest is told by its name: `YYYY-MM-DD.md`, `YYYY-MM-DD-HH:MM:SS.md`, or `YYYY/MM/DD.md`.
    """
    found: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found.update(file for file in path.rglob("*.md") if _DIGEST.fullmatch(file.absolute().as_posix()))
        elif path.exists():
            found.add(path)
        else:
            raise ConfigError(f"{path} does not exist; give digest files or folders that hold them.")
    return sorted(found)


def check_file(path: Path) -> list[Finding]:
    """Check a file; the findings are by line, exactly one error if it cannot be read as a digest."""
    try:
        found = check_text(_read(path), path.absolute())
    except LayoutError as error:
        found = [_unreadable(error)]
    shown = str(path).encode("utf-8", "backslashreplace").decode()  # a file's name need not be Unicode
    return [item.model_copy(update={"path": shown}) for item in found]


def check_text(text: str, path: PurePath | None = None) -> list[Finding]:
    """Check a digest's text; the findings are by line. With a path, also whether it lies where its content belongs."""
    try:
        parsed = layouts.parse(text)
    except LayoutError as error:
        return [_unreadable(error)]
    body = _Body(text, parsed)
    known = {(item.rule, item.line) for item in parsed.findings}
    more = [*_leftovers(body), *_repeated(body, parsed), *_language(body, parsed)]
    found = [*parsed.findings, *(item for item in more if (item.rule, item.line) not in known)]
    if path:
        found += _misplaced(parsed.digest, path)
    return sorted(found, key=lambda item: (item.line, item.column))


def _unreadable(error: LayoutError) -> Finding:
    return finding("structure/unreadable", f"The file cannot be read as a digest: {error.reason}.", line=error.line)


def _read(path: Path) -> str:
    """Read a file's text, which is not empty; LayoutError with a line where it cannot be a digest."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise LayoutError(f"it is larger than {_MAX_BYTES // 1_000_000} MB; split it by day")
        data = path.read_bytes()
    except OSError as error:
        raise LayoutError(f"{error.strerror}; correct the file or its rights") from None
    if (place := data.find(b"\0")) >= 0:
        raise LayoutError("it is binary; put the digest's text in its place", _line_of(data, place))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LayoutError("it is not UTF-8; save it as UTF-8", _line_of(data, error.start)) from None
    if not text.removeprefix("\ufeff").strip():
        raise LayoutError("it is empty; write the digest again or delete it")
    return text


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _leftovers(body: _Body) -> Iterator[Finding]:
    """Yield what `_PATTERNS` finds, wherever it stands."""
    for rule, advice, pattern, quotable, titles in _PATTERNS:
        for match in pattern.finditer(body.text):
            words, start = match.group(match.lastindex or 0), match.start(match.lastindex or 0)
            quoted = body.text[max(start - 1, 0)] in filler.QUOTES
            if (quotable and quoted) or (not titles and body.in_title(start)):
                continue
            yield body.finding(rule, f"“{printable(words[:_EXCERPT])}” is {advice}.", start, words)


def _repeated(body: _Body, parsed: Parsed) -> Iterator[Finding]:
    """Yield `structure/repeated-entry` for every paper after its first entry."""
    seen: set[str] = set()
    for entry, span in zip(parsed.digest.entries, parsed.spans, strict=True):
        if entry.paper_id in seen:
            message = f"{entry.paper_id} has an entry above already; keep one of them."
            yield body.finding("structure/repeated-entry", message, body.starts[span.line - 1], entry.title)
        seen.update([entry.paper_id] if entry.paper_id else [])


def _language(body: _Body, parsed: Parsed) -> Iterator[Finding]:
    """Check the language of each entry's running text, sentence by sentence."""
    for entry, span in zip(parsed.digest.entries, parsed.spans, strict=True):
        seen: set[str] = set()
        for name, start, end in body.sections(entry, span):
            if name not in layouts.TOPICS:
                yield from _prose(body, start, end, seen)


def _prose(body: _Body, start: int, end: int, seen: set[str]) -> Iterator[Finding]:
    """Check a section's text; `seen` are the entry's sentences so far, and grows."""
    text = body.text[start:end]
    if style.too_little_prose(text):
        yield body.finding("language/hangul", "Less than half of the text is Hangul; write it in Korean.", start, text)
    words: list[tuple[int, int]] = []
    read = 0
    for sentence in sentences(text):
        length = sentence.count(" ") + 1  # `sentences` folds white space but keeps every word
        for rule, message, fault in _problems(sentence, seen):
            words = words or [word.span() for word in _WORD.finditer(text)]
            first, last = words[read][0], words[read + length - 1][1]
            yield body.finding(rule, message, body.find(fault, start + first, start + last), fault)
        read += length
        seen.add(sentence)


def _problems(sentence: str, seen: set[str]) -> Iterable[tuple[str, str, str]]:
    """Return rule, message and the words at fault; a link with its label is no sentence."""
    if len(sentence) > _SHORT and sentence in seen:
        return [("language/repetition", "The sentence stands in this entry already; say it once.", sentence)]
    problems = style.problems(sentence)
    if not problems or _LINK.fullmatch(sentence):
        return ()
    if not HANGUL.search(sentence) and style.copied(sentence, ""):
        return [("language/copied", "The sentence is in English; write it in Korean.", sentence)]
    return problems


def _misplaced(digest: Digest, path: PurePath) -> Iterator[Finding]:
    """Yield `structure/place`: the layout folder or the date in the path against the content."""
    place = _PLACE.search(path.as_posix())
    if not place:
        return
    if place["layout"] and place["layout"] != digest.layout:
        message = (
            f"The layout is {digest.layout!r}, the folder {place['layout']!r}; move the file to its layout's folder."
        )
        yield finding("structure/place", message, text=place["layout"])
    date = place["date"].replace("/", "-")
    if digest.date and date != digest.date.isoformat():
        message = f"The header's date is {digest.date}, the path's {date}; correct the wrong one."
        yield finding("structure/place", message, text=date)
