"""Calls in batches at the provider: at half the price, each answered within a day; what fails there is asked live.

A paper takes as many rounds as it has questions, one after another: its first, a repair, the second reader's. A batch
is booked before anything of it is sent and has its id booked before it is polled, so that a run which is killed leaves
nothing at the provider that the next one does not find: it first takes in what those batches came to.
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
from pipeline.engines.base import (
    Accounting,
    Begin,
    CircuitBreaker,
    Engine,
    Job,
    SerialThread,
    Workload,
    failed,
    not_asked,
)
from pipeline.llm.openai_batch import ENDED, MOST_BYTES, MOST_LINES, Batches, Gone, Remote
from pipeline.summarise.steps import State

_log = logging.getLogger(__name__)

# The provider ends a batch after 24 h by itself; this is for one that does not.
DEADLINE = 25 * 3600.0
# Seconds that a question waits for others before its batch is sent. arXiv gives one text every few seconds: 200
# questions in this time are a batch worth sending, and ten minutes are little beside the hours that it then takes.
PATIENCE = 600.0
# Seconds between two looks at a batch: soon at first, for small ones are done in a minute.
_FIRST_LOOK, _LONGEST_LOOK, _SLOWER = 5.0, 120.0, 1.5
# How often the provider is tried: with the waits of the retry policy for about a quarter of an hour.
_ATTEMPTS = 30
_TOO_MANY_TOKENS = "token_limit_exceeded"
# As long as the name of any line, to know the size of a line before it is booked.
_ANY_NAME = "0" * 19


class BatchAccounting(Accounting, Protocol):
    """Books that know of batches. `record` and `release` take the calls of dead runs' batches as well."""

    def open_batches(self) -> list[Batch]:
        """The batches that have not ended, oldest first: before any is begun those of runs that died."""
        ...

    def begin_batch(self) -> Batch:
        """Book a batch of which nothing is sent yet."""
        ...

    def add(self, batch: Batch, request: Request) -> int | None:
        """Book one line of a batch, and give the call's number. None: not while other calls are in flight, which may
        leave enough of the budget; BudgetSpent: it must not be sent.
        """
        ...

    def uploaded(self, batch: Batch, file: str) -> Batch:
        """The provider has the lines."""
        ...

    def submitted(self, batch: Batch, id: str) -> Batch:
        """The provider has the batch."""
        ...

    def calls_of(self, batch: Batch) -> list[int]:
        """Its calls that are neither recorded nor released."""
        ...

    def end_batch(self, batch: Batch) -> None:
        """There is nothing more to come from it."""
        ...


class Limits(NamedTuple):
    """When a batch is sent: before it has more lines or bytes, or when its oldest line has waited `patience` seconds.

    One that has not ended `deadline` seconds after it was sent is cancelled.
    """

    lines: int = MOST_LINES
    bytes: int = MOST_BYTES
    patience: float = PATIENCE
    deadline: float = DEADLINE


AS_DOCUMENTED = Limits()


async def drive(
    workload: Workload, service: Batches, live: Engine, limits: Limits = AS_DOCUMENTED, wait_scale: float = 1
) -> ModelUnavailable | None:
    """Settle every job by batches, and by `live` what fails in them. Returns what stopped the model, if something did.

    The books of `work` must be BatchBooks. First what dead runs left at the provider is waited for and recorded. Once
    a budget is spent nothing more is asked and papers are held back; after ModelUnavailable they have failed. Batches
    that were sent are taken in nevertheless, as they are paid for. `wait_scale` multiplies the waits between requests.
    ConfigError where a disk is too full for their files; what is with the provider stays there for the next run.
    """
    run = _BatchRun(workload, service, live, limits, wait_scale)
    try:
        await run.recover()
        await run.settle()
    except ExceptionGroup as several:
        # The first is what happened; the others only followed from it.
        raise _explained(several.exceptions[0]) from None
    except OSError as error:  # a file that cannot even be closed
        raise _explained(error) from None
    finally:
        run.thread.close()
    return run.ended if isinstance(run.ended, ModelUnavailable) else None


class _Question(NamedTuple):
    """A job whose question waits for its answer. The state is packed: with a text of 6,000 tokens 20 KB, not 145."""

    job: Job
    packed: bytes

    @property
    def state(self) -> State:
        return State.model_validate_json(lzma.decompress(self.packed))


def _packed(job: Job, state: State) -> _Question:
    return _Question(job, lzma.compress(state.model_dump_json().encode(), preset=0))


_Questions = dict[int, _Question]  # by the number of the call


@dataclass
class _Filling:
    """A batch that is being filled: its lines on disk, in a file that has no name to be left behind."""

    batch: Batch
    lines: IO[bytes]
    questions: _Questions = field(default_factory=dict)
    size: int = 0
    began: float = field(default_factory=time.monotonic)

    def add(self, call: int, question: _Question, line: bytes) -> None:
        self.lines.write(line)
        self.size += len(line)
        self.questions[call] = question


class _Refused(ModelUnavailable):
    """The service took the batch and then found it wrong; nothing of it was charged."""


class _TooManyTokens(_Refused):
    """The service has as much of ours waiting as it takes."""


class _Unanswered(ModelError):
    """The service did not say whether it made the batch."""


class _BatchRun:
    """The batches that are filled and under way, and the questions that wait `later` for one of these to end."""

    def __init__(self, workload: Workload, service: Batches, live: Engine, limits: Limits, wait_scale: float) -> None:
        self.breaker = CircuitBreaker()
        self.workload = workload._replace(breaker=self.breaker)
        self.service, self.live, self.limits, self.scale = service, live, limits, wait_scale
        self.accounting = cast(BatchAccounting, workload.accounting)
        self.patiently = async_retrying(_ATTEMPTS, wait_scale)
        self.filling: dict[str, _Filling] = {}
        self.later: deque[_Question] = deque()
        self.thread = SerialThread()
        self.most_lines, self.is_queue_full = limits.lines, False
        self.bringing = 0  # who may still bring questions
        self.under_way = 0
        self.ended: ModelUnavailable | BudgetSpent | None = None

    async def recover(self) -> None:
        """Record what the batches of dead runs came to, so that nothing of it is asked again."""
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
        for filling in self.filling.values():  # into which no line came
            self.accounting.end_batch(filling.batch)

    def _stop(self, error: ModelError) -> None:
        """Ask nothing more: what went wrong would go wrong again."""
        if not self.ended:
            _log.warning("%s", error)
            self.ended = error if isinstance(error, ModelUnavailable) else ModelUnavailable(str(error))

    # ---- questions

    async def _begin_all(self) -> None:
        with self._bringing():
            for job in self.workload.jobs:
                await self._begin(job)
                self._send_what_waited()
        self._send_if_idle()

    async def _begin(self, job: Job) -> None:
        if self.ended:
            return self.workload.report(not_asked(job, self.ended))
        try:
            state = await self.thread.run(partial(self.workload.begin, job))
        except SourceError as error:
            return self.workload.report(failed(job, str(error)))
        return await self._go_on(job, state)

    async def _go_on(self, job: Job, step: State | Summary | HeldBack) -> None:
        """Use the answers that are paid for already, then ask what is to be asked next."""
        while isinstance(step, State):
            paid = await self.accounting.recall(step.request)
            if not paid:
                self._ask(job, step)
                return
            step = self.workload.advance(step, paid)
        self.workload.report(step)

    def _ask(self, job: Job, state: State) -> bool:
        """Put a question into the batch of its model. False: it waits until calls that are under way have ended."""
        if self.ended:
            self.workload.report(not_asked(job, self.ended, state))
            return True
        filling = self._with_room_for(state.request)
        try:
            call = self.accounting.add(filling.batch, state.request)
        except BudgetSpent as error:
            self.ended = error
            self.workload.report(not_asked(job, error, state))
            return True
        if call is None:
            self.later.append(_packed(job, state))
            self._send_all()
            return False
        filling.add(call, _packed(job, state), self.service.line(str(call), state.request))
        return True

    def _with_room_for(self, request: Request) -> _Filling:
        model, size = request.model or self.service.model.name, len(self.service.line(_ANY_NAME, request))
        filling = self.filling.get(model)
        if filling and (len(filling.questions) >= self.most_lines or filling.size + size > self.limits.bytes):
            self._send(model)
        if model not in self.filling:
            lines = self.files.enter_context(TemporaryFile())  # noqa: SIM115 - which closes it
            self.filling[model] = _Filling(self.accounting.begin_batch(), lines)
        return self.filling[model]

    @contextlib.contextmanager
    def _bringing(self) -> Iterator[None]:
        """While questions may come a batch that could take them waits."""
        self.bringing += 1
        try:
            yield
        finally:
            self.bringing -= 1

    # ---- sending

    def _send_if_idle(self) -> None:
        if not self.bringing:
            self._send_all()

    def _send_all(self) -> None:
        for model in list(self.filling):
            self._send(model)

    def _send_what_waited(self) -> None:
        for model, filling in list(self.filling.items()):
            if time.monotonic() - filling.began > self.limits.patience:
                self._send(model)

    def _send(self, model: str) -> None:
        if self.filling[model].questions:
            self.under_way += 1
            self.group.create_task(self._see_to_its_end(self.filling.pop(model)))

    async def _see_to_its_end(self, filling: _Filling) -> None:
        """One batch from its file to its answers; then those questions that waited for its end."""
        sent = len(filling.questions)
        try:
            await self._submit_and_take_in(filling)
        except _TooManyTokens as error:
            sent = self._put_off(filling.questions, error)
        self.under_way -= 1
        self._ask_again(sent if self.is_queue_full and not self.ended else len(self.later))
        self._send_if_idle()

    def _ask_again(self, room: int) -> None:
        """Ask so many of the questions that wait, until one has to wait again."""
        with self._bringing():
            for _ in range(min(room, len(self.later))):
                question = self.later.popleft()
                if not self._ask(question.job, question.state):
                    return

    def _put_off(self, questions: _Questions, error: _TooManyTokens) -> int:
        """Have questions wait until another batch has ended, or, where there is none, be sent a half at a time.

        Returns how many are to be asked now.
        """
        self.later.extend(questions.values())
        self.is_queue_full = True
        if self.under_way > 1:
            return 0
        if len(questions) == 1:
            self._stop(error)
        self.most_lines = max(len(questions) // 2, 1)
        _log.info("%s; from now on %d questions at a time", error, self.most_lines)
        return self.most_lines

    async def _submit_and_take_in(self, filling: _Filling) -> None:
        try:
            batch = await self._submitted(filling)
            with _to_be_continued(batch):
                await self._take_in(batch, await self._outcome(batch), filling.questions)
        except _TooManyTokens:
            raise
        except ModelError as error:
            if not isinstance(error, Gone):  # a file that was deleted says nothing of the other batches
                self._stop(error)
            self._fail(filling.questions, str(error))
        else:
            await self._ask_live(filling.questions)

    async def _submitted(self, filling: _Filling) -> Batch:
        """Have the provider take a batch."""
        try:
            if isinstance(self.ended, ModelUnavailable):
                raise self.ended
            await self.patiently(self._upload, filling)
            remote = await self._created(filling)
        except _Unanswered:
            raise
        except ModelError as error:
            await self._drop(filling.batch, error)
            raise
        finally:
            filling.lines.close()
        _log.info("batch %s: %d questions, %d bytes", remote.id, len(filling.questions), filling.size)
        return self.accounting.submitted(filling.batch, remote.id)

    async def _upload(self, filling: _Filling) -> None:
        file = await self.service.upload(filling.batch.name, filling.lines)
        filling.batch = self.accounting.uploaded(filling.batch, file)

    async def _created(self, filling: _Filling) -> Remote:
        """The batch, made once: after an answer that did not come it is made again only where it never will be."""
        unsure = False

        async def attempt() -> Remote:
            nonlocal unsure
            if unsure:
                if made := await self._made(filling.batch):
                    return made
                await self._upload(filling)
            unsure = True
            try:
                return await self.service.create(filling.batch.name, filling.batch.file or "")
            except ModelError as error:
                unsure = isinstance(error, Transient)
                raise

        try:
            made: Remote = await self.patiently(attempt)
        except ModelError as error:
            if unsure:
                name = filling.batch.name
                raise _Unanswered(f"{error}; the next run looks whether batch {name} was made") from None
            raise
        return made

    async def _drop(self, batch: Batch, error: ModelError) -> None:
        """End a batch of which the provider answered and charged nothing."""
        for call in self.accounting.calls_of(batch):
            await self.accounting.release(call, ModelError(str(error)))
        await self._end(batch, batch.file)

    async def _end(self, batch: Batch, *files: str | None) -> None:
        """Nothing more is to come: the provider need not keep the files."""
        for file in filter(None, files):
            await self._delete(file)
        self.accounting.end_batch(batch)

    async def _delete(self, file: str) -> None:
        try:
            await self.patiently(self.service.delete, file)
        except Gone:
            pass  # as it should be
        except ModelError as error:
            _log.info("%s stays with the provider: %s", file, error)

    # ---- answers

    async def _recover(self, batch: Batch) -> None:
        """See a batch of a dead run to its end."""
        try:
            if not batch.id:
                remote: Remote | None = await self.patiently(self._made, batch)
                if not remote:
                    return await self._drop(batch, ModelError("the run died before it sent the batch"))
                batch = self.accounting.submitted(batch, remote.id)
            with _to_be_continued(batch):
                await self._take_in(batch, await self._outcome(batch), {})
        except _Refused as error:
            _log.info("%s", error)  # its questions are asked again like any others
        except ModelError as error:
            self._stop(error)

    async def _made(self, batch: Batch) -> Remote | None:
        """What a request made whose answer did not come. None: nothing, and nothing will, as its file is gone."""
        if not batch.file:
            return None  # without one there was no request
        if made := await self.service.find(batch.name):
            return made
        # The request may still be on its way: without the file it comes to nothing, or it has just been served.
        await self._delete(batch.file)
        return await self.service.find(batch.name)

    async def _outcome(self, batch: Batch) -> Remote:
        """The batch when it has ended. It is cancelled at its deadline."""
        name, wait, began, told = batch.id or "", _FIRST_LOOK, time.monotonic(), ("", 0)
        while True:
            try:
                remote: Remote = await self.patiently(self.service.retrieve, name)
            except Gone:
                return Remote(name, batch.file or "", "gone")
            if told != (told := (remote.status, 10 * remote.answered // max(remote.total, 1))):
                _log.info("batch %s: %s, %d of %d answered", name, remote.status, remote.answered, remote.total)
            if remote.status in ENDED:
                return remote
            if time.monotonic() - began > self.limits.deadline:
                began = time.monotonic()
                await self._cancel(name)
            await asyncio.sleep(wait * self.scale)
            wait = min(wait * _SLOWER, _LONGEST_LOOK)

    async def _cancel(self, name: str) -> None:
        _log.warning("batch %s did not end in %g s and is cancelled", name, self.limits.deadline)
        with contextlib.suppress(Transient):  # it may have ended this very moment
            await self.service.cancel(name)

    async def _take_in(self, batch: Batch, remote: Remote, questions: _Questions) -> None:
        """Record what a batch came to, and go on with each answer. What stays in `questions` is to be asked live.

        A _Refused one that failed validation.
        """
        if remote.status == "failed":
            refused = _TooManyTokens if remote.code == _TOO_MANY_TOKENS else _Refused
            error = refused(f"the model's service did not take batch {batch.id}: {remote.reason or remote.code}")
            await self._drop(batch, error)
            raise error
        calls = {str(call): call for call in self.accounting.calls_of(batch)}
        with self._bringing():
            files = [file for file in (remote.output, remote.errors) if file and calls]
            whole = [await self._read(file, calls, questions) for file in files]
        self._send_if_idle()
        await self._settle_untold(remote, all(whole), calls.values(), questions)
        await self._end(batch, remote.file, remote.output, remote.errors)

    async def _read(self, file: str, calls: dict[str, int], questions: _Questions) -> bool:
        """Take in a file's lines, in any order, and strike the calls that they tell of. False: not all can be read."""
        whole = True
        with TemporaryFile() as copy:
            try:
                await self.patiently(self.service.download, file, copy)
            except Gone as error:
                _log.warning("%s", error)
                return False
            for line in self.service.read(copy):
                whole = whole and line is not None
                if line and (call := calls.pop(line.name, None)):
                    await self._take(call, line.said, questions)
                    await asyncio.sleep(0)  # 50,000 lines are minutes of work: others want to go on too
        return whole

    async def _take(self, call: int, said: Answer | ModelError, questions: _Questions) -> None:
        """Keep what a line says, and go on with it; the question of one that failed stays, to be asked live."""
        if isinstance(said, ModelError):
            return await self.accounting.release(call, said)
        await self.accounting.record(call, said)
        self.breaker.record_answer()
        if question := questions.pop(call, None):
            await self._go_on(question.job, self.workload.advance(question.state, said))
        return None

    async def _settle_untold(self, remote: Remote, whole: bool, calls: Iterable[int], questions: _Questions) -> None:
        """Release the calls of which no line tells. A batch that was stopped never came to them; else nobody knows."""
        error = ModelError(f"batch {remote.id} is {remote.status} and did not come to it")
        if not (whole and remote.status in ("expired", "cancelled")):
            error = ModelError(
                f"batch {remote.id} is {remote.status}, and the model's service has no answer of it to this question; "
                "it may have been charged, and the next run asks again",
                in_doubt=True,
            )
        for call in calls:
            await self.accounting.release(call, error)
            if error.in_doubt and (question := questions.pop(call, None)):
                self.workload.report(failed(question.job, str(error)))

    async def _ask_live(self, questions: _Questions) -> None:
        """Have questions answered now, at the full price, and whatever follows from the answers."""
        if isinstance(self.ended, ModelUnavailable):
            return self._fail(questions, str(self.ended))
        if questions:
            _log.info("%d questions of a batch are asked again live", len(questions))
            asked = {(one.job.layout, one.job.paper.id): one for one in questions.values()}
            jobs = [one.job for one in questions.values()]
            begin: Begin = lambda job: asked[job.layout, job.paper.id].state  # noqa: E731 - as short as its name
            stopped = await self.live(self.workload._replace(jobs=jobs, begin=begin))
            self.ended = self.ended or stopped
        return None

    def _fail(self, questions: _Questions, reason: str) -> None:
        for question in questions.values():
            self.workload.report(failed(question.job, reason))


def _explained(error: Exception) -> Exception:
    """The error, in our words where it is that a disk is full."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ConfigError(
            f"{gettempdir()} has no room for the files of a batch ({error.strerror}); make room there, or name another "
            "folder in TMPDIR, and run again."
        )
    return error


@contextlib.contextmanager
def _to_be_continued(batch: Batch) -> Iterator[None]:
    """Errors say that the batch is not lost."""
    try:
        yield
    except _Refused:
        raise
    except ModelError as error:
        error.args = (f"{error}; batch {batch.id} stays there, and the next run takes it in",)
        raise
