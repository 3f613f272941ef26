"""Drivers as processes of their own, which can be killed, among papers and a model on loopback."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.support import interrupted
from tests.support.fake_model import FakeModel
from tests.support.fakes import FakeSources
from tests.support.installation import Installation, Ran

DAY = interrupted.FIRST


@contextmanager
def model(seconds: float = 0.0) -> Iterator[FakeModel]:
    """A decent model that takes its time."""

    def say(body: dict[str, Any]) -> str:
        time.sleep(seconds)
        return interrupted.answer(body)

    with FakeModel(say) as server:
        yield server


def add(sources: FakeSources, papers: int) -> None:
    for number in range(papers):
        sources.add(DAY.isoformat(), f"2408.{number:05}", title=f"Net{number:02}9: A Paper", votes=papers - number)


def start(house: Installation, engine: str, *more: str) -> "subprocess.Popen[str]":
    """The backfill of the one day that `add` fills."""
    command = house.command("backfill", "--from", f"{DAY}", "--to", f"{DAY}", "--engine", engine, *more)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=house.folder, env=house.environment(), **pipes)  # type: ignore[call-overload,no-any-return]


def ended(process: "subprocess.Popen[str]") -> Ran:
    out, err = process.communicate(timeout=100)
    return Ran(process.returncode, out, err)


def wait_for(condition: Callable[[], bool], process: "subprocess.Popen[str] | None" = None) -> None:
    """Wait until it holds, unless the process that is to bring it about has ended."""
    deadline = time.monotonic() + 150  # a Ray starts slowly beside other work
    while not condition():
        assert process is None or process.poll() is None, ended(process)
        assert time.monotonic() < deadline
        time.sleep(0.01)
