"""`pipeline verify`: printed digests held against papers given as JSON lines."""

import json
from pathlib import Path

import pytest

from pipeline.core.config import shipped
from tests.support.world import DAY, World

TITLE = "FooNet: Reading Whole Books"
ABSTRACT = (
    "We present FooNet, a language model with 34B parameters that reads whole books. It is twice as fast as GPT-4."
)
DIGEST = f"""## Daily Papers ({DAY})

### [{TITLE}](https://arxiv.org/abs/2408.00001)

![](https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2408.00001.png)

Vote: 3

Authors: Ada Example

- **What's New**: FooNet은 책을 통째로 읽는 언어 모델입니다. 매개변수는 34억 개입니다.
- **Technical Details**: FooNet은 언어 모델이며 GPT-4보다 두 배 빠르다.
- **Performance Highlights**: BarNet보다 언어 모델로서 빠릅니다.

"""


def sources(world: World, *rows: object) -> Path:
    path = world.folder / "papers.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def digest(world: World) -> Path:
    path = world.folder / f"{DAY}.md"
    path.write_text(DIGEST, "utf-8")
    return path


def test_errors_are_found_where_they_stand_and_true_sentences_are_not(world: World) -> None:
    papers = sources(world, {"id": "2408.00001", "title": TITLE, "abstract": ABSTRACT, "source": "somewhere"})
    code, out, err = world.run("verify", digest(world), "--sources", papers, "--format", "json")
    assert code == 1
    found = json.loads(out)["findings"]
    assert [(one["rule"], one["line"], one["text"], one["severity"]) for one in found] == [
        ("numbers/magnitude", 11, "34억", "critical"),
        ("terms/unknown", 13, "BarNet", "error"),
    ]
    assert DIGEST.splitlines()[10][found[0]["column"] - 1 :].startswith("매개변수는 34억")
    assert "Nearest: [1] We present FooNet" in found[0]["message"]
    assert "1 entries held against their papers, 0 without a source" in err


def test_a_source_is_found_by_an_id_in_any_form(world: World) -> None:
    papers = sources(world, {"id": "arXiv:math.GT/0309136v2", "title": TITLE, "abstract": ABSTRACT})
    path = digest(world)
    path.write_text(DIGEST.replace("abs/2408.00001", "abs/math/0309136"), "utf-8")
    assert "1 entries held against their papers, 0 without" in world.run("verify", path, "--sources", papers)[2]


def test_entries_without_a_source_are_counted_and_not_guessed(world: World) -> None:
    papers = sources(world, {"id": "2408.99999", "title": "x", "abstract": "y"})
    code, out, err = world.run("verify", digest(world), "--sources", papers)
    assert (code, out) == (0, "No findings.\n")
    assert "0 entries held against their papers, 1 without a source" in err


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("{broken", "line 2: not a source"),
        ("[]", "line 2: not a source"),
        ({"title": "x"}, "line 2: not a source"),
        ({"id": "2408.00001", "abstract": "again"}, "2408.00001 stands there twice"),
        ({"id": "2408.00002", "title": "x", "abstract": " "}, "neither an abstract nor a text"),
    ],
)
def test_a_bad_line_is_named(world: World, row: object, says: str) -> None:
    papers = sources(world, {"id": "2408.00001", "title": TITLE, "abstract": ABSTRACT}, row)
    code, _, err = world.run("verify", digest(world), "--sources", papers)
    assert code == 2
    assert says in err


def test_a_missing_file_and_a_file_that_is_no_digest(world: World) -> None:
    code, _, err = world.run("verify", digest(world), "--sources", "gone.jsonl")
    assert (code, "gone.jsonl" in err) == (2, True)
    papers = sources(world, {"id": "2408.00001", "title": TITLE, "abstract": ABSTRACT})
    bad = world.folder / "2024-01-01.md"
    bad.write_bytes(b"\x00\xff")
    code, out, _ = world.run("verify", bad, "--sources", papers)
    assert code == 1
    assert "structure/unreadable" in out


def test_golden_digests_with_recorded_abstracts(world: World, test_data: Path) -> None:
    papers = test_data / "recordings" / "abstracts.jsonl"
    code, out, err = world.run("verify", shipped("seeds"), "--sources", papers, "--format", "json")
    assert code == 1
    flagged = {one["paper_id"] for one in json.loads(out)["findings"] if one["rule"] == "identity/title"}
    assert "2410.03645" in flagged
    assert "2410.00907" not in flagged  # it says 덧셈 for its title's Addition
    assert "entries held against their papers" in err


def test_golden_entries_about_another_paper_are_found(world: World, test_data: Path) -> None:
    """One by its abstract, one by its title: its abstract is not recorded, the title stands for it."""
    recorded = map(json.loads, (test_data / "recordings" / "abstracts.jsonl").read_text("utf-8").splitlines())
    papers = [{key: row[key] for key in ("id", "title", "abstract")} for row in recorded]
    title = "CodeMMLU: A Multi-Task Benchmark for Assessing Code Understanding Capabilities of CodeLLMs"
    path = sources(world, *papers, {"id": "2410.01999", "title": title, "abstract": title})
    _, out, _ = world.run("verify", shipped("seeds"), "--sources", path, "--format", "json")
    found = {one["paper_id"] for one in json.loads(out)["findings"] if one["rule"] == "identity/other-paper"}
    assert found == {"2410.03645", "2410.01999", "2406.08414"}  # the last wrongly, the only one of 56
