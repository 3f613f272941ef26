"""What we say about a paper: state + answer → next request, Summary or HeldBack. Pure: no I/O, no clock, no model.

A bad answer is asked again here, with what was wrong; a bad network is the adapter's matter.
"""

from collections.abc import Callable

from pydantic import ValidationError

from pipeline.layouts import LAYOUTS
from pipeline.models import (
    Answer,
    Finding,
    Frozen,
    HeldBack,
    LayoutName,
    Message,
    Paper,
    Prompt,
    Request,
    Section,
    SourceText,
    Summary,
    Usage,
)
from pipeline.prompts import PromptFile
from pipeline.text import fold

Verify = Callable[[tuple[Section, ...], LayoutName, Paper, SourceText], tuple[Finding, ...]]
Repair = Callable[[tuple[str, ...]], Message]

# Repaired when the entry is put together (`field/media`: the social thumbnail), so no reason to ask the model again.
_NOT_THE_MODELS = {"field/media"}
_SHOWN_OF_A_BAD_ANSWER = 8000


class State(Frozen):
    """Where one paper and layout stands: the question to ask next, and what asking has cost so far."""

    request: Request
    prompt: Prompt
    usage: Usage = Usage()


def begin(paper: Paper, source: SourceText, prompt: PromptFile) -> State:
    """The first question about a paper."""
    request = Request(
        layout=prompt.layout,
        paper=paper,
        source=source,
        messages=prompt.messages(paper, source),
        answer_schema=LAYOUTS[prompt.layout].Answer.model_json_schema(),
        temperature=prompt.meta.temperature,
        max_tokens=prompt.meta.max_tokens,
    )
    return State(request=request, prompt=prompt.prompt)


def advance(
    state: State, answer: Answer, *, verify: Verify, repair: Repair, attempts: int
) -> State | Summary | HeldBack:
    """What follows from an answer; `attempts` bounds how often this paper is asked in all."""
    state = state.model_copy(update={"usage": state.usage + answer.usage})
    try:
        sections = _read(state.request.layout, answer)
    except BadAnswer as bad:
        return _again(state, answer, (), (str(bad),), repair, attempts)
    findings = verify(sections, state.request.layout, state.request.paper, state.request.source)
    blocking = tuple(finding for finding in findings if finding.rule not in _NOT_THE_MODELS)
    if blocking:
        return _again(state, answer, blocking, tuple(_as_problem(finding) for finding in blocking), repair, attempts)
    return Summary(
        paper_id=state.request.paper.id,
        layout=state.request.layout,
        sections=sections,
        findings=findings,
        model=answer.model,
        prompt=state.prompt,
        usage=state.usage,
        attempts=state.request.attempt,
    )


class BadAnswer(ValueError):
    """An answer that holds no sections; the message says why, for the model and for the record."""


def _read(layout: LayoutName, answer: Answer) -> tuple[Section, ...]:
    if answer.problem:
        raise BadAnswer(f"{answer.problem}: {answer.detail}" if answer.detail else answer.problem)
    try:
        filled = LAYOUTS[layout].Answer.model_validate_json(answer.content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        kind = "bad JSON" if first["type"] == "json_invalid" else "not the schema"
        place = ".".join(str(part) for part in first["loc"])
        raise BadAnswer(f"{kind}: {place + ': ' if place else ''}{fold(first['msg'])}") from None
    sections = LAYOUTS[layout].sections(filled)
    required = LAYOUTS[layout].required
    if not any(section.name == required for section in sections):
        raise BadAnswer(f"empty: the answer has no sentence for {required or 'a bullet'}")
    return sections


def _again(
    state: State,
    answer: Answer,
    findings: tuple[Finding, ...],
    problems: tuple[str, ...],
    repair: Repair,
    attempts: int,
) -> State | HeldBack:
    asked = state.request
    if asked.attempt >= attempts:
        return HeldBack(
            paper_id=asked.paper.id,
            layout=asked.layout,
            reason=problems[0] if len(problems) == 1 else f"{problems[0]} (and {len(problems) - 1} more)",
            findings=findings,
            model=answer.model,
            usage=state.usage,
            attempts=asked.attempt,
        )
    said = (Message(role="assistant", content=answer.content[:_SHOWN_OF_A_BAD_ANSWER]),) if answer.content else ()
    messages = (*asked.messages[:2], *said, repair(problems))
    return state.model_copy(
        update={"request": asked.model_copy(update={"messages": messages, "attempt": asked.attempt + 1})}
    )


def _as_problem(finding: Finding) -> str:
    return f"{finding.rule}: {finding.message}"
