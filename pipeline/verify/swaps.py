"""Finds two figures of a Korean sentence that changed places, by the English that it cites.

Two figures of a kind are swapped when what stands beside one of them (a word, a name, another figure) stands beside the
other in the English, or when each has the other's part in a relation such as "9 of 11". Their order alone says nothing.
What cannot be told is let pass.
"""

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations, pairwise
from typing import NamedTuple, TypeVar

from pipeline.lang.concepts import Concepts, Mention
from pipeline.lang.quantities import Quantity, plain, quantities
from pipeline.verify import terms

_BREAK = re.compile(
    r"[,;:()]|(?:와|과|및|하고|하며|이고|이며|고|며|지만)\s|\b(?:and|or|while|whereas|but|versus|vs|using)\b"
)
_END = re.compile(r"(?<=[.!?])\s(?=\S)|\n")
# The phrase of a Korean figure ends with its particle, unless a relative clause goes on: 8장으로, but 8장으로 학습한.
_CLOSED = re.compile(
    r"\S{0,3}?(?:으로|로|에서|에|을|를|은|는|이|가|까지|만에)\s(?!\S*[는한된진인른난은킨든운춘할될]\s)"
)
_TOPIC = re.compile(r"\S{0,6}?[은는이가을를]\s")  # a label with its particle: what follows is rather another phrase
_COUNTED = r"\s?(?:[A-Za-z%]{1,4}|[가-힣]{0,3}?)"
# Between a figure and what it counts: "3 models", "an 8B parameter model".
_COUNTING = re.compile(
    r"(?:[A-Za-z]{1,3}|\s?%)?(?:[가-힣]{0,2}의)?\s(?:(?!(?:and|or|with|of|in|on|for|to|at|from|by|than)\s)[a-z-]+\s)?"
)
_BOUND = re.compile(r"\s?[(:=]\s?")  # between a name and its figure
_JOINT = re.compile(
    rf"{_COUNTED}(?:\s?[,/]\s?(?:(?:and|or)\s)?|(?:와|과|\s(?:및|또는|혹은))\s|\s(?:and|or)\s)(?:약\s|각각\s)?"
)
# Two figures of which one is the first: "2-4", "from 2 to 4", "2 compared to 4".
_RANGE = re.compile(
    rf"{_COUNTED}(?:\s?(?:->|[~→–-])\s?|(?:에서|부터|\s(?:대|to|vs\.?|versus|compared\s(?:to|with)))\s)"
)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*|[가-힣]{1,2}|.")
# A name of several parts: "top-5", "pass@10", GSM8K.
_JOINED = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z](?:[A-Za-z0-9]*(?:[-@_/][A-Za-z0-9]+)+|[A-Za-z]*[0-9]+[A-Za-z][A-Za-z0-9]*)"
)
# What a figure is to the other one: the word before it in English, after it and what it counts in Korean.
_COUNTS = "one|two|three|four|five|six|seven|eight|nine|ten"
_ROLES = {
    "from": (r"\bfrom", "(?:에서|부터)"),
    "to": (r"\bto", "(?:으로|로|까지)"),
    "than": (r"\b(?:than|versus|vs\.?|compared\s(?:to|with))", r"(?:보다|\s대비|에\s비해)"),
    "of": (rf"(?:\b(?:{_COUNTS})|\d\S*)\s(?:[a-z-]+\s){{0,2}}(?:out\s)?of", r"(?:\s[가-힣]{1,6})?\s?(?:중|가운데)"),
}
_BEFORE = {
    role: re.compile(rf"{english}\s(?:(?:the|all|about|around|only|above|over|under|nearly|(?:less|more)\sthan)\s)?$")
    for role, (english, _) in _ROLES.items()
}
_AFTER = {role: re.compile(rf"{_COUNTED}{korean}(?![가-힣])") for role, (_, korean) in _ROLES.items()}
_BREAK_LENGTH = 30  # characters that a break, or a figure between, counts for
_NEAR = 15  # characters within which a label belongs to a figure
_AGAINST, _STRONGLY = -0.01, -0.1  # so much shows that the labels are each other's, where the order is turned or not
_PLAINLY = -0.03  # and so much where words of one stem stand beside both
_BESIDE = 0.5  # what is nearer than this, of 1, stands beside a figure

_Figure = tuple[float, str]  # its value and kind
_Label = str | _Figure
_Span = tuple[int, int]
_Key = TypeVar("_Key")


class _LabelledText(NamedTuple):
    """Where a text has its figures and its labels (words and figures), where it breaks, and what is listed in it."""

    text: str
    figures: Mapping[_Figure, list[_Span]]
    labels: Mapping[_Label, list[_Span]]
    breaks: list[int]
    lists: list[list[_Span]]

    def leaning(self, label: _Label, one: _Figure, other: _Figure) -> float:
        """Return from 1, with the one figure, to -1, with the other; 0 where it is with a third one or with both."""
        if listed := self.listed(one, other):
            return self._matched(label, one, listed) - self._matched(label, other, listed)
        near = {figure: self.nearness(label, figure) for figure in self.figures if figure != label}
        return near[one] - near[other] if max(near.values()) == max(near[one], near[other]) else 0.0

    def listed(self, one: _Label, other: _Label) -> list[_Span]:
        """Return the list that both are items of, as "2x, 4x and 9x"; empty where there is none."""
        holding = (items for items in self.lists if self._place(one, items) >= 0 and self._place(other, items) >= 0)
        return next(holding, [])

    def _place(self, label: _Label, items: list[_Span]) -> int:
        return next((place for place, span in enumerate(items) if span in self.labels[label]), -1)

    def _matched(self, label: _Label, figure: _Figure, figures: list[_Span]) -> bool:
        """Return whether a label is in its list where the figure is in its own, of as many items."""
        lists = (items for items in self.lists if items is not figures and len(items) == len(figures))
        return any(self._place(label, items) == self._place(figure, figures) for items in lists)

    def nearness(self, label: _Label, figure: _Figure) -> float:
        """Return from 1, side by side, to 0, far apart."""
        pairs = ((one, other) for one in self.labels[label] for other in self.figures[figure])
        return math.exp(-min(self._gap(one, other, isinstance(label, tuple)) for one, other in pairs) / _NEAR)

    def _gap(self, label: _Span, figure: _Span, of_figures: bool) -> float:
        low, high = (label[1], figure[0]) if label < figure else (figure[1], label[0])
        if (_COUNTING if figure < label else _BOUND).fullmatch(self.text, low, high):
            return 0
        breaks: float = bisect_left(self.breaks, high) - bisect_left(self.breaks, low)
        breaks += sum(low <= start < high for spans in self.figures.values() for start, _ in spans)
        if not of_figures:
            breaks += figure < label and _CLOSED.match(self.text, low, high) is not None
            breaks += 0.5 * (label < figure and _TOPIC.match(self.text, low, high) is not None)
        return max(0, high - low) + _BREAK_LENGTH * breaks

    def ranged(self, one: _Figure, other: _Figure) -> bool:
        """Return whether two figures are the ends of a range."""
        first, last = sorted((self.figures[one][0], self.figures[other][0]))
        return _RANGE.fullmatch(self.text, first[1], last[0]) is not None

    def first_in(self, roles: tuple[str, ...], one: _Figure, other: _Figure) -> _Figure | None:
        """Return the one of two figures that has the first role, where the other has the second or lacks the only."""
        for figure, rival in ((one, other), (other, one)):
            if self._has_role(roles[0], figure) and self._has_role(roles[-1], rival) == (len(roles) > 1):
                return figure
        return None

    def _has_role(self, role: str, figure: _Figure) -> bool:
        return any(
            _BEFORE[role].search(self.text, max(0, start - 30), start) or _AFTER[role].match(self.text, end)
            for start, end in self.figures[figure]
        )


def swapped(korean: str, cited: str, concepts: Concepts) -> tuple[Quantity, Quantity] | None:
    """Return the first two figures of a Korean sentence that stand in each other's places; None where no two do.

    `cited` has a sentence on each line; both figures must stand in one of them, and no other may have two of the
    figures. Of a table's row it cannot be told what its figures are.
    """
    wanted = {_figure(one): one for one in quantities(korean) if not one.loose and one.text[0].isdigit()}
    if len(wanted) < 2:
        return None
    lines = [line for line in terms.without_rows(cited).split("\n") if len(wanted.keys() & _figures(line)) > 1]
    if len(lines) != 1:
        return None
    translation, source = _read(korean, concepts.of_korean), _read(lines[0], concepts.of_english)
    elsewhere = {figure for line in cited.split("\n") if line != lines[0] for figure in _figures(line)}
    common = [
        figure
        for figure in wanted
        if figure in source.figures
        # said of two things, of which one is another line's: which place is which cannot be told
        and not (figure in elsewhere and len(translation.figures[figure]) > len(source.figures[figure]))
    ]
    labels = [label for label in translation.labels if _is_telling(label, translation, source)]
    labels += [label for label in labels if isinstance(label, str) and concepts.is_name(label)]  # they tell twice
    for one, other in combinations(common, 2):
        if _alike(wanted[one], wanted[other]) and _exchanged(one, other, labels, translation, source):
            return wanted[one], wanted[other]
    return None


def repeated(korean: str, cited: str) -> tuple[Quantity, Quantity] | None:
    """Return a figure that a sentence says oftener than its English, and one of its kind that it should have said."""
    said = [one for one in quantities(korean) if not one.loose and not one.beside_name] if "\n" not in cited else []
    counts = Counter(_figure(one) for one in said)
    twice = [one for one in said if counts[_figure(one)] > 1]
    if not twice:
        return None
    values = {one.value for one in said}
    there = quantities(cited)
    for one in twice:
        if sum(math.isclose(have.value, one.value) for have in there) < counts[_figure(one)]:
            for other in there:
                if not other.loose and _alike(one, other) and other.value not in values:
                    return one, other
    return None


def _alike(one: Quantity, other: Quantity) -> bool:
    return (one.kind, one.unit, one.per) == (other.kind, other.unit, other.per)


def _is_telling(label: _Label, translation: _LabelledText, source: _LabelledText) -> bool:
    """Return whether both texts have a label, a word once: else it could not be told which place is which."""
    if label not in source.labels:
        return False
    return isinstance(label, tuple) or len(translation.labels[label]) == len(source.labels[label]) == 1


def _exchanged(
    one: _Figure, other: _Figure, labels: list[_Label], translation: _LabelledText, source: _LabelledText
) -> bool:
    """Return whether each of two figures stands in the Korean where the other stands in the English."""
    texts = translation, source
    turned = len({text.figures[one] < text.figures[other] for text in texts}) > 1
    for roles in () if source.listed(one, other) else (("from", "to"), ("than",), ("of",)):
        first, second = (text.first_in(roles, one, other) for text in texts)
        if first and second:
            return first != second
    ranged = [text.ranged(one, other) for text in texts]
    if any(ranged):  # what stands beside a range is both figures'
        return all(ranged) and turned
    leanings = [
        (translation.leaning(label, one, other), source.leaning(label, one, other))
        for label in labels
        if not isinstance(label, tuple)
        or (label not in (one, other) and not any(text.listed(label, key) for text in texts for key in (one, other)))
    ]
    votes = sum(here * there for here, there in leanings)
    if turned:
        return votes < (_PLAINLY if _count_both(one, other, translation, source) else _AGAINST)
    return votes < _STRONGLY and len({there > 0 for here, there in leanings if here * there < 0}) > 1


def _count_both(one: _Figure, other: _Figure, translation: _LabelledText, source: _LabelledText) -> bool:
    """Return whether Korean words of one English stem stand beside both: 기여자 and 기여 tell nothing."""
    words = (label for label, spans in translation.labels.items() if isinstance(label, str) and len(spans) > 1)
    return any(
        len(source.labels.get(label, ())) > 1
        and not translation.text[translation.labels[label][0][0]].isascii()
        and min(text.nearness(label, figure) for text in (translation, source) for figure in (one, other)) > _BESIDE
        for label in words
    )


def _figures(text: str) -> set[_Figure]:
    return {_figure(one) for one in quantities(text)}


def _figure(quantity: Quantity) -> _Figure:
    return float(f"{quantity.value:.9g}"), quantity.kind


def _read(text: str, mentions: Callable[[str], list[Mention]]) -> _LabelledText:
    text = plain(text)
    figures = _gathered(_placed(text))
    inside = {place for spans in figures.values() for start, end in spans for place in range(start, end)}
    names = [(match[0].lower(), match.start()) for match in _JOINED.finditer(text)]
    inside.update(place for name, start in names for place in range(start + 1, start + len(name)))
    found = [*((one.concept, one.start) for one in mentions(text)), *names]
    spans = ((label, (start, word.end())) for label, start in found if (word := _WORD.match(text, start)))
    words = _gathered(one for one in spans if one[1][0] not in inside)
    labels: dict[_Label, list[_Span]] = dict(words.items())
    labels |= figures.items()
    starts = sorted(start for spans in labels.values() for start, _ in spans)
    lists = [run for group in (words, figures) for run in _lists(group.values(), text, starts)]
    ends = [match.start() for match in _END.finditer(text)]
    breaks = sorted([*ends, *ends, *ends, *(match.start() for match in _BREAK.finditer(text))])
    return _LabelledText(text, figures, labels, breaks, lists)


def _placed(text: str) -> Iterator[tuple[_Figure, _Span]]:
    """Yield the figures of a text with where they start and end; those of one excerpt ("64x64") in the same place."""
    start, end = 0, 0
    for quantity in quantities(text):
        if not quantity.loose:
            found = text.find(quantity.text, end)
            start, end = (found, found + len(quantity.text)) if found >= 0 else (start, end)
            yield _figure(quantity), (start, end)


def _lists(items: Iterable[list[_Span]], text: str, starts: list[int]) -> list[list[_Span]]:
    """Return every two or more items with nothing but commas and conjunctions between."""
    spans = sorted({span for found in items for span in found})
    runs = [spans[:1]]
    for before, after in pairwise(spans):
        other = bisect_left(starts, after[0]) > bisect_left(starts, before[1])
        joint = _JOINT.fullmatch(text, before[1], max(before[1], after[0]))
        # "2.42 and 2-step": nothing else tells that these are not of one list
        alike = joint and ("," in joint[0] or ("." in text[slice(*before)]) == ("." in text[slice(*after)]))
        if other or not alike:
            runs.append([])
        runs[-1].append(after)
    return [run for run in runs if len(run) > 1]


def _gathered(pairs: Iterable[tuple[_Key, _Span]]) -> dict[_Key, list[_Span]]:
    found: dict[_Key, list[_Span]] = {}
    for label, span in dict.fromkeys(pairs):
        found.setdefault(label, []).append(span)
    return found
