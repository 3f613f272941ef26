"""Is a text Korean as our readers expect it?"""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lang.ko import style


@pytest.mark.parametrize(
    "sentence",
    [
        "모델을 제안합니다.",
        "무엇을 배울 수 있습니까?",
        "코드를 확인하십시오.",
        "성능이 높습니다 [3].",
        "성능이 높습니다.[3][12]",
        "“성능이 높습니다.”",
        "성능이 높습니다(표 2).",
        "**성능이 높습니다.**",
        "과정은 세 단계입니다: 1. 수집, 2. 학습, 3. 평가.",
    ],
)
def test_formal_style_is_told_by_the_ending(sentence: str) -> None:
    assert style.formal(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["모델을 제안한다.", "성능이 높음.", "새로운 모델.", "어떻게 할까요?", "모델을 제안합니", "합니다라고 쓴 글."],
)
def test_other_styles_and_cut_sentences_are_found(sentence: str) -> None:
    assert [problem.rule for problem in style.problems(sentence)] == ["language/style"]


@pytest.mark.parametrize("stray", ["表示", "モデル", "модель", "โมเดล", "نموذج", "מודל", "ㄅ", "𠀋", "मॉडल"])
def test_a_script_that_does_not_belong_is_found(stray: str) -> None:
    found = style.problems(f"새로운 {stray} 모델입니다.")
    assert [(problem.rule, problem.text) for problem in found] == [("language/script", stray)]


def test_formulas_accents_and_emoji_are_no_stray_scripts() -> None:
    assert style.problems("ℒ와 α, β, ∞, λ·x², Erdős, ×, 🤗, “인용”을 씁니다.") == []


@pytest.mark.parametrize(
    "loop",
    [
        "매우 매우 매우 매우 빠릅니다.",
        "모델을 학습하고 모델을 학습하고 모델을 학습하고 끝납니다.",
        "이 방법은 아주 빠르고 이 방법은 아주 빠르고 이 방법은 아주 빠르고 좋습니다.",
    ],
)
def test_a_loop_of_words_is_found(loop: str) -> None:
    assert [problem.rule for problem in style.problems(loop)] == ["language/repetition"]


def test_a_word_said_twice_is_no_loop() -> None:
    assert style.repetition("더 빠르고 더 빠르고 더 작은 점점 점점 작은 모델입니다.") == ""


def test_a_sentence_said_twice_is_found() -> None:
    text = "이 모델은 아주 빠르게 학습합니다. 좋습니다. 이 모델은 아주 빠르게 학습합니다. 좋습니다."
    assert style.repeated_sentences(text) == ["이 모델은 아주 빠르게 학습합니다."]


def test_less_than_half_hangul_is_found_and_links_names_and_glosses_are_not_held_against_a_section() -> None:
    assert style.too_little_prose("We use latent space and pixel space 를 씁니다.")
    assert not style.too_little_prose("코드를 https://example.org/a/very/long/address 에서 공개합니다.")
    assert style.too_little_prose("We use latent space and pixel space 를 씁니다.")
    assert not style.too_little_prose("MME, MMBench, SEED-Bench, LLaVA-Bench에서 LLaVA를 앞섭니다.")
    assert not style.too_little_prose("교차 주의(cross-attention module)와 창(visual windows)입니다.")
    assert not style.too_little_prose("12.5")


@pytest.mark.parametrize(
    "text",
    [
        "GPT-4o, Claude 3.5 Sonnet, Llama 3.1 405B instruct에서 MMLU 88.7, GSM8K 95.1입니다.",
        "ΔW = BA이고 A ∈ ℝ입니다.",
        "github.com/foo/bar-baz와 huggingface.co에 공개합니다.",
        "속도는 30 fps, 지연은 5 ms입니다.",
        '프롬프트는 "let\'s think step by step"입니다.',
        "손실(교차 엔트로피(cross-entropy) loss)입니다.",
        "bert-base-uncased와 t5-small을 씁니다.",
        "Natural Questions, TriviaQA, WebQuestions, SQuAD v1.1을 씁니다.",
    ],
)
def test_names_figures_glosses_and_formulas_are_no_english_prose(text: str) -> None:
    assert not style.too_little_prose(text)


@pytest.mark.parametrize(
    "text",
    [
        "model을 train하고 performance를 improve하여 accuracy를 boost합니다.",
        "This method improves the accuracy of the model and 좋습니다.",
        "Our Llama model is fast and small and 좋습니다.",
        "It is trained on tokens and it is fast, 네.",
    ],
)
def test_english_prose_is_no_name(text: str) -> None:
    assert style.too_little_prose(text)


SOURCE = "Our small model learns to read from the pages of a book that nobody has opened, and it forgets nothing."


@pytest.mark.parametrize(
    ("sentence", "copied"),
    [
        ("Our small model learns to read from the pages of a book.", True),
        ("특히 model learns to read from the pages of a book 방식입니다.", True),
        ("This is another English sentence without any Korean.", True),
        ("작은 모델이 책(the pages of a book)을 읽습니다.", False),
        ("MMLU, GSM8K, BBH, ARC, HellaSwag, PIQA, BoolQ, COPA에서 앞섭니다.", False),
        ("Natural Questions, TriviaQA, WebQuestions, CuratedTREC, SQuAD, HotpotQA, FEVER에서 앞섭니다.", False),
    ],
)
def test_english_of_the_paper_left_in_the_text_is_found(sentence: str, copied: bool) -> None:
    assert bool(style.copied(sentence, SOURCE)) is copied


def test_a_long_name_is_not_copied_prose() -> None:
    name = "Massive Evaluation of Reading and Writing for Expert Models in Korean"
    assert style.copied(f"벤치마크는 {name}입니다.", f"We propose {name}.") == ""


@given(st.text(max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    style.problems(text)
    style.copied(text, text)
    style.too_little_prose(text)
    style.repeated_sentences(text)


@pytest.mark.parametrize(
    "unit", ["a", "가", "(", "[1]", "1 ", "a b c ", ". ", "가. ", "A-", "https://", "...", "()", "一"]
)
def test_reading_time_grows_with_the_length_only(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    style.problems(text)
    style.copied(text, text)
    style.too_little_prose(text)
    assert time.process_time() - start < 30  # out of proportion it would take minutes


@pytest.mark.parametrize(
    "text", ["방법을 제안하고ㅋ", "방법을 제안합니다 ㅠㅠ", "ㄱ을 제안합니다.", "방ᄒ법을 제안합니다."]
)
def test_a_jamo_that_makes_no_syllable_is_found(text: str) -> None:
    assert [problem.rule for problem in style.stray(text)] == ["language/script"]


@pytest.mark.parametrize(
    "text", ["자모 'ㄱ'과 (ㅏ)를 나눕니다.", "ㄷ자 모양과 ㄴ형 구조를 봅니다.", "음절 “ㅎ”을 봅니다."]
)
def test_a_jamo_that_is_spoken_of_is_no_stray(text: str) -> None:
    assert style.stray(text) == []
