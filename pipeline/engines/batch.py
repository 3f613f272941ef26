"""Calls made in batches at the provider: at half the price, each answered within a day; what fails there is asked live.

A paper takes a round for each of its requests: the first, a repair, the second reader's. A batch is booked before
anything of it is sent, and its id before it is polled, so that a run which is killed leaves nothing at the provider
that the next one does not find: that one first takes in the answers of these batches.
"""

import asyncio
import contextlib
import errno
import logging
import lzma
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from tempfile import TemporaryFile, gettempdir
from typing import IO, NamedTuple, Protocol, cast

from pipeline.core.errors import BudgetSpent, ConfigError, ModelError, ModelUnavailable, SourceError
from pipeline.core.models import Answer, Batch, HeldBack, Request, Summary
from pipeline.core.retry import Transient, async_retrying
from pipeline.engines.base import Accounting, CircuitBreaker, Engine, Job, SerialThread, Workload, failed, not_asked
from pipeline.llm.openai_batch import ENDED, MOST_BYTES, MOST_LINES, Batches, Gone, Remote
from pipeline.summarise.steps import State

_log = logging.getLogger(__name__)

# Seconds between two polls: soon at first, for small batches are done in a minute.
_FIRST_POLL, _LONGEST_POLL, _POLL_FACTOR = 5.0, 120.0, 1.5
# How often the provider is tried: with the waits of the retry policy for about a quarter of an hour.
_ATTEMPTS = 30
_QUEUE_FULL = "token_limit_exceeded"
# As long as the name of any line, to know the size of a line before it is booked.
_LONGEST_NAME = "0" * 19


class BatchAccounting(Accounting, Protocol):
    """Accounting that knows batches. `record` and `release` also take calls in the batches of earlier runs."""

    def open_batches(self) -> list[Batch]:
        """Return the batches that have not ended, oldest first: before any is begun, those of runs that died."""

    def begin_batch(self) -> Batch:
        """Book a batch of which nothing is sent yet."""

    def add(self, batch: Batch, request: Request) -> int | None:
        """Book one line of a batch and return the call's number; BudgetSpent if it must not be sent.

        None: not now, as calls in flight may or may not leave enough of the budget.
        """

    def uploaded(self, batch: Batch, file: str) -> Batch:
        """Note that the provider has the lines, in this file."""

    def submitted(self, batch: Batch, id: str) -> Batch:
        """Note that the provider has the batch, by this id."""

    def calls_of(self, batch: Batch) -> list[int]:
        """Return its calls that are neither recorded nor released."""

    def end_batch(self, batch: Batch) -> None:
        """Note that nothing more is to come from it."""


class Limits(NamedTuple):
    """When a batch is sent: before it has more lines or bytes, or when its oldest line has waited `max_wait` seconds.

    One that has not ended `deadline` seconds after it was sent is cancelled.
    """

    lines: int = MOST_LINES
    bytes: int = MOST_BYTES
    # arXiv gives a text every few seconds: 200 in this time are a batch worth sending, which then takes hours anyway.
    max_wait: float = 600.0
    # The provider ends a batch after 24 h by itself; this is for one that does not.
    deadline: float = 25 * 3600.0


async def drive(
    workload: Workload, service: Batches, live: Engine, limits: Limits | None = None, wait_scale: float = 1
) -> ModelUnavailable | None:
    """Settle every job by batches, and by `live` what fails in them. Return what stopped the model, if something did.

    The workload's accounting must be a BatchAccounting. First what dead runs left at the provider is waited for and
    recorded. Once a budget is spent nothing more is asked and papers are held back; after ModelUnavailable they fail.
    Batches that were sent are taken in nevertheless, as they are paid for. `wait_scale` multiplies the waits between
    requests to the provider.
    ConfigError where a disk is too full for their files; what is with the provider stays there for the next run.
    """
    run = _BatchRun(workload, service, live, limits or Limits(), wait_scale)
    try:
        await run.recover()
        await run.settle()
    except (ExceptionGroup, OSError) as raised:  # OSError: a file that cannot even be closed
        # The first is what happened; the others only followed from it.
        error = raised.exceptions[0] if isinstance(raised, ExceptionGroup) else raised
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise ConfigError(
                f"{gettempdir()} has no room for the files of a batch ({error.strerror}); make room there, or name "
                "another folder in TMPDIR, and run again."
            ) from None
        raise error from None
    finally:
        run.thread.close()
    return run.ended if isinstance(run.ended, ModelUnavailable) else None


class _PendingJob(NamedTuple):
    """A job that awaits an answer. The state is packed: with a text of 6,000 tokens 20 KB, not 145."""

    job: Job
    packed: bytes

    @property
    def state(self) -> State:
        return State.model_validate_json(lzma.decompress(self.packed))


def _packed(job: Job, state: State) -> _PendingJob:
    return _PendingJob(job, lzma.compress(state.model_dump_json().encode(), preset=0))


_Pending = dict[int, _PendingJob]  # by the number of the call


@dataclass
class _PartialBatch:
    """A batch that is being filled: its lines on disk, in a file that has no name to be left behind."""

    batch: Batch
    lines: IO[bytes]
    pending: _Pending = field(default_factory=dict)
    size: int = 0
    began: float = field(default_factory=time.monotonic)


class _BatchRejected(ModelUnavailable):
    """The service accepted the batch and then found it invalid; nothing of it was charged."""


class _TokenLimitReached(_BatchRejected):
    """The service has as many of our tokens queued as it allows."""


class _CreationUnknown(ModelError):
    """The service did not say whether it created the batch."""


class _BatchRun:
    """The batches that are filled and in flight, and the jobs that were `deferred` until one of these ends."""

    def __init__(self, workload: Workload, service: Batches, live: Engine, limits: Limits, wait_scale: float) -> None:
        self.breaker = CircuitBreaker()
        self.workload = workload._replace(breaker=self.breaker)
        self.service, self.live, self.limits, self.scale = service, live, limits, wait_scale
        self.accounting = cast(BatchAccounting, workload.accounting)
        self.retrying = async_retrying(_ATTEMPTS, wait_scale)
        self.partial: dict[str, _PartialBatch] = {}  # by model
        self.deferred: deque[_PendingJob] = deque()
        self.thread = SerialThread()
        self.most_lines, self.is_queue_full = limits.lines, False
        self.producers = 0  # tasks that may still add requests
        self.in_flight = 0
        self.ended: ModelUnavailable | BudgetSpent | None = None

    async def recover(self) -> None:
        """Record the answers in the batches of dead runs, so that nothing of them is asked again."""
        try:
            await async_retrying(scale=self.scale)(self.service.require)
        except ModelError as error:
            self._stop(error)
        else:
            async with asyncio.TaskGroup() as group:
                for batch in self.accounting.open_batches():
                    group.create_task(self._recover(batch))

    async def settle(self) -> None:
        """Begin every job, and see every batch to its end."""
        with contextlib.ExitStack() as self.files:
            async with asyncio.TaskGroup() as self.group:
                self.group.create_task(self._begin_all())
        for empty in self.partial.values():
            self.accounting.end_batch(empty.batch)

    def _stop(self, error: ModelError) -> None:
        """Ask nothing more: what went wrong would go wrong again."""
        if not self.ended:
            _log.warning("%s", error)
            self.ended = error if isinstance(error, ModelUnavailable) else ModelUnavailable(str(error))

    # ---- filling

    async def _begin_all(self) -> None:
        with self._producing():
            for job in self.workload.jobs:
                await self._begin(job)
                self._send_all(self.limits.max_wait)

    async def _begin(self, job: Job) -> None:
        if self.ended:
            return self.workload.report(not_asked(job, self.ended))
        try:
            state = await self.thread.run(partial(self.workload.begin, job))
        except SourceError as error:
            return self.workload.report(failed(job, str(error)))
        return await self._proceed(job, state)

    async def _proceed(self, job: Job, step: State | Summary | HeldBack) -> None:
        """Use the answers that are paid for already, then add the next request to a batch."""
        while isinstance(step, State):
            paid = await self.accounting.recall(step.request)
            if not paid:
                self._add(job, step)
                return
            step = self.workload.advance(step, paid)
        self.workload.report(step)

    def _add(self, job: Job, state: State) -> bool:
        """Add a request to the batch of its model. False: it is deferred until calls in flight have ended."""
        if self.ended:
            self.workload.report(not_asked(job, self.ended, state))
            return True
        batch = self._with_room_for(state.request)
        try:
            call = self.accounting.add(batch.batch, state.request)
        except BudgetSpent as error:
            self.ended = error
            self.workload.report(not_asked(job, error, state))
            return True
        if call is None:
            self.deferred.append(_packed(job, state))
            self._send_all()
            return False
        batch.size += batch.lines.write(self.service.line(str(call), state.request))
        batch.pending[call] = _packed(job, state)
        return True

    def _with_room_for(self, request: Request) -> _PartialBatch:
        model, size = request.model or self.service.model.name, len(self.service.line(_LONGEST_NAME, request))
        batch = self.partial.get(model)
        if batch and (len(batch.pending) >= self.most_lines or batch.size + size > self.limits.bytes):
            self._send(model)
        if model not in self.partial:
            lines = self.files.enter_context(TemporaryFile())  # noqa: SIM115 - the stack closes it
            self.partial[model] = _PartialBatch(self.accounting.begin_batch(), lines)
        return self.partial[model]

    @contextlib.contextmanager
    def _producing(self) -> Iterator[None]:
        """Keep batches from being sent early while more requests may come; send them once none can."""
        self.producers += 1
        try:
            yield
        finally:
            self.producers -= 1
        if not self.producers:
            self._send_all()

    # ---- sending

    def _send_all(self, min_age: float = 0) -> None:
        for model, batch in list(self.partial.items()):
            if time.monotonic() - batch.began >= min_age:
                self._send(model)

    def _send(self, model: str) -> None:
        if self.partial[model].pending:
            self.in_flight += 1
            self.group.create_task(self._complete(self.partial.pop(model)))

    async def _complete(self, sent: _PartialBatch) -> None:
        """See one batch through from its file to its answers, then add the requests that were deferred."""
        room = len(sent.pending)
        try:
            await self._submit_and_take_in(sent)
        except _TokenLimitReached as error:
            room = self._defer(sent.pending, error)
        self.in_flight -= 1
        waiting = len(self.deferred)
        with self._producing():
            for _ in range(min(room, waiting) if self.is_queue_full and not self.ended else waiting):
                pending = self.deferred.popleft()
                if not self._add(pending.job, pending.state):
                    break

    def _defer(self, pending: _Pending, error: _TokenLimitReached) -> int:
        """Defer requests until another batch has ended or, where there is none, halve the size of batches.

        Return how many may be sent now.
        """
        self.deferred.extend(pending.values())
        self.is_queue_full = True
        if self.in_flight > 1:
            return 0
        if len(pending) == 1:
            self._stop(error)
        self.most_lines = max(len(pending) // 2, 1)
        _log.info("%s; from now on %d questions at a time", error, self.most_lines)
        return self.most_lines

    async def _submit_and_take_in(self, sent: _PartialBatch) -> None:
        try:
            batch = await self._submit(sent)
            await self._collect(batch, sent.pending)
        except _TokenLimitReached:
            raise
        except ModelError as error:
            if not isinstance(error, Gone):  # a file that was deleted says nothing of the other batches
                self._stop(error)
            self._fail(sent.pending, str(error))
        else:
            await self._ask_live(sent.pending)

    async def _submit(self, sent: _PartialBatch) -> Batch:
        """Submit a batch to the provider; return it with its id there."""
        try:
            if isinstance(self.ended, ModelUnavailable):
                raise self.ended
            await self.retrying(self._upload, sent)
            remote = await self._create(sent)
        except _CreationUnknown:
            raise
        except ModelError as error:
            await self._drop(sent.batch, error)
            raise
        finally:
            sent.lines.close()
        _log.info("batch %s: %d questions, %d bytes", remote.id, len(sent.pending), sent.size)
        return self.accounting.submitted(sent.batch, remote.id)

    async def _upload(self, sent: _PartialBatch) -> None:
        file = await self.service.upload(sent.batch.name, sent.lines)
        sent.batch = self.accounting.uploaded(sent.batch, file)

    async def _create(self, sent: _PartialBatch) -> Remote:
        """Create the batch once: after a lost reply, only where the first request certainly comes to nothing."""
        unsure = False

        async def attempt() -> Remote:
            nonlocal unsure
            if unsure:
                if created := await self._find(sent.batch):
                    return created
                await self._upload(sent)
            unsure = True
            try:
                return await self.service.create(sent.batch.name, sent.batch.file or "")
            except ModelError as error:
                unsure = isinstance(error, Transient)
                raise

        try:
            created: Remote = await self.retrying(attempt)
        except ModelError as error:
            if unsure:
                name = sent.batch.name
                raise _CreationUnknown(f"{error}; the next run looks whether batch {name} was made") from None
            raise
        return created

    async def _drop(self, batch: Batch, error: ModelError) -> None:
        """End a batch of which the provider answered and charged nothing."""
        for call in self.accounting.calls_of(batch):
            await self.accounting.release(call, ModelError(str(error)))
        await self._end(batch, batch.file)

    async def _end(self, batch: Batch, *files: str | None) -> None:
        """End a batch, and delete the files at the provider."""
        for file in filter(None, files):
            await self._delete(file)
        self.accounting.end_batch(batch)

    async def _delete(self, file: str) -> None:
        try:
            await self.retrying(self.service.delete, file)
        except Gone:
            pass  # as it should be
        except ModelError as error:
            _log.info("%s stays with the provider: %s", file, error)

    # ---- answers

    async def _recover(self, batch: Batch) -> None:
        """See a batch of a dead run to its end."""
        try:
            if not batch.id:
                remote: Remote | None = await self.retrying(self._find, batch)
                if not remote:
                    return await self._drop(batch, ModelError("the run died before it sent the batch"))
                batch = self.accounting.submitted(batch, remote.id)
            await self._collect(batch, {})
        except _BatchRejected as error:
            _log.info("%s", error)  # its requests are sent again like any others
        except ModelError as error:
            self._stop(error)

    async def _find(self, batch: Batch) -> Remote | None:
        """Return the batch that a request without a reply created; None if it created none and never will."""
        if not batch.file:
            return None  # without one there was no request
        if created := await self.service.find(batch.name):
            return created
        # The request may still be on its way: without the file it comes to nothing, or it has just been served.
        await self._delete(batch.file)
        return await self.service.find(batch.name)

    async def _collect(self, batch: Batch, pending: _Pending) -> None:
        """Wait for a batch and take it in. An error says that the batch is not lost."""
        try:
            await self._take_in(batch, await self._wait(batch), pending)
        except _BatchRejected:
            raise
        except ModelError as error:
            error.args = (f"{error}; batch {batch.id} stays there, and the next run takes it in",)
            raise

    async def _wait(self, batch: Batch) -> Remote:
        """Poll a batch until it has ended. It is cancelled at its deadline."""
        name, wait, began, progress = batch.id or "", _FIRST_POLL, time.monotonic(), ("", 0)
        while True:
            try:
                remote: Remote = await self.retrying(self.service.retrieve, name)
            except Gone:
                return Remote(name, batch.file or "", "gone")
            if progress != (progress := (remote.status, 10 * remote.answered // max(remote.total, 1))):
                _log.info("batch %s: %s, %d of %d answered", name, remote.status, remote.answered, remote.total)
            if remote.status in ENDED:
                return remote
            if time.monotonic() - began > self.limits.deadline:
                began = time.monotonic()
                _log.warning("batch %s did not end in %g s and is cancelled", name, self.limits.deadline)
                with contextlib.suppress(Transient):  # it may have ended this very moment
                    await self.service.cancel(name)
            await asyncio.sleep(wait * self.scale)
            wait = min(wait * _POLL_FACTOR, _LONGEST_POLL)

    async def _take_in(self, batch: Batch, remote: Remote, pending: _Pending) -> None:
        """Record the answers of a batch that ended, and proceed with each. What stays in `pending` is to be asked live.

        Raise _BatchRejected for one that failed validation.
        """
        if remote.status == "failed":
            rejected = _TokenLimitReached if remote.code == _QUEUE_FULL else _BatchRejected
            error = rejected(f"the model's service did not take batch {batch.id}: {remote.reason or remote.code}")
            await self._drop(batch, error)
            raise error
        calls = {str(call): call for call in self.accounting.calls_of(batch)}
        with self._producing():
            files = [file for file in (remote.output, remote.errors) if file and calls]
            whole = [await self._read(file, calls, pending) for file in files]
        await self._release_missing(remote, all(whole), calls.values(), pending)
        await self._end(batch, remote.file, remote.output, remote.errors)

    async def _read(self, file: str, calls: dict[str, int], pending: _Pending) -> bool:
        """Take in a file's lines, in any order, and remove their calls from `calls`. False: some cannot be read."""
        whole = True
        with TemporaryFile() as copy:
            try:
                await self.retrying(self.service.download, file, copy)
            except Gone as error:
                _log.warning("%s", error)
                return False
            for line in self.service.read(copy):
                whole = whole and line is not None
                if line and (call := calls.pop(line.name, None)):
                    await self._take(call, line.said, pending)
                    await asyncio.sleep(0)  # 50,000 lines are minutes of work: let other tasks run
        return whole

    async def _take(self, call: int, said: Answer | ModelError, pending: _Pending) -> None:
        """Record what a line says, and proceed with its job; one that failed stays pending, to be asked live."""
        if isinstance(said, ModelError):
            return await self.accounting.release(call, said)
        await self.accounting.record(call, said)
        self.breaker.record_answer()
        if one := pending.pop(call, None):
            await self._proceed(one.job, self.workload.advance(one.state, said))
        return None

    async def _release_missing(self, remote: Remote, whole: bool, calls: Iterable[int], pending: _Pending) -> None:
        """Release the calls that have no line: not charged if the batch was stopped before them, else in doubt."""
        error = ModelError(f"batch {remote.id} is {remote.status} and did not come to it")
        if not (whole and remote.status in ("expired", "cancelled")):
            error = ModelError(
                f"batch {remote.id} is {remote.status}, and the model's service has no answer of it to this question; "
                "it may have been charged, and the next run asks again",
                in_doubt=True,
            )
        for call in calls:
            await self.accounting.release(call, error)
            if error.in_doubt and (one := pending.pop(call, None)):
                self.workload.report(failed(one.job, str(error)))

    async def _ask_live(self, pending: _Pending) -> None:
        """Settle jobs by calls made now, at the full price."""
        if isinstance(self.ended, ModelUnavailable):
            return self._fail(pending, str(self.ended))
        if pending:
            _log.info("%d questions of a batch are asked again live", len(pending))
            jobs = {one.job: one for one in pending.values()}
            stopped = await self.live(self.workload._replace(jobs=jobs, begin=lambda job: jobs[job].state))
            self.ended = self.ended or stopped
        return None

    def _fail(self, pending: _Pending, reason: str) -> None:
        for one in pending.values():
            self.workload.report(failed(one.job, reason))
