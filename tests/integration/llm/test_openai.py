"""The adapter against a real server that answers well, badly, late or not at all."""

import asyncio
import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.core.errors import KeyRefused, ModelError, ModelUnavailable
from pipeline.core.models import Answer, Message, Paper, Request, SourceSentence, SourceText, Usage
from pipeline.core.pace import Throttle
from pipeline.core.retry import Transient
from pipeline.llm.openai import OpenAIModel
from tests.support import fakes
from tests.support.fake_model import FakeModel, completion, error

PAPER = Paper(id="2401.00001", title="A Paper", abstract="We study a thing.", authors=("A. Author",))
SCHEMA: dict[str, object] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
REQUEST = Request(
    layout="sections",
    paper=PAPER,
    source=SourceText(paper_id=PAPER.id, sentences=(SourceSentence(text="We study a thing."),)),
    messages=(Message(role="system", content="Write."), Message(role="user", content="A paper.")),
    answer_schema=SCHEMA,
    max_tokens=500,
)


@pytest.fixture
def server() -> Iterator[FakeModel]:
    with FakeModel(lambda body: '{"ok": true}') as fake:
        yield fake


def ask(server: FakeModel, key: str | None = "secret", timeout: float = 30) -> Answer:
    async def once() -> Answer:
        model = OpenAIModel("some-model", key, server.base_url, timeout, Throttle(1))
        try:
            return await model.complete(REQUEST)
        finally:
            await model.close()

    return asyncio.run(once())


def test_the_call_is_strict_and_carries_what_the_request_says(server: FakeModel) -> None:
    answer = ask(server)
    (call,) = server.calls
    assert call["model"] == "some-model"
    assert call["messages"] == [{"role": "system", "content": "Write."}, {"role": "user", "content": "A paper."}]
    assert call["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
    }
    assert call["max_completion_tokens"] == 500
    assert "temperature" not in call
    assert server.asked[0].headers["authorization"] == "Bearer secret"
    assert (answer.content, answer.problem, answer.model) == ('{"ok": true}', None, "fake-1")
    assert answer.usage == Usage(input=100, output=20, cached=60, written=30)
    assert answer.seconds > 0


def body_of(server: FakeModel, name: str, request: Request, marks: bool) -> dict[str, Any]:
    async def once() -> None:
        model = OpenAIModel(name, "secret", server.base_url, 5, Throttle(1))
        model.marks_prefixes = marks
        await model.complete(request)
        await model.close()

    asyncio.run(once())
    return server.calls[-1]


SHARED = REQUEST.model_copy(
    update={
        "messages": (
            Message(role="system", content="Write.", shared=6),
            Message(role="user", content="A paper. A task.", shared=9),
            Message(role="assistant", content="{}"),
        )
    }
)


def test_models_that_cache_what_is_marked_are_told_what_questions_share(server: FakeModel) -> None:
    body = body_of(server, "gpt-6-luna", SHARED, marks=True)
    mark = {"prompt_cache_breakpoint": {"mode": "explicit"}}
    assert body["messages"] == [
        {"role": "system", "content": [{"type": "text", "text": "Write."} | mark]},
        {
            "role": "user",
            "content": [{"type": "text", "text": "A paper. "} | mark, {"type": "text", "text": "A task."}],
        },
        {"role": "assistant", "content": "{}"},
    ]
    assert body["prompt_cache_options"] == {"mode": "explicit"}


@pytest.mark.parametrize(
    ("name", "marks"),
    [
        ("gpt-5.6-sol", False),
        ("gpt-5.5", True),
        ("gpt-5", True),
        ("gpt-4o", True),
        ("gemma", True),
        ("gpt-oss-20b", True),
    ],
)
def test_nobody_else_sees_a_mark(server: FakeModel, name: str, marks: bool) -> None:
    body = body_of(server, name, SHARED, marks)
    assert [message["content"] for message in body["messages"]] == ["Write.", "A paper. A task.", "{}"]
    assert "prompt_cache_options" not in body


@pytest.mark.parametrize(
    ("url", "marks"), [(None, True), ("https://api.openai.com/v1/", True), ("http://127.0.0.1:9/v1", False)]
)
def test_marks_are_for_openais_own_endpoint(url: str | None, marks: bool) -> None:
    assert OpenAIModel("gpt-6-luna", "secret", url, 5, Throttle(1)).marks_prefixes is marks


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (completion(None, refusal="I would rather not."), "refusal"),
        (completion('{"ok"', finish_reason="length"), "truncated"),
        (completion("", finish_reason="content_filter"), "filtered"),
        (completion("  "), "empty"),
        (completion("x", choices=[]), "envelope"),
        (completion("x", choices=None), "envelope"),
    ],
)
def test_bad_answers_are_told_apart_and_keep_their_usage(server: FakeModel, reply: fakes.Answer, problem: str) -> None:
    server.queue_answers(reply)
    answer = ask(server)
    assert answer.problem == problem
    assert answer.detail
    assert answer.usage.input == 100


def test_an_object_that_is_no_completion_is_a_bad_envelope(server: FakeModel) -> None:
    server.queue_answers(fakes.Answer(body=b'{"error": "later"}'))
    assert ask(server).problem == "envelope"


@pytest.mark.parametrize(
    "counted",
    [
        None,
        {},
        [],
        {"total_tokens": 5},
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": "many", "completion_tokens": 1},
        {"prompt_tokens": 1.5, "completion_tokens": 1},
        {"prompt_tokens": -5, "completion_tokens": 1},
        {"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": [1]}},
    ],
)
def test_an_answer_whose_usage_nobody_can_read_counts_nothing(server: FakeModel, counted: object) -> None:
    server.queue_answers(completion("{}", usage=counted))
    answer = ask(server)
    assert (answer.content, answer.problem, answer.usage) == ("{}", None, Usage())


@pytest.mark.parametrize("details", [None, {}, []])
def test_who_does_not_tell_what_was_cached_has_counted_the_rest(server: FakeModel, details: object) -> None:
    counted = {"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": details}
    server.queue_answers(completion("{}", usage=counted))
    assert ask(server).usage == Usage(input=5, output=1)


GZIP = {"Content-Encoding": "gzip"}
ENOUGH = json.dumps({"choices": []}).encode()
HTML = b"<html>captcha</html>"


@pytest.mark.parametrize(
    ("fault", "says", "in_doubt"),
    [
        (error(429), "HTTP 429: .*fault 429", False),
        (error(500), "HTTP 500", False),
        (error(502), "HTTP 502", False),
        (error(503), "HTTP 503", False),
        (error(529), "HTTP 529", False),
        (fakes.Answer(status=503, body=HTML * 400_000, content_type="text/html"), "HTTP 503", False),
        (fakes.Answer(body=HTML, content_type="text/html"), "not an API answer", True),
        (fakes.Answer(body=HTML), "not an API answer", True),
        (fakes.Answer(body=b'{"choices": ['), "not an API answer", True),
        (fakes.Answer(body=ENOUGH * 9, cut=12), "no whole answer came", True),
        (fakes.Answer(body=b""), "not an API answer", True),
        (fakes.Answer(body=b"[]"), "not an API answer", True),
        (fakes.Answer(body=b"5"), "not an API answer", True),
        (completion("x", choices=[{}]), "not an API answer", True),
        (completion("x", choices=[None]), "not an API answer", True),
        (completion("x", choices={"a": 1}), "not an API answer", True),
        (completion("x", choices=[{"message": None}]), "not an API answer", True),
        (completion("x", choices=[{"message": {"content": [{"type": "text"}]}}]), "not an API answer", True),
        (completion("x", choices=[{"message": {"content": 5}}]), "not an API answer", True),
        (completion(None, refusal=5), "not an API answer", True),
        (completion("x", model=5), "not an API answer", True),
        (completion("half a \ud800"), "not an API answer", True),
        (error(500, message="half a \ud800"), r"HTTP 500: .*half a \?", False),
        (fakes.Answer(body=gzip.compress(ENOUGH)[:-14], headers=GZIP), "not an API answer|no whole answer", True),
        (fakes.Answer(body=b"no gzip at all", headers=GZIP), "no whole answer came", True),
    ],
)
def test_a_passing_fault_may_be_tried_again(server: FakeModel, fault: fakes.Answer, says: str, in_doubt: bool) -> None:
    server.queue_answers(fault)
    with pytest.raises(Transient, match=says) as caught:
        ask(server)
    assert isinstance(caught.value, ModelError)
    assert caught.value.in_doubt is in_doubt
    assert len(server.calls) == 1


def test_a_compressed_answer_is_read(server: FakeModel) -> None:
    whole = completion('{"ok": 1}')
    server.queue_answers(fakes.Answer(body=gzip.compress(whole.body), headers=GZIP))
    assert ask(server).content == '{"ok": 1}'


@pytest.mark.parametrize("headers", [{"retry-after": "7"}, {"retry-after-ms": "7000"}])
def test_the_wait_that_the_service_asks_for_is_told(server: FakeModel, headers: dict[str, str]) -> None:
    server.queue_answers(error(429, headers=headers))
    with pytest.raises(Transient) as caught:
        ask(server)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize("compressed", [False, True])
def test_an_answer_of_ten_megabytes_is_not_read_and_not_asked_for_again(server: FakeModel, compressed: bool) -> None:
    body = completion("x" * 10_000_000).body
    # Who reads further than the bound finds the connection cut.
    answer = (
        fakes.Answer(body=gzip.compress(body), headers=GZIP) if compressed else fakes.Answer(body=body, cut=6 << 20)
    )
    server.queue_answers(answer)
    with pytest.raises(ModelError, match="more than 4,000,000 bytes") as caught:
        ask(server)
    assert caught.value.in_doubt
    assert not isinstance(caught.value, Transient)


def test_a_drip_ends_at_the_total_timeout(server: FakeModel) -> None:
    # Each byte comes in time for a timeout per read, the whole would take ten minutes.
    server.queue_answers(fakes.Answer(body=b" " * 12_000, pause=0.05))
    with pytest.raises(Transient, match=r"no answer within 0\.3 s") as caught:
        ask(server, timeout=0.3)
    assert isinstance(caught.value, ModelError)
    assert caught.value.in_doubt


def test_a_redirect_is_not_followed(server: FakeModel) -> None:
    server.queue_answers(fakes.Answer(status=308, headers={"Location": "/v1/chat/completions"}))
    with pytest.raises(ModelError, match=r"moved to /v1/chat/completions; correct OPENAI_BASE_URL") as caught:
        ask(server)
    assert not isinstance(caught.value, Transient)
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (error(401), KeyRefused, "OPENAI_API_KEY"),
        (error(404), ModelUnavailable, "HTTP 404"),
        (error(429, "insufficient_quota"), ModelUnavailable, "HTTP 429"),
        (error(400), ModelError, "rejected the request"),
    ],
)
def test_a_hopeless_fault_is_not_tried_again(
    server: FakeModel, reply: fakes.Answer, kind: type[Exception], says: str
) -> None:
    server.queue_answers(reply)
    with pytest.raises(kind, match=says):
        ask(server)
    assert len(server.calls) == 1


def test_nobody_listens() -> None:
    with FakeModel() as gone:
        pass
    with pytest.raises(Transient, match="no connection") as caught:
        ask(gone)
    assert isinstance(caught.value, ModelError)
    assert not caught.value.in_doubt


def test_a_host_that_nobody_knows(server: FakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr(FakeModel, "base_url", "http://models.invalid/v1")
    with pytest.raises(Transient, match=r"no connection: .*Name or service not known") as caught:
        ask(server)
    assert isinstance(caught.value, ModelError)
    assert not caught.value.in_doubt


def test_a_local_server_needs_no_key(server: FakeModel) -> None:
    assert ask(server, key=None).problem is None
