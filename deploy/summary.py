"""GitHub's job summary of a night: `python deploy/summary.py EXIT_CODE NIGHT.json NIGHT.log`, HTML to standard output.

NIGHT.json is what `pipeline run --json` printed, if anything, NIGHT.log what it said. Titles and reasons come from
outside: all of it is one block of HTML, in which markdown is not read and which only a blank line ends (CommonMark
0.31, 4.6), every text is escaped and on one line, and stands in `code`, where GitHub makes no mentions or links.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from pipeline.core.text import printable

COUNTED = ("state", "listed", "printed", "duplicate", "held_back", "failed", "written")
LONGEST = 300  # characters of a title or a reason; a summary of more than 1 MiB is not shown
LAST_LINES = 20


def main(code: str, account: Path, log: Path) -> None:
    """Print the summary. An account that is missing or cut off is left out: the log has the reason then."""
    try:
        night = json.loads(account.read_bytes())
    except ValueError:
        night = {"layouts": [], "warnings": []}
    print("\n".join(["<div>", *_lines(int(code), night, log.read_text("utf-8", "replace")), "</div>"]))


def _lines(code: int, night: dict[str, Any], log: str) -> Iterator[str]:
    yield f"<p><b>pipeline run</b> ended with exit code {code}.</p>"
    if night["layouts"]:
        yield from _table(["digest", *(name.replace("_", " ") for name in COUNTED)], map(_counts, night["layouts"]))
    if missing := [row for layout in night["layouts"] for row in _missing(layout)]:
        yield from _table(["not printed", "paper", "title", "reason"], missing)
    yield from (f"<p>Warning: {_code(warning)}</p>" for warning in night["warnings"])
    if code not in (0, 3):
        yield "<p>The end of the log:</p>"
        yield from (f"{_code(line)}<br>" for line in log.splitlines()[-LAST_LINES:])


def _counts(layout: dict[str, Any]) -> Sequence[object]:
    values = (layout[name] for name in COUNTED)
    return [layout["path"], *(len(value) if isinstance(value, list) else value for value in values)]


def _missing(layout: dict[str, Any]) -> Iterator[Sequence[object]]:
    for name in ("held_back", "failed"):
        yield from ((name.replace("_", " "), paper["id"], paper["title"], paper["reason"]) for paper in layout[name])


def _table(head: Iterable[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"<table><tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{_code(value)}</td>' for value in row)}</tr>"
    yield "</table>"


def _code(value: object) -> str:
    text = printable(str(value))
    return f"<code>{escape(text if len(text) <= LONGEST else text[: LONGEST - 1] + '…')}</code>"


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
