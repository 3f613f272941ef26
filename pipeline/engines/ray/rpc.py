"""Letters between the workers of a cluster and the driver: a worker asks, the driver answers.

One small actor passes them on. It keeps nothing: books, budget and arXiv's pace are the driver's alone, and a worker
needs no way to the driver but Ray's own.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from pipeline.core.errors import PipelineError


class WorkerRequest(NamedTuple):
    """A question of a worker: what is asked, and about what. Its number is the post's."""

    number: int
    kind: str
    about: tuple[Any, ...]


class Mailbox:
    """The letter box. An actor on the driver's node; where it ends, workers and driver cannot go on."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._new: list[WorkerRequest] = []
        self._any = asyncio.Event()
        self._open: dict[int, asyncio.Future[object]] = {}

    async def ask(self, kind: str, *about: object) -> object:
        """For workers: the driver's answer."""
        letter = WorkerRequest(next(self._numbers), kind, about)
        self._open[letter.number] = answered = asyncio.get_running_loop().create_future()
        self._new.append(letter)
        self._any.set()
        return await answered

    async def take(self) -> list[WorkerRequest]:
        """For the driver: the letters since the last time, as soon as there are any."""
        await self._any.wait()
        self._any.clear()
        letters, self._new = self._new, []
        return letters

    async def answer(self, number: int, said: object) -> None:
        """For the driver: what it says to one letter."""
        self._open.pop(number).set_result(said)


async def letters(mailbox: Any, until: asyncio.Future[Any]) -> AsyncIterator[WorkerRequest]:
    """The letters that come in at a post's handle, until something else is done."""
    while not until.done():
        taken = asyncio.ensure_future(_result(mailbox.take.remote()))
        await asyncio.wait({taken, until}, return_when=asyncio.FIRST_COMPLETED)
        if not taken.done():
            taken.cancel()
            return
        for letter in taken.result():
            yield letter


async def ask(mailbox: Any, kind: str, *about: object) -> Any:
    """What the driver says; an error that it answers with is raised."""
    return _said(await mailbox.ask.remote(kind, *about))


def ask_now(mailbox: Any, kind: str, *about: object) -> Any:
    """The same outside of an event loop."""
    import ray

    return _said(ray.get(mailbox.ask.remote(kind, *about)))


async def _result(reference: Any) -> Any:
    return await reference


def _said(answer: object) -> object:
    if isinstance(answer, PipelineError):
        raise answer
    return answer
