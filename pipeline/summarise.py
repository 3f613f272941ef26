"""What we say about a paper: state + answer → next request, Summary or HeldBack. Pure: no I/O, no clock, no model.

A bad answer is asked again here, with what was wrong; a bad network is the adapter's matter. Sentences that the gate or
the second reader objects to are asked again once; what still fails is left out, or the whole paper is held back.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import ValidationError

from pipeline import reader
from pipeline.layouts import LAYOUTS, answer_schema, read_answer
from pipeline.layouts.answers import Envelope
from pipeline.models import (
    Answer,
    Cited,
    Claim,
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
from pipeline.prompts import PromptFile, ReaderPrompt
from pipeline.rules import finding
from pipeline.text import fold

# Recorded, no reason to ask again: a thumbnail is mended when the entry is put together, what stands elsewhere in the
# paper than cited is still the paper's, praise is no untruth, and a reader that does not count says nothing. That an
# entry is of another paper was wrongly said of 3.2 % of true ones, on entries that the rule was not tuned on: the other
# rules and the second reader decide.
RECORDED_ONLY = frozenset(
    {"field/media", "numbers/elsewhere", "terms/elsewhere", "filler/praise", "reader/unreliable"}
    | {"reader/untested", "identity/other-paper"}
)
_SHOWN_OF_A_BAD_ANSWER = 8000
_SHOWN_CITATIONS = 3


class Draft(NamedTuple):
    """An answer in the layout's schema, as it would be printed."""

    filled: Any
    sections: tuple[Section, ...]
    claims: tuple[Claim, ...]


Verify = Callable[[tuple[Section, ...], tuple[Claim, ...], LayoutName, Paper, SourceText], tuple[Finding, ...]]


class Rules(NamedTuple):
    """How answers are judged. `attempts` bounds how often the writer is asked in all; no reader: rules alone decide."""

    verify: Verify
    prompt: Callable[[LayoutName], PromptFile]
    attempts: int
    reader: ReaderPrompt | None = None
    reader_model: str | None = None


class State(Frozen):
    """Where one paper and layout stands: the question to ask next, and what asking has cost so far.

    `written` is the writer's last question; `answer` is its answer while the second reader is asked, else None.
    `repaired` says that the one repair is spent, `unread` how many answers of the reader did not count.
    """

    request: Request
    prompt: Prompt
    usage: Usage = Usage()
    written: Request
    answer: Answer | None = None
    repaired: bool = False
    unread: int = 0


Step = State | Summary | HeldBack


def begin(paper: Paper, source: SourceText, prompt: PromptFile, again: bool = True) -> State:
    """The first question about a paper; `again`: other layouts will ask about it as well."""
    request = Request(
        layout=prompt.layout,
        paper=paper,
        source=source,
        messages=prompt.messages(paper, source, again),
        answer_schema=answer_schema(),
        temperature=prompt.meta.temperature,
        max_tokens=prompt.meta.max_tokens,
    )
    return State(request=request, prompt=prompt.prompt, written=request)


def advance(state: State, answer: Answer, rules: Rules) -> Step:
    """What follows from an answer: of the writer, or of the second reader."""
    state = state.model_copy(update={"usage": state.usage + answer.usage})
    if state.answer:
        return _after_reading(state, state.answer, answer, rules)
    try:
        draft = _read(state.written.layout, answer)
    except BadAnswer as bad:
        return _ask_again(state, answer, (), (str(bad),), rules)
    findings = _held_against(state, draft, rules)
    if _blocking(findings):
        return _mend(state, answer, draft, _blocking(findings), rules)
    if rules.reader:
        return _to_reader(state, answer, draft, rules.reader, rules.reader_model)
    return _summary(state, answer, draft, findings)


class BadAnswer(ValueError):
    """An answer that holds no sections; the message says why, for the model and for the record."""


def _read(layout: LayoutName, answer: Answer) -> Draft:
    if answer.problem:
        raise BadAnswer(f"{answer.problem}: {answer.detail}" if answer.detail else answer.problem)
    try:
        filled = read_answer(layout, answer.content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        kind = "bad JSON" if first["type"] == "json_invalid" else "not the schema"
        place = ".".join(str(part) for part in first["loc"])
        raise BadAnswer(f"{kind}: {place + ': ' if place else ''}{fold(first['msg'])}") from None
    return _draft(layout, filled)


def _draft(layout: LayoutName, filled: Any) -> Draft:
    """An answer as it would be printed; BadAnswer when its first section is empty or a sentence cites nothing."""
    sections, required = LAYOUTS[layout].sections(filled), LAYOUTS[layout].required
    if not any(section.name == required for section in sections):
        raise BadAnswer(f"empty: the answer has no sentence for {required or 'a bullet'}")
    claims = LAYOUTS[layout].claims(filled)
    if uncited := [claim.text for claim in claims if not claim.cites]:
        raise BadAnswer(f"not the schema: a sentence without citations: {uncited[0]}")
    return Draft(filled, sections, claims)


def _held_against(state: State, draft: Draft, rules: Rules) -> tuple[Finding, ...]:
    asked = state.written
    return rules.verify(draft.sections, draft.claims, asked.layout, asked.paper, asked.source)


def _blocking(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(found for found in findings if found.rule not in RECORDED_ONLY)


def _mend(state: State, answer: Answer, draft: Draft, blocking: tuple[Finding, ...], rules: Rules) -> Step:
    """One repair; then the sentences that still fail are left out; then the paper is held back.

    What is left of an answer that broke a rule is for the second reader to read as well.
    """
    if not state.repaired and state.written.attempt < rules.attempts:
        problems = tuple(_as_problem(found, draft, state.written.source) for found in blocking)
        return _ask_again(state.model_copy(update={"repaired": True}), answer, blocking, problems, rules)
    less = _without(draft, blocking, state.written.layout)
    findings = _held_against(state, less, rules) if less else blocking
    if less is None or _blocking(findings):
        return _held_back(state, answer, blocking, tuple(_named(found) for found in blocking))
    if rules.reader and not any(found.rule.startswith("reader/") for found in blocking):
        rest = answer.model_copy(update={"content": Envelope(answer=less.filled).model_dump_json()})
        return _to_reader(state, rest, less, rules.reader, rules.reader_model)
    return _summary(state, answer, less, findings)


def _without(draft: Draft, blocking: tuple[Finding, ...], layout: LayoutName) -> Draft | None:
    """The draft without the sentences at fault; None when a fault is of the whole, or nothing would be left of it."""
    if any(found.sentence is None for found in blocking):
        return None
    dropped = {found.sentence - 1 for found in blocking if found.sentence}
    try:
        return _draft(layout, LAYOUTS[layout].without(draft.filled, dropped))
    except BadAnswer:
        return None


def _to_reader(state: State, answer: Answer, draft: Draft, prompt: ReaderPrompt, model: str | None) -> State:
    paper, source = state.written.paper, state.written.source
    items = reader.items(draft.claims, reader.plant(draft.claims, source, paper.title))
    question = Request(
        layout=state.written.layout,
        paper=paper,
        source=source,
        messages=prompt.messages(paper, source, items, again=state.written.messages[1].shared > 0),
        answer_schema=reader.Verdicts.model_json_schema(),
        temperature=prompt.meta.temperature,
        max_tokens=prompt.meta.max_tokens,
        model=model,
        attempt=state.written.attempt,
    )
    return state.model_copy(update={"request": question, "answer": answer})


def _after_reading(state: State, answer: Answer, reading: Answer, rules: Rules) -> Step:
    """The reader's verdicts as findings. One that does not count is asked once more, then only recorded."""
    draft = _read(state.written.layout, answer)
    recorded = _held_against(state, draft, rules)
    planted = reader.plant(draft.claims, state.written.source, state.written.paper.title)
    try:
        objections = reader.findings(reading.content, draft.claims, planted)
    except reader.NotCounted as error:
        if not state.unread:
            return state.model_copy(update={"unread": 1})
        doubt = finding("reader/unreliable", f"The second reader did not count: {error}.")
        return _summary(state, answer, draft, (*recorded, doubt))
    if objections:
        return _mend(state.model_copy(update={"answer": None}), answer, draft, objections, rules)
    untested = () if planted else (reader.UNTESTED,)
    return _summary(state, answer, draft, (*recorded, *untested))


def _ask_again(
    state: State, answer: Answer, findings: tuple[Finding, ...], problems: tuple[str, ...], rules: Rules
) -> State | HeldBack:
    asked = state.written
    if asked.attempt >= rules.attempts:
        return _held_back(state, answer, findings, problems)
    said = (Message(role="assistant", content=answer.content[:_SHOWN_OF_A_BAD_ANSWER]),) if answer.content else ()
    messages = (*asked.messages[:2], *said, rules.prompt(asked.layout).repair(problems))
    request = asked.model_copy(update={"messages": messages, "attempt": asked.attempt + 1})
    return state.model_copy(update={"request": request, "written": request})


def _summary(state: State, answer: Answer, draft: Draft, findings: tuple[Finding, ...]) -> Summary:
    return Summary(
        paper_id=state.written.paper.id,
        layout=state.written.layout,
        sections=draft.sections,
        claims=draft.claims,
        cited=_cited(draft.claims, state.written.source),
        origin=state.written.source.origin,
        cut=state.written.source.cut,
        findings=findings,
        model=answer.model,
        prompt=state.prompt,
        usage=state.usage,
        attempts=state.written.attempt,
    )


def _cited(claims: tuple[Claim, ...], source: SourceText) -> tuple[Cited, ...]:
    numbers = sorted({number for claim in claims for number in claim.cites if 0 < number <= len(source.sentences)})
    found = ((number, source.sentences[number - 1]) for number in numbers)
    return tuple(Cited(number=n, text=one.text, section=one.section, anchor=one.anchor) for n, one in found)


def _held_back(state: State, answer: Answer, findings: tuple[Finding, ...], problems: tuple[str, ...]) -> HeldBack:
    return HeldBack(
        paper_id=state.written.paper.id,
        layout=state.written.layout,
        reason=problems[0] if len(problems) == 1 else f"{problems[0]} (and {len(problems) - 1} more)",
        findings=findings,
        model=answer.model,
        usage=state.usage,
        attempts=state.written.attempt,
    )


def _named(found: Finding) -> str:
    return f"{found.rule}: {found.message}"


def _as_problem(found: Finding, draft: Draft, source: SourceText) -> str:
    """A finding with the passages that its sentence cites, for the writer to correct it by."""
    cites = draft.claims[found.sentence - 1].cites[:_SHOWN_CITATIONS] if found.sentence else ()
    passages = [f"[{n}] {source.sentences[n - 1].text}" for n in cites if 0 < n <= len(source.sentences)]
    return f"{_named(found)} The paper says: {' '.join(passages)}" if passages else _named(found)
