"""A paper of each recorded day, the whole way by the embedded writer; `make e2e` does the whole days."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.archive.record import omitted
from pipeline.lint.check import check_paths
from tests.eval.e2e import DAYS, digest
from tests.support.fakes import ReplaySources


@pytest.mark.skipif(not find_spec("xllamacpp"), reason="the extra `local` is not installed")
@pytest.mark.parametrize("day", DAYS)
def test_a_paper_of_a_recorded_day(day: str, replay: ReplaySources, tmp_path: Path) -> None:
    account = digest(day, replay, tmp_path, "--limit", "1")
    assert account["exit"] in (0, 3)
    assert account["listed"] == 1
    held = account["held_back"]
    assert isinstance(held, list)
    assert account["printed"] == 1 - len(held)
    assert account["failed"] == []
    assert check_paths([tmp_path], omitted) == []
