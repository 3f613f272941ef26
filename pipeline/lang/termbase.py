"""The field's terms and their usual and misleading Korean, read from `prompts/termbase.toml`, and looked up in texts.

A rendering that the table does not know is no fault.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from pydantic import Field, ValidationError

from pipeline.core.errors import ConfigError
from pipeline.core.models import Frozen
from pipeline.core.text import HANGUL, fold
from pipeline.lang import en
from pipeline.lang.concepts import Concepts

_WORD = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?")


class Term(Frozen):
    """A term: its English forms, its usual Korean ones, those that mislead, and the English that excuses these."""

    english: str = Field(min_length=1)
    also: tuple[str, ...] = ()
    korean: tuple[str, ...] = Field(min_length=1)
    misleading: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Termbase:
    """A table of terms, indexed by their words."""

    def __init__(self, terms: Iterable[Term] = ()) -> None:
        self.terms = tuple(terms)
        forms = [(english, term) for term in self.terms for english in (term.english, *term.also)]
        self.concepts = Concepts((english, term.korean) for english, term in forms)
        self.english = frozenset(_words(english) for english, _ in forms)
        self._by_word: dict[str, list[tuple[str, Term]]] = {}
        for english, term in forms:
            phrase = _words(english)
            self._by_word.setdefault(phrase.split()[0], []).append((f" {phrase} ", term))
        self._misleading = [(_squeezed(form), form, term) for term in self.terms for form in term.misleading]

    def terms_in(self, text: str) -> tuple[Term, ...]:
        """Return the terms whose English occurs in a text, in the table's order."""
        found = set(self._named(f" {_words(text)} "))
        return tuple(term for term in self.terms if term.english in found)

    def misleading(self, korean: str, cited: str) -> list[tuple[Term, str]]:
        """Return terms of the cited English, each with the misleading rendering that a Korean sentence has of it.

        None where the sentence also has a usual rendering, or the English has a word that makes the rendering right.
        """
        squeezed = _squeezed(korean)
        suspects = [(form, term) for short, form, term in self._misleading if short in squeezed]
        if not suspects:
            return []
        spaced = f" {_words(cited)} "
        named = set(self._named(spaced))
        found = (
            (term, form)
            for form, term in suspects
            if term.english in named
            and _pattern(form).search(korean)
            and not _excused(term, squeezed.replace(_squeezed(form), ""), spaced)
        )
        return list({term.english: (term, form) for term, form in found}.values())

    def _named(self, spaced: str) -> Iterator[str]:
        """Yield the English headwords of the terms in a text of folded words."""
        for word in set(spaced.split()) & self._by_word.keys():
            yield from (term.english for phrase, term in self._by_word[word] if phrase in spaced)


@cache
def load() -> Termbase:
    """Return the shipped table."""
    from pipeline.core.config import shipped  # settings take as long to import as all of `check` does

    return read(shipped("prompts") / "termbase.toml")


def read(path: Path) -> Termbase:
    """Return the table of a file; ConfigError names the file, the entry and what is wrong with it."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:  # a TOMLDecodeError is a ValueError
        raise ConfigError(f"The table of terms {path} cannot be read: {fold(str(error))}.") from None
    if set(content) != {"term"} or not isinstance(content["term"], list):
        raise ConfigError(f"The table of terms {path} must consist of [[term]] entries.")
    terms: dict[str, Term] = {}
    for entry in content["term"]:
        term = _term(entry, path)
        if problem := next(_problems(term, terms), ""):
            raise ConfigError(f"The table of terms {path} is wrong at {term.english!r}: {problem}.")
        terms[term.english.lower()] = term
    return Termbase(terms.values())


def _term(entry: object, path: Path) -> Term:
    try:
        return Term.model_validate(entry)
    except ValidationError as error:
        name = entry.get("english", "no english") if isinstance(entry, dict) else entry
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"The table of terms {path} is wrong at {name!r}: {place}: {fold(first['msg'])}.") from None


def _problems(term: Term, earlier: dict[str, Term]) -> Iterator[str]:
    """Yield what is wrong with a term that the types do not say."""
    if term.english.lower() in earlier:
        yield "the term stands there twice"
    for form in (*term.korean, *term.misleading):
        if not form.strip():
            yield "a rendering is empty"
    for form in term.misleading:
        if form in term.korean:
            yield f"{form!r} is both usual and misleading"
        if not HANGUL.search(form):
            yield f"the misleading rendering {form!r} is not Korean"
    for form in (term.english, *term.also, *term.unless):
        if HANGUL.search(form) or not any(character.isalpha() for character in form):
            yield f"{form!r} is not English"


def _excused(term: Term, squeezed: str, spaced: str) -> bool:
    usual = any(_squeezed(form) in squeezed for form in term.korean if HANGUL.search(form))
    return usual or any(f" {_words(word)} " in spaced for word in term.unless)


@lru_cache(maxsize=8192)
def _pattern(form: str) -> re.Pattern[str]:
    """Return what finds a rendering where it begins a word: 기능 does not in 다기능."""
    return re.compile(r"(?<![가-힣])" + r"\s?".join(map(re.escape, form.split())))


def _squeezed(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


def _words(text: str) -> str:
    """Return English words folded, in the singular, with one space between: hyphens and capitals do not count."""
    return " ".join(en.singular(word) for word in _WORD.findall(text.lower()))
