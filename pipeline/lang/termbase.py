"""Are the field's terms rendered as Korean readers know them? Looks terms up in texts; the table is handed in.

The table itself is `prompts/termbase.toml`, read by `termbase_file`. A rendering that the table does not know is
no fault.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pydantic import Field

from pipeline.core.models import Frozen
from pipeline.core.text import HANGUL
from pipeline.lang.concepts import Concepts

_WORD = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?")
_HANGUL_BEFORE = r"(?<![가-힣])"


class Term(Frozen):
    """One term: its English forms, its usual Korean ones, those that mislead, and the English that excuses these."""

    english: str = Field(min_length=1)
    also: tuple[str, ...] = ()
    korean: tuple[str, ...] = Field(min_length=1)
    misleading: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Slip(NamedTuple):
    """A misleading rendering as it stands in a sentence, and the term that it renders."""

    term: Term
    rendering: str


class Termbase:
    """The table, ready for looking up."""

    def __init__(self, terms: Iterable[Term] = ()) -> None:
        self.terms = tuple(terms)
        self.concepts = Concepts(
            (english, term.korean) for term in self.terms for english in (term.english, *term.also)
        )
        self.english = frozenset(_words(english) for term in self.terms for english in (term.english, *term.also))
        self._by_word: dict[str, list[tuple[str, Term]]] = {}
        for term in self.terms:
            for english in (term.english, *term.also):
                phrase = _words(english)
                self._by_word.setdefault(phrase.split()[0], []).append((f" {phrase} ", term))
        self._misleading = [(_squeezed(form), form, term) for term in self.terms for form in term.misleading]

    def terms_in(self, text: str) -> tuple[Term, ...]:
        """The terms whose English occurs in a text, in the table's order."""
        found = set(self._named(f" {_words(text)} "))
        return tuple(term for term in self.terms if term.english in found)

    def misleading(self, korean: str, cited: str) -> list[Slip]:
        """The misleading renderings in a Korean sentence of terms that its cited English has, one for each term.

        None where the sentence also has a usual rendering, or the English has a word that makes the rendering right.
        """
        squeezed = _squeezed(korean)
        suspects = [(form, term) for short, form, term in self._misleading if short in squeezed]
        if not suspects:
            return []
        spaced = f" {_words(cited)} "
        named = set(self._named(spaced))
        slips = (
            Slip(term, form)
            for form, term in suspects
            if term.english in named
            and _stands(form, korean)
            and not _excused(term, squeezed.replace(_squeezed(form), ""), spaced)
        )
        return list({slip.term.english: slip for slip in slips}.values())

    def _named(self, spaced: str) -> Iterator[str]:
        """The English headwords of the terms in a text of folded words."""
        for word in set(spaced.split()) & self._by_word.keys():
            yield from (term.english for phrase, term in self._by_word[word] if phrase in spaced)


def _excused(term: Term, squeezed: str, spaced: str) -> bool:
    usual = any(_squeezed(form) in squeezed for form in term.korean if HANGUL.search(form))
    return usual or any(f" {_words(word)} " in spaced for word in term.unless)


@lru_cache(maxsize=8192)
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(_HANGUL_BEFORE + r"\s?".join(map(re.escape, form.split())))


def _stands(form: str, korean: str) -> bool:
    """Whether a rendering begins a word of the sentence: 기능 is not in 다기능."""
    return _pattern(form).search(korean) is not None


def _squeezed(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


def _words(text: str) -> str:
    """English words folded, in the singular, with one space between: hyphens and capitals do not count."""
    return " ".join(_singular(word) for word in _WORD.findall(text.lower()))


@lru_cache(maxsize=16384)
def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and re.search(r"(?:ss|x|ch|sh)es$", word):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
