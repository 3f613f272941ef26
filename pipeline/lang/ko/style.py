"""Checks that a text is Korean as readers expect it: formal style, no stray script, no loop, no English left over.

Knows nothing of what the text says; only `copied` looks at the paper, for its words in a row.
"""

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from pipeline.core.text import HANGUL, hangul_share, sentences

_CLOSERS = "\"'”’)]}»」』*_ \u200b.!?。:…"
_CITATIONS = re.compile(r"(?:\s?\[\d{1,3}\]){1,9}[.!?]?\s?$")
_FORMAL = ("니다", "니까", "십시오")
_FORMAL_LIST = re.compile(r"(?:니다|니까|십시오)[)\"'”’]?\s?:")
_URL = re.compile(r"https?://\S+")
# Every script but Hangul, Latin and Greek that has letters of its own: Cyrillic to Georgian, Ethiopic to Vedic, Kana,
# Bopomofo and Han, Yi to Javanese, Arabic forms and half-width Kana, and Han beyond the first plane.
_STRAY = re.compile(
    "[\u0400-\u10ff\u1200-\u1cff\u2c00-\u2c5f\u2d00-\u2dff\u3041-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua000-\ua4cf\ua500-\ua6ff\ua800-\ua95f\ua980-\uabff\uf900-\ufaff\ufb13-\ufdff\ufe70-\ufefc\uff66-\uff9f"
    "\U00010000-\U00010fff\U00016f00-\U0001b2ff\U00020000-\U000323af]+"
)
# "ㅋ", "ㅠㅠ", "ᄒ"; but not in quotation marks or brackets, as a letter that is spoken of, nor a shape: ㄷ자, ㄴ형.
_JAMO = re.compile("(?<!['\"‘“(「])[ㄱ-ㆎᄀ-ᇿ\ua960-\ua97f\ud7b0-\ud7ff]+(?![자형])")
_GLOSS = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(
    "|".join(f"{opening}[^{closing}가-힣]{{1,80}}{closing}" for opening, closing in ('""', "''", "“”", "‘’"))
)
_FORMULA = re.compile("[\u0370-\u03ff\u2100-\u214f\U0001d400-\U0001d7ff]+")  # Greek and letters of mathematics
_LATIN_RUN = re.compile(r"[A-Za-z0-9_./+%-]+(?:\s+[A-Za-z0-9_./+%-]+)*")
_BESIDE = 2  # words that go with a name: "Llama 3.1 8B instruct", "30 frames per second"
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z0-9]+)*")
_BETWEEN_LATIN = re.compile(f"(?:{HANGUL.pattern})+")
_COPIED = 8  # words in a row: longer than the names that papers give their benchmarks
_LINKS = frozenset("a an and are as by for from in is of on that the this to we which with".split())
_LEFT = 6  # English words without Hangul around them: a sentence, not a name
_LONGEST_LOOP = 8  # words


class Flaw(NamedTuple):
    """A rule that a sentence or text breaks, what to check, and the words at fault."""

    rule: str
    message: str
    text: str


def problems(sentence: str) -> list[Flaw]:
    """Return what is wrong with the language of one sentence: style, script, a loop inside it."""
    found = []
    if not formal(sentence):
        found.append(
            Flaw(
                "language/style",
                "Check whether the sentence ends in formal style (…니다, …니까 or …십시오).",
                sentence[-40:],
            )
        )
    found += stray(sentence)
    if loop := repetition(sentence):
        found.append(Flaw("language/repetition", "Check whether the same words must be said in a row.", loop))
    return found


def formal(sentence: str) -> bool:
    """Return whether a sentence ends in formal style, citations and closing marks aside, or in a formal list."""
    bare = (_CITATIONS.sub("", sentence) if "[" in sentence else sentence).rstrip(_CLOSERS)
    if bare.endswith(_FORMAL):
        return True
    bare = re.sub(r"\([^()]*$", "", bare).rstrip(_CLOSERS)  # "…높습니다(표 2)."
    return bare.endswith(_FORMAL) or bool(_FORMAL_LIST.search(sentence))


def stray(text: str) -> list[Flaw]:
    """Return letters of scripts but Hangul, Latin and Greek, and jamo that make no syllable."""
    found = []
    if letters := _STRAY.findall(text):
        message = "Check whether this can be written in Hangul, Latin or Greek letters."
        found.append(Flaw("language/script", message, " ".join(dict.fromkeys(letters))[:40]))
    if jamo := _JAMO.search(text):
        message = "Check whether this jamo belongs to a syllable; write whole syllables."
        found.append(Flaw("language/script", message, jamo[0][:40]))
    return found


def repetition(text: str) -> str:
    """Return the words that a text says three times in a row (four times a single word), or "" where none does."""
    words = text.split()
    if len(words) - len(set(words)) < 3:  # every such loop says at least three words again
        return ""
    for length in range(1, _LONGEST_LOOP + 1):
        same = 0
        for place in range(length, len(words)):
            same = same + 1 if words[place] == words[place - length] else 0
            if same >= (3 if length == 1 else 2 * length):
                return " ".join(words[place - length + 1 : place + 1])
    return ""


def repeated_sentences(text: str) -> list[str]:
    """Return the sentences that a text has more than once, in order."""
    counts = Counter(sentences(text))
    return [sentence for sentence, count in counts.items() if count > 1 and len(HANGUL.findall(sentence)) > 9]


def too_little_prose(text: str) -> bool:
    """Return whether less than half of the letters of a section's running text are Hangul.

    Links, glosses in brackets, quoted English, formulas, figures with their units and names (LLaVA, "Llama 3.1 8B
    instruct") do not count.
    """
    running = text
    if hangul_share(text) >= 0.5:  # and without these the more so
        return False
    for uncounted in (_URL, _GLOSS, _GLOSS, _QUOTED, _FORMULA):  # a gloss may have one inside
        running = uncounted.sub("", running)
    running = _LATIN_RUN.sub(_unless_name, running)
    return any(map(str.isalpha, running)) and hangul_share(running) < 0.5


def _unless_name(match: re.Match[str]) -> str:
    """Return the words of a stretch of Latin script that are no names; none of one or two beside a name or figure."""
    words = match[0].split()
    prose = [word for word in words if word.strip(".,").isalpha() and word.islower()]
    return " ".join(prose) if len(prose) > _BESIDE or len(prose) == len(words) else ""


def copied(sentence: str, source: str) -> str:
    """Return English that is copied from the source, or has no Korean around it; "" where there is none."""
    for stretch in _BETWEEN_LATIN.split(sentence):
        words = _LATIN_WORD.findall(stretch)
        if len(words) >= _COPIED and _runs_in(words, _spaced(source)):
            return stretch.strip()
    words = _LATIN_WORD.findall(sentence)
    prose = 2 * sum(word.islower() for word in words) > len(words)  # and no list of names
    return sentence if prose and len(words) >= _LEFT and hangul_share(sentence) < 0.1 else ""


def _runs_in(words: list[str], source: str) -> bool:
    """Return whether the source has eight of the words in a row that are prose, not a long name or a list."""
    for start in range(len(words) - _COPIED + 1):
        run = words[start : start + _COPIED]
        prose = sum(word.islower() for word in run) > _COPIED // 2 and sum(word in _LINKS for word in run) > 1
        if prose and f" {' '.join(run).lower()} " in source:
            return True
    return False


@lru_cache(maxsize=16)
def _spaced(source: str) -> str:
    return f" {' '.join(_LATIN_WORD.findall(source)).lower()} "
