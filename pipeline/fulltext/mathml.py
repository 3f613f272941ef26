"""A formula as readable text, from its presentation MathML: what a reader sees, once. Pure.

Neither `alttext` nor the annotations are read: they repeat the formula, and can hold what is not shown.
The elements: https://www.w3.org/TR/mathml-core/
"""

import re
import unicodedata
from collections.abc import Callable

from selectolax.lexbor import LexborNode

Shown = Callable[[LexborNode], bool]

_UNREAD = frozenset({"annotation", "annotation-xml", "mphantom", "merror", "mspace", "none", "mprescripts"})
_LETTERS = frozenset({"mi", "mn", "mtext", "ms"})
_INVISIBLE = str.maketrans({"\u2061": " ", "\u2063": "", "\u2064": "", "\u2212": "-"})
_SPACED = frozenset("=<>≤≥≠≈≃≅∼∝≡≪≫∈∉⊂⊆∪∩∣→←↦⇒⇔+-×·±∓∘⊕⊗⊙∧∨≔")
_ACCENTS = frozenset("^~`_\u00a8\u00af\u00b4\u02c6\u02c7\u02d8\u02d9\u02dc\u203e\u2192\u20d7\u23de\u23df")
_MARKS = frozenset("′″†‡*∗%∘")
_SIMPLE = re.compile(r"-?[\w.,'*†‡%∞]*")


def text(node: LexborNode, shown: Shown) -> str:
    """Return the text of a `math` element; `shown` says of an element inside whether it can be seen."""
    times = re.sub(r"\u2062(?=\w{2})", " ", _text(node, shown))  # "1 MiB", but "2n"
    return re.sub(r" {2,}", " ", times.replace("\u2062", "")).strip()


def _text(node: LexborNode, shown: Shown) -> str:
    tag = node.tag or ""
    if tag in _UNREAD or not shown(node):
        return ""
    if tag in _LETTERS:
        return unicodedata.normalize("NFKC", node.text()).translate(_INVISIBLE)
    if tag == "mo":
        sign = node.text().translate(_INVISIBLE)
        # the first is a sign before a number, not between two
        return f" {sign} " if sign in _SPACED and node.prev is not None else sign
    parts = [_text(child, shown) for child in node.iter()]
    if tag in _BUILDERS and len(parts) == _BUILDERS[tag][0]:
        return _BUILDERS[tag][1](parts)
    inside = _BETWEEN.get(tag, "").join(parts)
    return f"√{_grouped(inside)}" if tag == "msqrt" else inside


def _grouped(part: str) -> str:
    part = part.strip()
    return part if _SIMPLE.fullmatch(part) else f"({part})"


def _above(parts: list[str]) -> str:
    base, exponent = parts[0].strip(), parts[1].strip()
    mark = exponent if exponent in _MARKS else f"^{_grouped(exponent)}"
    return base + mark if exponent else base


def _both(parts: list[str]) -> str:
    return f"{parts[0].strip()}_{_grouped(parts[1])}^{_grouped(parts[2])} "


_BETWEEN = {"mtable": "; ", "mtr": ", "}
_BUILDERS: dict[str, tuple[int, Callable[[list[str]], str]]] = {
    "msup": (2, _above),
    "msub": (2, lambda parts: f"{parts[0].strip()}_{_grouped(parts[1])}"),
    "msubsup": (3, lambda parts: _both(parts).strip()),
    "munder": (2, lambda parts: f"{parts[0]}_{_grouped(parts[1])} "),
    "mover": (2, lambda parts: parts[0] if parts[1].strip() in _ACCENTS else _above(parts)),
    "munderover": (3, _both),
    "mfrac": (2, lambda parts: f"{_grouped(parts[0])}/{_grouped(parts[1])}"),
    "mroot": (2, lambda parts: f"{_grouped(parts[1])}√{_grouped(parts[0])}"),
}
