"""A paper's whole text: arXiv's HTML, else its PDF, else the abstract that the metadata came with.

Where the better origin cannot be had the document says why; nothing is lost and nothing is silent. Which part of the
text a model gets is decided by `selection`.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from pipeline.core.errors import SourceError
from pipeline.core.http import ArxivAccess, SourceUnavailable
from pipeline.core.models import Paper
from pipeline.core.text import printable
from pipeline.fulltext import latexml, pdf
from pipeline.fulltext.document import Block, Document, abstract_block

LARGEST_HTML = 20_000_000  # bytes; to read a page takes about twenty times its size in memory
LARGEST_PDF = 50_000_000
_CLOSE = 0.8  # share of an abstract's words that a first paragraph has which is the abstract once more


class _Format(NamedTuple):
    kind: Literal["html", "pdf"]
    source: str
    max_bytes: int
    parse: Callable[[bytes, str], tuple[tuple[Block, ...], tuple[str, ...]]]


_FORMATS = (
    _Format("html", latexml.SOURCE, LARGEST_HTML, latexml.parse),
    _Format("pdf", pdf.SOURCE, LARGEST_PDF, pdf.parse),
)


def fetch_text(access: ArxivAccess, arxiv_url: str, paper: Paper) -> Document:
    """Fetch the text of the paper's own version, or of the newest where that is not known.

    `arxiv_url` is the address under which `html` and `pdf` live. Raises nothing for a paper whose text cannot be had or
    read: that is in the notes.
    """
    missing: tuple[str, ...] = ()
    answered = False
    for form in _FORMATS:
        url = f"{arxiv_url.rstrip('/')}/{form.kind}/{paper.id}{f'v{paper.version}' if paper.version else ''}"
        try:
            body = access.fetch(url, source=form.source, kind=form.kind, max_bytes=form.max_bytes)
            found, notes = form.parse(body, url)
        except SourceError as error:
            missing = (*missing, printable(f"no {form.kind.upper()}: {error.reason}"))
            answered = answered or not isinstance(error, SourceUnavailable)
        else:
            whole = _with_abstract(found, paper)
            return Document(paper_id=paper.id, origin=form.kind, blocks=whole, notes=(*missing, *notes))
    blocks = (abstract_block(paper),)
    return Document(paper_id=paper.id, origin="abstract", blocks=blocks, notes=missing, answered=answered)


def _with_abstract(blocks: tuple[Block, ...], paper: Paper) -> tuple[Block, ...]:
    """Return the text with the metadata's abstract at its head, in place of the page's own."""
    if not paper.abstract.strip():
        return blocks
    own = next((block for block in blocks if block.kind == "abstract"), None)
    abstract = abstract_block(paper, own.anchor if own else "")
    return (abstract, *(block for block in blocks if block.kind != "abstract" and not _repeats(block, abstract)))


def _repeats(block: Block, abstract: Block) -> bool:
    """Tell whether a paragraph before the first section is the abstract once more."""
    words = set(abstract.text.split())
    return not block.headings and len(words & set(block.text.split())) > _CLOSE * len(words)
