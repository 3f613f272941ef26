"""The retry policy: what is tried again, how often, and after which waits."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import PipelineError, SourceError
from pipeline.core.retry import Transient, async_retrying, parse_retry_after, retrying

NOW = datetime(2024, 8, 22, 6, 0, tzinfo=UTC)


class Busy(SourceError, Transient):
    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__("test", "http://test", "busy")
        self.retry_after = retry_after


class Flaky:
    """Raises its errors one after the other, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"

    async def later(self) -> str:
        return self()


def waits(*errors: Exception, scale: float = 1) -> list[float]:
    """The waits of the policy, without waiting."""
    slept: list[float] = []
    retrying(attempts=len(errors) + 1, scale=scale).copy(sleep=slept.append)(Flaky(*errors))
    return slept


def test_a_transient_error_is_tried_again() -> None:
    flaky = Flaky(Busy(), Busy())
    assert retrying(scale=0)(flaky) == "answer"
    assert flaky.calls == 3


def test_the_same_holds_for_coroutines() -> None:
    flaky = Flaky(Busy(), Busy())
    assert asyncio.run(async_retrying(scale=0)(flaky.later)) == "answer"
    assert flaky.calls == 3


@pytest.mark.parametrize(
    "error", [SourceError("s", "u", "a web page"), PipelineError("x"), OSError("x"), KeyError("x")]
)
def test_any_other_error_is_raised_at_once(error: Exception) -> None:
    flaky = Flaky(error)
    with pytest.raises(type(error)):
        retrying(scale=0)(flaky)
    assert flaky.calls == 1


def test_after_the_last_attempt_the_error_itself_is_raised() -> None:
    last = Busy()
    flaky = Flaky(Busy(), Busy(), last, Busy())
    with pytest.raises(Busy) as caught:
        retrying(attempts=3, scale=0)(flaky)
    assert caught.value is last
    assert flaky.calls == 3


def test_waits_double_up_to_a_limit_with_a_second_at_random() -> None:
    slept = waits(*[Busy() for _ in range(8)])
    for wait, base in zip(slept, [1, 2, 4, 8, 16, 30, 30, 30], strict=True):
        assert base <= wait <= base + 1
    assert len({wait % 1 for wait in slept}) > 1


def test_what_the_service_asks_for_is_honoured_but_capped() -> None:
    slept = waits(Busy(7.5), Busy(3600), Busy(0))
    assert 7.5 <= slept[0] <= 8.5
    assert 60 <= slept[1] <= 61
    assert 4 <= slept[2] <= 5


def test_scale_multiplies_every_wait() -> None:
    assert waits(Busy(30), Busy(), scale=0) == [0, 0]
    assert 3 <= waits(Busy(30), scale=0.1)[0] <= 3.1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "Thu, 22 Aug 2024 06:00:20 GMT"}, 20),
        ({"retry-after": "Thu, 22 Aug 2024 06:00:20 -0000"}, 20),
        ({"retry-after": "Thu, 22 Aug 2024 08:00:20 +0200"}, 20),
        ({"retry-after": "Wed, 21 Aug 2024 06:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Thu, 99 Aug 2024 06:00:20 GMT"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(headers, NOW) == seconds


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
def test_any_date_gives_the_seconds_until_it(ahead: timedelta) -> None:
    then = (NOW + ahead).replace(microsecond=0)
    headers = {"retry-after": format_datetime(then, usegmt=True)}
    assert parse_retry_after(headers, NOW) == (then - NOW).total_seconds()


@given(st.text())
def test_no_header_breaks_it(value: str) -> None:
    seconds = parse_retry_after({"retry-after": value}, NOW)
    assert seconds is None or seconds >= 0
