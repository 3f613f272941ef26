"""The gate as a whole: what it says of one entry, of the golden entries, and of entries made from abstracts alone."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.core.models import Claim, Entry, Finding, Paper, Section, SourceText
from pipeline.core.rules import RULES
from pipeline.core.text import fold, sentences
from pipeline.fulltext.document import located
from pipeline.lang import termbase
from pipeline.lang.quantities import quantities
from pipeline.layouts import parse
from pipeline.verify import claims_of, gate, numbers, terms
from tests import ROOT
from tests.support.golden import synthetic_abstract

ABSTRACT = (
    "We present FooNet, a 34B language model that reads whole books. It is trained on 1.5 trillion tokens. "
    "On BookBench it is 4.6 percentage points better than GPT-4 and twice as fast."
)
GOOD = "FooNet은 책을 통째로 읽는 340억 매개변수 언어 모델입니다. BookBench에서 GPT-4보다 4.6%p 앞서고 두 배 빠릅니다."


def judge(*texts: str, title: str = "FooNet: Reading Whole Books", name: str = "What's New") -> tuple[Finding, ...]:
    paper = Paper(id="2401.00001", title=title, abstract=ABSTRACT, authors=("A. Author",))
    source = SourceText(paper_id=paper.id, sentences=tuple(located(ABSTRACT)))
    sections = tuple(Section(name=name, text=text) for text in texts)
    return gate(sections, claims_of(sections), "sections", paper, source)


def test_an_entry_that_keeps_to_its_paper_passes() -> None:
    assert judge(GOOD) == ()


@pytest.mark.parametrize(
    ("bad", "rule", "excerpt"),
    [
        ("매개변수는 34억입니다.", "numbers/magnitude", "34억"),
        ("BarNet보다 좋습니다.", "terms/unknown", "BarNet"),
        ("책을 읽는다.", "language/style", "책을 읽는다."),
        ("책을 読 읽습니다.", "language/script", "読"),
        ("책을 책을 책을 책을 읽습니다.", "language/repetition", "책을"),
        ("We read whole books with a model that is trained on tokens.", "language/copied", "We read whole books"),
        ("It is fast.", "language/copied", "It is fast."),
        ("It is trained on tokens and it is fast, 네.", "language/hangul", "It is trained"),
    ],
)
def test_each_fault_is_named_with_its_words_and_its_sentence(bad: str, rule: str, excerpt: str) -> None:
    found = [finding for finding in judge(GOOD, bad) if finding.rule == rule]
    assert found
    assert found[0].text.startswith(excerpt)
    assert found[0].paper_id == "2401.00001"
    assert found[0].sentence == 3
    assert excerpt in found[0].message


def test_a_wrong_magnitude_is_told_what_the_paper_has() -> None:
    assert "34B" in judge(GOOD, "매개변수는 34억 개입니다.")[0].message


def test_faults_of_the_whole_entry_are_named() -> None:
    assert [finding.rule for finding in judge("새로운 모델을 제안합니다.")] == ["identity/title"]
    twice = "FooNet은 책을 통째로 읽는 언어 모델입니다."
    assert [(one.rule, one.sentence) for one in judge(twice, twice)] == [("language/repetition", 2)]


def test_a_list_of_fields_is_no_sentence_and_not_the_papers() -> None:
    assert judge("자연어 처리, 기계 학습, 컴퓨터 비전(Vision)", name="관련분야", title="Data") == ()
    assert [one.rule for one in judge("計算 언어학", name="관련분야", title="Data")] == ["language/script"]


def test_everyday_words_need_not_share_a_term_with_what_they_cite() -> None:
    paper = Paper(id="2401.00001", title="FooNet: Reading Whole Books", abstract=ABSTRACT, authors=())
    source = SourceText(paper_id=paper.id, sentences=tuple(located(ABSTRACT)))
    text = "컴퓨터가 이야기를 처음부터 끝까지 살펴봅니다."
    rules = {}
    for name in ("요약", "쉬운설명"):
        found = gate((), (Claim(section=name, text=text, cites=(1,)),), "easy", paper, source)
        rules[name] = [one.rule for one in found if one.rule.startswith("citations/")]
    assert rules == {"요약": ["citations/unrelated"], "쉬운설명": []}


# --- the golden entries -----------------------------------------------------------------------------------------------


def golden_entries() -> Iterator[Entry]:
    for path in sorted((ROOT / "seeds" / "sections").glob("*.md")):
        yield from parse(path.read_bytes().decode()).digest.entries


def test_of_the_golden_entries_exactly_two_are_held_back() -> None:
    held: dict[str, set[str]] = {}
    for entry in golden_entries():
        abstract = synthetic_abstract(entry)
        paper = Paper(id=entry.paper_id, title=entry.title, abstract=abstract, authors=entry.authors)
        source = SourceText(paper_id=paper.id, sentences=tuple(located(fold(abstract))))
        if found := gate(entry.sections, claims_of(entry.sections), "sections", paper, source):
            held[entry.paper_id] = {finding.rule for finding in found}
    recorded = {name for name, rule in RULES.items() if rule.effect == "records"}
    assert {paper_id: found - recorded for paper_id, found in held.items() if found - recorded} == {
        "2406.08487": {"language/style"},
        "2410.03645": {"identity/title"},
    }
    assert held["2410.01999"] == {"filler/praise", "identity/other-paper"}  # recorded, holds nothing back


@pytest.mark.parametrize(
    ("section", "text", "rules"),
    [
        ("쉬운설명", "넓은 그물로 물건을 모으는 것과 비슷합니다.", []),  # everyday words
        ("요약", "넓은 그물로 물건을 모으는 것과 비슷합니다.", ["terms/misleading"]),
        ("headline", "책을 통째로 읽는 모델", []),
    ],
)
def test_everyday_words_and_a_headline_are_not_held_to_the_terms(section: str, text: str, rules: list[str]) -> None:
    abstract = "We refine the mesh of a garment. FooNet reads books."
    paper = Paper(id="2401.00001", title="FooNet: Meshes", abstract=abstract, authors=())
    source = SourceText(paper_id=paper.id, sentences=tuple(located(abstract)))
    found = gate((), (Claim(section=section, text=text, cites=(1,)),), "easy", paper, source, termbase.load())
    assert [one.rule for one in found if one.sentence and one.rule.startswith(("terms", "citations"))] == rules


def test_an_entry_of_another_paper_is_named() -> None:
    other = "양자 컴퓨터의 오류를 정정하는 새로운 부호를 제안합니다. 위성 영상으로 날씨를 예측합니다."
    (found,) = [one for one in judge(other) if one.rule == "identity/other-paper"]
    assert "FooNet: Reading Whole Books" in found.message
    assert (found.severity, found.sentence) == ("warning", None)


# --- entries that were made from abstracts alone ----------------------------------------------------------------------


class Made(NamedTuple):
    """A printed entry and the text of its paper."""

    entry: Entry
    paper: Paper
    source: SourceText


@pytest.fixture(scope="module")
def made(test_data: Path) -> list[Made]:
    lines = (test_data / "recordings" / "abstracts.jsonl").read_text().splitlines()
    papers = {row["id"]: row for row in map(json.loads, lines)}
    found = []
    for path in sorted((test_data / "archive").glob("20*.md")):
        if path.stem < "2024-06-12":
            for entry in parse(path.read_bytes().decode()).digest.entries:
                if row := papers.get(entry.paper_id):
                    paper = Paper(id=entry.paper_id, title=row["title"], abstract=row["abstract"], authors=())
                    source = SourceText(paper_id=paper.id, sentences=tuple(located(fold(row["abstract"]))))
                    found.append(Made(entry, paper, source))
    assert len(found) == 184
    return found


def pairs(made: list[Made]) -> Iterator[tuple[str, str]]:
    """Each sentence with its paper's text."""
    for entry, paper, _ in made:
        for section in entry.sections:
            for sentence in sentences(section.text):
                yield sentence, f"{paper.title}\n{paper.abstract}"


def test_figures_and_names_of_real_entries_are_rarely_doubted(made: list[Made]) -> None:
    """Bounds just over what was measured and read: nearly all of it is in abstracts that a later version changed."""
    figures = sum(not quantity.loose for sentence, _ in pairs(made) for quantity in quantities(sentence))
    unproved = [found for sentence, text in pairs(made) for found in numbers.unsupported(sentence, text)]
    assert figures > 350
    assert len(unproved) <= 24
    doubted = [sentence for sentence, text in pairs(made) if terms.unsupported(sentence, text)]
    assert len(doubted) <= 36


def test_a_magnitude_changed_on_purpose_is_found(made: list[Made]) -> None:
    planted = found = 0
    for sentence, text in pairs(made):
        for old, new in (("만", "억"), ("억", "만"), ("%", "%p"), ("배", "%")):
            changed = re.sub(rf"(?<=\d){old}(?!p)", new, sentence, count=1)
            if changed != sentence and not numbers.unsupported(sentence, text):
                planted += 1
                found += bool(numbers.unsupported(changed, text))
    assert planted > 70
    assert found / planted > 0.98
