"""The workers of a cluster: those that read papers' texts, and those that settle papers by calls, as `live` does.

They keep nothing: what they may begin, every call's booking and each outcome go by letter to the driver.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol

from pydantic import TypeAdapter

from pipeline.core.config import OpenAISettings, load_openai
from pipeline.core.errors import ModelError, ModelUnavailable, SourceError
from pipeline.core.models import Answer, Failed, HeldBack, Outcome, Paper, Request, SourceText, Summary
from pipeline.core.redact import hide, redact
from pipeline.engines import live
from pipeline.engines.base import Advance, Job, Workload, failed
from pipeline.engines.ray.rpc import ask, ask_now
from pipeline.llm.base import Model
from pipeline.summarise import prompts, steps

# A row of the tables: a paper with the jobs that it is to be settled in, its text once that is read, its outcomes.
Row = dict[str, Any]
OUTCOMES: TypeAdapter[list[Summary | HeldBack]] = TypeAdapter(list[Summary | HeldBack])
_JOBS: TypeAdapter[list[tuple[Any, bool]]] = TypeAdapter(list[tuple[Any, bool]])

Turn = Callable[[], AbstractContextManager[object]]


class Texts(Protocol):
    """Where a paper's text comes from."""

    def text(self, paper: Paper) -> SourceText:
        """What a model gets to read of a paper."""
        ...


class WorkerConfig(NamedTuple):
    """What workers are made from, wherever they are: it can be pickled and holds no secret.

    `texts` is given how to wait for a turn at arXiv, `model` the address and the key. At most `readers` processes read
    texts, None: one a CPU. `concurrency` is the calls at once of one worker. `key` stands for all that outcomes depend
    on besides papers and prompts.
    """

    texts: Callable[[Turn], AbstractContextManager[Texts]]
    model: Callable[[OpenAISettings], Model]
    readers: int | None
    concurrency: int
    wait_scale: float
    key: str


def row_of(key: str, jobs: list[Job]) -> Row:
    """The jobs about one paper as a row."""
    layouts = [(job.layout, job.again) for job in jobs]
    return {"id": key, "paper": jobs[0].paper.model_dump_json(), "jobs": _JOBS.dump_json(layouts).decode()}


def jobs_of(row: Row) -> list[Job]:
    """The jobs of a row."""
    paper = Paper.model_validate_json(row["paper"])
    return [Job(layout, paper, again) for layout, again in _JOBS.validate_json(row["jobs"])]


class Reading:
    """One process that reads papers' texts, one at a time: fetching in turn over the whole cluster, extraction here."""

    def __init__(self, config: WorkerConfig, mailbox: Any) -> None:
        self._mailbox, self._who = mailbox, uuid.uuid4().hex
        self._open = config.texts(self._turn)
        self._texts = self._open.__enter__()  # for as long as the process lives

    def __call__(self, row: Row) -> list[Row]:
        """The row with its text; none when nothing is to be done with it, or no text can be had."""
        if not ask_now(self._mailbox, "begin", row["id"], "read", self._who):
            return []
        jobs = jobs_of(row)
        try:
            text = self._texts.text(jobs[0].paper)
        except Exception as error:
            ask_now(self._mailbox, "unread", row["id"], [failed(job, _reason(error)) for job in jobs])
            return []
        ask_now(self._mailbox, "read", row["id"])
        return [row | {"text": text.model_dump_json()}]

    @contextmanager
    def _turn(self) -> Iterator[None]:
        ask_now(self._mailbox, "turn")
        try:
            yield
        finally:
            ask_now(self._mailbox, "end_turn")


class Settling:
    """One process that settles papers by calls, many at once, at its own node's endpoint if that has one."""

    def __init__(self, config: WorkerConfig, mailbox: Any) -> None:
        self._kit, self._mailbox, self._who = config, mailbox, uuid.uuid4().hex
        self._advance: Advance = ask_now(mailbox, "advance")
        self._model = config.model(_endpoint(mailbox))

    async def __call__(self, row: Row) -> list[Row]:
        """The row's outcomes. None that a later run may change: of these the driver alone hears."""
        if not await ask(self._mailbox, "begin", row["id"], "settle", self._who):
            return []
        outcomes, stopped = await self._settle(row)
        await ask(self._mailbox, "settled", row["id"], outcomes, stopped)
        final = [outcome for outcome in outcomes if not isinstance(outcome, Failed) and not _postponed(outcome)]
        if len(final) < len(outcomes):
            return []
        return [{"id": row["id"], "outcomes": OUTCOMES.dump_json(final).decode()}]

    async def _settle(self, row: Row) -> tuple[list[Outcome], ModelUnavailable | None]:
        jobs, outcomes = jobs_of(row), list[Outcome]()
        source = SourceText.model_validate_json(row["text"])

        def begin(job: Job) -> steps.State:
            return steps.begin(job.paper, source, prompts.load(job.layout), cache_paper=job.again)

        work = Workload(jobs, begin, self._advance, outcomes.append, _RemoteAccounting(self._mailbox, row["id"]))
        try:
            stopped = await live.drive(work, self._model, 1, wait_scale=self._kit.wait_scale)
        except Exception as error:  # a paper that nobody can handle costs this paper only
            settled = {one.layout for one in outcomes}
            return [*outcomes, *(failed(job, _reason(error)) for job in jobs if job.layout not in settled)], None
        return outcomes, stopped


class _RemoteAccounting:
    """The driver's books, for one row: `engines.base.Accounting` over rpc."""

    def __init__(self, mailbox: Any, row: str) -> None:
        self._mailbox, self._row = mailbox, row

    async def recall(self, request: Request) -> Answer | None:
        answer: Answer | None = await ask(self._mailbox, "recall", self._row, _asked(request))
        return answer

    async def reserve(self, request: Request) -> int:
        call: int = await ask(self._mailbox, "reserve", self._row, _asked(request))
        return call

    async def record(self, call: int, answer: Answer) -> None:
        await ask(self._mailbox, "record", self._row, call, answer)

    async def release(self, call: int, error: ModelError) -> None:
        await ask(self._mailbox, "release", self._row, call, error)


def _postponed(outcome: Outcome) -> bool:
    return isinstance(outcome, HeldBack) and outcome.postponed


def _asked(request: Request) -> Request:
    """A request without the text that its messages have in them already."""
    return request.model_copy(update={"source": SourceText(paper_id=request.paper.id, sentences=())})


def _endpoint(mailbox: Any) -> OpenAISettings:
    """The node's own address and key where it has either, else the driver's. A key goes to no other one's address."""
    own = load_openai()
    if own.base_url or own.api_key:
        return own
    given: OpenAISettings = ask_now(mailbox, "endpoint")
    hide(given.key or "")
    return given


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, SourceError) else redact(f"unexpected {type(error).__name__}: {error}")
