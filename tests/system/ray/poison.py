"""A run of the engine alone over papers of which one ends who reads it, one ends who settles it, and one raises.

`python -m tests.system.ray.poison` prints what becomes of each, as JSON.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path

from pipeline.core.config import EndpointSettings
from pipeline.core.models import Answer, HeldBack, Outcome, Paper, Request, SourceText
from pipeline.engines.base import Job, Workload
from pipeline.engines.ray import cluster
from pipeline.engines.ray.worker import Turn, WorkerConfig
from pipeline.fulltext.document import from_abstract
from pipeline.summarise.steps import State
from tests.support.accounting import NoAccounting

READ, SETTLED, RAISED = "2408.00003", "2408.00021", "2408.00033"


def read(paper: Paper) -> SourceText:
    if paper.id == READ:
        os._exit(1)
    return from_abstract(paper)


class _Model:
    provider, name, attempts = "openai", "none", 1

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["_Model"]:
        yield self

    async def complete(self, request: Request) -> Answer:
        await asyncio.sleep(0.05)
        if request.paper.id == SETTLED:
            os._exit(1)
        return Answer(content="{}")

    async def close(self) -> None:
        pass


@contextmanager
def texts(turn: Turn) -> Iterator[Callable[[Paper], SourceText]]:
    yield read


def model(endpoint: EndpointSettings) -> _Model:
    return _Model()


def advance(state: State, answer: Answer) -> HeldBack:
    if state.writer_request.paper.id == RAISED:
        raise RuntimeError("nobody thought of this")
    return HeldBack(paper_id=state.writer_request.paper.id, layout=state.writer_request.layout, reason="settled")


def begin(job: Job) -> State:
    raise AssertionError("the driver reads no text")


def main(address: str, storage: Path) -> None:
    jobs = [Job("sections", paper(number)) for number in range(40)]
    outcomes: list[Outcome] = []
    config = WorkerConfig(texts, model, 1, 4, 0.0, "poison")
    where = cluster.Cluster(address, str(storage), False, nullcontext, EndpointSettings())
    work = Workload(jobs, begin, advance, outcomes.append, NoAccounting())
    stopped = asyncio.run(cluster.drive(work, config, where))
    said = {one.paper_id: getattr(one, "reason", "") for one in outcomes}
    print(json.dumps({"outcomes": said, "count": len(outcomes), "stopped": str(stopped or "")}))


def paper(number: int) -> Paper:
    return Paper(id=f"2408.{number:05}", title=f"Paper {number}", abstract="A sentence.", authors=())


if __name__ == "__main__":
    from tests.system.ray import poison  # workers know this module by its name, not as __main__

    poison.main(sys.argv[1], Path(sys.argv[2]))
