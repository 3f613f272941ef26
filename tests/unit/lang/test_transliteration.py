"""Hangul that spells English words as they sound."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lang.ko.transliteration import spelled


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("transformer", "트랜스포머를 씁니다."),
        ("Transformers", "트랜스포머들은 큽니다."),
        ("attention", "어텐션"),
        ("diffusion", "디퓨전으로"),
        ("tokenizer", "토크나이저의"),
        ("benchmark", "벤치마크에서"),
        ("prompting", "프롬프팅"),
        ("network", "네트워크"),
        ("architecture", "아키텍처"),
        ("pixel", "픽셀"),
        ("language", "랭귀지"),
        ("mixture", "믹스처"),
        ("smoothing", "스무딩"),
        ("alignment", "얼라인먼트"),
        ("sampling", "샘플링"),
        ("knowledge", "날리지"),
        ("zigzag", "지그재그"),
    ],
)
def test_a_word_written_as_it_sounds_is_heard(english: str, korean: str) -> None:
    assert list(spelled([english], korean)) == [english]


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("gaussian", "기존 방식을 개선합니다."),
        ("tuning", "다양한 문제입니다."),
        ("action", "확산이 학생에게 닿습니다."),
        ("searching", "사전에 최신 수준을 조정합니다."),
        ("given", "기반"),
        ("transformer", "트랜스를 쓰는 변환기입니다."),
        ("gaussian", "가상 공간입니다."),
        ("code", "코드"),  # too short to be sure
        ("GPT-4", "지피티"),
        ("", "가나다"),
    ],
)
def test_a_word_that_only_resembles_one_is_not(english: str, korean: str) -> None:
    assert list(spelled([english], korean)) == []


@given(st.text(max_size=40), st.text(max_size=80))
def test_any_text_can_be_compared(english: str, korean: str) -> None:
    list(spelled(english.split(), korean))


@pytest.mark.parametrize("unit", ["가", "트랜스포머 ", "으", "a "])
def test_comparing_time_grows_with_the_length_only(unit: str) -> None:
    start = time.process_time()
    list(spelled(["transformer", "a" * 2_000, "x" * 2_000], unit * (20_000 // len(unit))))
    assert time.process_time() - start < 30  # out of proportion it would take minutes
