"""Indexes one paper's text; build it once for all the sentences of its summary.

Everything is read when it is first asked for: most sentences are proved by the few sentences that they cite.
"""

import re
from collections.abc import Container, Iterable, Set
from functools import cache, cached_property

from pipeline.core.text import sentences
from pipeline.lang.quantities import Quantity, quantities
from pipeline.lang.termbase import Termbase
from pipeline.verify import numbers, terms
from pipeline.verify.numbers import FigureIndex

_WORD = re.compile(r"[a-z]+")
_DIGIT = re.compile(r"\d")
# Stems of the words that say a figure: reading the figures of the sentences that have none would cost most of the time.
_SPELLED = frozenset(
    "first second third two thre four five six seven eight nine ten half twic doubl dozen hundr thousand mill"
    " bill decad year twofold threefold fourfold".split()
)
_FIGURE = 2.0  # what a figure tells, beside `Concepts.weight`
_LITTLE = 4.0  # what speaks of less cannot be told from anything


class PaperText:
    """A title, the numbered sentences of a source (`sentences[n - 1]` is number n), and the field's terms."""

    def __init__(self, title: str, sentences: Iterable[str], termbase: Termbase | None = None) -> None:
        self.title = title
        self.sentences = tuple(sentences)
        self.termbase = termbase or _no_terms()
        self.text = "\n".join((title, *self.sentences))
        self._english: dict[str, frozenset[str]] = {}
        self._korean: dict[str, dict[int, set[str]]] = {}

    @cached_property
    def figures(self) -> FigureIndex:
        """Every figure of the text."""
        return FigureIndex(figure for text in (self.title, *self.sentences) for figure in quantities(text))

    @cached_property
    def word_index(self) -> terms.WordIndex:
        """An index of every Latin-script word of the text."""
        return terms.read(self.text)

    @cached_property
    def marks(self) -> tuple[frozenset[str], ...]:
        """The marks of each sentence, by which it can be told; see `marks_of_english`."""
        return tuple(self.marks_of_english(sentence) for sentence in self.sentences)

    @cached_property
    def sentences_with(self) -> dict[str, list[int]]:
        """The places, from 0, of the sentences that have a mark."""
        places: dict[str, list[int]] = {}
        for place, marks in enumerate(self.marks):
            for mark in marks:
                places.setdefault(mark, []).append(place)
        return places

    def has_word(self, name: str) -> bool:
        """Return whether a name is one word and surely stands in the text; `word_index` knows of the others."""
        word = name.lower()
        return name.isalpha() and not self._words.isdisjoint((word, f"{word}s", word.removesuffix("s")))

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self.text.lower()))

    def marks_of_english(self, sentence: str) -> frozenset[str]:
        """Return the concepts and figures of a source sentence, as marks that a Korean sentence may share."""
        if sentence not in self._english:
            concepts = self.termbase.concepts.marks_of_english(sentence)
            if _DIGIT.search(sentence) or not concepts.isdisjoint(_SPELLED):
                concepts |= _figure_marks(sentence)
            self._english[sentence] = frozenset(concepts)
        return self._english[sentence]

    def marks_of_korean(self, sentence: str) -> frozenset[str]:
        """Return the concepts and figures of a Korean sentence."""
        return frozenset(_figure_marks(sentence).union(*self._meanings(sentence).values()))

    def concepts_of_korean(self, text: str) -> set[str]:
        """Return what a Korean text may speak of; its sentences are read once, whoever asks."""
        return {one for sentence in sentences(text) for means in self._meanings(sentence).values() for one in means}

    def names_of_korean(self, korean: str) -> set[str]:
        """Return the concepts of a Korean sentence that no table has, but its Latin script."""
        meanings = self._meanings(korean).values()
        return {one for means in meanings for one in means if self.termbase.concepts.is_name(one)}

    def covered(self, korean: str, marks: Container[str], more: float = 0.0, unasked: Set[str] = frozenset()) -> float:
        """Return the share, 0 to 1, of a Korean text's matter that is among the marks; 1 where it has too little.

        `more` is the weight of what is shared besides, `unasked` what does not count.
        """
        said = sentences(korean)
        meanings = [one for sentence in said for one in self._meanings(sentence).values()]
        weighed = [(self.termbase.concepts.weight(one), one) for one in meanings if not one <= unasked]
        figures = numbers.distinct(one for sentence in said for one in numbers.wanted(sentence))
        weighed += [(_FIGURE, _marks_of(figure)) for figure in figures]
        total = more + sum(weight for weight, _ in weighed)
        found = more + sum(weight for weight, one in weighed if any(mark in marks for mark in one))
        return found / total if total >= _LITTLE else 1.0

    def _meanings(self, korean: str) -> dict[int, set[str]]:
        """Return what each word of a Korean text may mean, by where it begins."""
        if korean not in self._korean:
            self._korean[korean] = self.termbase.concepts.meanings(korean)
        return self._korean[korean]


_no_terms = cache(Termbase)


def _marks_of(quantity: Quantity) -> set[str]:
    return {f"={key:.6g}" for key in numbers.keys(quantity)}


def _figure_marks(sentence: str) -> set[str]:
    return {mark for quantity in quantities(sentence) for mark in _marks_of(quantity)}
