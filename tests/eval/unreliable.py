"""Measures what gets through of an unreliable model's sentences: `make eval`, or `python -m tests.eval.unreliable`.

The structured prompt goes over HTTP to llama.cpp's server with the embedded writer's weights: a base model that copies
English, never ends its lists, and invents. So it is asked in two ways: as any endpoint is; and with a schema that
forces short lists and Korean sentences upon it, so that inventions in good form meet the gate. Needs TEST_DATA and the
extra `local`.
"""

import asyncio
import os
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.core.models import LayoutName, Paper
from pipeline.core.pace import Throttle
from pipeline.engines.base import Job, Workload
from pipeline.engines.live import drive
from pipeline.fulltext.document import from_abstract
from pipeline.layouts import LAYOUTS
from pipeline.llm.openai import OpenAIModel
from pipeline.summarise.prompts import load
from pipeline.summarise.steps import State, begin
from tests.eval.embedded import golden_papers
from tests.eval.readings import Tally
from tests.support.accounting import NoAccounting
from tests.support.llamacpp import MODEL, LlamaServer

LAYOUT: LayoutName = "sections"
# So many of the 51 papers: all of them would take a shared core most of an hour.
AS_IT_IS = 3  # the model writes to the limit in each of three attempts
IN_FORM = 24
_CONTEXT = 8192  # the prompt has some 2,000 tokens, a repair repeats the answer
_ANSWER = 600
_SEED = 7
_TIMEOUT = 600
_KOREAN = r"^[가-힣]([가-힣A-Za-z0-9 ,%-]|[0-9]\.[0-9]){15,70}니다\.$"


def question(job: Job, bounded: bool) -> State:
    """The first question about a paper's abstract, its answer bounded in length, and in form where asked."""
    state = begin(job.paper, from_abstract(job.paper), load(job.layout))
    schema = state.request.answer_schema
    if bounded:
        schema = in_form(schema, set(LAYOUTS[LAYOUT].answer_type.model_fields), len(state.request.source.sentences))
    request = state.request.model_copy(update={"max_tokens": _ANSWER, "answer_schema": schema})
    return state.model_copy(update={"request": request, "written": request})


def in_form(schema: Any, fields: set[str], sentences: int) -> Any:
    """A schema of the layout with these fields alone, Korean strings, short lists, and citations that exist."""
    if isinstance(schema, list):
        return [in_form(one, fields, sentences) for one in schema]
    if not isinstance(schema, dict):
        return schema
    for branch in schema.get("anyOf", ()):
        if set(branch.get("properties", ())) == fields:
            return in_form(branch, fields, sentences)
    bounds: dict[str, dict[str, Any]] = {
        "string": {"pattern": _KOREAN},
        "integer": {"minimum": 1, "maximum": sentences},
        "array": {"minItems": 1, "maxItems": 2},
    }
    whole = {key: in_form(value, fields, sentences) for key, value in schema.items()}
    return whole | bounds.get(str(schema.get("type")), {})


async def ask(papers: Iterable[Paper], bounded: bool, attempts: int) -> Tally:
    """Ask about the papers one after the other, with a server of their own."""
    tally = Tally(attempts)
    with LlamaServer(_CONTEXT, _SEED) as server:
        model = OpenAIModel(MODEL, server.key, server.base_url, _TIMEOUT, Throttle(1))
        jobs = [Job(LAYOUT, paper) for paper in papers]
        first = partial(question, bounded=bounded)
        await drive(Workload(jobs, first, tally.advance, tally.done, NoAccounting()), model, concurrency=1)
    return tally


def main(data: Path) -> bool:
    """Print both tables; true where a sentence that got through is unread or false."""
    papers = golden_papers(data)
    print(f"\nAn unreliable model, {MODEL} over HTTP: {AS_IT_IS} of {len(papers)} golden papers, asked as ever")
    amiss = asyncio.run(ask(papers[:AS_IT_IS], bounded=False, attempts=OpenAIModel.attempts)).print()
    print(f"\n{IN_FORM} of them, asked once, with a schema that allows only short lists of Korean sentences")
    return amiss + asyncio.run(ask(papers[:IN_FORM], bounded=True, attempts=1)).print() > 0


if __name__ == "__main__":
    folder = os.environ.get("TEST_DATA")
    sys.exit("TEST_DATA is not set: it names the folder with the recorded data" if not folder else main(Path(folder)))
