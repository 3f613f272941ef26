"""Did two figures of a sentence change places? Holds it against the English that it cites.

Two figures of a kind are swapped when they come in the other order than in the English and the words near them do not
account for it, or when the words near each one are clearly those of the other. What cannot be told is let pass.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple, TypeVar

from pipeline.verify.concepts import Concepts, Mention
from pipeline.verify.quantities import Quantity, plain, quantities

_RELATION = re.compile(r"(?:중|보다|대비)\s|\b(?:while|to|from|versus|vs|than|compared|of|out)\b")
_BREAK = re.compile(rf"[,;:(]|(?:와|과|및|하고|하며|이고|이며|고|며)\s|\band\b|{_RELATION.pattern}")
_BREAK_LENGTH = 20  # characters that a comma or a conjunction counts for
_NEAR = 15  # characters within which a word belongs to a figure
_ACCOUNTED = 0.1  # so much must speak for the other order
_AGAINST = -0.2  # so much against the figures' places shows a swap in any order

_SIDES = re.compile(r"\d\s?[x×]\s?\d")

_Figure = tuple[float, str]
_K = TypeVar("_K")
_T = TypeVar("_T")


class _Text(NamedTuple):
    """The figures and words that a text has once, by where they are, and the breaks and relations between them."""

    figures: Mapping[_Figure, tuple[int, int]]
    words: Mapping[str, int]
    breaks: list[int]
    relations: list[int]
    listed: bool  # says "respectively"

    def belonging(self, word: str, figure: _Figure) -> float:
        """From 1, beside it, to 0, far from it."""
        start, end = self.figures[figure]
        place = self.words[word]
        low, high = (place, start) if place < start else (end, place)
        breaks = bisect_right(self.breaks, high) - bisect_left(self.breaks, low)
        return math.exp(-(max(0, high - low) + _BREAK_LENGTH * breaks) / _NEAR)


def swapped(korean: str, cited: str, concepts: Concepts) -> tuple[Quantity, Quantity] | None:
    """The first two figures of a Korean sentence that stand in each other's places; None where no two do."""
    wanted = {_figure(one): one for one in quantities(korean) if not one.loose}
    if len(wanted) < 2:
        return None
    translation, source = _read(korean, concepts.of_korean), _read(cited, concepts.of_english)
    common = [key for key in wanted if key in translation.figures and key in source.figures]
    words = [word for word in translation.words if word in source.words]
    for one, other in combinations(common, 2):
        if _alike(wanted[one], wanted[other]) and _exchanged(one, other, words, translation, source):
            return wanted[one], wanted[other]
    return None


def repeated(korean: str, cited: str) -> tuple[Quantity, Quantity] | None:
    """A figure that a sentence says oftener than its English, and one of the kind that it should have said instead."""
    said = [one for one in quantities(korean) if not one.loose]
    counts = Counter(_figure(one) for one in said)
    twice = [one for one in said if counts[_figure(one)] > 1]
    if not twice:
        return None
    there = [(one.value, one) for one in quantities(cited)]
    for one in twice:
        if sum(math.isclose(value, one.value) for value, _ in there) < counts[_figure(one)]:
            for value, other in there:
                if not other.loose and _alike(one, other) and value not in {written.value for written in said}:
                    return one, other
    return None


def _alike(one: Quantity, other: Quantity) -> bool:
    return _figure(one)[1] == _figure(other)[1] and (one.unit, one.per) == (other.unit, other.per)


def _exchanged(one: _Figure, other: _Figure, words: list[str], translation: _Text, source: _Text) -> bool:
    first = [text.figures[one] < text.figures[other] for text in (translation, source)]
    if translation.listed and _in_same_order(words, translation, source):
        return first[0] != first[1]
    if first[0] == first[1] and not any(_parted(one, other, words, text) for text in (translation, source)):
        return False  # of one list in one order; what it counts stands before it in Korean, after it in English
    agreement = sum(
        (translation.belonging(word, one) - translation.belonging(word, other))
        * (source.belonging(word, one) - source.belonging(word, other))
        for word in words
    )
    return agreement < (_AGAINST if first[0] == first[1] else _ACCOUNTED)


def _parted(one: _Figure, other: _Figure, words: list[str], text: _Text) -> bool:
    """Whether one of the words, or a relation ("9 of 11"), stands between two figures of a text."""
    start, end = sorted(text.figures[figure][0] for figure in (one, other))
    return any(start < place < end for place in (*text.relations, *(text.words[word] for word in words)))


def _in_same_order(words: list[str], translation: _Text, source: _Text) -> bool:
    """Whether most pairs of words come in the same order in both texts."""
    signs = (
        (translation.words[one] < translation.words[other]) == (source.words[one] < source.words[other])
        for one, other in combinations(words, 2)
    )
    same = Counter(signs)
    return same[True] > same[False]


def _figure(quantity: Quantity) -> _Figure:
    """Its value and kind; 512x512 is of a kind of its own, since no plain figure takes its place."""
    return float(f"{quantity.value:.9g}"), "sides" if _SIDES.search(quantity.text) else quantity.kind


def _read(text: str, mentions: Callable[[str], list[Mention]]) -> _Text:
    text = plain(text)
    figures = _once(_placed(text))
    inside = {place for start, end in figures.values() for place in range(start, end)}
    words = _once((mention.concept, mention.start) for mention in mentions(text) if mention.start not in inside)
    breaks, relations = ([match.start() for match in pattern.finditer(text)] for pattern in (_BREAK, _RELATION))
    return _Text(figures, words, breaks, relations, "각각" in text)


def _placed(text: str) -> Iterator[tuple[_Figure, tuple[int, int]]]:
    """The figures of a text with where they start and end; those of one excerpt ("64x64") in the same place."""
    place = 0
    for quantity in quantities(text):
        if not quantity.loose:
            found = text.find(quantity.text, place)
            place = found if found >= 0 else place
            yield _figure(quantity), (place, place + len(quantity.text))


def _once(pairs: Iterable[tuple[_K, _T]]) -> dict[_K, _T]:
    listed = list(dict.fromkeys(pairs))
    counts = Counter(key for key, _ in listed)
    return {key: value for key, value in listed if counts[key] == 1}
