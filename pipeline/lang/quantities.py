"""Reads quantities from Korean and English text: "3천6백만", "34B", "4.5 million", "a dozen", "2-4배", "초당 30장".

A quantity is a value, a kind, and its unit and rate where they are written out. Names that hold digits (GPT-4o,
Llama-3.1-8B) are no quantities. Comparing the quantities of two texts is the work of `numbers`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Literal, NamedTuple

Kind = Literal["", "%", "%p", "x", "/", "~"]  # bare, percent, percentage points, multiple, fraction, order of magnitude
Hedge = Literal["", "about", "over", "under"]


class Quantity(NamedTuple):
    """A figure as written.

    A loose one ("both", "a", a digit in a name) can prove another but asks for no proof itself. One `beside_name`
    follows a Latin-script word and may belong to a name ("Llama 2"); one `in_name` does belong to one ("Llama-2").
    One with `only` may be the figure without its 만: "0.8만 늘어" is "only 0.8" or 8,000.
    `unit` is a key of `UNITS`; `per` is what a rate counts by ("s" of "초당", "token" of "ms/token"); "" where unread.
    """

    text: str
    value: float
    kind: Kind = ""
    hedge: Hedge = ""
    loose: bool = False
    in_name: bool = False
    beside_name: bool = False
    only: bool = False
    unit: str = ""
    per: str = ""


# --- the vocabulary of numbers ----------------------------------------------------------------------------------------

_SMALL = {"십": 1e1, "백": 1e2, "천": 1e3}
_BIG = {"만": 1e4, "억": 1e8, "조": 1e12}
_NATIVE = {"두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "스무": 20}
_SINO = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5}
_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_CARDINALS = {word: float(value) for value, word in enumerate((_ONES + " seventeen eighteen nineteen").split())}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_CARDINALS |= {word: 10.0 * value for value, word in enumerate(_TENS, start=2)}
_SCALES = {"dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SUFFIXES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12, "mn": 1e6, "bn": 1e9, "kyr": 1e3, "myr": 1e6, "gyr": 1e9}
_PARTS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_MAGNITUDES = {"tens": 1e1, "dozens": 1e1} | {f"{word}s": value for word, value in _SCALES.items() if word != "dozen"}
_KOREAN_ORDERS = "십 백 천 만 십만 백만 천만 억 십억 백억 천억 조".split()
_KOREAN_MAGNITUDES = {word: 10.0**power for power, word in enumerate(_KOREAN_ORDERS, start=1)}
_MONTHS = "january february march april june july august september october november december"  # "may" is a verb
_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
# Words that say a number without being a figure: they prove a figure of the other text and ask for no proof themselves.
_LOOSE: dict[str, list[tuple[float, Kind]]] = {"decades": [(10.0, "~")], "centuries": [(100.0, "~")]}
_LOOSE["millennia"] = [(1000.0, "~")]
_LOOSE_KINDS: dict[str, tuple[Kind, ...]] = {"multiples": ("x", ""), "loose": ("",), "fractions": ("/",)}
for _table, _kinds in _LOOSE_KINDS.items():
    for _value, _words in _TABLES[_table].items():
        for _word in _words.split():
            _LOOSE.setdefault(_word, []).extend((float(_value), kind) for kind in _kinds)
# "over the last year", "a week", "per day": one of them, though no figure says so.
_SPANS = frozenset("minute hour day week month year".split())
_KOREAN_LOOSE = {word: float(value) for value, words in _TABLES["korean_loose"].items() for word in words.split()}

# Units by dimension, each with its size in the first one's.
UNITS: dict[str, tuple[str, float]] = {unit: (table[0], table[1]) for unit, table in _TABLES["units"].items()}
_UNIT_OF: dict[str, str] = {word: unit for unit, (*_, words) in _TABLES["units"].items() for word in words.split()}
_PER_OF: dict[str, str] = {word: noun for noun, words in _TABLES["per"].items() for word in words.split()}

# --- the forms of a figure --------------------------------------------------------------------------------------------

_NUM = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
_WORD = "|".join(sorted((*_CARDINALS, *_SCALES), key=len, reverse=True))
_SCALE = "hundred|thousand|million|billion|trillion"
_MAGNITUDE = "|".join(sorted(_MAGNITUDES, key=len, reverse=True))
_KOREAN_MAGNITUDE = "|".join(sorted(_KOREAN_MAGNITUDES, key=len, reverse=True))
# A scale is not the first syllable of another word: 3조각 (pieces), 2만큼 (as much as), 5 억제 (suppression).
_KOREAN_SCALE = r"(?:[십백천만억조]+|\s억)(?![각건합직율절정큼제지본])"
_COUNTER = "가지|개|번|단계|배|명|종|쌍|축|차원|편|곳|대|장|갈래|부분|방향|자리|달|시간|해|건|회|년|단위|달러"
# 만 as the particle "only": 0.8만 늘었습니다, 3만으로. Before what is counted it is ten thousand.
_ONLY = re.compile(
    r"(?:으로|,|에|\s(?:더\s|덜\s)?(?:늘|줄|높|낮|떨어|오르|올[라랐리]|내[려리]|뒤[지처]|앞서|남|달라|다르|다릅|차이|쓰|써|쓸|썼|걸[리려렸]|벌어"
    r"|좋아|나빠|빠르|빨라|느려|감소|증가|하락|상승|향상|개선|사용|필요|변[하화했]|바뀌|바꾸|얻|기록|달성|차지|추가|더[하해했]|사라|잃|손실|설정|허용))"
)
_FEW = r"(?:several|a\sfew|few|many|multiple)"

# What 열 is ten of: before another word, as 방향 or 번들링, it may be a column.
_TEN_OF = re.compile(
    r"\s?(?:가지|개(?!별)|번(?![들호역])|단계|명(?!시)|종(?!류)|쌍|편|곳|대(?![비조해])|장(?!치)|갈래|군데|달|시간|해|건|회|살|사람)"
)
_KIND = re.compile(
    r"""
    (?P<points>\s?(?:%|퍼센트)\s?(?:p(?![A-Za-z])|포인트)|\s?포인트|%?[\s-](?:percentage|percent|absolute)[\s-]points?
      |\s?pp(?![A-Za-z])|\s?p\.p\.|%?(?:\s[A-Za-z][A-Za-z0-9@]*)?[\s-]points?(?![a-z])|%\s(?:in\s)?absolute)
  | (?P<percent>\s?(?:%|퍼센트|per\s?cent(?![a-z])))
  | (?P<times>\s?배(?![치포경열타제급당분터우])|\s?×(?!\s?\d|\s?[A-Z])|\s?[xX](?![A-Za-z0-9]|\s[A-Z\d])
      |[\s-]?times(?![a-z])|[\s-]?fold(?![a-z]))
    """,
    re.VERBOSE,
)
_KINDS: dict[str | None, Kind] = {"points": "%p", "percent": "%", "times": "x"}
_FACTOR = re.compile(r"\bfactors?\sof\s$")
_BEFORE = re.compile(r"(?:약|대략|거의|[~∼≈]|about|around|nearly|roughly|approximately)\s?$")
_AFTER = re.compile(
    r"\s?(?:여|(?:[가-힣]{1,4}\s?)?(?:(?:조금|약간|살짝|갓|채)\s)?"
    r"(?:가량|정도|쯤|남짓|안팎|내외|가까[이운]|(?P<over>이상|넘|초과|웃[도돈])|(?P<under>이하|미만|못\s?미[치친쳤칩칠]|밑[도돈])))"
)
_RANGE = re.compile(r"\s?[-–—~∼]\s?|\s?(?:to|and|에서|부터|내지)\s")
_ATTACHED = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_UNITS = set(
    "d x p k kb mb gb tb ms s sec secs min mins h hr hrs fps hz khz mhz ghz km m cm mm nm px pt bit bits db st nd rd th"
    " kg g w kw kwh v".split()
)

_PARTICLE = (
    r"(?=[\s.,;:)\]/~∼–’”'\"-]|$|간|동안|까지|마다|만에|이|가|은|는|을|를|의|에|으로|로|짜리|분량|당|미만|이상|이하|여)"
)
_UNIT = re.compile(
    rf"[\s-]?(?:(?P<korean>밀리초|초|분(?!의\s?\d)|시간|개월|년|주|일|도(?!\s)|달러|(?:기가|메가|테라)바이트|(?:밀리|센티|킬로)?미터"
    rf"|(?:기가)?헤르츠|데시벨){_PARTICLE}"
    rf"|(?P<latin>(?i:{'|'.join(sorted((w for w in _UNIT_OF if w.isascii()), key=len, reverse=True))}))(?![A-Za-z0-9]))"
)
_FRAMES = re.compile(r"\+?[\s-]?(?i:fps)(?![A-Za-z])")
_PER_BEFORE = re.compile(r"([A-Za-z]+|[가-힣]{1,4})\s?당\s(?:[가-힣]{1,3}\s){0,2}$")
_PER_AFTER = re.compile(
    r"\+?(?:[\s-]?[A-Za-z가-힣]+){0,3}?(?:\s?/\s?|\sper[\s-]|\s(?:a|each|every)\s(?=second|minute|hour|day))"
    r"(?:[a-z]{1,12}\s)?([A-Za-z]+|[가-힣]{1,4})"
)

_Values = list[tuple[float, Kind]]
_Spanned = tuple[Quantity, int, int]  # with where it starts and ends
_HUGE = 1e30  # no figure of a paper is larger


def _float(figure: str) -> float:
    return float(figure.replace(",", ""))


def _cardinal(words: str) -> float:
    """Return the value of English words: "two hundred thousand", "twenty-five", "half a million", "two decades"."""
    total, section = 0.0, 0.0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in _CARDINALS:
            section += _CARDINALS[word]
        elif word == "half":
            section = 0.5
        elif word in ("hundred", "dozen"):
            section = (section or 1.0) * _SCALES[word]
        elif word in _SCALES:
            total += (section or 1.0) * _SCALES[word]
            section = 0.0
    years = 10.0 if words.lower().endswith("decades") else 100.0 if words.lower().endswith("centuries") else 1.0
    return (total + section) * years


def _korean(figure: str) -> float:
    """Return the value of a figure with Korean scales: "3천6백만", "1억 2천5백만", "0.46억", "백만", "2만5,000"."""
    total, section, number = 0.0, 0.0, 0.0
    for part in re.findall(rf"{_NUM}|[십백천만억조]", figure):
        if part in _SMALL:
            section += (number or 1.0) * _SMALL[part]
            number = 0.0
        elif part in _BIG:
            total += (section + number or 1.0) * _BIG[part]
            section = number = 0.0
        else:
            number = _float(part)
    return total + section + number


def _read_figure(text: str) -> _Values:
    number = re.match(_NUM, text)
    assert number is not None  # the form begins with one  # noqa: S101
    word = text[number.end() :].strip(" –-").lower()
    if word[:1] == "e":
        return [(_float(number[0] + word), "")]
    return [(_float(number[0]) * (_SCALES.get(word) or _SUFFIXES.get(word) or 1.0), "")]


def _read_power(text: str) -> _Values:
    """Read 10^-3 and 5×10^4."""
    number, _, power = text.rpartition("10^")
    factor = re.match(_NUM, number)
    return [(float(f"{_float(factor[0]) if factor else 1}e{power}"), "")]


def _read_ratio(text: str) -> _Values:
    top, bottom = (_float(part) for part in re.findall(_NUM, text))
    return [(top / bottom, "/")] if bottom else []


def _read_korean_fraction(text: str) -> _Values:
    bottom, top = (_SINO.get(part.strip()) or float(part) for part in text.split("분의"))
    return [(top / bottom, "/")] if bottom else []


def _read_parts(text: str) -> _Values:
    count, part = re.split(r"[\s-]", text.lower())
    return [(_CARDINALS[count] / (_PARTS.get(part) or _PARTS[part.rstrip("s")]), "/")]


def _read_magnitude(text: str) -> _Values:
    values = [_MAGNITUDES[word] for word in re.findall(_MAGNITUDE, text.lower())]
    return [(values[0] * (values[1] if len(values) > 1 else 1.0), "~")]


def _read_few(text: str) -> _Values:
    word = text.split()[-1].lower()
    return [(10.0 if word == "dozen" else _SCALES[word], "~")]


def _read_orders(text: str) -> _Values:
    count = text.split("order")[0].strip(" -").lower()
    power = float(count) if count.isdigit() else _cardinal(count) or 1.0
    return [(10.0 ** min(power, 30.0), "x")]


# One alternative a form, tried in this order; inner groups do not capture, so that `lastgroup` names the form.
_FORMS: dict[str, tuple[str, Callable[[str], _Values]]] = {
    "power": (rf"(?:{_NUM}\s?[×·⋅]\s?)?10\^-?\d{{1,2}}(?!\d)", _read_power),
    # a version: only the same one proves it
    "version": (r"(?<![\d.])\d+(?:\.\d+){2,}", lambda text: [(float(text.replace(".", "")), "")]),
    "prefixed": (rf"×\s?{_NUM}", lambda text: [(_float(text[1:].strip()), "x")]),
    "sides": (
        rf"{_NUM}\s?[x×]\s?{_NUM}(?:\s?[x×]\s?{_NUM}){{0,2}}(?![A-Za-z0-9])",
        lambda text: [(_float(side), "") for side in re.findall(_NUM, text)],
    ),
    "korean_fraction": (
        r"(?:\d{1,9}|(?<![가-힣])[이삼사오])\s?분의\s?(?:\d{1,9}|[일이삼사])",
        _read_korean_fraction,
    ),
    "ratio": (r"(?<![\d/.A-Za-z])\d{1,2}/\d{1,2}(?![\d/.A-Za-z])", _read_ratio),
    "half": (r"(?<![가-힣])절반", lambda text: [(0.5, "/")]),
    "korean_magnitude": (
        rf"(?<![가-힣A-Za-z])(?:수|몇\s?)(?:{_KOREAN_MAGNITUDE})(?=\s?(?:여|{_COUNTER})|(?<!수만)(?<!수조)\s)",
        lambda text: [(_KOREAN_MAGNITUDES[text.lstrip("수몇").strip()], "~")],
    ),
    "native": (
        # "열 수 있다" is the verb "to open"; written together "세대" (generation) and "열대" (tropics) are nouns
        rf"(?<![가-힣])(?<![가-힣]-)(?:{'|'.join(_NATIVE)})(?=가지|개|번|단계|배|명|\s(?!수\s|수도|자릿수))",
        lambda text: [(float(_NATIVE[text]), "")],
    ),
    "may": (r"(?<![A-Za-z])May(?=\s\d)|(?<=\d\s)May(?![A-Za-z])", lambda text: [(5.0, "")]),
    "round": (r"(?<![가-힣\d])(?:[십백천]만|[십백천]억)(?!큼)", lambda text: [(_korean(text), "")]),
    "few": (rf"(?<![A-Za-z])(?i:{_FEW}\s(?:{_SCALE}|dozen))(?![A-Za-z])", _read_few),
    "magnitude": (rf"(?<![A-Za-z])(?i:(?:{_MAGNITUDE})(?:\sof\s(?:{_MAGNITUDE}))?)(?![A-Za-z])", _read_magnitude),
    "orders": (
        rf"(?:(?<![A-Za-z0-9])(?:[Aa]n?\s)?(?:\d|(?i:{_WORD}))[\s-])?orders?[\s-]of[\s-]magnitudes?",
        _read_orders,
    ),
    "parts": (
        r"(?<![A-Za-z])(?i:(?:one|two|three)[\s-](?:half|halves|thirds?|quarters?|fifths?|tenths?))(?![A-Za-z])",
        _read_parts,
    ),
    "words": (
        rf"(?<![A-Za-z0-9])(?i:(?:half\s)?(?:an?\s)?(?:{_WORD})(?:(?:[\s-]|\sand\s)(?:{_WORD}))*(?:\s(?:decades|centuries))?)(?=fold|[^A-Za-z]|$)",
        lambda text: [(_cardinal(text), "")],
    ),
    "scaled": (
        rf"{_NUM}{_KOREAN_SCALE}(?:\s?{_NUM}{_KOREAN_SCALE})*(?:\s?\d,\d{{3}}(?!\d)|\d{{1,4}}(?![\d.,%])|\s\d{{3,4}}(?![\d.,%년]))?",
        lambda text: [(_korean(text), "")],
    ),
    "figure": (
        rf"{_NUM}(?:e[+-]?\d{{1,2}}(?![\dA-Za-z])|[KkMBbT](?![A-Za-z0-9])|[\s–-](?:{_SCALE})(?![a-z])"
        r"|\s?[mb]n(?![a-z])|\s?[kMG]yr(?![a-z]))?",
        _read_figure,
    ),
}
# No form begins with another character: at most places of a text one look is enough.
_FIRST = "".join(sorted({word[0] for word in (*_NATIVE, *_KOREAN_LOOSE)} | {*"×절수몇십백천이삼사오"}))
_TOKEN = re.compile(
    rf"(?=[\d\[(A-Za-zÀ-ɏ{_FIRST}])(?:"
    # An enumerator or a reference: [14], (2), "1) …, 2) …". A figure that ends a sentence looks the same: it is loose.
    # So is the one of "1인당": English says "per person".
    r"(?P<mark>\[\d{1,3}\]|\(\d\)|(?:^|(?<=[\s:,;]))\d[).](?=\s)|(?<![\d.,])1(?=\s?(?:(?:인|명|개|건|회|장|대)\s?당|(?:초|분|시간)에)\s))|"
    + "|".join(f"(?P<{form}>{pattern})" for form, (pattern, _) in _FORMS.items())
    + rf"|(?P<korean_loose>(?<![가-힣])(?:{'|'.join(_KOREAN_LOOSE)}))"
    + r"|(?P<name>(?<![A-Za-zÀ-ɏ0-9])[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ0-9]*(?:[-_./+@]+[A-Za-z0-9]+)*))"
)

# --- reading a text ---------------------------------------------------------------------------------------------------

_APART = re.compile(r"(?<=\d,) (?=000(?!\d))")  # "20, 000", as a page was read
# "33 M parameters" and "3 K examples", but "300 K", and "Figure 3 B"
_SCALE_APART = re.compile(
    r"(?<!(?i:Figure|ection)\s\d)(?<!(?i:Table)\s\d)(?<!(?i:Fig\.|Tab\.)\s\d)(?<=\d)\s"
    r"(?=[KMBT]-(?:param|token|sample|example|image|sized?|scale|word|model|pair|step|frame)"
    r"|[MB](?![A-Za-z0-9.'-]|\s(?:cells?|lymph))"
    r"|[KT]\s(?!and|for|with|the|from|under|over|are|was|but|which|using|temp|magnet|field|scan|cells?|nearest|means|tests?)"
    r"[a-z]{3})"
)
_POINT_FIRST = re.compile(r"\.(?<![\w.)\]]\.)(?=\d)")  # ".603", as tables and statisticians write
_TILDE = re.compile(r"(?<=\d)\s?sim\s?(?=\d)")  # "20sim40", of which the backslash was lost
_POWER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?[eE]\s?[-−–]\s?(\d{1,2})(?!\w|\.\d)")  # "1e − 3" is 1e-3
_RAISED = re.compile(r"(?<![\w.])10\s?\^\s?(\{?)\s?[-−–]\s?(?=\d)")  # "10^{−3}"
_LOWERED = re.compile(r"(?:(?<=[×·⋅]\s)|(?<=[×·⋅]))10\s?[-−–]\s?(?=\d{1,2}(?!\d))")  # "1 × 10 −3", as a page was read
# "4, 426, 165" and "12 000": one figure, or a list of several.
_GROUPS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})*(?:,\s|\s)\d{3}(?:(?:,\s?|\s)\d{3})*(?!\d|[.,]\d)")
_SHARE = re.compile(r"(?<![\d/.,A-Za-z-])(\d{1,3})(?:/|\s(?:out\s)?of\s(?:the\s|all\s)?)(\d{1,3})(?![\d/.A-Za-z%]|,\d)")


def plain(text: str) -> str:
    """Return the text with full-width forms, superscripts and LaTeX made plain; its length may change."""
    if not text.isascii():
        text = re.sub("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda match: "^" + match[0].replace("⁻", "-"), text)
        text = unicodedata.normalize("NFKC", re.sub("[①-⑳]", " ", text))
    if "^" in text:
        text = re.sub(r"(?<=[A-Za-zÀ-ɏα-ωΑ-Ω])\^(?=\d)", "", text)  # of a name: Synth^2 is Synth2
    if ", 000" in text:
        text = _APART.sub("", text)
    if "sim" in text:
        text = _TILDE.sub("~", text)
    if "10" in text:
        text = _LOWERED.sub("10^-", _RAISED.sub(r"10^\1-", text))
    text = _POWER.sub(r"\1e-\2", text)
    text = _POINT_FIRST.sub("0.", text)
    text = _SCALE_APART.sub("", text)
    if "\\" in text or "$" in text or "{" in text:
        text = text.replace("\\times", "×").replace("{,}", ",").replace("\\%", "%").replace("\\,", "")
        text = re.sub(r"\\(?:sim|approx)\s?", "~", text)
        text = re.sub(r"\\[A-Za-z]+\s?|[${}\\]", "", text)
    return text


@lru_cache(maxsize=1024)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a Korean or English text in order; second readings come by their range or last."""
    text = _around_numbers(plain(text))
    matches = (match for match in _TOKEN.finditer(text) if not _is_plain_word(match))
    found = [spanned for match in matches for spanned in _read(match, text)]
    second = (*_second_readings(text), *_of_measures(found, text)) if _DIGIT.search(text) else ()
    return (*_share_tails(found, text), *second)


def _second_readings(text: str) -> Iterator[Quantity]:
    """Yield what figures may be besides, as loose ones: 21 and 32 of "21/32", the one figure "4, 426, 165"."""
    for match in _GROUPS.finditer(text):
        yield Quantity(match[0], float(re.sub(r"[\s,]", "", match[0])), loose=True)
    for match in _SHARE.finditer(text):
        top, bottom = float(match[1]), float(match[2])
        yield from (Quantity(match[0], value, loose=True) for value in (top, bottom) if "/" in match[0])
        if bottom >= top:
            yield Quantity(match[0], top / (bottom or 1.0), "/", loose=True)


# A row of a table, whose header or caption says what its figures are, by bars or as a page was read.
ROW = re.compile(r"\s\|\s[^|]*\||\|\s*[-+±]?\d[\d.,%]*\s*$|(?<![\d.,%])(?:\d[\d.,%]*\s+){3}", re.MULTILINE)
_MEASURE = re.compile(r"accurac|percent|precision|recall|F1|\brates?\b|\bshares?\b|fraction|scores?\b")


def _of_measures(found: list[_Spanned], text: str) -> Iterator[Quantity]:
    """Yield bare figures as the percentages they may be, or in a row the thousands or millions, as loose ones."""
    bare = [one for one, _, _ in found if not (one.kind or one.unit or one.loose) and one.value >= 1]
    in_row = bool(bare) and "\n" not in text and ROW.search(text) is not None
    if in_row or (bare and _MEASURE.search(text)):
        yield from (one._replace(kind="%", loose=True) for one in bare if one.value <= 100)
    if in_row:
        yield from (one._replace(value=one.value * scale, loose=True) for one in bare for scale in (1e3, 1e6, 1e9))


_SAYS_A_NUMBER = frozenset((*_CARDINALS, *_SCALES, *_MAGNITUDES, *_LOOSE, *_PARTS, "order", "orders", "percentage"))
_REACH = 5  # words on either side of a number that may say what it counts
_DIGIT = re.compile(r"\d")
_COUNTED = re.compile(r"[-\d]|\d\s")
_SHORT = 400  # characters, from which on it pays to leave words out


def _around_numbers(text: str) -> str:
    """Return a long text without the words that are far from any number, for speed: a fifth is left of most papers."""
    if len(text) < _SHORT:
        return text
    words = text.split()
    kept = bytearray(len(words))
    for place, word in enumerate(words):
        if _may_say_a_number(word):
            start, end = max(0, place - _REACH), min(len(words), place + _REACH + 1)
            kept[start:end] = b"\1" * (end - start)
    runs = (" ".join(words[match.start() : match.end()]) for match in re.finditer(b"\1+", kept))
    return " … ".join(runs)


@lru_cache(maxsize=8192)
def _may_say_a_number(word: str) -> bool:
    bare = word.rstrip(".,;:)").lower()
    if bare.isalpha() and bare.isascii():
        return bare in _SAYS_A_NUMBER
    parts = bare.split("-")
    return not all(part.isalpha() and part.isascii() and part not in _SAYS_A_NUMBER for part in parts)


def _is_plain_word(match: re.Match[str]) -> bool:
    """Return whether a word says no number, as nearly all words of an English text."""
    return match.lastgroup == "name" and match[0].isalpha() and match[0].lower() not in _LOOSE


def _read(match: re.Match[str], text: str) -> list[_Spanned]:
    """Return the quantities of one match, each with where it starts and ends in the text."""
    form, start, end = match.lastgroup or "", match.start(), match.end()
    if form == "name":
        counted = match[0].lower() in _SPANS and _COUNTED.search(text, max(0, start - 2), start)  # "3-year"
        return [] if counted else [(quantity, start, end) for quantity in _in_name(match[0])]
    if form == "korean_loose":
        return [(Quantity(match[0], _KOREAN_LOOSE[match[0]], loose=True), start, end)]
    if form == "mark":
        return [(Quantity(match[0], float(match[0].strip("[]().")), loose=True), start, end)]
    tail = _KIND.match(text, end)
    attached = _ATTACHED.match(text, end) if form == "figure" and not tail else None
    if attached and attached[0].lower() not in _UNITS:
        return [(quantity, start, attached.end()) for quantity in _in_name(match[0] + attached[0])]
    kind = _KINDS[tail.lastgroup] if tail else "x" if _FACTOR.search(text, max(0, start - 12), start) else ""
    end = tail.end() if tail else end
    return [(_written(text, start, end, value, read or kind), start, end) for value, read in _FORMS[form][1](match[0])]


def _written(text: str, start: int, end: int, value: float, kind: Kind) -> Quantity:
    excerpt = text[start:end].strip()
    spelled_one = value == 1 and not kind and not excerpt[0].isdigit()  # "a" in the source proves it anyway
    is_term = (
        excerpt.lower() == "zero"
        or text.startswith(("D", "인칭"), end)
        or _joins(text, start, end)
        or (excerpt == "열" and not _TEN_OF.match(text, end))
    )  # zero-shot, 3D, a column
    beside_name = re.search(r"[A-Za-z]\s?[(@]?$", text[max(0, start - 3) : start]) is not None
    unit, per = ("", "") if kind else _measure(text, start, end)
    return Quantity(
        text=excerpt,
        value=min(value, _HUGE),
        kind=kind,
        hedge=_hedge(text, start, end),
        loose=spelled_one or is_term,
        beside_name=beside_name,
        only=re.fullmatch(rf"{_NUM}만", excerpt) is not None and _ONLY.match(text, end) is not None,
        unit=unit,
        per=per,
    )


def _joins(text: str, start: int, end: int) -> bool:
    """Return whether a 2 or 4 joins two Korean words as in 오디오2이미지, where it is read "to" or "for"."""
    return (
        text[start:end] in ("2", "4")
        and re.match(rf"[가-힣]\d(?!{_COUNTER})[가-힣]", text[start - 1 : end + 3]) is not None
    )


def _measure(text: str, start: int, end: int) -> tuple[str, str]:
    """Return a figure's unit and what its rate counts by: ("s", "token") of "2초/토큰", ("", "s") of "초당 30장"."""
    unit = _UNIT.match(text, end)
    before = _PER_BEFORE.search(text, max(0, start - 20), start)
    after = _PER_AFTER.match(text, unit.end() if unit else end, end + 50)
    noun = before[1] if before else after[1] if after else ""
    noun = noun.lower()
    per = _UNIT_OF.get(noun) or _PER_OF.get(noun) or _PER_OF.get(noun.removesuffix("s"), "")
    per = "s" if _FRAMES.match(text, end) else per
    return _UNIT_OF[(unit["korean"] or unit["latin"]).lower()] if unit else "", per


def _in_name(name: str) -> list[Quantity]:
    """Return the numbers in a Latin-script token: 34 and 34e9 in "LLaMA-34B", 2 in "dual-branch"."""
    if name.isalpha() or not any(character.isdigit() for character in name):
        words = [name.lower()] if name.isalpha() else re.split("[-_./+@]+", name.lower())
        return [
            Quantity(name, value, kind, loose=True, unit=_UNIT_OF[word] if word in _SPANS else "")
            for word in words
            for value, kind in _LOOSE.get(word, ())
        ]
    values = []
    for number, suffix in re.findall(rf"({_NUM})([KkMBbT](?![A-Za-z0-9]))?", name):
        value = min(_float(number), _HUGE)
        values += [value, value * _SUFFIXES.get(suffix.lower(), 1.0)]
    named = not re.search(r"[×@]|^(?i:top)-?\d", name)  # those of R^3×4, recall@5 and top-5 are no part of a name
    return [Quantity(name, value, loose=True, in_name=named) for value in dict.fromkeys(values)]


def _hedge(text: str, start: int, end: int) -> Hedge:
    """Return how a figure is qualified: "약 16,000", "40만 개 이상", "about 2x"."""
    after = _AFTER.match(text, end)
    if after and after["over"]:
        return "over"
    if after and after["under"]:
        return "under"
    return "about" if after or _BEFORE.search(text[max(0, start - 14) : start]) else ""


def _share_tails(found: list[_Spanned], text: str) -> Iterator[Quantity]:
    """Yield the figures, the first one of a range with the last one's scale and kind too: "2-4배", "20 to 30%".

    After a dash that is the reading to prove and the bare one is loose; after a word it is the other way round.
    """
    for (quantity, _, end), following in zip_longest(found, found[1:]):
        between = text[end : following[1]] if following else ""
        shared = _shared(quantity, following[0]) if following and _RANGE.fullmatch(between) else None
        if shared is None:
            yield quantity
            continue
        dash = not any(character.isalpha() for character in between)
        yield shared._replace(loose=not dash)
        yield quantity._replace(loose=quantity.loose or dash)


def _shared(first: Quantity, last: Quantity) -> Quantity | None:
    """Return the first figure of a range with the last one's scale and kind; None where that is no reading."""
    written = re.match(_NUM, last.text)
    if first.kind or not re.fullmatch(_NUM, first.text) or not written or last.kind in ("/", "~"):
        return None
    scale = last.value / (_float(written[0]) or 1.0)
    if not last.kind and scale == 1 and (first.unit or not last.unit):
        return None
    return first._replace(value=first.value * scale, kind=last.kind, unit=first.unit or last.unit)
