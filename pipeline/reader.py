"""The second reader: a further call that holds each Korean sentence against the sentences that it cites.

Every question hides one sentence that is wrong on purpose; a reader that lets it pass does not count. Pure.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field, ValidationError

from pipeline.models import Claim, Finding, Frozen, SourceText
from pipeline.rules import finding

_RULES = {"contradicted": "reader/contradicted", "not_found": "reader/not-found", "unclear": "reader/unclear"}
_FIGURE = re.compile(r"(?<![\w.,-])\d")
# Turned round, these make a true comparison false and leave good Korean.
_OPPOSITES = {
    **{"높습니다": "낮습니다", "낮습니다": "높습니다", "높은": "낮은", "낮은": "높은", "높이": "낮추", "낮추": "높이"},
    **{"향상": "저하", "빠릅니다": "느립니다", "빠른": "느린", "빠르": "느리", "줄입니다": "늘립니다", "줄이": "늘리"},
    **{"줄어듭": "늘어납", "줄어": "늘어", "늘립니다": "줄입니다"},
    **{"증가": "감소", "감소": "증가", "더 나은": "더 못한"},
}
_NEVER_TRUE = "이 논문은 새로운 방법을 제안하지 않으며, 기존 방법이 모든 면에서 더 낫다고 결론짓습니다."


class Verdict(Frozen):
    """What the reader says of one item."""

    number: int = Field(description="The item's number.")
    verdict: Literal["supported", "contradicted", "not_found", "unclear"]
    words: str = Field(description="The Korean words at fault, empty if supported.")


class Verdicts(Frozen):
    """The reader's answer."""

    verdicts: list[Verdict]


class Item(NamedTuple):
    """One sentence to be judged, with the text of the sentences that it cites."""

    text: str
    cited: list[str]


class NotCounted(ValueError):
    """An answer of the reader that proves nothing; the message says why."""


def items(claims: Sequence[Claim], source: SourceText) -> list[Item]:
    """The claims as items, with the planted one among them."""
    asked = [Item(claim.text, _cited(claim, source)) for claim in claims]
    place, planted = _plant(claims)
    asked.insert(place, Item(planted.text, _cited(planted, source)))
    return asked


def findings(content: str, claims: Sequence[Claim]) -> tuple[Finding, ...]:
    """What the reader objects to, by sentence; NotCounted for an answer that is none, or that lets the plant pass."""
    try:
        verdicts = Verdicts.model_validate_json(content).verdicts
    except ValidationError as error:
        raise NotCounted(f"not the schema: {error.errors(include_url=False)[0]['msg']}") from None
    if [verdict.number for verdict in verdicts] != list(range(1, len(claims) + 2)):
        raise NotCounted(f"{len(verdicts)} verdicts, not one for each of {len(claims) + 1} items in their order")
    place, _ = _plant(claims)
    if verdicts.pop(place).verdict == "supported":
        raise NotCounted("a sentence that is wrong on purpose was called supported")
    judged = enumerate(zip(claims, verdicts, strict=True), start=1)
    return tuple(
        _finding(number, claim, verdict) for number, (claim, verdict) in judged if verdict.verdict != "supported"
    )


def _finding(number: int, claim: Claim, verdict: Verdict) -> Finding:
    at_fault = f" (“{verdict.words}”)" if verdict.words else ""
    message = f"A second reader calls this {verdict.verdict.replace('_', ' ')}{at_fault}: {claim.text}"
    return finding(_RULES[verdict.verdict], message, text=verdict.words or claim.text, sentence=number)


def _cited(claim: Claim, source: SourceText) -> list[str]:
    return [source.sentences[number - 1].text for number in claim.cites if 0 < number <= len(source.sentences)]


def _plant(claims: Sequence[Claim]) -> tuple[int, Claim]:
    """Where the wrong sentence stands, and what it says: always the same for the same claims."""
    seed = int.from_bytes(hashlib.sha256("\n".join(claim.text for claim in claims).encode()).digest()[:4])
    start = seed % len(claims)
    for claim in (*claims[start:], *claims[:start]):
        if (wrong := _falsified(claim.text)) != claim.text:
            return seed % (len(claims) + 1), claim.model_copy(update={"text": wrong})
    return seed % (len(claims) + 1), claims[start].model_copy(update={"text": _NEVER_TRUE})


def _falsified(text: str) -> str:
    """The sentence with the first digit of its first figure changed, else with its first comparison turned round."""
    if _FIGURE.search(text):
        return _FIGURE.sub(lambda match: str(int(match[0]) % 9 + 1), text, count=1)
    for word, opposite in _OPPOSITES.items():
        if word in text:
            return text.replace(word, opposite, 1)
    return text
