"""What is written on a PDF's pages, in reading order, as blocks of text. Pure geometry and a few habits of papers.

Left out: running heads, page numbers, bibliography, what stands before the abstract, and shreds of displayed formulas,
which a PDF keeps as single letters. The anchor of a block is `page=N`, as PDF viewers understand it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import reduce
from typing import NamedTuple

from pipeline.core.models import Frozen
from pipeline.core.text import normal_form
from pipeline.fulltext.document import Block, Kind, clean

_MARGIN = 0.08  # of the page's height, at the top and at the bottom: where running heads and page numbers are
_INDENT = 0.8  # of the letters' height
_KNOWN_TITLE = re.compile(
    r"(?:abstract|introduction|related work|methods?|experiments?|results|discussion|conclusions?|limitations"
    r"|references|bibliography|acknowledge?ments?|appendix"
    r"|초록|서론|관련 연구|방법|실험|결과|결론|한계|참고\s*문헌|부록)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:appendix )?((?:\d{1,2}|[A-Z]|[IVX]{1,4})(?:\.\d{1,2})*)\.?(?=\s)", re.IGNORECASE)
_LEFT_OUT = re.compile(r"(?:[\dIVX.]+\s+)?(?:references|bibliography|acknowledge?ments?|참고\s*문헌)", re.IGNORECASE)
_FIRST = re.compile(r"(?:[\dI.]+\s+)?(?:abstract|introduction|초록|서론)\b", re.IGNORECASE)
_APPENDIX = re.compile(r"appendi(?:x|ces)|부록|supplementary", re.IGNORECASE)
_LETTERED = re.compile(r"[A-Z](?:\.\d+)*\.?\s")
_STARTS: dict[Kind, re.Pattern[str]] = {
    "caption": re.compile(r"(?:Figure|Fig\.|Table|Algorithm|그림|표)\s*[A-Z]?\d+\s*[.:|]"),
    "item": re.compile(r"[•▪◦‣∙●\x88]\s*|\(?(?:\d{1,2}|[ivx]{1,4})[.)]\s+(?=\w)"),
    "footnote": re.compile(r"\^[\d*†‡]{1,2} (?=\w)"),
}
_WORD = re.compile(r"[^\W\d_]{3}|[가-힣]{2}|[一-鿿]{2}")
_NUMERIC = re.compile(r"[-−+±~<>]?\s?[\d.,]+\s?[%×xkKMB]?(?:\s?[±^_].*)?|[-–—✓✗]")
_FORMULA = re.compile(r"[=∑∏∫≤≥∈∀∥]|\(\d+\)$")
_CITED = re.compile(
    r"\s*\[[1-9]\d{0,2}(?:\s*[,;–-]\s*[1-9]\d{0,2})*\]|\s*\((?:e\.g\.,? |see )?[A-Z][^()]{0,300}, (?:19|20)\d\d[a-z]?\)"
)
_NOTE_MARK = re.compile(r"(?:(?<=[A-Za-z]{3})|(?<=[.,;:)]))\^[\d*†‡]{1,2}(?=\s|$)")
_ENDED = re.compile(r"[.!?:;。]['\"”’)\]]*$")
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")


class Run(NamedTuple):
    """Text on one line without wide gaps. `base` is how high the line is; all in points from the page's lower left."""

    text: str
    left: float
    base: float
    right: float
    height: float
    bold: bool


class Page(Frozen):
    """A page in points, with its runs in the file's order."""

    width: float
    height: float
    runs: tuple[Run, ...]


class _Line(NamedTuple):
    cells: tuple[str, ...]
    text: str
    left: float
    base: float
    height: float
    bold: bool
    page: int
    column: tuple[int, int]  # the same for lines of one column between two elements of full width


def blocks(pages: tuple[Page, ...]) -> tuple[Block, ...]:
    """Return the pages' text; empty where nothing is written on them."""
    reader = _Reader(pages)
    for line in reader.lines:
        reader.read(line)
    reader.flush()
    return tuple(reader.blocks)


# --- reading order ----------------------------------------------------------------------------------------------------


def _lines(number: int, page: Page, heads: frozenset[str]) -> Iterator[_Line]:
    """Return a page's lines in reading order: over the page, or down the left column and then the right one."""
    runs = [run for run in page.runs if not (_in_margin(run, page) and _without_digits(run.text) in heads)]
    for column, row in _rows(_in_columns(runs, page)):
        cells = tuple(normal_form(run.text) for run in row)
        text = (" | " if _is_row(cells) else " ").join(cells)
        height = max(run.height for run in row)
        bold = all(run.bold for run in row)
        yield _Line(cells, text, row[0].left, row[0].base, height, bold, number, column)


def _in_columns(runs: list[Run], page: Page) -> list[tuple[tuple[int, int], Run]]:
    gutter = _gutter(runs, page)
    if gutter is None:
        return [((0, 2), run) for run in runs]
    full = sorted({run.base for run in runs if _crosses(run, gutter)} | _table_rows(runs, page), reverse=True)
    placed = []
    for run in runs:
        band = sum(base > run.base + run.height / 2 for base in full)
        is_full = any(abs(base - run.base) < run.height / 3 for base in full)
        placed.append(((band, 2 if is_full else int(run.left > gutter - 1)), run))
    return placed


def _gutter(runs: list[Run], page: Page) -> float | None:
    """Return the middle of the gap between two columns; None where the page has one column."""
    total = sum(len(run.text) for run in runs)
    best = None
    for step in range(40, 61):
        place = page.width * step / 100
        crossing = sum(len(run.text) for run in runs if _crosses(run, place))
        left = sum(len(run.text) for run in runs if run.right <= place)
        if min(left, total - left - crossing) > 0.2 * total and (best is None or crossing < best[0]):
            best = crossing, place
    return best[1] if best and best[0] < 0.35 * total else None


def _crosses(run: Run, place: float) -> bool:
    return run.left < place - 1 and run.right > place + 1


def _table_rows(runs: list[Run], page: Page) -> set[float]:
    """Return base lines of rows of a table that is as wide as the page: many short runs side by side."""
    rows: dict[int, list[Run]] = {}
    for run in runs:
        rows.setdefault(round(run.base), []).append(run)
    return {
        row[0].base
        for row in rows.values()
        if len(row) >= 5 and sum(run.right - run.left for run in row) < 0.12 * page.width * len(row)
    }


def _rows(placed: list[tuple[tuple[int, int], Run]]) -> list[tuple[tuple[int, int], list[Run]]]:
    """Return the runs on one line of one column together, from left to right."""
    rows: list[tuple[tuple[int, int], list[Run]]] = []
    for column, run in sorted(placed, key=lambda one: (one[0], -one[1].base, one[1].left)):
        first = rows[-1][1][0] if rows and rows[-1][0] == column else None
        if first is None or first.base - run.base > 0.3 * max(first.height, run.height):
            rows.append((column, []))
        rows[-1][1].append(run)
    return [(column, sorted(row, key=lambda one: one.left)) for column, row in rows]


def _is_row(cells: tuple[str, ...]) -> bool:
    """Tell whether cells on one line are a row of a table, not the pieces of a formula or of a stretched line."""
    if len(cells) < 2 or any(_FORMULA.search(cell) for cell in cells):
        return False
    return len(cells) > 2 or bool(_WORD.search(cells[0]) and _NUMERIC.fullmatch(cells[1]))


def _in_margin(run: Run, page: Page) -> bool:
    return not _MARGIN < run.base / (page.height or 1) < 1 - _MARGIN


def _without_digits(text: str) -> str:
    return re.sub(r"\d+", "", text).strip()


def _running_heads(pages: tuple[Page, ...]) -> frozenset[str]:
    """Return what is written at the top or bottom of several pages; "" stands for page numbers."""
    counts = Counter(
        text for page in pages for text in {_without_digits(run.text) for run in page.runs if _in_margin(run, page)}
    )
    return frozenset({"", *(text for text, count in counts.items() if count >= max(2, len(pages) / 4))})


# --- blocks -----------------------------------------------------------------------------------------------------------


class _Reader:
    """Reads the lines once. Lines gather in `_parts` until the block that they belong to ends."""

    def __init__(self, pages: tuple[Page, ...]) -> None:
        heads = _running_heads(pages)
        self.lines = [line for number, page in enumerate(pages, 1) for line in _lines(number, page, heads)]
        self.blocks: list[Block] = []
        self._compounds = {one.lower() for line in self.lines for one in _COMPOUND.findall(line.text)}
        self._body = _body_height(self.lines)
        self._parts: list[_Line] = []
        self._kind: Kind = "paragraph"
        self._headings: tuple[str, ...] = ()
        self._appendix = self._after_references = False
        # What stands before the abstract is title, authors and addresses.
        self._begun = not any(self._is_heading(line) and _FIRST.match(line.text) for line in self.lines[:150])
        self._left_out = False

    def read(self, line: _Line) -> None:
        if self._is_heading(line) and (self._begun or _FIRST.match(line.text)):
            self._begun = True
            self._heading(line.text)
        elif self._left_out or not self._begun or self._is_shred(line):
            return
        elif _is_row(line.cells):
            self.flush()
            self._add(clean(line.text), "table", line.page)
        else:
            self._text(line)

    def flush(self) -> None:
        """End the block, or add it to the one that it continues."""
        if not self._parts:
            return
        whole = reduce(self._with, (line.text for line in self._parts))
        text = clean(_NOTE_MARK.sub("", _CITED.sub("", whole)))
        page = self._parts[0].page
        self._parts = []
        continued = self._continued(text)
        if continued is None:
            self._add(text, self._kind, page)
        else:
            whole = f"{self.blocks[continued].text} {text}"
            self.blocks[continued] = self.blocks[continued].model_copy(update={"text": whole})

    def _text(self, line: _Line) -> None:
        start = next((kind for kind, mark in _STARTS.items() if mark.match(line.text)), None)
        if start or not self._parts or self._breaks(self._parts[-1], line):
            self.flush()
            self._kind = start or "paragraph"
        marked = start in ("item", "footnote") and start
        self._parts.append(line._replace(text=_STARTS[marked].sub("", line.text, count=1)) if marked else line)

    def _add(self, text: str, kind: Kind, page: int) -> None:
        if text:
            heading = self._headings[-1] if self._headings else ""
            kind = "abstract" if kind == "paragraph" and re.match(r"abstract|초록", heading, re.IGNORECASE) else kind
            place = {"headings": self._headings, "anchor": f"page={page}", "appendix": self._appendix}
            self.blocks.append(Block.model_validate({"text": text, "kind": kind, **place}))

    def _is_shred(self, line: _Line) -> bool:
        """Tell whether a line is a piece of a displayed formula, not a row of a table or a text's short last line."""
        if _WORD.search(line.text) or _is_row(line.cells):
            return False
        below = bool(self._parts) and abs(line.left - self._parts[-1].left) < line.height
        return not (below and len(line.text) > 3) and not _ENDED.search(line.text)

    def _breaks(self, before: _Line, line: _Line) -> bool:
        """Tell whether a new paragraph begins: a gap, an indent, other letters."""
        if before.page != line.page or before.column != line.column:
            return bool(_ENDED.search(before.text)) or self._kind == "caption"
        gap = before.base - line.base
        indented = line.left - before.left > _INDENT * line.height and bool(_ENDED.search(before.text))
        return indented or gap > 1.9 * before.height or abs(before.height - line.height) > 0.25 * before.height

    def _continued(self, text: str) -> int | None:
        """Return the place of the paragraph that goes on here, after a figure or a page's end."""
        if not text[:1].islower() or self._kind != "paragraph":
            return None
        for place in range(len(self.blocks) - 1, max(-1, len(self.blocks) - 10), -1):
            block = self.blocks[place]
            if block.headings != self._headings:
                return None
            if block.kind in ("paragraph", "item", "abstract"):
                return None if _ENDED.search(block.text) else place
        return None

    def _is_heading(self, line: _Line) -> bool:
        title = _NUMBER.sub("", line.text, count=1).strip()
        if _KNOWN_TITLE.fullmatch(title):
            return True
        if (
            len(line.text) > 90
            or _is_row(line.cells)
            or not title[:1].isupper()
            or line.text.endswith((".", ",", ";", ":"))
        ):
            return False
        emphasis = line.bold or line.height > 1.12 * self._body
        return emphasis and bool(_WORD.search(title)) and (title != line.text or line.height > 1.12 * self._body)

    def _heading(self, text: str) -> None:
        self.flush()
        number = _NUMBER.match(text)
        depth = number[1].count(".") if number else 0
        self._headings = (*self._headings[:depth], clean(text))
        self._left_out = bool(_LEFT_OUT.fullmatch(text))
        self._after_references |= self._left_out
        if _APPENDIX.match(text) or (self._after_references and _LETTERED.match(text)):
            self._appendix = True

    def _with(self, text: str, more: str) -> str:
        """Join the next line on. A word that was divided is made whole, unless it is a compound that occurs so."""
        if not re.search(r"\w-$", text):
            return f"{text} {more}"
        left, right = re.search(r"[\w-]*$", text), re.match(r"[^\W\d_]+", more)
        compound = f"{left[0] if left else ''}{right[0] if right else ''}".lower()
        divided = more[0].islower() and "-" not in compound[:-1].partition("-")[2] and compound not in self._compounds
        return text[:-1] + more if divided else text + more


def _body_height(lines: Iterable[_Line]) -> float:
    """Return the height of the letters that most of the text has."""
    heights: Counter[float] = Counter()
    for line in lines:
        heights[round(line.height * 2) / 2] += len(line.text)
    return heights.most_common(1)[0][0] if heights else 1.0
