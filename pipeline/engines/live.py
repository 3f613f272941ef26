"""Calls made now, over the network or in process, with bounded concurrency (asyncio).

Knows neither what an answer means, nor where an outcome goes, nor what was paid: `advance`, `done`, `books` are given.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import NamedTuple, Protocol, TypeVar

from pipeline.errors import BudgetSpent, ModelError, ModelUnavailable, SourceError
from pipeline.llm import Model
from pipeline.models import Answer, Failed, HeldBack, LayoutName, Outcome, Paper, Request, Summary
from pipeline.retry import async_retrying
from pipeline.summarise import State

Advance = Callable[[State, Answer], State | Summary | HeldBack]
_Made = TypeVar("_Made")

# So many papers in a row that could not be asked about at all: the service is gone, and waiting for each of the others
# through every retry would last all night.
_GIVE_UP_AFTER = 5


class Job(NamedTuple):
    """One paper and layout to settle. `begin` makes the first question; it may take long, as it fetches the text.

    It is called in a thread, for one job at a time, and only when the job's turn comes.
    """

    layout: LayoutName
    paper: Paper
    begin: Callable[[], State]


class Books(Protocol):
    """Where every attempt of a call is booked, so that no answer is paid for twice and no budget is exceeded.

    All are called on the event loop. A reservation that is neither recorded nor released is a call in doubt: the
    process ended, or was told to, while the answer was awaited.
    """

    def recall(self, request: Request) -> Answer | None:
        """The answer to this request if it is paid for already; it is used instead of a call."""
        ...

    async def reserve(self, request: Request) -> int:
        """Book a call that is about to be sent, and give its number. BudgetSpent: it must not be sent."""
        ...

    def record(self, call: int, answer: Answer) -> None:
        """Keep the answer to a reserved call, whatever it says. Nothing else is done with it before this returns."""
        ...

    def release(self, call: int, error: ModelError) -> None:
        """A reserved call failed; `error.in_doubt` says whether it may have been charged nevertheless."""
        ...


class Unbooked:
    """Books that keep nothing and allow everything."""

    def recall(self, request: Request) -> Answer | None:
        """Nothing is paid for already."""
        return None

    async def reserve(self, request: Request) -> int:
        """Every call may be sent."""
        return 0

    def record(self, call: int, answer: Answer) -> None:
        """Forget the answer."""

    def release(self, call: int, error: ModelError) -> None:
        """Forget the failure."""


async def drive(
    jobs: Iterable[Job],
    model: Model,
    advance: Advance,
    done: Callable[[Outcome], None],
    concurrency: int,
    *,
    books: Books | None = None,
    deadline: float | None = None,
    wait_scale: float = 1,
) -> ModelUnavailable | None:
    """Settle every job; `done` gets each outcome as it comes. Returns what stopped the model, if something did.

    After `deadline` seconds nothing more is begun, calls in flight are cancelled, and what is not settled has failed.
    Once a budget is spent no call follows: papers are held back. `wait_scale` multiplies the waits between attempts.
    """
    work = _Drive(jobs, model, advance, done, books or Unbooked(), wait_scale)
    try:
        async with asyncio.timeout(deadline), asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(work.worker())
    except TimeoutError:
        work.fail_the_rest(f"the deadline of {deadline:g} s (PIPELINE_DEADLINE) passed before this paper was settled")
    except ExceptionGroup as several:
        # The first is what happened; the others only followed from it.
        raise several.exceptions[0] from None
    return work.ended if isinstance(work.ended, ModelUnavailable) else None


class _Drive:
    """The jobs that wait, and why no further call is made once something `ended` the calls."""

    def __init__(
        self,
        jobs: Iterable[Job],
        model: Model,
        advance: Advance,
        done: Callable[[Outcome], None],
        books: Books,
        wait_scale: float,
    ) -> None:
        self.waiting = deque(jobs)
        self.model, self.advance, self.done, self.books = model, advance, done, books
        self.retrying = async_retrying(scale=wait_scale)
        self.one_at_a_time = asyncio.Lock()
        self.failures_in_a_row = 0
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
            self.done(_failed(self.waiting.popleft(), reason))

    async def _outcome(self, job: Job) -> Outcome:
        """What becomes of one job; an expected failure costs this paper only."""
        try:
            async with self.one_at_a_time:
                if self.ended:
                    raise self.ended
                state = await _in_thread(job.begin)
            outcome = await self._settle(state)
        except BudgetSpent as error:
            return HeldBack(paper_id=job.paper.id, layout=job.layout, reason=f"budget: {error}", postponed=True)
        except SourceError as error:
            return _failed(job, str(error))
        except ModelError as error:
            self._note(error)
            return _failed(job, str(error))
        self.failures_in_a_row = 0
        return outcome

    async def _settle(self, state: State) -> Summary | HeldBack:
        while True:
            try:
                answer = await self._answer(state.request)
            except BudgetSpent as error:
                self.ended = self.ended or error
                return _held_back(state, error)
            next_ = self.advance(state, answer)
            if not isinstance(next_, State):
                return next_
            state = next_

    async def _answer(self, request: Request) -> Answer:
        if paid := self.books.recall(request):
            return paid
        answer: Answer = await self.retrying(self._attempt, request)
        return answer

    async def _attempt(self, request: Request) -> Answer:
        """One call, booked before it is sent and as soon as it is answered."""
        async with self.model.turn():
            if self.ended:
                raise self.ended
            call = await self.books.reserve(request)
            try:
                answer = await self.model.complete(request)
            except ModelError as error:
                self.books.release(call, error)
                raise
            self.books.record(call, answer)
            return answer

    def _note(self, error: ModelError) -> None:
        self.failures_in_a_row += 1
        if isinstance(error, ModelUnavailable):
            self.ended = self.ended or error
        elif self.failures_in_a_row >= _GIVE_UP_AFTER:
            reason = f"{_GIVE_UP_AFTER} papers in a row could not be asked about: {error}"
            self.ended = self.ended or ModelUnavailable(reason)


async def _in_thread(function: Callable[[], _Made]) -> _Made:
    """The function's result, from a thread that nobody waits for: not a cancelled caller, not the ending process."""
    made: Future[_Made] = Future()
    made.set_running_or_notify_cancel()

    def run() -> None:
        try:
            made.set_result(function())
        except BaseException as error:
            made.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return await asyncio.wrap_future(made)


def _failed(job: Job, reason: str) -> Failed:
    return Failed(paper_id=job.paper.id, layout=job.layout, reason=reason)


def _held_back(state: State, error: BudgetSpent) -> HeldBack:
    # While the second reader is asked, the writer's last question has been answered.
    answered = state.written.attempt if state.answer else state.written.attempt - 1
    return HeldBack(
        paper_id=state.written.paper.id,
        layout=state.written.layout,
        reason=f"budget: {error}",
        usage=state.usage,
        attempts=answered,
        postponed=True,
    )
