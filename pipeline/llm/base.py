"""The protocols that every model adapter keeps. Adapters know transport, not what an answer means."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from pipeline.core.config import Settings
from pipeline.core.models import Answer, Request


class Endpoint(Protocol):
    """A place that takes one call."""

    async def complete(self, request: Request) -> Answer:
        """Make one attempt, within a turn. ModelError when it failed: a `Transient` one when the next may succeed,
        ModelUnavailable when nobody can be served.
        """


class Model(Protocol):
    """A model that answers requests. `attempts` is how often one paper may be asked in all."""

    provider: str
    name: str
    attempts: int

    def turn(self) -> AbstractAsyncContextManager[Endpoint]:
        """Wait until one more call may begin, and hold its place: who is to take it. Cancelled while waiting, nothing
        was sent.
        """

    async def close(self) -> None:
        """Release connections or weights."""


class Placed(Model, Protocol):
    """A model at one place."""

    def where(self) -> str:
        """Return the address of its endpoint, or the path of its weights; ConfigError where these are not there."""


class Adapter(Protocol):
    """The module of a provider, as a line of `core.providers` names it."""

    def open_models(self, settings: Settings) -> list[tuple[Placed, float]]:
        """Open the model at each place that serves it, with its weight. ConfigError where it is not set up."""

    def has_key(self) -> bool:
        """Return whether there is a key; only asked of a provider that has one."""
