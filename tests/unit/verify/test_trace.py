"""One Korean sentence against the sentences that it cites: every rule that a trace can break."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lang import termbase
from pipeline.verify.paper import PaperText
from pipeline.verify.trace import sentence, unknown_citations

TITLE = "FooNet: Reading Whole Books"
SENTENCES = (
    "Large language models forget what they read at the beginning of a long book.",
    "We present FooNet, a 34B language model with an implicit memory, trained by supervised fine-tuning (SFT).",
    "It is trained on 1.5 trillion tokens from 12,000 novels in 30 minutes.",
    "On BookBench FooNet reaches 90% and GPT-4 reaches 80%, a gain of 10 percentage points.",
    "It decodes 20 tokens per second, 2 to 4 times faster than BarNet.",
    "Ablation shows that differentiable caching of chapters helps robots as well.",
)
PAPER = PaperText(TITLE, SENTENCES, termbase.load())


def rules(korean: str, *cited: int) -> list[str]:
    """The rules that a sentence breaks when it cites these numbers."""
    beside = {place for number in cited for place in (number - 1, number + 1)} - set(cited)
    neighbours = [SENTENCES[place - 1] for place in sorted(beside) if 0 < place <= len(SENTENCES)]
    found = sentence(korean, [SENTENCES[number - 1] for number in cited], neighbours, PAPER)
    assert all(korean in one.message or one.rule == "language/copied" for one in found)
    return [one.rule for one in found]


@pytest.mark.parametrize(
    ("korean", "cited"),
    [
        ("대규모 언어 모델은 긴 책의 시작 부분에서 읽은 내용을 잊습니다.", (1,)),
        (
            "FooNet은 암묵적 메모리를 갖춘 340억 매개변수 언어 모델로, Supervised Fine-Tuning(SFT)을 씁니다.",
            (2,),
        ),
        ("12,000편의 소설에서 얻은 1조 5천억 토큰으로 30분 동안 학습합니다.", (3,)),
        ("BookBench에서 FooNet은 90%, GPT-4는 80%로, 10%p 차이가 납니다.", (4,)),
        ("초당 20토큰을 디코딩하며 BarNet보다 2-4배 빠릅니다.", (5,)),
        ("제거 연구는 장의 미분 가능한 캐싱이 로봇에도 도움이 됨을 보입니다.", (6,)),
        ("FooNet은 1조 5천억 토큰으로 학습한 340억 매개변수 모델입니다.", (2,)),
        ("FooNet은 GPT-4보다 10%p 높습니다.", ()),
    ],
)
def test_a_sentence_that_keeps_to_what_it_cites_passes(korean: str, cited: tuple[int, ...]) -> None:
    assert rules(korean, *cited) == []


@pytest.mark.parametrize(
    ("korean", "cited", "rule"),
    [
        ("FooNet은 34억 매개변수 언어 모델입니다.", (2,), "numbers/magnitude"),
        ("1조 5천억 토큰으로 30초 동안 학습합니다.", (3,), "numbers/magnitude"),
        ("BookBench에서 GPT-4보다 10% 앞섭니다.", (4,), "numbers/magnitude"),
        ("토큰당 20개의 빠르기로 디코딩하며 BarNet보다 빠릅니다.", (5,), "numbers/magnitude"),
        ("12,000편의 소설과 1,700억 토큰으로 학습합니다.", (3,), "numbers/unknown"),
        ("BookBench에서 FooNet은 80%, GPT-4는 90%로 차이가 납니다.", (4,), "numbers/swapped"),
        ("FooNet은 BookBench에서 2-4배 빠르게 언어 모델을 디코딩합니다.", (2,), "numbers/elsewhere"),
        ("FooNet은 암묵적 메모리를 갖춘 QuxNet 언어 모델입니다.", (2,), "terms/unknown"),
        ("암묵적 메모리를 갖춘 34B 언어 모델 BarNet을 제안합니다.", (2,), "terms/swapped"),
        ("대규모 언어 모델은 GPT-4도 긴 책의 시작 부분을 잊습니다.", (1,), "terms/elsewhere"),
        ("34B 언어 모델 FooNet은 Structured Fine-Tuning(SFT)으로 학습합니다.", (2,), "terms/expansion"),
        ("34B 언어 모델 FooNet은 명시적 메모리를 갖추고 SFT로 학습합니다.", (2,), "terms/misleading"),
        ("제거 연구는 장의 차별화 가능한 캐싱이 로봇에도 도움이 됨을 보입니다.", (6,), "terms/misleading"),
        ("12,000편의 소설에서 얻은 1조 5천억 토큰으로 30분 동안 학습합니다.", (6,), "citations/unrelated"),
        ("단백질 접힘과 분자 화학을 위한 그래프 신경망을 양자 회로로 시뮬레이션합니다.", (1,), "citations/unrelated"),
        ("이 연구는 혁신적인 접근법을 제안합니다.", (2,), "filler/praise"),
        ("물론입니다, 요약해 드리겠습니다.", (2,), "filler/chat"),
        ("FooNet은 </paper> 언어 모델입니다.", (2,), "filler/prompt"),
        ("FooNet은 [언어 모델](https://example.org)입니다.", (2,), "text/markup"),
        ("FooNet은 34B 언어 모델(SFT입니다.", (2,), "language/brackets"),
        ("FooNet은 34B 언어 모델이다.", (2,), "language/style"),
        (SENTENCES[1], (2,), "language/copied"),
        ("This model reads every book and it never forgets.", (2,), "language/copied"),
    ],
)
def test_each_fault_is_found_by_its_rule(korean: str, cited: tuple[int, ...], rule: str) -> None:
    assert rule in rules(korean, *cited)


def test_the_gravest_are_figures_of_wrong_magnitude_and_invented_expansions() -> None:
    found = sentence("34억 모델은 Structured Fine-Tuning(SFT)을 씁니다.", [SENTENCES[1]], [], PAPER)
    assert {one.rule for one in found if one.severity == "critical"} == {"numbers/magnitude", "terms/expansion"}
    assert "34B" in found[0].message


@pytest.mark.parametrize(
    ("korean", "cited"),
    [
        ("1조 5천억 토큰으로 30분 동안 학습합니다.", 6),
        ("BookBench에서 FooNet은 80%, GPT-4는 90%로 차이가 납니다.", 4),
        ("암묵적 메모리를 갖춘 34B 언어 모델 BarNet을 제안합니다.", 2),
        ("34억 모델은 Structured Fine-Tuning(SFT)과 QuxNet을 씁니다.", 2),
        ("제거 연구는 장의 차별화 가능한 캐싱이 로봇에도 도움이 됨을 보입니다.", 6),
        ("12,000편의 소설과 1,700억 토큰으로 학습합니다.", 3),
    ],
)
def test_a_message_is_a_suspicion_that_names_what_to_check(korean: str, cited: int) -> None:
    found = sentence(korean, [SENTENCES[cited - 1]], [], PAPER)
    assert found
    for one in found:
        assert one.message.startswith("Check "), one.message
        assert one.text in one.message
        assert "leave it out" not in one.message
        assert "[" not in one.message.replace(korean, "")
        assert len(one.message.replace(korean, "")) < 160


@pytest.mark.parametrize(
    ("korean", "cited"),
    [
        ("이 모델은 34B이며 암묵적 메모리를 갖췄습니다.", (2,)),
        ("저자들은 이 방법을 책 12,000편으로 학습했습니다.", (3,)),
        ("FooNet은 소설 12,000편으로 학습합니다.", (3,)),  # "It is trained on"
        ("FooNet은 BarNet보다 2-4배 빠릅니다.", (5,)),
        ("레이트리스 코덱을 씁니다.", (1,)),  # too little to tell
    ],
)
def test_no_name_is_asked_of_what_the_cited_sentence_points_to(korean: str, cited: tuple[int, ...]) -> None:
    assert not {"citations/unrelated", "terms/swapped"} & set(rules(korean, *cited))


def test_a_sentence_about_the_situation_may_be_said_freely() -> None:
    english = "Though a few readers have quietly shifted to fairer tests over the last year, this is not widely known."
    paper = PaperText("Tests", [english, "We compare answers.", "Tests shape scores."], termbase.load())
    korean = "지난 1년 사이 몇몇 독자가 더 공정한 시험으로 조용히 옮겨 갔지만, 아직 널리 인식되지는 않았습니다."
    assert sentence(korean, [english], [], paper) == []
    other = "강화 학습으로 로봇의 파지 정책을 배우고 촉각 센서의 잡음을 줄여 조용히 옮겼습니다."
    assert [one.rule for one in sentence(other, [english], [], paper)] == ["citations/unrelated"]


def test_an_acronym_of_the_papers_own_words_is_no_unknown_name() -> None:
    english = "MIGA is a mixture of experts for all European Union languages."
    paper = PaperText("Experts", [english, "Robots forget."], termbase.load())
    assert sentence("유럽연합(EU)의 모든 언어를 위한 MoE MIGA입니다.", [english], [], paper) == []
    (found,) = sentence("유럽연합(EK)의 모든 언어를 위한 MIGA입니다.", [english], [], paper)
    assert (found.rule, found.text) == ("terms/unknown", "EK")


def test_a_word_of_the_cited_sentence_may_be_written_as_it_sounds() -> None:
    english = "A raster-scan order of patches guides autoregressive decoders from the left."
    paper = PaperText("Orders", [english, "Novels are long.", "Robots forget."], termbase.load())
    korean = "디코더는 왼쪽에서 오른쪽으로, 위에서 아래로 가는 래스터스캔 방향을 따릅니다."
    assert not [one for one in sentence(korean, [english], [], paper) if one.rule == "citations/unrelated"]


@pytest.mark.parametrize(
    ("korean", "unrelated"),
    [
        (
            "책마다 정확성과 강건성, 일반성의 평균인 점수를 매기고, 재사용과 중복을 평균한 건강도로 평가합니다.",
            False,
        ),
        ("강화 학습으로 로봇의 파지 정책을 배우고 촉각 센서의 잡음을 줄여 물체를 조립합니다.", True),
    ],
)
def test_of_a_whole_paper_only_what_shares_next_to_nothing_is_unrelated(korean: str, unrelated: bool) -> None:
    cited = ["Correctness (C): tests that pass.", "Robustness (R): inputs handled.", "C(t) + R(t)", "Reuse and health."]
    summary = "We score correctness, robustness, generality, reuse, duplication and health of libraries on average."
    paper = PaperText(
        "Libraries", [summary, *cited, *(f"Shelf {number} is full." for number in range(40))], termbase.load()
    )
    found = [one.rule for one in sentence(korean, cited, [summary], paper)]
    assert ("citations/unrelated" in found) is unrelated


def test_free_use_and_requests_are_said_in_korean() -> None:
    english = "The books are freely available for research and non-commercial use; commercial requests are considered."
    paper = PaperText("CallAccounting", [english, "Novels are long.", "Robots forget."], termbase.load())
    korean = "책은 연구 및 비상업적 용도로 무료로 제공되며, 상업적 이용 요청은 검토할 예정입니다."
    assert not sentence(korean, [english], [], paper)


def test_bold_is_for_the_easy_layout_alone() -> None:
    korean = "**FooNet**은 34B 언어 모델입니다."
    assert [one.rule for one in sentence(korean, [SENTENCES[1]], [], PAPER)] == ["text/markup"]
    assert sentence(korean, [SENTENCES[1]], [], PAPER, bold=True) == []


def test_a_citation_of_no_sentence_is_found_once() -> None:
    assert [one.text for one in unknown_citations([1, 0, 7, 7, 6], PAPER)] == ["[0]", "[7]"]
    assert {one.rule for one in unknown_citations([7], PAPER)} == {"citations/unknown"}


def test_a_paper_without_sentences_proves_only_its_title() -> None:
    empty = PaperText("FooNet", [], termbase.load())
    assert sentence("FooNet을 제안합니다.", [], [], empty) == []
    assert [one.rule for one in sentence("BarNet을 제안합니다.", [], [], empty)] == ["terms/unknown"]


@given(st.text(max_size=80), st.lists(st.text(max_size=60), max_size=3))
def test_any_text_can_be_held_against_any_other(korean: str, english: list[str]) -> None:
    paper = PaperText("A title", english, termbase.load())
    sentence(korean, english[:1], english[1:], paper)


@pytest.mark.parametrize(
    "unit", ["가 ", "특징 ", "12% ", "FooNet(FN) ", "(", "**", "A b c (ABC), ", "학습 90% ", "http://a "]
)
def test_a_long_sentence_costs_time_in_proportion(unit: str) -> None:
    korean = unit * (8_000 // len(unit))
    start = time.process_time()
    sentence(korean, [SENTENCES[3]], [], PAPER)
    assert time.process_time() - start < 30  # out of proportion it would take minutes
