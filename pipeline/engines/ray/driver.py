"""The driver's side of a cluster: it knows which papers are not settled, and replies to its workers. Pure of Ray.

The ledger, the budget and arXiv's pace are its own. It notices that a process died when the row is begun once more.
"""

import asyncio
import hashlib
import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.core.config import EndpointSettings
from pipeline.core.errors import BudgetSpent, ModelError, ModelUnavailable, SourceError
from pipeline.core.models import Answer, Outcome, Request
from pipeline.engines.base import Advance, CircuitBreaker, Job, SerialThread, Workload, failed, not_asked
from pipeline.engines.ray.worker import JOBS, Row, Turn
from pipeline.summarise import prompts

# Seconds after which a turn at arXiv ends if its holder does not release it: longer than any request may take.
_MAX_TURN = 90.0
# How often a process may die over a row. After the first death such rows are tried one at a time.
MAX_DEATHS = 2


@dataclass
class _PendingRow:
    """A row that is not settled.

    `begun` counts, for each stage, the processes that began it and did not get through; `workers` has the id of the
    last one. `answered` is what the present worker was answered, `replayed` what earlier ones were. `is_alone`: no
    other row over which a process died is worked on meanwhile.
    """

    jobs: list[Job]
    begun: dict[str, int] = field(default_factory=dict)
    workers: dict[str, str] = field(default_factory=dict)
    is_alone: bool = False
    answered: list[tuple[Request, Answer]] = field(default_factory=list)
    replayed: list[tuple[Request, Answer]] = field(default_factory=list)
    open_calls: dict[int, Request] = field(default_factory=dict)
    last_error: ModelError | None = None


class Driver:
    """The rows that are not settled, and the methods that workers call (`on_...`)."""

    def __init__(self, workload: Workload, key: str, turn: Turn, endpoint: EndpointSettings) -> None:
        self._workload, self._take_turn, self._own_endpoint = workload, turn, endpoint
        self.pending = {key: _PendingRow(jobs) for key, jobs in _by_paper(workload.jobs, key).items()}
        self.ended: ModelUnavailable | BudgetSpent | None = None
        self._breaker = CircuitBreaker()
        self._dead: set[str] = set()
        self._alone = asyncio.Lock()
        self._turns = SerialThread()
        self._turn_released = threading.Event()

    def rows(self) -> Iterator[Row]:
        """Yield what is still to be settled, one row a paper."""
        return ({"id": key, "jobs": JOBS.dump_json(row.jobs).decode()} for key, row in self.pending.items())

    def take_in(self, settled: dict[str, list[Outcome]]) -> None:
        """Report outcomes that no worker reported to this driver, but one did to an earlier one."""
        for key in self.pending.keys() & settled.keys():
            self._settle(key, settled[key])

    async def give_up(self, reason: str) -> None:
        """Report every row that is not settled as failed."""
        for key, row in list(self.pending.items()):
            await self._release_calls(row)
            self._settle(key, [failed(job, reason) for job in row.jobs])

    def close(self) -> None:
        """Let the thread that waits for turns end."""
        self._turn_released.set()
        self._turns.close()

    async def reply(self, method: str, arguments: tuple[Any, ...]) -> object:
        """Return the reply to a request, or the error that the worker is to raise. Any other error ends the run."""
        try:
            return await getattr(self, f"on_{method}")(*arguments)
        except (BudgetSpent, ModelError, SourceError) as error:
            return error

    def _settle(self, key: str, outcomes: Iterable[Outcome]) -> None:
        if self.pending.pop(key).is_alone:
            self._alone.release()
        for outcome in outcomes:
            self._workload.report(outcome)

    # ---- methods for workers

    async def on_begin(self, key: str, stage: str, worker: str) -> bool:
        """Return whether a process is to work on a row. One that a process died over is tried alone, then given up."""
        row = self.pending.get(key)
        if row is None:
            return False
        if row.workers.get(stage, worker) != worker:
            self._dead.add(row.workers[stage])
        row.workers[stage] = worker
        await self._release_calls(row)
        deaths = row.begun.get(stage, 0)
        if self.ended or deaths >= MAX_DEATHS:
            reason = self.ended or ModelError(f"{MAX_DEATHS} processes died over this paper")
            self._settle(key, [not_asked(job, reason) for job in row.jobs])
            return False
        if deaths and not await self._wait_to_be_alone(key, worker):
            return False
        row.begun[stage] = deaths + 1
        return True

    async def _wait_to_be_alone(self, key: str, worker: str) -> bool:
        """Wait until no other suspect is worked on; return False if the process that waits died meanwhile."""
        await self._alone.acquire()
        if worker in self._dead or key not in self.pending:
            self._alone.release()
            return False
        self.pending[key].is_alone = True
        return True

    async def _release_calls(self, row: _PendingRow) -> None:
        """Release the calls of a process that died, in doubt, and keep what it was answered for the next."""
        while row.open_calls:
            call, _ = row.open_calls.popitem()
            await self._workload.accounting.release(
                call, ModelError("the worker that awaited the answer ended", in_doubt=True)
            )
        row.replayed, row.answered = row.replayed + row.answered, []

    async def on_text_read(self, key: str) -> None:
        """Note that a row's text is read: if its process dies now, this row was not the cause."""
        row = self.pending.get(key)
        if row is None:
            return
        row.begun["read"] = 0
        if row.is_alone:
            row.is_alone = False
            self._alone.release()

    async def on_settled(self, key: str, outcomes: list[Outcome], stopped: ModelUnavailable | None = None) -> None:
        """Report the outcomes of a row; `stopped` is what stopped the worker's model, if something did."""
        row = self.pending.get(key)
        if row is None:
            return
        self._settle(key, outcomes)
        if failure := stopped or row.last_error:
            self.ended = self.ended or self._breaker.record_failure(key, failure)

    async def on_acquire_turn(self) -> None:
        """Wait for a turn at arXiv, which lasts until it is released; SourceError when none can be had."""
        acquired: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        held = asyncio.ensure_future(self._turns.run(lambda: self._hold_turn(acquired)))
        await asyncio.wait({acquired, held}, return_when=asyncio.FIRST_COMPLETED)
        if held.done():
            held.result()

    def _hold_turn(self, acquired: asyncio.Future[None]) -> None:
        self._turn_released.clear()
        with self._take_turn():
            acquired.get_loop().call_soon_threadsafe(acquired.set_result, None)
            self._turn_released.wait(_MAX_TURN)

    async def on_release_turn(self) -> None:
        """End the turn at arXiv."""
        self._turn_released.set()

    def _row(self, key: str) -> _PendingRow:
        """Return a row; ModelError where it is settled, as the request is of a worker that was taken for dead."""
        if key not in self.pending:
            raise ModelError("another worker has settled this paper")
        return self.pending[key]

    async def on_recall(self, key: str, request: Request) -> Answer | None:
        """Return the answer to a request if it is paid for: to a worker that died, or in the ledger."""
        row = self._row(key)
        known = next((one for one in row.replayed if one[0] == request), None)
        if known:
            row.replayed.remove(known)
        answer = known[1] if known else await self._workload.accounting.recall(request)
        if answer:
            row.answered.append((request, answer))
        return answer

    async def on_reserve(self, key: str, request: Request) -> int:
        """Book a call and return its number; ModelError if the worker was replaced while it waited for the budget."""
        row = self._row(key)
        worker = row.workers["settle"]
        try:
            call = await self._workload.accounting.reserve(request)
        except BudgetSpent as error:
            self.ended = self.ended or error
            raise
        if self.pending.get(key) is not row or row.workers["settle"] != worker:
            # It died while it waited for the budget, and has sent nothing.
            unsent = ModelError("the worker that was to make the call ended")
            await self._workload.accounting.release(call, unsent)
            raise unsent
        row.open_calls[call] = request
        return call

    async def on_record(self, key: str, call: int, answer: Answer) -> None:
        """Keep the answer to a call, even if it is late."""
        await self._workload.accounting.record(call, answer)
        self._breaker.record_answer()
        row = self.pending.get(key)
        if row and call in row.open_calls:
            row.last_error = None
            row.answered.append((row.open_calls.pop(call), answer))

    async def on_release(self, key: str, call: int, error: ModelError) -> None:
        """Note that a call failed, unless it was released when its worker was taken for dead."""
        row = self.pending.get(key)
        if row and call in row.open_calls:
            del row.open_calls[call]
            row.last_error = error
            await self._workload.accounting.release(call, error)

    async def on_advance(self) -> Advance:
        """Return the function that says what follows from an answer."""
        return self._workload.advance

    async def on_endpoint(self) -> EndpointSettings:
        """Return the driver's address and key: a worker keeps them in memory, in no file or record of the cluster."""
        return self._own_endpoint


def _by_paper(jobs: Iterable[Job], key: str) -> dict[str, list[Job]]:
    """Group the jobs by paper, under a hash of what outcomes depend on: paper, layouts, prompts and `key`."""
    papers: dict[str, list[Job]] = {}
    for job in jobs:
        papers.setdefault(job.paper.id, []).append(job)
    return {_hash(of_one, key): of_one for of_one in papers.values()}


def _hash(jobs: list[Job], key: str) -> str:
    asked = [(job.layout, job.cache_paper, prompts.load(job.layout).prompt.hash) for job in jobs]
    return hashlib.sha256(json.dumps([key, jobs[0].paper.model_dump_json(), asked]).encode()).hexdigest()
