"""How many of the golden papers the embedded writer can print: `make eval`, or `python -m tests.eval.embedded`.

Needs TEST_DATA and the extra `local`. Prints each paper with what held it back, and the rate with its 95 % interval.
"""

import asyncio
import json
import math
import os
import re
import sys
from pathlib import Path

from pipeline.layouts import LAYOUTS, answer_schema, read_answer
from pipeline.llm.embedded import EmbeddedModel
from pipeline.models import Answer, Paper, Request, Usage
from pipeline.sources.document import from_abstract
from pipeline.text import plain_latex
from pipeline.verify import claims_of, gate

_ID = re.compile(r"\d{4}\.\d{4,5}")


def golden_papers(data: Path) -> list[Paper]:
    """The papers of the golden digests whose abstract is on record."""
    golden = {found for path in data.glob("seeds/*/*.md") for found in _ID.findall(path.read_text("utf-8"))}
    rows = map(json.loads, (data / "recordings/abstracts.jsonl").read_text("utf-8").splitlines())
    return [
        Paper(id=row["id"], title=plain_latex(row["title"]), abstract=row["abstract"], authors=())
        for row in rows
        if row["id"] in golden
    ]


def interval(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a rate: https://doi.org/10.1080/01621459.1927.10502953"""
    z, rate = 1.96, successes / trials
    centre = (rate + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials)) / (1 + z * z / trials)
    return centre - half, centre + half


async def write(model: EmbeddedModel, paper: Paper) -> tuple[Answer, str, list[str]]:
    """The answer, what speaks against printing it ("" for nothing) and the printed sections."""
    source = from_abstract(paper)
    answer = await model.complete(
        Request(layout="sections", paper=paper, source=source, messages=(), answer_schema=answer_schema())
    )
    if answer.problem:
        return answer, f"{answer.problem}: {answer.detail}", []
    sections = LAYOUTS["sections"].sections(read_answer("sections", answer.content))
    findings = gate(sections, claims_of(sections), "sections", paper, source)
    return answer, ", ".join(sorted({finding.rule for finding in findings})), [f"{s.name}: {s.text}" for s in sections]


async def main(data: Path) -> None:
    model, papers = EmbeddedModel(), golden_papers(data)
    entries, seconds, usage = 0, 0.0, Usage()
    for paper in papers:
        answer, against, sections = await write(model, paper)
        entries, seconds, usage = entries + (not against), seconds + answer.seconds, usage + answer.usage
        print(f"{paper.id}  {answer.seconds:5.1f} s  {against or 'printed'}", *sections, sep="\n    ")
    await model.close()
    low, high = interval(entries, len(papers))
    print(f"\npapers {len(papers)}, entries {entries}, rate {entries / len(papers):.0%} ({low:.0%} to {high:.0%})")
    print(f"{seconds / len(papers):.1f} s a paper; tokens: {usage}")


if __name__ == "__main__":
    folder = os.environ.get("TEST_DATA")
    if not folder:
        sys.exit("TEST_DATA is not set: it names the folder with the recorded data")
    asyncio.run(main(Path(folder)))
