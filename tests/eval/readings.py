"""Records what a model offered, what got through, and how somebody read that against its abstract: `readings.tsv`.

A verdict is of one sentence of one paper; another sentence, however alike, is unread.
"""

import csv
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline.core.models import (
    HEADLINE,
    Answer,
    Claim,
    Finding,
    LayoutName,
    Outcome,
    Paper,
    Section,
    SourceText,
    Summary,
    Usage,
)
from pipeline.core.rules import RULES
from pipeline.lang import termbase
from pipeline.summarise.prompts import load
from pipeline.summarise.steps import Rules, State, Step, advance
from pipeline.verify import gate
from tests.eval.verification import Share

READ = Path(__file__).with_name("readings.tsv")
# The paper says so; it does not, or not so, its figures and names being right; a figure or a name is false.
Verdict = Literal["right", "wrong", "false"]


class Said(NamedTuple):
    """A Korean sentence about a paper."""

    paper_id: str
    sentence: str


def readings() -> Iterator[tuple[Said, str]]:
    """The sentences that were read, with their verdicts."""
    with READ.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Said(row["paper"], row["sentence"]), row["verdict"]


def print_read(sentences: Collection[Said]) -> int:
    """Print each sentence with its verdict, and how many there are of each; gives the number of unread and false."""
    known = dict(readings())
    verdicts = {said: known.get(said, "unread") for said in sorted(sentences)}
    for said, verdict in verdicts.items():
        print(f"    {verdict:7}{said.paper_id}  {said.sentence}")
    count = Counter(verdicts.values())
    print(f"  read: {count['right']} right / {count['false']} false in figures or names", end="")
    print(f" / {count['wrong']} wrong otherwise / {count['unread']} unread")
    return count["false"] + count["unread"]


class Tally:
    """Counts of what was asked, answered, offered and let through. A sentence that an answer repeats counts once."""

    def __init__(self, attempts: int) -> None:
        self.rules = Rules(self.verify, load, attempts)
        self.papers = self.printed = 0
        self.answers: Counter[str] = Counter()
        self.usage, self.seconds = Usage(), 0.0
        self.offered: set[Said] = set()
        self.through: set[Said] = set()
        self.entries: set[Said] = set()

    def verify(
        self,
        sections: tuple[Section, ...],
        claims: tuple[Claim, ...],
        layout: LayoutName,
        paper: Paper,
        source: SourceText,
    ) -> tuple[Finding, ...]:
        """The gate, which is told every sentence that the model offers."""
        found = gate(sections, claims, layout, paper, source, termbase.load())
        bad = {one.sentence for one in found if RULES[one.rule].effect != "records"}
        for number, claim in enumerate((claim for claim in claims if claim.section != HEADLINE), start=1):
            self.offered.add(Said(paper.id, claim.text))
            if number not in bad:
                self.through.add(Said(paper.id, claim.text))
        return found

    def advance(self, state: State, answer: Answer) -> Step:
        """Count an answer and return what follows from it."""
        before = len(self.offered)
        self.usage, self.seconds = self.usage + answer.usage, self.seconds + answer.seconds
        step = advance(state, answer, self.rules)
        self.answers[answer.problem or ("with new sentences" if len(self.offered) > before else "of no use")] += 1
        return step

    def done(self, outcome: Outcome) -> None:
        """Count what became of a paper."""
        self.papers += 1
        if isinstance(outcome, Summary):
            self.printed += 1
            self.entries |= {Said(outcome.paper_id, claim.text) for claim in outcome.claims}

    def print(self) -> int:
        """The shares, then every sentence that nothing was said against, as it was read; gives how many are amiss."""
        print(f"  answers {self.answers.total()}: {', '.join(f'{n} {kind}' for kind, n in self.answers.most_common())}")
        print(f"  {self.seconds / self.papers:.1f} s a paper, tokens in all: {self.usage}")
        print(f"  papers printed              {Share(self.printed, self.papers)}")
        print(f"  sentences let through       {Share(len(self.through), len(self.offered))}")
        print(f"  sentences printed           {Share(len(self.entries), len(self.offered))}")
        return print_read(self.through | self.entries)
