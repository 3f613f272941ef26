"""Measures verification: false alarms as sorted by hand, planted errors found, papers told apart.

Shares come with sample sizes and 95 % Wilson intervals. Needs TEST_DATA, which names the folder of recorded data.
"""

import csv
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from pipeline.core.models import Claim, Entry, Paper, Section, SourceSentence, SourceText
from pipeline.core.text import sentences
from pipeline.lang import termbase
from pipeline.verify import gate, identity, numbers
from pipeline.verify.alignment import align
from pipeline.verify.paper import PaperText
from tests.eval.cases import Case, archive_cases, archive_entries, generated_cases, golden_entries, said
from tests.eval.planting import KINDS, OF_FIGURES, Kind

SORTED = Path(__file__).with_name("flags.tsv")
Verdict = Literal["digest", "version", "ours"]  # an error of the digest, another version of the abstract, our mistake
ENOUGH = 300
OF_ANOTHER_PAPER = frozenset({"2410.03645"})  # the golden entry that describes something else than its paper
_SEED = 7


class Flag(NamedTuple):
    """A finding on the `sentence`th sentence of a paper's entry and how it was sorted."""

    paper_id: str
    sentence: int
    rule: str
    verdict: str


class Share(NamedTuple):
    """So many of so many."""

    found: int
    of: int

    def __str__(self) -> str:
        low, high = wilson(self.found, self.of)
        share = self.found / self.of if self.of else 0.0
        return f"{self.found:5} of {self.of:5}  {share:6.1%}  ({low:.1%} to {high:.1%})"


def wilson(found: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson's score; 0 to 1 where nothing was counted."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, found / of
    centre, spread = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (centre - spread) / (1 + z * z / of)), min(1.0, (centre + spread) / (1 + z * z / of))


def main() -> int:
    """Print the tables; 1 where a flag is not sorted yet."""
    archive = archive_cases()
    unsorted = print_false_alarms(archive)
    print_planted(archive)
    print_right_paper()
    print_speed()
    return 1 if unsorted else 0


# --- 1. false alarms --------------------------------------------------------------------------------------------------


def print_false_alarms(cases: list[Case]) -> int:
    """Print how much of the archive is flagged, by verdict; return the number of flags that nobody has sorted."""
    verdicts = {(flag.paper_id, flag.sentence, flag.rule): flag.verdict for flag in read_sorted()}
    flags = [(case, one.rule) for case in cases for one in case.findings()]
    figures = sum(len(numbers.wanted(case.korean)) for case in cases)
    print("1. Flagged in the archive's entries made from abstracts alone, as read and sorted by hand\n")
    for verdict in ("digest", "version", "ours", None):
        of_verdict = [
            (case, rule) for case, rule in flags if verdicts.get((case.paper_id, case.number, rule)) == verdict
        ]
        quantities = sum(rule.startswith("numbers/") for _, rule in of_verdict)
        sentences = len({(case.paper_id, case.number) for case, _ in of_verdict})
        shares = f"quantities {Share(quantities, figures)}   sentences {Share(sentences, len(cases))}"
        print(f"  {verdict or 'not sorted':12} {shares}")
    unsorted = [(case, rule) for case, rule in flags if (case.paper_id, case.number, rule) not in verdicts]
    for case, rule in unsorted:
        print(f"  to be sorted: {case.paper_id} {case.number} {rule}")
    return len(unsorted)


def read_sorted() -> Iterator[Flag]:
    """The flags as sorted by hand: paper id, sentence number from 1, rule, verdict, and the reason in our words."""
    with SORTED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield Flag(row["paper"], int(row["sentence"]), row["rule"], row["verdict"])


# --- 2. planted errors ------------------------------------------------------------------------------------------------


def print_planted(archive: list[Case]) -> None:
    """Print how many errors of each kind are found, in recorded sentences that pass and in generated ones."""
    print("\n2. Planted errors found\n")
    recorded = _passing("recorded", archive)
    few = [kind for kind, share in _print_shares(KINDS, recorded).items() if share.of < ENOUGH]
    _print_shares(few, _passing("generated", generated_cases(400)))


def _passing(name: str, cases: list[Case]) -> list[Case]:
    passing = [case for case in cases if case.cites and not case.findings()]
    print(f"  {name}: {len(passing)} of {len(cases)} sentences pass")
    return passing


def _print_shares(kinds: Iterable[Kind], cases: list[Case]) -> dict[Kind, Share]:
    shares = {kind: _print_share(kind, cases) for kind in kinds}
    of_figures = [share for kind, share in shares.items() if kind in OF_FIGURES]
    together = Share(sum(share.found for share in of_figures), sum(share.of for share in of_figures))
    print(f"    {'figures and units together':30}{together}")
    return shares


def _print_share(kind: Kind, cases: list[Case]) -> Share:
    share = planted(kind, cases)
    missed = "" if share.of and share.found / share.of >= kind.least else f"  below {kind.least:.0%}"
    print(f"    {kind.name:30}{share}{missed}{'' if share.of >= ENOUGH else '  fewer than 300'}")
    return share


def planted(kind: Kind, cases: list[Case]) -> Share:
    """The share of one kind's errors that are found, over all the cases that have a place for it."""
    chance = random.Random(_SEED)
    wrong = [changed for case in cases if (changed := kind.plant(case, chance, cases)) and changed != case]
    return Share(sum(bool(case.findings()) for case in wrong), len(wrong))


# --- 3. the right paper -----------------------------------------------------------------------------------------------


def print_right_paper() -> None:
    """Print how many true pairs of entry and paper are refused, and how many false ones are told apart."""
    print("\n3. Entries and papers\n")
    for name, pairs in (("golden", golden_entries()), ("archive", archive_entries())):
        true = [(entry, paper) for entry, paper in pairs if entry.paper_id not in OF_ANOTHER_PAPER]
        refused = [entry.paper_id for entry, paper in true if not identity.is_about(said(entry), paper)]
        print(f"  {name:10}true pairs refused  {Share(len(refused), len(true))}   {' '.join(refused)}")
        print(f"  {'':10}false pairs apart   {told_apart(pairs)}")
        wrong = [(entry, paper) for entry, paper in pairs if entry.paper_id in OF_ANOTHER_PAPER]
        if wrong:
            caught = sum(not identity.is_about(said(entry), paper) for entry, paper in wrong)
            print(f"  {'':10}known to be of another paper, refused: {caught} of {len(wrong)}")


def told_apart(pairs: list[tuple[Entry, PaperText]]) -> Share:
    """The share of false pairs that are refused; of more than a hundred entries each gets ten other papers."""
    chance = random.Random(_SEED)
    apart: Counter[bool] = Counter()
    for entry, own in pairs:
        others = [paper for _, paper in pairs if paper.title != own.title]
        for paper in others if len(pairs) <= 100 else chance.sample(others, 10):
            apart[not identity.is_about(said(entry), paper)] += 1
    return Share(apart[True], apart.total())


# --- 4. speed ---------------------------------------------------------------------------------------------------------


def print_speed() -> None:
    """The CPU time of one paper as a night has it: the gate over claims that cite their sentences."""
    print("\n4. CPU time a paper\n")
    pairs = archive_entries()
    print(f"  against an abstract      {cpu(pairs):6.2f} ms   (limit 4)")
    print(f"  against 6,000 tokens     {cpu(lengthened(pairs[:40])):6.2f} ms   (limit 10)")


def lengthened(pairs: list[tuple[Entry, PaperText]]) -> list[tuple[Entry, PaperText]]:
    """The pairs with other papers' sentences behind their own, up to some 6,000 tokens."""
    others = [sentence for _, paper in pairs for sentence in paper.sentences]
    return [
        (
            entry,
            PaperText(paper.title, [*paper.sentences, *until(others[place * 7 :] + others, 24_000)], paper.termbase),
        )
        for place, (entry, paper) in enumerate(pairs)
    ]


def until(texts: Iterable[str], characters: int) -> Iterator[str]:
    """The first texts, up to a length in all."""
    for text in texts:
        characters -= len(text)
        if characters < 0:
            return
        yield text


def cpu(pairs: list[tuple[Entry, PaperText]]) -> float:
    """Milliseconds of CPU for a pair, on the average."""
    papers = [asked(entry, paper) for entry, paper in pairs]
    started = time.process_time()
    for sections, claims, paper, source in papers:
        gate(sections, claims, "easy", paper, source, termbase.load())
    return 1000 * (time.process_time() - started) / len(papers)


def asked(entry: Entry, known: PaperText) -> tuple[tuple[Section, ...], tuple[Claim, ...], Paper, SourceText]:
    """Return the claims of an entry for the gate: each sentence cites what it is nearest to."""
    texts = sentences(said(entry))
    claims = tuple(
        Claim(section="요약", text=text, cites=tuple(cites))
        for text, cites in zip(texts, align(texts, known), strict=True)
    )
    source = SourceText(paper_id=entry.paper_id, sentences=tuple(SourceSentence(text=one) for one in known.sentences))
    paper = Paper(id=entry.paper_id, title=known.title, abstract=" ".join(known.sentences[:8]), authors=())
    return (Section(name="요약", text=said(entry)),), claims, paper, source


if __name__ == "__main__":
    sys.exit(main())
