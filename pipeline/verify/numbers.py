"""Finds figures of a sentence that its paper lacks, and those of a source sentence that its translation lacks.

Compares quantities by value, kind, unit and rate. To which of two things a figure belongs is for `swaps`.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache

from pipeline.lang.quantities import UNITS, Kind, Quantity, quantities

# Which kinds of the other text can prove a figure. A percentage is never proved by percentage points, nor they by it.
_PROVES: dict[Kind, tuple[Kind, ...]] = {
    "": ("", "%p", "x"),
    "%": ("%", "/"),
    "%p": ("%p",),
    "x": ("x", "/"),
    "/": ("/", "%", "x"),
    "~": ("~",),
}
_POINTS = re.compile(r"p|포인트")
_AND = r",?\s(?:and|or|then|while|followed\sby|versus|vs\.?)\s"


class FigureIndex:
    """An index of a text's quantities by value: what they prove, and what a figure was meant to be."""

    def __init__(self, found: Iterable[Quantity]) -> None:
        every = tuple(found)
        keyed = ((key, quantity) for quantity in every for key in keys(quantity))
        self._by_value = sorted(keyed, key=lambda pair: pair[0])
        self._values = [value for value, _ in self._by_value]
        self._by_digits: dict[str, list[Quantity]] = {}
        for quantity in every:
            self._by_digits.setdefault(_digits(quantity.value), []).append(quantity)

    def support(self, want: Quantity) -> bool:
        """Return whether the text proves a figure; rounding is allowed as the figure is hedged."""
        readings = (want, want._replace(value=want.value / 1e4)) if want.only else (want,)
        return any(_proves(have, one) for one in readings for key in keys(one) for have in self._near(key))

    def meant(self, want: Quantity) -> Quantity | None:
        """Return the text's figure with the digits of an unsupported one, whose magnitude, kind or unit is wrong.

        A small whole number is like any other, so that 3 is not taken for a slip of 30.
        """
        candidates = self._by_digits.get(_digits(want.value), ()) if want.value else ()
        for have in candidates:
            same = have.value == want.value and (want.value >= 10 or "" not in (have.kind, want.kind))
            telling = significant(want.value) > 1 or min(have.value, want.value) >= 1000 or same
            if telling and (not have.loose or have.value >= 1000):
                return have
        return None

    def _near(self, key: float) -> Iterable[Quantity]:
        """Return the quantities within ten times of a value: no hedge reaches further."""
        start, end = bisect_left(self._values, key / 10), bisect_right(self._values, key * 10)
        return (quantity for _, quantity in self._by_value[start:end])


def may_count(want: Quantity, text: str) -> bool:
    """Return whether a count in words may be of what an English text lists uncounted: 두 of "A and B"."""
    if want.text[0].isdigit() or want.kind or not 2 <= want.value <= 10:
        return False
    return re.search(rf"(?:[^,;.]{{1,90}},\s){{{int(want.value) - 2}}}[^,;.]{{1,90}}{_AND}", text) is not None


@lru_cache(maxsize=512)
def figures(text: str) -> FigureIndex:
    """Return the figures of a text."""
    return FigureIndex(quantities(text))


def wanted(sentence: str) -> list[Quantity]:
    """Return the quantities of a sentence that need proof, in order, none twice."""
    return distinct(quantity for quantity in quantities(sentence) if not quantity.loose)


def unsupported(sentence: str, source: str) -> list[Quantity]:
    """Return the quantities of a sentence that the source text does not have, in order, none twice."""
    have = figures(source)
    return [want for want in wanted(sentence) if not have.support(want)]


def missing(sentence: str, source_sentence: str) -> list[Quantity]:
    """Return the figures of a source sentence that its translation does not have, in order, none twice."""
    have = quantities(sentence)
    readings = (*have, *(one._replace(value=one.value / 1e4) for one in have if one.only))
    return [
        want  # a translation may round, and say "약 1.5만" for 15,440
        for want in wanted(source_sentence)
        if not any(_proves(want, one) or _proves(one, want) for one in readings)
    ]


def keys(quantity: Quantity) -> set[float]:
    """Return the values by which a quantity is found: as written, in its dimension's first unit, as a share.

    A tenth and ten times are one: "10x cheaper" is 10분의 1.
    """
    factor = UNITS[quantity.unit][1] if quantity.unit else 0.01 if quantity.kind == "%" else 1.0
    inverse = {1 / quantity.value} if quantity.kind in ("x", "/") and quantity.value else set()
    return {quantity.value, quantity.value * factor} | inverse


def _digits(value: float) -> str:
    return f"{value:.12e}".split("e")[0]


def distinct(found: Iterable[Quantity]) -> list[Quantity]:
    """Return quantities that read alike only once, in order."""
    return list({quantity[:3]: quantity for quantity in found}.values())


def _proves(have: Quantity, want: Quantity) -> bool:
    if have.in_name and not want.beside_name and have.value < 1000:
        return False
    if want.kind == "~" or have.kind == "~":
        return _same_magnitude(have, want)
    absolute = have.kind == "%p" and not _POINTS.search(have.text)  # "4% absolute": the paper says per cent too
    if want.kind == "" and have.kind == "%" and want.value < 1:
        return _close(have.value / 100, want)
    if (
        have.kind not in _PROVES[want.kind]
        and not (absolute and want.kind == "%")
        and not (want.kind and have.kind == "" and not have.value.is_integer())
    ):
        return False
    if not _same_measure(have, want):
        return False
    if {have.kind, want.kind} == {"x", "/"} and have.value:
        return _close(1 / have.value, want) or _close(have.value, want)
    if want.kind == "%" and have.kind == "" and have.value < 1 and _close(100 * have.value, want):
        return True
    value = have.value * (100 if want.kind == "%" and have.kind == "/" else 1)
    value /= 100 if want.kind == "/" and have.kind == "%" else 1
    if have.unit and want.unit:
        value *= UNITS[have.unit][1] / UNITS[want.unit][1]
    return _close(value, want)


def _same_measure(have: Quantity, want: Quantity) -> bool:
    """Return whether units of one dimension and rates by the same thing, where both are written out."""
    if have.unit and want.unit and UNITS[have.unit][0] != UNITS[want.unit][0]:
        return False
    if want.unit and (have.kind or (have.per and not have.unit)):
        return False
    return not (have.per and want.per) or have.per == want.per


def _same_magnitude(have: Quantity, want: Quantity) -> bool:
    """Return whether orders of magnitude agree: "수백만" is proved by "millions" and by 1 to 10 million."""
    if have.kind == want.kind:
        return math.isclose(have.value, want.value)
    return want.kind == "~" and have.kind == "" and want.value <= have.value < 10 * want.value


def significant(value: float) -> int:
    """Return how many significant digits a value has, zeros at the end not counted: 2 for 16,000, 4 for 15,440."""
    return len(_digits(value).replace(".", "").strip("0")) or 1


def _close(have: float, want: Quantity) -> bool:
    """Return whether equal, or rounded as hedged: "약 16,000" for 15,440, "2배 이상" for 2.4, "85%" for 85.27."""
    if math.isclose(have, want.value, rel_tol=1e-9):
        return True
    if not have or not want.value or significant(want.value) >= significant(have):
        return False
    place = 10.0 ** (math.floor(math.log10(want.value)) - significant(want.value) + 1)
    off = (have - want.value) / place
    if want.hedge == "over":
        return 0 <= off < 1
    if want.hedge == "under":
        return -1 < off <= 0
    rounded = abs(off) <= 0.5
    if want.hedge == "about":
        return abs(have - want.value) <= 0.05 * have or (rounded and abs(have - want.value) <= 0.15 * have)
    return rounded and significant(want.value) > 1
