"""English words of papers and their Korean, as `lexicon.tsv` has them.

How the field's terms are to be rendered is `lang.termbase`'s; users may edit that table, and texts are recognised by
this one all the same.

A line of that file is an English word or phrase and what is known of it, each as `kind:forms` with `|` between forms:

- field, general: the Korean by which a text is recognised to speak of it, without spaces and hyphens; English in the
  singular. `general` words are in any paper, so that naming one says nothing of which paper it is; words of nearly
  every entry (model, data, learning, language, performance) are never `field`.
- v, n, a, d, o: the Korean that the embedded writer may write for a verb (as stems, one may begin with the particle of
  its object), a noun, an adjective, an adverb and the opening of a sentence; all forms are equally true.
- adverbial, attributive: the Korean of a preposition, after its noun, where the two stand with a verb or with a noun.
- function: a word that the embedded writer takes for no noun, verb or adjective that it does not know.
- abbreviation: what it stands for, in English; readers meet it everywhere and a writer may use it unasked. Few on
  purpose, and no method's name.
- metric: a measure that Korean names by its acronym where the English may write it out.
"""

from functools import cache
from pathlib import Path
from typing import Literal

Kind = Literal[
    "field", "general", "v", "n", "a", "d", "o", "adverbial", "attributive", "function", "abbreviation", "metric"
]


@cache
def entries(kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return the English words and phrases of one kind with their forms."""
    prefix = f"{kind}:"
    return {
        english: tuple(use.removeprefix(prefix).split("|"))
        for english, *uses in _lines()
        for use in uses
        if use.startswith(prefix)
    }


@cache
def abbreviations() -> dict[str, str]:
    """Return the abbreviations that readers meet everywhere, folded, with what they stand for."""
    return {short: phrase for short, (phrase,) in entries("abbreviation").items()}


@cache
def _lines() -> list[list[str]]:
    text = Path(__file__).with_suffix(".tsv").read_text("utf-8")
    return [line.split("\t") for line in text.splitlines()]
