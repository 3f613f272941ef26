"""Summaries by accounted calls: each is in the ledger before it is made, and its answer before it is used.

An answer that an earlier run paid for and did not come to use is used instead of a call; so is a whole summary.
"""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from pipeline.archive import record
from pipeline.archive.compose import harmless
from pipeline.core.budget import BATCH_FACTOR
from pipeline.core.errors import AskedElsewhere, ModelError, ModelUnavailable
from pipeline.core.models import (
    Answer,
    Batch,
    Failed,
    HeldBack,
    LayoutName,
    Outcome,
    Paper,
    Request,
    SourceText,
    Summary,
    Usage,
)
from pipeline.engines.base import Begin, Job, Workload
from pipeline.ledger import Booked, Call, Ledger
from pipeline.summarise import prompts, steps
from pipeline.workflows.context import RunContext


class CallAccounting:
    """The ledger and the budget, as the engines see them: `engines.base.Accounting`, and that of batches.

    `booked_as` stands in the place of the requests' layout where no summary is to rest on the calls.
    """

    def __init__(self, context: RunContext, booked_as: str = "") -> None:
        self._context, self._booked_as = context, booked_as
        self._used: set[int] = set()
        self._reserved: dict[int, float] = {}
        book = context.ledger
        self._waits = bool(book.open_batches())
        # What the ledger alone accounts for of `engines.batch.BatchAccounting`.
        self.open_batches, self.calls_of = book.open_batches, book.calls_of
        self.uploaded, self.submitted, self.end_batch = book.uploaded, book.submitted, book.end_batch

    async def recall(self, request: Request) -> Answer | None:
        """Return an answer to this very request that is paid for and was not given out before."""
        for call, answer in self._context.ledger.answers(request_hash(request, self._model(request))):
            if call not in self._used:
                self._used.add(call)
                return answer
        return None

    async def reserve(self, request: Request) -> int:
        """Set aside the most that a call can cost; BudgetSpent when that is more than there is.

        AskedElsewhere for what a batch is asked already that has not ended.
        """
        if self._waits and (batch := self._context.ledger.asked_in_batch(request_hash(request, self._model(request)))):
            again = "`pipeline backfill --engine batch` takes it in"
            raise AskedElsewhere(f"batch {batch} has this question and has not ended; {again}")
        most = self._most(request)
        await self._context.budget.reserve(most or 0.0)
        return self._book(request, most)

    async def record(self, call: int, answer: Answer) -> None:
        """Keep the answer, and what it really cost. A second answer, or one to an unknown call, is dropped."""
        if booked := self._context.ledger.booked(call):
            usd = self._cost(booked, answer)
            self._context.ledger.record(call, answer, usd)
            self._settle(call, usd or 0.0)

    async def release(self, call: int, error: ModelError) -> None:
        """Keep that a call failed; one that may have been charged stays paid for."""
        self._context.ledger.release(call, str(error), error.in_doubt)
        self._settle(call, self._reserved.get(call, 0.0) if error.in_doubt else 0.0)

    def begin_batch(self) -> Batch:
        """Begin a batch, by a name that no other has."""
        return self._context.ledger.begin_batch(uuid.uuid4().hex, self._context.now)

    def add(self, batch: Batch, request: Request) -> int | None:
        """Book one call of a batch and return its number; None where calls under way leave no room now; BudgetSpent."""
        most = self._most(request)
        most = most and most * BATCH_FACTOR
        return self._book(request, most, batch.number) if self._context.budget.try_reserve(most or 0.0) else None

    def _most(self, request: Request) -> float | None:
        return self._context.prices.max_cost(request, self._model(request))

    def _book(self, request: Request, most: float | None, batch: int | None = None) -> int:
        context, model = self._context, self._model(request)
        booked = Call(request_hash(request, model), request.paper.id, self._booked_as or request.layout, model, most)
        call = context.ledger.reserve(context.run, booked, context.now, batch)
        self._used.add(call)
        self._reserved[call] = most or 0.0
        return call

    def _cost(self, booked: Booked, answer: Answer) -> float | None:
        # Some services do not count: what they charge is not known, only that it is no more than this.
        if answer.usage == Usage():
            return booked.usd
        usd = self._context.prices.cost(answer.usage, booked.model)
        return usd * BATCH_FACTOR if usd and booked.batched else usd

    def _settle(self, call: int, usd: float) -> None:
        """Settle what was reserved; a call of a run that died has reserved nothing in this run's budget."""
        if call in self._reserved:
            self._context.budget.settle(self._reserved.pop(call), usd)

    def _model(self, request: Request) -> str:
        return request.model or self._context.writer.model.name


def request_hash(request: Request, model: str) -> str:
    """Return a hash that is the same for requests that are the same to a model."""
    said = [(message.role, message.content) for message in request.messages]
    asked = [model, said, request.answer_schema, request.temperature, request.max_tokens]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def summarise_all(
    jobs: Sequence[tuple[LayoutName, str]],
    papers: Mapping[str, Paper],
    context: RunContext,
    outcomes: list[Outcome],
    *,
    anew: bool = False,
) -> ModelUnavailable | None:
    """Settle every job; each outcome is in `outcomes`, and a summary in the ledger, as soon as it is known.

    `anew`: write also what the ledger has a summary of. Returns what stopped the model early.
    """
    writer = context.writer

    def done(outcome: Outcome) -> None:
        if isinstance(outcome, Summary):
            outcome = record.kept(outcome, writer.keep_texts)
            context.ledger.keep(outcome, papers[outcome.paper_id].version)
        outcomes.append(outcome)
        writer.on_outcome(outcome)

    known, ask = _known_or_to_ask(jobs, papers, None if anew else context.ledger)
    for outcome in known:
        done(outcome)
    rules = steps.Rules(writer.verify, prompts.load, writer.model.attempts, writer.judge_prompt, writer.judge_model)
    advance = partial(steps.advance, rules=rules)
    return context.runner.run(
        writer.engine(Workload(ask, _begin(context.sources.text, ask), advance, done, CallAccounting(context)))
    )


def first_questions(
    jobs: Sequence[tuple[LayoutName, str]],
    papers: Mapping[str, Paper],
    text: Callable[[Paper], SourceText],
    ledger: Ledger,
) -> Iterator[Request]:
    """Yield what the writer would be asked first about the papers' texts, were these jobs to be done now."""
    _, ask = _known_or_to_ask(jobs, papers, None)
    # Some version of the paper is enough: which one arXiv has is not known before it is asked.
    due = [j for j in ask if not ledger.is_paid_for(j.paper.id, j.layout, prompts.load(j.layout).prompt.hash)]
    return (state.request for state in map(_begin(text, due), due))


def _known_or_to_ask(
    jobs: Sequence[tuple[LayoutName, str]], papers: Mapping[str, Paper], ledger: Ledger | None
) -> tuple[list[Outcome], list[Job]]:
    """Return what is settled without a call, and the jobs to ask about; without a ledger no summary is known."""
    known: list[Outcome] = []
    ask: list[tuple[LayoutName, Paper]] = []
    for layout, paper_id in jobs:
        paper = papers.get(paper_id)
        outcome = _refused(layout, paper_id, paper)
        if ledger and paper and not outcome:
            outcome = ledger.summary(paper_id, paper.version, layout, prompts.load(layout).prompt.hash)
        if outcome:
            known.append(outcome)
        elif paper:
            ask.append((layout, paper))
    asked = Counter(paper.id for _, paper in ask)
    return known, [Job(layout, paper, asked[paper.id] > 1) for layout, paper in ask]


def _begin(text: Callable[[Paper], SourceText], jobs: Iterable[Job]) -> Begin:
    """Return a function that makes a job's first question; a text that several layouts ask about is fetched once."""
    texts: dict[str, SourceText] = {}
    to_come = Counter(job.paper.id for job in jobs)

    def begin(job: Job) -> steps.State:
        source = texts.pop(job.paper.id, None) or text(job.paper)
        to_come[job.paper.id] -= 1
        if to_come[job.paper.id] > 0:
            texts[job.paper.id] = source
        return steps.begin(job.paper, source, prompts.load(job.layout), cache_paper=job.cache_paper)

    return begin


def _refused(layout: LayoutName, paper_id: str, paper: Paper | None) -> Outcome | None:
    """Return why a paper is not even asked about, or None."""
    if paper is None or not (paper.title.strip() or paper.abstract.strip()):
        return Failed(paper_id=paper_id, layout=layout, reason="neither the list nor arXiv knows more than its id")
    if paper.withdrawn:
        return HeldBack(paper_id=paper_id, layout=layout, reason="withdrawn on arXiv")
    if not harmless(paper.title):
        return HeldBack(paper_id=paper_id, layout=layout, reason="the paper has no title")
    if not paper.abstract.strip():
        return HeldBack(paper_id=paper_id, layout=layout, reason="the paper has no abstract")
    return None
