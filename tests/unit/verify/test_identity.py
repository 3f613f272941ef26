"""Is the entry about its paper? Judged by the title's terms."""

import time

import pytest

from pipeline.lang import termbase
from pipeline.verify import identity
from pipeline.verify.paper import PaperText


def shares_title(text: str, title: str) -> bool:
    return identity.shares_title(text, PaperText(title, [], termbase.load()))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("FooNet: Learning to Read", "FooNet은 글을 읽습니다."),
        ("Foo-Net 2: Learning to Read", "Foo-Net 2는 글을 읽습니다."),
        ("Erasing Facts with Selective Attention", "선택적 어텐션(Selective Attention)을 씁니다."),
        ("Masked Token Prediction at Scale", "MTP를 씁니다."),
        ("A Survey of Video Models", "비디오를 이해하는 모델입니다."),
        ("What Large Language Models Know", "대규모 언어 모델이 아는 것을 살핍니다."),
        ("Text-to-Image Models in Depth", "텍스트-이미지 모델을 살핍니다."),
        ("Pruned Transformers", "pruning을 씁니다."),
        ("Towards Multi-modal Systems", "멀티모달 시스템입니다."),
        ("All You Need Is Data", "무엇이든 좋습니다."),
        ("Vision Transformers Need Registers", "비전 트랜스포머에 레지스터를 더합니다."),
        ("Denoising Diffusion Bridges", "디퓨전으로 그림을 만듭니다."),
        ("Ring Attention for Long Books", "고리 모양의 어텐션을 씁니다."),
        ("Backpropagation without Weights", "역전파를 하지 않습니다."),
        ("Addition Is Enough", "곱셈 대신 덧셈을 씁니다."),
        ("Textbooks for Tiny Models", "교과서로 작은 모델을 가르칩니다."),
        ("Speed Is Confidence", "빠르게 낸 답이 더 믿을 만하며, 속도가 신뢰를 말해 줍니다."),
        ("Two Hands", "두 손을 씁니다."),
        ("Speed Is Confidence", "가장 빨리 멈춘 모델의 답을 고릅니다."),
        ("Speed Is Confidence", "발화하는 때를 확신으로 다룹니다."),
    ],
)
def test_a_term_of_the_title_is_found_in_either_script(title: str, text: str) -> None:
    assert shares_title(text, title)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("FooNet: Learning to Read", "새로운 모델을 학습하여 성능을 높입니다."),
        ("Multiplying Cheaply for Language Models", "에너지를 줄이는 언어 모델(LLM)입니다."),
        ("BarSim: Scaling Robot Data with Reasoning LLMs", "트랜스포머(Transformer)로 자연어 처리 데이터를 다룹니다."),
        ("Language Models Read", "자연어 처리를 하는 언어 모델(language model)입니다."),
        ("Video Captions", "이 모델(Model)은 이미지를 다룹니다."),
        ("Gaussian Splatting", "기존 방식을 개선하여 가상 공간을 구성합니다."),
        ("Vision Transformers Need Registers", "언어 모델을 강화 학습으로 정렬합니다."),
        ("Two Hands", "손실을 줄입니다."),
        ("Speed Is Confidence", "표준 앙상블의 정확도를 높입니다."),
    ],
)
def test_other_words_do_not_make_it_the_same_paper(title: str, text: str) -> None:
    assert not shares_title(text, title)


@pytest.mark.parametrize("unit", ["a ", "A-", "FooNet ", "가 ", "("])
def test_reading_time_grows_with_the_length_only(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    shares_title(text, "BarNet: Reading a Book")
    shares_title("짧습니다.", text)
    assert time.process_time() - start < 30  # out of proportion it would take minutes
