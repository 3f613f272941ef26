"""What several rooms ask of a string: white space, sentences, scripts, LaTeX. Pure."""

import re

HANGUL = re.compile(r"[가-힣ᄀ-ᇿㄱ-ㆎ]")
_HANGUL_RUN = re.compile(rf"{HANGUL.pattern}+")
_LETTER_RUN = re.compile(r"[^\W\d_]+")
# A sentence ends at . ! ? (and a closing quote or bracket) before white space and a capital, digit or Hangul.
# The space stands first in the pattern, for `re` skips to it; in a folded text there is no other, and never two.
_CLOSING = "[\"'”’)\\]]"
_END = re.compile(
    rf" (?:(?<=[.!?。] )|(?<=[.!?。]{_CLOSING} )|(?<=[.!?。]{_CLOSING}{{2}} ))(?=[\"'“‘(\[]*[A-Z0-9가-힣ぁ-ヿ一-鿿\\$])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|etc|vs|cf|resp|approx|Figs?|Eqs?|Sec|Tab|Refs?|No|Dr|Prof|w\.r\.t|a\.k\.a)"
    r"|\b[A-Z]|(?:^|[:;,] )\d{1,2})\.$"  # the last one: "…입니다: 1. 하나, 2. 둘" is one sentence
)
_LONGEST_ABBREVIATION = 10  # characters; without this bound a line of "Fig. A. …" costs the square of its length
# Control characters, soft hyphens, zero width, direction marks, Unicode's tags, variation selectors, private use,
# halves of surrogate pairs.
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ue000-\uf8ff\ud800-\udfff\U000e0000-\U0010ffff]"
)
_NOT_SHOWN = re.compile(r"\.(qt|mov|avi|mkv|wmv)(?:[?#].*)?$", re.IGNORECASE)


def fold(value: str) -> str:
    """The value on one line: every run of white space is one space, none at the ends."""
    return " ".join(value.split())


def seen(value: str) -> str:
    """The value without the characters that are in a text and that nobody sees."""
    return value if value.isascii() and value.isprintable() else UNSEEN.sub("", value)


def visible(value: str) -> str:
    """The value on one line with everything a terminal would act on or hide written as its escape, `\\x1b`."""
    if value.isprintable():
        return value
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in value)


def sentences(value: str) -> list[str]:
    """The sentences of a Korean or English text, folded to one line each, in order; abbreviations do not end one."""
    parts: list[str] = []
    for piece in _END.split(fold(value)):
        if parts and _ABBREVIATION.search(parts[-1], max(0, len(parts[-1]) - _LONGEST_ABBREVIATION)):
            parts[-1] += " " + piece
        else:
            parts.append(piece)
    return [part for part in parts if part]


def hangul_share(value: str) -> float:
    """The share of Hangul among the letters of a text, 0 to 1; 0 where there are no letters."""
    letters = sum(map(len, _LETTER_RUN.findall(value)))
    return sum(map(len, _HANGUL_RUN.findall(value))) / letters if letters else 0.0


def plain_latex(value: str) -> str:
    """LaTeX to readable Unicode on one line; what pylatexenc cannot read stays as it is.

    pylatexenc turns a bare `&` outside math into spaces and drops the body of `\\texttt{a_b}`: both are guarded.
    """
    folded = fold(value)
    if not re.search(r"[\\$~{}]|``|''", folded):
        return folded
    from pylatexenc.latex2text import LatexNodes2Text

    guarded = re.sub(r"(?<!\\)&", r"\\&", folded)
    guarded = re.sub(r"\\texttt\{([^{}]*)\}", r"\1", guarded)
    guarded = re.sub(r"(?<!\\)%", r"\\%", guarded)
    guarded = re.sub(r"(?<=\w)\\'s\b", "'s", guarded)  # an escaped apostrophe, not an accent on the s
    try:
        plain = LatexNodes2Text(math_mode="text", keep_comments=True).latex_to_text(guarded, tolerant_parsing=False)
    except Exception:  # a title is printed as it is rather than lost: pylatexenc raises many kinds on malformed input
        return folded
    return fold(plain) or folded


def media_problem(url: str | None) -> str | None:
    """Why a thumbnail should not be written, as a clause; None when it may be."""
    if not url:
        return "is missing"
    if not re.match(r"https?://[^/\s]", url):
        return "is relative" if not re.match(r"[a-z][a-z0-9+.-]*:", url, re.IGNORECASE) else "is not an http(s) address"
    if re.search(r"[\s()<>\"'\\]", url) or not url.isprintable():
        return "cannot stand in a link as it is"
    if "/avatars/" in url or re.match(r"https?://cdn-avatars\.", url):
        return "is an avatar"
    if hidden := _NOT_SHOWN.search(url):
        return f"is a .{hidden[1].lower()} file, which browsers do not show"
    return None
