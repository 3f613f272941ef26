"""Errors planted into sentences that are right must be found, and the flags of the archive be those sorted by hand."""

import random
from pathlib import Path

import pytest

from tests.eval import verification
from tests.eval.cases import Case, archive_cases, generated_cases, golden_entries
from tests.eval.planting import KINDS, Kind

# Generated papers are all of one pattern, so that another's sentence, and a name beside another, say little here.
OF_REAL_PAPERS = {"sentence of another paper", "name for another of the text"}


@pytest.fixture(scope="module")
def right() -> list[Case]:
    cases = generated_cases(40)
    passing = [case for case in cases if not case.findings()]
    assert len(passing) >= 0.99 * len(cases)
    return passing


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.name not in OF_REAL_PAPERS], ids=lambda kind: kind.name
)
def test_planted_errors_are_found(kind: Kind, right: list[Case]) -> None:
    share = verification.planted(kind, right)
    assert share.of >= 30
    assert share.found / share.of >= kind.least - 0.02  # what few samples allow; `make eval` has many


def test_flags_of_the_archive_are_sorted_and_ours_are_few(test_data: Path) -> None:
    cases = archive_cases()
    verdicts = {(flag.paper_id, flag.sentence, flag.rule): flag.verdict for flag in verification.read_sorted()}
    flags = {(case.paper_id, case.number, one.rule) for case in cases for one in case.findings()}
    assert flags <= verdicts.keys()
    assert set(verdicts.values()) <= {"digest", "version", "ours"}
    ours = {flag[:2] for flag in flags if verdicts[flag] == "ours"}
    assert len(ours) <= 0.02 * len(cases)


def test_golden_entries_are_told_from_other_papers(test_data: Path) -> None:
    pairs = golden_entries()
    share = verification.told_apart(random.Random(1).sample(pairs, 20))
    assert share.found / share.of > 0.98


def test_an_interval_holds_its_share() -> None:
    assert verification.wilson(0, 0) == (0.0, 1.0)
    assert verification.wilson(50, 100) == pytest.approx((0.404, 0.596), abs=1e-3)
    assert verification.wilson(300, 300)[0] == pytest.approx(0.987, abs=1e-3)
