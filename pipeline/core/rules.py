"""The table of every rule that a finding can name, `rules.tsv`: its id, severity, effect and meaning.

Says nothing about how a rule is tested; `layouts`, `verify` and `lint` do that.
"""

from pathlib import Path
from typing import Literal, NamedTuple, cast

from pipeline.core.models import Finding, Severity

# What a breach in an answer does: its sentence is never printed; the writer is asked once whether it is so; nothing.
Effect = Literal["blocks", "asks", "records"]


class Rule(NamedTuple):
    """A rule: how bad a breach is in a file, its meaning (for docs/rules.md), and the effect of a breach in an answer.

    `effect` is None for what no answer can break. Warnings never block, and only warnings are merely recorded.
    """

    severity: Severity
    meaning: str
    effect: Effect | None = None


_ROWS = Path(__file__).with_name("rules.tsv").read_text("utf-8").splitlines()[1:]
RULES = {
    name: Rule(cast(Severity, severity), meaning, cast(Effect, effect) if effect else None)
    for name, severity, effect, meaning in (row.split("\t") for row in _ROWS)
}


def finding(
    rule: str,
    message: str,
    *,
    line: int = 1,
    column: int = 1,
    text: str = "",
    paper_id: str | None = None,
    sentence: int | None = None,
) -> Finding:
    """Return a finding of a rule in the table, with the table's severity; KeyError for an unknown rule."""
    return Finding(
        rule=rule,
        severity=RULES[rule].severity,
        message=message,
        line=line,
        column=column,
        text=text,
        paper_id=paper_id,
        sentence=sentence,
    )
