"""Finds what a model must not bring into a file: markup, control characters, brackets that do not close.

Text that was read from a file is not checked here.
"""

import re

from pipeline.core.text import INVISIBLE
from pipeline.lang.ko.filler import any_of
from pipeline.lang.ko.style import Flaw

CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffd]+")
_LEADING = re.compile(
    r"^\s{0,9}(#{1,6}(?=\s|$)|[-*+](?=\s)|>|\||\d{1,9}[.)](?=\s)|={3,}|-{3,}|\*{3,}|_{3,})", re.MULTILINE
)
# What an answer had on a line of its own stands inside its sentence once that is on one line; so does a forged field.
_FORM = re.compile(
    r"(?<=\s)(?:#{1,6}|-{3,}|={3,}|\*{3,}|_{3,})(?=\s|$)|\*\*\s?:|:\s?\*\*|\s\|\s[^|\n]{0,200}\s\||\|\s?:?-{3}"
    r"|\b(?:Votes?|Authors?):\s|(?:추천 ?수|제목|쉬운 ?설명|관련 ?분야|다운로드(?: 링크)?)\s?:",
)
LATEX = any_of(
    r"\$(?! )[^$\n가-힣]{1,80}(?<! )\$(?!\d)",
    r"\\(?!u[0-9a-fA-F]{4})[A-Za-z]{2,}(?:\{[^{}\n]{0,80}\}){0,3}",
    r"_\{(?<=[A-Za-z)]..)[^{}\n]{1,40}\}",
    r"\^\{(?<=[A-Za-z)]..)[^{}\n]{1,40}\}",
)
_FORMULA = re.compile(r"[(\[{][^()\[\]{}|]{0,60}\|[^()\[\]{}|]{0,60}[)\]}]")  # p(x | z) is no row of a table
_FENCE = re.compile(r"`{3}|~{3}")
_IMAGE = re.compile(r"!\[")
# Letters of Latin script, not \b: a word of Hangul may end where an address begins.
_LINK = re.compile(
    r"\]\s?[(\[]|\]:|(?<![a-z])[a-z][a-z0-9+.-]{0,20}://[^\s가-힣]*|(?<![a-z0-9])www\.[a-z0-9-]"
    r"|(?<![a-z])(?:javascript|vbscript|data|file|mailto):(?=\S)|[a-z0-9._+-]{1,64}@[a-z0-9-]{1,64}\.[a-z]",
    re.IGNORECASE | re.ASCII,
)
_TAGS = (
    "a|abbr|audio|b|base|blockquote|body|br|button|center|code|dd|details|div|dl|dt|em|embed|font|form|h[1-6]|head|hr|html|i"
    "|iframe|img|input|kbd|li|link|math|meta|object|ol|p|picture|pre|s|script|section|select|small|span|strong|style|sub"
    "|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|u|ul|video"
)
# What would be read as HTML. Other tokens in angle brackets (<end_of_text>) are the paper's, and escaped when printed.
_HTML = re.compile(
    rf"<(?i:{_TAGS})(?=[\s/>])|<[/!?](?=[A-Za-z\[-])|<[A-Za-z][\w-]{{0,40}}\s[^<>\n]{{0,200}}=|&#[0-9xX]|&[A-Za-z]{{2,31}};"
)
_BOLD = re.compile(r"\*\*|__(?=\S)")
_INTERVAL = re.compile(r"[\[(]\s?[^\s,()\[\]]{1,8}\s?,\s?[^\s,()\[\]]{1,8}\s?[)\]]")  # [0, 1) closes as it should
_PAIRS = {")": "(", "]": "[", "}": "{", "」": "「", "』": "『", "”": "“", "）": "（", "》": "《"}
_OPENERS = frozenset(_PAIRS.values())
# An enumerator closes a bracket that nothing opened: "1) …, 2) …", "a) …".
_ENUMERATOR = re.compile(r"(?:^|[\s,:;])(?:\d{1,2}|[a-zA-Z가-힣]|[ivx]{1,4})\)$")


def problems(text: str, bold: bool = False) -> list[Flaw]:
    """Return the markup, control characters and open brackets of one sentence; `bold` allows bold type."""
    found = []
    if control := CONTROL.search(text) or INVISIBLE.search(text):
        found.append(Flaw("text/control", "A control character; put what was meant in its place.", repr(control[0])))
    if match := LATEX.search(text):
        found.append(Flaw("text/markup", "LaTeX; write the formula as plain text.", match[0]))
    for name, pattern in (("image", _IMAGE), ("link", _LINK), ("HTML", _HTML), ("code fence", _FENCE)):
        if match := pattern.search(text):
            found.append(Flaw("text/markup", f"No {name} here.", match[0]))
    if match := _LEADING.search(text):
        found.append(Flaw("text/markup", "A line must not begin like a heading, list, quote or table.", match[1]))
    elif match := _FORM.search(_FORMULA.sub("()", text)):
        found.append(Flaw("text/markup", "No heading, rule, table or label inside a sentence.", match[0].strip()))
    if not bold and (match := _BOLD.search(text)):
        found.append(Flaw("text/markup", "No bold type in this layout.", match[0]))
    if bracket := unbalanced(text):
        found.append(
            Flaw("language/brackets", "Check whether a bracket or quotation mark lacks its other half.", bracket)
        )
    return found


def unbalanced(text: str) -> str:
    """Return the first bracket or typographic quotation mark that does not pair up; "" where all do."""
    text = _INTERVAL.sub("", text)
    opened: list[tuple[str, int]] = []
    for place, character in enumerate(text):
        if character in _OPENERS:
            opened.append((character, place))
        elif opener := _PAIRS.get(character):
            if opened and opened[-1][0] == opener:
                opened.pop()
            elif not _ENUMERATOR.search(text[max(0, place - 6) : place + 1]):
                return text[max(0, place - 20) : place + 1]
    return text[opened[-1][1] :][:20] if opened else ""
