"""A whole installation for a test: sources and a model on loopback, folders of its own, and the real command line."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.layouts import LAYOUTS
from pipeline.layouts.answers import Sentence
from tests.support.fake_model import FakeModel
from tests.support.fakes import FakeSources

DAY = "2024-08-22"
FIRST_PARTS = {name: next(iter(layout.answer_type.names)) for name, layout in LAYOUTS.items()}


HEADLINE: dict[str, Any] = {"text": "데이터를 나누어 배우는 새로운 방법", "cites": [1, 2]}


@dataclass
class World:
    """`run` calls the command line in this process and gives exit code, standard output and standard error."""

    sources: FakeSources
    model: FakeModel
    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def output(self) -> Path:
        return self.folder / "output"

    def digest(self, layout: str = "sections", day: str = DAY) -> Path:
        return self.output / layout / f"{day.replace('-', '/')}.md"

    def record(self, layout: str = "sections", day: str = DAY) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.digest(layout, day).with_suffix(".json").read_bytes())
        return found

    def run(self, *arguments: object) -> tuple[int, str, str]:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = self.capsys.readouterr()
        return int(ended.value.code or 0), out, err

    def settings(self) -> dict[str, str]:
        """The environment that points the command line at this world."""
        return settings(self.sources, self.model)


def settings(sources: FakeSources, model: FakeModel) -> dict[str, str]:
    """The environment that points the command line at these, with no waits."""
    return {
        "PIPELINE_SOURCES__HF_URL": sources.hf_url,
        "PIPELINE_SOURCES__ARXIV_API_URL": sources.arxiv_url,
        "PIPELINE_SOURCES__ARXIV_URL": sources.url,
        "PIPELINE_SOURCES__ARXIV_INTERVAL": "0",
        "PIPELINE_WAIT_SCALE": "0",
        "OPENAI_BASE_URL": model.base_url,
    }


def title_of(body: dict[str, Any]) -> str:
    """The title that a call asks about."""
    user = body["messages"][1]["content"]
    return str(user[user.index("<title>") + 7 : user.index("</title>")])


def items_of(body: dict[str, Any]) -> list[str]:
    """The Korean sentences that a call asks the second reader about, in their order."""
    items = body["messages"][1]["content"].partition("<items>\n")[2]
    return re.findall(r"^\d+\. (.*?)(?: \[[\d, ]+\])?$", items, re.MULTILINE)


def judged(verdicts: Iterable[str]) -> str:
    """These verdicts as the second reader's answer."""
    rows = [
        {"number": number, "verdict": verdict, "korean": "", "english": ""}
        for number, verdict in enumerate(verdicts, start=1)
    ]
    return json.dumps({"verdicts": rows})


def write(body: dict[str, Any]) -> str:
    """Return a decent model's answer about any paper, in the layout of the call."""
    name = title_of(body).partition(":")[0].partition("?")[0]
    first = f"이 논문은 {name}라는 새로운 방법을 제안하고, 그 방법을 여러 문제에 적용한 결과를 자세히 살펴봅니다."
    second = "제안된 방법은 주어진 데이터를 여러 부분으로 나누어 차례로 학습합니다."
    third = "이렇게 하면 데이터 전체를 한꺼번에 다루지 않아도 되므로 계산에 드는 비용과 시간이 함께 줄어듭니다."
    summary, details = [cite(first)], [cite(second, 2), cite(third, 3)]
    proposed, rest = ([Sentence.model_validate(one) for one in part] for part in (summary, details))
    layout = layout_of(body)
    answer = LAYOUTS[layout].answer_type.of_sentences(proposed, rest, [], ["기계 학습"]).model_dump()
    if layout == "easy":  # what the other layouts do not have: paragraphs, and sentences in plain words
        answer |= {"summary": [summary, details], "easy": [cite("컴퓨터가 데이터를 조금씩 나누어 학습합니다.", 2)]}
    return envelope(answer | {"headline": HEADLINE})


def layout_of(body: dict[str, Any]) -> str:
    """The layout that a call asks for: its task names the parts of the answer."""
    task = body["messages"][1]["content"].rpartition("Your task")[2]
    return next(name for name, part in FIRST_PARTS.items() if f"- `{part}`:" in task)


def envelope(answer: object) -> str:
    """A layout's answer in the form that the schema asks for."""
    return json.dumps({"answer": answer}, ensure_ascii=False)


def cite(text: str, *numbers: int) -> dict[str, Any]:
    """A sentence of an answer that rests on these sentences of the paper, the first one if none is given."""
    return {"text": text, "cites": list(numbers or (1,))}
