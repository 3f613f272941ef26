"""Digest files: where each lies, atomic writes, and changes to one entry that leave every other byte as it was.

Decides nothing about what is printed. The texts here keep their own newlines, BOM included.
"""

import contextlib
import datetime as dt
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.core.errors import ConfigError, LayoutError
from pipeline.core.models import Digest, Entry, LayoutName, Parsed, Span
from pipeline.layouts import LAYOUTS, parse, render, render_entry
from pipeline.layouts.lines import split_lines

# What a digest shows of which the end is missing; a last line without its end is another sign.
_CUT = ("field/id", "field/title", "structure/entry", "structure/missing-section")
_LAYOUT_OF_A_PATH = re.compile(rf"(?P<layout>{'|'.join(LAYOUTS)})/(?P<date>\d{{4}}/\d{{2}}/\d{{2}})\.md")


def digest_path(output: Path, layout: LayoutName, date: dt.date) -> Path:
    """`<output>/<layout>/YYYY/MM/DD.md`."""
    return output / layout / f"{date:%Y/%m/%d}.md"


def digests(output: Path) -> Iterator[Path]:
    """Every digest file under the output folder, oldest first within its layout."""
    for layout in LAYOUTS:
        yield from sorted((output / layout).glob("[0-9]*/[0-9]*/[0-9]*.md"))


def any_digest(output: Path) -> Path | None:
    """One digest file under the output folder, None where there is none."""
    found = ((output / layout).glob("[0-9]*/[0-9]*/[0-9]*.md") for layout in LAYOUTS)
    return next((path for paths in found for path in paths), None)


def place_of(output: Path, path: Path) -> tuple[LayoutName, dt.date]:
    """The layout and date that a digest's path says."""
    match = _LAYOUT_OF_A_PATH.fullmatch(path.relative_to(output).as_posix())
    if not match:
        raise ConfigError(f"{path} is not a digest's place; expected <layout>/YYYY/MM/DD.md under {output}.")
    return match["layout"], dt.datetime.strptime(match["date"], "%Y/%m/%d").date()  # noqa: DTZ007  # a day, not a moment


def read_text(path: Path) -> str:
    """A file's text with its newlines and BOM as they are; ConfigError when it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text; repair it or move it away.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None


def read_digest(path: Path) -> tuple[str, Parsed]:
    """A digest file's text and what it says; ConfigError names the file when it is no digest."""
    text = read_text(path)
    try:
        return text, parse(text)
    except LayoutError as error:
        raise ConfigError(f"{path}, {error}; repair it or move it away.") from None


def read_whole(path: Path) -> str:
    """The text of a digest that we wrote; ConfigError where a part of it is missing, as after a copy that broke off."""
    text, parsed = read_digest(path)
    for finding in parsed.findings:
        if finding.rule in _CUT or (finding.rule == "structure/ending" and not text.endswith("\n")):
            raise ConfigError(f"{path} is cut short, line {finding.line}: {finding.message} Repair it or move it away.")
    return text


def records(output: Path) -> Iterator[Path]:
    """Every day's record under the output folder."""
    for layout in LAYOUTS:
        yield from sorted((output / layout).glob("[0-9]*/[0-9]*/[0-9]*.json"))


def ids_of(text: str | None) -> tuple[str, ...]:
    """The ids that a digest text prints; none for a file that does not exist."""
    return tuple(entry.paper_id for entry in parse(text).digest.entries) if text is not None else ()


def check_writable(folder: Path) -> None:
    """ConfigError unless a file can be made in the folder, which is made if need be."""
    try:
        _make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ConfigError(
            f"{folder} cannot be written: {error.strerror}. Correct its rights or choose another."
        ) from None


def write_atomic(path: Path, data: bytes) -> None:
    """Write a whole file or nothing, where it lies if the path is a link to it; ConfigError says what the disk objects
    to.
    """
    try:
        _write_atomic(Path(os.path.realpath(path)), data)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}. It is as it was; make room or mend its rights, and run again."
        ) from error


def _write_atomic(path: Path, data: bytes) -> None:
    """A temporary name beside it, fsync, rename, fsync of the folder."""
    _make_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def delete(path: Path) -> None:
    """Remove a file, for good when this returns, and a link to it as well; ConfigError when the disk objects."""
    try:
        for place in (Path(os.path.realpath(path)), path):
            place.unlink(missing_ok=True)
            _sync_folder(place.parent)
    except OSError as error:
        raise ConfigError(f"{path} cannot be removed: {error.strerror}. Mend its rights, and run again.") from error


def remove_unfinished(output: Path) -> None:
    """Remove what a killed run had not written to its end. For whoever is the only one to write there now."""
    for layout in LAYOUTS:
        for path in (output / layout).glob("[0-9]*/[0-9]*/.[0-9]*.*.*"):
            with contextlib.suppress(OSError):  # it does no harm where it cannot be removed
                path.unlink()


def _make_folder(folder: Path) -> None:
    """A folder and those above it, each on the disk before anything is put into it: else all of it may be lost."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def insert(text: str | None, layout: LayoutName, date: dt.date, entries: Iterable[Entry], listed: Sequence[str]) -> str:
    """The digest with new entries: each before the first one with fewer votes, or with as many and listed after it.

    `listed` are the day's ids in the list's order; None is a file yet to be.
    """
    pending = list(entries)
    place = {paper_id: number for number, paper_id in enumerate(listed)}
    if text is None:
        ordered = sorted(pending, key=lambda entry: (-(entry.votes or 0), place.get(entry.paper_id, len(place))))
        return render(Digest(layout=layout, date=date if LAYOUTS[layout].header else None, entries=tuple(ordered)))
    for entry in pending:
        text = _insert_one(text, layout, entry, place)
    return text


def _insert_one(text: str, layout: LayoutName, entry: Entry, place: Mapping[str, int]) -> str:
    parsed = parse(text)
    new, gap = _newlines(text, render_entry(layout, entry)), _newlines(text, LAYOUTS[layout].gap)
    mine = (entry.votes or 0, -place.get(entry.paper_id, len(place)))
    for span, other in zip(parsed.spans, parsed.digest.entries, strict=True):
        if (other.votes or 0, -place.get(other.paper_id, -1)) < mine:
            return text[: span.start] + new + gap + text[span.start :]
    if not parsed.spans:  # a header and nothing else
        return text.rstrip("\r\n") + gap + new + gap
    end = parsed.spans[-1].end
    return text[:end] + gap + new + text[end:]


def replace(text: str, layout: LayoutName, entry: Entry, keep_facts: bool) -> str:
    """The digest with the new entry in that paper's place; `keep_facts`: votes, authors and thumbnail stay.

    A note that stands below the old entry stands below the new one.
    """
    parsed = parse(text)
    for span, old in reversed(list(zip(parsed.spans, parsed.digest.entries, strict=True))):
        if old.paper_id == entry.paper_id:
            new = entry.model_copy(update=_facts(old)) if keep_facts else entry
            text = text[: span.start] + _newlines(text, render_entry(layout, new)) + text[span.own_end :]
    return text


def _facts(old: Entry) -> dict[str, object]:
    return {name: getattr(old, name) for name in ("votes", "authors", "more_authors", "thumbnail")}


def remove(text: str, paper_id: str) -> str | None:
    """The digest without that paper's entry and one gap beside it; None when no entry is left.

    A note that stands below the entry stays; LayoutError, with its line, where it would stand above all entries.
    """
    parsed = parse(text)
    ids = [entry.paper_id for entry in parsed.digest.entries]
    if paper_id not in ids:
        return text
    index, spans = ids.index(paper_id), parsed.spans
    if not index:
        _require_no_note(text, spans[0])
    if len(ids) == 1:
        return None
    start, end = spans[index].start, spans[index].own_end
    gap = _BETWEEN.match(text, end)
    if index + 1 < len(ids) and gap:
        end = gap.end()
    elif index and not text[spans[index - 1].end : start].strip("-\r\n"):
        start = spans[index - 1].end
    return remove(text[:start] + text[end:], paper_id)  # archives print a paper twice now and then


def _require_no_note(text: str, span: Span) -> None:
    if note := re.compile(r"[^-\s]").search(text, span.own_end, span.end):
        line = len(split_lines(text[: note.start()]))
        raise LayoutError("a note stands below the entry and would be left without one above it", line)


# What stands between two entries of any layout.
_BETWEEN = re.compile(r"(?:\r?\n)*(?:---)?(?:\r?\n)*")


def _newlines(text: str, new: str) -> str:
    """New text in the newlines of the file that it goes into."""
    return new.replace("\n", "\r\n") if "\r\n" in text else new
