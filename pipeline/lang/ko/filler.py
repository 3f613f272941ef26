"""Finds talk that says nothing of the paper: chat, leftovers of a prompt, stock praise.

The patterns expect a text in which every line, the first one too, follows a newline. `check` uses them as they are.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

from pipeline.lang import en
from pipeline.lang.concepts import Concepts
from pipeline.lang.ko import lexicon
from pipeline.lang.ko.style import Flaw
from pipeline.lang.quantities import quantities

QUOTES = "'\"‘“「『`"


def any_of(*alternatives: str) -> re.Pattern[str]:
    """Return one pattern; at most one group in each alternative, for what is at fault if that is not all that matches.

    Each alternative must begin with a literal character: `re` then skips to those at ten times the speed.
    """
    return re.compile("|".join(alternatives), re.MULTILINE)


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
VALUE: str = _TABLE["parts"]["value"]  # a line's text, after its label if it has one


def _phrases(kind: str) -> re.Pattern[str]:
    alternatives = "|".join(_TABLE["phrases"][kind])
    for name, part in _TABLE["parts"].items():
        alternatives = alternatives.replace(f"%{name}%", part)
    return any_of(alternatives)


PROMPT, CHAT, _PRAISE = _phrases("prompt"), _phrases("chat"), _phrases("praise")
# Terms that are in so many papers that naming one says nothing, beside the lexicon's general words and abbreviations.
_ANY_PAPER = (
    "benchmark|baseline|neural network|loss|metric|accuracy|user|human|environment|domain|robust|performance|inference"
    "|reasoning|image|dataset|real world|training|prediction|learning"
).split("|")
_MANY = 7  # general terms that say something together


def problems(sentence: str) -> list[Flaw]:
    """Return the chat and leftovers of a prompt in a sentence, those in quotation marks aside."""
    found = []
    for rule, message, pattern in (
        ("filler/chat", "Check whether this talks to the reader instead of saying what the paper says.", CHAT),
        ("filler/prompt", "Check whether this is left over from a prompt or template.", PROMPT),
    ):
        for match in pattern.finditer(f"\n{sentence}"):
            start = match.start(match.lastindex or 0)
            if sentence[max(start - 2, 0)] not in QUOTES:
                found.append(Flaw(rule, message, match[match.lastindex or 0]))
    return found


def praise(sentence: str, concepts: Concepts) -> str:
    """Return the stock praise of a sentence without a figure, a name or a term of its own, else ""."""
    stock = _PRAISE.search(sentence)
    if not stock or any(not quantity.loose for quantity in quantities(sentence)):
        return ""
    words = concepts.meanings(sentence).values()
    return "" if len(words) > _MANY or any(_unspecific().isdisjoint(meanings) for meanings in words) else stock[0]


@cache
def _unspecific() -> frozenset[str]:
    """Return the stems of the terms of any paper."""
    short = lexicon.abbreviations()
    phrases = (*lexicon.entries("general"), *short, *short.values(), *_ANY_PAPER)
    return frozenset(" ".join(en.stem(word) for word in re.findall(r"[a-z0-9]+", phrase)) for phrase in phrases)
