"""Finds Hangul words that spell an English one as it sounds, as 트랜스포머 does "transformer".

Hangul is written in Latin letters, English as a pattern of how its letters may sound in them. A word of fewer than
three consonants, or four in two syllables, is not compared: a native word could sound like it by chance.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

# A syllable's first consonant from ㄱ to ㅎ, its vowel from ㅏ to ㅣ (ㅡ is only put between consonants), its last one.
_FIRST = "g g n d d r m b b s s - j j c k t p h".split()
_VOWEL = "a e a e u e u e o a e e o w u e i w - i i".split()
_LAST = "- G G G n n n T r G m r r r B r m B B T T n T T G T B T".split()
_WORD = re.compile(r"[가-힣]{2,}")
_PARTICLE = re.compile(
    r"(?:들|형|식|용|화|기반)?(?:[은는이가을를의에로와과도만인란]|에서|으로|에게|보다|까지|부터|처럼|이란|라는|이라는|입니다|이며|이고|이나)?"
)
_CONSONANT = re.compile("[^aeiouw]")
_VOWEL_RUN = "vowels"
# How English letters sound, a pattern and what it is in Hangul's sounds; the first that fits.
_LETTERS = [line.split("\t") for line in Path(__file__).with_suffix(".tsv").read_text("utf-8").splitlines()]
_LETTER = re.compile("|".join(f"({letters})" for letters, _ in _LETTERS))
_VOWELS = {"a": "aeoui", "e": "eiu", "i": "iau", "o": "ouaw", "u": "uwai", "y": "ia", "w": "w"}


def spelled(words: Iterable[str], korean: str) -> Iterator[str]:
    """Yield those of the English words that a word of a Korean text, its particles aside, spells as they sound."""
    heard = {sounds for word in _WORD.findall(korean) for sounds in _of_korean(word)}
    for word in words:
        if word.isascii() and word.isalpha() and any(map(_of_english(word.lower()).fullmatch, heard)):
            yield word


@lru_cache(maxsize=4096)
def _of_korean(word: str) -> frozenset[str]:
    """Return a Hangul word in Latin letters, with and without what may be its particle."""
    ends = (end for end in range(2, len(word) + 1) if _PARTICLE.fullmatch(word, end))
    heard = (("".join(map(_of_syllable, word[:end])), end) for end in ends)
    return frozenset(
        sounds for sounds, length in heard if len(_CONSONANT.findall(sounds.replace("rr", "r"))) > 2 + (length < 3)
    )


def _of_syllable(syllable: str) -> str:
    first, rest = divmod(ord(syllable) - ord("가"), 21 * 28)
    vowel, last = divmod(rest, 28)
    return f"{_FIRST[first]}{_VOWEL[vowel]}{_LAST[last]}".replace("-", "")


@lru_cache(maxsize=4096)
def _of_english(word: str) -> re.Pattern[str]:
    """Return how an English word may be spelled, in the singular as well."""
    once = re.sub(r"([^s])\1", r"\1", word)
    forms = once, re.sub("(?<=[^s])s$", "", once)
    return re.compile("|".join("".join(map(_sound, _LETTER.finditer(form))) for form in forms))


def _sound(match: re.Match[str]) -> str:
    sound = _LETTERS[(match.lastindex or 0) - 1][1]
    if sound != _VOWEL_RUN:
        return sound
    return f"[{''.join(_VOWELS[letter] for letter in match[0])}]{{{int(match[0] not in 'ew')},3}}"
