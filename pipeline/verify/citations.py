"""Finds citations that have nothing to do with their sentence; proofs are for the other modules."""

import re
from collections.abc import Sequence

from pipeline.lang import en
from pipeline.lang.ko.transliteration import spelled
from pipeline.verify import terms
from pipeline.verify.alignment import scores, weights
from pipeline.verify.paper import PaperText

_WORD = re.compile("[A-Za-z]{4,}")
# Points to what was named before: by itself it tells nothing of which sentence it rests on.
_POINTING = re.compile(
    r"(?<![가-힣])(?:(?:이|그|본|해당|이런|이러한|그런|제안(?:한|된|하는)?)\s(?:모델|방법|방식|기법|접근법|연구|논문|시스템|프레임워크|알고리즘"
    r"|데이터셋|벤치마크|구조|전략|도구|과정|결과|문제)|저자|연구진|연구팀)"
)
_ENOUGH = 0.5  # from this share on nothing else is asked
_TERM = 2.0  # what a word tells that is written as it sounds
_COVERED = 0.4  # the share of what a sentence speaks of that the citations and their neighbours must have
_TELLING = 2.0  # the weight from which on another sentence can be said to be the right one
_RIVAL = 2.0  # how many times more than the cited sentences it must share
_ABSTRACT = 20  # sentences that an abstract has at most
# Of the hundreds of sentences of a whole paper one that sums it up shares more with most: only next to nothing tells.
_COVERED_IN_WHOLE, _RIVAL_IN_WHOLE = 0.25, 4.0


def unrelated(korean: str, cited: Sequence[str], neighbours: Sequence[str], paper: PaperText) -> bool:
    """Return whether another sentence shares far more with a Korean one, or the cited ones share far too little.

    For the second the neighbours of the cited sentences count as well. No name is asked of sentences that say "we" or
    "the model"; a word of theirs that the Korean writes as it sounds is shared.
    """
    korean = _POINTING.sub(" ", korean)
    marks = {mark for sentence in cited for mark in paper.marks_of_english(sentence)}
    if paper.covered(korean, marks) > _ENOUGH:
        return False
    unasked = paper.names_of_korean(korean) - marks if any(map(terms.refers, cited)) else set()
    weighed = {mark: weight for mark, weight in weights(korean, paper).items() if mark not in unasked}
    shared = sum(weight for mark, weight in weighed.items() if mark in marks)
    rival = max(scores(weighed, paper).values(), default=0.0)
    whole = len(paper.sentences) > _ABSTRACT
    times, least = (_RIVAL_IN_WHOLE, _COVERED_IN_WHOLE) if whole else (_RIVAL, _COVERED)
    marks.update(mark for sentence in neighbours for mark in paper.marks_of_english(sentence))

    def doubtful(heard: float) -> bool:
        outdone = rival >= max(_TELLING, times * (shared + heard))
        return outdone or paper.covered(korean, marks, heard, unasked) < least

    return doubtful(0.0) and doubtful(_TERM * len(_heard(korean, cited, paper)))


def _heard(korean: str, cited: Sequence[str], paper: PaperText) -> set[str]:
    """Return the cited sentences' words, as concepts, that a Korean one spells by sound and no table has."""
    words = {word for sentence in cited for word in _WORD.findall(sentence)}
    return {en.stem(word.lower()) for word in spelled(words, korean)} - paper.marks_of_korean(korean)
