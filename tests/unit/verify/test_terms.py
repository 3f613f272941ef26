"""Latin-script names of a sentence against its paper, and back."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lang.ko import lexicon
from pipeline.verify import terms


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("LLaVA-HD를 제안합니다.", "We propose LLaVA-HD."),
        ("llava hd를 제안합니다.", "We propose LLaVA-HD."),
        ("GPT4o보다 빠릅니다.", "faster than GPT-4o"),
        ("GPT-4o보다 빠릅니다.", "faster than GPT 4o"),
        ("Hugging Face에 공개합니다.", "on HuggingFace"),
        ("지식 증류(Knowledge Distillation)를 씁니다.", "knowledge is distilled"),
        ("가지치기(Pruning)를 씁니다.", "we prune the model"),
        ("FooNet을 씁니다.", "\\textbf{FooNet} is used"),
        ("M2-Net을 씁니다.", "the M$^2$-Net"),
        ("Erdos 그래프입니다.", 'Erd\\"{o}s graphs'),
        ("Erdős 그래프입니다.", "Erdos graphs"),
        ("MTP를 씁니다.", "masked token prediction"),
        ("SOTA와 API, GPU와 F1, Top-1, vs.", "state of the art"),
        ("대규모 언어 모델(Large Language Model)입니다.", "We study LLMs."),
        ("LLaVA-1.5-LLaMA3-8B입니다.", "LLaVA-1.5 with LLaMA3-8B"),
        ("3D 장면입니다.", "three-dimensional scenes"),
        ("N개의 표본과 x를 씁니다.", "samples"),
        ("34B 모델이 16GB에서 30fps로 4x 빠릅니다.", "fast"),
        ("https://example.org/foo 입니다.", "Code: https://example.org/foo."),
        ("쿼리(query)를 씁니다.", "queries are used"),
        ("Queries를 씁니다.", "a query"),
        ("행렬(matrix)입니다.", "two matrices"),
        ("matrices입니다.", "a matrix"),
        ("가설(hypothesis)입니다.", "hypotheses"),
        ("말뭉치(corpora)입니다.", "a corpus"),
        ("phenomena입니다.", "a phenomenon"),
        ("biases입니다.", "a bias"),
        ("Google의 모델입니다.", "Google’s model"),
        ("Google's 모델입니다.", "a model by Google"),
        ("VAE입니다.", "the VAEs' loss"),
        ("fine tuning을 합니다.", "finetuned models"),
        ("Fine-Tuning입니다.", "we fine-tune it"),
        ("modelling입니다.", "modeling"),
        ("optimization입니다.", "optimisation"),
        ("EC2입니다.", "the Elastic Compute Cloud"),
        ("T2V입니다.", "text-to-video models"),
        ("MTP-based 방법입니다.", "masked token prediction"),
    ],
)
def test_a_name_of_the_paper_is_found_in_any_form(korean: str, english: str) -> None:
    assert terms.unsupported(korean, english) == []


@pytest.mark.parametrize(
    ("korean", "english", "unknown"),
    [
        ("LLaVA-HD를 제안합니다.", "We propose LLaMA-HD.", ["LLaVA-HD"]),
        ("GPT-3보다 빠릅니다.", "GPT-4 on 3 tasks", ["GPT-3"]),
        ("지식 증류(Knowledge Distillation)입니다.", "We teach a student.", ["Knowledge", "Distillation"]),
        ("RAG를 씁니다.", "leverage graphs", ["RAG"]),
        ("Rage를 씁니다.", "storage", ["Rage"]),
        ("GPT-35보다 빠릅니다.", "GPT-4 on 35 tasks", ["GPT-35"]),
        ("Softmax Transformer로 SOTA입니다.", "state of the art", ["Softmax", "Transformer"]),
        ("2D 장면입니다.", "3D scenes", ["2D"]),
        ("Seed-TSS입니다.", "We introduce Seed-TTS, where transformers speak slowly.", ["Seed-TSS"]),
        ("matrox입니다.", "a matrix", ["matrox"]),
        ("FooNet과 FooNet입니다.", "BarNet", ["FooNet"]),
        ("https://example.org/bar 입니다.", "https://example.org/foo", ["https://example.org/bar"]),
    ],
)
def test_a_name_that_the_paper_does_not_have_is_found(korean: str, english: str, unknown: list[str]) -> None:
    assert terms.unsupported(korean, english) == unknown


@pytest.mark.parametrize(
    ("name", "korean", "english"),
    [
        ("EU", "유럽연합(EU)의 언어입니다.", "all official European Union languages"),
        ("EU", "EU의 언어입니다.", "The European Union has them."),
        ("UK", "UK의 책입니다.", "books of the United Kingdom"),
        ("UC", "UC의 책입니다.", "books of the University of California"),
        ("MoE", "주식 예측 MoE입니다.", "a novel Mixture of Expert for stocks"),
        ("MoE", "MoE입니다.", "Mixture-of-Experts layers"),
        ("MoEs", "MoEs입니다.", "many mixture-of-experts models"),
        ("MoE-based", "MoE-based입니다.", "a mixture of experts"),
        ("IoU", "IoU입니다.", "the intersection over union"),
        ("ToM", "ToM입니다.", "a theory of mind"),
        ("SMoE", "SMoE입니다.", "a Sparse Mixture of Experts"),
        ("RM", "보상 모델(RM)입니다.", "several reward models"),
        ("KG", "지식 그래프(KG, 8B)입니다.", "a knowledge graph"),
    ],
)
def test_an_acronym_may_be_formed_of_the_papers_words(name: str, korean: str, english: str) -> None:
    assert name in terms.names(korean)
    assert terms.is_formed(name, korean, english)


@pytest.mark.parametrize(
    ("name", "korean", "english"),
    [
        ("EU", "EU입니다.", "easy use"),  # no capitals, no Korean of it
        ("EU", "EU입니다.", "In Europe. Unions form."),
        ("EU", "EU입니다.", "the Big European Union"),  # that is BEU
        ("RM", "RM입니다.", "several reward models"),
        ("RM", "회귀 모델(RM)입니다.", "several reward models"),
        ("RM", "보상 모델(RM)입니다.", "several reward measures"),
        ("MoE", "MoE입니다.", "mixtures and experts"),
        ("MoE", "MoE입니다.", "mixtures optimise experts"),
        ("MoA", "MoA입니다.", "a mixture of experts"),
        ("GPT-3", "GPT-3입니다.", "GPT-4, and Generative Pretrained Transformers"),
        ("Seed-TSS", "Seed-TSS입니다.", "Seed-TTS, Text to Speech Systems"),
        ("Kostri", "Kostri입니다.", "Kind of Some Tree"),
        ("KostriNet", "KostriNet입니다.", "Kind Neighbours"),
        ("KostriLM", "KostriLM입니다.", "Kind Language Models"),
    ],
)
def test_another_acronym_is_not(name: str, korean: str, english: str) -> None:
    assert not terms.is_formed(name, korean, english)


@pytest.mark.parametrize(
    ("korean", "english", "missing"),
    [
        ("Magpie는 LLaMA-3로 데이터를 만듭니다.", "Our Magpie uses LLaMA-3 to make data.", []),
        ("이 방법은 데이터를 만듭니다.", "Our Magpie uses LLaMA-3 to make data.", ["Magpie", "LLaMA-3"]),
        ("대규모 언어 모델을 씁니다.", "We use LLMs.", []),
        ("트랜스포머를 영어로 씁니다.", "We use a Transformer in English.", []),
        ("LLM 기반입니다.", "It is LLM-based.", []),
        ("3차원 장면입니다.", "These are 3D scenes.", []),
        ("빠릅니다.", "However, it is faster with 34B parameters.", []),
        ("빠릅니다.", "It beats COCO-Subject and top-1.", ["COCO-Subject"]),
    ],
)
def test_a_translation_keeps_every_name_of_its_source(korean: str, english: str, missing: list[str]) -> None:
    assert terms.missing(korean, english) == missing


def test_the_glossary_is_short_and_holds_no_method() -> None:
    """Each entry is believed of any paper, so that a new one has to be put here too, with a reason."""
    general = "ai ml dl rl nlp cv lm llm vlm mllm"  # names of fields and of the kinds of model that all of them use
    machines = "cpu gpu api ui id github"  # what programs run on and where they are kept
    measures = "sota top-1 top-5 f1 auc qa vs"  # how results are told
    assert set(lexicon.abbreviations()) == set(f"{general} {machines} {measures}".split())


def test_korean_forms_are_written_without_spaces() -> None:
    assert all(
        form and " " not in form and "-" not in form for forms in lexicon.entries("field").values() for form in forms
    )
    assert not {"model", "data", "language", "learning", "language model"} & set(lexicon.entries("field"))


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_read(sentence: str, source: str) -> None:
    terms.unsupported(sentence, source)
    terms.missing(sentence, source)


@given(st.lists(st.from_regex(r"\A[A-Z][a-z]{2,6}[A-Z]?[0-9]?\Z"), min_size=1, max_size=5))
def test_a_text_supports_and_keeps_its_own_names(words: list[str]) -> None:
    text = "We use " + " and ".join(words)
    assert terms.unsupported(text, text) == []
    assert terms.missing(text, text) == []


@pytest.mark.parametrize("unit", ["a", "A-", "aA1", "(", "9", "9a", "https://", "\\a", "’s"])
def test_reading_time_grows_with_the_length_only(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    terms.unsupported(text, "short")
    terms.unsupported("FooNet", text)
    terms.missing("짧습니다", text)
    assert time.process_time() - start < 30  # out of proportion it would take minutes
