"""The judge, or second reader: a further call that holds each Korean sentence against the text that the writer saw.

In every question one sentence stands falsified in its place, and its true form is judged apart, at the end; a judge
that lets the falsified one pass does not count. Pure.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field, ValidationError

from pipeline.core.models import Claim, Finding, Frozen, SourceText
from pipeline.core.rules import finding
from pipeline.core.text import fold, strip_invisible
from pipeline.summarise.falsify import Falsified, falsified

_QUOTED = 200  # characters of what a judge quotes
UNTESTED = finding(
    "reader/untested", "No sentence could be falsified, so that nobody knows whether the second reader read."
)


class Verdict(Frozen):
    """What the reader says of one item."""

    number: int = Field(description="The item's number.")
    verdict: Literal["supported", "contradicted", "not_found", "term", "unclear"]
    korean: str = Field(description="The Korean words at fault, empty if supported.")
    english: str = Field(description="The paper's words in conflict with them, empty if there are none.")


class Verdicts(Frozen):
    """The reader's answer."""

    verdicts: list[Verdict]


class JudgeItem(NamedTuple):
    """One sentence to be judged, and the numbers of those that it cites; the first `apart` begins another list."""

    text: str
    cites: tuple[int, ...]
    apart: bool = False


class UnreliableJudge(ValueError):
    """An answer of the judge that proves nothing; the message says why."""


def plant(claims: Sequence[Claim], source: SourceText, title: str) -> Falsified | None:
    """Choose the falsified sentence that tests a judge of these claims; None where none of them can be falsified."""
    return next(falsified(claims, source, title), None)


def items(claims: Sequence[Claim], planted: Falsified | None) -> list[JudgeItem]:
    """Return the claims as items in their order, the planted one in the place of its true form, which comes last."""
    asked = [JudgeItem(claim.text, claim.cites) for claim in claims]
    if planted:
        true = asked[planted.place]
        asked[planted.place] = true._replace(text=planted.text)
        asked.append(true._replace(apart=True))
    return asked


def findings(content: str, claims: Sequence[Claim], planted: Falsified | None) -> tuple[Finding, ...]:
    """Read what the judge objects to, by sentence; UnreliableJudge for no answer, or one that lets the plant pass."""
    try:
        verdicts = Verdicts.model_validate_json(content).verdicts
    except ValidationError as error:
        raise UnreliableJudge(f"not the schema: {error.errors(include_url=False)[0]['msg']}") from None
    asked = len(claims) + bool(planted)
    if [verdict.number for verdict in verdicts] != list(range(1, asked + 1)):
        raise UnreliableJudge(f"{len(verdicts)} verdicts, not one for each of {asked} items in their order")
    if planted and verdicts[planted.place].verdict == "supported":
        raise UnreliableJudge("a sentence that is wrong on purpose was called supported")
    if planted:
        verdicts[planted.place] = verdicts.pop()
    judged = enumerate(zip(claims, verdicts, strict=True), start=1)
    return tuple(
        _finding(number, claim, verdict) for number, (claim, verdict) in judged if verdict.verdict != "supported"
    )


def _finding(number: int, claim: Claim, verdict: Verdict) -> Finding:
    korean, english = (fold(strip_invisible(words))[:_QUOTED] for words in (verdict.korean, verdict.english))
    quotes = [f"“{korean}”"] * bool(korean) + [f"the paper has “{english}”"] * bool(english)
    at_fault = f" ({'; '.join(quotes)})" if quotes else ""
    message = f"A second reader calls this {verdict.verdict.replace('_', ' ')}{at_fault}: {claim.text}"
    rule = f"reader/{verdict.verdict.replace('_', '-')}"
    return finding(rule, message, text=korean or claim.text, sentence=number)
