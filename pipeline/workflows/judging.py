"""Printed entries before the judge: one question an entry, booked and paid for once; answers become findings.

Nothing printed is changed. An entry whose question was answered in an earlier run is not asked about again.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from pipeline.core.budget import estimate_judge_calls, max_input_tokens, require_room
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
from pipeline.ops.account import JudgingEstimate
from pipeline.summarise import judge
from pipeline.summarise.falsify import Falsified
from pipeline.summarise.prompts import JudgePrompt
from pipeline.summarise.steps import State
from pipeline.workflows.calls import CallAccounting, request_hash
from pipeline.workflows.context import CostContext, RunContext

# What its calls are booked under in the ledger, in a layout's place: no summary of a paper rests on them.
BOOKED_AS = "verify"
# Tokens of a text without an abstract that are shown where no text is wanted.
_LEAST = 1000


class JudgeConfig(NamedTuple):
    """How printed entries are judged: by which model, and with how many tokens of a paper's text."""

    prompt: JudgePrompt
    model: str
    text_budget: int


class Judged(NamedTuple):
    """What came of judging: findings, how many entries were judged, why others were not, what stopped the model."""

    findings: list[Finding]
    entries: int
    unread: tuple[str, ...]
    stopped: ModelUnavailable | None


def judgeable(entries: Iterable[Printed | Finding]) -> list[Printed]:
    """Return the entries that can be judged: those with a source and a sentence."""
    return [one for one in entries if isinstance(one, Printed) and one.source and one.claims]


def estimate_judging(
    entries: Sequence[Printed], config: JudgeConfig, ledger: Ledger, costs: CostContext
) -> JudgingEstimate:
    """Estimate the questions about these entries, answered ones left out. Calls no model.

    ConfigError for a budget that no call fits into.
    """
    asked = 0
    least: Request | None = None

    def requests() -> Iterator[Request]:
        nonlocal asked, least
        for one in entries:
            request = _Question(one, config).request
            if not ledger.answers(request_hash(request, config.model)):
                asked += 1
                least = min(least or request, request, key=max_input_tokens)
                yield request

    cost = estimate_judge_calls(requests(), costs.prices, config.model)
    require_room(costs.usd_per_run, costs.prices.max_cost(least, config.model) if least else None)
    return JudgingEstimate(len(entries), asked, cost)


def judge_entries(entries: Sequence[Printed], config: JudgeConfig, context: RunContext) -> Judged:
    """Ask about every entry; each answer is in the ledger before it is used."""
    found: dict[int, tuple[Finding, ...]] = {}
    unread: list[str] = []

    def question(paper: Paper) -> _Question:
        return _Question(entries[paper.rank], config, paper.rank)

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
        context.writer.on_outcome(outcome)

    jobs = [Job(one.layout, _paper(one, number)) for number, one in enumerate(entries)]
    work = Workload(jobs, lambda job: question(job.paper).state, advance, done, CallAccounting(context, BOOKED_AS))
    stopped = context.runner.run(context.writer.engine(work))
    findings = [one for number in sorted(found) for one in found[number]]
    return Judged(findings, len(found), tuple(unread), stopped)


class _Question:
    """The question about one printed entry; `number` is its place among all that are judged."""

    def __init__(self, printed: Printed, config: JudgeConfig, number: int = 0) -> None:
        assert printed.source is not None  # `judgeable` left the others out  # noqa: S101
        self._printed, self._config = printed, config
        self._paper, self._claims = _paper(printed, number), printed.claims
        self._source = source_of(self._paper, printed.source, config.text_budget)
        self._planted: Falsified | None = judge.plant(self._claims, self._source, self._paper.title)

    @cached_property
    def request(self) -> Request:
        """The question, with every sentence of the entry in it."""
        prompt = self._config.prompt
        asked = judge.items(self._claims, self._planted)
        return Request(
            layout=self._printed.layout,
            paper=self._paper,
            source=self._source,
            messages=prompt.messages(self._paper, self._source, asked, cache_paper=False),
            answer_schema=judge.Verdicts.model_json_schema(),
            temperature=prompt.meta.temperature,
            max_tokens=prompt.meta.max_tokens,
            model=self._config.model,
        )

    @property
    def state(self) -> State:
        """The state that an engine begins with."""
        return State(request=self.request, prompt=self._prompt, writer_request=self.request)

    def findings(self, answer: Answer, last: bool) -> tuple[Finding, ...] | None:
        """Return the objections, each in its place; None for an answer that does not count, unless it is the last."""
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
        """Return the entry as it was judged."""
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
        meta = self._config.prompt.meta
        return Prompt(name=meta.name, version=meta.version, hash="")

    def _placed(self, found: Finding) -> Finding:
        said = found.message
        if self._source.cut:
            shown, cut = len(self._source.sentences), fold("; ".join(self._source.cut))
            said += f" (It was shown {shown} sentences of the paper; {cut}.)"
        return self._printed.at(found.model_copy(update={"message": said}), found.text)


def source_of(paper: Paper, source: Source, text_budget: int) -> SourceText:
    """Return what the judge is shown of a paper: its abstract, and what the budget in tokens allows of its text."""
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
