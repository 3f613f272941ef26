"""What we say about a paper: state + answer → next request, Summary or HeldBack. Pure: no I/O, no clock, no model.

A bad answer is asked again here, with what was wrong; a bad network is the adapter's matter. Sentences that the gate or
the judge (the second reader) objects to are asked about once: what blocks must change, a suspicion may stay. Then what
still blocks is left out, and the judge decides the suspicions; without a judge they are left out as well. A paper
whose first section is lost is held back. A headline at fault is left out and holds nothing back.
"""

from collections.abc import Callable
from contextlib import suppress
from difflib import SequenceMatcher
from typing import NamedTuple

from pydantic import ValidationError

from pipeline.core.models import (
    HEADLINE,
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
from pipeline.core.rules import RULES, Effect, finding
from pipeline.core.text import fold
from pipeline.layouts import LAYOUTS, answer_schema, read_answer, read_repair, repair_schema
from pipeline.layouts.answers import Envelope, LayoutAnswer, Revisions, Sentence
from pipeline.summarise import judge
from pipeline.summarise.prompts import JudgePrompt, PromptFile

_SHOWN_OF_A_BAD_ANSWER = 8000
_SHOWN_CITATIONS = 3
_SHOWN_OF_A_SENTENCE = 500


class Draft(NamedTuple):
    """An answer in the layout's schema, as it would be printed, and what the rules find in it.

    `answer` has the draft as its content: a repair that named sentences is merged into what it repairs.
    """

    answer: Answer
    filled: LayoutAnswer
    sections: tuple[Section, ...]
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...] = ()


class Objection(NamedTuple):
    """What is said against a sentence. `sure`: it must change; else the writer is to check it."""

    sure: bool
    message: str


class RepairItem(NamedTuple):
    """A sentence of an answer that the writer is asked about, by its number from 1, with the passages that it cites."""

    number: int
    text: str
    problems: list[Objection]
    passages: list[str]


Verify = Callable[[tuple[Section, ...], tuple[Claim, ...], LayoutName, Paper, SourceText], tuple[Finding, ...]]


class Rules(NamedTuple):
    """How answers are judged. `attempts` is how often the writer may be asked; without a judge the rules decide."""

    verify: Verify
    prompt: Callable[[LayoutName], PromptFile]
    attempts: int
    judge_prompt: JudgePrompt | None = None
    judge_model: str | None = None


class State(Frozen):
    """Where one paper and layout stands: the question to ask next, and what asking has cost so far.

    `writer_request` is the writer's last question; `answer` is its answer while the judge is asked, else None.
    `repairing` is its answer while it is asked about the sentences `repair_numbers` of it, else None.
    `repaired` says that the one repair is spent, `uncounted` how many answers of the judge did not count.
    """

    request: Request
    prompt: Prompt
    usage: Usage = Usage()
    writer_request: Request
    answer: Answer | None = None
    repairing: Answer | None = None
    repair_numbers: tuple[int, ...] = ()
    repaired: bool = False
    uncounted: int = 0


Step = State | Summary | HeldBack


def begin(paper: Paper, source: SourceText, prompt: PromptFile, cache_paper: bool = True) -> State:
    """Ask the first question about a paper; `cache_paper`: other layouts will ask about it as well."""
    request = Request(
        layout=prompt.layout,
        paper=paper,
        source=source,
        messages=prompt.messages(paper, source, cache_paper),
        answer_schema=answer_schema(),
        temperature=prompt.meta.temperature,
        max_tokens=prompt.meta.max_tokens,
    )
    return State(request=request, prompt=prompt.prompt, writer_request=request)


def advance(state: State, answer: Answer, rules: Rules) -> Step:
    """Take the next step after an answer of the writer, or of the judge."""
    state = state.model_copy(update={"usage": state.usage + answer.usage})
    if state.answer:
        return _after_verdicts(state, state.answer, answer, rules)
    try:
        draft = _verified(state, _read_reply(state, answer), rules)
    except BadAnswer as bad:
        return _ask_again(state, answer, (), (str(bad),), rules)
    state = state.model_copy(update={"repairing": None, "repair_numbers": ()})
    objections = tuple(found for found in draft.findings if _effect(found) in ("blocks", "asks"))
    if objections and _may_repair(state, rules):
        return _repair(state, draft, objections, rules)
    return _settle(state, draft, _at_fault(draft, bool(rules.judge_prompt)), rules)


class BadAnswer(ValueError):
    """An answer that holds no sections; the message says why, for the model and for the record."""


def _read_reply(state: State, answer: Answer) -> Draft:
    """Read the writer's answer, or what its repair makes of the answer before.

    A repair that cannot be read changes nothing. One that writes the whole answer anew is laid beside the first.
    """
    layout = state.writer_request.layout
    if state.repairing is None:
        return _read(layout, answer)
    before = _read(layout, state.repairing)
    if answer.problem:
        return before
    try:
        changes: Revisions | None = read_repair(answer.content)
    except ValidationError:
        anew = before
        with suppress(BadAnswer):
            anew = _read(layout, answer)
        changes = _corrections(before, anew)
        if changes is None:
            return anew
    asked_for = {place: new for place, new in (changes or {}).items() if place + 1 in state.repair_numbers}
    try:
        return _revised(layout, before, asked_for, answer)
    except BadAnswer:
        return before


def _corrections(before: Draft, anew: Draft) -> Revisions | None:
    """Match an answer written anew with the sentences of the first; None where they do not correspond."""
    headline = (claim for claim in anew.claims if claim.section == HEADLINE)
    changes: dict[int, Sentence | None] = {len(_body(before)): _as_sentence(claim) for claim in headline}
    for section in dict.fromkeys(claim.section for claim in _body(before)):
        places = [place for place, claim in enumerate(before.claims) if claim.section == section]
        new = [claim for claim in anew.claims if claim.section == section]
        texts = [before.claims[place].text for place in places], [claim.text for claim in new]
        for kind, start, end, at, to in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
            if kind == "replace" and end - start != to - at:
                return None
            changes |= dict.fromkeys(places[start:end])
            changes |= dict(zip(places[start:end], map(_as_sentence, new[at:to]), strict=False))
    return changes


def _as_sentence(claim: Claim) -> Sentence:
    return Sentence(text=claim.text, cites=list(claim.cites))


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
    return _draft(layout, filled, answer)


def _draft(layout: LayoutName, filled: LayoutAnswer, answer: Answer) -> Draft:
    """Return an answer as it would be printed; BadAnswer for an empty first section, or where no sentence cites any."""
    sections, required = filled.sections(), LAYOUTS[layout].required
    if not any(section.name == required for section in sections):
        raise BadAnswer(f"empty: the answer has no sentence for {required or 'a bullet'}")
    draft = Draft(answer, filled, sections, filled.claims())
    if not any(claim.cites for claim in _body(draft)):
        raise BadAnswer(f"not the schema: a sentence without citations: {draft.claims[0].text}")
    return draft


def _revised(layout: LayoutName, draft: Draft, changes: Revisions, answer: Answer) -> Draft:
    """Return the draft with its claims changed, by their places from 0; BadAnswer as in `_draft`."""
    filled = draft.filled.revised(changes)
    whole = answer.model_copy(update={"content": Envelope(answer=filled).model_dump_json()})
    return _draft(layout, filled, whole)


def _verified(state: State, draft: Draft, rules: Rules) -> Draft:
    """Return the draft with what the rules find in it, by the number of the sentence; the headline is the last."""
    asked = state.writer_request
    found = list(rules.verify(draft.sections, draft.claims, asked.layout, asked.paper, asked.source))
    said = "It cites nothing: name the sentences of the paper that say it, none where only the title does."
    uncited = (number for number, claim in enumerate(draft.claims, start=1) if not claim.cites)
    found += [finding("citations/missing", said, sentence=number) for number in uncited]
    if rules.attempts > 1 and len(_body(draft)) == len(draft.claims):  # one that is asked once need not have any
        said = "The headline is missing: write one Korean line of at most 40 characters that says what is new."
        found.append(finding("field/headline", said, sentence=len(draft.claims) + 1))
    return draft._replace(findings=tuple(one.model_copy(update={"paper_id": asked.paper.id}) for one in found))


def _effect(found: Finding) -> Effect | None:
    return RULES[found.rule].effect


def _body(draft: Draft) -> tuple[Claim, ...]:
    """Return the sentences that are printed: all but the headline."""
    return tuple(claim for claim in draft.claims if claim.section != HEADLINE)


def _may_repair(state: State, rules: Rules) -> bool:
    return not state.repaired and state.writer_request.attempt < rules.attempts


def _at_fault(draft: Draft, decided: bool) -> tuple[Finding, ...]:
    """Return the findings that cost their sentence or the whole entry: those that block, and undecided suspicions.

    A suspicion of the whole costs nothing, and none costs a sentence where a judge has `decided` or will; the
    headline is not worth a doubt.
    """
    body = len(_body(draft))
    return tuple(
        found
        for found in draft.findings
        if _effect(found) == "blocks"
        or (_effect(found) == "asks" and found.sentence and not (decided and found.sentence <= body))
    )


def _repair(state: State, draft: Draft, objections: tuple[Finding, ...], rules: Rules) -> Step:
    """Ask about the sentences that are objected to; for the whole answer where that is at fault."""
    state = state.model_copy(update={"repaired": True})
    if any(found.sentence is None and _effect(found) == "blocks" for found in objections):
        problems = tuple(_as_problem(found, draft, state.writer_request.source) for found in objections)
        return _ask_again(state, draft.answer, objections, problems, rules)
    doubts = [found.message for found in objections if found.sentence is None]
    count = len(_body(draft)) + 1
    named = sorted({found.sentence for found in objections if found.sentence})
    question = rules.prompt(state.writer_request.layout).repair_of(
        [_item(number, draft, objections, state.writer_request.source) for number in named], doubts, count
    )
    numbers = tuple(range(1, count + 1)) if doubts else tuple(named)
    state = state.model_copy(update={"repairing": draft.answer, "repair_numbers": numbers})
    return _ask(state, draft.answer, question, repair_schema())


def _item(number: int, draft: Draft, objections: tuple[Finding, ...], source: SourceText) -> RepairItem:
    text = draft.claims[number - 1].text[:_SHOWN_OF_A_SENTENCE] if number <= len(draft.claims) else ""
    problems = [
        Objection(_effect(found) == "blocks", _named(found).removesuffix(f" In the sentence: {text}"))
        for found in objections
        if found.sentence == number
    ]
    return RepairItem(number, text, problems, _passages(number, draft, source))


def _settle(
    state: State, draft: Draft, at_fault: tuple[Finding, ...], rules: Rules, *more: Finding, read: bool = False
) -> Step:
    """Leave out what is at fault, then ask the judge about what is left, unless it was `read`; then print.

    What is left of an answer that broke a rule is for the judge to read as well. `more` is recorded.
    """
    less = _without(state, draft, at_fault, rules)
    if less is None:
        blocking = tuple(found for found in at_fault if (found.sentence or 0) <= len(_body(draft)))
        return _held_back(state, draft.answer, blocking, tuple(map(_named, blocking)))
    if rules.judge_prompt and not read:
        return _ask_judge(state, less, rules.judge_prompt, rules.judge_model)
    return _summary(state, less, (*less.findings, *more))


def _without(state: State, draft: Draft, at_fault: tuple[Finding, ...], rules: Rules) -> Draft | None:
    """Return the draft without the sentences at fault; None when a fault is of the whole, or nothing would be left."""
    if not at_fault:
        return draft
    if any(found.sentence is None for found in at_fault):
        return None
    dropped = dict.fromkeys(found.sentence - 1 for found in at_fault if found.sentence)
    try:
        less = _verified(state, _revised(state.writer_request.layout, draft, dropped, draft.answer), rules)
    except BadAnswer:
        return None
    body = len(_body(less))
    return None if any(_effect(f) == "blocks" and (f.sentence or 0) <= body for f in less.findings) else less


def _ask_judge(state: State, draft: Draft, prompt: JudgePrompt, model: str | None) -> State:
    asked = state.writer_request
    items = judge.items(draft.claims, judge.plant(draft.claims, asked.source, asked.paper.title))
    changes = {
        "messages": prompt.messages(asked.paper, asked.source, items, cache_paper=asked.messages[1].shared > 0),
        "answer_schema": judge.Verdicts.model_json_schema(),
        "temperature": prompt.meta.temperature,
        "max_tokens": prompt.meta.max_tokens,
        "model": model,
    }
    return state.model_copy(update={"request": asked.model_copy(update=changes), "answer": draft.answer})


def _after_verdicts(state: State, answer: Answer, reading: Answer, rules: Rules) -> Step:
    """Turn the judge's verdicts into findings. An unreliable judge is asked once more; then nobody has decided."""
    draft = _verified(state, _read(state.writer_request.layout, answer), rules)
    planted = judge.plant(draft.claims, state.writer_request.source, state.writer_request.paper.title)
    try:
        objections = judge.findings(reading.content, draft.claims, planted)
    except judge.UnreliableJudge as error:
        if not state.uncounted:
            return state.model_copy(update={"uncounted": 1})
        doubt = finding("reader/unreliable", f"The second reader did not count: {error}.")
        return _settle(state, draft, _at_fault(draft, decided=False), rules, doubt, read=True)
    if objections and _may_repair(state, rules):
        return _repair(state.model_copy(update={"answer": None}), draft, objections, rules)
    untested = () if planted else (judge.UNTESTED,)
    return _settle(state, draft, objections, rules, *untested, read=True)


def _ask_again(
    state: State, answer: Answer, findings: tuple[Finding, ...], problems: tuple[str, ...], rules: Rules
) -> State | HeldBack:
    """Ask for the whole answer anew, unless the writer was asked often enough."""
    if state.writer_request.attempt >= rules.attempts:
        return _held_back(state, answer, findings, problems)
    return _ask(state, answer, rules.prompt(state.writer_request.layout).repair(problems), answer_schema())


def _ask(state: State, answer: Answer, question: Message, schema: dict[str, object]) -> State:
    """Ask the writer the next question, about its answer."""
    asked = state.writer_request
    said = (Message(role="assistant", content=answer.content[:_SHOWN_OF_A_BAD_ANSWER]),) if answer.content else ()
    changes = {
        "messages": (*asked.messages[:2], *said, question),
        "answer_schema": schema,
        "attempt": asked.attempt + 1,
    }
    request = asked.model_copy(update=changes)
    return state.model_copy(update={"request": request, "writer_request": request})


def _summary(state: State, draft: Draft, findings: tuple[Finding, ...]) -> Summary:
    source, claims = state.writer_request.source, draft.claims
    numbers = sorted({number for claim in claims for number in claim.cites if 0 < number <= len(source.sentences)})
    cited = ((number, source.sentences[number - 1]) for number in numbers)
    return Summary(
        paper_id=state.writer_request.paper.id,
        layout=state.writer_request.layout,
        sections=draft.sections,
        headline=next((claim for claim in claims if claim.section == HEADLINE), None),
        claims=_body(draft),
        cited=tuple(Cited(number=n, text=one.text, section=one.section, anchor=one.anchor) for n, one in cited),
        origin=source.origin,
        cut=source.cut,
        findings=findings,
        model=draft.answer.model,
        prompt=state.prompt,
        usage=state.usage,
        attempts=state.writer_request.attempt,
    )


def _held_back(state: State, answer: Answer, findings: tuple[Finding, ...], problems: tuple[str, ...]) -> HeldBack:
    return HeldBack(
        paper_id=state.writer_request.paper.id,
        layout=state.writer_request.layout,
        reason=problems[0] if len(problems) == 1 else f"{problems[0]} (and {len(problems) - 1} more)",
        findings=findings,
        model=answer.model,
        usage=state.usage,
        attempts=state.writer_request.attempt,
    )


def _named(found: Finding) -> str:
    return f"{found.rule}: {found.message}"


def _as_problem(found: Finding, draft: Draft, source: SourceText) -> str:
    """Word a finding for the writer, with the passages that its sentence cites."""
    passages = _passages(found.sentence, draft, source) if found.sentence else []
    return f"{_named(found)} The paper says: {' '.join(passages)}" if passages else _named(found)


def _passages(number: int, draft: Draft, source: SourceText) -> list[str]:
    """Return the first sentences of the paper that a sentence cites, with their numbers."""
    cites = draft.claims[number - 1].cites[:_SHOWN_CITATIONS] if number <= len(draft.claims) else ()
    return [f"[{n}] {source.sentences[n - 1].text}" for n in cites if 0 < n <= len(source.sentences)]
