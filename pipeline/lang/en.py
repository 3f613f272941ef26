"""Reduces English words to what their forms have in common. Pure.

Three ways, since three things are asked: `stem` joins words of one origin, by which a text is recognised;
`singular` joins a word and its plural alone, for terms that must not be taken for their neighbours; the lemmas are real
words, for looking up in a dictionary.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

ENDINGS = re.compile(
    r"(?:izations?|ations?|itions?|ization|ments?|ness|ings?|ions?|ities|ity|ives?|ively|ers?|ors?|ably|able|ally|als?"
    r"|ies|ied|ed|es|is|(?<!s)s|ly|y|e)$"
)
# What ends in these is no plural: analysis, corpus, loss, bias, lens.
_SINGULAR = ("is", "us", "ss", "ias", "lens")
# Losses, boxes, meshes, biases, lenses, viruses; but not poses, phases, causes, sizes, which have an e of their own.
_PLURAL_ES = re.compile(r"(ss|zz|x|sh|ias|lens|[cnprtx]us|^bus|^gas)es$")
# Of a word with -ch or -che, -y or -ie the plural does not say which it is: search and cache, study and movie.
_PLURAL_CHES, _PLURAL_IES = re.compile(r"ches?$"), re.compile(r"(?<=..)ies?$")
_IRREGULAR = dict(
    pair.split(":")
    for pair in (
        "found:find built:build made:make shown:show given:give gave:give led:lead taught:teach written:write kept:keep"
        " held:hold chosen:choose ran:run analyses:analysis criteria:criterion hypotheses:hypothesis indices:index"
    ).split()
)
_PLURALS = (("ies", "y"), ("es", ""), ("s", ""))
_VERB_ENDINGS = (*_PLURALS, ("ing", ""), ("ing", "e"), ("ied", "y"), ("ed", ""), ("ed", "e"))


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """Return a folded word without its English ending: "distill" for "distilled" and "distillation".

    A stem has four letters or more, so that short words lose no more than a plural s.
    """
    shorter = ENDINGS.sub("", word)
    return shorter if len(shorter) >= 4 or word.endswith("ss") else word.removesuffix("s")


@lru_cache(maxsize=16384)
def singular(word: str) -> str:
    """Return one form for a folded word and its regular plural; it need not be a word."""
    stem = _PLURAL_IES.sub("y", _PLURAL_CHES.sub("ch", _PLURAL_ES.sub(r"\1", word)))
    plural = stem == word and len(word) > 3 and word.endswith("s") and not word.endswith(_SINGULAR)
    return word[:-1] if plural else stem


def verb_lemmas(word: str) -> Iterator[str]:
    """Yield a word and what it may be an inflected form of, as a verb."""
    yield from _lemmas(word, _VERB_ENDINGS)


def noun_lemmas(word: str) -> Iterator[str]:
    """Yield a word and what it may be the plural of."""
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
