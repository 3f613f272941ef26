"""One turn at a time over all processes of a machine, and a pause after each."""

import os
import signal
import stat
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline import pace
from pipeline.errors import SourceError
from pipeline.pace import Pace

# A process of its own: it takes turns and says when each began and ended, by the clock that all processes share.
TAKE_TURNS = """
import sys, time
from pathlib import Path
from pipeline.pace import Pace
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
from pipeline.pace import Pace
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
    monkeypatch.setattr(pace, "PATIENCE", 0.2)
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
