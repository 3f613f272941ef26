"""The layout that CONTRIBUTING.md adds works: its four files, as they stand there, in a copy of the program."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests import ROOT
from tests.support.fake_model import completion
from tests.support.world import DAY, HEADLINE, World, cite, envelope

FILES = (
    "pipeline/layouts/steps.py",
    "pipeline/layouts/templates/steps.md.j2",
    "prompts/steps.md.j2",
    "seeds/steps/2024-08-22.md",
)
SENTENCES = (
    "이 논문은 Alpha Networks라는 새로운 방법을 제안하고, 그 방법을 여러 문제에 적용한 결과를 자세히 살펴봅니다.",
    "제안된 방법은 주어진 데이터를 여러 부분으로 나누어 차례로 학습합니다.",
)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A copy of the program with the files of the page, each named in the page's order."""
    copy = tmp_path / "program"
    for folder in ("pipeline", "prompts", "seeds"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    section = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Add a layout")[2].partition("\n## ")[0]
    blocks = re.findall(r"^   ```\w+\n(.*?)^   ```", section, re.MULTILINE | re.DOTALL)
    for name, block in zip(FILES, blocks, strict=True):
        assert f"`{name}`" in section
        path = copy / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(block), "utf-8")
    return copy


def pipeline(program: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pipeline", *arguments]
    environment = os.environ | {"PYTHONPATH": str(program)}
    return subprocess.run(command, cwd=program, env=environment, capture_output=True, text=True, check=False)


def test_its_golden_digest_is_canonical_and_has_no_findings(program: Path) -> None:
    for command in (("check", FILES[3]), ("fmt", "--check", FILES[3])):
        done = pipeline(program, *command)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_it_writes_a_digest(program: Path, world: World) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    steps = [cite(SENTENCES[0], 1), cite(SENTENCES[1], 2)]
    world.model.queue_answers(completion(envelope({"steps": steps, "headline": HEADLINE})))
    done = pipeline(program, "run", "--date", DAY, "--layout", "steps")
    assert done.returncode == 0, done.stderr
    (asked, *_) = world.model.calls
    assert "`steps`: three to six sentences" in asked["messages"][1]["content"]
    assert '"steps"' in json.dumps(asked["response_format"])
    digest = (program / "output" / "steps" / f"{DAY.replace('-', '/')}.md").read_text("utf-8")
    assert f"1. {SENTENCES[0]}\n2. {SENTENCES[1]}\n" in digest
    assert pipeline(program, "check", "output").returncode == 0
