"""The embedded writer with its real model: what it writes of an abstract, what it leaves out, and what it costs."""

import asyncio
import sys
import time
from collections.abc import Iterator

import pytest

from pipeline.core.errors import ConfigError
from pipeline.core.models import Answer, LayoutName, Paper, Request
from pipeline.fulltext.document import from_abstract
from pipeline.layouts import answer_schema, read_answer
from pipeline.llm.embedded.model import EmbeddedModel, fields, grammar, keeps
from pipeline.verify import claims_of, gate

ABSTRACT = (
    "Image editing is a popular task. "
    "In this paper, we propose TileNet, a new framework for image editing with 3,200 tiles. "
    "Specifically, TileNet uses a sparse encoder. "
    "Experiments show that TileNet outperforms GPT-4 by 4.5%. "
    "The quux of frobbing remains unclear."
)


@pytest.fixture(scope="module")
def model() -> Iterator[EmbeddedModel]:
    pytest.importorskip("xllamacpp", reason="needs the extra `local`")
    started = EmbeddedModel()
    yield started
    asyncio.run(started.close())


def request(layout: LayoutName, abstract: str = ABSTRACT, title: str = "TileNet: Editing by Tiles") -> Request:
    paper = Paper(
        id="2401.00001", title=title, abstract=abstract, authors=("A.",), categories=("cs.CV", "x.Y", "cs.LG")
    )
    return Request(layout=layout, paper=paper, source=from_abstract(paper), messages=(), answer_schema=answer_schema())


def write(model: EmbeddedModel, asked: Request) -> Answer:
    return asyncio.run(model.complete(asked))


def printed(asked: Request, answer: Answer) -> list[str]:
    return [section.text for section in read_answer(asked.layout, answer.content).sections()]


def test_each_section_is_translated_with_its_figures_and_names(model: EmbeddedModel) -> None:
    asked = request("sections")
    answer = write(model, asked)
    proposed, details, results = printed(asked, answer)
    assert "TileNet" in proposed and "3,200" in proposed and proposed.endswith("니다.")
    assert "인코더" in details
    assert "GPT-4" in results and "4.5%" in results
    assert answer.model == model.name == "gemma-3-270m-q4_k_m"
    assert answer.usage.output > 20 and answer.seconds > 0


def test_the_gate_lets_it_through(model: EmbeddedModel) -> None:
    asked = request("sections")
    sections = read_answer("sections", write(model, asked).content).sections()
    assert gate(sections, claims_of(sections), "sections", asked.paper, asked.source) == ()


def test_a_second_layout_costs_nothing(model: EmbeddedModel) -> None:
    write(model, request("sections"))
    asked = request("easy")
    answer = write(model, asked)
    assert answer.usage.output == 0
    summary, named = printed(asked, answer)
    assert "TileNet" in summary and named == "컴퓨터 비전, 기계 학습"


def test_bullets_are_one_sentence_each(model: EmbeddedModel) -> None:
    asked = request("bullets")
    assert all(bullet.count("니다.") == 1 for bullet in printed(asked, write(model, asked)))


def test_an_abstract_that_cannot_be_read_gives_no_answer(model: EmbeddedModel) -> None:
    answer = write(model, request("sections", "The quux of frobbing remains unclear. It frobs.", "Frobs"))
    assert (answer.problem, answer.content) == ("empty", "")
    assert "abstract" in answer.detail


def test_the_loop_goes_on_while_the_model_writes(model: EmbeddedModel) -> None:
    async def both() -> float:
        writing = asyncio.create_task(
            model.complete(request("sections", "We propose QuuxNet, a dense model for 17 tasks."))
        )
        longest, last = 0.0, time.monotonic()
        while not writing.done():
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        return longest

    assert asyncio.run(both()) < 0.5


def test_the_grammar_holds_the_wordings_slot_by_slot() -> None:
    assert grammar((('"GPT-4"는',), ("모델을",), ("제안합니다", "소개합니다"))) == (
        'root ::= " " ("\\"GPT-4\\"는") " " ("모델을") " " ("제안합니다" | "소개합니다") "."'
    )


@pytest.mark.parametrize(
    ("korean", "kept"),
    [
        ("TileNet은 정확도를 4.5% 향상시킵니다.", True),
        ("TileNet은 정확도를 향상시킵니다.", False),  # the figure is lost
        ("이 모델은 정확도를 4.5% 향상시킵니다.", False),  # the name is lost
        ("TileNet은 정확도를 45% 향상시킵니다.", False),  # another figure
        ("TileNet은 BERT보다 정확도를 4.5% 향상시킵니다.", False),  # another name
        ("TileNet은 정확도를 4.5% 향상시킨다.", False),  # plain style
        ("TileNet improves the accuracy by 4.5%.", False),
    ],
)
def test_a_translation_keeps_figures_names_and_style(korean: str, kept: bool) -> None:
    assert keeps(korean, "TileNet improves the accuracy by 4.5%.") is kept


def test_categories_have_korean_names() -> None:
    assert fields(("cs.CL", "stat.ML", "cs.LG", "no.SUCH")) == ["자연어 처리", "기계 학습"]


def test_without_the_extra_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ConfigError, match=r"pip install .*\[local\]"):
        EmbeddedModel()
