"""A sentence made false in one place and left good Korean, to test with whether somebody reads.

What is changed is what goes wrong in real digests: figures, rivals, relations, hedges, what a thing is, terms. The same
claims always give the same sentences. Pure.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from pipeline.core.models import Claim, SourceText
from pipeline.lang import termbase
from pipeline.lang.ko.conjugation import attach, final, without_final
from pipeline.lang.ko.particles import mended
from pipeline.lang.quantities import Quantity, quantities
from pipeline.verify import terms

_T = TypeVar("_T")
_DATA: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
Kind = Literal["figure", "comparator", "relation", "hedge", "role", "term", "negation"]


class Falsified(NamedTuple):
    """What the claim at `place`, from 0, says after the change."""

    kind: Kind
    place: int
    text: str


class _About(NamedTuple):
    """The English that a claim cites, the whole paper's with its title, and a number that chooses among equals."""

    cited: str
    title: str
    whole: tuple[str, ...]
    choice: int


_Way = Callable[[str, _About], str | None]


def falsified(claims: Sequence[Claim], source: SourceText, title: str) -> Iterator[Falsified]:
    """Yield every falsified sentence that the claims allow, in an order of their own: kind by kind, negations last."""
    seed = int.from_bytes(hashlib.sha256("\n".join(claim.text for claim in claims).encode()).digest()[:4])
    said = {claim.text for claim in claims}
    kinds = _turned(list(_WAYS.items()), seed)
    for kind, way in (*kinds, ("negation", _negated)):
        for place, claim in _turned(list(enumerate(claims)), seed // len(_WAYS)):
            text = way(claim.text, _about(claim, source, title, seed))
            if text and text not in said:
                yield Falsified(kind, place, mended(text))


def _turned(values: Sequence[_T], by: int) -> list[_T]:
    start = by % len(values) if values else 0
    return [*values[start:], *values[:start]]


def _about(claim: Claim, source: SourceText, title: str, seed: int) -> _About:
    whole = tuple(sentence.text for sentence in source.sentences)
    cited = [whole[number - 1] for number in claim.cites if 0 < number <= len(whole)]
    return _About(" ".join(cited or whole), title, whole, seed)


# ---- particles

_PARTICLE = re.compile(
    r"(?P<form>은|는|이|가|을|를|이라는|라는|(?:으로|로)(?=써|서|는|의|도|부터)|(?:과|와)(?=의|는|도)|(?:으로|로|과|와)(?![가-힣]))"
    r"(?=[^가-힣]|$|(?<=로)(?:써|서|는|의|도|부터)|(?<=[과와])(?:의|는|도))"
)
_CLOSED = {"는": "은", "가": "이", "를": "을", "와": "과", "로": "으로", "라는": "이라는"}


def _put(text: str, start: int, end: int, new: str) -> str:
    """Return the text with `new` from `start` to `end`, and the particle after that in a form that fits."""
    particle = _PARTICLE.match(text, end)
    if not particle:
        return text[:start] + new + text[end:]
    form = particle["form"]
    return text[:start] + attach(new, _CLOSED.get(form, form)) + text[particle.end() :]


# ---- figures

_OF_A_DATE_OR_POWER = re.compile(r"[년월일^]")
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def _figure(text: str, about: _About) -> str | None:
    """Change one digit of a figure, to a value that the paper has nowhere."""
    known = {one.value for sentence in (*about.whole, about.title, text) for one in quantities(sentence)}
    for figure in _turned([one for one in _figures(text) if one.value not in (0, 1)], about.choice):
        place = _only_place(text, figure.text)
        number = place and _NUMBER.match(text, place[0])
        if not number or _OF_A_DATE_OR_POWER.match(text, number.end()) or text[: number.start()].endswith("^"):
            continue
        for other in _others(number[0], about.choice):
            changed = _put(text, number.start(), number.end(), other)
            values = {one.value for one in quantities(changed)} - {one.value for one in quantities(text)}
            if values and not values & known and not (figure.kind == "%" and float(other.replace(",", "")) > 100):
                return changed
    return None


def _figures(text: str) -> Iterator[Quantity]:
    """Yield the exact figures of a sentence in digits that are no part of a name."""
    for one in quantities(text):
        if one.text[0].isdigit() and not (one.loose or one.in_name or one.beside_name or one.hedge):
            yield one


def _only_place(text: str, excerpt: str) -> tuple[int, int] | None:
    found = list(re.finditer(rf"(?<![\d.,A-Za-z-]){re.escape(excerpt)}(?![\d.,])", text))
    return found[0].span() if len(found) == 1 else None


def _others(number: str, choice: int) -> Iterator[str]:
    """Yield the number with its second digit changed, or its only one: near enough to be believed."""
    places = [place for place, character in enumerate(number) if character.isdigit()]
    first = next((at for at, place in enumerate(places) if number[place] != "0"), 0)
    place = places[min(first + 1, len(places) - 1)]
    for digit in _turned("23456789", choice):
        if abs(int(digit) - int(number[place])) > 1:
            yield number[:place] + digit + number[place + 1 :]


# ---- names

_AGAINST = re.compile(
    r"보다|에\s비해|(?:와|과)\s비교|\s대비|(?:을|를)\s(?:\d\S*\s)?(?:능가|앞서|앞섭|앞지|넘어서|넘어섭|뛰어넘|웃도|웃돕)"
)
_COMPARES = re.compile(
    r"\b(?:than|over|outperform\w*|compar\w+|surpass\w*|exceed\w*|against|versus|vs|baselines?|better|beats?)\b", re.I
)
_SET = r"(?:benchmarks?|data\s?sets?|test\ssets?|leaderboards?|suites?|corpus|corpora)"
_BEST = re.compile(r"state[- ]of[- ]the[- ]art|\bSOTA\b|\bbest\b|strongest|leading", re.I)
_EARLIER = re.compile(
    r"(?:기존|이전|선행|다른)(?:의)?\s(?=[가-힣 ]{0,12}(?:방법|모델|기법|방식|연구|접근)[가-힣]*보다)"
)


# Not v1.0, an address, a symbol with an index, a term in capitals (Norm-Constrained), what kind of model it is (LMM).
_NAMED = re.compile(r"(?![A-Z]{0,3}[LM]Ms?$)(?=(?:.*-)?[\w.+]+[A-Z0-9])[A-Z][\w.+-]*[A-Za-z]")


class _PlacedName(NamedTuple):
    text: str
    start: int
    end: int


def _names(text: str) -> list[_PlacedName]:
    """Return the names of a sentence that only one thing bears, with their places."""
    telling = [name for name in dict.fromkeys(terms.names(text)) if terms.is_telling(name) and _NAMED.match(name)]
    places = [(name, found) for name in telling for found in _stands(name).finditer(text)]
    return sorted((_PlacedName(name, *found.span()) for name, found in places), key=lambda name: name.start)


def _stands(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9-]){re.escape(name)}(?![A-Za-z0-9-])")


def _comparator(text: str, about: _About) -> str | None:
    """Put another name of the paper in the place of a rival, or the best methods in that of earlier ones."""
    figures = {one.value for one in quantities(text) if not one.loose}
    strangers = [name for name in _strangers(text, about) if _is_no_rival(name, figures, about)]
    for name in _turned(_names(text), about.choice):
        if strangers and _AGAINST.match(text, name.end) and name.text not in about.title:
            return _put(text, name.start, name.end, strangers[about.choice % len(strangers)])
    if _BEST.search(" ".join(about.whole)):
        return None
    changed = _EARLIER.sub("현재 최고 성능의 ", text, count=1)
    return changed if changed != text else None


def _strangers(text: str, about: _About) -> list[str]:
    """Return the names of the paper that neither the sentence has, nor what it cites, nor the title."""
    near = f"{text} {about.cited} {about.title}".lower()
    found = (name.text for sentence in about.whole for name in _names(sentence))
    return [name for name in dict.fromkeys(found) if name.lower().removesuffix("s") not in near]


def _is_no_rival(name: str, figures: set[float], about: _About) -> bool:
    """Tell whether no sentence of the paper could say of a name what is said of another."""
    beside = [sentence for sentence in about.whole if _stands(name).search(sentence)]
    if figures:
        return not any(figures & {one.value for one in quantities(sentence)} for sentence in beside)
    return not any(_COMPARES.search(sentence) for sentence in beside)


def _role(text: str, about: _About) -> str | None:
    """Turn a model into a benchmark, or a benchmark into a model."""
    whole = " ".join(about.whole)
    for name in _turned(_names(text), about.choice):
        is_set = _is_set(name.text, whole) or re.match(r"\s?(?:벤치마크|데이터\s?셋|데이터\s?세트)", text[name.end :])
        changed = _as_model(text, name) if is_set else _as_set(text, name)
        is_both = is_set and re.search(rf"{re.escape(name.text)}[\w\s-]{{0,20}}\bmodel", whole)
        if changed and not is_both:
            return changed
    return None


def _is_set(name: str, whole: str) -> bool:
    """Tell whether the English calls a name a benchmark or a data set."""
    after = rf"{_stands(name).pattern}(?:\s[\w-]+){{0,2}}\s{_SET}"
    before = rf"\b{_SET}[^.;]{{0,12}}(?:such as|like|including|e\.g\.|namely|:|\()[^.;]{{0,60}}{_stands(name).pattern}"
    return re.search(rf"{after}|{before}", whole, re.I) is not None


def _as_set(text: str, name: _PlacedName) -> str | None:
    """Turn "A보다 2% 높습니다" into "A 벤치마크에서 2% 높습니다"."""
    if against := re.compile(r"보다|\s대비|에\s비해(?:서)?").match(text, name.end):
        return f"{text[: name.end]} 벤치마크에서{text[against.end() :]}"
    if against := re.compile(r"(?:을|를)\s(?=능가|앞서|앞섭|넘어서|넘어섭|뛰어넘)").match(text, name.end):
        return f"{text[: name.end]} 벤치마크의 기존 기록을 {text[against.end() :]}"
    return None


def _as_model(text: str, name: _PlacedName) -> str | None:
    """Turn "A 벤치마크를 공개합니다" into "A 모델을 공개합니다", "A에서 92%를" into "A 모델을 사용해 92%를"."""
    if called := re.compile(r"\s?(?:벤치마크|데이터\s?셋|데이터\s?세트)(?![가-힣]*들)").match(text, name.end):
        return _put(text, called.start(), called.end(), " 모델")
    if where := re.compile(r"에서(?:는|도)?(?=\s)").match(text, name.end):
        return f"{text[: name.end]} 모델을 사용해{text[where.end() :]}"
    return None


# ---- relations

_OPPOSITE: dict[str, str] = _DATA["opposites"] | {after: before for before, after in _DATA["opposites"].items()}
_OPPOSITE |= _DATA["one_way_opposites"]
_RELATED = re.compile("|".join(sorted(map(re.escape, _OPPOSITE), key=len, reverse=True)))
_SURPASSES = re.compile(r"(?:을|를)\s(?P<by>\d\S*\s)?능가(?=합|하|했)")
_LEADS = re.compile(r"(?:을|를|보다)\s(?P<by>\d\S*\s)?앞(?P<how>섭니다|서는|서고|서며|선|섰)")
_TRAILS = {"섭니다": "집니다", "서는": "지는", "서고": "지고", "서며": "지며", "선": "진", "섰": "졌"}


def _relation(text: str, about: _About) -> str | None:
    """Exchange two names of a comparison, or turn the comparison round by its word."""
    names = _names(text)
    for one, other in pairwise(names):
        subject = re.match(r"(?:은|는|이|가)\s", text[one.end :])
        if subject and re.match(r"보다|을\s능가|를\s능가", text[other.end :]) and one.text != other.text:
            return _put(_put(text, other.start, other.end, one.text), one.start, one.end, other.text)
    if beats := _SURPASSES.search(text):
        return f"{text[: beats.start()]}에 {beats['by'] or ''}미치지 못{text[beats.end() :]}"
    if leads := _LEADS.search(text):
        return f"{text[: leads.start()]}에 {leads['by'] or ''}뒤{_TRAILS[leads['how']]}{text[leads.end() :]}"
    found = list(_RELATED.finditer(text))
    if not found:
        return None
    word = found[about.choice % len(found)]
    return _put(text, *word.span(), _OPPOSITE[word[0]])


# ---- hedges

_HEDGES: list[tuple[str, str, str]] = _DATA["hedges"]
# A stem with the final of "할 수 있습니다": nine code points on, it has that of "합니다".
_MAY = re.compile(r"([할될킬날질줄낼일릴출])\s(?:수\s(?:도\s)?있습니다|가능성이\s(?:있|높)습니다)\.$")
_TO_STRONG = 9
_MAY_BE = re.compile(r"\b(?:may|might|could|potential\w*|possib\w*|suggests?|likely)\b", re.I)


def _hedge(text: str, about: _About) -> str | None:
    """Drop a hedge or a condition that the paper has, or turn it into its opposite."""
    for korean, english, strong in _turned(_HEDGES, about.choice):
        if re.search(english, about.cited, re.I) and (found := re.search(korean, text)):
            return text[: found.start()] + strong + text[found.end() :]
    if _MAY_BE.search(about.cited) and (may := _MAY.search(text)):
        return f"{text[: may.start()]}{chr(ord(may[1]) + _TO_STRONG)}니다."
    return None


# ---- terms

_AFTER_A_NOUN = r"(?=[은는이가을를과와의에로도만]|으로|[\s,.()]|$)"
_ENDS_NO_NOUN = re.compile(r"(?:즉각|즉시|[인는한된운의을에과이만적]|은|서|으로|부터|없이)$")


def _term(text: str, about: _About) -> str | None:
    """Render a term of the field in Korean words that mean something else."""
    found = []
    for term in termbase.load().terms_in(about.cited):
        if term.english not in _DATA["mild"]:
            found += [
                one for usual in term.korean for wrong in term.misleading if (one := _mistaken(text, usual, wrong))
            ]
    return found[about.choice % len(found)] if found else None


def _mistaken(text: str, usual: str, wrong: str) -> str | None:
    """Return the text with a noun rendered wrongly, its last words where the wrong rendering has fewer."""
    many, few = usual.split(), wrong.split()
    if len(few) > len(many) or wrong in text or _ENDS_NO_NOUN.search(usual) or _ENDS_NO_NOUN.search(wrong):
        return None
    place = re.search(rf"(?<![가-힣]){re.escape(usual)}{_AFTER_A_NOUN}", text)
    if not place:
        return None
    return _put(text, place.start(), place.end(), " ".join([*many[: len(many) - len(few)], *few]))


# ---- what is left

_ENDS = re.compile(r"(?P<verb>[가-힣])(?P<end>니다|다|)(?=[.!]?$)")
_DENIED = {"니다": ("ㅂ", "않습니다"), "다": ("ㄴ", "않는다"), "": ("ㅁ", "않음")}
_WAS = {"했": "하", "됐": "되", "켰": "키", "렸": "리", "냈": "내", "줬": "주", "났": "나", "보였": "보이"}
_PAST = re.compile(rf"(?:(?P<verb>{'|'.join(_WAS)})|(?<=[가-힣])(?<!이)[었았])(?P<end>습니다|다|음)(?=[.!]?$)")
_IS = re.compile(r"(?<![보높줄쓰모쌓])(?:입니다|이다|이었습니다|였습니다)(?=[.!]?$)")
_IS_NOT = {"입니다": "아닙니다", "이다": "아니다", "이었습니다": "아니었습니다", "였습니다": "아니었습니다"}
_STATE = re.compile(r"[있높낮많적좋같](?=습니다[.!]?$)")


def _negated(text: str, _: _About) -> str | None:
    """Deny the last verb of the sentence."""
    if can := re.search(r"(?<=수 )있(?=습니다[.!]?$|다[.!]?$)", text):
        return f"{text[: can.start()]}없{text[can.end() :]}"
    if state := _STATE.search(text):
        return f"{text[: state.end()]}지 않{text[state.end() :]}"
    if is_one := _IS.search(text):
        head = text[: is_one.start()]
        return f"{head}{'이' if final(head) else '가'} {_IS_NOT[is_one[0]]}{text[is_one.end() :]}"
    if past := _PAST.search(text):
        return f"{text[: past.start()]}{_WAS.get(past['verb'], '')}지 않았{past['end']}{text[past.end() :]}"
    present = _ENDS.search(text)
    return present and _denied(text, present)


def _denied(text: str, present: re.Match[str]) -> str | None:
    consonant, ending = _DENIED[present["end"]]
    stem = without_final(present["verb"], consonant)
    head, rest = text[: present.start()], text[present.end() :]
    if stem is None or stem == "스" or head.endswith("야 "):  # 습니다 has no stem, 해야 합니다 another denial
        return None
    if not present["end"] and stem not in ("하", "되", "키"):  # 시스템 is no verb
        return None
    return f"{head}{stem}지 {ending}{rest}"


_WAYS: dict[Kind, _Way] = {
    "figure": _figure,
    "comparator": _comparator,
    "relation": _relation,
    "hedge": _hedge,
    "role": _role,
    "term": _term,
}
