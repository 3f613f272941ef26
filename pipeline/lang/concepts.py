"""Finds the technical terms that a Korean and an English text speak of, by the same name in both.

A concept is an English word or phrase by its stems: "reinforc learn" stands for 강화 학습 as for "reinforcement
learning". A Latin-script word of a Korean text is its own stem. Says nothing of whether a rendering is a good one.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from pipeline.core.text import HANGUL
from pipeline.lang import en
from pipeline.lang.ko import lexicon

_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]+[0-9]*|[0-9]+[A-Za-z]+")
_HYPHENS = "-‐‑–·"
_JOINTS = re.compile(rf"[{_HYPHENS}\s]")
_LONGEST = 5  # words of a phrase
_HEAD = 2  # characters by which Korean forms are found
# Words of every sentence, which say nothing about which one it is.
_EVERYWHERE = frozenset(
    "a al also an and are as at be been both but by can et for from has have in into is it its may more most not of on"
    " or our such than that the their them then these they this those to via was we were when where which while who"
    " will with".split()
)


class Mention(NamedTuple):
    """A concept and where in the text its words begin, in characters."""

    concept: str
    start: int


class Concepts:
    """A bilingual table that texts are read with. `pairs` gives an English phrase and its Korean forms."""

    def __init__(self, pairs: Iterable[tuple[str, Iterable[str]]] = ()) -> None:
        self._phrases: dict[str, dict[str, None]] = {}
        self._forms: dict[str, dict[str, set[str]]] = {}
        general, field = lexicon.entries("general"), lexicon.entries("field")
        self._general = frozenset(" ".join(stemmed(english)) for english in general)
        self._known = set(self._general)
        for english, forms in (*general.items(), *field.items(), *pairs):
            concept = " ".join(stemmed(english))
            self._known.add(concept)
            if " " in concept:
                self._phrases.setdefault(concept.split(" ")[0], {})[concept] = None
            for form in forms:
                squeezed = _JOINTS.sub("", form)
                if len(squeezed) >= _HEAD:
                    self._forms.setdefault(squeezed[:_HEAD], {}).setdefault(squeezed, set()).add(concept)

    def of_english(self, text: str) -> list[Mention]:
        """Return the words of an English text by their stems, and the phrases of the table that they make up."""
        words = list(_words(text))
        found = []
        for place, (stem, start) in enumerate(words):
            found.append(Mention(stem, start))
            if stem in self._phrases:
                run = " ".join(word for word, _ in words[place : place + _LONGEST]) + " "
                found += [Mention(phrase, start) for phrase in self._phrases[stem] if run.startswith(phrase + " ")]
        return found

    def marks_of_english(self, text: str) -> set[str]:
        """Return the concepts alone, without their places, which is faster."""
        stems = [stem for word in _WORD.findall(text.lower()) if word not in _EVERYWHERE and (stem := en.stem(word))]
        found = set(stems)
        for place, stem in enumerate(stems):
            if stem in self._phrases:
                run = " ".join(stems[place : place + _LONGEST]) + " "
                found.update(phrase for phrase in self._phrases[stem] if run.startswith(phrase + " "))
        return found

    def weight(self, concepts: Collection[str]) -> float:
        """Return how telling a word with these meanings is: 1 if of any paper, 2 if of the field, 3 for a name."""
        if not self._general.isdisjoint(concepts):
            return 1.0
        return 2.0 if not self._known.isdisjoint(concepts) else 3.0

    def is_name(self, concept: str) -> bool:
        """Return whether no table has a concept, so that it is a word of Latin script."""
        return concept not in self._known

    def of_korean(self, text: str) -> list[Mention]:
        """Return the Latin-script words of a Korean text by their stems, and the concepts whose Korean forms it has."""
        found = [Mention(stem, start) for stem, start in _words(text)]
        places = [place for place, one in enumerate(text) if not (one.isspace() or one in _HYPHENS)]
        squeezed = "".join(text[place] for place in places)
        end = 0
        for start in range(len(squeezed) - _HEAD + 1):
            forms = self._forms.get(squeezed[start : start + _HEAD])
            in_figure = start > 0 and squeezed[start - 1 : start + 1].isdigit()  # 512차원 is no 2차원
            if not forms or start < end or in_figure:
                continue
            if form := _longest(forms, squeezed, start, places, text):
                found += [Mention(concept, places[start]) for concept in forms[form]]
                end = start + len(form)
        return found

    def meanings(self, korean: str) -> dict[int, set[str]]:
        """Return what each word of a Korean text may mean, by where it begins."""
        found: dict[int, set[str]] = {}
        for mention in self.of_korean(korean):
            found.setdefault(mention.start, set()).add(mention.concept)
        return found


def _longest(forms: Mapping[str, set[str]], squeezed: str, start: int, places: list[int], text: str) -> str:
    """Return the longest form that stands here; one that begins inside a word must not reach into the next."""
    inside = start > 0 and HANGUL.match(text, places[start] - 1) is not None
    matching = (form for form in forms if squeezed.startswith(form, start))
    whole = (form for form in matching if not inside or places[start + len(form) - 1] == places[start] + len(form) - 1)
    return max(whole, key=len, default="")


def stemmed(english: str) -> list[str]:
    """Return the stems of an English phrase, in order, without the words of every sentence unless it has no others."""
    return [stem for stem, _ in _words(english)] or [stem for stem, _ in _words(english, everywhere=frozenset())]


def _words(text: str, everywhere: frozenset[str] = _EVERYWHERE) -> Iterator[tuple[str, int]]:
    for match in _WORD.finditer(text):
        word = match[0].lower()
        if word not in everywhere and (stem := en.stem(word)):
            yield stem, match.start()
