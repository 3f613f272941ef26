"""`python -m tests.system.ray.throughput`: how fast Ray backfills on this machine when the model answers at once.

A local Ray, a driver, workers and the fakes share the processors. Start-up is apart; requests to the driver are timed
alone as well.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.core.models import Paper, Request, SourceText
from tests.support import interrupted
from tests.support.fake_model import FakeModel
from tests.support.fakes import FakeSources
from tests.support.world import write

PAPERS, REQUESTS = 1000, 3000


class _Seen(NamedTuple):
    cpu: float
    largest: float


def main() -> None:
    """Print the figures."""
    with FakeSources() as sources, FakeModel(write) as model, tempfile.TemporaryDirectory() as folder:
        for number in range(PAPERS):
            day = f"2024-08-{1 + number % 10:02}"
            sources.add(day, f"2408.{number:05}", title=f"Net{number}: A Paper", votes=9)
        house = interrupted.house(Path(folder) / "a", sources, model)
        command = house.command("backfill", "--from", "2024-08-01", "--to", "2024-08-10", "--engine", "ray")
        process = subprocess.Popen(
            command, cwd=house.folder, env=house.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        began = time.monotonic()
        first = _until(process, lambda: len(model.asked) > 0) - began
        last = _until(process, lambda: len(model.asked) >= PAPERS) - began
        seen = _seen(process.pid)
        code = process.wait()
    if code:
        sys.exit(f"The backfill ended with {code}.")
    print(f"to the first call           {first:8.1f} s")
    print(f"papers a second, from there {PAPERS / (last - first):8.0f}")
    print(f"CPU a paper, Ray's included {1000 * seen.cpu / PAPERS:8.0f} ms, start-up included")
    print(f"memory of all processes     {seen.largest:8.0f} MB")
    print(f"requests a second           {asyncio.run(_requests()):8.0f}, a question of 25 KB each")


def _until(process: "subprocess.Popen[bytes]", condition: Callable[[], bool]) -> float:
    while not condition():
        if process.poll() is not None:
            sys.exit(f"The backfill ended early with {process.returncode}.")
        time.sleep(0.01)
    return time.monotonic()


def _seen(driver: int) -> _Seen:
    """Seconds of CPU and megabytes of the driver and of Ray's processes, its own machinery included."""
    listed = subprocess.run(["ps", "-wweo", "pid,cputimes,rss,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 3) for line in listed.splitlines()[1:]]
    ours = [row for row in rows if int(row[0]) == driver or "ray::" in row[3] or "/ray/" in row[3]]
    return _Seen(sum(int(row[1]) for row in ours), sum(int(row[2]) for row in ours) / 1024)


async def _requests() -> float:
    """Requests a second from one worker with thirty-two of them under way."""
    import ray

    from pipeline.engines.ray import cluster
    from pipeline.engines.ray.rpc import requests

    cluster.connect(None)
    mailbox = cluster.mailbox()
    paper = Paper(id="2408.00001", title="A paper", abstract="x" * 25_000, authors=())
    source = SourceText(paper_id=paper.id, sentences=())
    question = Request(layout="sections", paper=paper, source=source, messages=(), answer_schema={})
    worker = ray.remote(_Worker).remote(mailbox)
    ray.get(worker.ready.remote())
    began = time.monotonic()
    sent = asyncio.ensure_future(_result(worker.send.remote(question)))
    async for request in requests(mailbox, sent):
        mailbox.reply.remote(request.number, request.number)
    spent = time.monotonic() - began
    ray.shutdown()
    return REQUESTS / spent


class _Worker:
    def __init__(self, mailbox: Any) -> None:
        self._mailbox = mailbox

    async def ready(self) -> None:
        pass

    async def send(self, request: Request) -> None:
        from pipeline.engines.ray.rpc import ask

        async def some() -> None:
            for _ in range(REQUESTS // 32):
                await ask(self._mailbox, "recall", "row", request)

        await asyncio.gather(*(some() for _ in range(32)))


async def _result(reference: Any) -> Any:
    return await reference


if __name__ == "__main__":
    from tests.system.ray import throughput  # the worker knows this module by its name, not as __main__

    throughput.main()
