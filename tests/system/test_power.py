"""Power loss at every operation of a short night; `make faults` does longer ones."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.power import Operation, State, enumerate_night, say, states
from tests.support.fake_model import FakeModel
from tests.support.fakes import FakeSources
from tests.support.installation import Installation

EMPTY = State(frozenset({"."}), frozenset(), None)


@pytest.fixture
def house(fake_sources: FakeSources, tmp_path: Path) -> Iterator[Installation]:
    with FakeModel(say) as model:
        yield Installation(tmp_path / "house", fake_sources, model, dt.datetime(2026, 3, 2, 20, tzinfo=dt.UTC))


def test_the_next_night_makes_good_whatever_a_power_loss_left(house: Installation) -> None:
    house.folder.mkdir()
    house.sources.add("2026-03-02", "2603.00001", title="Net1: A Paper", votes=2)
    house.sources.add("2026-03-02", "2603.00002", title="Hopeless: A Paper", votes=1)
    result = enumerate_night(house)
    assert result.failures == []
    assert result.operations > 20
    assert result.states > 20


def test_what_was_synced_is_certain_and_the_rest_is_not() -> None:
    write = [Operation("create", "a"), Operation("write", "a", data=b"1234"), Operation("sync", "a")]
    rename = [Operation("rename", "a", "b")]
    assert names(write) == {(), ("a",)}
    assert names([*write, *rename]) == {(), ("a",), ("b",)}
    certain = list(states(EMPTY, [*write, *rename, Operation("sync", ".")]))
    assert len(certain) == len(set(certain)) > 4


def test_a_file_that_was_not_synced_may_be_empty_or_half() -> None:
    operations = [Operation("create", "a"), Operation("write", "a", data=b"1234"), Operation("rename", "a", "b")]
    files = {file for state in states(EMPTY, operations) for file in state.files}
    assert {("b", b""), ("b", b"12"), ("b", b"1234")} <= files


def test_what_is_in_a_folder_that_was_lost_is_lost() -> None:
    inside = [Operation("create", "d/a"), Operation("sync", "d/a"), Operation("sync", "d")]
    assert names([Operation("mkdir", "d"), *inside]) == {(), ("d/a",)}
    assert names([Operation("mkdir", "d"), Operation("sync", "."), *inside]) == {(), ("d/a",)}


def names(operations: list[Operation]) -> set[tuple[str, ...]]:
    return {tuple(path for path, _ in state.files) for state in states(EMPTY, operations)}
