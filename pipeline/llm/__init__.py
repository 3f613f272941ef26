"""Who answers: the one Protocol that every model adapter keeps. Adapters know transport, not what an answer means."""

from typing import Protocol

from pipeline.models import Answer, Request


class Model(Protocol):
    """A model that answers requests. `attempts` is how often one paper may be asked in all."""

    provider: str
    name: str
    attempts: int

    async def complete(self, request: Request) -> Answer:
        """One answer; ModelError when the model could not be asked, ModelUnavailable when nobody can be served."""
        ...

    async def close(self) -> None:
        """Release connections or weights."""
        ...
