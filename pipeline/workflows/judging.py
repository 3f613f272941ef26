"""Printed entries before the second reader: a question an entry, booked and paid for once, answers as findings.

Nothing printed is changed. An entry whose question was answered in an earlier run is not asked about again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from pipeline.core.budget import Estimate, Prices, estimate_readings, largest
from pipeline.core.errors import ModelUnavailable
from pipeline.core.models import (
    Answer,
    Failed,
    Finding,
    HeldBack,
    Outcome,
    Paper,
    Prompt,
    Request,
    SourceText,
    Summary,
)
from pipeline.core.rules import finding
from pipeline.core.text import fold, plain
from pipeline.engines.base import Job, Workload
from pipeline.fulltext.document import Block, Document, abstract_block, clean
from pipeline.fulltext.instructions import strip_prompt_injections
from pipeline.fulltext.selection import select
from pipeline.ledger import Ledger
from pipeline.lint.audit import Printed, Source
from pipeline.summarise import judge
from pipeline.summarise.falsify import Falsified
from pipeline.summarise.prompts import JudgePrompt
from pipeline.summarise.steps import State
from pipeline.workflows.calls import CallAccounting, request_hash
from pipeline.workflows.context import RunContext

# What its calls are booked under in the ledger, in a layout's place: no summary of a paper rests on them.
BOOKED_AS = "verify"
# Tokens of a text without an abstract that are shown where no text is wanted.
_LEAST = 1000


class Asking(NamedTuple):
    """How printed entries are read: by which model, and with how many tokens of a paper's text."""

    prompt: JudgePrompt
    model: str
    text_budget: int


class Due(NamedTuple):
    """What a reading has to do: entries, those of them that are not paid for yet, what these come to, and the most
    that the smallest of their calls can cost in US dollars, None where no price is known or nothing is to ask.
    """

    entries: int
    asked: int
    estimate: Estimate
    least: float | None


class Read(NamedTuple):
    """What a reading came to: findings, how many entries were read, why others were not, what stopped the model."""

    findings: list[Finding]
    read: int
    unread: tuple[str, ...]
    stopped: ModelUnavailable | None


def readable(entries: Iterable[Printed | Finding]) -> list[Printed]:
    """The entries that can be read: those with a source and a sentence."""
    return [one for one in entries if isinstance(one, Printed) and one.source and one.claims]


def due(entries: Sequence[Printed], asking: Asking, ledger: Ledger, prices: Prices) -> Due:
    """What the questions about these entries come to, answered ones left out. Calls nobody."""
    asked = 0
    least: Request | None = None

    def questions() -> Iterator[Request]:
        nonlocal asked, least
        for one in entries:
            request = _Question(one, asking).request
            if not ledger.answers(request_hash(request, asking.model)):
                asked += 1
                least = min(least or request, request, key=largest)
                yield request

    cost = estimate_readings(questions(), prices, asking.model)
    return Due(len(entries), asked, cost, prices.most(least, asking.model) if least else None)


def read(entries: Sequence[Printed], asking: Asking, context: RunContext, heard: Callable[[Outcome], None]) -> Read:
    """Ask about every entry; each answer is in the ledger before it is used."""
    found: dict[int, tuple[Finding, ...]] = {}
    unread: list[str] = []

    def question(paper: Paper) -> _Question:
        return _Question(entries[paper.rank], asking, paper.rank)

    def advance(state: State, answer: Answer) -> State | Summary:
        asked = question(state.writer_request.paper)
        findings = asked.findings(answer, last=state.uncounted > 0)
        if findings is None:
            return state.model_copy(update={"uncounted": 1})
        found[state.writer_request.paper.rank] = findings
        return asked.outcome(findings, answer)

    def done(outcome: Outcome) -> None:
        if isinstance(outcome, Failed | HeldBack):
            unread.append(f"{outcome.paper_id} ({outcome.layout}): {outcome.reason}")
        heard(outcome)

    jobs = [Job(one.layout, _paper(one, number)) for number, one in enumerate(entries)]
    work = Workload(jobs, lambda job: question(job.paper).state, advance, done, CallAccounting(context, BOOKED_AS))
    stopped = context.runner.run(context.writer.engine(work))
    findings = [one for number in sorted(found) for one in found[number]]
    return Read(findings, len(found), tuple(unread), stopped)


class _Question:
    """The question about one printed entry; `number` is its place among all that are read."""

    def __init__(self, printed: Printed, asking: Asking, number: int = 0) -> None:
        assert printed.source is not None  # `readable` left the others out  # noqa: S101
        self._printed, self._asking = printed, asking
        self._paper, self._claims = _paper(printed, number), printed.claims
        self._source = source_of(self._paper, printed.source, asking.text_budget)
        self._planted: Falsified | None = judge.plant(self._claims, self._source, self._paper.title)

    @cached_property
    def request(self) -> Request:
        """The question, with every sentence of the entry in it."""
        prompt = self._asking.prompt
        asked = judge.items(self._claims, self._planted)
        return Request(
            layout=self._printed.layout,
            paper=self._paper,
            source=self._source,
            messages=prompt.messages(self._paper, self._source, asked, cache_paper=False),
            answer_schema=judge.Verdicts.model_json_schema(),
            temperature=prompt.meta.temperature,
            max_tokens=prompt.meta.max_tokens,
            model=self._asking.model,
        )

    @property
    def state(self) -> State:
        """What an engine begins with."""
        return State(request=self.request, prompt=self._prompt, writer_request=self.request)

    def findings(self, answer: Answer, last: bool) -> tuple[Finding, ...] | None:
        """What the answer objects to, each in its place; None for one that does not count and is not the last."""
        try:
            found = judge.findings(answer.content, self._claims, self._planted)
        except judge.UnreliableJudge as error:
            if not last:
                return None
            found = (finding("reader/unreliable", f"The second reader did not count: {error}."),)
        if self._planted is None:
            found = (*found, judge.UNTESTED)
        return tuple(map(self._placed, found))

    def outcome(self, findings: tuple[Finding, ...], answer: Answer) -> Summary:
        """The entry as it was read."""
        return Summary(
            paper_id=self._paper.id,
            layout=self._printed.layout,
            sections=self._printed.entry.sections,
            claims=self._claims,
            findings=findings,
            model=answer.model,
            prompt=self._prompt,
        )

    @property
    def _prompt(self) -> Prompt:
        meta = self._asking.prompt.meta
        return Prompt(name=meta.name, version=meta.version, hash="")

    def _placed(self, found: Finding) -> Finding:
        said = found.message
        if self._source.cut:
            shown, cut = len(self._source.sentences), fold("; ".join(self._source.cut))
            said += f" (It was shown {shown} sentences of the paper; {cut}.)"
        return self._printed.at(found.model_copy(update={"message": said}), found.text)


def source_of(paper: Paper, source: Source, text_budget: int) -> SourceText:
    """What the second reader is shown of a paper: its abstract, and what the budget in tokens allows of its text."""
    abstract = (abstract_block(paper),) if paper.abstract.strip() else ()
    lines = (clean(plain(line)) for line in source.text.splitlines())
    text = tuple(Block(text=line) for line in lines if line) if text_budget or not abstract else ()
    document = Document(paper_id=paper.id, origin="abstract", blocks=(*abstract, *text))
    return strip_prompt_injections(select(document, max(text_budget, _LEAST)))


def _paper(printed: Printed, number: int) -> Paper:
    source = printed.source
    title, abstract = (source.title, source.abstract) if source else ("", "")
    return Paper(
        id=printed.entry.paper_id,
        title=plain(title or printed.entry.title),
        abstract=plain(abstract),
        authors=(),
        rank=number,
    )
