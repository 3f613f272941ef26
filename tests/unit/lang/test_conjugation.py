"""Particles and endings, by the words that take them."""

import pytest

from pipeline.lang.ko.conjugation import attach, conjugate, number, passive


@pytest.mark.parametrize(
    ("word", "particle", "whole"),
    [
        ("모델", "을", "모델을"),
        ("프레임워크", "을", "프레임워크를"),
        ("모델", "으로", "모델로"),
        ("방법", "으로", "방법으로"),
        ("데이터", "으로", "데이터로"),
        ("LLM", "이", "LLM이"),
        ("GPT-4", "이", "GPT-4가"),
        ("MotionClone", "은", "MotionClone은"),
        ("CLIP", "을", "CLIP를"),
        ("24%", "은", "24%는"),
        ("언어 모델(LLM)", "과", "언어 모델(LLM)과"),
        ("프레임워크", "을 위한", "프레임워크를 위한"),
        ("데이터", "에서", "데이터에서"),
    ],
)
def test_a_particle_follows_the_final_sound(word: str, particle: str, whole: str) -> None:
    assert attach(word, particle) == whole


@pytest.mark.parametrize(
    ("stem", "forms"),
    [
        ("제안하", "제안합니다 제안한 제안할 제안함 제안하여 제안하고"),
        ("줄이", "줄입니다 줄인 줄일 줄임 줄여 줄이고"),
        ("보여주", "보여줍니다 보여준 보여줄 보여줌 보여주어 보여주고"),
        ("겪", "겪습니다 겪은 겪을 겪음 겪어 겪고"),
    ],
)
def test_conjugation(stem: str, forms: str) -> None:
    assert " ".join(conjugate(stem, ending) for ending in ("니다", "ㄴ", "ㄹ", "ㅁ", "여", "고")) == forms


def test_the_passive_is_of_hada_verbs() -> None:
    assert (passive("제안하"), passive("향상시키"), passive("줄이")) == ("제안되", "향상되", None)


@pytest.mark.parametrize(
    ("value", "korean"),
    [(2.5e9, "25억"), (1.2e6, "120만"), (4e6, "400만"), (40087, "40,087"), (1.5e12, "1.5조"), (3, "3")],
)
def test_figures_keep_their_magnitude(value: float, korean: str) -> None:
    assert number(value) == korean
