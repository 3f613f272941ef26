"""What the driver of a cluster answers to its workers: they are played here, request by request. Needs no Ray."""

import asyncio
import contextlib
import pickle
from collections.abc import Awaitable, Callable, Iterator

import pytest
from pydantic import SecretStr

from pipeline.cli import context
from pipeline.core.config import EndpointSettings
from pipeline.core.errors import (
    AskedElsewhere,
    BudgetSpent,
    ConfigError,
    KeyRefused,
    ModelError,
    ModelUnavailable,
    SourceError,
)
from pipeline.core.models import Answer, Failed, HeldBack, Outcome, Paper, Request, SourceText
from pipeline.engines.base import MAX_UNREACHED, Job, Workload
from pipeline.engines.ray.driver import MAX_DEATHS, Driver
from pipeline.engines.ray.worker import JOBS
from pipeline.llm.transport import Unreached
from tests.support.world import World


class Kept:
    """Accounting that writes down what it is told; with `left` calls the budget is spent."""

    def __init__(self, left: int = 1000) -> None:
        self.left, self.said = left, list[str]()
        self.open = asyncio.Event()
        self.open.set()
        self.batched: AskedElsewhere | None = None

    async def recall(self, request: Request) -> Answer | None:
        return None

    async def reserve(self, request: Request) -> int:
        await self.open.wait()
        if self.batched:
            raise self.batched
        if not self.left:
            raise BudgetSpent("it is spent")
        self.left -= 1
        return self.left

    async def record(self, call: int, answer: Answer) -> None:
        self.said.append(f"{call}: {answer.content}")

    async def release(self, call: int, error: ModelError) -> None:
        self.said.append(f"{call}: {error}{', in doubt' if error.in_doubt else ''}")


def paper(number: int) -> Paper:
    return Paper(id=f"2408.{number:05}", title="A paper", abstract="One sentence.", authors=())


def request(number: int) -> Request:
    source = SourceText(paper_id=paper(number).id, sentences=())
    return Request(layout="sections", paper=paper(number), source=source, messages=(), answer_schema={})


class Play:
    """A driver with so many papers; `rows` are their keys, `outcomes` what was told."""

    def __init__(self, papers: int, left: int = 1000) -> None:
        self.outcomes: list[Outcome] = []
        self.accounting = Kept(left)
        jobs = [Job(layout, paper(number), True) for number in range(papers) for layout in ("sections", "easy")]
        work = Workload(jobs, self._never, self._never, self.outcomes.append, self.accounting)  # type: ignore[arg-type]
        self.turns = 0
        self.driver = Driver(work, "", self._turn, EndpointSettings(api_key=SecretStr("sk-1")))
        self.rows = [row["id"] for row in self.driver.rows()]

    async def ask(self, method: str, *arguments: object) -> object:
        async with asyncio.timeout(5):
            return await self.driver.reply(method, arguments)

    def _never(self, *_: object) -> None:
        raise AssertionError

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        self.turns += 1
        yield


def played(play: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(play())  # type: ignore[arg-type]


def held(number: int) -> list[Outcome]:
    return [HeldBack(paper_id=paper(number).id, layout=layout, reason="so") for layout in ("sections", "easy")]


def test_the_jobs_about_one_paper_are_one_row() -> None:
    play = Play(3)
    (first, *_) = rows = list(play.driver.rows())
    assert len(rows) == 3
    assert JOBS.validate_json(first["jobs"]) == [Job("sections", paper(0), True), Job("easy", paper(0), True)]
    assert [row["id"] for row in Play(3).driver.rows()] == play.rows  # another driver finds them again


def test_a_dead_workers_calls_are_in_doubt_and_its_answers_are_there_for_the_next() -> None:
    async def life() -> None:
        play = Play(1)
        (row,) = play.rows
        assert await play.ask("begin", row, "settle", "first")
        assert await play.ask("reserve", row, request(0)) == 999
        await play.ask("record", row, 999, Answer(content="paid"))
        assert await play.ask("reserve", row, request(1)) == 998
        assert await play.ask("begin", row, "settle", "second")
        assert play.accounting.said == ["999: paid", "998: the worker that awaited the answer ended, in doubt"]
        assert await play.ask("recall", row, request(0)) == Answer(content="paid")
        assert await play.ask("recall", row, request(0)) is None  # given out once, as the ledger does
        await play.ask("settled", row, held(0), None)
        assert not await play.ask("begin", row, "settle", "third")
        assert len(play.outcomes) == 2

    played(life)


def test_a_call_that_died_waiting_for_the_budget_is_given_back() -> None:
    async def life() -> None:
        play = Play(1)
        (row,) = play.rows
        await play.ask("begin", row, "settle", "first")
        play.accounting.open.clear()
        waits = asyncio.create_task(play.ask("reserve", row, request(0)))
        await asyncio.sleep(0)
        await play.ask("begin", row, "settle", "second")
        play.accounting.open.set()
        await waits
        assert play.accounting.said == ["999: the worker that was to make the call ended"]

    played(life)


def test_papers_that_a_process_died_over_are_tried_one_at_a_time() -> None:
    async def life() -> None:
        play = Play(3)
        for row in play.rows:
            assert await play.ask("begin", row, "settle", "first")
        again = [asyncio.create_task(play.ask("begin", row, "settle", "second")) for row in play.rows]
        await asyncio.sleep(0.01)
        assert [task.done() for task in again] == [True, False, False]
        # The first was it. Those that waited beside it have lost nothing.
        third = [asyncio.create_task(play.ask("begin", row, "settle", "third")) for row in play.rows]
        await asyncio.sleep(0.01)
        assert [task.done() for task in third] == [True, True, False]
        assert (await third[0], await third[1]) == (False, True)
        await play.ask("settled", play.rows[1], held(1), None)
        assert await third[2]
        await play.ask("settled", play.rows[2], held(2), None)
        assert [await task for task in again] == [True, False, False]
        assert [type(one) for one in play.outcomes] == [Failed, Failed, HeldBack, HeldBack, HeldBack, HeldBack]
        assert play.outcomes[0].reason == f"{MAX_DEATHS} processes died over this paper"  # type: ignore[union-attr]

    played(life)


def test_one_that_is_read_is_not_what_its_reader_died_of() -> None:
    async def life() -> None:
        play = Play(2)
        for who in ("first", "second", "third", "fourth"):
            assert await play.ask("begin", play.rows[0], "read", who)
            await play.ask("text_read", play.rows[0])
            assert await play.ask("begin", play.rows[1], "read", who) is (who in ("first", "second"))
        assert [one.paper_id for one in play.outcomes] == [paper(1).id] * 2

    played(life)


def test_once_the_budget_is_spent_no_text_is_read() -> None:
    async def life() -> None:
        play = Play(2, left=0)
        await play.ask("begin", play.rows[0], "settle", "one")
        assert isinstance(await play.ask("reserve", play.rows[0], request(0)), BudgetSpent)
        assert not await play.ask("begin", play.rows[1], "read", "other")
        assert [one.model_dump(include={"reason", "postponed"}) for one in play.outcomes] == [
            {"reason": "budget: it is spent", "postponed": True}
        ] * 2

    played(life)


async def fails(play: Play, number: int, error: ModelError) -> None:
    """A paper is begun, and neither of its layouts can be asked about."""
    row = play.rows[number]
    await play.ask("begin", row, "settle", "one")
    for _ in ("sections", "easy"):
        call = await play.ask("reserve", row, request(number))
        await play.ask("release", row, call, error)
    await play.ask("settled", row, failed(number, str(error)), None)


def failed(number: int, reason: str) -> list[Outcome]:
    return [Failed(paper_id=paper(number).id, layout=layout, reason=reason) for layout in ("sections", "easy")]


def test_it_gives_up_when_nobody_can_be_asked_about_paper_after_paper() -> None:
    async def life() -> None:
        play = Play(MAX_UNREACHED + 1)
        for number in range(MAX_UNREACHED):
            assert play.driver.ended is None
            await fails(play, number, Unreached("no answer", in_doubt=True))
        assert isinstance(play.driver.ended, ModelUnavailable)
        assert not await play.ask("begin", play.rows[-1], "settle", "one")
        assert len(play.outcomes) == 2 * MAX_UNREACHED + 2
        assert play.accounting.said[-1].endswith("no answer, in doubt")

    played(life)


def test_papers_that_are_rejected_for_their_own_sake_say_nothing_of_the_model() -> None:
    async def life() -> None:
        play = Play(MAX_UNREACHED + 2)
        for number in range(MAX_UNREACHED + 1):
            await fails(play, number, ModelError("too long"))
        assert play.driver.ended is None
        await play.ask("begin", play.rows[-1], "settle", "one")
        await play.ask("settled", play.rows[-1], [], KeyRefused("no such key"))
        assert isinstance(play.driver.ended, KeyRefused)

    played(life)


def test_an_answer_in_between_shows_that_the_model_is_there() -> None:
    async def life() -> None:
        play = Play(2 * MAX_UNREACHED - 1)
        for number in range(MAX_UNREACHED - 1):
            await fails(play, number, Unreached("no answer"))
        row = play.rows[MAX_UNREACHED - 1]
        await play.ask("begin", row, "settle", "one")
        await play.ask("record", row, await play.ask("reserve", row, request(0)), Answer(content="x"))
        await play.ask("settled", row, failed(MAX_UNREACHED - 1, "unexpected bug"), None)
        for number in range(MAX_UNREACHED, 2 * MAX_UNREACHED - 1):
            await fails(play, number, Unreached("no answer"))
        assert play.driver.ended is None

    played(life)


@pytest.mark.parametrize("settled", [False, True])
def test_the_late_requests_of_a_worker_that_was_taken_for_dead_do_no_harm(settled: bool) -> None:
    async def life() -> None:
        play = Play(1)
        (row,) = play.rows
        await play.ask("begin", row, "settle", "first")
        paid, failing = [await play.ask("reserve", row, request(0)) for _ in range(2)]
        play.accounting.open.clear()
        waits = asyncio.create_task(play.ask("reserve", row, request(0)))
        await asyncio.sleep(0)
        await play.ask("begin", row, "settle", "second")
        said = len(play.accounting.said)
        if settled:
            await play.ask("settled", row, held(0), None)
        await play.ask("record", row, paid, Answer(content="late"))
        await play.ask("release", row, failing, Unreached("no answer"))
        await play.ask("text_read", row)
        play.accounting.open.set()
        assert isinstance(await waits, ModelError)
        assert play.accounting.said[said:] == [f"{paid}: late", "997: the worker that was to make the call ended"]
        if settled:
            assert isinstance(await play.ask("recall", row, request(0)), ModelError)
            assert isinstance(await play.ask("reserve", row, request(0)), ModelError)
        else:
            assert await play.ask("recall", row, request(0)) is None

    played(life)


def test_what_was_asked_about_papers_that_are_given_up_is_in_doubt() -> None:
    async def life() -> None:
        play = Play(1)
        await play.ask("begin", play.rows[0], "settle", "one")
        await play.ask("reserve", play.rows[0], request(0))
        await play.driver.give_up("the cluster ended")
        assert play.accounting.said == ["999: the worker that awaited the answer ended, in doubt"]
        assert len(play.outcomes) == 2

    played(life)


def test_what_is_asked_in_a_batch_says_nothing_of_the_model() -> None:
    async def life() -> None:
        play = Play(MAX_UNREACHED + 2)
        play.accounting.batched = AskedElsewhere("batch b has it")
        for number, row in enumerate(play.rows[:-1]):
            await play.ask("begin", row, "settle", "one")
            error = await play.ask("reserve", row, request(number))
            assert isinstance(error, AskedElsewhere)
            await play.ask("settled", row, failed(number, str(error)), None)
        assert (len(play.outcomes), play.driver.ended) == (12, None)
        assert await play.ask("begin", play.rows[-1], "settle", "one")

    played(life)


def test_a_text_that_cannot_be_had_says_nothing_of_the_model() -> None:
    async def life() -> None:
        play = Play(4)
        for number, row in enumerate(play.rows):
            await play.ask("begin", row, "read", "one")
            await play.ask("settled", row, failed(number, "gone"))
        assert (len(play.outcomes), play.driver.ended, play.driver.pending) == (8, None, {})

    played(life)


def test_there_is_one_turn_at_arxiv_at_a_time() -> None:
    async def life() -> None:
        play = Play(1)
        assert await play.ask("acquire_turn") is None
        second = asyncio.create_task(play.ask("acquire_turn"))
        await asyncio.sleep(0.05)
        assert (play.turns, second.done()) == (1, False)
        await play.ask("release_turn")
        assert await second is None
        await play.ask("release_turn")
        assert play.turns == 2

    played(life)


def test_a_turn_that_cannot_be_had_is_the_workers_to_hear() -> None:
    async def life() -> None:
        play = Play(1)
        play.driver._take_turn = refuse
        refused = await play.ask("acquire_turn")
        assert isinstance(refused, SourceError)
        assert (refused.source, refused.url, refused.reason) == ("pace", "the lock", "it cannot be had")

    @contextlib.contextmanager
    def refuse() -> Iterator[None]:
        raise SourceError("pace", "the lock", "it cannot be had")
        yield

    played(life)


def test_a_turn_that_fails_in_another_way_ends_the_run() -> None:
    async def life() -> None:
        play = Play(1)
        play.driver._take_turn = fail
        with pytest.raises(FileNotFoundError):
            await play.ask("acquire_turn")

    @contextlib.contextmanager
    def fail() -> Iterator[None]:
        raise FileNotFoundError
        yield

    played(life)


def test_errors_reach_another_process_as_they_are() -> None:
    for error in (Unreached("a fault", 3.0, True), SourceError("arXiv", "http://x", "gone"), KeyRefused("no such key")):
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy), vars(copy)) == (type(error), str(error), vars(error))


def test_the_extra_is_named_where_it_is_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    world.sources.add("2024-08-22", "2408.00001", title="A paper")
    code, _, err = world.run("backfill", "--from", "2024-08-22", "--to", "2024-08-22", "--engine", "ray")
    assert code == 2
    assert 'pip install "paper-digest-pipeline[ray]"' in err
    assert not world.model.calls


def test_workers_get_no_secret_that_they_do_not_need(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.core.config import load

    monkeypatch.setenv("PIPELINE_NOTIFY__URLS", "discord://token/secret")
    monkeypatch.setenv("PIPELINE_PING_URL", "https://hc-ping.com/secret")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with pytest.MonkeyPatch.context() as installed:
        installed.setattr("pipeline.engines.ray.cluster.require_ray", lambda: None)
        engine = context._ray(load())
    config = engine.keywords["config"]  # type: ignore[attr-defined]
    assert b"secret" not in pickle.dumps(config)


def test_a_setting_that_is_no_address_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.core.config import load

    monkeypatch.setenv("PIPELINE_RAY__ADDRESS", "ray://somewhere:10001")
    with pytest.raises(ConfigError, match=r"ray\.address"):
        load()
