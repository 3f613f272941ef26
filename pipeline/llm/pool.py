"""Several endpoints of one model: each call goes to the one with the fewest calls under way for its weight.

An endpoint that fails, or refuses every call, rests for a while; the next attempt of a call that it failed goes to
another. Knows nothing of what is asked, and does not try again itself.
"""

import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from pipeline.core.errors import ModelError, ModelUnavailable
from pipeline.core.models import Answer, Request
from pipeline.core.retry import Transient
from pipeline.llm.base import Endpoint, Model

_log = logging.getLogger(__name__)

# Seconds without a call after a failure: a server that was restarted is back by then.
REST = 30.0


class _Refused(ModelError, Transient):
    """An endpoint that serves nobody, while another may."""


class SeveralModels:
    """One model that is served in several places, each with its weight. `scale` multiplies REST."""

    def __init__(
        self, models: Sequence[tuple[Model, float]], scale: float = 1, now: Callable[[], float] = time.monotonic
    ) -> None:
        first = models[0][0]
        self.provider, self.name, self.attempts = first.provider, first.name, first.attempts
        self._places = [_Place(model, weight, scale * REST, now) for model, weight in models]

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Endpoint]:
        """Wait until the freest endpoint bears one more call. One that rests is asked if all do."""
        place = min(self._places, key=_Place.load)
        place.running, place.begun = place.running + 1, place.begun + 1
        try:
            async with place.model.turn() as endpoint:
                yield _Watched(place, endpoint, self._places)
        finally:
            place.running -= 1

    async def close(self) -> None:
        """Close all of them."""
        for place in self._places:
            await place.model.close()


def pooled(models: Sequence[tuple[Model, float]], scale: float) -> Model:
    """Return the model at one place as it is, several as one."""
    return SeveralModels(models, scale) if len(models) > 1 else models[0][0]


class _Place:
    """One endpoint: the calls that are `running` or wait there, all that have `begun`, and until when it rests.

    `refuses`: at the last call it said that it serves nobody.
    """

    def __init__(self, model: Model, weight: float, rest: float, now: Callable[[], float]) -> None:
        self.model, self.running, self.begun = model, 0, 0
        self._weight, self._rest, self._now = weight, rest, now
        self._rests_until, self.refuses = -math.inf, False

    def load(self) -> tuple[bool, float, float]:
        """Return how busy the endpoint is; less is freer."""
        return self._now() < self._rests_until, (self.running + 1) / self._weight, self.begun / self._weight

    def failed(self, asked: float | None = None) -> None:
        """Note that a call failed there; the service asked for a wait of so many seconds, if any."""
        self._rests_until = self._now() + max(self._rest, asked or 0.0)


class _Watched(NamedTuple):
    """An endpoint for one call, whose failure is noted."""

    place: _Place
    endpoint: Endpoint
    places: Sequence[_Place]

    async def complete(self, request: Request) -> Answer:
        """Make one attempt; errors as the endpoint's, but ModelUnavailable is Transient while others may serve."""
        try:
            answer = await self.endpoint.complete(request)
        except ModelUnavailable as error:
            if not self.place.refuses:
                _log.warning("one of several endpoints rests (`pipeline doctor` asks each): %s", error)
            self.place.failed()
            self.place.refuses = True
            if all(place.refuses for place in self.places):
                raise
            raise _Refused(str(error)) from None
        except Transient as error:
            self.place.failed(error.retry_after)
            raise
        self.place.refuses = False
        return answer
