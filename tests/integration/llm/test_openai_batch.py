"""The Batch API as this package speaks it, over HTTP with the real client."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from pipeline.core.errors import KeyRefused, ModelError, ModelUnavailable
from pipeline.core.models import Answer
from pipeline.core.pace import Throttle
from pipeline.core.retry import Transient
from pipeline.llm.openai import OpenAIModel
from pipeline.llm.openai_batch import Batches, BatchLine, Gone
from tests.integration.engines.test_batch import begin, jobs
from tests.support.fake_batches import FakeBatches, Fate
from tests.support.fake_model import completion, error
from tests.support.fakes import Answer as Said

_Made = TypeVar("_Made")
REQUEST = begin(jobs(1)[0]).request


@pytest.fixture
def service() -> Iterator[FakeBatches]:
    with FakeBatches(lambda body: "yes") as server:
        yield server


def with_batches(service: FakeBatches, use: Callable[[Batches], Awaitable[_Made]]) -> _Made:
    async def once() -> _Made:
        model = OpenAIModel("m-1", "key", service.base_url, 5.0, Throttle(1, 0))
        try:
            return await use(Batches(model))
        finally:
            await model.close()

    return asyncio.run(once())


async def submitted(batches: Batches, name: str = "n") -> str:
    file = await batches.upload(name, io.BytesIO(batches.line("1", REQUEST)))
    return (await batches.create(name, file)).id


def read(service: FakeBatches, *lines: object) -> list[BatchLine | None]:
    """What these lines of an output file say, each as JSON unless it is bytes."""
    content = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)

    async def once(batches: Batches) -> list[BatchLine | None]:
        return list(batches.read(io.BytesIO(content)))

    return with_batches(service, once)


def line_of(said: Said) -> dict[str, Any]:
    body = json.loads(said.body)
    return {"id": "r", "custom_id": "7", "response": {"status_code": said.status, "body": body}, "error": None}


def test_a_line_asks_what_a_live_call_asks(service: FakeBatches) -> None:
    async def both(batches: Batches) -> bytes:
        await batches.model.complete(REQUEST)
        return batches.line("12", REQUEST)

    line = with_batches(service, both)
    assert line.count(b"\n") == 1
    (live,) = service.calls
    assert json.loads(line) == {"custom_id": "12", "method": "POST", "url": "/v1/chat/completions", "body": live}


def test_a_batch_from_its_file_to_its_answers(service: FakeBatches) -> None:
    async def whole(batches: Batches) -> list[BatchLine | None]:
        name = await submitted(batches)
        states = [await batches.retrieve(name) for _ in range(3)]
        assert [state.status for state in states] == ["in_progress", "completed", "completed"]
        assert (states[-1].total, states[-1].answered, states[-1].errors) == (1, 1, None)
        with io.BytesIO(b"what was there before, and is longer than the answers are" * 100) as copy:
            await batches.download(states[-1].output or "", copy)
            lines = list(batches.read(copy))
        for file in (states[-1].file, states[-1].output or ""):
            await batches.delete(file)
        return lines

    (line,) = with_batches(service, whole)
    assert line is not None
    assert (line.name, isinstance(line.said, Answer) and line.said.content) == ("1", "yes")
    assert (service.files, list(service.names.values())) == ({}, ["n.jsonl", "batch_2_output.jsonl"])


def test_a_batch_is_found_by_its_name_however_many_there_are(service: FakeBatches) -> None:
    async def find(batches: Batches) -> None:
        file = await batches.upload("n", io.BytesIO(batches.line("1", REQUEST)))
        made = [await batches.create(f"n{number}", file) for number in range(205)]
        assert (await batches.find("n0")) == made[0]
        assert await batches.find("n999") is None

    with_batches(service, find)


def test_why_a_batch_failed_validation(service: FakeBatches) -> None:
    async def fail(batches: Batches) -> tuple[str, str, str]:
        name = await submitted(batches)
        remote = await batches.retrieve(name)
        return remote.status, remote.code, remote.reason

    service.fates.append(Fate("failed", polls=1, errors=(("empty_file", "The file is\nempty."),)))
    assert with_batches(service, fail) == ("failed", "empty_file", "The file is empty.")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (completion("x"), None),
        (completion(None, refusal="no"), "refusal"),
        (completion("x", finish_reason="length"), "truncated"),
        (completion("x", choices=[]), "envelope"),
        (completion(""), "empty"),
    ],
)
def test_an_answer_in_a_line_is_read_as_a_live_one(service: FakeBatches, said: Said, problem: str | None) -> None:
    (line,) = read(service, line_of(said))
    assert line is not None and isinstance(line.said, Answer)
    assert (line.name, line.said.problem, line.said.usage.input, line.said.usage.cached) == ("7", problem, 100, 60)


def test_lines_that_failed_say_why_and_were_not_charged(service: FakeBatches) -> None:
    expired = {"custom_id": "8", "response": None, "error": {"code": "batch_expired", "message": "Too late."}}
    lines = read(service, line_of(error(429, "rate_limit_exceeded")), expired)
    said = [line.said for line in lines if line]
    assert all(isinstance(one, ModelError) and not one.in_doubt for one in said)
    assert [str(one).partition(": ")[2] for one in said] == [
        "HTTP 429: rate_limit_exceeded: fault 429",
        "batch_expired: Too late.",
    ]


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"[" * 100_000,
        b"\xff\xfe",
        b"null",
        {"custom_id": "7"},
        {"custom_id": "7", "response": None, "error": None},
        {"custom_id": "7", "response": {"status_code": 200, "body": "<html>"}},
        {"custom_id": "7", "response": {"status_code": 200, "body": {"choices": [{}]}}},
        {"custom_id": "7", "response": "yes", "error": None},
        {"response": {"status_code": 200, "body": {}}},
    ],
)
def test_a_line_that_cannot_be_read_is_none(service: FakeBatches, rubbish: object) -> None:
    lines = read(service, rubbish, line_of(completion("x")))
    assert lines[0] is None
    assert lines[1] is not None and isinstance(lines[1].said, Answer)


def test_a_separator_inside_a_line_does_not_end_it(service: FakeBatches) -> None:
    said = json.dumps(line_of(completion("a\u2028b\x85c")), ensure_ascii=False).encode()
    (line,) = read(service, said)
    assert line is not None and isinstance(line.said, Answer) and line.said.content == "a\u2028b\x85c"


@pytest.mark.parametrize(
    ("path", "said", "kind", "words"),
    [
        ("/v1/files", error(404), ModelUnavailable, "has no Batch API"),
        ("/v1/files", error(405), ModelUnavailable, "has no Batch API"),
        ("/v1/files", error(401), KeyRefused, "refuses the key"),
        ("/v1/files", error(413), ModelError, "HTTP 413"),
        ("/v1/files", error(503), Transient, "HTTP 503"),
        ("/v1/files", Said(body=b"<html>", content_type="text/html"), Transient, "not an API answer"),
        ("/v1/files", Said(body=b"[1]"), Transient, "not an API answer"),
        ("/v1/files", Said(body=b"{", cut=0), Transient, "no whole answer"),
        ("/v1/batches", error(404), Gone, "does not have file"),
        ("/v1/batches", error(429, "insufficient_quota"), ModelUnavailable, "refuses every call"),
    ],
)
def test_what_goes_wrong_is_told_apart(
    service: FakeBatches, path: str, said: Said, kind: type[Exception], words: str
) -> None:
    service.queue(path, said)
    with pytest.raises(kind, match=words) as raised:
        with_batches(service, submitted)
    assert isinstance(raised.value, ModelError)


def test_what_is_not_there_any_more_is_gone(service: FakeBatches) -> None:
    uses: list[Callable[[Batches], Awaitable[Any]]] = [
        lambda batches: batches.retrieve("batch_9"),
        lambda batches: batches.cancel("batch_9"),
        lambda batches: batches.download("file-9", io.BytesIO()),
        lambda batches: batches.delete("file-9"),
    ]
    for use in uses:
        with pytest.raises(Gone, match="any more"):
            with_batches(service, use)


def test_a_file_that_is_cut_off_is_not_taken_for_whole(service: FakeBatches) -> None:
    service.files["file-9"], service.cuts["file-9"] = b"x" * 100_000, 50_000
    with pytest.raises(Transient, match="no whole answer"):
        with_batches(service, lambda batches: batches.download("file-9", io.BytesIO()))


def test_a_file_larger_than_any_answer_is_read(service: FakeBatches) -> None:
    service.files["file-9"] = b"x" * 9_000_000
    with io.BytesIO() as copy:
        with_batches(service, lambda batches: batches.download("file-9", copy))
        assert copy.getvalue() == service.files["file-9"]
