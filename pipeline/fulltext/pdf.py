"""A PDF to blocks of text, through PDFium in a process of its own (`pdfium`) that cannot take this one down."""

import os
import subprocess
import sys
from pathlib import Path

from pydantic import ValidationError

from pipeline.core.errors import SourceError
from pipeline.core.models import Frozen
from pipeline.core.text import fold, printable
from pipeline.fulltext.document import Block
from pipeline.fulltext.pages import Page, blocks

SOURCE = "arXiv PDF"
SECONDS = 40.0
_PROGRAM = Path(__file__).with_name("pdfium.py")
_FEWEST_CHARACTERS = 300  # a scan has none, or what its machine has stamped on the pages
_EXCERPT = 80
# What Python needs to start and to find its packages: the process that reads strangers' files gets no keys.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONUSERBASE", "SYSTEMROOT", "VIRTUAL_ENV")


class _Extraction(Frozen):
    """What the process answers; `error` says why there are no pages."""

    pages: tuple[Page, ...] = ()
    hidden: tuple[str, ...] = ()
    left_out: int = 0
    error: str = ""


def parse(data: bytes, url: str) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Return the paper's blocks in reading order, and notes on hidden text and pages left out.

    SourceError when the PDF is encrypted, broken, a scan, no PDF at all, or too much for SECONDS and the memory that
    the process may use.
    """
    if b"%PDF-" not in data[:1024]:
        raise SourceError(SOURCE, url, "answered something that is no PDF")
    read = _run(data, url)
    if read.error:
        raise SourceError(SOURCE, url, read.error)
    found = blocks(read.pages)
    if sum(len(block.text) for block in found) < _FEWEST_CHARACTERS:
        raise SourceError(SOURCE, url, "the PDF has next to no text; it may be a scan")
    cause = "invisible, white, tiny or off the page"
    notes = [f"hidden text ({cause}): “{printable(fold(text)[:_EXCERPT])}”" for text in read.hidden]
    return found, (*notes, *([f"the last {read.left_out} pages were not read"] if read.left_out else []))


def _run(data: bytes, url: str, program: Path = _PROGRAM) -> _Extraction:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    command = [sys.executable, "-P", str(program)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, env=environment, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise SourceError(SOURCE, url, f"the PDF could not be read within {SECONDS:.0f} s") from None
    if done.returncode:
        last = fold(done.stderr.decode("utf-8", "replace"))[-_EXCERPT:]
        raise SourceError(SOURCE, url, f"the PDF ended its reader with code {done.returncode}: {printable(last)}")
    try:
        return _Extraction.model_validate_json(done.stdout)
    except ValidationError as error:
        raise SourceError(SOURCE, url, "the PDF's reader answered nonsense") from error
