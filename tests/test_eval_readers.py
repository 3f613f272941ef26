"""The measurements of `make eval` themselves: fake second readers, the schema that bounds a weak model, readings."""

import csv

import jsonschema
import pytest

from pipeline.engines.live import Job
from pipeline.layouts import LAYOUTS
from pipeline.models import Paper
from tests.eval import readings, second_reader, unreliable
from tests.eval.cases import generated_cases
from tests.eval.second_reader import READERS, Draft


@pytest.fixture(scope="module")
def known() -> list[Draft]:
    found = list(second_reader.drafts(generated_cases(20)))
    assert len(found) == 20
    return found


# What each reader is worth: do its answers count, are wrong sentences caught, are right ones lost; all or none.
WORTH = {
    "answers well": (True, True, False),
    "always yes": (False, False, False),
    "always no": (True, True, True),
    "turned round": (False, False, False),
    "a verdict short": (False, False, False),
    "numbers from 0": (False, False, False),
    "broken JSON": (False, False, False),
    "verdicts of its own": (False, False, False),
}


@pytest.mark.parametrize("reader", [one for one in READERS if one.name in WORTH], ids=lambda one: one.name)
def test_a_reader_counts_only_if_it_objects_to_what_is_wrong(reader: second_reader.Reader, known: list[Draft]) -> None:
    result = second_reader.read(reader, known)
    assert tuple(share.found == share.of for share in result) == WORTH[reader.name]
    assert all(share.found in (0, share.of) for share in result)


def test_the_bounded_schema_takes_short_korean_answers_of_its_layout_only() -> None:
    paper = Paper(id="2401.00001", title="TileNet", abstract="We propose TileNet. It is fast.", authors=())
    schema = unreliable.question(Job(unreliable.LAYOUT, paper), bounded=True).request.answer_schema
    good = {"text": "이 논문은 이미지를 편집하는 방법을 제안합니다.", "cites": [1, 2]}
    parts = LAYOUTS["sections"].Answer.model_fields
    sections = {name: good if name == "headline" else [good] for name in parts}
    jsonschema.validate({"answer": sections}, schema)
    for bad in (
        {"text": "We edit.", "cites": [1]},
        good | {"cites": [3]},
        good | {"cites": []},
        good | {"cites": [1] * 3},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"answer": sections | {"whats_new": [bad]}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"answer": {"bullets": [good]}}, schema)


def test_each_reading_has_a_verdict_and_none_that_was_let_through_is_false() -> None:
    with readings.READ.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert all(len(row) == 4 for row in rows)
    known = list(readings.readings())
    assert len(dict(known)) == len(known)
    assert {verdict for _, verdict in known} <= {"right", "wrong"}
