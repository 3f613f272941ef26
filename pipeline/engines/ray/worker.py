"""The workers of a cluster: some read the papers' texts, others settle papers by calls as `live` does.

They keep no state: what they may begin, every booking of a call and each outcome are requests to the driver.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from pipeline.core.config import EndpointSettings, load_endpoint
from pipeline.core.errors import ModelError, ModelUnavailable, SourceError
from pipeline.core.models import Answer, HeldBack, Outcome, Paper, Request, SourceText, Summary
from pipeline.core.redact import hide, redact
from pipeline.engines import live
from pipeline.engines.base import Advance, Job, Workload, failed
from pipeline.engines.ray.rpc import ask, ask_blocking
from pipeline.llm.base import Model
from pipeline.summarise import prompts, steps

# A row of the tables: the jobs about one paper, its text once that is read; or its outcomes.
Row = dict[str, Any]
OUTCOMES: TypeAdapter[list[Summary | HeldBack]] = TypeAdapter(list[Summary | HeldBack])
JOBS: TypeAdapter[list[Job]] = TypeAdapter(list[Job])

Turn = Callable[[], AbstractContextManager[object]]


class WorkerConfig(NamedTuple):
    """The configuration of the workers. It is pickled, and holds no secret.

    `texts` opens what reads a paper's text, given how to wait for a turn at arXiv; `model` makes the model from an
    address and a key. At most `text_workers` processes read texts, None: one a CPU. `concurrency` is the calls at once
    of one worker. `key` stands for all that outcomes depend on besides papers and prompts.
    """

    texts: Callable[[Turn], AbstractContextManager[Callable[[Paper], SourceText]]]
    model: Callable[[EndpointSettings], Model]
    text_workers: int | None
    concurrency: int
    wait_scale: float
    key: str


class TextWorker:
    """A process that reads papers' texts, one at a time. Fetching takes turns over the whole cluster."""

    def __init__(self, config: WorkerConfig, mailbox: Any) -> None:
        self._mailbox, self._id = mailbox, uuid.uuid4().hex
        self._open = config.texts(self._turn)
        self._text = self._open.__enter__()  # for as long as the process lives

    def __call__(self, row: Row) -> list[Row]:
        """Return the row with its text; nothing if the driver declines the row or no text can be had."""
        if not ask_blocking(self._mailbox, "begin", row["id"], "read", self._id):
            return []
        jobs = JOBS.validate_json(row["jobs"])
        try:
            text = self._text(jobs[0].paper)
        except Exception as error:
            ask_blocking(self._mailbox, "settled", row["id"], [failed(job, _reason(error)) for job in jobs])
            return []
        ask_blocking(self._mailbox, "text_read", row["id"])
        return [row | {"text": text.model_dump_json()}]

    @contextmanager
    def _turn(self) -> Iterator[None]:
        ask_blocking(self._mailbox, "acquire_turn")
        try:
            yield
        finally:
            ask_blocking(self._mailbox, "release_turn")


class CallWorker:
    """A process that settles papers by many calls at once, at its own node's endpoint if that has one."""

    def __init__(self, config: WorkerConfig, mailbox: Any) -> None:
        self._wait_scale, self._mailbox, self._id = config.wait_scale, mailbox, uuid.uuid4().hex
        self._advance: Advance = ask_blocking(mailbox, "advance")
        self._model = config.model(_endpoint(mailbox))

    async def __call__(self, row: Row) -> list[Row]:
        """Return the row's outcomes, or nothing where a later run may change them; the driver learns of all."""
        if not await ask(self._mailbox, "begin", row["id"], "settle", self._id):
            return []
        outcomes, stopped = await self._settle(row)
        await ask(self._mailbox, "settled", row["id"], outcomes, stopped)
        final = [
            one for one in outcomes if isinstance(one, Summary) or (isinstance(one, HeldBack) and not one.postponed)
        ]
        if len(final) < len(outcomes):
            return []
        return [{"id": row["id"], "outcomes": OUTCOMES.dump_json(final).decode()}]

    async def _settle(self, row: Row) -> tuple[list[Outcome], ModelUnavailable | None]:
        jobs, outcomes = JOBS.validate_json(row["jobs"]), list[Outcome]()
        source = SourceText.model_validate_json(row["text"])

        def begin(job: Job) -> steps.State:
            return steps.begin(job.paper, source, prompts.load(job.layout), cache_paper=job.cache_paper)

        workload = Workload(jobs, begin, self._advance, outcomes.append, _RemoteAccounting(self._mailbox, row["id"]))
        try:
            stopped = await live.drive(workload, self._model, 1, wait_scale=self._wait_scale)
        except Exception as error:  # a paper that crashes the engine costs this paper only
            settled = {one.layout for one in outcomes}
            return [*outcomes, *(failed(job, _reason(error)) for job in jobs if job.layout not in settled)], None
        return outcomes, stopped


class _RemoteAccounting:
    """The driver's `engines.base.Accounting` over rpc, for one row."""

    def __init__(self, mailbox: Any, row: str) -> None:
        self._mailbox, self._row = mailbox, row

    async def recall(self, request: Request) -> Answer | None:
        answer: Answer | None = await ask(self._mailbox, "recall", self._row, _without_source(request))
        return answer

    async def reserve(self, request: Request) -> int:
        call: int = await ask(self._mailbox, "reserve", self._row, _without_source(request))
        return call

    async def record(self, call: int, answer: Answer) -> None:
        await ask(self._mailbox, "record", self._row, call, answer)

    async def release(self, call: int, error: ModelError) -> None:
        await ask(self._mailbox, "release", self._row, call, error)


def _without_source(request: Request) -> Request:
    """Return a request without the text, which its messages contain anyway."""
    return request.model_copy(update={"source": SourceText(paper_id=request.paper.id, sentences=())})


def _endpoint(mailbox: Any) -> EndpointSettings:
    """Return the node's own address and key if it has either, else the driver's: a key goes to no other address."""
    own = load_endpoint()
    if own.base_url or own.api_key:
        return own
    given: EndpointSettings = ask_blocking(mailbox, "endpoint")
    hide(given.key or "")
    return given


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, SourceError) else redact(f"unexpected {type(error).__name__}: {error}")
