"""What follows from an answer, as a table: no model, no network, no file."""

import json

import pytest

from pipeline.models import (
    Answer,
    Finding,
    HeldBack,
    LayoutName,
    Paper,
    Section,
    SourceSentence,
    SourceText,
    Summary,
    Usage,
)
from pipeline.prompts import load
from pipeline.rules import finding
from pipeline.summarise import State, advance, begin
from tests.world import cite

PAPER = Paper(id="2401.00001", title="Alpha Networks", abstract="We propose Alpha Networks.", authors=("A",))
SOURCE = SourceText(paper_id=PAPER.id, sentences=(SourceSentence(text="We propose Alpha Networks."),))
GOOD = json.dumps({"whats_new": [cite("좋습니다.")], "technical_details": [], "performance_highlights": []})
TWICE = Usage(input=2, output=4)


def answer(content: str = GOOD, **more: object) -> Answer:
    return Answer(content=content, model="m", usage=Usage(input=1, output=2), **more)  # type: ignore[arg-type]


def step(state: State, reply: Answer, *rules: str, attempts: int = 3) -> State | Summary | HeldBack:
    def verify(
        sections: tuple[Section, ...], layout: LayoutName, paper: Paper, source: SourceText
    ) -> tuple[Finding, ...]:
        return tuple(finding(rule, f"breach of {rule}") for rule in rules)

    return advance(state, reply, verify=verify, repair=load("sections").repair, attempts=attempts)


def start() -> State:
    return begin(PAPER, SOURCE, load("sections"))


def test_a_good_answer_is_a_summary() -> None:
    summary = step(start(), answer())
    assert isinstance(summary, Summary)
    assert summary.sections == (Section(name="What's New", text="좋습니다."),)
    assert (summary.model, summary.attempts, summary.usage) == ("m", 1, Usage(input=1, output=2))
    assert summary.prompt == load("sections").prompt


@pytest.mark.parametrize(
    ("reply", "rules", "says"),
    [
        (answer("", problem="refusal", detail="No."), (), "refusal: No."),
        (answer("{", problem="truncated", detail="cut"), (), "truncated: cut"),
        (answer("", problem="empty"), (), "empty"),
        (answer("nonsense"), (), "bad JSON"),
        (answer('{"whats_new": "x"}'), (), "not the schema: whats_new"),
        (answer(GOOD[:-1] + ', "more": 1}'), (), "not the schema: more"),
        (answer(GOOD), ("numbers/unknown",), "numbers/unknown: breach of numbers/unknown"),
    ],
)
def test_a_bad_answer_is_asked_again_with_what_was_wrong(reply: Answer, rules: tuple[str, ...], says: str) -> None:
    state = step(start(), reply, *rules)
    assert isinstance(state, State)
    assert state.request.attempt == 2
    assert says in state.request.messages[-1].content
    assert state.request.messages[:2] == start().request.messages
    last = step(state, reply, *rules)
    assert isinstance(last, State)
    assert len(last.request.messages) <= 4  # the conversation does not grow
    held = step(last, reply, *rules)
    assert isinstance(held, HeldBack)
    assert held.reason.startswith(says)
    assert (held.attempts, held.usage) == (3, Usage(input=3, output=6))


def test_a_repaired_answer_is_a_summary() -> None:
    state = step(start(), answer("nonsense"))
    assert isinstance(state, State)
    summary = step(state, answer())
    assert isinstance(summary, Summary)
    assert (summary.attempts, summary.usage) == (2, TWICE)


def test_a_writer_that_is_asked_once_is_held_back_at_once() -> None:
    held = step(start(), answer(), "numbers/unknown", "terms/unknown", attempts=1)
    assert isinstance(held, HeldBack)
    assert held.reason == "numbers/unknown: breach of numbers/unknown (and 1 more)"
    assert [found.rule for found in held.findings] == ["numbers/unknown", "terms/unknown"]


def test_a_bad_thumbnail_is_not_the_models_fault() -> None:
    summary = step(start(), answer(), "field/media")
    assert isinstance(summary, Summary)
    assert [found.rule for found in summary.findings] == ["field/media"]


def test_a_huge_answer_is_not_sent_back_whole() -> None:
    state = step(start(), answer("x" * 10_000_000))
    assert isinstance(state, State)
    assert sum(len(message.content) for message in state.request.messages) < 50_000
