"""A model's answer: sentences that cite, as a schema of named fields; read, turned into sections, revised by number.

A model's words enter the program here: they become plain text in normal form. The headline is the last of the
sentences; one that cannot be read counts as missing, costs no entry, and is asked for again.

The docstrings and descriptions of the classes that an answer is made of are sent to the model as part of the schema.
"""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.json_schema import GenerateJsonSchema, SkipJsonSchema

from pipeline.core.models import HEADLINE, Claim, Frozen, Section
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
    """A model's whole reply: the answer of one of the layouts, in the schema that `answer_schema` gives."""

    answer: Any


def entering(value: Any) -> Any:
    """Bring every text of a model's JSON into normal form: no LaTeX, particles mended."""
    match value:
        case str():
            return mended(normal_form(plain_formulas(value)))
        case list():
            return [entering(one) for one in value]
        case dict():
            return {name: entering(one) for name, one in value.items()}
    return value


def joined(sentences: Iterable[Sentence]) -> str:
    """Join sentences to one text, each folded to one line; empty ones are left out."""
    return " ".join(filter(None, (fold(sentence.text) for sentence in sentences)))


class LayoutAnswer(Frozen):
    """The answer of a layout: fields of sentences, paragraphs or words, then the headline.

    `names` gives the section that each field is printed as, the required one first; with the name "" every sentence is
    a section of its own, which may follow labelled ones. A subclass declares `headline` last.
    """

    model_config = ConfigDict(title="Answer")
    names: ClassVar[Mapping[str, str]]
    if TYPE_CHECKING:  # a model writes the fields in the schema's order, and a base class's would come first
        headline: MaybeHeadline

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Raise TypeError for a field that cannot be printed as `names` says: pydantic knows the fields only now."""
        labels = [*cls.names.values()]
        if [*cls.model_fields] != [*cls.names, "headline"] or (any(labels) and not labels[0]):
            raise TypeError(f"{cls.__name__}: its fields are those of `names`, a labelled one first, then `headline`")
        for field, label in cls.names.items():
            legal = (Sentences, list[Sentences], list[str]) if label else (Sentences,)
            if cls.model_fields[field].annotation not in legal:
                kinds = "Sentences" + (", list[Sentences] or list[str]" if label else ", for it has no label")
                raise TypeError(f"{cls.__name__}: the type of {field!r} must be {kinds}")

    @classmethod
    def of_sentences(cls, proposed: Sentences, details: Sentences, results: Sentences, topics: list[str]) -> Self:
        """Make an answer without a headline from sorted sentences and the names of the paper's research fields."""
        raise NotImplementedError

    def sections(self) -> tuple[Section, ...]:
        """Return the sections to print: paragraphs parted by a blank line, words by a comma, empty ones left out."""
        texts = (
            (name, text)
            for field, name in self.names.items()
            for text in _texts(getattr(self, field), one_by_one=not name)
        )
        return tuple(Section(name=name, text=text) for name, text in texts if text)

    def claims(self) -> tuple[Claim, ...]:
        """Return the sentences of all sections in their order, then the headline if there is one; words are none."""
        said = tuple(
            Claim(section=name, text=fold(sentence.text), cites=tuple(sentence.cites))
            for field, name in self.names.items()
            for sentence in _sentences(getattr(self, field))
        )
        # A headline ends without the full stop that some models write.
        text = fold(self.headline.text).rstrip(".") if self.headline else ""
        last = (Claim(section=HEADLINE, text=text, cites=tuple(self.headline.cites)),) if self.headline and text else ()
        return (*said, *last)

    def revised(self, revisions: Revisions) -> Self:
        """Return the answer with its claims as revised; a missing headline has a place, too."""
        places = count()

        def revise(value: Any) -> Any:
            match value:
                case Sentence():
                    return revisions.get(next(places), value)
                case list():
                    return [new for new in map(revise, value) if new is not None]
            return value

        fields = {field: revise(getattr(self, field)) for field in self.names}
        last = revisions.get(next(places), self.headline)
        headline = Headline(text=last.text, cites=last.cites) if last else None
        return type(self)(**fields, headline=headline)


def _texts(value: Any, one_by_one: bool) -> Iterable[str]:
    """Return the text of a field, or with `one_by_one` that of each of its sentences."""
    if one_by_one:
        return (joined([sentence]) for sentence in value)
    match value:
        case [str(), *_]:
            return [", ".join(filter(None, map(fold, value)))]
        case [list(), *_]:
            return ["\n\n".join(filter(None, map(joined, value)))]
    return [joined(value)]


def _sentences(value: Any) -> Iterable[Sentence]:
    """Yield the sentences of a field in their order, through its paragraphs."""
    for one in value:
        if isinstance(one, list):
            yield from one
        elif isinstance(one, Sentence):
            yield one
