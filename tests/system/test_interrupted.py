"""A backfill that is killed five times and finished equals an undisturbed one, by each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import interrupted
from tests.support.fake_batches import FakeBatches
from tests.support.fakes import FakeSources


@pytest.fixture
def service() -> Iterator[FakeBatches]:
    with FakeBatches(interrupted.answer) as server:
        yield server


@pytest.mark.parametrize(("engine", "seed"), [("local", 1), ("batch", 2)])
def test_a_backfill_killed_five_times_equals_an_undisturbed_one(
    tmp_path: Path, fake_sources: FakeSources, service: FakeBatches, engine: str, seed: int
) -> None:
    interrupted.thirty_days(fake_sources)
    quiet = interrupted.house(tmp_path / "quiet", fake_sources, service)
    assert quiet.run(*interrupted.command("local")).code == 3  # one paper is always held back
    before = len(fake_sources.asked) + len(service.asked)
    rough = interrupted.house(tmp_path / "rough", fake_sources, service)
    codes = interrupted.killed(rough, engine, before, seed)
    assert (codes.count(-9), codes[-1]) == (interrupted.KILLS, 3)
    assert interrupted.files(rough) == interrupted.files(quiet)
    assert len(interrupted.files(rough)) > 40
    assert all(map(interrupted.sound, (path.read_text("utf-8") for path in rough.output.rglob("*.json"))))
    # The paper that is never summarised is asked the same thing again after the same bad answer.
    assert interrupted.answered_twice(rough) == ["2408.12000"]
