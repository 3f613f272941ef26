"""Hugging Face, arXiv and a model on loopback, each a process of its own that answers without being waited for.

`started` runs one; `python -m tests.bench.endpoints NAME JSON` is that process. The servers of `tests.support.fakes`
are threaded and see every detail; this one does little, so that a client of one core does not wait for it: `top_rate`
measures how much it bears. Connections are kept; requests of one connection come one after another.
"""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import json
import os
import random
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.bench.papers import Paper, answer_about, day_of, number_of, page_of
from tests.support.fake_model import completion, error
from tests.support.fakes import ARXIV_PATH, HF_CAP, HF_PATH, Answer, feed

SERVED_PATH = "/bench/served"
_ROOT = Path(__file__).parents[2]
_VARIANTS = 8  # of a paper's page
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHARACTERS_A_TOKEN = 2.0  # of an answer in Korean, the JSON around it included, in o200k


@dataclass(frozen=True)
class Setting:
    """The behaviour of an endpoint.

    `latency` is the median in seconds of a log-normal distribution, `sigma` that of its logarithm. An answer takes
    1/`tokens_per_second` more for each of its tokens (0: none). `errors` is the share of requests that are answered
    with 429 or 500. `papers` are listed on every day, each with `pages` pages (0: arXiv has no HTML of them).
    """

    latency: float = 0
    sigma: float = 0.5
    tokens_per_second: float = 0
    errors: float = 0
    papers: int = 50
    pages: int = 0
    seed: int = 0


class Served(NamedTuple):
    """One request: when it had come, by time.monotonic(), which counts alike in all processes; how long the answer was
    held back, in seconds; the answer's status."""

    at: float
    delay: float
    status: int


Respond = Callable[[str, dict[str, str], bytes, Setting], Answer]


def huggingface(path: str, query: dict[str, str], body: bytes, setting: Setting) -> Answer:
    """The list of any day, at most 50 records a page."""
    if path != HF_PATH:
        return Answer(404)
    papers = day_of(dt.date.fromisoformat(query["date"]), setting.papers)
    size = min(int(query.get("limit", HF_CAP)), HF_CAP)
    start = int(query.get("p", 0)) * size
    return Answer(body=json.dumps([paper.listed for paper in papers[start : start + size]]).encode())


def arxiv(path: str, query: dict[str, str], body: bytes, setting: Setting) -> Answer:
    """The query API for ids, and a page for each paper."""
    if path == ARXIV_PATH:
        entries = [Paper(number_of(one)).entry for one in query["id_list"].split(",")]
        return Answer(body=feed(entries), content_type="application/atom+xml")
    if path.startswith("/html/") and setting.pages:
        variant = number_of(path.removeprefix("/html/")) % _VARIANTS
        return Answer(body=page_of(variant, setting.pages), content_type="text/html")
    return Answer(404)


def model(path: str, query: dict[str, str], body: bytes, setting: Setting) -> Answer:
    """Chat completions by a good model."""
    said = answer_about(json.loads(body))
    made = round(len(said) / _CHARACTERS_A_TOKEN)
    given = len(body) // 4
    usage = {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made}
    seconds = made / setting.tokens_per_second if setting.tokens_per_second else 0
    return dataclasses.replace(completion(said, usage=usage), delay=seconds)


ENDPOINTS: dict[str, Respond] = {"huggingface": huggingface, "arxiv": arxiv, "model": model}


# ---- the process


class _Endpoint:
    """The state that all connections of one process share."""

    def __init__(self, respond: Respond, setting: Setting) -> None:
        self._respond, self._setting, self._dice = respond, setting, random.Random(setting.seed)
        self.served: list[Served] = []

    def answer(self, target: str, body: bytes) -> Answer:
        """The answer to a request, its delay being what it is to be held back."""
        parts = urlsplit(target)
        if parts.path == SERVED_PATH:
            served, self.served = self.served, []
            return Answer(body=json.dumps(served).encode())
        if self._dice.random() < self._setting.errors:
            answer = error(self._dice.choice((429, 500)))
        else:
            query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
            answer = self._respond(parts.path, query, body, self._setting)
        delay = answer.delay + self._setting.latency * self._dice.lognormvariate(0, self._setting.sigma)
        self.served.append(Served(time.monotonic(), delay, answer.status))
        return dataclasses.replace(answer, delay=delay)


class _Connection(asyncio.Protocol):
    """One connection: bytes until a request is whole, then its answer."""

    def __init__(self, endpoint: _Endpoint) -> None:
        self._endpoint, self._received = endpoint, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or len(body) < int(length[1] if length else 0):
            return
        self._received = b""
        answer = self._endpoint.answer(head.split(b" ", 2)[1].decode(), body)
        if answer.delay:
            asyncio.get_running_loop().call_later(answer.delay, self._send, answer)
        else:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        head = (
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\nContent-Type: {answer.content_type}\r\n"
            f"Content-Length: {len(answer.body)}\r\n\r\n"
        )
        self._transport.write(head.encode() + answer.body)


async def _serve(name: str, setting: Setting) -> None:
    for variant in range(_VARIANTS if setting.pages else 0):
        page_of(variant, setting.pages)
    endpoint = _Endpoint(ENDPOINTS[name], setting)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(endpoint), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# ---- those who use it


@contextlib.contextmanager
def started(name: str, setting: Setting) -> Iterator[str]:
    """The address of an endpoint in a process of its own, on the last core, which ends with this."""
    command = [sys.executable, "-m", "tests.bench.endpoints", name, json.dumps(dataclasses.asdict(setting))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


@dataclass(frozen=True)
class World:
    """All three endpoints, by the environment that points the program at them. No waits but the model's."""

    huggingface: str
    arxiv: str
    model: str

    def environment(self, folder: Path, **more: object) -> dict[str, str]:
        """Digests and state under `folder`; `more` are settings without their prefix."""
        settings = {
            "PIPELINE_SOURCES__HF_URL": self.huggingface,
            "PIPELINE_SOURCES__ARXIV_API_URL": self.arxiv + ARXIV_PATH,
            "PIPELINE_SOURCES__ARXIV_URL": self.arxiv,
            "PIPELINE_SOURCES__ARXIV_INTERVAL": "0",
            "PIPELINE_SOURCES__TEXT_BUDGET": "0",
            "PIPELINE_OUTPUT_DIR": str(folder / "output"),
            "PIPELINE_STATE_DIR": str(folder / "state"),
            "OPENAI_BASE_URL": f"{self.model}/v1",
            # Where the pace's lock is: nights that are measured at once are as on machines of their own.
            "TMPDIR": str(folder),
        }
        return settings | {f"PIPELINE_{name}": str(value) for name, value in more.items()}


@contextlib.contextmanager
def world(papers: Setting = Setting(), answers: Setting = Setting()) -> Iterator[World]:
    """The endpoints: sources with these `papers`, a model that `answers` so."""
    with started("huggingface", papers) as lists, started("arxiv", papers) as texts, started("model", answers) as model:
        yield World(lists, texts, model)


def served(url: str) -> list[Served]:
    """Return what an endpoint served since it was asked last."""
    with urllib.request.urlopen(url + SERVED_PATH) as response:
        return [Served(*one) for one in json.load(response)]


def top_rate(url: str, request: bytes, seconds: float, connections: int = 8) -> float:
    """The answers a second that an endpoint gives to a client that does nothing but ask the same again."""

    async def ask(until: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port, limit=2**22)
        answered = 0
        while time.perf_counter() < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            answered += 1
        writer.close()
        return answered

    async def ask_all() -> int:
        until = time.perf_counter() + seconds
        return sum(await asyncio.gather(*(ask(until) for _ in range(connections))))

    return asyncio.run(ask_all()) / seconds


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    asyncio.run(_serve(sys.argv[1], Setting(**json.loads(sys.argv[2]))))
