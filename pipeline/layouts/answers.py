"""What the answers of all layouts have in common: sentences that cite, read in order and left out by number.

Here a model's words enter: they become plain text in normal form.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from pydantic import Field

from pipeline.models import Claim, Frozen
from pipeline.particles import mended
from pipeline.text import fold, normal_form, plain_formulas


class Sentence(Frozen):
    """One sentence of an answer and what it rests on."""

    text: str = Field(description="One whole Korean sentence.")
    cites: list[int] = Field(description="The numbers of the paper's sentences that say this, at least one.")


Sentences = list[Sentence]


class Envelope(Frozen):
    """What a model writes: the answer of one of the layouts, as `answer_schema` of this package has it."""

    answer: Any


def entering(value: Any) -> Any:
    """What a model wrote, as JSON has it, with every text in it in normal form, without LaTeX, its particles mended."""
    match value:
        case str():
            return mended(normal_form(plain_formulas(value)))
        case list():
            return [entering(one) for one in value]
        case dict():
            return {name: entering(one) for name, one in value.items()}
    return value


def joined(sentences: Iterable[Sentence]) -> str:
    """The sentences as one text, each folded to one line, empty ones left out."""
    return " ".join(filter(None, (fold(sentence.text) for sentence in sentences)))


def claim(section: str, sentence: Sentence) -> Claim:
    """The sentence as the rest of the program knows it."""
    return Claim(section=section, text=fold(sentence.text), cites=tuple(sentence.cites))


def kept(sentences: Sentences, places: Iterator[int], dropped: Collection[int]) -> Sentences:
    """The sentences whose place, taken from `places` one each, is not dropped."""
    return [sentence for sentence in sentences if next(places) not in dropped]
