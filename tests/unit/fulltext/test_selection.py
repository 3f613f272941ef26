"""What of a paper is chosen within a budget: documents as tables, and properties for any document and budget."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.models import Paper
from pipeline.core.tokens import estimate
from pipeline.fulltext import latexml
from pipeline.fulltext.document import Block, Document, from_abstract, sentences_of
from pipeline.fulltext.selection import cost, select
from tests import CASES

METHOD = CASES / "fulltext" / "method.html"
LONG = " ".join(f"Plain sentence number {number} says little of it." for number in range(40))


def document(*blocks: Block) -> Document:
    return Document(paper_id="2401.00001", origin="html", blocks=blocks)


def under(title: str, text: str, **more: object) -> Block:
    return Block.model_validate({"text": text, "headings": (title,), "anchor": title, **more})


def chosen(found: Document, budget: int) -> list[str]:
    return [sentence.text for sentence in select(found, budget).sentences]


@pytest.fixture(scope="module")
def method() -> Document:
    blocks, notes = latexml.parse(METHOD.read_bytes(), "u")
    return Document(paper_id="2401.00001", origin="html", blocks=blocks, notes=notes)


def test_a_paper_within_the_budget_is_whole(method: Document) -> None:
    source = select(method)
    assert [sentence.text for sentence in source.sentences] == [
        sentence.text for found in sentences_of(method) for sentence in found
    ]
    assert source.cut == method.notes
    assert source.origin == "html"


def test_each_sentence_knows_its_section_its_anchor_and_its_place(method: Document) -> None:
    source = select(method)
    by_text = {sentence.text: sentence for sentence in source.sentences}
    row = by_text["HarborLM | 79.9 | 31 | 70.2 | 28"]
    assert (row.section, row.anchor) == ("4.2 Results", "S4.T1")
    assert all(method.text[one.start : one.end] == one.text for one in source.sentences)


def test_a_small_budget_still_answers_every_question(method: Document) -> None:
    source = select(method, 420)
    whole = " ".join(sentence.text for sentence in source.sentences)
    for answer in (
        "We present LanternNet",
        "We propose LanternNet",
        "40,000 steps",
        "1,200 logs",
        "84.5",
        "in English only",
    ):
        assert answer in whole
    assert "Each slot is replaced" not in whole
    assert any(line.startswith("section “2 Related Work”: all 2 sentences") for line in source.cut)
    assert any(re.fullmatch(r"section “1 Introduction”: \d of 12 sentences left out", line) for line in source.cut)


def test_the_abstract_is_whole_whatever_the_budget(method: Document) -> None:
    assert len(chosen(method, 1)) == 2


def test_the_last_to_come_are_other_peoples_work_and_appendices() -> None:
    paper = document(
        under("2 Related Work", LONG),
        under("3 Alpha", "Alpha has two parts."),
        under("A Results", LONG, appendix=True),
        under("5 Limitations", "Alpha fails at night."),
    )
    assert chosen(paper, 25) == ["Alpha has two parts.", "Alpha fails at night."]
    assert chosen(paper, 500)[0].startswith("Plain sentence number 0")


def test_an_appendix_is_read_only_where_the_body_is_short() -> None:
    appendix = under("A Proofs", "An appendix has a detail of 7 parts.", appendix=True)
    short = document(under("3 Alpha", "Alpha has two parts."), appendix)
    assert len(chosen(short, 500)) == 2
    long = document(under("3 Alpha", " ".join(f"Alpha has part {number}." for number in range(60))), appendix)
    assert len(chosen(long, 1000)) == 60


def test_of_a_large_table_the_caption_the_head_and_our_rows_stay() -> None:
    rows = [f"Baseline {number} | {number}.5 | {number}.25 | {number}.125" for number in range(100)]
    lines = ["Model | A | B | C", *rows, "Alpha (ours) | 99.5 | 98.5 | 97.5"]
    table = [under("4 Results", line, kind="table") for line in lines]
    paper = document(under("4 Results", "Table 1: Accuracy.", kind="caption"), *table)
    kept = chosen(paper, 710)
    assert kept[:3] == ["Table 1: Accuracy.", "Model | A | B | C", rows[0]]
    assert lines[-1] in kept


def test_a_row_of_a_table_is_one_sentence() -> None:
    assert chosen(document(under("4 Results", "Alpha v. 2. A | 3.5. B | 4", kind="table")), 100) == [
        "Alpha v. 2. A | 3.5. B | 4"
    ]


@pytest.mark.parametrize("title", ["5 한계", "5 局限", "Limitations and Future Work", "Broader Impact"])
def test_titles_are_known_in_the_languages_of_papers(title: str) -> None:
    paper = document(under("3 Alpha", LONG), under("2 관련 연구", LONG), under(title, "It fails."))
    assert "It fails." in chosen(paper, 100)


def test_the_innermost_title_that_says_something_counts() -> None:
    deep = Block(text="A corpus of 12 texts.", headings=("2 Background", "2.1 Data", "Alpha"))
    paper = document(deep, *[under("3 Alpha", f"Plain sentence {number} says little.") for number in range(40)])
    assert "A corpus of 12 texts." in chosen(paper, 150)


def test_an_abstract_alone_is_one_section() -> None:
    paper = Paper(id="2401.00001", title="A", abstract="We use 10⁵ words. It\nworks.", authors=())
    source = from_abstract(paper)
    assert [(one.text, one.section, one.start) for one in source.sentences] == [
        ("We use 10⁵ words.", "Abstract", 0),
        ("It works.", "Abstract", 18),
    ]


@pytest.mark.parametrize(
    ("text", "counted"),  # by o200k_base
    [
        ("The quick reader keeps a line only if it changes the prediction of a later one.", 17),
        ("이 모델은 기록을 작은 기억으로 읽습니다.", 11),
        ("HarborLM | 79.9 | 31 | 70.2 | 28", 19),
    ],
)
def test_tokens_are_estimated_within_a_third(text: str, counted: int) -> None:
    assert 0.67 < estimate(text) / counted < 1.5


BLOCKS = st.lists(
    st.builds(
        Block,
        text=st.text(st.sampled_from("ab1 .B가。|中?"), min_size=1, max_size=200)
        .map(lambda text: " ".join(text.split()))
        .filter(bool),
        kind=st.sampled_from(["abstract", "paragraph", "item", "caption", "table", "footnote", "proof"]),
        headings=st.lists(
            st.sampled_from(["1 Introduction", "2 Related Work", "4 Results", "Limitations"]), max_size=2
        ).map(tuple),
        anchor=st.sampled_from(["", "S1", "T1"]),
        appendix=st.booleans(),
    ),
    max_size=30,
)


@given(BLOCKS, st.integers(0, 800))
def test_any_choice_keeps_the_budget_the_order_and_the_places(blocks: list[Block], budget: int) -> None:
    paper = document(*blocks)
    source = select(paper, budget)
    abstract = cost(
        one
        for block, found in zip(blocks, sentences_of(paper), strict=True)
        for one in found
        if block.kind == "abstract"
    )
    assert cost(source.sentences) <= max(budget, abstract)
    assert all(paper.text[one.start : one.end] == one.text for one in source.sentences)
    starts = [one.start for one in source.sentences]
    assert starts == sorted(set(starts))
    everything = sum(map(len, sentences_of(paper)))
    assert bool(source.cut) == (len(source.sentences) < everything)
