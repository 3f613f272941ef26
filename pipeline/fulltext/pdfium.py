"""A program of its own, run by `pdf`: a PDF on standard input, what is written on its pages as JSON on standard output.

PDFium is C++ that aborts its process when threads meet in it, and that reads what strangers made: so it has a process,
with limits, to itself. Imports nothing of this package. Says where runs of text stand; what they mean is not decided.
"""

import contextlib
import ctypes
import json
import math
import re
import sys
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

MOST_PAGES = 150
MOST_CHARACTERS = 1_500_000
CPU_SECONDS = 30
MEMORY = 1_500_000_000  # bytes of address space

_GAP = 1.3  # of the font's size: wider ones part the columns of a page or of a table
_SMALLEST = 2.0  # points
_RAISED = 0.1  # of the size: what stands so much above or below its line, and is smaller, is an exponent or index
_SAME_LINE = 0.6
_WHITE = 240
# Text render mode: https://opensource.adobe.com/dc-acrobat-sdk-docs/pdfstandards/PDF32000_2008.pdf 9.3.6
_INVISIBLE = 3
_HYPHENS = (0x02, 0xFFFE)  # how PDFium marks a hyphen at the end of a line
_BOLD = re.compile(r"bold|black|heavy|cmbx|-medi|semibold", re.IGNORECASE)


def main() -> None:
    """Print {"pages": […], "hidden": […], "left_out": n}, or {"error": why}; return exit code 0."""
    _limit()
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError as error:
        encrypted = "password" in str(error).lower()
        json.dump({"error": "the PDF is encrypted" if encrypted else f"the PDF is broken: {error}"}, sys.stdout)
        return
    json.dump(_document(document), sys.stdout)


def _limit() -> None:
    """Limit what the process may use, where the system can say so: not on Windows, where the parent's clock remains."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _document(document: pypdfium2.PdfDocument) -> dict[str, Any]:
    pages, hidden, characters, read = [], [], 0, 0
    for number in range(min(len(document), MOST_PAGES)):
        try:
            page = _Page(document[number])
        except pypdfium2.PdfiumError:
            pages.append({"width": 0, "height": 0, "runs": []})  # a page that cannot be loaded is not the whole paper
            continue
        pages.append({"width": page.width, "height": page.height, "runs": page.runs})
        hidden += [page.hidden] if page.hidden else []
        characters += sum(len(run[0]) for run in page.runs)
        read = number + 1
        if characters > MOST_CHARACTERS:
            break
    return {"pages": pages, "hidden": hidden, "left_out": len(document) - max(read, len(pages))}


class _Page:
    """Runs of text on one line, without wide gaps, in the file's order: [text, left, base line, right, size, bold].

    Points from the page's lower left corner. Exponents and indices are written x^2 and x_2.
    """

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self.width, self.height = page.get_size()
        self.runs: list[list[Any]] = []
        self.hidden = ""
        self._text = page.get_textpage()
        self._shift = ""  # "^" or "_" while inside an exponent or index
        self._size = 0.0
        self._box = pdfium.FS_RECTF()
        self._x, self._y, self._matrix = ctypes.c_double(), ctypes.c_double(), pdfium.FS_MATRIX()
        self._read()
        self._text.close()
        page.close()

    def _read(self) -> None:
        space, shown = True, True
        for place in range(self._text.count_chars()):
            code = pdfium.FPDFText_GetUnicode(self._text, place)
            if code in (0, 9, 10, 13, 32, 0xA0):
                space = True
                continue
            pdfium.FPDFText_GetLooseCharBox(self._text, place, self._box)
            pdfium.FPDFText_GetCharOrigin(self._text, place, self._x, self._y)
            letter = "-" if code in _HYPHENS else chr(code) if not 0xD800 <= code < 0xE000 else ""
            joins = self._joins()
            if space or not joins or self._y.value != self.runs[-1][2]:
                self._size = self._letter_size(place)
            if space or not joins:
                shown = self._shown(place)
            if not shown:
                self.hidden += (" " if space else "") + letter
            elif joins:
                self._append(letter, space)
                self.runs[-1][5] = self.runs[-1][5] and (not space or self._bold(place))
            elif abs(pdfium.FPDFText_GetCharAngle(self._text, place)) < 0.1:  # the stamp in the margin is not the paper
                self._begin(letter, place)
            space = False

    def _joins(self) -> bool:
        """Tell whether the letter belongs to the run before it."""
        if not self.runs:
            return False
        _, _, base, right, size, _ = self.runs[-1]
        near = -0.8 * size < self._box.left - right < _GAP * size
        return bool(near and abs(self._y.value - base) < _SAME_LINE * size)

    def _append(self, letter: str, space: bool) -> None:
        run = self.runs[-1]
        away = (self._y.value - run[2]) / run[4]
        shift = "" if self._size > 0.87 * run[4] or abs(away) < _RAISED else "^" if away > 0 else "_"
        gap = (self._box.left - run[3]) / run[4]
        if self._size > 1.15 * run[4]:  # the run began with an exponent: a footnote's mark
            run[2], run[4] = self._y.value, self._size
            run[0] = f"^{run[0]} "
        elif (space and gap > 0.05 and not shift) or gap > 0.25:
            run[0] += " "
        if shift != self._shift and shift:
            run[0] += shift
        self._shift = shift
        run[0] += letter
        run[3] = max(run[3], self._box.right)

    def _begin(self, letter: str, place: int) -> None:
        self._shift = ""
        self.runs.append([letter, self._box.left, self._y.value, self._box.right, self._size, self._bold(place)])

    def _shown(self, place: int) -> bool:
        inside = 0 <= self._box.left < self.width and 0 <= self._y.value < self.height
        return inside and self._size >= _SMALLEST and self._inked(place)

    def _inked(self, place: int) -> bool:
        """Tell whether the letter is drawn: in a visible mode, and not white, even on a dark ground."""
        run = pdfium.FPDFText_GetTextObject(self._text, place)
        if run and pdfium.FPDFTextObj_GetTextRenderMode(run) == _INVISIBLE:
            return False
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        known = pdfium.FPDFText_GetFillColor(self._text, place, red, green, blue, alpha)
        return not known or (alpha.value > 0 and min(red.value, green.value, blue.value) < _WHITE)

    def _letter_size(self, place: int) -> float:
        """Return the font's size in points of the page, not of the text's own scale."""
        pdfium.FPDFText_GetMatrix(self._text, place, self._matrix)
        scale = math.hypot(self._matrix.c, self._matrix.d)
        return max(float(pdfium.FPDFText_GetFontSize(self._text, place)) * scale, 0.1)

    def _bold(self, place: int) -> bool:
        name = ctypes.create_string_buffer(200)
        pdfium.FPDFText_GetFontInfo(self._text, place, name, 200, None)
        return bool(_BOLD.search(name.value.decode("utf-8", "replace")))


if __name__ == "__main__":
    main()
