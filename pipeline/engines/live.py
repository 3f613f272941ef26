"""Calls made now, over the network or in process, with bounded concurrency (asyncio).

Knows neither what an answer means, nor where an outcome goes, nor what was paid: callers hand in `advance`, `done` and
`accounting`.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any, NamedTuple, Protocol, TypeVar

from pipeline.core.errors import AskedElsewhere, BudgetSpent, ModelError, ModelUnavailable, SourceError
from pipeline.core.models import Answer, Failed, HeldBack, LayoutName, Outcome, Paper, Request, Summary
from pipeline.core.retry import Transient, async_retrying
from pipeline.llm.base import Model
from pipeline.summarise.steps import State

Advance = Callable[[State, Answer], State | Summary | HeldBack]
Done = Callable[[Outcome], None]
_Made = TypeVar("_Made")

# So many papers in a row that could not be asked about at all: the service is gone, and waiting for each of the others
# through every retry would last all night.
GIVE_UP_AFTER = 5
# So many papers rejected, and no call answered: it is how the program is set up. Where any was answered it is the
# papers, too long or against the service's rules, and each costs itself alone.
MOST_REJECTED = 100


class Job(NamedTuple):
    """One paper and layout to settle; `again`: other layouts will ask about the paper as well."""

    layout: LayoutName
    paper: Paper
    again: bool = False


Begin = Callable[[Job], State]


class Accounting(Protocol):
    """Where every attempt of a call is booked, so that no answer is paid for twice and no budget is exceeded.

    All are called on the event loop. A reservation that is neither recorded nor released is a call in doubt: the
    process ended while the answer was awaited.
    """

    async def recall(self, request: Request) -> Answer | None:
        """The answer to this request if it is paid for already; it is used instead of a call."""
        ...

    async def reserve(self, request: Request) -> int:
        """Book a call that is about to be sent, and give its number. BudgetSpent or AskedElsewhere: it must not be."""
        ...

    async def record(self, call: int, answer: Answer) -> None:
        """Keep the answer to a reserved call, whatever it says. Nothing else is done with it before this returns."""
        ...

    async def release(self, call: int, error: ModelError) -> None:
        """A reserved call failed; `error.in_doubt` says whether it may have been charged nevertheless."""
        ...


class Breaker:
    """Tells a service that cannot be asked about any paper from papers that it cannot be asked about."""

    def __init__(self) -> None:
        self._has_answered = False
        self._unreached: set[str] = set()
        self._rejected: set[str] = set()

    def answered(self) -> None:
        """A call was answered."""
        self._has_answered = True
        self._unreached.clear()

    def failed(self, paper: str, error: ModelError) -> ModelUnavailable | None:
        """A paper could not be asked about, for all attempts: why no other is to be asked about, if so."""
        if isinstance(error, ModelUnavailable):
            return error
        (self._unreached if isinstance(error, Transient) else self._rejected).add(paper)
        if len(self._unreached) >= GIVE_UP_AFTER:
            return ModelUnavailable(f"{GIVE_UP_AFTER} papers in a row could not be asked about: {error}")
        if len(self._rejected) >= MOST_REJECTED and not self._has_answered:
            return ModelUnavailable(f"all of the first {MOST_REJECTED} papers were rejected: {error}")
        return None


class Work(NamedTuple):
    """What an engine is given. Every job gets one outcome, and `done` hears of it as soon as it is known.

    `begin` makes a job's first question; it may take long, as it fetches the text, and is called in a thread, for one
    job at a time, when the job's turn comes. `advance` says what follows from an answer. `breaker` is that of earlier
    work at the same service, if there is any.
    """

    jobs: Iterable[Job]
    begin: Begin
    advance: Advance
    done: Done
    accounting: Accounting
    breaker: Breaker | None = None


# Settles all of its work, and returns what stopped the model if something did.
Engine = Callable[[Work], Coroutine[Any, Any, ModelUnavailable | None]]


async def drive(
    work: Work, model: Model, concurrency: int, *, deadline: float | None = None, wait_scale: float = 1
) -> ModelUnavailable | None:
    """Settle every job with so many calls at once. Returns what stopped the model, if something did.

    After `deadline` seconds nothing more is begun, calls in flight are cancelled, and what is not settled has failed.
    Once a budget is spent no call follows: papers are held back. `wait_scale` multiplies the waits between attempts.
    """
    drive = _Drive(work, model, wait_scale)
    try:
        async with asyncio.timeout(deadline), asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(drive.worker())
    except TimeoutError:
        drive.fail_the_rest(f"the deadline of {deadline:g} s (PIPELINE_DEADLINE) passed before this paper was settled")
    except ExceptionGroup as several:
        # The first is what happened; the others only followed from it.
        raise several.exceptions[0] from None
    finally:
        drive.aside.end()
    return drive.ended if isinstance(drive.ended, ModelUnavailable) else None


class _Drive:
    """The jobs that wait, and why no further call is made once something `ended` the calls."""

    def __init__(self, work: Work, model: Model, wait_scale: float) -> None:
        self.waiting = deque(work.jobs)
        self.begin, self.advance, self.done, self.accounting = work.begin, work.advance, work.done, work.accounting
        self.model = model
        self.retrying = async_retrying(scale=wait_scale)
        self.aside, self.one_at_a_time = SerialThread(), asyncio.Lock()
        self.breaker = work.breaker or Breaker()
        self.ended: ModelUnavailable | BudgetSpent | None = None

    async def worker(self) -> None:
        """Settle jobs until none waits. A job whose settling is cancelled waits again, so that none is lost."""
        while self.waiting:
            job = self.waiting.popleft()
            try:
                outcome = await self._outcome(job)
            except asyncio.CancelledError:
                self.waiting.append(job)
                raise
            self.done(outcome)

    def fail_the_rest(self, reason: str) -> None:
        """Every job that is not settled has failed."""
        while self.waiting:
            self.done(failed(self.waiting.popleft(), reason))

    async def _outcome(self, job: Job) -> Outcome:
        """What becomes of one job; an expected failure costs this paper only."""
        try:
            async with self.one_at_a_time:
                if self.ended:
                    raise self.ended
                state = await self.aside.do(partial(self.begin, job))
            return await self._settle(state)
        except BudgetSpent as error:
            return unasked(job, error)
        except (SourceError, AskedElsewhere) as error:
            return failed(job, str(error))
        except ModelError as error:
            self.ended = self.ended or self.breaker.failed(job.paper.id, error)
            return failed(job, str(error))

    async def _settle(self, state: State) -> Summary | HeldBack:
        while True:
            try:
                answer = await self._answer(state.request)
            except BudgetSpent as error:
                self.ended = self.ended or error
                return held_back(state, error)
            next_ = self.advance(state, answer)
            if not isinstance(next_, State):
                return next_
            state = next_

    async def _answer(self, request: Request) -> Answer:
        if paid := await self.accounting.recall(request):
            return paid
        answer: Answer = await self.retrying(self._attempt, request)
        return answer

    async def _attempt(self, request: Request) -> Answer:
        """One call, booked before it is sent and as soon as it is answered."""
        async with self.model.turn() as asked:
            if self.ended:
                raise self.ended
            call = await self.accounting.reserve(request)
            try:
                answer = await asked.complete(request)
            except ModelError as error:
                await self.accounting.release(call, error)
                raise
            except asyncio.CancelledError:
                await self.accounting.release(call, ModelError("the answer was not waited for", in_doubt=True))
                raise
            await self.accounting.record(call, answer)
            self.breaker.answered()
            return answer


class SerialThread:
    """A thread for what takes long, one thing after another. Nobody waits for its end: not a cancelled caller, not the
    ending process. `end` it when nothing more comes.
    """

    def __init__(self) -> None:
        self._given: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    async def do(self, function: Callable[[], _Made]) -> _Made:
        """The function's result."""
        made: Future[_Made] = Future()
        made.set_running_or_notify_cancel()
        self._given.put((function, made))
        return await asyncio.wrap_future(made)

    def end(self) -> None:
        """Let the thread go after what it has been given."""
        self._given.put(None)

    def _run(self) -> None:
        while given := self._given.get():
            function, made = given
            try:
                made.set_result(function())
            except BaseException as error:
                made.set_exception(error)


def failed(job: Job, reason: str) -> Failed:
    """The outcome of a job that could not be asked about."""
    return Failed(paper_id=job.paper.id, layout=job.layout, reason=reason)


def unasked(job: Job, error: BudgetSpent) -> HeldBack:
    """The outcome of a job of which nothing was asked, as there is no money for it."""
    return HeldBack(paper_id=job.paper.id, layout=job.layout, reason=f"budget: {error}", postponed=True)


def held_back(state: State, error: BudgetSpent) -> HeldBack:
    """The outcome of a job whose next question there is no money for."""
    # While the second reader is asked, the writer's last question has been answered.
    answered = state.writer_request.attempt if state.answer else state.writer_request.attempt - 1
    return HeldBack(
        paper_id=state.writer_request.paper.id,
        layout=state.writer_request.layout,
        reason=f"budget: {error}",
        usage=state.usage,
        attempts=answered,
        postponed=True,
    )
