"""Plants one error of a kind into a sentence that is right, or gives None where the sentence has no place for it."""

import random
import re
from collections.abc import Callable
from typing import NamedTuple

from pipeline.core.models import Claim, SourceSentence, SourceText
from pipeline.lang import termbase
from pipeline.lang.quantities import Quantity, quantities
from pipeline.summarise.falsify import falsified
from pipeline.verify import terms
from pipeline.verify.alignment import align
from tests.eval.cases import Case

Plant = Callable[[Case, random.Random, list[Case]], Case | None]

_PLAIN = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_LISTED = re.compile(r"\0[가-힣A-Za-z]?(?:, | 및 |와 |과 | 또는 )\0")
_WORDS: dict[str, str] = {
    **{"A": "Amber", "B": "Bridge", "C": "Copper", "D": "Dancing", "E": "Eastern", "F": "Folding", "G": "Garden"},
    **{"H": "Harbour", "I": "Iron", "J": "Jumping", "K": "Kitchen", "L": "Lantern", "M": "Marble", "N": "Northern"},
    **{"O": "Orchard", "P": "Paper", "Q": "Quiet", "R": "River", "S": "Silver", "T": "Timber", "U": "Upper"},
    **{"V": "Velvet", "W": "Window", "X": "Xylophone", "Y": "Yellow", "Z": "Zebra"},
}


class Kind(NamedTuple):
    """A kind of error, how it is planted, and the share of them that must be found."""

    name: str
    plant: Plant
    least: float


def _figures(case: Case) -> list[Quantity]:
    """The figures of a sentence that stand there once, in digits."""
    found = [one for one in quantities(case.korean) if not one.loose and one.text[0].isdigit()]
    return [one for one in found if len(re.findall(rf"(?<![\d.,]){re.escape(one.text)}(?![\d.,])", case.korean)) == 1]


def _rewritten(case: Case, old: str, new: str) -> Case | None:
    changed = re.sub(rf"(?<![\d.,]){re.escape(old)}(?![\d.,])", lambda _: new, case.korean, count=1)
    return case._replace(korean=changed) if changed != case.korean else None


def _with_number(case: Case, chance: random.Random, change: Callable[[str], str]) -> Case | None:
    """The sentence with the number of one of its figures changed, its scale and unit kept."""
    figures = _figures(case)
    if not figures:
        return None
    text = chance.choice(figures).text
    return _rewritten(case, text, _PLAIN.sub(lambda number: change(number[0]), text, count=1))


def digit(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """One digit another: the first, which no rounding excuses."""
    return _with_number(
        case, chance, lambda number: chance.choice([d for d in "123456789" if d != number[0]]) + number[1:]
    )


def ten_times(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """A figure times ten."""
    return _with_number(case, chance, lambda number: f"{float(number.replace(',', '')) * 10:.10g}")


def a_tenth(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """A figure divided by ten."""
    return _with_number(case, chance, lambda number: f"{float(number.replace(',', '')) / 10:.10g}")


def scale(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """만 for 억, or 억 for 만."""
    places = list(re.finditer(r"(?<=\d)[만억](?![가-힣]{0,1}큼)", case.korean))
    if not places:
        return None
    place = chance.choice(places)
    other = "억" if place[0] == "만" else "만"
    return case._replace(korean=case.korean[: place.start()] + other + case.korean[place.end() :])


def points(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """Percentage points for per cent, or the other way round."""
    places = list(re.finditer(r"(?<=\d)%p?(?![a-z])", case.korean))
    if not places:
        return None
    place = chance.choice(places)
    other = "%" if place[0] == "%p" else "%p"
    return case._replace(korean=case.korean[: place.start()] + other + case.korean[place.end() :])


def figures_swapped(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """Two figures of a kind and unit in each other's places; those of one list are right in any order (8B and 35B)."""
    figures = _figures(case)
    pairs = [
        (one, other)
        for place, one in enumerate(figures)
        for other in figures[place + 1 :]
        if one.value != other.value
        and (one.kind, one.unit, one.per) == (other.kind, other.unit, other.per)
        and one.text not in other.text
        and other.text not in one.text
        and not (
            "각각" not in case.korean and _LISTED.search(case.korean.replace(one.text, "\0").replace(other.text, "\0"))
        )
    ]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    swapped = case.korean.replace(one.text, "\0").replace(other.text, one.text).replace("\0", other.text)
    return case._replace(korean=swapped)


def _names(text: str) -> list[str]:
    """The names that only one thing bears."""
    return [name for name in dict.fromkeys(terms.names(text)) if terms.is_telling(name) and "http" not in name]


def _renamed(case: Case, old: str, new: str) -> Case:
    return case._replace(
        korean=re.sub(rf"(?<![A-Za-z0-9-]){re.escape(old)}(?![A-Za-z0-9-])", lambda _: new, case.korean)
    )


def name_swapped(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """A name for another one of the same text."""
    mine = _names(case.korean)
    others = [name for name in _names(" ".join(case.paper.sentences)) if name.lower() not in case.korean.lower()]
    others = [
        name for name in others if not any(name.lower() in one.lower() or one.lower() in name.lower() for one in mine)
    ]
    return _renamed(case, chance.choice(mine), chance.choice(others)) if mine and others else None


def name_invented(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """A name for one that no text has."""
    mine = _names(case.korean)
    return (
        _renamed(case, chance.choice(mine), chance.choice("KQVWZ") + "ostri" + chance.choice(["Net", "LM"]))
        if mine
        else None
    )


def expansion(case: Case, _: random.Random, __: list[Case]) -> Case | None:
    """An acronym spelled out in words that only begin with its letters."""
    for match in re.finditer(r"(?<![A-Za-z0-9(-])[A-Z]{2,6}(?![A-Za-z0-9-]|\s?\()", case.korean):
        phrase = " ".join(_WORDS[letter] for letter in match[0])
        return case._replace(korean=f"{case.korean[: match.end()]}({phrase}){case.korean[match.end() :]}")
    return None


def misleading(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """A term that the cited sentences have in a rendering that the termbase knows to mislead."""
    english = " ".join(case.paper.sentences[number - 1] for number in case.cites)
    places: list[tuple[str, termbase.Term]] = []
    for term in termbase.load().terms_in(english):
        forms = [form for form in term.korean[:2] if re.search(rf"(?<![가-힣]){re.escape(form)}", case.korean)]
        places += [(max(forms, key=len), term)] if forms and term.misleading else []
    if not places:
        return None
    usual, term = chance.choice(places)
    return case._replace(korean=case.korean.replace(usual, chance.choice(term.misleading)))


def other_paper(case: Case, chance: random.Random, cases: list[Case]) -> Case | None:
    """A sentence of another paper, citing what comes nearest in this one."""
    for _ in range(20):
        stranger = chance.choice(cases)
        if stranger.paper_id != case.paper_id and stranger.korean != case.korean:
            return case._replace(korean=stranger.korean, cites=align([stranger.korean], case.paper)[0] or (1,))
    return None


def english(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """A sentence of the paper as it stands there."""
    long = [text for text in case.paper.sentences if len(text.split()) > 7]
    return case._replace(korean=chance.choice(long)) if long else None


def citation_moved(case: Case, chance: random.Random, _: list[Case]) -> Case | None:
    """The citations on one other sentence of the paper."""
    others = [number for number in range(1, len(case.paper.sentences) + 1) if number not in case.cites]
    return case._replace(cites=(chance.choice(others),)) if others and case.cites else None


def as_for_the_reader(kind: str) -> Plant:
    """An error of a kind that the program itself plants to test its second reader."""

    def plant(case: Case, _: random.Random, __: list[Case]) -> Case | None:
        claim = Claim(section="", text=case.korean, cites=case.cites)
        texts = tuple(SourceSentence(text=text) for text in case.paper.sentences)
        source = SourceText(paper_id=case.paper_id, sentences=texts)
        found = (one.text for one in falsified([claim], source, case.paper.title) if one.kind == kind)
        return next((case._replace(korean=text) for text in found), None)

    return plant


OF_FIGURES = (
    Kind("digit changed", digit, 0.99),
    Kind("magnitude ×10", ten_times, 0.99),
    Kind("magnitude ÷10", a_tenth, 0.99),
    Kind("만 ↔ 억", scale, 0.99),
    Kind("% ↔ %p", points, 0.99),
    Kind("two figures swapped", figures_swapped, 0.99),
)
KINDS = (
    *OF_FIGURES,
    Kind("name for another of the text", name_swapped, 0.95),
    Kind("name invented", name_invented, 0.95),
    Kind("acronym wrongly expanded", expansion, 0.95),
    Kind("misleading term", misleading, 0.95),
    Kind("sentence of another paper", other_paper, 0.95),
    Kind("sentence left in English", english, 1.0),
    Kind("citation moved", citation_moved, 0.80),
)
# What rules cannot see, or hardly: for the second reader to find.
OF_MEANING = tuple(Kind(kind, as_for_the_reader(kind), 0.0) for kind in ("comparator", "relation", "hedge", "role"))
