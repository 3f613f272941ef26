"""Aligns Korean sentences with those of their paper, by shared figures, names and terms and by order.

What is rare in the paper tells more than what is in every sentence. A sentence that shares nothing is aligned with
nothing; whether what it says is true is not asked here.
"""

import math
from collections.abc import Iterable, Mapping

from pipeline.verify.paper import PaperText

_NEXT = 0.5  # what it counts that a sentence follows the one that the sentence before rests on
_MORE, _MUCH = 2.5, 0.3  # a further sentence must add this weight, and this share of the first one's
_MOST = 3


def align(sentences: Iterable[str], paper: PaperText) -> list[tuple[int, ...]]:
    """Return for each sentence of a Korean text the numbers from 1 of the source sentences that it rests on.

    At most three, in the paper's order; none where nothing is shared.
    """
    found: list[tuple[int, ...]] = []
    last = -1
    for sentence in sentences:
        places = _rests_on(weights(sentence, paper), paper, last)
        last = places[0] if places else last
        found.append(tuple(sorted(place + 1 for place in places)))
    return found


def weights(sentence: str, paper: PaperText) -> dict[str, float]:
    """Return the marks of a Korean sentence that the paper has, each with how much it tells: the rarer, the more."""
    count = len(paper.sentences)
    marks = paper.marks_of_korean(sentence) & paper.sentences_with.keys()
    return {mark: math.log(1 + count / len(paper.sentences_with[mark])) for mark in sorted(marks)}


def scores(weighed: Mapping[str, float], paper: PaperText) -> dict[int, float]:
    """Return how much each source sentence shares with a sentence, by its place from 0; none that share nothing."""
    found: dict[int, float] = {}
    for mark, weight in weighed.items():
        for place in paper.sentences_with[mark]:
            found[place] = found.get(place, 0.0) + weight
    return found


def _rests_on(weighed: dict[str, float], paper: PaperText, last: int) -> list[int]:
    """Places from 0, the best first; each further one covers what the earlier ones do not."""
    places: list[int] = []
    first = 0.0
    while len(places) < _MOST:
        found = scores(weighed, paper)
        best = max(found, key=lambda place: found[place] + _NEXT * (place == last + 1), default=None)
        if best is None or (places and found[best] < max(_MORE, _MUCH * first)):
            break
        first = first or found[best]
        places.append(best)
        weighed = {mark: weight for mark, weight in weighed.items() if mark not in paper.marks[best]}
    return places
