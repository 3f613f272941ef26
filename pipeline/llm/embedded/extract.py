"""Chooses what the embedded writer says of a paper: what is proposed, how it works, with what result. Pure."""

import re
from typing import NamedTuple

_INTRODUCES = (
    "propose|introduce|present|develop|release|describe|create|build|design|provide|aim|investigate|explore|study"
)
_PROPOSAL = re.compile(
    rf"\b(?:we|(?:this|our) (?:paper|work|study|report|article))\b[^,;]{{0,25}}\b(?:{_INTRODUCES})s?\b", re.I
)
_RESULT = re.compile(
    r"\b(?:experiments?|results?|evaluations?|findings|outperform\w*|surpass\w*|achiev\w+|attain\w*|exceed\w*|superior"
    r"|improves?|accuracy|speed-?ups?|faster)\b|\d\s?(?:%|x\b)",
    re.I,
)
_OWN = re.compile(
    r"\b(?:we|our|this (?:method|approach|framework|model|system|design|process)|it)\b|^Specifically", re.I
)
# What others did, what is hard, where the code is; and what points back to a sentence that may not be printed.
_BACKGROUND = re.compile(
    r"^(?:However|Despite|Although|While|Recent|Existing|Current|Traditional|Previous|Prior|Conventional|Nonetheless)\b"
    r"|^(?:These|Such|They|It|This (?!(?:paper|work|study|report|method|approach|framework|model|system)\b))\b"
    r"|https?://|\b(?:code|project page|project website)\b.*\b(?:available|at|released?)\b"
)


class SectionChoice(NamedTuple):
    """Places of the abstract's sentences by what they say, each in the order of preference."""

    proposed: tuple[int, ...]
    details: tuple[int, ...]
    results: tuple[int, ...]


def choose(sentences: tuple[str, ...], title: str) -> SectionChoice:
    """Sort the English sentences of an abstract into the three sections of an entry; background is left out.

    How a paper works is told after what it proposes, or with its own name; a sentence with figures leads the results.
    """
    own = [place for place, sentence in enumerate(sentences) if not _BACKGROUND.search(sentence)]
    proposed = [place for place in own if _PROPOSAL.search(sentences[place])]
    first = proposed[0] if proposed else len(sentences)
    name = title.split(":")[0] if ":" in title else ""
    rest = [place for place in own if place not in proposed]
    about = [
        place for place in rest if place > first or _OWN.search(sentences[place]) or (name and name in sentences[place])
    ]
    results = [place for place in about if _RESULT.search(sentences[place])]
    results.sort(key=lambda place: not re.search(r"\d", sentences[place]))
    return SectionChoice(tuple(proposed), tuple(place for place in about if place not in results), tuple(results))
