"""The OpenAI adapter against a real server with strict JSON schema, whose model is far too weak for the task."""

import asyncio
import json
import re
from collections.abc import Iterator
from functools import partial

import jsonschema
import pytest

from pipeline.core.errors import KeyRefused
from pipeline.core.models import Answer, HeldBack, Message, Paper, Request
from pipeline.core.pace import Throttle
from pipeline.fulltext.document import from_abstract
from pipeline.lang import termbase
from pipeline.layouts import answer_schema
from pipeline.llm.openai import OpenAIModel
from pipeline.summarise.prompts import load
from pipeline.summarise.steps import Rules, advance, begin
from pipeline.verify import gate
from tests.support.llamacpp import MODEL, LlamaServer

PAPER = Paper(
    id="2401.00001",
    title="TileNet: Image Editing by Tiles",
    abstract="We propose TileNet, a framework for image editing. TileNet improves the accuracy by 4.5%.",
    authors=("A. Author",),
)
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"good": {"type": "boolean"}, "word": {"enum": ["red", "green"]}},
    "required": ["good", "word"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def server() -> Iterator[LlamaServer]:
    with LlamaServer() as started:
        yield started


def ask(server: LlamaServer, schema: dict[str, object], tokens: int, key: str | None = None) -> Answer:
    request = Request(
        layout="sections",
        paper=PAPER,
        source=from_abstract(PAPER),
        messages=(Message(role="user", content=f"Answer in JSON. {PAPER.abstract}"),),
        answer_schema=schema,
        max_tokens=tokens,
        temperature=0,
    )

    async def once() -> Answer:
        model = OpenAIModel(MODEL, key or server.key, server.base_url, timeout=60, throttle=Throttle(1))
        try:
            return await model.complete(request)
        finally:
            await model.close()

    return asyncio.run(once())


def test_the_answer_has_the_form_of_the_schema(server: LlamaServer) -> None:
    answer = ask(server, SCHEMA, tokens=100)
    assert answer.problem is None
    jsonschema.validate(json.loads(answer.content), SCHEMA)
    assert answer.model == MODEL
    assert answer.usage.input > 20
    assert 0 < answer.usage.output <= 100


def test_an_answer_that_is_cut_is_told_from_a_whole_one(server: LlamaServer) -> None:
    answer = ask(server, SCHEMA, tokens=3)
    assert (answer.problem, answer.usage.output) == ("truncated", 3)


def test_a_wrong_key_is_refused(server: LlamaServer) -> None:
    with pytest.raises(KeyRefused):
        ask(server, SCHEMA, tokens=3, key="wrong")


def test_the_schema_of_all_layouts_is_one_that_the_server_takes(server: LlamaServer) -> None:
    answer = ask(server, answer_schema(), tokens=30)
    assert answer.usage.output > 1
    assert re.match(r'\{\s*"answer"\s*:\s*\{\s*"(whats_new|summary|bullets)"', answer.content)


def test_what_this_model_makes_of_a_paper_is_not_printed(server: LlamaServer) -> None:
    answer = ask(server, answer_schema(), tokens=400)
    rules = Rules(partial(gate, termbase=termbase.load()), load, attempts=1)
    outcome = advance(begin(PAPER, from_abstract(PAPER), load("sections")), answer, rules)
    assert isinstance(outcome, HeldBack)
    assert outcome.usage == answer.usage
