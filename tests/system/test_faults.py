"""The quick part of `make faults`, case by case; the whole matrix takes minutes."""

import pytest

from tests.faults.case import Case, Result, examine
from tests.faults.matrix import CASES

QUICK = [case for case in CASES if case.quick]


@pytest.mark.parametrize("case", QUICK, ids=[case.name for case in QUICK])
def test_a_night_and_the_one_after_it(case: Case) -> None:
    result = examine(case)
    if result.skipped:
        pytest.skip(result.skipped)
    assert result.well, result.line()


def test_there_are_enough_cases_and_no_name_twice() -> None:
    names = [case.name for case in CASES]
    assert len(names) >= 60
    assert len({*names}) == len(names)


def test_a_result_that_is_not_well_fails() -> None:
    assert Result("a").well
    for wrong in (
        Result("a", lost=1),
        Result("a", corrupted=1),
        Result("a", paid_twice=1),
        Result("a", problems=["b"]),
    ):
        assert not wrong.well
