"""A paper's whole text as it was read, block by block, and its sentences with their places. Pure; knows no file format.

The whole text is `Document.text`: every offset of a sentence counts its characters.
"""

import re
from collections.abc import Iterator
from typing import Literal

from pipeline.core.models import Frozen, Paper, SourceSentence, SourceText
from pipeline.core.text import fold, normal_form, sentences, strip_invisible

Kind = Literal[
    "abstract", "paragraph", "item", "caption", "table", "footnote", "theorem", "proof", "code", "figure"
]  # "table" is a row or the head of a table, "figure" what is written inside a figure

_BEFORE_MARK = re.compile(r" +(?=[,.;:!?)\]](?:\s|$))")
_FULL_STOP = re.compile(r"(?<=[。！？])(?=\w)")


class Block(Frozen):
    """One paragraph, list item, caption, row of a table and so on, on one line.

    `headings` are the titles that it stands under, from the outermost; `anchor` is as in `SourceSentence`.
    """

    text: str
    kind: Kind = "paragraph"
    headings: tuple[str, ...] = ()
    anchor: str = ""
    appendix: bool = False

    @property
    def section(self) -> str:
        """The nearest title, "" before the first."""
        return self.headings[-1] if self.headings else ""


class Document(Frozen):
    """A paper's text. `notes` say in words what is not in it and why the origin is not a better one.

    `answered` is False where nobody answered that was asked for a better one.
    """

    paper_id: str
    origin: Literal["abstract", "html", "pdf"]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    answered: bool = True

    @property
    def text(self) -> str:
        """All blocks, one a line."""
        return "\n".join(block.text for block in self.blocks)


def abstract_block(paper: Paper, anchor: str = "") -> Block:
    """Return the abstract as the source of the metadata has it."""
    return Block(text=clean(paper.abstract), kind="abstract", headings=("Abstract",), anchor=anchor)


def from_abstract(paper: Paper) -> SourceText:
    """Return the text where nothing but the abstract is wanted."""
    return SourceText(paper_id=paper.id, sentences=tuple(_sentences(abstract_block(paper), 0)))


def sentences_of(document: Document) -> Iterator[tuple[SourceSentence, ...]]:
    """Return the sentences of each block; a row of a table is one."""
    start = 0
    for block in document.blocks:
        yield tuple(_sentences(block, start))
        start += len(block.text) + 1


def _sentences(block: Block, start: int) -> Iterator[SourceSentence]:
    place = {"section": block.section, "anchor": block.anchor}
    if block.kind == "table":
        yield SourceSentence(text=block.text, start=start, end=start + len(block.text), **place)
    else:
        yield from located(block.text, start, **place)


def located(text: str, start: int = 0, *, section: str = "", anchor: str = "") -> Iterator[SourceSentence]:
    """Return the sentences of a text on one line, which begins at character `start` of the whole."""
    end = 0
    for sentence in sentences(text):
        begin = text.index(sentence, end)
        end = begin + len(sentence)
        yield SourceSentence(text=sentence, section=section, anchor=anchor, start=start + begin, end=start + end)


def clean(text: str) -> str:
    """Return a text in normal form, on one line, without unseen characters and the gaps of left-out elements."""
    return _FULL_STOP.sub(" ", _BEFORE_MARK.sub("", fold(normal_form(strip_invisible(text)))))
