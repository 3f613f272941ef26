"""Remote calls from the workers of a cluster to the driver, passed on by one small actor.

The ledger, the budget and arXiv's pace are the driver's alone, and a worker needs no connection to it but Ray's own.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from pipeline.core.errors import PipelineError


class WorkerRequest(NamedTuple):
    """A call of one of the driver's methods by a worker; the mailbox numbers it."""

    number: int
    method: str
    arguments: tuple[Any, ...]


class Mailbox:
    """The queue of requests: an actor on the driver's node. If it ends, workers and driver cannot go on."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._new: list[WorkerRequest] = []
        self._has_new = asyncio.Event()
        self._open: dict[int, asyncio.Future[object]] = {}

    async def ask(self, method: str, *arguments: object) -> object:
        """Send a worker's request and return the driver's reply."""
        request = WorkerRequest(next(self._numbers), method, arguments)
        self._open[request.number] = reply = asyncio.get_running_loop().create_future()
        self._new.append(request)
        self._has_new.set()
        return await reply

    async def receive(self) -> list[WorkerRequest]:
        """Return the new requests to the driver, as soon as there are any."""
        await self._has_new.wait()
        self._has_new.clear()
        requests, self._new = self._new, []
        return requests

    async def reply(self, number: int, reply: object) -> None:
        """Pass the driver's reply on to the worker that sent this request."""
        self._open.pop(number).set_result(reply)


async def requests(mailbox: Any, until: asyncio.Future[Any]) -> AsyncIterator[WorkerRequest]:
    """Yield the requests that arrive at a mailbox's handle, until `until` is done."""
    while not until.done():
        received = asyncio.ensure_future(mailbox.receive.remote())
        await asyncio.wait({received, until}, return_when=asyncio.FIRST_COMPLETED)
        if not received.done():
            received.cancel()
            return
        for request in received.result():
            yield request


async def ask(mailbox: Any, method: str, *arguments: object) -> Any:
    """Return the driver's reply; raise it if it is an error."""
    return _unwrap(await mailbox.ask.remote(method, *arguments))


def ask_blocking(mailbox: Any, method: str, *arguments: object) -> Any:
    """Return the driver's reply, outside of an event loop."""
    import ray

    return _unwrap(ray.get(mailbox.ask.remote(method, *arguments)))


def _unwrap(reply: object) -> object:
    if isinstance(reply, PipelineError):
        raise reply
    return reply
