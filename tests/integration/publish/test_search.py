"""The search index: which years are made anew, what becomes of old files, what is said when Pagefind fails.

Whether searching finds anything is asked in the browser, in tests/system/browser.
"""

import datetime as dt
import json
import stat
from collections import Counter
from pathlib import Path

import pytest

from pipeline.publish.site import search
from pipeline.publish.site.build import build
from pipeline.publish.site.paths import Site
from pipeline.publish.site.search import Pagefind
from tests.support import synthetic
from tests.support.world import World

SITE = Site("오늘의 논문", "")


def pagefind() -> Pagefind:
    found = search.installed()
    assert found, "the extra dev has Pagefind"
    return found


def other(folder: Path, script: str) -> Pagefind:
    """A program in Pagefind's place."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return Pagefind(path, "0")


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Two years with a day of two papers each."""
    output = tmp_path / "output"
    synthetic.write_day(output, dt.date(2023, 12, 29), range(2))
    synthetic.write_day(output, dt.date(2024, 1, 2), range(2, 4))
    return output


def indexes(output: Path) -> dict[str, tuple[int, int]]:
    """Of each year the papers in its index and when it was written."""
    entries = (output / "site" / "pagefind").glob("*/pagefind-entry.json")
    return {
        path.parent.name: (json.loads(path.read_bytes())["languages"]["ko"]["page_count"], path.stat().st_mtime_ns)
        for path in entries
    }


def kinds(output: Path) -> Counter[str]:
    """How many files of each kind the indexes have."""
    return Counter(path.suffix for path in (output / "site" / "pagefind").rglob("*") if path.is_file())


def test_each_year_has_an_index_and_only_the_changed_one_is_made_again(output: Path) -> None:
    build(output, SITE, pagefind=pagefind())
    before = indexes(output)
    assert {year: papers for year, (papers, _) in before.items()} == {"2023": 2, "2024": 2}
    synthetic.write_day(output, dt.date(2024, 1, 3), range(4, 7))
    build(output, SITE, pagefind=pagefind())
    after = indexes(output)
    assert after["2024"][0] == 5
    assert after["2023"] == before["2023"]


def test_an_index_has_no_file_that_it_does_not_need(output: Path, tmp_path: Path) -> None:
    build(output, SITE, pagefind=pagefind())
    synthetic.write_day(output, dt.date(2024, 1, 3), range(4, 7))
    build(output, SITE, pagefind=pagefind())
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "easy").symlink_to(output / "easy")
    build(fresh, SITE, pagefind=pagefind())
    assert kinds(output) == kinds(fresh)
    assert kinds(fresh) == {
        ".js": 4,  # and no interface of Pagefind's own
        ".json": 2,
        ".pagefind": 2,
        ".pf_filter": 4,
        ".pf_fragment": 7,
        ".pf_index": 2,
        ".pf_meta": 2,
    }


def test_without_pagefind_the_old_indexes_go_and_the_search_page_says_so(output: Path) -> None:
    build(output, SITE, pagefind=pagefind())
    built = build(output, SITE)
    assert not built.searchable
    assert not (output / "site" / "pagefind").exists()
    page = (output / "site" / "search" / "index.html").read_text("utf-8")
    assert "검색 색인 없이 만들어졌습니다" in page and "paper-digest-pipeline[site]" in page


def test_the_command_says_that_search_is_left_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    synthetic.write(world.output, days=1, papers=2)
    monkeypatch.setitem(__import__("sys").modules, "pagefind_bin", None)
    code, _, err = world.run("site", "build")
    assert code == 0
    assert 'pip install "paper-digest-pipeline[site]"' in err


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'memory allocation failed' >&2; exit 134", "it ended with 134: memory allocation failed."),
        ("exit 0", "it ended with 0: without a word."),
    ],
)
def test_a_failure_is_one_sentence_and_the_old_index_stays(
    output: Path, tmp_path: Path, script: str, said: str
) -> None:
    build(output, SITE, pagefind=pagefind())
    before = indexes(output)
    built = build(output, SITE, pagefind=other(tmp_path, script))
    assert built.problems == tuple(
        f"Papers of {year} cannot be searched as they are now; Pagefind failed: {said}" for year in (2024, 2023)
    )
    assert indexes(output) == before
    assert build(output, SITE, pagefind=pagefind()).problems == ()


def test_a_program_that_cannot_be_run_is_named(output: Path, tmp_path: Path) -> None:
    built = build(output, SITE, pagefind=Pagefind(tmp_path / "nothing", "0"))
    assert "nothing cannot be run: No such file or directory." in built.problems[0]
    assert "검색 색인이 아직 없습니다" in (output / "site/search/index.html").read_text("utf-8")


def test_memory_is_bounded(output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MEMORY", 60_000_000)
    built = build(output, SITE, pagefind=pagefind())
    assert len(built.problems) == 2 and "Pagefind failed: it ended with" in built.problems[0]


def test_a_program_that_does_not_end_is_ended(output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SECONDS", 0.2)
    built = build(output, SITE, pagefind=other(tmp_path, "exec sleep 60"))
    assert "it was not done after 0.2 seconds" in built.problems[0]
