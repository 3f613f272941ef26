"""Do the figures of a sentence stand in its paper, and those of a source sentence in its translation?

Compares quantities by value and kind. To which of two things a figure belongs is not asked here.
"""

import math
from collections.abc import Iterable

from pipeline.verify.quantities import Kind, Quantity, quantities

# Which kinds of the other text can prove a figure. A percentage is never proved by percentage points, nor they by it.
_PROVES: dict[Kind, tuple[Kind, ...]] = {
    "": ("", "%p", "x"),
    "%": ("%", "/"),
    "%p": ("%p",),
    "x": ("x", "/"),
    "/": ("/", "%", "x"),
    "~": ("~",),
}


def unsupported(sentence: str, source: str) -> list[Quantity]:
    """The quantities of a sentence that the source text does not have, in order, none twice."""
    have = quantities(source)
    return _distinct(want for want in quantities(sentence) if not want.loose and not _supported(want, have))


def missing(sentence: str, source_sentence: str) -> list[Quantity]:
    """The figures of a source sentence that its translation does not have, in order, none twice."""
    have = quantities(sentence)
    return _distinct(want for want in quantities(source_sentence) if not want.loose and not _kept(want, have))


def meant(want: Quantity, source: str) -> Quantity | None:
    """The source's figure with the digits of an unsupported one, whose magnitude or unit is then what is wrong."""
    for have in quantities(source):
        if not have.loose and have.value and want.value and _same_digits(have.value, want.value):
            return have
    return None


def _distinct(found: Iterable[Quantity]) -> list[Quantity]:
    return list({quantity.text: quantity for quantity in found}.values())


def _supported(want: Quantity, have: tuple[Quantity, ...]) -> bool:
    return any(_proves(one, want) for one in have)


def _kept(want: Quantity, have: tuple[Quantity, ...]) -> bool:
    """Rounding is the translation's: it may say "약 1.5만" for 15,440."""
    return any(_proves(want, one) or _proves(one, want) for one in have)


def _proves(have: Quantity, want: Quantity) -> bool:
    if have.in_name and not want.beside_name and have.value < 1000:
        return False
    if want.kind == "~" or have.kind == "~":
        return _same_magnitude(have, want)
    if have.kind not in _PROVES[want.kind] and not (want.kind and have.kind == "" and _has_decimals(have.value)):
        return False
    value = have.value * (100 if want.kind == "%" and have.kind == "/" else 1)
    value /= 100 if want.kind == "/" and have.kind == "%" else 1
    return _close(value, want)


def _has_decimals(value: float) -> bool:
    return value != math.floor(value)


def _same_magnitude(have: Quantity, want: Quantity) -> bool:
    """ "수백만" is proved by "millions" and by any figure from one to ten million."""
    if have.kind == want.kind:
        return math.isclose(have.value, want.value)
    return want.kind == "~" and have.kind == "" and want.value <= have.value < 10 * want.value


def _same_digits(one: float, other: float) -> bool:
    power = math.log10(one) - math.log10(other)
    return abs(power - round(power)) < 1e-9


def significant(value: float) -> int:
    """How many significant digits a value has, zeros at the end not counted: 2 for 16,000, 4 for 15,440."""
    return len(f"{value:.12e}".split("e")[0].replace(".", "").strip("0")) or 1


def _close(have: float, want: Quantity) -> bool:
    """Equal, or rounded as the hedge allows: "약 16,000" for 15,440, "2배 이상" for 2.4, "85%" for 85.27."""
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
