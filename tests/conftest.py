"""What every test gets: a closed network, an environment without our settings, the recorded data where there is any."""

import ipaddress
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from pipeline.ops import logs
from tests.support.environment import is_setting
from tests.support.fake_model import FakeModel
from tests.support.fakes import FakeSources, ReplaySources
from tests.support.world import World, write

# A shell that starts the tests in the background has them ignore SIGINT, and so do the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Where CI is set hypothesis repeats the same examples; at a desk it seeks new ones, without a clock over them.
settings.register_profile("desk", deadline=None)
if "CI" not in os.environ:
    settings.load_profile("desk")


@pytest.fixture(autouse=True)
def closed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine can be reached. A RuntimeError, because an OSError would pass for a fault of the network."""
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family != getattr(socket, "AF_UNIX", None):
            _require_local(address[0])
        connect(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _require_local(host)
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)


def _require_local(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    try:
        local = ipaddress.ip_address(name).is_loopback
    except ValueError:
        local = False
    if not local:
        raise RuntimeError(f"A test reached for {name}; the network is closed in tests.")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's keys, settings and proxies must not decide what a test sees."""
    for name in list(os.environ):
        if is_setting(name) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder with `seeds`, `archive` and `recordings`, named by TEST_DATA; it is not part of the repository."""
    folder = os.environ.get("TEST_DATA")
    if not folder:
        pytest.skip("TEST_DATA is not set: it names the folder with the recorded data")
    return Path(folder)


@pytest.fixture
def fake_sources() -> Iterator[FakeSources]:
    """Hugging Face and arXiv on loopback, empty until the test adds papers."""
    with FakeSources() as server:
        yield server


@pytest.fixture
def replay(test_data: Path) -> Iterator[ReplaySources]:
    """Hugging Face and arXiv on loopback, replaying the recorded days."""
    with ReplaySources(test_data / "recordings") as server:
        yield server


@pytest.fixture
def world(
    fake_sources: FakeSources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[World]:
    """A whole installation in a folder of its own, with an honest model and empty sources."""
    monkeypatch.chdir(tmp_path)
    with FakeModel(write) as model:
        installation = World(fake_sources, model, tmp_path, capsys)
        for name, value in installation.settings().items():
            monkeypatch.setenv(name, value)
        yield installation
        logs.stop()
