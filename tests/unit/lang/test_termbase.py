"""The table of the field's terms: its file, what it finds in a paper, what it holds against a sentence."""

from pathlib import Path

import pytest

from pipeline.core.errors import ConfigError
from pipeline.lang import termbase
from pipeline.lang.termbase import Term, Termbase

TABLE = Termbase(
    [
        Term(
            english="training",
            also=("train", "trained"),
            korean=("학습", "훈련"),
            misleading=("교육",),
            unless=("school",),
        ),
        Term(english="feature map", korean=("특징 맵",), misleading=("기능 맵",)),
        Term(english="order of magnitude", korean=("10배",), misleading=("한 자릿수",)),
    ]
)


@pytest.mark.parametrize(
    ("english", "found"),
    [
        ("Training helps.", ["training"]),
        ("It is trained.", ["training"]),
        ("The feature-maps and Feature Map", ["feature map"]),
        ("features and a map", []),
        ("two orders of magnitude", ["order of magnitude"]),
        ("constraining", []),
        ("", []),
    ],
)
def test_terms_are_found_in_any_case_and_number(english: str, found: list[str]) -> None:
    assert [term.english for term in TABLE.terms_in(english)] == found


@pytest.mark.parametrize(
    ("korean", "english", "renderings"),
    [
        ("모델을 교육합니다.", "We train a model.", ["교육"]),
        ("한자릿수 빠릅니다.", "an order of magnitude faster", ["한 자릿수"]),
        ("기능 맵을 씁니다.", "feature maps", ["기능 맵"]),
        ("모델을 학습하고 교육합니다.", "We train a model.", []),
        ("교육용 모델입니다.", "A model for school that we train.", []),
        ("재교육입니다.", "We train a model.", []),
        ("교육 모델입니다.", "A model of pedagogy.", []),
        ("특징 맵입니다.", "feature maps", []),
    ],
)
def test_a_misleading_rendering_needs_the_term_and_no_excuse(korean: str, english: str, renderings: list[str]) -> None:
    assert [rendering for _, rendering in TABLE.misleading(korean, english)] == renderings


SLIPS = [
    ("training", "교육"),
    ("Transformer", "변형자"),
    ("multimodal", "다양체"),
    ("subject-driven", "주제"),
    ("splatting", "튀김"),
    ("differentiable", "차별화 가능한"),
    ("implicit", "명시적"),
    ("top-down", "상향식"),
    ("feature", "기능을 뽑는"),
    ("radiance field", "방사선 필드"),
    ("unseen", "보이지 않는"),
    ("an order of magnitude", "한 자릿수"),
    ("hallucination", "환상"),
    ("hallucinations", "헛구역질"),
    ("ground truth", "지상 진리"),
    ("in-the-wild", "야외"),
    ("orthogonal", "정렬된"),
    ("promptable", "즉각적인"),
    ("evaluation measure", "조치"),
    ("similarity measures", "대책"),
]

SAID_IN_ANOTHER_SENSE = [
    ("품질 보증 조치를 설명합니다.", "We detail the quality assurance measures."),
    ("여러 대책을 견줍니다.", "Several measures against the outbreak are compared."),
    ("교육받은 사람이 붙인 표시입니다.", "Labels are from trained annotators."),
    ("방해 요소가 성능을 낮춥니다.", "Distractors hamper the inference of models."),
    ("물체의 보이지 않는 부분을 채웁니다.", "It fills unseen regions of an object."),
    ("뒷문 조정을 씁니다.", "We use backdoor adjustment."),
    ("다봉 분포를 다룹니다.", "It deals with multimodal posteriors."),
    ("추계적 과정입니다.", "It is a stochastic process."),
    ("변이형 오토인코더입니다.", "It is a variational autoencoder."),
    ("잠복 감염을 찾습니다.", "It finds latent infections."),
    ("즉각적인 대응이 필요합니다.", "A prompt response is urgent."),
    ("주요 관심사가 되었습니다.", "It has attracted attention."),
]


@pytest.mark.parametrize(("english", "korean"), SLIPS)
def test_real_slips_are_found_by_the_shipped_table(english: str, korean: str) -> None:
    assert termbase.load().misleading(f"{korean} 방식입니다.", f"This {english} is shown.")


@pytest.mark.parametrize(("korean", "english"), SAID_IN_ANOTHER_SENSE)
def test_a_term_in_its_everyday_sense_is_let_pass(korean: str, english: str) -> None:
    assert not termbase.load().misleading(korean, english)


def test_the_shipped_table_is_large_enough() -> None:
    assert len(termbase.load().terms) >= 200


GOOD = 'english = "token"\nkorean = ["토큰"]\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[term", "cannot be read"),
        ("x = 1", "[[term]]"),
        ('[[term]]\nenglish = "token"', "'token': korean"),
        (f"[[term]]\n{GOOD}extra = 1", "'token': extra"),
        ('[[term]]\nenglish = ""\nkorean = ["토큰"]', "english"),
        ('[[term]]\nkorean = ["토큰"]', "no english"),
        (f"[[term]]\n{GOOD}[[term]]\n{GOOD}", "twice"),
        (f'[[term]]\n{GOOD}misleading = ["토큰"]', "both usual and misleading"),
        (f'[[term]]\n{GOOD}misleading = ["sign"]', "not Korean"),
        (f'[[term]]\n{GOOD}also = ["토큰"]', "not English"),
        ('[[term]]\nenglish = "token"\nkorean = [" "]', "empty"),
    ],
)
def test_a_wrong_table_is_refused_with_file_and_entry(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "termbase.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigError) as error:
        termbase.read(path)
    assert str(path) in str(error.value)
    assert said in str(error.value)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        termbase.read(tmp_path / "none.toml")
