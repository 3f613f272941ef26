"""A Ray cluster of one's own on this machine: nodes with several logical CPUs, and processes to be killed."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests import ROOT
from tests.support.environment import without_settings

_RAY = Path(sys.executable).with_name("ray")
# A developer's own cluster and token must not decide what a test sees.
_ENVIRONMENT = {
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    "PYTHONPATH": str(ROOT),
}
_COUNT = """
import sys, ray
ray.init(sys.argv[1], log_to_driver=False)
print(sum(node["Alive"] for node in ray.nodes()))
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Cluster:
    """`settings` point a driver at it; `node` adds a node to it."""

    port: int = field(default_factory=free_port)
    nodes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        return _ENVIRONMENT | {"PIPELINE_RAY__ADDRESS": f"127.0.0.1:{self.port}"}

    def head(self, cpus: int = 4) -> "Cluster":
        """Start the first node, and wait until it answers."""
        self._start("--head", f"--port={self.port}", "--include-dashboard=false", f"--num-cpus={cpus}")
        deadline = time.monotonic() + 60
        while not (_listens(self.port) and self.workers("ray::")):
            assert time.monotonic() < deadline, "Ray does not start"
            time.sleep(0.1)
        return self

    def node(self, cpus: int, **environment: str) -> subprocess.Popen[bytes]:
        """One more node, whose workers find this environment."""
        return self._start(f"--address=127.0.0.1:{self.port}", f"--num-cpus={cpus}", **environment)

    def known(self) -> int:
        """How many nodes the cluster knows: one whose processes run may not have joined yet."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
        counted = subprocess.run(
            [sys.executable, "-c", _COUNT, f"127.0.0.1:{self.port}"],
            env=kept | _ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=True,
        )
        return int(counted.stdout.split()[-1])

    def stop(self) -> None:
        """End all nodes, and whatever they started."""
        for node in list(reversed(self.nodes)):
            self.remove(node)

    def remove(self, node: "subprocess.Popen[bytes]") -> None:
        """End one node: in order, then with whatever is left of it."""
        node.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            node.wait(2)
        for pid in self.workers("ray") if len(self.nodes) == 1 else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        node.kill()
        node.wait()
        self.nodes.remove(node)

    def workers(self, kind: str) -> list[int]:
        """The processes of this cluster that do such work now."""
        listed = subprocess.run(["ps", "-wweo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
        rows = re.findall(r"^\s*(\d+)\s+(\d+)\s+(.*)$", listed, re.MULTILINE)
        parents = {int(pid): int(parent) for pid, parent, _ in rows}
        ours = {node.pid for node in self.nodes}
        return [int(pid) for pid, _, args in rows if kind in args and _descends(int(pid), ours, parents)]

    def kill_one(self, kind: str) -> None:
        """End one of these as the kernel does when memory is short."""
        os.kill(self.workers(kind)[0], signal.SIGKILL)

    def _start(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        kept = {name: value for name, value in without_settings().items() if not name.startswith("RAY_")}
        node = subprocess.Popen(
            [_RAY, "start", "--block", "--disable-usage-stats", *options],
            env=kept | _ENVIRONMENT | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.nodes.append(node)
        return node


def _descends(pid: int, ancestors: set[int], parents: dict[int, int]) -> bool:
    while pid in parents:
        if pid in ancestors:
            return True
        pid = parents[pid]
    return False
