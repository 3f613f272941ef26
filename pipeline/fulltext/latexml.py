"""arXiv's HTML, which LaTeXML makes of the LaTeX source, to blocks of text. Pure.

Left out: bibliography, thanks, authors, navigation, parenthetical citations, numbers of equations, drawings, attributes
and whatever a reader of the page cannot see (`visibility`), which is noted. LaTeXML's elements and classes:
https://math.nist.gov/~BMiller/LaTeXML/manual/ ; which of them occur on arXiv is told by the pages in the tests.
"""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.core.errors import SourceError
from pipeline.core.text import fold, printable
from pipeline.fulltext import mathml, tables
from pipeline.fulltext.document import Block, Kind, clean
from pipeline.fulltext.visibility import Look, look

SOURCE = "arXiv HTML"
MOST_NOTES = 20
_EXCERPT = 80
_FEWEST_CHARACTERS = 200  # a page with less is a message, or what a failed conversion left

_NOISE_TAGS = frozenset(
    "script style head nav header footer button svg noscript template form iframe object img video audio".split()
)
_NOISE = frozenset(
    "ltx_authors ltx_dates ltx_bibliography ltx_biblist ltx_acknowledgements ltx_page_header ltx_page_footer ltx_TOC"
    " ltx_page_navbar ltx_ERROR ltx_role_institutetext ltx_role_thanks ltx_listing_data ltx_picture ltx_index"
    " ltx_note_mark ltx_tag_note ltx_eqn_eqno ltx_tag_equation ltx_tag_listingline ltx_pagination"
    " package-alerts".split()
)
_NOISE_TITLE = re.compile(r"(references|bibliography|acknowledge?ments?|참고\s*문헌|감사의 [글말])", re.IGNORECASE)
_SECTIONS = frozenset(
    "ltx_part ltx_chapter ltx_section ltx_subsection ltx_subsubsection ltx_paragraph ltx_subparagraph ltx_abstract"
    " ltx_appendix".split()
)
_KINDS: dict[str, Kind] = {
    "ltx_item": "item",
    "ltx_theorem": "theorem",
    "ltx_proof": "proof",
    "ltx_listing": "code",
    "ltx_verbatim": "code",
    "ltx_figure": "figure",
    "ltx_table": "figure",
    "ltx_float": "figure",
    "ltx_caption": "caption",
}
_BLOCK_TAGS = frozenset("div p section article main ul ol dl li blockquote figure pre".split())
_SPACED_TAGS = frozenset("br td th tr p".split())
_CITED_IN_PASSING = re.compile(r"[\[(].*|[\d,;\s–-]*", re.DOTALL)
_DIGITS = re.compile(r"[-−]?\d+")
_WORD = re.compile(r"[^\W\d_]{3}")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def parse(data: bytes, url: str) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Return the page's blocks in its order, and notes on what was hidden in it.

    SourceError when the page is no paper: an error or a notice, a conversion that failed, elements nested too deeply.
    """
    tree = LexborHTMLParser(_decoded(data))
    article = tree.css_first(".ltx_document")
    if article is None:
        title = tree.css_first("title")
        said = fold(title.text())[:_EXCERPT] if title else ""
        raise SourceError(SOURCE, url, f"answered a page that is no paper: “{printable(said)}”")
    reader = _HtmlReader()
    try:
        reader.read(article, Look())
    except RecursionError:
        raise SourceError(SOURCE, url, "the page's elements are nested too deeply") from None
    reader.flush()
    if sum(len(block.text) for block in reader.blocks) < _FEWEST_CHARACTERS:
        raise SourceError(SOURCE, url, "the page has next to no text; its conversion may have failed")
    return tuple(reader.blocks), tuple(reader.notes)[:MOST_NOTES]


def _decoded(data: bytes) -> str:
    """Decode as UTF-8 where it is valid, else as the page declares, else as Windows-1252, as browsers do."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = _CHARSET.search(data[:2048])
    name = declared[1].decode("ascii", "replace").lower() if declared else ""
    try:
        # What is declared as UTF-8 and is not is UTF-8 with a few broken bytes.
        return data.decode("cp1252" if name in ("", "latin1", "iso-8859-1", "us-ascii") else name, "replace")
    except LookupError:
        return data.decode("cp1252", "replace")


class _HtmlReader:
    """Walks the page once. Text gathers in `_parts` until the block that it belongs to ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.notes: dict[str, None] = {}
        self._parts: list[str] = []
        self._lead = ""
        self._footnotes: list[Block] = []
        self._here = Block(text="")
        self._nested = 0  # above 0 text is gathered for a title, a cell, a footnote: no block begins or ends

    def read(self, node: LexborNode, around: Look) -> None:
        for child in node.iter(include_text=True):
            if child.is_text_node:
                self._parts.append(child.text_content or "")
            elif child.is_element_node:
                self._element(child, around)

    def flush(self) -> None:
        """End the block, if there is one, and let its footnotes follow."""
        if self._nested:
            self._parts.append(" ")
            return
        text = clean("".join(self._parts).replace("∎", ""))
        self._parts.clear()
        if text:
            self.blocks.append(self._here.model_copy(update={"text": self._lead + text}))
            self._lead = ""
        self.blocks += self._footnotes
        self._footnotes.clear()

    def _element(self, node: LexborNode, around: Look) -> None:
        tag, attributes = node.tag or "", node.attributes
        classes = frozenset((attributes.get("class") or "").split())
        if tag in _NOISE_TAGS or not _NOISE.isdisjoint(classes):
            return
        now = look(attributes, around)
        if now.hidden:
            self._note_hidden(node, now.hidden)
        elif tag == "math":
            self._parts.append(mathml.text(node, lambda inner: self._shown(inner, now)))
        elif "ltx_cite" in classes:
            cited = self._inline(node, now)
            self._parts.append("" if _CITED_IN_PASSING.fullmatch(cited) else cited)
        elif "ltx_note" in classes:
            self._footnote(node, now)
        elif not _SECTIONS.isdisjoint(classes):
            self._section(node, classes, now)
        elif "ltx_title" in classes:
            self._title(node, classes, now)
        elif "ltx_tag_item" in classes:
            term = self._inline(node, now)
            self._lead = f"{term.rstrip(':')}: " if _WORD.search(term) else self._lead
        elif tag == "sup":
            raised = self._inline(node, now)
            self._parts.append(f"^{raised}" if _DIGITS.fullmatch(raised) else raised)
        elif "ltx_tabular" in classes:
            self._table(node, now)
        else:
            self._plain(node, tag, classes, now)

    def _plain(self, node: LexborNode, tag: str, classes: frozenset[str], now: Look) -> None:
        kind = next((_KINDS[name] for name in _KINDS if name in classes), None)
        if "ltx_p" not in classes and (kind or tag in _BLOCK_TAGS):
            with self._block(node, kind):
                self._captions_first(node, now) if kind == "figure" else self.read(node, now)
            return
        self._parts.append(" " if tag in _SPACED_TAGS or "ltx_equation" in classes else "")
        self.read(node, now)
        self._parts.append(" " if tag in _SPACED_TAGS or tag == "table" else "")

    @contextmanager
    def _block(self, node: LexborNode, kind: Kind | None = None, heading: str = "") -> Iterator[None]:
        """Give a block of its own to what is read inside."""
        self.flush()
        before = self._here
        # All parts of a figure or table have its address, so that they can be kept together.
        fixed = before.kind in ("figure", "caption") and kind != "figure"
        self._here = before.model_copy(
            update={
                "kind": kind or before.kind,
                "anchor": before.anchor if fixed else node.id or before.anchor,
                "headings": (*before.headings, heading) if heading else before.headings,
            }
        )
        yield
        self.flush()
        self._here = before
        self._lead = "" if kind in ("theorem", "proof") else self._lead

    def _captions_first(self, figure: LexborNode, now: Look) -> None:
        """Read captions before their table, wherever they stand."""
        children = [child for child in figure.iter() if child.is_element_node]
        children.sort(key=lambda child: "ltx_caption" not in (child.attributes.get("class") or ""))
        for child in children:
            self._element(child, now)

    def _section(self, node: LexborNode, classes: frozenset[str], now: Look) -> None:
        title = next((child for child in node.iter() if "ltx_title" in (child.attributes.get("class") or "")), None)
        heading = self._inline(title, now).rstrip(".: ") if title else ""
        if _NOISE_TITLE.fullmatch(heading):
            return
        with self._block(node, "abstract" if "ltx_abstract" in classes else None, heading):
            if "ltx_appendix" in classes:
                self._here = self._here.model_copy(update={"appendix": True})
            self.read(node, now)

    def _title(self, node: LexborNode, classes: frozenset[str], now: Look) -> None:
        """Read the title of a theorem, which begins its text; a section's was read with it."""
        if not classes.isdisjoint({"ltx_title_theorem", "ltx_title_proof"}):
            self._lead = self._inline(node, now).rstrip(".: ") + ": "

    def _footnote(self, node: LexborNode, now: Look) -> None:
        text = self._inline(node, now)
        if text:
            update = {"text": text, "kind": "footnote", "anchor": node.id or self._here.anchor}
            self._footnotes.append(self._here.model_copy(update=update))

    def _table(self, node: LexborNode, now: Look) -> None:
        if self._nested:
            self.read(node, now)
            return
        self.flush()
        anchor = self._here.anchor if self._here.kind == "figure" else node.id or self._here.anchor
        for line in tables.lines(node, lambda cell: self._cell(cell, now)):
            self.blocks.append(self._here.model_copy(update={"text": line, "kind": "table", "anchor": anchor}))

    def _cell(self, node: LexborNode, around: Look) -> str:
        return self._inline(node, look(node.attributes, around)) if self._shown(node, around) else ""

    def _inline(self, node: LexborNode, now: Look) -> str:
        """Return the text of an element that looks so, in which no block begins."""
        outer, self._parts = self._parts, []
        self._nested += 1
        self.read(node, now)
        self._nested -= 1
        text, self._parts = clean("".join(self._parts)), outer
        return text

    def _shown(self, node: LexborNode, around: Look) -> bool:
        hidden = look(node.attributes, around).hidden
        if hidden:
            self._note_hidden(node, hidden)
        return not hidden

    def _note_hidden(self, node: LexborNode, reason: str) -> None:
        """Note what is hidden, but for placeholders and duplicates without a word."""
        text = fold(node.text(separator=" "))
        if _WORD.search(text):
            self.notes[f"hidden text ({reason}): “{printable(text[:_EXCERPT])}”"] = None
