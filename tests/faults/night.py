"""The command line in its own process, at a given moment, and with a signal before or after a function's nth call.

`python -m tests.faults.night --at MOMENT --notes FILE [--point SIGKILL:pipeline.ledger:Ledger.record:before:2] run …`

Every request whose answer is used is noted in FILE, by a witness that owes the ledger nothing. With
`--impatient`, PIPELINE_WAIT_SCALE scales the waits that are no setting as well: the sources' timeouts, the ledger's
patience.
"""

import argparse
import datetime as dt
import functools
import importlib
import inspect
import itertools
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2

from pipeline import cli
from pipeline.core import http
from pipeline.ledger import database
from pipeline.summarise import steps
from pipeline.workflows import calls


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--at", type=dt.datetime.fromisoformat, required=True)
    parser.add_argument("--notes", type=Path, required=True)
    parser.add_argument("--point")
    parser.add_argument("--impatient", action="store_true")
    options, arguments = parser.parse_known_args()
    cli.common.now = lambda: options.at
    if options.impatient:
        _scale(float(os.environ["PIPELINE_WAIT_SCALE"]))
    _watch(options.notes)
    if options.point:
        _install(options.point, options.notes)
    cli.main(arguments)


def _scale(scale: float) -> None:
    new_client, http.TOTAL_SECONDS = http.new_client, http.TOTAL_SECONDS * scale
    database.PATIENCE *= scale

    def impatient() -> httpx2.Client:
        client = new_client()
        client.timeout = httpx2.Timeout(30 * scale, connect=10 * scale)
        return client

    http.new_client = impatient


def _watch(notes: Path) -> None:
    advance = steps.advance

    def witnessed(state: steps.State, answer: Any, rules: steps.Rules) -> steps.Step:
        _note(notes, calls.request_hash(state.request, state.request.model or "gpt-6-luna"))
        return advance(state, answer, rules)

    steps.advance = witnessed


def _install(point: str, notes: Path) -> None:
    """Put the fault into the function: `SIGKILL:pipeline.ledger:Ledger.record:before:2`."""
    name, module, path, when, nth = point.split(":")
    *outer, last = path.split(".")
    owner = functools.reduce(getattr, outer, importlib.import_module(module))
    function, count = getattr(owner, last), itertools.count(1)

    def strike(now: str) -> None:
        if now == when and next(count) == int(nth):
            _note(notes, "fault")
            _end_in_mid_write() if name == "SIGXFSZ" else os.kill(os.getpid(), signal.Signals[name])

    setattr(owner, last, _struck(function, strike))


def _struck(function: Callable[..., Any], strike: Callable[[str], None]) -> Callable[..., Any]:
    @functools.wraps(function)
    def plain(*args: Any, **kwargs: Any) -> Any:
        strike("before")
        made = function(*args, **kwargs)
        strike("after")
        return made

    @functools.wraps(function)
    async def awaited(*args: Any, **kwargs: Any) -> Any:
        strike("before")
        made = await function(*args, **kwargs)
        strike("after")
        return made

    return awaited if inspect.iscoroutinefunction(function) else plain


def _end_in_mid_write() -> None:
    """From here on no file grows beyond some bytes: the kernel ends the process that tries."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))


def _note(notes: Path, line: str) -> None:
    """In one write, so that what is noted is there whatever happens next."""
    with notes.open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


if __name__ == "__main__":
    main()
