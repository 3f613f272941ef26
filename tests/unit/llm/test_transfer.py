"""English sentences and what may be said of them in Korean; `cases/transfer` has a sentence a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lang.ko.lexicon import entries
from pipeline.llm.embedded.transfer import Phrase, is_name, plain_case, transfer
from tests import CASES

FOLDER = CASES / "transfer"


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (FOLDER / name).read_text("utf-8").splitlines()]


def first_wording(phrase: Phrase | None) -> str:
    return " ".join(slot[0] for slot in phrase) if phrase else ""


@pytest.mark.parametrize(("english", "korean"), rows("read.tsv"))
def test_a_sentence_is_read(english: str, korean: str) -> None:
    assert first_wording(transfer(english, "")) == korean


@pytest.mark.parametrize(("english", "kept"), rows("cut.tsv"))
def test_what_only_adds_is_left_out(english: str, kept: str) -> None:
    assert transfer(english, "") == transfer(f"{kept}.", "") is not None


@pytest.mark.parametrize("english", [row[0] for row in rows("refused.txt")])
def test_what_cannot_be_told_is_refused(english: str) -> None:
    assert transfer(english, "") is None


def test_the_title_tells_a_name_at_the_beginning() -> None:
    sentence = "Quokka improves accuracy."
    assert first_wording(transfer(sentence, "Quokka: A Model")) == "Quokka는 정확도를 향상시킵니다"
    assert transfer(sentence, "A Model") is None


@pytest.mark.parametrize("token", ["GPT-4", "TileNet", "LLaVA", "3D", "Llama"])
def test_names(token: str) -> None:
    assert is_name(token)


@pytest.mark.parametrize("token", ["model", "4.5%", "18x", "300K", "2024", "2-4x"])
def test_what_is_no_name(token: str) -> None:
    assert not is_name(token)


def test_general_terms_are_no_names() -> None:
    assert plain_case("Large Language Models and Direct Preference Optimization") == (
        "large language models and Direct Preference Optimization"
    )


@pytest.mark.parametrize("times", [5, 40])
def test_a_sentence_without_end_is_no_trouble(times: int) -> None:
    transfer("We propose a new " + "and ".join(["method for image editing of models that use data "] * times) + ".", "")


@given(st.lists(st.sampled_from([*list(entries("n"))[:40], "we", "propose", "a", "and", "of", "that", ",", "GPT-4"])))
def test_any_words_are_read_in_reasonable_time(words: list[str]) -> None:
    transfer(" ".join(words), "")
