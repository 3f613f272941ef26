"""What `check` says of files and texts: every rule on cases side by side, silence where nothing is wrong, and speed."""

import os
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import ConfigError
from pipeline.core.models import Finding
from pipeline.lint.check import check_file, check_paths, check_text, digest_files
from tests import ROOT

CASES = sorted((ROOT / "tests" / "cases" / "check").glob("*.md"))
CLEAN = (ROOT / "tests" / "cases" / "check" / "canonical-sections.md").read_text(encoding="utf-8")
EASY = (ROOT / "tests" / "cases" / "check" / "canonical-easy.md").read_text(encoding="utf-8")
SUMMARY = "이 논문은 사과를 세는 작은 모델을 제안합니다."


def nothing_omitted(path: Path) -> set[tuple[str, str]]:
    return set()


def with_text(text: str) -> str:
    """The clean digest with another text in the first section of its first entry."""
    return CLEAN.replace(SUMMARY, text, 1)


def rules(findings: list[Finding]) -> list[str]:
    return [found.rule for found in findings]


def found_in(text: str, rule: str) -> list[str]:
    return [found.text for found in check_text(with_text(text)) if found.rule == rule]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    findings = check_text(path.read_bytes().decode())
    lines = [f"{f.line}:{f.column} {f.severity} {f.rule} {f.paper_id} {f.text!r}\n" for f in findings]
    assert "".join(lines) == path.with_suffix(".expected").read_text(encoding="utf-8")


def test_the_golden_digests_have_warnings_only() -> None:
    findings = check_paths([ROOT / "seeds"], nothing_omitted)
    assert {found.severity for found in findings} == {"warning"}
    assert Counter(rules(findings)) == {
        "language/style": 46,
        "field/repeated-name": 15,
        "field/media": 6,
        "structure/optional-section": 2,
        "field/cut-authors": 1,
        "text/trailing-space": 1,
    }


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        ("모델을 제안합니다. 궁금한 점이 있으시면 언제든 문의해 주세요.", "문의해 주세요"),
        ("모델을 제안합니다. 더 알려주시면 답변드리겠습니다.", "답변드리겠습니다"),
        ("논문의 전문을 제공해주시면 번역합니다.", "제공해주시면"),
        ("물론입니다! 모델을 제안합니다.", "물론입니다"),
        ("저는 AI 비서이므로 답할 수 없습니다.", "저는 AI"),
        ("언어 모델로서 저는 그림을 볼 수 없습니다.", "언어 모델로서 저는"),
        ("Sure! 모델을 제안합니다.", "Sure!"),
        ("I'm sorry, 모델을 제안합니다.", "I'm sorry"),
        ("I cannot access the paper. 모델을 제안합니다.", "I cannot access"),
        ("Here is a short summary: 모델을 제안합니다.", "Here is a short summary"),
        ("모델을 제안합니다. Let me know if you need more.", "Let me know if"),
    ],
)
def test_chat_is_an_error(text: str, excerpt: str) -> None:
    assert excerpt in found_in(text, "filler/chat")


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        ("[여기에 요약을 쓰세요]", "[여기에 요약을 쓰세요]"),
        ("[Insert summary] 모델을 제안합니다.", "[Insert summary]"),
        ("모델을 제안합니다. TODO: 결과를 씁니다.", "TODO:"),
        ("<start_of_turn> 모델을 제안합니다.", "<start_of_turn>"),
        ("%(title)s 논문은 모델을 제안합니다.", "%(title)s"),
        ("<think> 모델을 제안합니다.", "<think>"),
        ("모델을 제안합니다.\n```json", "```json"),
        ("모델을 제안합니다.\nAbstract: 사과를 셉니다.", "Abstract:"),
        ("모델을 제안합니다.\n### 출력 형식", "### 출력 형식"),
    ],
)
def test_leftovers_of_templates_and_prompts_are_errors(text: str, excerpt: str) -> None:
    assert found_in(text, "text/template") == [excerpt]


@pytest.mark.parametrize(
    "value", ["None", "null", "undefined", "NaN", "True", "[]", "{}", "[object Object]", '{"a": 1}', "['a', 'b']"]
)
def test_raw_values_are_errors(value: str) -> None:
    assert len(found_in(value, "field/raw-value")) == 1


@pytest.mark.parametrize("field", ["Vote: 7", "Authors: Mina Kim, Jun Park"])
def test_a_raw_value_in_any_field_is_an_error(field: str) -> None:
    text = CLEAN.replace(field, field.split(":")[0] + ": None", 1)
    assert "field/raw-value" in rules(check_text(text))


@pytest.mark.parametrize(
    "text",
    [
        "이 말뭉치는 죄송함을 담은 대화를 모읍니다.",
        "모델의 성능은 물론 속도까지 개선합니다.",
        "이 연구가 널리 쓰이기를 바랍니다.",
        "모델이 사용자를 도와 그림을 그립니다.",
        "특수 토큰 <ocr>, <bbox>, [MASK], [CLS]를 더합니다.",
        "null-text 최적화와 None-of-the-above 선택지를 씁니다.",
        "값은 {1, 2, 3} 가운데 하나이고 구간은 [0, 1]입니다.",
        "비용은 $5에서 $10 사이이고 $20,000을 넘지 않습니다.",
        "이름은 snake_case이고 지수는 10^6입니다.",
        "두 단계로 구분됩니다: 1. 그림을 나누고, 2. 사과를 셉니다.",
        "레이아웃은 JSON 형식으로 예측합니다.",
        "C:\\Users 폴더는 없습니다.",
    ],
)
def test_ordinary_prose_is_not_flagged(text: str) -> None:
    assert [rule for rule in rules(check_text(with_text(text))) if rule != "text/latex"] == []


def test_a_short_sentence_may_stand_twice() -> None:
    assert check_text(CLEAN.replace("모델은 그림을 조각으로 나눕니다.", "결과는 좋습니다. 결과는 좋습니다.")) == []


def test_a_line_of_names_with_little_korean_is_a_matter_of_style_not_left_in_english() -> None:
    findings = check_text(with_text("모델을 제안합니다. Group Query Attention, Rotary Position Embedding 사용."))
    assert rules(findings) == ["language/style"]


def test_text_after_the_entry_is_read_too() -> None:
    assert "filler/chat" in rules(check_text(CLEAN.rstrip("\n") + "\n더 필요하면 말씀해 주세요.\n\n"))


@given(st.text(alphabet="가다니.\n\t $\\{}[]'\"<>:*_#-죄송합니다TODO漢\r\ufeff\u2028"))
def test_any_text_is_checked_and_every_excerpt_stands_where_the_finding_says(noise: str) -> None:
    text = with_text("시작합니다. " + noise)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for found in check_text(text):
        rest = "\n".join(lines[found.line - 1 :])[found.column - 1 :]
        if found.rule in ("text/control", "text/latex", "filler/chat", "language/script"):
            assert rest.startswith(found.text.split(" ")[0])


def test_excerpts_are_short() -> None:
    (found,) = (f for f in check_text(with_text("not Korean at all, " * 100)) if f.rule == "language/hangul")
    assert len(found.text) == 120


def test_windows_files_get_two_warnings_and_the_same_places() -> None:
    text = with_text("사과를 센다. 말씀해 주세요.")
    windows = check_text("\ufeff" + text.replace("\n", "\r\n"))
    assert rules(windows)[:2] == ["text/bom", "text/crlf"]
    assert [f for f in windows if not f.rule.startswith(("text/bom", "text/crlf"))] == check_text(text)


# --- files


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 1, "empty"),
        (b"\xef\xbb\xbf \n\n", 1, "empty"),
        (CLEAN.encode() + b"\0", 27, "binary"),
        (b"## Daily Papers\n\xb0\xa1", 2, "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", 3, "binary"),
        ("안녕하세요.\n", 1, ""),
        (CLEAN.split("\n", 2)[2], 1, "## Daily Papers"),
        (CLEAN.replace("2031-05-06", "2031-13-06"), 1, "date"),
    ],
    ids=["empty", "only-white-space", "nul", "cp949", "png", "no-digest", "no-header", "no-date"],
)
def test_an_unreadable_file_is_one_error(tmp_path: Path, data: bytes | str, line: int, reason: str) -> None:
    path = write(tmp_path, "2031-05-06.md", data)
    (found,) = check_file(path)
    assert (found.rule, found.severity, found.path, found.line) == ("structure/unreadable", "error", str(path), line)
    assert reason in found.message


def test_a_file_over_20_mb_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "2031-05-06.md"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    (found,) = check_file(path)
    assert found.rule == "structure/unreadable"
    assert "20 MB" in found.message


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_error(tmp_path: Path) -> None:
    path = write(tmp_path, "2031-05-06.md", CLEAN)
    path.chmod(0)
    assert rules(check_file(path)) == ["structure/unreadable"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("2031-05-06.md", CLEAN, []),
        ("2031-05-06-17:54:25.md", CLEAN, []),
        ("sections/2031-05-06.md", CLEAN, []),
        ("sections/2031/05/06.md", CLEAN, []),
        ("2031/05/06.md", CLEAN, []),
        ("notes.md", CLEAN, []),
        ("easy/2031/05/06.md", EASY, []),
        ("easy/2031-05-07.md", EASY, []),
        ("2031-05-07.md", CLEAN, ["2031-05-07"]),
        ("sections/2031/05/07.md", CLEAN, ["2031-05-07"]),
        ("bullets/2031/05/06.md", CLEAN, ["bullets"]),
        ("sections/2031/05/06.md", EASY, ["sections"]),
        ("easy/2031-05-07.md", CLEAN, ["easy", "2031-05-07"]),
    ],
)
def test_place(tmp_path: Path, name: str, text: str, expected: list[str]) -> None:
    found = check_file(write(tmp_path, name, text))
    assert [f.text for f in found] == expected
    assert set(rules(found)) <= {"structure/place"}


def test_the_place_is_told_from_inside_the_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "bullets/2031/05/06.md", CLEAN)
    monkeypatch.chdir(tmp_path / "bullets" / "2031" / "05")
    (found,) = check_paths([Path()], nothing_omitted)
    assert (found.path, found.text) == ("06.md", "bullets")


def test_folders_are_walked_for_digests_and_files_are_taken_as_given(tmp_path: Path) -> None:
    digests = ["2031-05-05.md", "2031-05-06-17:54:25.md", "sections/2031/05/06.md", "sections/2031/05/07.md"]
    others = ["README.md", "sections/notes.md", "06.md", "sections/2031/05/06.json", "2031-05-06.txt"]
    for name in digests + others:
        write(tmp_path, name, CLEAN)
    assert digest_files([tmp_path]) == [tmp_path / name for name in digests]
    assert digest_files([tmp_path / "README.md", tmp_path, tmp_path / digests[0]]) == sorted(
        tmp_path / name for name in [*digests, "README.md"]
    )


def test_a_path_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.md does not exist"):
        check_paths([tmp_path / "gone.md"], nothing_omitted)


def test_a_file_name_that_is_not_unicode_can_be_reported(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.md")
    try:
        path = write(tmp_path, name, "")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    (found,) = check_file(path)
    assert found.path.endswith("caf\\udce9.md")


# --- a real archive


def test_the_findings_on_an_archive_of_72_files_are_the_known_ones(test_data: Path) -> None:
    findings = check_paths([test_data / "archive"], nothing_omitted)
    assert Counter(rules([found for found in findings if found.severity == "error"])) == {
        "field/raw-value": 32,  # 31 lists of authors, one list as a text
        "language/copied": 1,
        "language/hangul": 1,
    }
    counts = Counter(rules(findings))
    assert counts["text/latex"] == 19
    assert counts["language/script"] == 1
    assert counts["language/style"] == 940


@pytest.mark.parametrize(
    "unit",
    [
        "{{",
        "{% ",
        "$a ",
        "\\a{",
        "[Your a",
        "Fig. A. ",
        "말씀해 주세요 ",
        "가다. 나다. ",
        "***a",
        "https://",
        '"니다." ',
    ],
)
def test_time_is_in_proportion_to_length(unit: str) -> None:
    def seconds(size: int) -> float:
        text = with_text(unit * (size // len(unit)))
        began = time.process_time()
        check_text(text)
        return time.process_time() - began

    assert seconds(160_000) < 12 * max(seconds(40_000), 0.05)
