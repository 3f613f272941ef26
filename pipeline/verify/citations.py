"""Do the citations of a sentence exist, and have they to do with it? What they prove is for the other rooms."""

from collections.abc import Sequence

from pipeline.verify.alignment import scores, weights
from pipeline.verify.paper import PaperText

_COVERED = 0.4  # the share of what a sentence speaks of that the citations and their neighbours must have
_TELLING = 2.0  # the weight from which on another sentence can be said to be the right one
_RIVAL = 2.0  # how many times more than the cited sentences it must share


def unknown(cited: Sequence[int], paper: PaperText) -> list[int]:
    """The cited numbers that the source does not have; it numbers its sentences from 1."""
    return [number for number in dict.fromkeys(cited) if not 0 < number <= len(paper.sentences)]


def unrelated(korean: str, cited: Sequence[str], neighbours: Sequence[str], paper: PaperText) -> int | None:
    """None where the citations are fair; else the number of the sentence that should be cited, or 0 where none should.

    They are not where another sentence shares far more figures, names and terms of either language with the Korean
    one, or where they and their neighbours have too little of what it speaks of.
    """
    marks = {mark for sentence in cited for mark in paper.marks_of_english(sentence)}
    beside = {mark for sentence in neighbours for mark in paper.marks_of_english(sentence)}
    if paper.covered(korean, marks) > 0.5:
        return None
    weighed = weights(korean, paper)
    shared = sum(weight for mark, weight in weighed.items() if mark in marks)
    found = scores(weighed, paper)
    best = max(found, key=lambda place: found[place], default=None)
    if best is not None and found[best] >= max(_TELLING, _RIVAL * shared):
        return best + 1
    return 0 if paper.covered(korean, marks | beside) < _COVERED else None
