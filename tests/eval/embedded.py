"""Measures how many golden papers the embedded writer can print: `make eval`, or `python -m tests.eval.embedded`.

Needs TEST_DATA and the extra `local`. Prints the shares with their 95 % intervals and each sentence as it was read.
"""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

from pipeline.core.models import Paper
from pipeline.core.text import plain
from pipeline.engines.base import Job, Workload
from pipeline.engines.live import drive
from pipeline.fulltext.document import from_abstract
from pipeline.llm.embedded.model import EmbeddedModel
from pipeline.summarise.prompts import load
from pipeline.summarise.steps import State, begin
from tests.eval.readings import Tally
from tests.support.accounting import NoAccounting

_ID = re.compile(r"\d{4}\.\d{4,5}")


def golden_papers(data: Path) -> list[Paper]:
    """The papers of the golden digests whose abstract is on record."""
    golden = {found for path in data.glob("seeds/*/*.md") for found in _ID.findall(path.read_text("utf-8"))}
    rows = map(json.loads, (data / "recordings/abstracts.jsonl").read_text("utf-8").splitlines())
    return [
        Paper(id=row["id"], title=plain(row["title"]), abstract=plain(row["abstract"]), authors=())
        for row in rows
        if row["id"] in golden
    ]


def question(job: Job) -> State:
    """The first question about a paper's abstract."""
    return begin(job.paper, from_abstract(job.paper), load(job.layout))


def main(data: Path) -> bool:
    """Print the table; true where a sentence that got through is unread or false."""
    papers = golden_papers(data)
    tally = Tally(EmbeddedModel.attempts)
    jobs = [Job("sections", paper) for paper in papers]
    asyncio.run(
        drive(Workload(jobs, question, tally.advance, tally.done, NoAccounting()), EmbeddedModel(), concurrency=1)
    )
    print(f"The embedded writer: {len(papers)} golden papers, from their abstracts\n")
    return tally.print() > 0


if __name__ == "__main__":
    folder = os.environ.get("TEST_DATA")
    sys.exit("TEST_DATA is not set: it names the folder with the recorded data" if not folder else main(Path(folder)))
