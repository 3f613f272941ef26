"""Accounting for engines under test: it allows everything and keeps nothing."""

from pipeline.core.errors import ModelError
from pipeline.core.models import Answer, Request


class NoAccounting:
    """`engines.base.Accounting` without a ledger or a budget."""

    async def recall(self, request: Request) -> Answer | None:
        return None

    async def reserve(self, request: Request) -> int:
        return 0

    async def record(self, call: int, answer: Answer) -> None:
        pass

    async def release(self, call: int, error: ModelError) -> None:
        pass
