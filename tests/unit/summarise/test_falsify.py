"""Sentences falsified on purpose: each false in one place, and good Korean."""

import pytest

from pipeline.core.models import Claim, SourceSentence, SourceText
from pipeline.lang.ko.conjugation import attach
from pipeline.summarise.falsify import Falsified, falsified

TITLE = "TileNet: Drawing Maps"


def source(*sentences: str) -> SourceText:
    return SourceText(paper_id="x", sentences=tuple(SourceSentence(text=text) for text in sentences))


def plants(korean: str, *english: str) -> dict[str, str]:
    """The falsified sentences by their kind, the claim citing the first English sentence."""
    claims = [Claim(section="", text=korean, cites=(1,))]
    return {one.kind: one.text for one in falsified(claims, source(*english), TITLE)}


RIVALS = "TileNet is compared with MapFormer on the CityTiles benchmark, RoadGAN being older."


@pytest.mark.parametrize(
    ("kind", "korean", "english", "false"),
    [
        # a rival of the paper in another's place; particles agree with it
        (
            "comparator",
            "TileNet은 GeoLM보다 2.3점 높습니다.",
            "It beats GeoLM by 2.3.",
            "TileNet은 {}보다 2.3점 높습니다.",
        ),
        (
            "comparator",
            "TileNet은 GeoLM을 2점 앞섭니다.",
            "It beats GeoLM by 2.",
            "TileNet은 {}을 2점 앞섭니다.",
        ),
        (
            "comparator",
            "기존 방법보다 빠릅니다.",
            "It is faster than prior methods.",
            "현재 최고 성능의 방법보다 빠릅니다.",
        ),
        # relations
        ("relation", "TileNet은 GeoVQ보다 빠릅니다.", "It is faster than GeoVQ.", "GeoVQ는 TileNet보다 빠릅니다."),
        ("relation", "메모리를 줄입니다.", "It saves memory.", "메모리를 늘립니다."),
        ("relation", "성능 향상을 보입니다.", "It improves.", "성능 저하를 보입니다."),
        ("relation", "이 모델은 GeoLM을 2점 앞섭니다.", "It beats GeoLM by 2.", "이 모델은 GeoLM에 2점 뒤집니다."),
        ("relation", "이 모델은 GeoLM을 능가합니다.", "It beats GeoLM.", "이 모델은 GeoLM에 미치지 못합니다."),
        # hedges that the paper has
        ("hedge", "최대 9배 빠릅니다.", "It is up to 9 times faster.", "항상 9배 빠릅니다."),
        ("hedge", "오류로 이어질 수 있습니다.", "This may lead to errors.", "오류로 이어집니다."),
        ("hedge", "대부분의 지도에서 통합니다.", "It works for most maps.", "모든 지도에서 통합니다."),
        # what a thing is
        (
            "role",
            "TileNet은 GeoLM보다 2점 높습니다.",
            "It beats GeoLM by 2.",
            "TileNet은 GeoLM 벤치마크에서 2점 높습니다.",
        ),
        ("role", "CityTiles 데이터셋을 공개합니다.", "We release it.", "CityTiles 모델을 공개합니다."),
        ("role", "CityTiles에서 92%를 얻습니다.", "It reaches 92%.", "CityTiles 모델을 사용해 92%를 얻습니다."),
        # terms; the words after are those of the new one
        ("term", "가우시안 스플래팅을 씁니다.", "It uses Gaussian splatting.", "가우시안 {}을 씁니다."),
        ("term", "드롭아웃을 씁니다.", "It uses dropout.", "{}을 씁니다."),
    ],
)
def test_each_kind_changes_one_thing(kind: str, korean: str, english: str, false: str) -> None:
    found = plants(korean, english, RIVALS)[kind]
    choices = ("MapFormer", "RoadGAN", "CityTiles", "튀김", "물보라", "중퇴", "자퇴")
    assert found in {false.replace("{}을", attach(word, "을")).replace("{}", word) for word in choices}


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("정확도는 63.3%입니다.", "Accuracy is 63.3%, or 68.3% and 61.3% elsewhere."),
        ("파라미터는 340억 개입니다.", "It has 34B parameters."),
        ("3단계로 학습합니다.", "It is trained in three stages, not five."),
    ],
)
def test_a_figure_becomes_one_that_the_paper_has_nowhere(korean: str, english: str) -> None:
    figure = plants(korean, english)["figure"]
    assert sum(one != other for one, other in zip(korean, figure, strict=False)) <= 2
    assert not any(number in figure for number in ("63.3", "68.3", "61.3", "340억", "3단계", "5단계"))


@pytest.mark.parametrize("number", ["0.16으로", "0.93으로", "7.2로", "4.1로"])
def test_the_particle_after_a_figure_is_that_of_its_last_digit(number: str) -> None:
    figure, rest = plants(f"{number} 낮아집니다.", "It falls.")["figure"].split(" ")
    assert rest == "낮아집니다."
    assert figure == attach(figure.rstrip("으로"), "으로")


@pytest.mark.parametrize(
    ("kind", "korean", "english"),
    [
        ("figure", "60% 이상을 줄입니다.", "It saves over 60%."),  # another bound may be true
        ("figure", "약 60%를 줄입니다.", "It saves about 60%."),
        ("figure", "Llama 3 모델을 씁니다.", "It uses Llama 3."),
        ("figure", "2018년 12월 20일자 지도를 씁니다.", "It uses maps of 20 December 2018."),
        ("figure", "학습률은 10^-4입니다.", "The learning rate is 10^-4."),
        ("comparator", "TileNet은 GeoLM보다 빠릅니다.", "It is faster than GeoLM and MapFormer."),  # true of both
        ("comparator", "기존 방법보다 빠릅니다.", "It is faster than the state of the art."),
        ("hedge", "최대 9배 빠릅니다.", "It is 9 times faster."),  # the paper has no such hedge
        ("hedge", "지도를 만들 수 있습니다.", "It can draw maps."),
        ("role", "GeoLM에서 92%를 얻습니다.", "It reaches 92% with GeoLM."),  # a model used is no benchmark
        ("term", "지식을 캐시합니다.", "It caches knowledge."),  # a verb
        ("figure", "확률이 1에 가까워집니다.", "The probability approaches 1."),  # nobody would believe 4
        (
            "comparator",
            "TileNet은 GeoLM을 2점 앞섭니다.",
            "It beats GeoLM by 2; Norm-Constrained, v1.0 and LMMs exist.",
        ),
    ],
)
def test_what_could_stay_true_is_left_alone(kind: str, korean: str, english: str) -> None:
    assert kind not in plants(korean, english)


@pytest.mark.parametrize(
    ("korean", "false"),
    [
        ("지도를 제안합니다.", "지도를 제안하지 않습니다."),
        ("이것은 모델입니다.", "이것은 모델이 아닙니다."),
        ("이것은 지도입니다.", "이것은 지도가 아닙니다."),
        ("지도를 그릴 수 있습니다.", "지도를 그릴 수 없습니다."),
        ("경우가 많습니다.", "경우가 많지 않습니다."),
        ("지도를 넣었습니다.", "지도를 넣지 않았습니다."),
        ("이것은 진전이었습니다.", "이것은 진전이 아니었습니다."),
        ("지도를 만듭니다.", "지도를 만들지 않습니다."),
        ("결과를 보입니다.", "결과를 보이지 않습니다."),
        ("지도를 제안했습니다.", "지도를 제안하지 않았습니다."),
        ("지도가 설계되었다.", "지도가 설계되지 않았다."),
        ("지도를 다룬다.", "지도를 다루지 않는다."),
        ("이것은 지도이다.", "이것은 지도가 아니다."),
        ("지도를 제안함", "지도를 제안하지 않음"),
    ],
)
def test_what_no_kind_fits_is_denied(korean: str, false: str) -> None:
    assert plants(korean, "We draw maps.") == {"negation": false}


@pytest.mark.parametrize(
    "korean", ["지도를 그리는 새 모델", "지도를 그리는 시스템", "지도의 패러다임", "We draw maps."]
)
def test_a_headline_without_a_figure_or_name_cannot_be_falsified(korean: str) -> None:
    assert not plants(korean, "We draw maps.")


def test_the_same_claims_give_the_same_sentence_and_others_another() -> None:
    texts = ("TileNet은 GeoLM보다 2.3점 높습니다.", "최대 9배 빠릅니다.", "메모리를 줄입니다.", "드롭아웃을 씁니다.")
    english = source("It beats GeoLM by 2.3.", "It is up to 9 times faster.", "It saves memory.", "It uses dropout.")

    def first(number: int) -> Falsified:
        cited = [Claim(section="", text=text, cites=(place,)) for place, text in enumerate(texts, start=1)]
        claims = [*cited, Claim(section="", text=f"지도 {number}번", cites=(1,))]
        return next(falsified(claims, english, TITLE))

    assert first(1) == first(1)
    assert len({(one.kind, one.place) for one in map(first, range(40))}) > 4
    assert all(one.text not in texts for one in map(first, range(40)))
