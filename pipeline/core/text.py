"""Functions of strings that several rooms share: normal form, white space, sentences, scripts, LaTeX. Pure."""

import re
import unicodedata

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
    r"|\([A-Za-z]{2,6}\.\)$"  # 성공률(Succ.)
)
_LONGEST_NAME = 40
_LONGEST_ABBREVIATION = 10  # characters; without this bound a line of "Fig. A. …" costs the square of its length
# Control characters, soft hyphens, zero width, direction marks, Unicode's tags, variation selectors, private use,
# halves of surrogate pairs.
INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ue000-\uf8ff\ud800-\udfff\U000e0000-\U0010ffff]"
)
# Those of them that can be dropped silently: a control character or an override of the direction is a finding.
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# Forms of other width, ligatures, the alphabets of mathematics and the micro sign: copies of other letters.
_VARIANT = re.compile("[\u00b5\ufb00-\ufb06\uff01-\uffee\U0001d400-\U0001d7ff]")
_WIDTH = re.compile("<(?:wide|narrow)> ([0-9A-F]{4})")
# Hyphens; figure dash, en dash and minus; a dash that separates clauses joins figures only. "2-3", "$3-$5", "-.5".
_DASH = re.compile(
    r"[‐‑](?:(?<=\w.)|(?=\w))|[‒–−](?:(?=\.?\d)|(?<=\w.)(?=[\w$€£₩]))|−(?=\w)|[—―](?:(?<=\d.)(?=\d)|(?<![^\s(\[].)(?=\.?\d))"
)
_DASH_IN_NAME = re.compile(r"[—―](?<=[A-Za-z0-9].)(?=\d(?![\d.,]*%?\s[a-z]))")
_NAMED = re.compile(r"[A-Za-z0-9]*[A-Z][A-Za-z0-9]*$", re.ASCII)
_RAISED = dict(zip("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ", strict=True))
_LOWERED = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
_MARKS = {"*": "*", r"\ast": "*", r"\star": "*", r"\dagger": "†", r"\ddagger": "‡", r"\prime": "′", r"\circ": "°"}
_GROUP = r"\{(?P<group>(?:[^{}]|\{[^{}]*\})*)\}"
_SCRIPT = re.compile(rf"(?P<sign>[\^_])\s?(?:{_GROUP}|(?P<one>\\[A-Za-z]+|[^\s\\{{}}$]))")
_TEXT_SCRIPT = re.compile(rf"(?P<sign>\\text(?:super|sub)script){_GROUP}(?P<one>)")
_POWER = re.compile(r"(?<=[\w)\]])(?P<sign>\^)(?:\{(?P<group>-?\d+)\}|(?P<one>-?\d+))(?![\w{])")
_UNIT = re.compile(r"-?[\w.,'*]*|\\[A-Za-z]+|\\[A-Za-z]+\{[^{}]*\}")
# By pandoc's rule: no space inside the dollar signs at either end, and no digit after the closing one.
_MATH = re.compile(
    r"(?<!\\)\$\$?(?:(?! )[^$]{0,400}[^$ \\]\$\$?(?!\d)|[^$]{0,400}[\\^_{][^$]{0,400}(?<!\\)\$\$?|)|\\\(.{1,200}?\\\)"
)
_LONGEST_ANSWERED = 4000  # characters
_ESCAPED = {"\t": "t", "\b": "b", "\f": "f", "\r": "r"}
_UNESCAPED = re.compile(
    "[\t\b\f\r](?=(?:(?<=\t)(?:imes|ext[a-z]*|heta|au|ilde|o)|(?<=\b)(?:eta|ar|oldsymbol)|(?<=\f)rac|(?<=\r)(?:ho|m))(?![a-z]))"
)
_FORMULA = re.compile(rf"{_MATH.pattern}|\\[A-Za-z]{{2,}}(?:\{{[^{{}}\n]{{0,80}}\}}){{0,3}}|\\[%&#_$]")
_RAISED_TAG = re.compile(r"<(su[pb])>([^<>]{1,20})</\1>", re.IGNORECASE)
_TYPE_TAG = re.compile(r"<(i|b|u|em|strong|tt|sup|sub)>([^<>]*)</\1>", re.IGNORECASE)
_NESTED = 3
_EMPHASIS = re.compile(
    r"(?<![\w*])(?:\*\*(?=\S)([^*]{1,200})(?<=\S)\*\*|\*(?=\S)([^*]{1,200})(?<=\S)\*)(?![\w*])"
    r"|(?<![\w_])_(?=[^\W_])([^_]{1,200})(?<=[^\W_])_(?![\w_])|(?<![\w`])`(?=\S)([^`'’]{1,200})(?<=\S)`(?![\w`])"
)
_NOT_SHOWN = re.compile(r"\.(qt|mov|avi|mkv|wmv)(?:[?#].*)?$", re.IGNORECASE)


def fold(value: str) -> str:
    """Return the value on one line: every run of white space is one space, none at the ends."""
    return " ".join(value.split())


def strip_invisible(value: str) -> str:
    """Return the value without the characters that nobody sees."""
    return value if value.isascii() and value.isprintable() else INVISIBLE.sub("", value)


def normal_form(value: str) -> str:
    """Return the text in the form in which texts are compared and printed; nothing visible is lost.

    It is composed (NFC) and without characters that nobody sees; full-width and half-width forms, ligatures and letters
    of mathematics become plain ones. Hyphens, dashes and minus signs become `-` where they join (GPT-4, 3-5, x-1) or
    precede a figure (-5 %). A dash between clauses stays: spaced, or an em dash between words, as in English.
    Superscripts and subscripts stay: 10⁻³ is not 10-3, Synth² not Synth2.
    """
    if value.isascii():
        return value
    text = unicodedata.normalize("NFC", _VARIANT.sub(_plain_variant, _HIDDEN.sub("", value)))
    text = _DASH.sub("-", text)
    return _DASH_IN_NAME.sub(_joint, text) if "—" in text or "―" in text else text


def _plain_variant(match: re.Match[str]) -> str:
    """Return a half-width jamo at full width: NFKC would make one of it that joins with its neighbours."""
    width = _WIDTH.fullmatch(unicodedata.decomposition(match[0]))
    return chr(int(width[1], 16)) if width else unicodedata.normalize("NFKC", match[0])


def _joint(match: re.Match[str]) -> str:
    """Return a hyphen for an em dash inside a name, GPT—4o, but not for one after a word, "gains—5 points"."""
    return "-" if _NAMED.search(match.string, max(0, match.start() - _LONGEST_NAME), match.start()) else match[0]


def printable(value: str) -> str:
    """Return the value on one line; whatever a terminal would act on or hide is written as its escape, `\\x1b`."""
    if value.isprintable():
        return value
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in value)


def sentences(value: str) -> list[str]:
    """Split a Korean or English text into sentences of one line each; abbreviations do not end one."""
    parts: list[str] = []
    for piece in _END.split(fold(value)):
        if parts and _ABBREVIATION.search(parts[-1], max(0, len(parts[-1]) - _LONGEST_ABBREVIATION)):
            parts[-1] += " " + piece
        else:
            parts.append(piece)
    return [part for part in parts if part]


def hangul_share(value: str) -> float:
    """Return the share of Hangul among the letters of a text, 0 to 1; 0 where there are no letters."""
    letters = sum(map(len, _LETTER_RUN.findall(value)))
    return sum(map(len, _HANGUL_RUN.findall(value))) / letters if letters else 0.0


def plain(value: str) -> str:
    """Return a title or an abstract on one line, in normal form, without any markup.

    LaTeX, HTML tags for type, and markdown's emphasis become plain text.
    """
    text = _RAISED_TAG.sub(_raised_tag, value) if "<" in value else value
    for _ in range(_NESTED if "<" in text else 0):
        text = _TYPE_TAG.sub(r"\2", text)
    return fold(normal_form(strip_invisible(_EMPHASIS.sub(r"\1\2\3\4", plain_latex(text)))))


def plain_latex(value: str) -> str:
    """Convert LaTeX to readable Unicode on one line; what pylatexenc cannot read, and sums of dollars, stay.

    pylatexenc turns a bare `&` outside math into spaces and drops the body of `\\texttt{a_b}`: both are guarded.
    """
    folded = _POWER.sub(_script, fold(value))
    if not re.search(r"[\\$~{}]|``|''", folded):
        return folded
    from pylatexenc.latex2text import LatexNodes2Text

    guarded = re.sub(r"(?<!\\)&", r"\\&", folded)
    guarded = re.sub(r"\\texttt\{([^{}]*)\}", r"\1", guarded)
    guarded = re.sub(r"(?<!\\)%", r"\\%", guarded)
    guarded = re.sub(r"(?<![\w.,;:)}\]])~(?=[\d$])", r"\\textasciitilde{}", guarded)  # about; else a space that holds
    guarded = re.sub(r"\\(?=\d)", "", guarded)  # of a sum whose dollar sign was lost
    guarded = re.sub(r"(?<=\w)\\'s\b", "'s", guarded)  # an escaped apostrophe, not an accent on the s
    # A dollar sign that opens no formula is escaped.
    guarded = _MATH.sub(lambda found: _SCRIPT.sub(_script, found[0]) if len(found[0]) > 1 else "\\$", guarded)
    guarded = _TEXT_SCRIPT.sub(_script, guarded)
    try:
        plain = LatexNodes2Text(math_mode="text", keep_comments=True).latex_to_text(guarded, tolerant_parsing=False)
    except Exception:  # a title is printed as it is rather than lost: pylatexenc raises many kinds on malformed input
        return folded
    return fold(plain) or folded


def plain_formulas(value: str) -> str:
    """Convert the formulas and LaTeX commands in a text, and nothing else: `$0.5\\times$` becomes 0.5×.

    A command whose backslash JSON read as the start of a control character, such as a tab, is restored first. What
    pylatexenc does not know stays, for a rule to find; so does a text far longer than any that is printed, for speed.
    """
    if len(value) > _LONGEST_ANSWERED:
        return value
    text = _UNESCAPED.sub(lambda match: "\\" + _ESCAPED[match[0]], value)
    return _FORMULA.sub(_plain_formula, text) if "\\" in text or "$" in text else text


def _plain_formula(match: re.Match[str]) -> str:
    plain = plain_latex(match[0])
    return plain if plain and "\\" not in plain else match[0]


def _script(match: re.Match[str]) -> str:
    """Return a superscript or subscript in Unicode's letters where they exist, else as `^2k`, `_(t-1)`."""
    raised = match["sign"] in ("^", r"\textsuperscript")
    sign, table = ("^", _RAISED) if raised else ("_", _LOWERED)
    inside = (match["group"] or match["one"] or "").strip()
    if raised and inside in _MARKS:
        return _MARKS[inside]
    if inside and all(char in table for char in inside):
        return "".join(table[char] for char in inside)
    inside = _SCRIPT.sub(_script, inside)
    return f"{sign}{{{inside}}}" if _UNIT.fullmatch(inside) else f"{sign}{{({inside})}}"


def _raised_tag(match: re.Match[str]) -> str:
    """Return an HTML superscript or subscript like `_script`, but words as they are: 2<sup>nd</sup> is 2nd."""
    sign, table = ("^", _RAISED) if match[1].lower() == "sup" else ("_", _LOWERED)
    if all(char in table for char in match[2]):
        return "".join(table[char] for char in match[2])
    return match[2] if match[2].isalpha() and len(match[2]) > 1 else sign + match[2]


def media_problem(url: str | None) -> str | None:
    """Return why a thumbnail should not be written, as a clause; None when it may be."""
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
