"""English words of the field and their Korean, read from `data/dictionary.tsv`. Says nothing of grammar.

A line of that file is English, kind, Korean: v a verb (Korean as stems), n a noun, a an adjective or what stands like
one, d an adverb, o the opening of a sentence. `|` parts alternatives that are equally true; a verb may begin with the
particle of its object.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

Kind = Literal["v", "n", "a", "d", "o"]

_IRREGULAR = {
    **{
        "found": "find",
        "built": "build",
        "made": "make",
        "shown": "show",
        "given": "give",
        "gave": "give",
        "led": "lead",
    },
    **{"taught": "teach", "written": "write", "kept": "keep", "held": "hold", "chosen": "choose", "ran": "run"},
    **{"analyses": "analysis", "criteria": "criterion", "hypotheses": "hypothesis", "indices": "index"},
}
_PLURALS = (("ies", "y"), ("es", ""), ("s", ""))
_VERB_ENDINGS = (*_PLURALS, ("ing", ""), ("ing", "e"), ("ied", "y"), ("ed", ""), ("ed", "e"))


@cache
def dictionary(kind: Kind) -> dict[str, tuple[str, ...]]:
    """English to Korean alternatives for one kind of word; keys are lower case, of one to six words."""
    lines = files("pipeline.llm.embedded").joinpath("data/dictionary.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {english: tuple(korean.split("|")) for english, pos, korean in rows if pos == kind}


def verb_lemmas(word: str) -> Iterator[str]:
    """The word and what it may be an inflected form of, as a verb."""
    yield from _lemmas(word, _VERB_ENDINGS)


def noun_lemmas(word: str) -> Iterator[str]:
    """The word and what it may be the plural of."""
    yield from _lemmas(word, _PLURALS)


def _lemmas(word: str, endings: tuple[tuple[str, str], ...]) -> Iterator[str]:
    yield word
    if word in _IRREGULAR:
        yield _IRREGULAR[word]
    for ending, base in endings:
        if word.endswith(ending) and len(word) - len(ending) > 1:
            lemma = word.removesuffix(ending) + base
            yield lemma
            if ending in ("ing", "ed") and not base and lemma[-1] == lemma[-2]:
                yield lemma[:-1]
