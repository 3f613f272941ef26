"""Calls made now, over the network or in process, with bounded concurrency (asyncio).

Knows neither what an answer means nor where an outcome goes: `advance` and `done` are given.
"""

import asyncio
from collections.abc import Callable, Iterable

from pipeline.errors import ModelError, ModelUnavailable
from pipeline.llm import Model
from pipeline.models import Answer, Failed, HeldBack, Outcome, Summary
from pipeline.summarise import State

Advance = Callable[[State, Answer], State | Summary | HeldBack]

# So many papers in a row that could not be asked about at all: the service is gone, and waiting for each of the others
# through every retry would last all night.
_GIVE_UP_AFTER = 5


class _Drive:
    def __init__(self, model: Model, advance: Advance, done: Callable[[Outcome], None]) -> None:
        self.model, self.advance, self.done = model, advance, done
        self.failures_in_a_row = 0
        self.stopped: ModelUnavailable | None = None

    async def paper(self, state: State) -> None:
        """Ask about one paper until it is settled; an expected failure costs this paper only."""
        if self.stopped:
            self.done(_failed(state, self.stopped))
            return
        outcome: Outcome
        try:
            outcome = await self._settle(state)
            self.failures_in_a_row = 0
        except ModelError as error:
            self._note(error)
            outcome = _failed(state, error)
        self.done(outcome)

    async def _settle(self, state: State) -> Summary | HeldBack:
        while True:
            next_ = self.advance(state, await self.model.complete(state.request))
            if not isinstance(next_, State):
                return next_
            state = next_

    def _note(self, error: ModelError) -> None:
        self.failures_in_a_row += 1
        if isinstance(error, ModelUnavailable):
            self.stopped = error
        elif self.failures_in_a_row >= _GIVE_UP_AFTER:
            self.stopped = ModelUnavailable(f"{_GIVE_UP_AFTER} papers in a row could not be asked about: {error}")


async def drive(
    states: Iterable[State], model: Model, advance: Advance, done: Callable[[Outcome], None], concurrency: int
) -> ModelUnavailable | None:
    """Settle every state; `done` gets each outcome as it comes. Returns what stopped the model, if something did.

    States are taken one by one as workers come free, in a thread: making one may mean fetching a paper's text.
    """
    work = _Drive(model, advance, done)
    queue, one_at_a_time = iter(states), asyncio.Lock()

    async def take() -> State | None:
        async with one_at_a_time:
            return await asyncio.to_thread(next, queue, None)

    async def worker() -> None:
        while state := await take():
            await work.paper(state)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(worker())
    finally:
        await model.close()
    return work.stopped


def _failed(state: State, error: ModelError) -> Failed:
    return Failed(paper_id=state.request.paper.id, layout=state.request.layout, reason=str(error))
