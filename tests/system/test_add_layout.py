"""Layouts can be added: `steps`, whose four files stand in CONTRIBUTING.md, and `memo`, which has a frame of its own.

Both are put into one copy of the program.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.support.fake_model import completion
from tests.support.world import DAY, HEADLINE, World, cite, envelope, title_of

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


MEMO = ROOT / "tests" / "support" / "memo"
SEEDS = (FILES[3], "seeds/memo/2024-08-22.md")
SHARED = (
    "tests/unit/layouts",
    "tests/system/test_regenerate.py::test_a_note_between_two_entries_stays_when_the_one_above_it_changes",
    "tests/system/test_regenerate.py::test_a_note_between_two_entries_stays_when_the_one_above_it_goes",
    "tests/system/test_regenerate.py::test_a_note_that_no_entry_would_be_left_for_is_named_by_its_line",
)
POINT = "그래서 데이터를 한꺼번에 다룰 때보다 계산에 드는 비용과 시간이 함께 줄어듭니다."


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with the files of the page, each named in the page's order, and those of `memo`."""
    copy = tmp_path_factory.mktemp("added") / "program"
    for folder in ("pipeline", "prompts", "seeds", "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    section = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Add a layout")[2].partition("\n## ")[0]
    blocks = re.findall(r"^   ```\w+\n(.*?)^   ```", section, re.MULTILINE | re.DOTALL)
    for name, block in zip(FILES, blocks, strict=True):
        assert f"`{name}`" in section
        path = copy / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(block), "utf-8")
    shutil.copytree(MEMO, copy, dirs_exist_ok=True)
    return copy


def pipeline(program: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pipeline", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(program), "PIPELINE_OUTPUT_DIR": str(Path.cwd() / "output")}
    environment["PIPELINE_STATE_DIR"] = str(Path.cwd() / "state")
    return subprocess.run(command, cwd=program, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("seed", SEEDS)
def test_its_golden_digest_is_canonical_and_has_no_findings(program: Path, seed: str) -> None:
    for command in (("check", "--strict", seed), ("fmt", "--check", seed)):
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
    assert f"1. {SENTENCES[0]}\n2. {SENTENCES[1]}\n" in world.digest("steps").read_text("utf-8")
    assert pipeline(program, "check", world.output).returncode == 0


def memo(body: dict[str, Any]) -> str:
    gist = SENTENCES[0].replace("Alpha Networks", title_of(body))
    return envelope({"gist": [cite(gist, 1)], "points": [cite(SENTENCES[1], 2), cite(POINT, 3)], "headline": HEADLINE})


def test_another_frame_is_written_continued_regenerated_and_withdrawn(program: Path, world: World) -> None:
    def run(*command: str, text: str) -> None:
        done = pipeline(program, *command)
        assert (done.returncode, world.digest("memo").read_text("utf-8")) == (0, text), done.stderr
        assert pipeline(program, "check", "--strict", world.output).returncode == 0
        assert pipeline(program, "fmt", "--check", world.output).returncode == 0

    def entry(name: str, number: int, votes: int, kind: str = "새로운") -> str:
        gist = SENTENCES[0].replace("Alpha Networks", name).replace("새로운", kind)
        facts = f"https://arxiv.org/abs/2408.0000{number} ({votes} votes)"
        return f"## {name}\n\n{facts}\n\n> {gist}\n* {SENTENCES[1]}\n* {POINT}"

    alpha, gamma = entry("Alpha Networks", 1, 9), entry("Gamma Trees", 3, 2)
    beta, changed = (entry("Beta Trees", 2, 5, kind) for kind in ("새로운", "다른"))
    head, rule, night = f"# Memo, {DAY}\n\n", "\n\n***\n\n", ("run", "--date", DAY, "--layout", "memo")
    world.model.say = memo
    world.sources.add(DAY, "2408.00001", "Alpha Networks", votes=9)
    world.sources.add(DAY, "2408.00003", "Gamma Trees", votes=2)
    run(*night, text=f"{head}{alpha}{rule}{gamma}\n")
    world.sources.add(DAY, "2408.00002", "Beta Trees", votes=5)
    run(*night, text=f"{head}{alpha}{rule}{beta}{rule}{gamma}\n")
    world.model.say = lambda body: memo(body).replace("새로운", "다른")
    run("regenerate", "2408.00002", text=f"{head}{alpha}{rule}{changed}{rule}{gamma}\n")
    run("withdraw", "2408.00001", "--reason", "x", text=f"{head}{changed}{rule}{gamma}\n")
    run("withdraw", "2408.00003", "--reason", "x", text=f"{head}{changed}\n")


def test_parts_without_a_label_are_missed_by_a_name(program: Path, tmp_path: Path) -> None:
    digest = tmp_path / f"{DAY}.md"
    seed = (program / SEEDS[1]).read_text("utf-8")
    digest.write_text("".join(line for line in seed.splitlines(keepends=True) if not line.startswith("* ")), "utf-8")
    assert pipeline(program, "check", digest).stdout.count("The text without a label is missing.") == 2
    digest.write_text("Notes\n", "utf-8")
    assert "or begins with # Memo, YYYY-MM-DD" in pipeline(program, "check", digest).stdout


def test_the_tests_that_layouts_share_try_the_added_ones(program: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SHARED]
    environment = {name: value for name, value in os.environ.items() if name != "TEST_DATA"}
    environment["PYTHONPATH"] = str(program)
    done = subprocess.run([*command, "--co"], cwd=program, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.count("[steps]") == done.stdout.count("[memo]") == done.stdout.count("[bullets]") > 0
    done = subprocess.run(command, cwd=program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_two_layouts_of_one_rank_are_refused(program: Path, tmp_path: Path) -> None:
    copy = tmp_path / "program"
    shutil.copytree(program, copy)
    module = copy / "pipeline" / "layouts" / "memo.py"
    module.write_text(module.read_text("utf-8").replace("rank = 5", "rank = 4"), "utf-8")
    assert "the layouts memo and steps have the same rank, 4" in pipeline(copy, "check", FILES[3]).stderr
