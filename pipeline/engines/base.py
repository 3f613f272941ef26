"""The interface of an engine: the jobs it gets, the callbacks it reports to, and what every engine shares.

An engine does not know what an answer means, where an outcome goes or what was paid: callers pass in `advance`,
`report` and `accounting`.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, NamedTuple, Protocol, TypeVar

from pipeline.core.errors import BudgetSpent, ModelError, ModelUnavailable
from pipeline.core.models import Answer, Failed, HeldBack, LayoutName, Outcome, Paper, Request, Summary
from pipeline.core.retry import Transient
from pipeline.summarise.steps import State

_Result = TypeVar("_Result")

# If this many papers in a row cannot be asked about, the service is down: retrying each of the others would take all
# night.
MAX_UNREACHED = 5
# If this many papers are rejected before any call is answered, the configuration is wrong. Once a call was answered
# the papers are at fault (too long, or against the service's rules), and each fails alone.
MAX_REJECTED = 100


class Job(NamedTuple):
    """One paper and layout to settle. `cache_paper`: other layouts ask about the paper, too, so that caching pays."""

    layout: LayoutName
    paper: Paper
    cache_paper: bool = False


Begin = Callable[[Job], State]
Advance = Callable[[State, Answer], State | Summary | HeldBack]


class Accounting(Protocol):
    """The books of all calls, kept so that no answer is paid for twice and no budget is exceeded.

    Its methods are called on the event loop. A reservation that is neither recorded nor released is a call in doubt:
    the process ended while it awaited the answer.
    """

    async def recall(self, request: Request) -> Answer | None:
        """Return the answer to this request if it is paid for already; it is used instead of a call."""

    async def reserve(self, request: Request) -> int:
        """Book a call that is about to be sent and return its number; BudgetSpent or AskedElsewhere forbid it."""

    async def record(self, call: int, answer: Answer) -> None:
        """Keep the answer to a reserved call, whatever it says. It is used only after this returns."""

    async def release(self, call: int, error: ModelError) -> None:
        """Note that a reserved call failed; `error.in_doubt` says whether it may have been charged nevertheless."""


class CircuitBreaker:
    """A count of failures that tells a service that is down from single papers that it cannot be asked about."""

    def __init__(self) -> None:
        self._has_answered = False
        self._unreached: set[str] = set()
        self._rejected: set[str] = set()

    def record_answer(self) -> None:
        """Note that a call was answered."""
        self._has_answered = True
        self._unreached.clear()

    def record_failure(self, paper: str, error: ModelError) -> ModelUnavailable | None:
        """Note that all attempts to ask about a paper failed; return why no other is to be tried, if so."""
        if isinstance(error, ModelUnavailable):
            return error
        (self._unreached if isinstance(error, Transient) else self._rejected).add(paper)
        if len(self._unreached) >= MAX_UNREACHED:
            return ModelUnavailable(f"{MAX_UNREACHED} papers in a row could not be asked about: {error}")
        if len(self._rejected) >= MAX_REJECTED and not self._has_answered:
            return ModelUnavailable(f"all of the first {MAX_REJECTED} papers were rejected: {error}")
        return None


class Workload(NamedTuple):
    """The input of an engine. Every job gets one outcome, which is passed to `report` as soon as it is known.

    `begin` makes a job's first request. It may be slow, as it fetches the text: it is called in a thread, for one job
    at a time, when the job's turn comes. `advance` returns what follows from an answer. `breaker` carries over what
    earlier work found out about the same service.
    """

    jobs: Iterable[Job]
    begin: Begin
    advance: Advance
    report: Callable[[Outcome], None]
    accounting: Accounting
    breaker: CircuitBreaker | None = None


# Settles all of its workload, and returns what stopped the model if something did.
Engine = Callable[[Workload], Coroutine[Any, Any, ModelUnavailable | None]]


def failed(job: Job, reason: str) -> Failed:
    """Return the outcome of a job that could not be asked about."""
    return Failed(paper_id=job.paper.id, layout=job.layout, reason=reason)


def not_asked(job: Job, error: BudgetSpent | ModelError, state: State | None = None) -> Failed | HeldBack:
    """Return the outcome of a job whose next request is not sent: postponed where the budget is spent, else failed.

    `state` is where the job stands, if it was begun.
    """
    if isinstance(error, ModelError):
        return failed(job, str(error))
    held_back = HeldBack(paper_id=job.paper.id, layout=job.layout, reason=f"budget: {error}", postponed=True)
    if state is None:
        return held_back
    # While the second reader is asked, the writer's last request has been answered.
    answered = state.writer_request.attempt if state.answer else state.writer_request.attempt - 1
    return held_back.model_copy(update={"usage": state.usage, "attempts": answered})


class SerialThread:
    """A daemon thread that runs slow functions one after another. Neither a cancelled caller nor the ending process
    waits for it.
    """

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    async def run(self, function: Callable[[], _Result]) -> _Result:
        """Return the function's result, or raise its error."""
        future: Future[_Result] = Future()
        future.set_running_or_notify_cancel()
        self._queue.put((function, future))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let the thread end after what it has been given."""
        self._queue.put(None)

    def _run(self) -> None:
        while item := self._queue.get():
            function, future = item
            try:
                future.set_result(function())
            except BaseException as error:
                future.set_exception(error)
