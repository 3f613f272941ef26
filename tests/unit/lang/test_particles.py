"""Particles after Latin names and figures: mended where there is one reading, else left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lang.ko.particles import mended


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("Lamp-2을 GPT-4o은 GPT-4과", "Lamp-2를 GPT-4o는 GPT-4와"),
        ("LLM를 RLHF을 CNN는 GPU과의 API이", "LLM을 RLHF를 CNN은 GPU와의 API가"),
        ("Qwen를 Mamba을 LoRA은 Transformer을", "Qwen을 Mamba를 LoRA는 Transformer를"),
        ("ChatGPT은 OpenAI이", "ChatGPT는 OpenAI가"),
        ("LLM로 RL으로 GPT으로부터 R1가", "LLM으로 RL로 GPT로부터 R1이"),
        ("LLM라는 (Lamp-2을)", "LLM이라는 (Lamp-2를)"),
        ("12%을 12을 0.6를 1으로 10를 2024은", "12%를 12를 0.6을 1로 10을 2024는"),
        ("Lamp 2을 쓰고 3를 씁니다.", "Lamp 2를 쓰고 3을 씁니다."),
    ],
)
def test_a_wrong_particle_is_mended(written: str, right: str) -> None:
    assert mended(written) == right
    assert mended(right) == right


@pytest.mark.parametrize(
    "text",
    [
        "GPT-3을 GPT-3를 BERT을 BERT를 CLIP을 CLIP를 Scale은 Scale는 MoE을 ViT은",  # read in two ways
        "Hibou-L는 Hibou-L은 7B을 7B를 30k은 10mm를 Llama 3은 Llama 3는 FocusLLM는",
        "2가지 GPT-4이다 LLM에서 AI이면 GPT-4이라는 검색 증강 생성(RAG)을 12과목",
        "10^3을 $12을 1/3을 x²을",
    ],
)
def test_what_may_be_right_stays(text: str) -> None:
    assert mended(text) == text


@given(st.text(alphabet="GPTLaen4 .-%은는이가을를과와로으라"))
def test_mending_is_done_at_once_and_touches_particles_alone(text: str) -> None:
    once = mended(text)
    assert mended(once) == once
    assert [char for char in once if char.isascii()] == [char for char in text if char.isascii()]
