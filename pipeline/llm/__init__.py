"""Who answers: the one Protocol that every model adapter keeps. Adapters know transport, not what an answer means."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from pipeline.models import Answer, Request


class Model(Protocol):
    """A model that answers requests. `attempts` is how often one paper may be asked in all."""

    provider: str
    name: str
    attempts: int

    def turn(self) -> AbstractAsyncContextManager["Model"]:
        """Wait until one more call may begin, and hold its place: the model that is to be asked then, one of several
        where there are several. Cancelled while waiting, nothing was sent.
        """
        ...

    async def complete(self, request: Request) -> Answer:
        """One attempt, within a turn. ModelError when it failed: a `Transient` one when the next may succeed,
        ModelUnavailable when nobody can be served.
        """
        ...

    async def close(self) -> None:
        """Release connections or weights."""
        ...
