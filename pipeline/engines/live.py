"""Calls made at once, over the network or in process, with bounded concurrency (asyncio)."""

import asyncio
from collections import deque
from functools import partial

from pipeline.core.errors import AskedElsewhere, BudgetSpent, ModelError, ModelUnavailable, SourceError
from pipeline.core.models import Answer, HeldBack, Outcome, Request, Summary
from pipeline.core.retry import async_retrying
from pipeline.engines.base import CircuitBreaker, Job, SerialThread, Workload, failed, not_asked
from pipeline.llm.base import Model
from pipeline.summarise.steps import State


async def drive(
    workload: Workload, model: Model, concurrency: int, *, deadline: float | None = None, wait_scale: float = 1
) -> ModelUnavailable | None:
    """Settle every job with at most `concurrency` calls at once. Return what stopped the model, if something did.

    After `deadline` seconds no job is begun, calls in flight are cancelled, and jobs that are not settled fail. Once a
    budget is spent no call follows: papers are held back. `wait_scale` multiplies the waits between attempts.
    """
    run = _LiveRun(workload, model, wait_scale)
    try:
        async with asyncio.timeout(deadline), asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(run.worker())
    except TimeoutError:
        reason = f"the deadline of {deadline:g} s (PIPELINE_DEADLINE) passed before this paper was settled"
        for job in run.queue:
            workload.report(failed(job, reason))
    except ExceptionGroup as several:
        # The first is what happened; the others only followed from it.
        raise several.exceptions[0] from None
    finally:
        run.thread.close()
    return run.ended if isinstance(run.ended, ModelUnavailable) else None


class _LiveRun:
    """The queue of jobs, and why no further call is made once something `ended` the calls."""

    def __init__(self, workload: Workload, model: Model, wait_scale: float) -> None:
        self.workload, self.model = workload, model
        self.queue = deque(workload.jobs)
        self.retrying = async_retrying(scale=wait_scale)
        self.thread, self.begin_lock = SerialThread(), asyncio.Lock()
        self.breaker = workload.breaker or CircuitBreaker()
        self.ended: ModelUnavailable | BudgetSpent | None = None

    async def worker(self) -> None:
        """Settle jobs until the queue is empty. A job that is cancelled is queued again, so that none is lost."""
        while self.queue:
            job = self.queue.popleft()
            try:
                outcome = await self._outcome(job)
            except asyncio.CancelledError:
                self.queue.append(job)
                raise
            self.workload.report(outcome)

    async def _outcome(self, job: Job) -> Outcome:
        """Settle one job; an expected failure costs this paper only."""
        step: State | Summary | HeldBack | None = None
        try:
            async with self.begin_lock:
                if self.ended:
                    raise self.ended
                step = await self.thread.run(partial(self.workload.begin, job))
            while isinstance(step, State):
                paid = await self.workload.accounting.recall(step.request)
                step = self.workload.advance(step, paid if paid else await self.retrying(self._attempt, step.request))
            return step
        except BudgetSpent as error:
            self.ended = self.ended or error
            return not_asked(job, error, step if isinstance(step, State) else None)
        except (SourceError, AskedElsewhere) as error:
            return failed(job, str(error))
        except ModelError as error:
            self.ended = self.ended or self.breaker.record_failure(job.paper.id, error)
            return failed(job, str(error))

    async def _attempt(self, request: Request) -> Answer:
        """Make one call, booked before it is sent and as soon as it is answered."""
        accounting = self.workload.accounting
        async with self.model.turn() as endpoint:
            if self.ended:
                raise self.ended
            call = await accounting.reserve(request)
            try:
                answer = await endpoint.complete(request)
            except ModelError as error:
                await accounting.release(call, error)
                raise
            except asyncio.CancelledError:
                await accounting.release(call, ModelError("the answer was not waited for", in_doubt=True))
                raise
            await accounting.record(call, answer)
            self.breaker.record_answer()
            return answer
