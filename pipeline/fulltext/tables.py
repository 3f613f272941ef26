"""A table as lines of text: one for its head, one a row, cells between bars. Pure.

A cell that spans rows is repeated in each, so that every line can be read alone; one that spans columns stands once.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from pipeline.core.text import fold

BAR = " | "
_WIDEST, _LONGEST = 200, 500  # columns and rows: attributes can claim any number
_MOST_HEAD_ROWS = 3
_NUMBER = re.compile(r"\d")


class _Cell(NamedTuple):
    text: str
    first: bool  # the leftmost column of its span
    head: bool


_Row = dict[int, _Cell]


def lines(table: LexborNode, text_of: Callable[[LexborNode], str]) -> Iterator[str]:
    """Return the table's lines; `text_of` reads a cell. Rows without text are left out."""
    rows = _grid(table, text_of)
    heads = _head_rows(rows)
    head = BAR.join(_column_head(rows[:heads], column) for column in range(max(map(len, rows), default=0)))
    for line in (head, *map(_line, rows[heads:])):
        if line.replace("|", "").strip():
            yield fold(line)  # an empty cell leaves two spaces between its bars


def _line(row: _Row) -> str:
    return BAR.join(row[column].text for column in sorted(row) if row[column].first).strip()


def _column_head(rows: list[_Row], column: int) -> str:
    """Return what stands over a column, from the top; each text once."""
    return " ".join(dict.fromkeys(row[column].text for row in rows if column in row and row[column].text))


def _head_rows(rows: list[_Row]) -> int:
    """Count the rows of the head: those marked so, else those before the first that has a number beside its name."""
    marked = next((place for place, row in enumerate(rows) if not all(cell.head for cell in row.values())), 0)
    if marked:
        return marked
    numbered = (any(_NUMBER.search(cell.text) for column, cell in row.items() if column) for row in rows)
    first = next((place for place, found in enumerate(numbered) if found), 0)
    return first if first <= _MOST_HEAD_ROWS else 0


def _grid(table: LexborNode, text_of: Callable[[LexborNode], str]) -> list[_Row]:
    rows: list[_Row] = []
    below: dict[int, tuple[_Cell, int]] = {}  # cells that reach into the rows that follow, and into how many
    for node in list(_found(table, ("tr",), "ltx_tr"))[:_LONGEST]:
        row = {column: cell for column, (cell, _) in below.items()}
        below = {column: (cell, left - 1) for column, (cell, left) in below.items() if left > 1}
        column = 0
        for cell_node in _found(node, ("td", "th"), "ltx_td"):
            while column in row:
                column += 1
            width, height = _span(cell_node, "colspan"), _span(cell_node, "rowspan")
            text = text_of(cell_node)
            head = "ltx_th_column" in (cell_node.attributes.get("class") or "").split()
            for place in range(column, min(column + width, _WIDEST)):
                row[place] = _Cell(text, place == column, head)
                if height > 1:
                    below[place] = row[place], height - 1
        rows.append(row)
    return rows


def _found(node: LexborNode, tags: tuple[str, ...], name: str) -> Iterator[LexborNode]:
    """Return the outermost elements with one of the tags or the class; LaTeXML makes some tables of `span`."""
    for child in node.iter():
        if (child.tag or "") in tags or name in (child.attributes.get("class") or "").split():
            yield child
        else:
            yield from _found(child, tags, name)


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or ""
    return max(1, min(int(value), _LONGEST)) if re.fullmatch(r"[0-9]{1,6}", value) else 1
