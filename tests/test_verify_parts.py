"""The rooms that a trace asks: alignment, concepts, swaps, filler, markup, names, and the right paper."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import termbase
from pipeline.models import LayoutName
from pipeline.verify import filler, identity, markup, swaps, terms
from pipeline.verify.alignment import align
from pipeline.verify.concepts import Concepts
from pipeline.verify.paper import PaperText

CONCEPTS = termbase.load().concepts
PAPER = PaperText(
    "FooNet: Planning with Memory for Robots",
    [
        "Robots forget what they saw in long episodes.",
        "We introduce FooNet, a memory for planning with reinforcement learning.",
        "On KitchenBench it succeeds in 83.5% of 1,200 episodes.",
        "Ablations show that the memory matters most for navigation.",
        "Code is available under an open license.",
    ],
    termbase.load(),
)


def test_sentences_are_aligned_by_names_figures_and_terms_in_either_language() -> None:
    korean = [
        "로봇은 긴 에피소드에서 본 것을 잊습니다.",
        "FooNet은 강화 학습으로 계획하는 메모리입니다.",
        "KitchenBench의 1,200개 에피소드 중 83.5%에서 성공합니다.",
        "제거 연구는 내비게이션에 메모리가 중요함을 보입니다.",
        "코드는 공개됩니다.",
    ]
    assert align(korean, PAPER) == [(1,), (2,), (3,), (4,), (5,)]


def test_a_sentence_rests_on_several_or_on_none() -> None:
    assert align(["FooNet은 강화 학습을 쓰고 KitchenBench에서 83.5%로 성공합니다.", "맛있습니다."], PAPER) == [
        (2, 3),
        (),
    ]


def test_what_two_sentences_share_alike_is_settled_by_order() -> None:
    paper = PaperText("T", ["FooNet reads.", "FooNet writes.", "FooNet sings."], termbase.load())
    assert align(["FooNet입니다.", "FooNet입니다.", "FooNet입니다."], paper) == [(1,), (2,), (3,)]


@pytest.mark.parametrize(
    ("korean", "concept"),
    [
        ("강화 학습을 씁니다.", "reinforc learn"),
        ("강화학습을 씁니다.", "reinforc learn"),
        ("LLaVA를 씁니다.", "llava"),
        ("대규모 언어모델입니다.", "larg languag model"),
    ],
)
def test_a_concept_has_one_name_in_both_languages(korean: str, concept: str) -> None:
    english = "Reinforcement learning with LLaVA, a large language model."
    assert {mention.concept for mention in CONCEPTS.of_english(english)} == CONCEPTS.marks_of_english(english)
    shared = {one.concept for one in CONCEPTS.of_korean(korean)} & CONCEPTS.marks_of_english(english)
    assert {terms.stem(word) for word in concept.split()} <= {
        terms.stem(part) for one in shared for part in one.split()
    }


def test_a_form_that_begins_inside_a_word_does_not_reach_into_the_next() -> None:
    table = Concepts([("maya", ("가나",))])
    assert "maya" in {one.concept for one in table.of_korean("다가나")}
    assert "maya" not in {one.concept for one in table.of_korean("다가 나")}


SOURCE = "FooNet reaches 90% on BookBench and 80% on PageBench, with 7B parameters and 2B tokens."


@pytest.mark.parametrize(
    ("korean", "swapped"),
    [
        ("BookBench에서 90%, PageBench에서 80%입니다.", False),
        ("PageBench에서 80%, BookBench에서 90%입니다.", False),
        ("BookBench에서 80%, PageBench에서 90%입니다.", True),
        ("BookBench와 PageBench에서 각각 80%와 90%입니다.", True),
        ("70억 매개변수와 20억 토큰입니다.", False),
        ("20억 매개변수와 70억 토큰입니다.", True),
        ("90%입니다.", False),
    ],
)
def test_figures_in_each_others_places_are_found(korean: str, swapped: bool) -> None:
    assert bool(swaps.swapped(korean, SOURCE, CONCEPTS)) is swapped


@pytest.mark.parametrize(
    ("korean", "cited", "swapped"),
    [
        ("메모리를 2배, 4배, 9배 적게 씁니다.", "FooNet needs 2x, 4x and 9x less memory.", False),
        ("메모리를 9배, 4배, 2배 적게 씁니다.", "FooNet needs 2x, 4x and 9x less memory.", True),
        ("벤치마크 7개 중 5개에서 이깁니다.", "FooNet wins on 5 out of the 7 benchmarks.", False),
        ("벤치마크 5개 중 7개에서 이깁니다.", "FooNet wins on 5 out of the 7 benchmarks.", True),
    ],
)
def test_a_list_in_one_order_is_right_wherever_what_it_counts_stands(korean: str, cited: str, swapped: bool) -> None:
    assert bool(swaps.swapped(korean, cited, CONCEPTS)) is swapped


@pytest.mark.parametrize(
    ("korean", "repeated"),
    [
        ("BookBench에서 90%, PageBench에서 90%입니다.", True),
        ("90%, 80%이며 90%입니다.", False),
        ("BookBench에서 90%입니다.", False),
    ],
)
def test_a_figure_said_twice_for_two_is_found(korean: str, repeated: bool) -> None:
    assert bool(swaps.repeated(korean, SOURCE)) is repeated


@pytest.mark.parametrize(
    ("korean", "cited", "found"),
    [
        ("BarNet보다 좋습니다.", "better than BazNet", [("BarNet", "BazNet")]),
        ("BarNet보다 좋습니다.", "better than BarNet", []),
        ("FooNet은 좋습니다.", "Our method is better.", []),
        ("FooNet은 FooNet보다 좋습니다.", "FooNet beats BazNet", []),
        ("BarNet은 BarNet보다 좋습니다.", "BarNet beats BazNet", [("BarNet", "BazNet")]),
        ("새로운 3D 방법입니다.", "the method of BazNet", []),
    ],
)
def test_a_name_in_anothers_place_is_found(korean: str, cited: str, found: list[tuple[str, str]]) -> None:
    assert terms.swapped(korean, cited, "FooNet: A Method") == found


@pytest.mark.parametrize(
    ("korean", "english", "invented"),
    [
        ("SoTA(Softmax Transformer Architectures)입니다.", "state of the art", True),
        ("Structured Fine-Tuning(SFT)입니다.", "SFT", True),
        ("구조화(Structured Fine-Tuning, SFT)입니다.", "SFT", True),
        ("MTP(Masked Token Prediction)입니다.", "masked token predictions", False),
        ("Masked Token Prediction(MTP)입니다.", "MTP", True),
        ("SFT(Supervised Fine-Tuning)입니다.", "SFT", False),
        ("SoTA(State of the Art)입니다.", "SoTA", False),
        ("FooNet(Fast Network)입니다.", "FooNet", True),
        ("GPU(A100)입니다.", "GPU", False),
        ("언어 모델(LM)입니다.", "LM", False),
    ],
)
def test_an_invented_expansion_is_found(korean: str, english: str, invented: bool) -> None:
    assert bool(terms.invented_expansions(korean, english, termbase.load().english)) is invented


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("도움이 필요하시면 말씀해 주세요.", "filler/chat"),
        ("물론입니다.", "filler/chat"),
        ("As an AI I cannot.", "filler/chat"),
        ("[논문 제목]입니다.", "filler/prompt"),
        ("</abstract>입니다.", "filler/prompt"),
        ("출력: <|end|>", "filler/prompt"),
        ("### 지시 사항:", "filler/prompt"),
    ],
)
def test_talk_and_leftovers_are_found(text: str, rule: str) -> None:
    assert rule in [one.rule for one in filler.problems(text)]


def test_quoted_talk_is_the_papers() -> None:
    assert filler.problems("프롬프트는 “요약해 주세요”이며 '말씀해 주세요'도 씁니다.") == []


@pytest.mark.parametrize(
    ("text", "praise"),
    [
        ("이 연구는 혁신적인 접근법을 제안합니다.", True),
        ("기존 방식에 비해 뛰어난 성능을 보여줍니다.", True),
        ("이 분야에 크게 기여할 것으로 기대됩니다.", True),
        ("혁신적인 FooNet을 제안합니다.", False),
        ("정확도가 12% 향상되어 뛰어난 성능을 보여줍니다.", False),
        ("단백질 접힘에서 뛰어난 성능을 보여줍니다.", False),
        ("모델을 제안합니다.", False),
    ],
)
def test_praise_without_anything_specific_is_found(text: str, praise: bool) -> None:
    assert bool(filler.praise(text, CONCEPTS)) is praise


@pytest.mark.parametrize(
    "text",
    [
        "[코드](https://example.org)입니다.",
        "![그림](a.png)입니다.",
        "![그림] 입니다.",
        "코드는 https://example.org 입니다.",
        "www.example.org 입니다.",
        "[코드]: https://example.org",
        "<b>모델</b>입니다.",
        "모델<br/>입니다.",
        "<img src=x onerror=y>입니다.",
        "<!-- 숨김 -->입니다.",
        "&lt;모델&gt;입니다.",
        "# 제목",
        "- 항목입니다.",
        "* 항목입니다.",
        "> 인용입니다.",
        "| 표 | 입니다.",
        "---",
        "모델입니다.\n- 항목입니다.",
        "1. 항목입니다.",
        "```python",
    ],
)
@pytest.mark.parametrize("layout", ["sections", "easy", "bullets"])
def test_markup_of_a_model_is_refused(text: str, layout: LayoutName) -> None:
    assert "text/markup" in [one.rule for one in markup.problems(text, layout)]


@pytest.mark.parametrize(
    "text",
    [
        "<end_of_text> 토큰과 a < b, C#과 R&D를 씁니다.",
        "과정은 1) 수집, 2) 학습입니다.",
        "값은 -3이며 2-4배, 1.5배입니다.",
        "모델(FooNet)과 [MASK] 토큰, {a, b}를 씁니다.",
        "“인용”과 「책」과 (가(나)다)입니다.",
        "a) 수집과 b) 학습입니다.",
    ],
)
def test_what_a_paper_writes_is_no_markup(text: str) -> None:
    assert markup.problems(text, "sections") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("모델(FooNet입니다.", "(FooNet입니다."),
        ("모델 FooNet)입니다.", "모델 FooNet)"),
        ("(가[나)다]", "(가[나)"),
        ("“인용입니다.", "“인용입니다."),
        ("(가)", ""),
    ],
)
def test_brackets_pair_up(text: str, found: str) -> None:
    assert markup.unbalanced(text) == found


def test_control_characters_are_shown_by_their_codes() -> None:
    assert [(one.rule, one.text) for one in markup.problems("모델\u202e입니다.", "sections")] == [
        ("text/control", r"'\u202e'")
    ]


OTHER = PaperText(
    "BarFold: Predicting Protein Structures",
    ["Proteins fold in water.", "BarFold predicts structures of molecules with graph neural networks."],
    termbase.load(),
)
ENTRY = "FooNet은 강화 학습으로 계획하는 로봇 메모리입니다. KitchenBench의 1,200개 에피소드에서 83.5% 성공합니다."


def test_an_entry_is_told_from_another_papers() -> None:
    assert identity.is_about(ENTRY, PAPER)
    assert not identity.is_about(ENTRY, OTHER)


def test_without_a_text_the_title_decides() -> None:
    assert identity.is_about(ENTRY, PaperText(PAPER.title, [], termbase.load()))
    assert not identity.is_about(ENTRY, PaperText(OTHER.title, [], termbase.load()))


@given(st.text(max_size=100))
def test_any_text_can_be_read(text: str) -> None:
    markup.problems(text, "easy")
    filler.problems(text)
    filler.praise(text, CONCEPTS)
    swaps.repeated(text, text)
    terms.invented_expansions(text, text)
    align([text], PaperText("", [text]))


@pytest.mark.parametrize("unit", ["(", "[", "<", "&", "A b (AB), ", "가나", "강화 ", "1 ", "2% ", "**", "!["])
def test_reading_time_grows_with_the_length_only(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    start = time.process_time()
    markup.problems(text, "sections")
    filler.problems(text)
    CONCEPTS.of_korean(text)
    CONCEPTS.marks_of_english(text)
    terms.invented_expansions(text, "short")
    assert time.process_time() - start < 30  # out of proportion it would take minutes


@pytest.mark.parametrize(
    "text", [r"비용은 $0.5\x$입니다.", r"\lampa 값입니다.", "값은 x_{t}입니다.", "값은 x^{t}입니다."]
)
def test_latex_is_markup(text: str) -> None:
    assert [one.rule for one in markup.problems(text, "sections")] == ["text/markup"]


@pytest.mark.parametrize("text", ["비용은 $10에서 $5로 줄어듭니다.", "기호 \\n과 x_t, 10^-3을 씁니다."])
def test_what_is_no_latex_is_no_markup(text: str) -> None:
    assert markup.problems(text, "sections") == []
