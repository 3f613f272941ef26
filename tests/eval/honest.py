"""Counts what the rules object to in a strong model's judged answers: `python -m tests.eval.honest`.

`honest.jsonl` has the model's first answers about recorded papers, in all three layouts, a line each: the paper's id,
the layout, and the sentences with what they cite and the verdict of readers who did not know who wrote them (`true`,
`minor` for a slip that a reader survives, `false`). The rules were tuned on these answers. Needs TEST_DATA.
"""

import json
import os
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from pipeline.core.models import HEADLINE, Claim, Finding, Frozen, LayoutName, Paper, Section
from pipeline.core.rules import RULES
from pipeline.core.text import plain
from pipeline.fulltext.document import from_abstract
from pipeline.lang import termbase
from pipeline.verify import gate
from tests.eval.verification import Share

ANSWERS = Path(__file__).with_name("honest.jsonl")


class Judged(Claim):
    """A sentence and whether it is true to its paper."""

    verdict: Literal["true", "minor", "false"]


class Honest(Frozen):
    """One answer."""

    id: str
    layout: LayoutName
    claims: tuple[Judged, ...]


def answers(path: Path = ANSWERS) -> Iterator[Honest]:
    """Yield the judged answers of a file, one a line."""
    for line in path.read_text("utf-8").splitlines():
        yield Honest.model_validate_json(line)


def objections(answer: Honest, recorded: dict[str, Any]) -> list[Finding]:
    """Return what the writer of an answer would be asked about."""
    paper = Paper(
        id=answer.id, title=plain(recorded["title"]), abstract=plain(recorded["abstract"]), authors=(), version=1
    )
    body = [claim for claim in answer.claims if claim.section != HEADLINE]
    texts = ((name, " ".join(one.text for one in group)) for name, group in groupby(body, key=lambda one: one.section))
    sections = tuple(Section(name=name, text=text) for name, text in texts)
    found = gate(sections, answer.claims, answer.layout, paper, from_abstract(paper), termbase.load())
    asked = [one for one in found if RULES[one.rule].effect in ("blocks", "asks")]
    return [one for one in asked if one.rule != "field/headline"]  # a line that is too long, whether true or not


def main() -> int:
    """Print the objections one by one, then their shares of the sentences and of the answers."""
    folder = os.environ.get("TEST_DATA")
    if not folder:
        print("TEST_DATA is not set: it names the folder with the recorded data.", file=sys.stderr)
        return 2
    rows = map(json.loads, (Path(folder) / "recordings" / "abstracts.jsonl").read_text("utf-8").splitlines())
    recorded = {row["id"]: row for row in rows}
    false_alarms = sentences = refused = count = 0
    for answer in answers():
        found = objections(answer, recorded[answer.id])
        wrong = {one.sentence for one in found if not one.sentence or answer.claims[one.sentence - 1].verdict == "true"}
        for one in found:
            verdict = answer.claims[one.sentence - 1].verdict if one.sentence else "whole"
            print(f"{answer.id} {answer.layout:8} {verdict:5} {one.rule}: {one.message[:160]}")
        false_alarms, sentences = false_alarms + len(wrong), sentences + len(answer.claims)
        refused, count = refused + bool(wrong), count + 1
    print(f"true sentences objected to {Share(false_alarms, sentences)}")
    print(f"answers with one           {Share(refused, count)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
