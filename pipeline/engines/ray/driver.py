"""What the driver of a cluster knows of its papers, and answers to the letters of the workers. Knows nothing of Ray.

Books, budget and arXiv's pace are in its hands; a process that died is noticed when its papers are begun once more.
"""

import asyncio
import hashlib
import json
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from pipeline.core.config import OpenAISettings
from pipeline.core.errors import BudgetSpent, ModelError, ModelUnavailable, SourceError
from pipeline.core.models import Answer, Outcome, Request
from pipeline.engines.base import Advance, CircuitBreaker, Job, SerialThread, Workload, failed, not_asked
from pipeline.engines.ray.worker import Row, Turn, row_of
from pipeline.summarise import prompts

# Seconds after which a turn at arXiv ends whose holder says nothing: longer than any request may take.
_LONGEST_TURN = 90.0
# How often a process may die over a paper. From the second time on such papers are tried one at a time.
LIVES = 2


class _Waiting:
    """A row that is not settled: what it was answered, the calls that are open for it, why the last call failed."""

    def __init__(self, jobs: list[Job]) -> None:
        self.jobs = jobs
        self.begun: dict[str, int] = {}
        self.who: dict[str, str] = {}
        self.alone = False
        self.answered: list[tuple[Request, Answer]] = []
        self.again: list[tuple[Request, Answer]] = []
        self.asked: dict[int, Request] = {}
        self.failure: ModelError | None = None


class Driver:
    """What the letters of the workers are answered from."""

    def __init__(self, work: Workload, key: str, turn: Turn, endpoint: OpenAISettings) -> None:
        self._work, self._take_turn, self._own_endpoint = work, turn, endpoint
        self.waiting = {key: _Waiting(jobs) for key, jobs in _by_paper(work.jobs, key).items()}
        self.ended: ModelUnavailable | BudgetSpent | None = None
        self._breaker = CircuitBreaker()
        self._dead: set[str] = set()
        self._alone = asyncio.Lock()
        self._turns = SerialThread()
        self._end_of_turn = threading.Event()
        self._answers: dict[str, Callable[..., Awaitable[object]]] = {
            "begin": self._begin,
            "read": self._read,
            "unread": self._unread,
            "settled": self._settled,
            "turn": self._turn,
            "end_turn": self._end_turn,
            "recall": self._recall,
            "reserve": self._reserve,
            "record": self._record,
            "release": self._release,
            "advance": self._advance,
            "endpoint": self._endpoint,
        }

    def rows(self) -> Iterator[Row]:
        """What is still to be settled, one row a paper."""
        return (row_of(key, waiting.jobs) for key, waiting in self.waiting.items())

    def take_in(self, settled: dict[str, list[Outcome]]) -> None:
        """Outcomes of which no letter told: an earlier driver's."""
        for key in self.waiting.keys() & settled.keys():
            self._conclude(key, settled[key])

    async def give_up(self, reason: str) -> None:
        """Every row that is not settled has failed."""
        for key, waiting in list(self.waiting.items()):
            await self._forget_calls(waiting)
            self._conclude(key, [failed(job, reason) for job in waiting.jobs])

    def end(self) -> None:
        """Let go of what answering letters has needed."""
        self._end_of_turn.set()
        self._turns.close()

    async def say(self, kind: str, about: tuple[Any, ...]) -> object:
        """The answer to a letter; an error that the worker is to raise is an answer, too. Any other ends the run."""
        try:
            return await self._answers[kind](*about)
        except (BudgetSpent, ModelError, SourceError) as error:
            return error

    def _conclude(self, key: str, outcomes: Iterable[Outcome]) -> None:
        waiting = self.waiting.pop(key)
        if waiting.alone:
            self._alone.release()
        for outcome in outcomes:
            self._work.report(outcome)

    # ---- what workers ask

    async def _begin(self, key: str, stage: str, who: str) -> bool:
        """Whether a process is to work on a row. One that a process died over is tried alone, then not any more."""
        waiting = self.waiting.get(key)
        if waiting is None:
            return False
        if waiting.who.get(stage, who) != who:
            self._dead.add(waiting.who[stage])
        waiting.who[stage] = who
        await self._forget_calls(waiting)
        died = waiting.begun.get(stage, 0)
        if self.ended or died >= LIVES:
            self._conclude(key, [self._refused(job) for job in waiting.jobs])
            return False
        if died and not await self._to_be_alone(key, who):
            return False
        waiting.begun[stage] = died + 1
        return True

    async def _to_be_alone(self, key: str, who: str) -> bool:
        """Wait until no other suspect is worked on; False where the process that waits died meanwhile."""
        await self._alone.acquire()
        if who in self._dead or key not in self.waiting:
            self._alone.release()
            return False
        self.waiting[key].alone = True
        return True

    async def _forget_calls(self, waiting: _Waiting) -> None:
        """What a process that died had asked is in doubt, and what it was answered is there for the next."""
        while waiting.asked:
            call, _ = waiting.asked.popitem()
            await self._work.accounting.release(
                call, ModelError("the worker that awaited the answer ended", in_doubt=True)
            )
        waiting.again, waiting.answered = waiting.again + waiting.answered, []

    def _refused(self, job: Job) -> Outcome:
        return not_asked(job, self.ended or ModelError(f"{LIVES} processes died over this paper"))

    async def _read(self, key: str) -> None:
        """A row's text is read: whatever its process dies of now, it was not this."""
        waiting = self.waiting.get(key)
        if waiting is None:
            return
        waiting.begun["read"] = 0
        if waiting.alone:
            waiting.alone = False
            self._alone.release()

    async def _unread(self, key: str, outcomes: list[Outcome]) -> None:
        if key in self.waiting:
            self._conclude(key, outcomes)

    async def _settled(self, key: str, outcomes: list[Outcome], stopped: ModelUnavailable | None) -> None:
        waiting = self.waiting.get(key)
        if waiting is None:
            return
        self._conclude(key, outcomes)
        if failure := stopped or waiting.failure:
            self.ended = self.ended or self._breaker.record_failure(key, failure)

    async def _turn(self) -> None:
        """Wait for a turn at arXiv, which lasts until its end is told; SourceError when none can be had."""
        had: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        held = asyncio.ensure_future(self._turns.run(lambda: self._hold_turn(had)))
        await asyncio.wait({had, held}, return_when=asyncio.FIRST_COMPLETED)
        if held.done():
            held.result()

    def _hold_turn(self, had: asyncio.Future[None]) -> None:
        self._end_of_turn.clear()
        with self._take_turn():
            had.get_loop().call_soon_threadsafe(had.set_result, None)
            self._end_of_turn.wait(_LONGEST_TURN)

    async def _end_turn(self) -> None:
        self._end_of_turn.set()

    def _row(self, key: str) -> _Waiting:
        """ModelError where it is settled: the letter is late, of a worker that was taken for dead."""
        if key not in self.waiting:
            raise ModelError("another worker has settled this paper")
        return self.waiting[key]

    async def _recall(self, key: str, request: Request) -> Answer | None:
        waiting = self._row(key)
        known = next((one for one in waiting.again if one[0] == request), None)
        if known:
            waiting.again.remove(known)
        answer = known[1] if known else await self._work.accounting.recall(request)
        if answer:
            waiting.answered.append((request, answer))
        return answer

    async def _reserve(self, key: str, request: Request) -> int:
        waiting = self._row(key)
        who = waiting.who["settle"]
        try:
            call = await self._work.accounting.reserve(request)
        except BudgetSpent as error:
            self.ended = self.ended or error
            raise
        if self.waiting.get(key) is not waiting or waiting.who["settle"] != who:
            # It died while it waited for the budget, and has sent nothing.
            unsent = ModelError("the worker that was to make the call ended")
            await self._work.accounting.release(call, unsent)
            raise unsent
        waiting.asked[call] = request
        return call

    async def _record(self, key: str, call: int, answer: Answer) -> None:
        await self._work.accounting.record(call, answer)
        self._breaker.record_answer()
        waiting = self.waiting.get(key)
        if waiting and call in waiting.asked:  # else it is late
            waiting.failure = None
            waiting.answered.append((waiting.asked.pop(call), answer))

    async def _release(self, key: str, call: int, error: ModelError) -> None:
        waiting = self.waiting.get(key)
        if waiting and call in waiting.asked:  # else it is late, and the call released
            del waiting.asked[call]
            waiting.failure = error
            await self._work.accounting.release(call, error)

    async def _advance(self) -> Advance:
        return self._work.advance

    async def _endpoint(self) -> OpenAISettings:
        """The driver's address and key: they go to a worker's memory, and into no file or record of the cluster."""
        return self._own_endpoint


def _by_paper(jobs: Iterable[Job], key: str) -> dict[str, list[Job]]:
    """The jobs about each paper, by what makes two rows the same: paper, layouts, prompts and the kit."""
    papers: dict[str, list[Job]] = {}
    for job in jobs:
        papers.setdefault(job.paper.id, []).append(job)
    return {_name(of_one, key): of_one for of_one in papers.values()}


def _name(jobs: list[Job], key: str) -> str:
    asked = [(job.layout, job.again, prompts.load(job.layout).prompt.hash) for job in jobs]
    return hashlib.sha256(json.dumps([key, jobs[0].paper.model_dump_json(), asked]).encode()).hexdigest()
