"""Who answers: the one Protocol that every model adapter keeps. Adapters know transport, not what an answer means."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from pipeline.core.models import Answer, Request


class Endpoint(Protocol):
    """Who takes one call."""

    async def complete(self, request: Request) -> Answer:
        """One attempt, within a turn. ModelError when it failed: a `Transient` one when the next may succeed,
        ModelUnavailable when nobody can be served.
        """
        ...


class Model(Protocol):
    """A model that answers requests. `attempts` is how often one paper may be asked in all."""

    provider: str
    name: str
    attempts: int

    def turn(self) -> AbstractAsyncContextManager[Endpoint]:
        """Wait until one more call may begin, and hold its place: who is to take it. Cancelled while waiting, nothing
        was sent.
        """
        ...

    async def close(self) -> None:
        """Release connections or weights."""
        ...
