"""The rooms that a trace asks: alignment, concepts, swaps, filler, markup, names, and the right paper."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.models import LayoutName
from pipeline.lang import en, termbase
from pipeline.lang.concepts import Concepts
from pipeline.lang.ko import filler
from pipeline.layouts import LAYOUTS
from pipeline.verify import identity, markup, swaps, terms
from pipeline.verify.alignment import align
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
    assert {en.stem(word) for word in concept.split()} <= {en.stem(part) for one in shared for part in one.split()}


def test_a_phrase_is_found_with_the_words_of_every_sentence_in_it() -> None:
    table = Concepts([("state of the art", ("최고 수준",))])
    assert {one.concept for one in table.of_korean("최고 수준입니다.")} <= table.marks_of_english(
        "the state of the art"
    )


def test_a_figure_is_no_part_of_a_form() -> None:
    assert "2d" not in {one.concept for one in CONCEPTS.of_korean("512차원입니다.")}
    assert "2d" in {one.concept for one in CONCEPTS.of_korean("2차원입니다.")}


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
    ("cited", "right", "wrong"),
    [
        (
            "BarNet gains 1.5x. BazNet gains 2.05x.",
            "BazNet은 2.05배, BarNet은 1.5배 빨라집니다.",
            "BazNet은 1.5배, BarNet은 2.05배 빨라집니다.",
        ),
        (
            "It covers 608 languages, 798 novels and 67 robots.",
            "로봇 67대와 소설 798편, 언어 608개를 다룹니다.",
            "로봇 608대와 소설 798편, 언어 67개를 다룹니다.",
        ),
        (
            "It scores 1-step FID 2.42 and 2-step FID 1.55.",
            "FID가 2단계에서 1.55, 1단계에서 2.42입니다.",
            "FID가 2단계에서 2.42, 1단계에서 1.55입니다.",
        ),
        (
            "Training fits batches of 4M or 12M on 8 or 32 cards.",
            "카드 8장으로 400만, 32장으로 1,200만까지 학습합니다.",
            "카드 32장으로 400만, 8장으로 1,200만까지 학습합니다.",
        ),
        ("Accuracy rises to 90% from 80%.", "정확도가 80%에서 90%로 오릅니다.", "정확도가 90%에서 80%로 오릅니다."),
        ("Losses fall from 40% to 12%.", "손실이 40%에서 12%로 줄어듭니다.", "손실이 12%에서 40%로 줄어듭니다."),
        ("It wins on 5 out of the 7 sets.", "7개 중 5개에서 이깁니다.", "5개 중 7개에서 이깁니다."),
        ("It wins on 9 of 11 sets.", "11개 과제 가운데 9개에서 이깁니다.", "9개 과제 가운데 11개에서 이깁니다."),
        (
            "It reaches 90%, more than the 80% of BarNet.",
            "BarNet의 80%보다 높은 90%에 이릅니다.",
            "BarNet의 90%보다 높은 80%에 이릅니다.",
        ),
        ("The models have 2B-4B parameters.", "20억~40억 파라미터입니다.", "40억~20억 파라미터입니다."),
        (
            "On BookBench and PageBench it scores 70.1 and 55.2, respectively.",
            "PageBench와 BookBench에서 각각 55.2와 70.1입니다.",
            "PageBench와 BookBench에서 각각 70.1과 55.2입니다.",
        ),
        (
            "Top-1 accuracy is 83% and top-5 accuracy is 96% on ImageNet-1K.",
            "ImageNet-1K의 top-5 정확도는 96%, top-1 정확도는 83%입니다.",
            "ImageNet-1K의 top-5 정확도는 83%, top-1 정확도는 96%입니다.",
        ),
        (
            "Llama 3.1 8B gets 71.2 and Llama 3.1 70B gets 80.4.",
            "Llama 3.1 70B는 80.4, Llama 3.1 8B는 71.2입니다.",
            "Llama 3.1 70B는 71.2, Llama 3.1 8B는 80.4입니다.",
        ),
        (
            "It is trained on 5 corpora and wins on 3 tasks.",
            "3개 과제에서 이기는 이 모델은 말뭉치 5개로 학습했습니다.",
            "5개 과제에서 이기는 이 모델은 말뭉치 3개로 학습했습니다.",
        ),
        (
            "On average, 0.38 of the books are of one kind with BarNet, whereas 0.45 of the books are with FooNet.",
            "같은 종류의 책은 평균 0.45로, BarNet의 0.38보다 많습니다.",
            "같은 종류의 책은 BarNet이 0.45, FooNet이 0.38입니다.",
        ),
        (
            "We trained an 800M parameters model with 100B tokens (about 5x optimal).",
            "최적량의 약 5배인 100B 토큰을 학습한 800M 모델입니다.",
            "최적량의 약 5배인 800M 토큰을 학습한 100B 모델입니다.",
        ),
    ],
)
def test_what_stands_beside_a_figure_tells_whose_it_is_in_any_order(cited: str, right: str, wrong: str) -> None:
    assert swaps.swapped(right, cited, CONCEPTS) is None
    assert swaps.swapped(wrong, cited, CONCEPTS)


@pytest.mark.parametrize(
    ("korean", "cited"),
    [
        ("메모리를 2배, 4배, 9배 적게 씁니다.", "FooNet needs 2x, 4x and 9x less memory."),
        ("메모리를 9배, 4배, 2배 적게 씁니다.", "FooNet needs 2x, 4x and 9x less memory."),
        ("35B와 8B 모델을 공개합니다.", "We release 8B and 35B models."),
        ("mAP(0.75)를 0.61에서 0.68로 높입니다.", "FooNet raises mAP(0.75) from 0.61 to 0.68."),
        ("mAP(0.75)가 0.61보다 높은 0.68입니다.", "With 0.68, its mAP(0.75) is higher than 0.61."),
        ("지연이 12ms이며, 전에는 40ms였습니다.", "It cuts the delay from 40 ms to 12 ms."),
        ("커널 2.6.32부터 4.13.0까지 됩니다.", "It works on kernels from 2.6.32 to 4.13.0."),
        ("A는 39.2, B는 46.8, C는 33.3입니다.", "| A | B | C |\n| 46.8 | 39.2 | 33.3 |"),
        ("Foo는 91.7과 53.8, Bar는 89.5입니다.", "Foo Bar 89.5 91.7 53.8"),
        ("두 층과 512차원입니다.", "The size is 512, with 2 layers."),
        # each figure of a sentence of its own
        (
            "30초 안에 8건, 5분 안에 10건에서 낫습니다.",
            "Within 30 seconds it wins 8 of 12 cases.\nWithin 5 minutes it wins 10 of 12 cases.",
        ),
        # words of one stem beside both
        (
            "학계와 산업계의 커뮤니티 프로젝트로, 120명이 넘는 기여자가 900건이 넘는 기여를 했으며 더 개선됩니다.",
            "It is a community project of academia and industry with over 900 contributions from more than 120"
            " contributors and will improve.",
        ),
        # a figure of two things, of which one is another sentence's
        (
            "인코더는 3초 블록을 읽고, 디코더는 수용 영역을 이전 3개를 포함한 5개 블록으로 제한합니다.",
            "The encoder reads blocks of 3 seconds each.\nWe limit the decoder's receptive field to 5 blocks,"
            " including a lookback of 3 blocks.",
        ),
        (
            "전체보다 쉬운 1,097개로 쟀는데, 출력을 읽을 수 없던 484개를 뺐기 때문입니다.",
            "The count (n = 1,097) is lower than the full set because 484 samples gave outputs that nothing can read.",
        ),
    ],
)
def test_order_names_versions_and_tables_say_nothing_of_a_swap(korean: str, cited: str) -> None:
    assert swaps.swapped(korean, cited, CONCEPTS) is None


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


def test_of_several_sentences_a_figure_may_be_said_again() -> None:
    assert swaps.repeated("90%가 기준이며 BookBench에서 90%입니다.", f"{SOURCE}\nIt is a standard.") is None


@pytest.mark.parametrize(
    ("korean", "cited", "found"),
    [
        ("BarNet보다 좋습니다.", "better than BazNet", [("BarNet", "BazNet")]),
        ("BarNet보다 좋습니다.", "better than BarNet", []),
        ("BarNet을 학습합니다.", "BazNet is trained.", [("BarNet", "BazNet")]),
        ("FooNet은 FooNet보다 좋습니다.", "FooNet beats BazNet", []),
        ("BarNet은 BarNet보다 좋습니다.", "BarNet beats BazNet", [("BarNet", "BazNet")]),
        ("새로운 3D 방법입니다.", "the method of BazNet", []),
        # the paper's own thing by its name
        ("FooNet은 좋습니다.", "Our method is better.", []),
        ("FooNet은 90%를 얻습니다.", "Our method reaches 90% on PageBench.", []),
        ("FooNet은 책을 읽습니다.", "It reads books of the BookSet corpus.", []),
        ("FooNet-L은 학습이 빠릅니다.", "The model trains fast on an A100 card.", []),
        ("FooNet은 두 단계입니다.", "The proposed framework has two stages, as QuxNet has.", []),
        # another's name where the English has that other name in the same part
        ("FooNet은 BarNet보다 좋습니다.", "Our method is better than BazNet.", [("BarNet", "BazNet")]),
        ("PageBench에서 90%를 얻습니다.", "We reach 90% on BookBench.", [("PageBench", "BookBench")]),
        ("BarNet은 90%를 얻습니다.", "We find that GPT-4 reaches 90%.", [("BarNet", "GPT-4")]),
        ("BarNet을 제안합니다.", "In this paper, we propose BazNet.", [("BarNet", "BazNet")]),
        ("강화 학습(BFHR)을 씁니다.", "We use reinforcement learning (RLHF).", [("BFHR", "RLHF")]),
        ("보상 모델(BRM)을 씁니다.", "We use ensembles (BRME).", []),  # so called elsewhere in the paper
        # what is missing may be anything
        ("BarNet을 씁니다.", "BazNet helps.\nQuxNet helps.\nGPT-4 helps.\nGPT-5 helps.", []),
        ("BarNet은 79.4입니다.", "| NQ | WQ2 | TQA |\nBarNet | 79.4 | 1 | 2", []),
        ("BarNet은 2단계입니다.", "Stage II is long.", []),
        # another name of the same
        ("NaturalQuestions에서 90%를 얻습니다.", "It reaches 90% on NQ.", []),
        ("TQA에서 앞섭니다.", "TriviaQA is solved.", []),
        # a part of a longer name, and what many sentences say
        ("Moore Law의 예측을 기각합니다.", "It rejects the Moore prediction (95% CI 1 to 2).", []),
        ("Law의 예측을 기각합니다.", "Rejecting the prediction of CIX.", [("Law", "CIX")]),
        ("BarNet은 90%를 얻습니다.", "GPT-4 reaches 90%.\nIt is big.\nIt is old.\nIt reads.", []),
        ("BarNet은 90%를 얻습니다.", "GPT-4 reaches 90%.\nIt is big.", [("BarNet", "GPT-4")]),
    ],
)
def test_a_name_in_anothers_place_is_found(korean: str, cited: str, found: list[tuple[str, str]]) -> None:
    assert terms.swapped(korean, cited, "FooNet: A Method", "Reward models (BRM) are trained.") == found


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
        ("언어 모델은 인상적인 능력이 있지만 큰 크기가 자원이 제한된 환경에서 적용을 어렵게 합니다.", False),
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
@pytest.mark.parametrize("layout", LAYOUTS)
def test_markup_of_a_model_is_refused(text: str, layout: LayoutName) -> None:
    assert "text/markup" in [one.rule for one in markup.problems(text, LAYOUTS[layout].bold)]


@pytest.mark.parametrize(
    "text",
    [
        "<end_of_text> 토큰과 a < b, C#과 R&D를 씁니다.",
        "과정은 1) 수집, 2) 학습입니다.",
        "값은 -3이며 2-4배, 1.5배입니다.",
        "p(z | x)와 p(y | z, x)의 곱이며 E[x | y]입니다.",
        "모델(FooNet)과 [MASK] 토큰, {a, b}를 씁니다.",
        "“인용”과 「책」과 (가(나)다)입니다.",
        "a) 수집과 b) 학습입니다.",
    ],
)
def test_what_a_paper_writes_is_no_markup(text: str) -> None:
    assert markup.problems(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("모델(FooNet입니다.", "(FooNet입니다."),
        ("모델 FooNet)입니다.", "모델 FooNet)"),
        ("(가[나)다]", "(가[나)"),
        ("“인용입니다.", "“인용입니다."),
        ("(가)", ""),
        ("값은 [0, 1)과 (-∞, 0]에 있습니다.", ""),
        ("값은 [0, 1에 있습니다.", "[0, 1에 있습니다."),
    ],
)
def test_brackets_pair_up(text: str, found: str) -> None:
    assert markup.unbalanced(text) == found


def test_control_characters_are_shown_by_their_codes() -> None:
    assert [(one.rule, one.text) for one in markup.problems("모델\u202e입니다.")] == [("text/control", r"'\u202e'")]


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
    markup.problems(text, bold=True)
    filler.problems(text)
    filler.praise(text, CONCEPTS)
    swaps.repeated(text, text)
    terms.invented_expansions(text, text)
    align([text], PaperText("", [text]))


@pytest.mark.parametrize("unit", ["(", "[", "<", "&", "A b (AB), ", "가나", "강화 ", "1 ", "2% ", "**", "!["])
def test_reading_time_grows_with_the_length_only(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    start = time.process_time()
    markup.problems(text)
    filler.problems(text)
    CONCEPTS.of_korean(text)
    CONCEPTS.marks_of_english(text)
    terms.invented_expansions(text, "short")
    assert time.process_time() - start < 30  # out of proportion it would take minutes


@pytest.mark.parametrize(
    "text", [r"비용은 $0.5\x$입니다.", r"\lampa 값입니다.", "값은 x_{t}입니다.", "값은 x^{t}입니다."]
)
def test_latex_is_markup(text: str) -> None:
    assert [one.rule for one in markup.problems(text)] == ["text/markup"]


@pytest.mark.parametrize("text", ["비용은 $10에서 $5로 줄어듭니다.", "기호 \\n과 x_t, 10^-3을 씁니다."])
def test_what_is_no_latex_is_no_markup(text: str) -> None:
    assert markup.problems(text) == []


@pytest.mark.parametrize(
    ("right", "wrong", "cited"),
    [
        (
            "좋아진 데이터셋은 6개 중 2개입니다.",
            "좋아진 데이터셋은 2개 중 6개입니다.",
            "It helps in two datasets out of six.",
        ),
        (
            "30개 분야에 걸쳐 900문항을 만듭니다.",
            "900개 분야에 걸쳐 30문항을 만듭니다.",
            "It has 900 items across 30 fields.",
        ),
    ],
)
def test_a_count_of_the_whole_is_told_from_its_part(right: str, wrong: str, cited: str) -> None:
    assert swaps.swapped(right, cited, CONCEPTS) is None
    assert swaps.swapped(wrong, cited, CONCEPTS)


def test_a_measure_has_no_systems_place() -> None:
    cited = "Notably, FooBar attains error rates of 1.3 on LibriSpeech."
    assert terms.swapped("LibriSpeech의 WER이 1.3입니다.", cited, "A Method", "WER is given.") == []
    assert terms.swapped("BazNet이 LibriSpeech에서 1.3을 얻습니다.", cited, "A Method", "BazNet is given.")
