"""Which files of an existing archive belong where under `output/`, and bringing them there byte for byte.

Overwrites nothing: a day that is already there with other content is a problem for a person to settle.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline.archive.files import digest_path, write_atomic
from pipeline.core.errors import ConfigError, LayoutError
from pipeline.layouts import parse, render

_FLAT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:-\d\d:\d\d:\d\d)?\.md")
_NESTED = re.compile(r"(?:.*/)?(\d{4})/(\d\d)/(\d\d)\.md")


class FileToImport(NamedTuple):
    """What becomes of one file of an archive: `new` is to be written to `target`, `unchanged` is there already.

    `skipped` is no digest by its name, `problem` is a digest that cannot be placed; `reason` says why.
    """

    source: Path
    status: Literal["new", "unchanged", "skipped", "problem"]
    reason: str = ""
    target: Path | None = None
    data: bytes = b""


def plan_import(paths: Sequence[Path], output: Path, *, fmt: bool = False) -> list[FileToImport]:
    """Plan each file, in the order of `paths`, folders walked in order of name; hidden files are passed over.

    A digest is named `YYYY-MM-DD.md`, `YYYY-MM-DD-HH:MM:SS.md` or `YYYY/MM/DD.md`. With `fmt` its canonical form is
    planned instead of its bytes. ConfigError for a path that does not exist or cannot be read.
    """
    sources = dict.fromkeys(source for path in paths for source in _files(path))
    return _without_clashes([_plan(source, output, fmt) for source in sources])


def write_new(plan: Iterable[FileToImport]) -> None:
    """Write the files that are new, each whole or not at all."""
    for planned in plan:
        if planned.status == "new" and planned.target:
            write_atomic(planned.target, planned.data)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        found = (file for file in path.rglob("*") if file.is_file())
        yield from sorted(file for file in found if "/." not in f"/{file.relative_to(path).as_posix()}")
    else:
        raise ConfigError(f"{path} does not exist; give files or folders of digests.")


def _plan(source: Path, output: Path, fmt: bool) -> FileToImport:
    try:
        date = _date(source)
        if date is None:
            return FileToImport(source, "skipped", "its name is not a day, like 2024-08-22.md or 2024/08/22.md")
        data = source.read_bytes()
        digest = parse(data.decode("utf-8")).digest
    except LayoutError as error:
        return FileToImport(source, "problem", f"it cannot be read as a digest: {error}")
    except UnicodeDecodeError:
        return FileToImport(source, "problem", "it is not UTF-8 text")
    except ValueError:
        return FileToImport(source, "problem", "its name is a day that does not exist")
    except OSError as error:
        raise ConfigError(f"{source} cannot be read: {error.strerror}.") from None
    if digest.date not in (None, date):
        return FileToImport(source, "problem", f"its name says {date}, its header {digest.date}")
    target = digest_path(output, digest.layout, date)
    data = render(digest).encode() if fmt else data
    if not target.exists():
        return FileToImport(source, "new", "", target, data)
    if target.read_bytes() == data:
        return FileToImport(source, "unchanged", "it is already there", target, data)
    return FileToImport(source, "problem", f"{target} is already there with other content", target, data)


def _date(source: Path) -> dt.date | None:
    """Return the day that a path names, None when it names none; ValueError when the day does not exist."""
    match = _FLAT.fullmatch(source.name) or _NESTED.fullmatch(source.absolute().as_posix())
    return dt.date(*map(int, match.groups())) if match else None


def _without_clashes(plan: list[FileToImport]) -> list[FileToImport]:
    """Keep the first of several new files for one place if all are the same, none if they differ."""
    rivals: dict[Path, list[FileToImport]] = {}
    for planned in plan:
        if planned.status == "new" and planned.target:
            rivals.setdefault(planned.target, []).append(planned)
    return [_settle(planned, rivals.get(planned.target, [])) if planned.target else planned for planned in plan]


def _settle(planned: FileToImport, rivals: list[FileToImport]) -> FileToImport:
    others = [rival.source for rival in rivals if rival.source != planned.source]
    if planned.status != "new" or not others:
        return planned
    if any(rival.data != planned.data for rival in rivals):
        names = ", ".join(map(str, others))
        return planned._replace(status="problem", reason=f"another file is of the same day and layout: {names}")
    if planned.source != rivals[0].source:
        return planned._replace(status="unchanged", reason=f"the same as {rivals[0].source}")
    return planned
