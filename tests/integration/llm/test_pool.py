"""Several endpoints of one model: calls go where there is room, and around a server that is gone."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from pipeline.core.errors import KeyRefused
from pipeline.core.models import Summary
from pipeline.core.pace import Throttle
from pipeline.engines.live import drive
from pipeline.llm.openai import OpenAIModel
from pipeline.llm.pool import REST, SeveralModels
from tests.integration.engines.test_live import Done, jobs, work
from tests.support.fake_model import FakeModel, completion, error
from tests.support.fakes import Answer
from tests.support.world import DAY, World, write


@pytest.fixture
def servers() -> Iterator[list[FakeModel]]:
    with ExitStack() as stack:
        yield [stack.enter_context(FakeModel(lambda body: "yes")) for _ in range(3)]


class Clock:
    """Time as the test says."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def several(urls: list[str], *weights: float, clock: Clock | None = None) -> SeveralModels:
    models = [OpenAIModel("m", None, url, 60, Throttle(8, 0)) for url in urls]
    return SeveralModels(list(zip(models, weights, strict=True)), now=clock or Clock())


async def settle(model: SeveralModels, count: int, concurrency: int) -> Done:
    done = Done()
    await drive(work(jobs(count), done.append), model, concurrency, wait_scale=0)
    return done


def counts(servers: list[FakeModel]) -> list[int]:
    return [len(server.calls) for server in servers]


def test_calls_under_way_are_as_the_weights(servers: list[FakeModel]) -> None:
    arrived, gate = threading.Semaphore(0), threading.Event()

    def wait(body: object) -> str:
        arrived.release()
        gate.wait(60)
        return "yes"

    for server in servers:
        server.say = wait

    async def night() -> list[int]:
        model = several([server.base_url for server in servers], 4, 2, 1)
        driving = asyncio.create_task(settle(model, 7, concurrency=7))
        for _ in range(7):
            await asyncio.to_thread(arrived.acquire)
        under_way = counts(servers)
        gate.set()
        assert len((await driving).of(Summary)) == 7
        await model.close()
        return under_way

    assert asyncio.run(night()) == [4, 2, 1]


def test_an_endpoint_that_is_gone_is_asked_once_and_loses_no_paper(servers: list[FakeModel]) -> None:
    async def night() -> list[int]:
        with FakeModel() as gone:
            closed = gone.base_url
        model = several([closed, *(server.base_url for server in servers[1:])], 5, 1, 1)
        done = await settle(model, 20, concurrency=1)
        await model.close()
        assert len(done.of(Summary)) == 20
        return counts(servers)

    assert sum(asyncio.run(night())) == 20


def test_an_endpoint_rests_after_a_failure_and_is_asked_again(servers: list[FakeModel]) -> None:
    clock = Clock()
    servers[0].queue_answers(error(503))

    async def night() -> None:
        model = several([servers[0].base_url, servers[1].base_url], 1, 1, clock=clock)
        await settle(model, 4, concurrency=1)
        assert counts(servers) == [1, 4, 0]
        clock.now = REST
        await settle(model, 1, concurrency=1)
        assert counts(servers) == [2, 4, 0]
        await model.close()

    asyncio.run(night())


@pytest.mark.parametrize("refusal", [error(401), error(403), error(404), error(429, "insufficient_quota")])
def test_an_endpoint_that_refuses_every_call_rests_while_others_take_its_calls(
    servers: list[FakeModel], refusal: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    servers[0].queue_answers(*[refusal] * 2)

    async def night() -> None:
        model = several([server.base_url for server in servers], 3, 1, 1, clock=clock)
        for rests in (1, 2, 2):
            assert len((await settle(model, 6, concurrency=1)).of(Summary)) == 6
            assert sum(counts(servers[1:])) == 6 * rests
            clock.now += REST
        assert counts(servers)[0] > 2
        await model.close()

    asyncio.run(night())
    assert [record.levelname for record in caplog.records].count("WARNING") == 1


def test_the_last_endpoints_refusal_ends_the_calls(servers: list[FakeModel]) -> None:
    servers[0].queue_answers(*[error(404)] * 100)
    servers[1].queue_answers(completion("yes"), completion("yes"), *[error(401)] * 100)

    async def night() -> None:
        done, model = Done(), several([server.base_url for server in servers[:2]], 1, 1)
        stopped = await drive(work(jobs(20), done.append), model, 1, wait_scale=0)
        assert (len(done.of(Summary)), type(stopped)) == (2, KeyRefused)
        assert counts(servers) == [1, 3, 0]
        await model.close()

    asyncio.run(night())


def test_where_all_rest_one_is_asked_nevertheless(servers: list[FakeModel]) -> None:
    servers[0].queue_answers(error(503))
    servers[1].queue_answers(error(503))

    async def night() -> None:
        model = several([servers[0].base_url, servers[1].base_url], 1, 1)
        assert len((await settle(model, 1, concurrency=1)).of(Summary)) == 1
        await model.close()

    asyncio.run(night())


def test_a_night_with_several_endpoints(
    world: World, servers: list[FakeModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL")
    for number in range(6):
        world.sources.add(DAY, f"2408.0000{number}", title=f"Net{number}: A Paper")
    for server in servers:
        server.say = write
    endpoints = {server.base_url: 1 for server in servers}
    monkeypatch.setenv("PIPELINE_LLM__ENDPOINTS", json.dumps(endpoints))
    assert world.run("run", "--date", DAY)[0] == 0
    assert all(counts(servers))
    for server in servers:
        server.say = lambda body: '{"ok": true}'
    _, out, _ = world.run("doctor")
    assert all(url in out for url in endpoints)


@pytest.mark.parametrize("value", ['{"http://127.0.0.1:1/v1": 0}', '{"nowhere": 1}', '["http://127.0.0.1:1/v1"]'])
def test_endpoints_that_are_none(world: World, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PIPELINE_LLM__ENDPOINTS", value)
    code, _, err = world.run("run", "--date", DAY)
    assert (code, "PIPELINE_LLM__ENDPOINTS" in err) == (2, True)
