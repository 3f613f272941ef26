"""Bringing an existing archive into the output folder: what goes where, what is refused, and not a byte changed."""

from pathlib import Path

import pytest

from pipeline.archive.importing import FileToImport, plan_import, write_new
from pipeline.core.errors import ConfigError
from pipeline.layouts import parse, render
from tests import CASES

SECTIONS = (CASES / "sections" / "starred-labels" / "input.md").read_bytes()
BULLETS = (CASES / "bullets" / "canonical" / "input.md").read_bytes()
EASY = (CASES / "easy" / "crlf-and-byte-order-mark" / "input.md").read_bytes()


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def statuses(plan: list[FileToImport]) -> dict[str, str]:
    return {planned.source.name: planned.status for planned in plan}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An archive in which every form of name and every layout occurs."""
    put(tmp_path / "old" / "2024-01-02.md", SECTIONS)
    put(tmp_path / "old" / "bullets" / "2024" / "01" / "02.md", BULLETS)
    put(tmp_path / "old" / "2024-08-22-17:54:25.md", EASY)
    put(tmp_path / "old" / "README.md", b"# An archive\n")
    put(tmp_path / "old" / ".git" / "2024-01-02.md", b"hidden")
    return tmp_path / "old"


EXPECTED = {"sections/2024/01/02.md": SECTIONS, "bullets/2024/01/02.md": BULLETS, "easy/2024/08/22.md": EASY}


def test_every_digest_goes_to_its_layout_and_day_without_a_changed_byte(old: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    plan = plan_import([old], output)
    assert statuses(plan) == {
        "2024-01-02.md": "new",
        "02.md": "new",
        "2024-08-22-17:54:25.md": "new",
        "README.md": "skipped",
    }
    assert not output.exists()
    write_new(plan)
    assert tree(output) == EXPECTED


def test_importing_twice_changes_nothing(old: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    write_new(plan_import([old], output))
    again = plan_import([old, old / "2024-01-02.md"], output)
    assert sorted(planned.status for planned in again) == ["skipped", "unchanged", "unchanged", "unchanged"]
    write_new(again)
    assert tree(output) == EXPECTED


def test_fmt_writes_the_canonical_form(old: Path, tmp_path: Path) -> None:
    write_new(plan_import([old], tmp_path / "output", fmt=True))
    assert tree(tmp_path / "output") == {
        place: render(parse(data.decode()).digest).encode() for place, data in EXPECTED.items()
    }


def test_what_is_there_with_other_content_stays(old: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    put(output / "sections" / "2024" / "01" / "02.md", b"ours")
    plan = plan_import([old / "2024-01-02.md"], output)
    assert [planned.status for planned in plan] == ["problem"]
    assert "already there with other content" in plan[0].reason
    write_new(plan)
    assert tree(output) == {"sections/2024/01/02.md": b"ours"}


def test_two_files_for_one_place_are_both_refused_unless_they_are_the_same(tmp_path: Path) -> None:
    first = put(tmp_path / "2024-01-02.md", SECTIONS)
    second = put(tmp_path / "2024-01-02-08:00:00.md", SECTIONS + b"\n")
    plan = plan_import([first, second], tmp_path / "output")
    assert [planned.status for planned in plan] == ["problem", "problem"]
    assert str(second) in plan[0].reason
    second.write_bytes(SECTIONS)
    plan = plan_import([first, second], tmp_path / "output")
    assert [planned.status for planned in plan] == ["new", "unchanged"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("2024-01-03.md", SECTIONS, "its name says 2024-01-03, its header 2024-01-02"),
        ("2024-02-30.md", SECTIONS, "does not exist"),
        ("2024/13/01.md", SECTIONS, "does not exist"),
        ("2024-01-02.md", b"# Notes\n", "cannot be read as a digest: line 1"),
        ("2024-01-02.md", b"\xff\xfe\x00", "not UTF-8"),
        ("2024-01-02.md", b"", "empty"),
    ],
)
def test_what_cannot_be_placed_is_a_problem(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    plan = plan_import([put(tmp_path / "old" / name, data)], tmp_path / "output")
    assert [planned.status for planned in plan] == ["problem"]
    assert reason in plan[0].reason
    write_new(plan)
    assert not (tmp_path / "output").exists()


def test_a_path_that_does_not_exist_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        plan_import([tmp_path / "nowhere"], tmp_path / "output")


def test_the_whole_archive_is_imported_byte_for_byte(test_data: Path, tmp_path: Path) -> None:
    archive = test_data / "archive"
    plan = plan_import([archive], tmp_path)
    assert [planned.source.name for planned in plan if planned.status != "new"] == ["README.md"]
    write_new(plan)
    imported = tree(tmp_path)
    assert len(imported) == 72
    for path in archive.glob("2*.md"):
        layout = parse(path.read_bytes().decode()).digest.layout
        assert imported[f"{layout}/{path.stem.replace('-', '/')}.md"] == path.read_bytes()
