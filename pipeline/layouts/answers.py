"""What the answers of all layouts have in common: sentences that cite, read in order and revised by number.

Here a model's words enter: they become plain text in normal form. The headline is the last of the sentences; a bad one
is read as none: it costs no entry, and is asked for again.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.json_schema import GenerateJsonSchema, SkipJsonSchema

from pipeline.core.models import HEADLINE, Claim, Frozen
from pipeline.core.text import fold, normal_form, plain_formulas
from pipeline.lang.ko.particles import mended


class Sentence(Frozen):
    """One sentence of an answer and what it rests on."""

    text: str = Field(description="One whole Korean sentence.")
    cites: list[int] = Field(description="The numbers of the paper's sentences that say this.")


Sentences = list[Sentence]
Revisions = Mapping[int, Sentence | None]  # by the claim's place from 0; None leaves it out


class Headline(Sentence):
    """The headline of an answer and what it rests on."""

    text: str = Field(
        description="What is new, in one Korean line of 40 characters at most: no full stop, not the title translated."
    )


def _or_none(value: Any, read: ValidatorFunctionWrapHandler) -> Headline | None:
    try:
        headline: Headline | None = read(value)
    except ValidationError:
        return None
    return headline


# Required in the schema, and never null there: only the reading of an answer is lenient.
MaybeHeadline = Annotated[Headline | SkipJsonSchema[None], WrapValidator(_or_none)]


class Revision(Frozen):
    """One sentence of an earlier answer, written again."""

    number: int = Field(description="The number by which the sentence was named.")
    text: str = Field(description="The sentence as it is to be printed, empty to leave it out.")
    cites: list[int] = Field(description="The numbers of the paper's sentences that say this.")


class Repaired(Frozen):
    """The sentences that were named, each kept, corrected or left out."""

    sentences: list[Revision]


class Untitled(GenerateJsonSchema):
    """JSON schemas whose fields have no titles: they cost tokens, and OpenAI refuses one beside a `$ref`."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


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


def headline_claims(headline: Headline | None) -> tuple[Claim, ...]:
    """The headline as a claim, none where there is none."""
    text = fold(headline.text).rstrip(".") if headline else ""  # the full stop that it should not have
    return (Claim(section=HEADLINE, text=text, cites=tuple(headline.cites)),) if headline and text else ()


def revised(sentences: Sentences, places: Iterator[int], revisions: Revisions) -> Sentences:
    """The sentences as revised; each one's place is taken from `places`."""
    now = [revisions.get(next(places), sentence) for sentence in sentences]
    return [sentence for sentence in now if sentence]


def revised_headline(headline: Headline | None, places: Iterator[int], revisions: Revisions) -> Headline | None:
    """The headline as revised: its place is the next one, whether there was one or not."""
    now = revisions.get(next(places), headline)
    return Headline(text=now.text, cites=now.cites) if now else None
