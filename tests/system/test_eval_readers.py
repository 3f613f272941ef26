"""The measurements of `make eval` themselves: fake second readers, the schema that bounds a weak model, readings."""

import csv
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pipeline.core.models import Paper
from pipeline.engines.base import Job
from pipeline.layouts import LAYOUTS
from tests.eval import reader as real
from tests.eval import readings, second_reader, unreliable
from tests.eval.cases import generated_cases
from tests.eval.second_reader import READERS, Draft
from tests.support.world import items_of, judged


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
    parts = LAYOUTS["sections"].answer_type.model_fields
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


HONEST: dict[str, Any] = {
    "id": "2401.00001",
    "layout": "bullets",
    "title": "TileNet: Drawing Maps",
    "sentences": ["TileNet draws maps with dropout.", "It is up to 9 times faster than GeoLM."],
    "claims": [
        {"section": "", "text": "TileNet은 드롭아웃으로 지도를 그립니다.", "cites": [1]},
        {"section": "", "text": "GeoLM보다 최대 9배 빠릅니다.", "cites": [2]},
    ],
}


def test_a_real_readers_answers_are_scored_by_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "honest.jsonl", tmp_path / "out"
    file.write_text(json.dumps(HONEST), "utf-8")
    assert real.main(["ask", str(file), str(out)]) == 0
    key = json.loads((out / "key.json").read_text("utf-8"))
    assert {one["planted"][0] for one in key} == {"figure", "hedge", "relation", "role", "term"}
    (out / "say").mkdir()
    true = {claim["text"] for claim in HONEST["claims"]}
    for number, one in enumerate(key):
        items = items_of(json.loads((out / "ask" / f"{one['name']}.json").read_text("utf-8")))
        verdicts = ["supported" if item in true or number == 1 else "contradicted" for item in items]
        verdicts[-1] = "unclear" if number == 0 else verdicts[-1]  # the true form of the first
        (out / "say" / f"{one['name']}.json").write_text("{}" if number == 2 else judged(verdicts), "utf-8")
    capsys.readouterr()
    assert real.main(["score", str(out)]) == 0
    said = capsys.readouterr().out
    count = len(key)
    assert f"answers not in the form          1 of {count:5}" in said
    assert f"  all                        {count - 2:5} of {count - 1:5}" in said
    assert f"  missed 0002 {key[1]['planted'][0]}: {key[1]['planted'][2]}" in said
    assert "  of sentences                   1 of     2   50.0%" in said  # the entry asked about once more counts once
    assert "  0001 unclear: " in said
