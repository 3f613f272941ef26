"""Digest files: where each lies, what it says, and writing whole files or nothing.

The texts here keep their own newlines, BOM included.
"""

import contextlib
import datetime as dt
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.core.errors import ConfigError, LayoutError
from pipeline.core.models import LayoutName, Parsed
from pipeline.layouts import LAYOUTS, parse

# What a digest shows of which the end is missing; a last line without its end is another sign.
_CUT = ("field/id", "field/title", "structure/entry", "structure/missing-section")
_DAY_FILE = re.compile(r"/(\d{4})/(\d\d)/(\d\d)\.(?:md|json)$")
_LAYOUT_OF_A_PATH = re.compile(rf"(?P<layout>{'|'.join(LAYOUTS)})/(?P<date>\d{{4}}/\d{{2}}/\d{{2}})\.md")


def digest_path(output: Path, layout: LayoutName, date: dt.date) -> Path:
    """Return `<output>/<layout>/YYYY/MM/DD.md`."""
    return output / layout / f"{date:%Y/%m/%d}.md"


def day_files(output: Path) -> Iterator[tuple[LayoutName, dt.date, os.DirEntry[str]]]:
    """Yield every digest and record under the output folder, oldest first within its layout."""
    for layout in LAYOUTS:
        for file in _scan(output / layout, depth=3):
            if date := _date_of(file.path):
                yield layout, date, file


def _date_of(path: str) -> dt.date | None:
    match = _DAY_FILE.search(path)
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _scan(folder: str | Path, depth: int) -> Iterator[os.DirEntry[str]]:
    """Yield what lies so many levels below a folder, by name. With pathlib's glob ten years would take a second."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if depth == 1:
            yield entry
        elif entry.is_dir():
            yield from _scan(entry.path, depth - 1)


def digests(output: Path) -> Iterator[Path]:
    """Yield every digest under the output folder, oldest first within its layout."""
    return (Path(file.path) for _, _, file in day_files(output) if file.name.endswith(".md"))


def records(output: Path) -> Iterator[Path]:
    """Yield every day's record under the output folder, oldest first within its layout."""
    return (Path(file.path) for _, _, file in day_files(output) if file.name.endswith(".json"))


def place_of(output: Path, path: Path) -> tuple[LayoutName, dt.date]:
    """Return the layout and date that a digest's path says."""
    match = _LAYOUT_OF_A_PATH.fullmatch(path.relative_to(output).as_posix())
    if not match:
        raise ConfigError(f"{path} is not a digest's place; expected <layout>/YYYY/MM/DD.md under {output}.")
    return match["layout"], dt.datetime.strptime(match["date"], "%Y/%m/%d").date()  # noqa: DTZ007  # a day, not a moment


@contextlib.contextmanager
def explained(path: Path, problem: str, advice: str = "") -> Iterator[None]:
    """Raise what the disk objects to as a ConfigError: the path, the problem, the system's reason, what to do."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{path} {problem}: {error.strerror}.{advice}") from error


def read_text(path: Path) -> str:
    """Return a file's text with its newlines and BOM as they are; ConfigError when it cannot be read."""
    try:
        with explained(path, "cannot be read"):
            return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text; repair it or move it away.") from None


def read_digest(path: Path) -> tuple[str, Parsed]:
    """Read a digest file: its text, and the text parsed; ConfigError names the file when it is no digest."""
    text = read_text(path)
    return text, parse_digest(path, text)


def parse_digest(path: Path, text: str) -> Parsed:
    """Parse the text of a digest; ConfigError names the file when it is no digest."""
    try:
        return parse(text)
    except LayoutError as error:
        raise ConfigError(f"{path}, {error}; repair it or move it away.") from None


def require_whole(path: Path, text: str) -> None:
    """Raise ConfigError where a part of a digest that we wrote is missing, as after a copy that broke off."""
    for finding in parse_digest(path, text).findings:
        if finding.rule in _CUT or (finding.rule == "structure/ending" and not text.endswith("\n")):
            raise ConfigError(f"{path} is cut short, line {finding.line}: {finding.message} Repair it or move it away.")


def ids_of(text: str | None) -> tuple[str, ...]:
    """Return the ids that a digest text prints; none for a file that does not exist."""
    return tuple(entry.paper_id for entry in parse(text).digest.entries) if text is not None else ()


def check_writable(folder: Path) -> None:
    """Raise ConfigError unless a file can be made in the folder, which is made if need be."""
    with explained(folder, "cannot be written", " Correct its rights or choose another."):
        _make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass


def write_atomic(path: Path, data: bytes) -> None:
    """Write a whole file or nothing, through a link to where it lies; ConfigError says what the disk objects to."""
    with explained(path, "cannot be written", " It is as it was; make room or mend its rights, and run again."):
        _write_atomic(Path(os.path.realpath(path)), data)


def _write_atomic(path: Path, data: bytes) -> None:
    """Write under a temporary name beside it, fsync, rename, fsync the folder."""
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
    with explained(path, "cannot be removed", " Mend its rights, and run again."):
        for place in (Path(os.path.realpath(path)), path):
            place.unlink(missing_ok=True)
            _sync_folder(place.parent)


def remove_unfinished(output: Path) -> None:
    """Remove what a killed run had not finished writing. Only for whoever holds the lock."""
    for layout in LAYOUTS:
        for path in (output / layout).glob("[0-9]*/[0-9]*/.[0-9]*.*.*"):
            with contextlib.suppress(OSError):  # it does no harm where it cannot be removed
                path.unlink()


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each on the disk before anything is put into it: else all may be lost."""
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
