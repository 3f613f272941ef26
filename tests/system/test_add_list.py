"""The list of papers that CONTRIBUTING.md adds works: its module, as it stands there, gives a night its papers."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from pipeline.sources.lists import LISTS, PaperList
from tests import ROOT
from tests.support.world import DAY, World


@pytest.fixture
def group(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, httpserver: HTTPServer
) -> Iterator[HTTPServer]:
    """The group's site, and a paper that arXiv knows."""
    section = (
        (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Add a list of papers")[2].partition("\n## ")[0]
    )
    [module] = re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    [line] = re.findall(r'`"group": PaperList\((.*?)\)`', section, re.DOTALL)
    assert line.split()[0] == '"pipeline.sources.reading_group",'
    (tmp_path / "reading_group.py").write_text(module, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    one = PaperList("reading_group", "a group like group:seoul", r"Reading group (\S+)", "[a-z]+")
    monkeypatch.setitem(LISTS, "group", one)
    monkeypatch.setenv("READING_GROUP_URL", httpserver.url_for(""))
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    yield httpserver
    sys.modules.pop("reading_group", None)


def test_a_night_prints_its_papers(world: World, group: HTTPServer) -> None:
    group.expect_request(f"/seoul/{DAY}.json").respond_with_json({"papers": ["2408.00001v1", "2408.00001"]})
    code, _, err = world.run("run", "--source", "group:seoul", "--date", DAY)
    assert code == 0, err
    found = world.record()
    assert found["listed"] == ["2408.00001"]
    assert found["evidence"]["source"] == "Reading group seoul"


def test_an_answer_that_is_no_list_leaves_the_day_for_later(world: World, group: HTTPServer) -> None:
    group.expect_request(f"/seoul/{DAY}.json").respond_with_json({"error": "gone"})
    code, _, err = world.run("run", "--source", "group:seoul", "--date", DAY)
    assert code == 4
    assert "is not a list of ids" in err


def test_a_wrong_name_is_told_how_it_is_done(world: World, group: HTTPServer) -> None:
    code, _, err = world.run("run", "--source", "group:")
    assert (code, group.log) == (2, [])
    assert "a group like group:seoul" in err
