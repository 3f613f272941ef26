"""One turn at a time over all processes of a machine, and as many turns at once as a service bears."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core import pace
from pipeline.core.errors import SourceError
from pipeline.core.pace import LONGEST_RESET, Pace, Throttle, parse_quotas
from pipeline.core.retry import LONGEST_WAIT

# A process of its own: it takes turns and says when each began and ended, by the clock that all processes share.
TAKE_TURNS = """
import sys, time
from pathlib import Path
from pipeline.core.pace import Pace
pace = Pace(float(sys.argv[2]), Path(sys.argv[1]))
for _ in range(int(sys.argv[3])):
    with pace.turn():
        begin = time.monotonic()
        time.sleep(0.05)
        print(begin, time.monotonic(), flush=True)
"""
HOLD = """
import sys, time
from pathlib import Path
from pipeline.core.pace import Pace
with Pace(0, Path(sys.argv[1])).turn():
    print("held", flush=True)
    time.sleep(60)
"""


def start(script: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE, text=True)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "arxiv.lock"


def took(lock: Path, interval: float, now: float | None = None) -> list[float]:
    """How long a turn would sleep, without sleeping."""
    slept: list[float] = []
    with Pace(interval, lock, now=lambda: time.time() if now is None else now, sleep=slept.append).turn():
        pass
    return slept


def test_several_processes_take_turns_with_a_pause_between(lock: Path) -> None:
    processes = [start(TAKE_TURNS, lock, 0.3, 2) for _ in range(3)]
    lines = [line for process in processes for line in process.communicate(timeout=60)[0].splitlines()]
    turns = sorted(tuple(map(float, line.split())) for line in lines)
    assert len(turns) == 6
    for (_, ended), (began, _) in pairwise(turns):
        assert began - ended >= 0.3 - 0.01  # a file's time of change is that of the kernel's last tick


def test_the_lock_of_a_process_that_died_holds_nobody_up(lock: Path) -> None:
    with start(HOLD, lock) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGKILL)
    began = time.monotonic()
    with Pace(0, lock).turn():
        assert time.monotonic() - began < 2


def test_a_turn_that_never_comes_is_an_error(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "TURN_TIMEOUT", 0.2)
    with start(HOLD, lock) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with pytest.raises(SourceError, match=r"no turn came"), Pace(0, lock).turn():
            pass
        process.kill()


def test_nothing_is_waited_for_once_the_interval_is_over(lock: Path) -> None:
    assert took(lock, 3) == [pytest.approx(3, abs=0.5)]
    assert took(lock, 3, now=time.time() + 2) == [pytest.approx(1, abs=0.5)]
    assert took(lock, 3, now=time.time() + 4) == [0]


def test_a_clock_that_jumped_back_costs_no_more_than_the_interval(lock: Path) -> None:
    lock.touch()
    tomorrow = time.time() + 86_400
    os.utime(lock, (tomorrow, tomorrow))
    assert took(lock, 3) == [3]
    assert took(lock, 3, now=time.time() + 4) == [0]


def test_whatever_stands_in_the_file_does_not_matter(lock: Path) -> None:
    lock.write_bytes(b"\x00\xffnot a time")
    assert took(lock, 3, now=time.time() + 4) == [0]


def test_a_failed_request_counts_and_frees_the_turn(lock: Path) -> None:
    lock.touch()
    os.utime(lock, (0, 0))
    with pytest.raises(KeyError), Pace(0, lock).turn():
        raise KeyError
    assert lock.stat().st_mtime == pytest.approx(time.time(), abs=5)
    assert took(lock, 0) == [0]


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_other_users_may_lock_the_file(lock: Path) -> None:
    before = os.umask(0o077)
    try:
        took(lock, 0)
    finally:
        os.umask(before)
    assert stat.S_IMODE(lock.stat().st_mode) == 0o666


def test_a_lock_that_cannot_be_had_names_its_path(tmp_path: Path) -> None:
    folder = tmp_path / "folder.lock"
    folder.mkdir()
    with pytest.raises(SourceError, match=r"the lock cannot be had .*folder\.lock"), Pace(0, folder).turn():
        pass


def test_a_link_put_there_by_somebody_else_is_not_followed(lock: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.touch(mode=0o600)
    lock.symlink_to(target)
    with pytest.raises(SourceError), Pace(0, lock).turn():
        pass
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


# ---- as many turns at once as a service bears


class Clock:
    """A time that only sleeping moves; `slept` are the waits."""

    def __init__(self) -> None:
        self.time, self.slept = 1000.0, list[float]()

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def throttle(clock: Clock, most: int = 8, scale: float = 1) -> Throttle:
    return Throttle(most, scale, clock.now, clock.sleep)


def waited(clock: Clock, slow: Throttle) -> float:
    """How long one turn waits now."""

    async def once() -> None:
        async with slow.turn():
            pass

    before = clock.time
    asyncio.run(once())
    return clock.time - before


async def several(slow: Throttle, count: int, work: Callable[[int], Awaitable[None]]) -> int:
    """Take so many turns, all wanted at once, and give how many there were at most at the same time."""
    peak = 0

    async def one(number: int) -> None:
        nonlocal peak
        async with slow.turn():
            peak = max(peak, slow.running)
            await work(number)

    await asyncio.gather(*(one(number) for number in range(count)))
    return peak


async def moment(number: int) -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


@pytest.mark.parametrize("most", [1, 3, 8])
def test_never_more_turns_than_the_setting(most: int, clock: Clock) -> None:
    assert asyncio.run(several(throttle(clock, most), 50, moment)) == most
    assert clock.slept == []


def test_turns_come_in_the_order_in_which_they_were_wanted(clock: Clock) -> None:
    order: list[int] = []

    async def note(number: int) -> None:
        order.append(number)
        await moment(number)

    asyncio.run(several(throttle(clock, 3), 20, note))
    assert order == list(range(20))


def test_a_refusal_halves_the_turns_once_for_all_that_were_under_way(clock: Clock) -> None:
    slow, began = throttle(clock), clock.now()
    clock.time += 1
    for _ in range(8):
        slow.refused(began, 2)
    assert slow.allowed == 4
    assert waited(clock, slow) == 2
    assert asyncio.run(several(slow, 20, moment)) == 4


def test_refusals_in_a_row_leave_one_turn(clock: Clock) -> None:
    slow, allowed = throttle(clock), []
    for _ in range(5):
        slow.refused(clock.now(), 1)
        clock.time += 1
        allowed.append(slow.allowed)
    assert allowed == [4, 2, 1, 1, 1]


def test_each_round_of_answers_allows_one_more_up_to_the_setting(clock: Clock) -> None:
    slow, allowed = throttle(clock, 4), []
    slow.refused(clock.now(), 0)
    slow.refused(clock.now(), 0)
    for _ in range(14):
        slow.answered(clock.now())
        allowed.append(slow.allowed)
    assert allowed == [2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4]


def test_answers_to_calls_from_before_a_refusal_allow_nothing(clock: Clock) -> None:
    slow, began = throttle(clock), clock.now()
    clock.time += 1
    slow.refused(began, 0)
    for _ in range(20):
        slow.answered(began)
    assert slow.allowed == 4


@pytest.mark.parametrize(
    ("asked", "scale", "wait"),
    [(7.5, 1, 7.5), (0, 1, 0), (3600, 1, LONGEST_WAIT), (7.5, 0.1, 0.75), (3600, 0, 0), (None, 1, 1), (None, 2, 2)],
)
def test_nobody_begins_before_the_moment_asked_for(
    asked: float | None, scale: float, wait: float, clock: Clock
) -> None:
    slow = throttle(clock, scale=scale)
    slow.refused(clock.now(), asked)
    assert waited(clock, slow) == pytest.approx(wait)
    assert waited(clock, slow) == 0


def test_a_shorter_wait_does_not_undo_a_longer_one(clock: Clock) -> None:
    slow = throttle(clock)
    slow.refused(clock.now(), 20)
    slow.refused(clock.now(), 1)
    assert waited(clock, slow) == 20


def test_a_pause_that_is_prolonged_while_waited_for_is_waited_for(clock: Clock) -> None:
    async def sleep(seconds: float) -> None:
        if not clock.slept:
            slow.refused(clock.now(), 20)
        await clock.sleep(seconds)

    slow = Throttle(8, 1, clock.now, sleep)
    slow.refused(clock.now(), 5)
    assert waited(clock, slow) == 20


def test_where_the_service_does_not_say_pauses_double_until_an_answer(clock: Clock) -> None:
    slow, pauses = throttle(clock), []
    for _ in range(7):
        slow.refused(clock.now(), None)
        pauses.append(waited(clock, slow))
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    slow.answered(clock.now())
    slow.refused(clock.now(), None)
    assert waited(clock, slow) == 1


def test_what_is_granted_is_not_exceeded_before_the_reset(clock: Clock) -> None:
    slow = throttle(clock)
    slow.granted(2, 30)
    assert [waited(clock, slow) for _ in range(4)] == [0, 0, 30, 0]


def test_answers_overtake_each_other_and_the_least_grant_holds(clock: Clock) -> None:
    slow = throttle(clock)
    slow.granted(1, 30)
    slow.granted(5, 30)
    assert [waited(clock, slow) for _ in range(2)] == [0, 30]
    slow.granted(5, 30)
    assert waited(clock, slow) == 0


def test_a_later_reset_counts_when_nothing_is_left(clock: Clock) -> None:
    slow = throttle(clock)
    slow.granted(5, 1)
    slow.granted(0, 40)
    assert waited(clock, slow) == 40


def test_no_reset_is_waited_for_for_hours(clock: Clock) -> None:
    slow = throttle(clock)
    slow.granted(0, 86_400)
    assert waited(clock, slow) == LONGEST_RESET


def test_who_is_cancelled_while_waiting_takes_no_place(clock: Clock) -> None:
    slow = throttle(clock, 1)

    async def night() -> int:
        hold = asyncio.Event()

        async def holder() -> None:
            async with slow.turn():
                await hold.wait()

        first = asyncio.create_task(holder())
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(holder()) for _ in range(3)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        hold.set()
        await first
        return await several(slow, 5, moment)

    assert asyncio.run(night()) == 1
    assert slow.running == 0


@given(
    st.integers(1, 6),
    st.lists(st.sampled_from(["ok", "refused", "asked", "granted", "nothing"]), min_size=1, max_size=60),
)
def test_whatever_happens_the_setting_is_kept_and_every_turn_comes(most: int, story: list[str]) -> None:
    clock = Clock()
    slow, turns = throttle(clock, most), list[int]()

    async def work(number: int) -> None:
        began = clock.now()
        turns.append(number)
        await moment(number)
        if story[number] == "ok":
            slow.answered(began)
        elif story[number] in ("refused", "asked"):
            slow.refused(began, 3 if story[number] == "asked" else None)
        elif story[number] == "granted":
            slow.granted(number % 3, 5)

    assert asyncio.run(several(slow, len(story), work)) <= most
    assert turns == list(range(len(story)))
    assert 1 <= slow.allowed <= most


NOW = datetime(2024, 8, 22, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("1s", 1),
        ("20ms", 0.02),
        ("6m0s", 360),
        ("1h2m3.5s", 3723.5),
        ("1d", 86_400),
        ("12", 12),
        ("0.5", 0.5),
        ("2024-08-22T06:00:30Z", 30),
        ("2024-08-22T08:00:30+02:00", 30),
        ("2024-08-22T05:00:00Z", 0),
        ("2024-08-22T06:00:30", None),
        ("", None),
        ("soon", None),
        ("-1s", None),
        ("1s ago", None),
        ("nan", None),
    ],
)
@pytest.mark.parametrize(
    ("left", "when"),
    [
        ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ],
)
def test_quotas(left: str, when: str, reset: str, seconds: float | None) -> None:
    assert parse_quotas({left: "3", when: reset}, NOW) == ([] if seconds is None else [(3, seconds)])


def test_tokens_count_when_none_is_left() -> None:
    headers = {"x-ratelimit-remaining-tokens": "149000", "x-ratelimit-reset-tokens": "6m0s"}
    assert parse_quotas(headers, NOW) == []
    assert parse_quotas(headers | {"x-ratelimit-remaining-tokens": "0"}, NOW) == [(0, 360)]


@pytest.mark.parametrize("left", ["", "-1", "many", "1.5", "９" * 20, "9" * 5000])
def test_a_count_that_is_none_says_nothing(left: str) -> None:
    assert parse_quotas({"x-ratelimit-remaining-requests": left, "x-ratelimit-reset-requests": "1s"}, NOW) == []


@given(st.text(), st.text())
def test_no_header_breaks_the_quotas(left: str, reset: str) -> None:
    headers = {"anthropic-ratelimit-tokens-remaining": left, "anthropic-ratelimit-tokens-reset": reset}
    assert all(left >= 0 and resets_in >= 0 for left, resets_in in parse_quotas(headers, NOW))
