"""Holds unit tests to what they promise: no process is started, no socket connected or bound."""

import sys
from collections.abc import Iterator

import pytest

_REFUSED = ("socket.connect", "socket.bind", "subprocess.Popen", "os.posix_spawn", "os.fork", "os.system")
_running = False


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if _running and event in _REFUSED:
        raise RuntimeError(f"a unit test used {event}; its place is tests/integration or tests/system")


sys.addaudithook(_refuse)


@pytest.fixture(autouse=True)
def _no_process_and_no_socket() -> Iterator[None]:
    global _running
    _running = True
    yield
    _running = False
