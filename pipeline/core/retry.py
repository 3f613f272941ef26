"""The one retry policy: what may be tried again, how often, and after how long.

Only `Transient` errors are retried. Which faults of the network or of a service are transient is decided where they
are wrapped, in `sources` and `llm`.
"""

import logging
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import tenacity

from pipeline.core.errors import PipelineError

_log = logging.getLogger(__name__)

# Beyond the server errors: request timeout, conflict (a lock at some model providers), too early, too many requests.
# 520 to 524 are Cloudflare's own, 529 is an overloaded model provider.
TRANSIENT_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
LONGEST_WAIT = 60.0
_backoff = tenacity.wait_exponential(multiplier=1, max=30)
_jitter = tenacity.wait_random(0, 1)


class Transient(PipelineError):
    """A fault that may pass by itself: a mixin for the errors that are raised when it does not.

    `retry_after` is how many seconds the service asked us to wait.
    """

    retry_after: float | None = None


def retrying(attempts: int = 5, scale: float = 1) -> tenacity.Retrying:
    """Return the policy for plain functions: `retrying()(function, *arguments)`.

    It makes at most `attempts` calls and raises the last error as it is. Before each further call it waits 1, 2, 4,
    … 30 s, or what the service asked for (up to LONGEST_WAIT) if that is more, plus up to 1 s at random so that many
    callers do not come back at once. `scale` multiplies every wait.
    """
    return tenacity.Retrying(**_options(attempts, scale))


def async_retrying(attempts: int = 5, scale: float = 1) -> tenacity.AsyncRetrying:
    """Return the same policy for coroutine functions: `await async_retrying()(function, *arguments)`."""
    return tenacity.AsyncRetrying(**_options(attempts, scale))


def parse_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how many seconds an answer asks us to wait, at least 0; None where it does not say, or not readably.

    `headers` must find lower-case names; `now` is aware. `Retry-After` is in seconds or a date (RFC 9110, 10.2.3),
    `retry-after-ms` in milliseconds, as some model providers send it.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    return _until(value, now) if seconds is None else seconds


def _options(attempts: int, scale: float) -> dict[str, Any]:
    def wait(state: tenacity.RetryCallState) -> float:
        asked = getattr(_error(state), "retry_after", None) or 0.0
        return scale * (max(min(asked, LONGEST_WAIT), _backoff(state)) + _jitter(state))

    return {
        "retry": tenacity.retry_if_exception_type(Transient),
        "stop": tenacity.stop_after_attempt(attempts),
        "wait": wait,
        "before_sleep": _log_retry,
        "reraise": True,
    }


def _log_retry(state: tenacity.RetryCallState) -> None:
    _log.info("%s; attempt %d follows in %.1f s", _error(state), state.attempt_number + 1, state.upcoming_sleep)


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return max(number, 0.0) if math.isfinite(number) else None


def _until(value: str, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:  # the zone "-0000", by RFC 5322 a time in UTC
        date = date.replace(tzinfo=UTC)
    return max((date - now).total_seconds(), 0.0)
