"""Measures what second readers of any quality are good for: `make eval`, or `python -m tests.eval.second_reader`.

Readers that answer well, badly or always the same get drafts with one planted error each, through `summarise`, with no
rule before them. Needs TEST_DATA. How well a real model reads is not measured: no real one is within reach here.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from pipeline.core.models import Answer, Claim, HeldBack, Paper, SourceSentence, SourceText, Summary
from pipeline.core.text import fold
from pipeline.layouts import LAYOUTS
from pipeline.layouts.answers import Envelope, entering
from pipeline.summarise.judge import plant
from pipeline.summarise.prompts import fenced, load, load_judge
from pipeline.summarise.steps import Rules, State, Step, advance, begin
from tests.eval.cases import Case, archive_cases, generated_cases
from tests.eval.planting import KINDS, OF_MEANING
from tests.eval.verification import Share
from tests.support.world import items_of, judged

GENERATED = 200  # papers
_SEED = 11
_OBJECTIONS = ("contradicted", "not_found", "term", "unclear")
# What a reader makes of each item, given whether it is true, and the form in which it says so.
Judge = Callable[[bool, random.Random], str]
Form = Callable[[list[str]], str]


class Draft(NamedTuple):
    """The sentences of one entry, of which one is wrong."""

    paper: Paper
    source: SourceText
    claims: list[tuple[str, tuple[int, ...]]]
    wrong: str


class Reader(NamedTuple):
    """A fake second reader."""

    name: str
    judge: Judge
    form: Form


class Result(NamedTuple):
    """The count of a reader's answers over all drafts."""

    counted: Share
    caught: Share
    lost: Share


def as_asked(verdicts: list[str]) -> str:
    """The verdicts in the form that is asked for."""
    return judged(verdicts)


def well(true: bool, _: random.Random) -> str:
    return "supported" if true else "contradicted"


def mostly_well(true: bool, chance: random.Random) -> str:
    return well(true if chance.random() < 0.9 else not true, chance)


def flipped(true: bool, chance: random.Random) -> str:
    return well(not true, chance)


def at_random(_: bool, chance: random.Random) -> str:
    return chance.choice(("supported", *_OBJECTIONS))


READERS = (
    Reader("answers well", well, as_asked),
    Reader("nine in ten right", mostly_well, as_asked),
    Reader("always yes", lambda *_: "supported", as_asked),
    Reader("always no", lambda *_: "contradicted", as_asked),
    Reader("at random", at_random, as_asked),
    Reader("turned round", flipped, as_asked),
    Reader("a verdict short", well, lambda verdicts: as_asked(verdicts[:-1])),
    Reader("numbers from 0", well, lambda verdicts: as_asked(verdicts).replace('"number": 1,', '"number": 0,')),
    Reader("broken JSON", well, lambda verdicts: as_asked(verdicts)[:-2]),
    Reader("verdicts of its own", well, lambda verdicts: as_asked(["true"] * len(verdicts))),
)


def drafts(cases: Iterable[Case]) -> Iterator[Draft]:
    """A draft for each paper that has two sentences or more, a planted error in one of them."""
    chance = random.Random(_SEED)
    passing = [case for case in cases if case.cites and not case.findings()]
    for paper_id, group in groupby(passing, key=lambda case: case.paper_id):
        own = list(group)
        if planted := _plant(own, chance, passing) if len(own) > 1 else None:
            place, wrong = planted
            texts = [wrong if at == place else case for at, case in enumerate(own)]
            source = tuple(SourceSentence(text=text) for text in own[0].paper.sentences)
            yield Draft(
                Paper(id=paper_id, title=own[0].paper.title, abstract="", authors=()),
                SourceText(paper_id=paper_id, sentences=source),
                [(fold(entering(case.korean)), case.cites) for case in texts],
                fold(entering(wrong.korean)),
            )


def _plant(own: list[Case], chance: random.Random, cases: list[Case]) -> tuple[int, Case] | None:
    """A sentence of a paper with an error of any kind that it has a place for."""
    kinds = (*KINDS, *OF_MEANING)
    for kind in chance.sample(kinds, len(kinds)):
        place = chance.randrange(len(own))
        wrong = kind.plant(own[place], chance, cases)
        if wrong and wrong.korean != own[place].korean:
            return place, wrong
    return None


def tested_by(draft: Draft) -> str:
    """The kind of the sentence that tests a reader of a draft; "none" where none can be falsified."""
    claims = [Claim(section="", text=text, cites=cites) for text, cites in draft.claims]
    planted = plant(claims, draft.source, draft.paper.title)
    return planted.kind if planted else "none"


def read(reader: Reader, all_drafts: Iterable[Draft]) -> Result:
    """Return whether a reader's answers count, and which sentences are printed."""
    chance = random.Random(_SEED)
    counted, caught, lost = [], [], []
    for draft in all_drafts:
        outcome = _settle(reader, draft, chance)
        rules = {one.rule for one in outcome.findings}
        printed = {claim.text for claim in outcome.claims} if isinstance(outcome, Summary) else set()
        counted.append("reader/unreliable" not in rules)
        caught.append(draft.wrong not in printed)
        lost += [text not in printed for text, _ in draft.claims if text != draft.wrong]
    return Result(*(Share(sum(found), len(found)) for found in (counted, caught, lost)))


def _settle(reader: Reader, draft: Draft, chance: random.Random) -> Summary | HeldBack:
    bullets = [{"text": text, "cites": cites} for text, cites in draft.claims]
    filled = LAYOUTS["bullets"].answer_type.model_validate({"bullets": bullets, "headline": None})
    rules = Rules(lambda *_: (), load, 1, load_judge())
    step: Step = advance(
        begin(draft.paper, draft.source, load("bullets")),
        Answer(content=Envelope(answer=filled).model_dump_json()),
        rules,
    )
    true = {fenced(text) for text, _ in draft.claims} - {fenced(draft.wrong)}
    while isinstance(step, State):
        body = {"messages": [message.model_dump() for message in step.request.messages]}
        verdicts = [reader.judge(item in true, chance) for item in items_of(body)]
        step = advance(step, Answer(content=reader.form(verdicts)), rules)
    return step


def main() -> int:
    """Print the table; 1 where a reader that says yes to everything counts once."""
    known = [*drafts(archive_cases()), *drafts(generated_cases(GENERATED))]
    print(f"\nFake second readers: {len(known)} drafts, one wrong sentence in each")
    print(f"falsified by the program to test them, by kind: {dict(Counter(map(tested_by, known)))}\n")
    yes = 0
    for reader in READERS:
        result = read(reader, known)
        yes += result.counted.found if reader.name == "always yes" else 0
        print(f"  {reader.name:20}counted      {result.counted}")
        print(f"  {'':20}wrong caught {result.caught}")
        print(f"  {'':20}right lost   {result.lost}")
    print(f"  always yes noticed: {Share(len(known) - yes, len(known))}")
    return 1 if yes else 0


if __name__ == "__main__":
    sys.exit(main())
