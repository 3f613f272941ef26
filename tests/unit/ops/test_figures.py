"""The figures of days: every cause, finding, price and token from records."""

import pytest

from pipeline.archive.catalog import Day
from pipeline.archive.record import DuplicateRecord, FailedRecord, HeldBackRecord, WithdrawnRecord
from pipeline.core.models import Usage
from pipeline.core.rules import finding
from pipeline.ops import figures
from tests.support.days import TODAY, article, at, day, entry, record


def held(paper_id: str, reason: str = "", *rules: str, **other: object) -> HeldBackRecord:
    findings = tuple(finding(rule, "wrong") for rule in rules)
    facts = {"id": paper_id, "title": "A", "reason": reason, "findings": findings, "nights": (TODAY,)}
    return HeldBackRecord.model_validate({**facts, **other})


def full_day() -> Day:
    """Two printed papers, one of them with a warning, two held back, one failed, one duplicate, one withdrawn."""
    doubtful = record("2", findings=(finding("numbers/elsewhere", "look"),), usd=0.03)
    return day(
        [article(entry("1"), record("1")), article(entry("2"), doubtful)],
        entries=(record("1"), doubtful),
        held_back=(
            held("3", "", "numbers/unknown", "terms/unknown", attempts=2, usage=Usage(input=700, output=100), usd=0.02),
            held("4", "budget: no more"),
        ),
        failed=(FailedRecord(id="5", title="E", reason="timeout"),),
        duplicates=(DuplicateRecord(id="6", printed_on=TODAY),),
        withdrawn=(WithdrawnRecord(id="7", title="G", reason="wrong", at=at()),),
    )


def test_a_day_accounts_for_every_paper() -> None:
    found = figures.of_days([full_day()])
    assert found.held_back == {"numbers": 1, "budget": 1, "withdrawn": 1}
    assert found.findings == {"numbers/elsewhere": 1, "numbers/unknown": 1, "terms/unknown": 1}
    assert found.tokens_per_paper == pytest.approx(3200 / 3)
    assert found.usd_per_paper == pytest.approx(0.06 / 3)


@pytest.mark.parametrize(
    ("one", "cause"),
    [
        (held("1", "", "language/style"), "language"),
        (held("1", "reader/not-found: the sentence"), "reader"),
        (held("1", "budget: 3 dollars"), "budget"),
        (held("1", "refusal: no", attempts=1), "answer"),
        (held("1", "not the schema: x: y", attempts=3), "answer"),
        (held("1", "the paper has no abstract"), "source"),
        (held("1", "<script>"), "source"),
    ],
)
def test_a_reason_has_a_family(one: HeldBackRecord, cause: str) -> None:
    assert figures.of_days([day(held_back=(one,))]).held_back == {cause: 1}


def test_a_paper_without_a_price_counts_for_no_price() -> None:
    found = figures.of_days([day(entries=(record("2", usd=None),), held_back=(held("1", "x"),))])
    assert (found.usd_per_paper, found.tokens_per_paper) == (None, 1200)


def test_an_imported_day_has_no_figures() -> None:
    assert figures.of_days([day([article(entry())])]) == figures.RecordFigures({}, {}, None, None)
