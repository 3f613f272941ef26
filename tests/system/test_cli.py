"""The command line itself: `check`, `fmt`, `import`, what the pages say of it, and that it starts at once."""

import json
import re
import subprocess
import sys

import click
import pytest

from pipeline import cli
from pipeline.cli import common
from pipeline.core.config import shipped
from tests import ROOT
from tests.support.world import DAY, World


def test_the_help_lists_every_command_with_the_beginning_of_its_own_help() -> None:
    context = click.Context(cli.cli)
    for name, line in cli.COMMANDS.items():
        command = cli.cli.get_command(context, name)
        assert command and command.name == name
        assert " ".join((command.help or "").split()).startswith(line)


def test_the_pages_know_every_command_and_setting() -> None:
    from pipeline.core.config import Settings

    text = (ROOT / "docs" / "daily-use.md").read_text("utf-8")
    for name in cli.COMMANDS:
        assert f"pipeline {name}" in text, name
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    for group in ("llm", "sources", "site"):
        for name in type(getattr(Settings(), group)).model_fields:
            assert f"PIPELINE_{group.upper()}__{name.upper()}" in text, name


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from pipeline.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("pydantic", "openai", "httpx2", "jinja2", "rich", "asyncio"):
        assert f"'{heavy}'" not in done.stdout


def test_golden_digests_are_in_canonical_form(world: World) -> None:
    code, out, err = world.run("fmt", "--check", shipped("seeds"))
    assert (code, out, err) == (0, "", "")
    assert world.run("check", shipped("seeds"))[0] == 0
    assert world.run("check", "--strict", shipped("seeds"))[0] == 1


def test_fmt_shows_then_mends_then_is_content(world: World) -> None:
    path = world.folder / "2024-01-01.md"
    path.write_bytes(
        (shipped("seeds") / "sections" / f"{DAY}.md").read_bytes().replace(b"**What's New**", b"***What's New***")
    )
    before = path.read_bytes()
    code, out, err = world.run("fmt", "--check", "--diff", path)
    assert code == 1
    assert "2024-01-01.md is not in canonical form from line 11 on" in err
    assert out.count("-- ***What's New***") == 11
    assert path.read_bytes() == before
    assert world.run("fmt", path)[0] == 0
    assert path.read_bytes() == (shipped("seeds") / "sections" / f"{DAY}.md").read_bytes()
    assert world.run("fmt", "--check", path)[0] == 0


def test_fmt_leaves_what_is_no_digest(world: World) -> None:
    path = world.folder / "2024-01-01.md"
    path.write_bytes(b"\x00\xff")
    code, _, err = world.run("fmt", path)
    assert code == 2
    assert str(path) in err
    assert path.read_bytes() == b"\x00\xff"


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_check_names_what_is_wrong_in_every_format(world: World, form: str) -> None:
    path = world.folder / "2024-01-01.md"
    path.write_text("nothing of a digest")
    code, out, _ = world.run("check", "--format", form, path)
    assert code == 1
    assert "structure/unreadable" in out
    if form in ("json", "sarif"):
        json.loads(out)


def test_check_of_nothing_is_wrong_use(world: World) -> None:
    code, _, err = world.run("check", "gone.md")
    assert code == 2
    assert "gone.md" in err


def test_an_archive_is_imported_without_changing_a_byte(world: World) -> None:
    archive = world.folder / "old"
    (archive / "2024" / "08").mkdir(parents=True)
    sections = (shipped("seeds") / "sections" / f"{DAY}.md").read_bytes()
    easy = (shipped("seeds") / "easy" / f"{DAY}.md").read_bytes() + b"\n"
    (archive / "2024-08-22.md").write_bytes(sections)
    (archive / "2024" / "08" / "21.md").write_bytes(easy)
    (archive / "README.md").write_text("about")
    code, out, err = world.run("import", archive)
    assert (code, out) == (0, "2 new, 0 unchanged, 1 skipped, 0 problem\n")
    assert "README.md: skipped" in err
    assert world.digest().read_bytes() == sections
    assert world.digest("easy", "2024-08-21").read_bytes() == easy
    assert world.run("import", archive)[1].startswith("0 new, 2 unchanged")


def test_an_import_never_overwrites(world: World) -> None:
    world.digest().parent.mkdir(parents=True)
    world.digest().write_text("mine")
    code, out, err = world.run("import", shipped("seeds") / "sections" / f"{DAY}.md", "--fmt")
    assert code == 1
    assert "1 problem" in out
    assert "problem" in err
    assert world.digest().read_text() == "mine"


def test_the_exit_codes_of_the_readme_are_those_of_the_code() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    codes = {int(code) for code in re.findall(r"^\| (\d+) \| ", text, re.MULTILINE)}
    assert codes == {
        common.PUBLISHED,
        common.FINDINGS,
        common.WRONG_USE,
        common.PARTIAL,
        common.UNREACHABLE,
        common.LOCKED,
        common.INTERRUPTED,
        common.BUG,
    }


@pytest.mark.parametrize("budget", ["nan", "inf", "-inf", "1e999", "0", "-1", "$5", "five", ""])
def test_a_budget_is_an_amount_of_dollars(world: World, budget: str) -> None:
    code, _, err = world.run("backfill", "--from", DAY, "--to", DAY, f"--budget={budget}")
    assert code == 2
    assert f"'{budget}' is not an amount of dollars; give a number such as 5 or 0.50." in err
