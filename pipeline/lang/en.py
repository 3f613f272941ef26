"""Reduces English words to what their forms have in common. Pure."""

import re
from functools import lru_cache

ENDINGS = re.compile(
    r"(?:izations?|ations?|itions?|ization|ments?|ness|ings?|ions?|ities|ity|ives?|ively|ers?|ors?|ably|able|ally|als?"
    r"|ies|ied|ed|es|is|(?<!s)s|ly|y|e)$"
)


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """A folded word without its English ending, for words of five letters and more: "distilled" and "distillation"."""
    shorter = ENDINGS.sub("", word)
    return shorter if len(shorter) >= 4 or word.endswith("ss") else word.removesuffix("s")
