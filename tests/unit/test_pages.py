"""The pages: generated parts are as the code has them, links lead somewhere, and commands and targets exist."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pipeline import cli, layouts
from pipeline.core import config
from pipeline.core.rules import RULES
from tests import ROOT
from tests.support import pages

ROOMS = {path.parent.name for path in (ROOT / "pipeline").glob("*/__init__.py")} | {"ledger"}
_PAGES = pytest.mark.parametrize("path", pages.PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())


@_PAGES
def test_generated_parts_are_up_to_date(path: Path) -> None:
    text = path.read_text("utf-8")
    assert pages.filled(text) == text, "run `make docs` (python -m tests.support.pages) and commit what it changes"


def test_each_part_stands_in_one_page() -> None:
    text = "".join(path.read_text("utf-8") for path in pages.PAGES)
    assert {name: text.count(f"<!-- {name} -->") for name in pages.PARTS} == dict.fromkeys(pages.PARTS, 1)


def test_the_table_of_rules_has_a_line_each() -> None:
    assert len(pages.PARTS["rules"]().splitlines()) == len(RULES) + 2


@_PAGES
def test_links_lead_to_files_and_headings(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        name, _, anchor = link.partition("#")
        if not name.startswith(("http:", "https:")):
            target = path.parent / name if name else path
            assert target.exists(), link
            assert not anchor or anchor in _anchors(target), link


@_PAGES
def test_commands_and_their_options_exist(path: Path) -> None:
    for words in _commands(path.read_text("utf-8")):
        command: click.Command = cli.cli
        while isinstance(command, click.Group):
            name = words.pop(0)
            found = command.get_command(click.Context(command), name)
            assert found, f"pipeline {name}"
            command = found
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, command.name


@_PAGES
def test_settings_in_toml_can_be_loaded(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block in re.findall(r"^```toml\n(.*?)^```", path.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        Path(config.TOML).write_text(block, "utf-8")
        assert config.load() != config.Settings.model_construct()


@_PAGES
def test_make_targets_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z0-9]+)", path.read_text("utf-8"), re.MULTILINE)) <= targets


def test_the_architecture_has_a_row_for_each_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = text.partition("## The rooms")[2].partition("## Where is it?")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", rooms, re.MULTILINE)) == ROOMS


def test_the_architecture_names_modules_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## Where is it?")[2]
    for line in text.splitlines():
        row = re.match(r"\| [^|]+ \| `([\w/]+)` \|", line)
        room = row[1] if row else ""
        for name in re.findall(r"`([\w/]+\.py)`", line):
            assert (ROOT / "pipeline" / name).exists() or (ROOT / "pipeline" / room / name).exists(), name


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_sample_entry_is_canonical_and_was_judged_true(name: str) -> None:
    page = (ROOT / name).read_text("utf-8")
    assert len(page.encode()) <= 7_000
    entry = re.findall(r"^```markdown\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0]
    digest = f"## Daily Papers (2024-04-03)\n\n{entry}\n"
    assert layouts.render(layouts.parse(digest).digest) == digest
    answers = map(json.loads, (ROOT / "tests/eval/honest.jsonl").read_text("utf-8").splitlines())
    [judged] = [each for each in answers if each["id"] == "2404.01744" and each["layout"] == "sections"]
    for claim in judged["claims"]:
        assert claim["verdict"] == "true"
        assert claim["text"] in entry or claim["section"] == "headline"


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _commands(text: str) -> Iterator[list[str]]:
    """Yield the words after `pipeline` of every command in a block of shell commands."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            starts = [at for at, word in enumerate(words) if word == "pipeline" or word.endswith("/pipeline")]
            yield from (words[at + 1 :] for at in starts if at + 1 < len(words))
