"""Rate limits: `Pace`, one turn at a time over all processes and users of this machine, with a pause after each, and
`Throttle`, as many turns at once as a service can take.

Knows nothing of what is done in a turn.
"""

import asyncio
import datetime as dt
import math
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.core.errors import SourceError
from pipeline.core.retry import LONGEST_WAIT

# Every process of the machine must use the same path, whoever runs it and from whichever folder.
ARXIV_LOCK = Path(tempfile.gettempdir()) / "paper-digest-pipeline-arxiv.lock"
TURN_TIMEOUT = 600.0
# The longest wait for a rate limit's reset, in seconds: limits by the minute come back in less, and the deadline is for
# those by the day.
LONGEST_RESET = 600.0
_LONGEST_PAUSE = 30.0
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "": 1.0}
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)(ms|[smhd]|$)")
_DURATION = re.compile(f"(?:{_PART.pattern})+")
_COUNT = re.compile(r"[0-9]{1,12}")
_QUOTA_HEADERS = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
)


@dataclass(frozen=True)
class Pace:
    """A rate limit of one turn at a time, each at least `interval` seconds after the last one ended.

    The system frees the lock of a process that died. The last turn ended when the lock file was last changed: it has no
    content that could be damaged, and no turn waits longer than `interval`, even if the clock jumps. A machine's very
    first turn waits `interval` as well. `now` and `sleep` are those of `time`.
    """

    interval: float
    lock_path: Path
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it; SourceError when none comes within TURN_TIMEOUT or the lock cannot be had."""
        with self._lock():
            since = self.now() - self.lock_path.stat().st_mtime
            self.sleep(min(max(self.interval - since, 0.0), self.interval))
            try:
                yield
            finally:
                os.utime(self.lock_path)

    def _lock(self) -> AbstractContextManager[object]:
        # Mode 666: the next user who comes to this file must be able to lock it, too.
        lock = FileLock(self.lock_path, mode=0o666, timeout=TURN_TIMEOUT)
        try:
            return lock.acquire()
        except Timeout:
            raise SourceError("pace", str(self.lock_path), f"no turn came within {TURN_TIMEOUT:.0f} s") from None
        except OSError as error:
            reason = f"the lock cannot be had ({error.strerror}); make the file writable or remove it"
            raise SourceError("pace", str(self.lock_path), reason) from error


class Throttle:
    """A limit of `most` turns at once, fewer while the service is overloaded; `scale` multiplies every wait.

    A refusal stops all callers until the moment that the service asked for, and halves how many may run at once. Each
    round of successes allows one more again (additive increase, multiplicative decrease, as in RFC 5681).
    """

    def __init__(
        self,
        most: int,
        scale: float = 1,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.most, self.allowed, self.running = most, most, 0
        self._scale, self._now, self._sleep = scale, now, sleep
        self._not_before = self._slowed_at = -math.inf
        self._left: float = math.inf
        self._resets_at = -math.inf
        self._successes = self._refusals = 0
        self._head, self._ended = asyncio.Lock(), asyncio.Event()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, first come first served, and hold it."""
        async with self._head:
            await self._admission()
            self.running += 1
            self._left -= 1
        try:
            yield
        finally:
            self.running -= 1
            self._ended.set()

    def refused(self, began: float, asked: float | None) -> None:
        """Slow down, as the service refused a call that began at `began` (of `now`) and asked for a wait, in seconds.

        Calls in flight when one was refused say nothing new: the limit is halved once for all of them. Where the
        service does not say how long to wait, the pause doubles from 1 s with each refusal in a row.
        """
        if began >= self._slowed_at:
            self._slowed_at = self._now()
            self.allowed, self._successes = max(self.allowed // 2, 1), 0
            self._refusals += 1
        pause = min(2.0 ** (self._refusals - 1), _LONGEST_PAUSE) if asked is None else min(asked, LONGEST_WAIT)
        self._not_before = max(self._not_before, self._now() + self._scale * pause)

    def answered(self, began: float) -> None:
        """Note that the service answered a call that began at `began`."""
        if began < self._slowed_at:
            return
        self._successes, self._refusals = self._successes + 1, 0
        if self._successes >= self.allowed:
            self.allowed, self._successes = min(self.allowed + 1, self.most), 0

    def granted(self, left: int, resets_in: float) -> None:
        """Respect a quota: so many calls are left, and all of them again in so many seconds.

        As answers overtake each other, the least one holds until the reset.
        """
        now = self._now()
        resets_at = now + self._scale * min(resets_in, LONGEST_RESET)
        if now >= self._resets_at:
            self._left, self._resets_at = left, resets_at
        elif left < 1:
            self._left, self._resets_at = 0, max(self._resets_at, resets_at)
        else:
            self._left = min(self._left, left)

    async def _admission(self) -> None:
        while True:
            if self.running >= self.allowed:
                self._ended.clear()
                await self._ended.wait()
                continue
            opens_at = max(self._not_before, self._resets_at) if self._left < 1 else self._not_before
            if (wait := opens_at - self._now()) <= 0:
                return
            await self._sleep(wait)


def parse_quotas(headers: Mapping[str, str], now: dt.datetime) -> list[tuple[int, float]]:
    """Return the quotas that an answer's headers name readably: the calls left, and seconds to the reset.

    `headers` must find lower-case names; `now` is aware. OpenAI gives the time to the reset as `6m0s` or `20ms`
    (https://platform.openai.com/docs/guides/rate-limits), Anthropic the reset as an RFC 3339 date
    (https://docs.claude.com/en/api/rate-limits). Tokens count only when none is left, as nobody knows how many a call
    will take.
    """
    found = []
    for left, reset in _QUOTA_HEADERS:
        count, seconds = headers.get(left, ""), _seconds_until(headers.get(reset, ""), now)
        if _COUNT.fullmatch(count) and seconds is not None and ("requests" in left or not int(count)):
            found.append((int(count), seconds))
    return found


def _seconds_until(value: str, now: dt.datetime) -> float | None:
    if _DURATION.fullmatch(value):
        return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(value))
    try:
        date = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return max((date - now).total_seconds(), 0.0) if date.tzinfo else None
