"""The figures of a sentence against its paper, and back."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lang.quantities import quantities
from pipeline.verify import numbers, terms


def read(text: str) -> list[tuple[float, str]]:
    """The figures to prove, as (value, kind)."""
    return [(quantity.value, quantity.kind) for quantity in quantities(text) if not quantity.loose]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("매개변수 3천6백만 개", [(36e6, "")]),
        ("1억 2천5백만 개의 매개변수", [(125e6, "")]),
        ("0.46억 개", [(46e6, "")]),
        ("34억 개", [(34e8, "")]),
        ("1조 5,000억 토큰", [(1.5e12, "")]),
        ("2만5,000장", [(25_000, "")]),
        ("33만 7,000 장과 3만, 5,000", [(337_000, ""), (30_000, ""), (5_000, "")]),
        ("십억 개의 토큰과 백만 개의 문장", [(1e9, ""), (1e6, "")]),
        ("수십만 개의 이미지", [(1e5, "~")]),
        ("몇 천 개의 문장", [(1e3, "~")]),
        ("두 가지 방법, 세 번째 단계, 열 개의 작업", [(2, ""), (3, ""), (10, "")]),
        ("4.6%p와 2.1% 포인트, 3 포인트", [(4.6, "%p"), (2.1, "%p"), (3, "%p")]),
        ("12.5%와 40 퍼센트", [(12.5, "%"), (40, "%")]),
        ("2-4배, 4~5배", [(2, "x"), (4, "x"), (4, "x"), (5, "x")]),
        ("3~5억 개", [(3e8, ""), (5e8, "")]),
        ("절반과 3분의 1", [(0.5, "/"), (1 / 3, "/")]),
        ("a 34B model, 1.5 trillion tokens and 16k images", [(34e9, ""), (1.5e12, ""), (16e3, "")]),
        ("34-billion and 0.46 million", [(34e9, ""), (0.46e6, "")]),
        ("twenty-five of two hundred thousand", [(25, ""), (200_000, "")]),
        ("half a million, a dozen, two dozen", [(5e5, ""), (12, ""), (24, "")]),
        ("hundreds of thousands and dozens", [(1e5, "~"), (10, "~")]),
        ("several thousand", [(1e3, "~")]),
        ("an order of magnitude, two orders of magnitude", [(10, "x"), (100, "x")]),
        (
            "five-fold, tenfold, 3x, $1.5\\times$, 2.7 times, ×4",
            [(5, "x"), (10, "x"), (3, "x"), (1.5, "x"), (2.7, "x"), (4, "x")],
        ),
        ("12.5\\%, 3 percent, 2 percentage points, 1.2 points", [(12.5, "%"), (3, "%"), (2, "%p"), (1.2, "%p")]),
        ("two-thirds, 1/3", [(2 / 3, "/"), (1 / 3, "/")]),
        ("$10^{6}$ steps, 10⁴, 5e-7", [(1e6, ""), (1e4, ""), (5e-7, "")]),
        ("512 × 512 pixels, 8× A100", [(512, ""), (512, ""), (8, "")]),
        ("１２％", [(12, "%")]),
        ("2024년 6월 13일", [(2024, ""), (6, ""), (13, "")]),
        ("사람 1인당 20개, 11명당 3개", [(20, ""), (11, ""), (3, "")]),
        ("a two-order-of-magnitude gain, a factor of 3", [(100, "x"), (3, "x")]),
        ("20, 000 pairs in 2019, 300 of them", [(20_000, ""), (2019, ""), (300, "")]),
        ("version 2.6.32 and 4.13.0", [(2632, ""), (4130, "")]),
        ("7–billion parameters, 3⋅10^-4", [(7e9, ""), (3e-4, "")]),
        ("13 May 2024, May 5", [(13, ""), (5, ""), (2024, ""), (5, ""), (5, "")]),
        ("지연이 두 자릿수 줄어듭니다", []),
    ],
)
def test_reads_figures_of_both_languages(text: str, expected: list[tuple[float, str]]) -> None:
    found = read(text)
    assert [kind for _, kind in found] == [kind for _, kind in expected]
    assert [value for value, _ in found] == pytest.approx([value for value, _ in expected])


@pytest.mark.parametrize(
    "text",
    [
        "GPT-4o와 Llama-3.1-8B, ViT-L/14, ImageNet-1k, 3DGS, top-1, int32",
        "한 가지 방법과 하나의 모델",
        "첫째는 속도이고 둘째는 크기입니다",
        "3D와 2D 장면, zero-shot 평가",
        "조건부 억제 백본과 천천히 만약",
        "길을 열 수 있습니다",
        "이전 세대의 모델",
        "1) 수집, 2) 학습",
        "Austin 등 [14]이 제안했습니다",
        "할 수만 있다면",
        "1인칭 시점의 오디오2이미지 생성",
    ],
)
def test_terms_enumerations_and_words_are_no_figures(text: str) -> None:
    assert read(text) == []


MEASURES = [
    ("초당 30 토큰", [("", "s")]),
    ("초당 약 200프레임", [("", "s")]),
    ("30토큰/초", [("", "s")]),
    ("30 tokens per second", [("", "s")]),
    ("30 tokens/s", [("", "s")]),
    ("40 tokens a second", [("", "s")]),
    ("100+ FPS", [("", "s")]),
    ("토큰당 20ms", [("ms", "token")]),
    ("20 ms per token", [("ms", "token")]),
    ("GPU당 8개", [("", "gpu")]),
    ("10 hours per GPU", [("h", "gpu")]),
    ("30초~5분", [("s", ""), ("min", "")]),
    ("30~50초", [("s", ""), ("s", "")]),
    ("3시간 20분 동안", [("h", ""), ("min", "")]),
    ("12개월, 2024년, 7주", [("month", ""), ("year", ""), ("week", "")]),
    ("16GB 메모리와 2테라바이트", [("GB", ""), ("TB", "")]),
    ("a 3-second clip of 24 kHz", [("s", ""), ("kHz", "")]),
    ("5분의 1", [("", "")]),
    ("10도 가능합니다", [("", "")]),
]


@pytest.mark.parametrize(("text", "expected"), MEASURES)
def test_reads_units_and_rates_of_both_languages(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.unit, one.per) for one in quantities(text) if not one.loose] == expected


SUPPORTED = [
    ("0.5초", "500 ms"),
    ("1년", "12 months"),
    ("1.5시간", "90 minutes"),
    ("초당 30토큰", "30 tokens per second"),
    ("30토큰의 속도", "30 tokens per second"),
    ("토큰당 20ms", "20 milliseconds per token"),
    ("30초~5분", "30 seconds to 5 minutes"),
    ("16GB", "16 gigabytes"),
    ("세 번째", "the third"),
    ("12개의 작업", "a dozen tasks"),
    ("한 자릿수 이상 빠르며 10배입니다", "an order of magnitude faster"),
    ("340억 개의 파라미터", "a model with 34B parameters"),
    ("470억 파라미터", "TurboFoo-47B runs"),
    ("약 16,000개의 문장", "15,440 sentences"),
    ("85%의 정확도", "an accuracy of 85.27%"),
    ("2배 이상 빠릅니다", "2.4x faster"),
    ("40만 개 이상의 영상", "412,000 clips"),
    ("수백만 명의 사용자", "millions of users"),
    ("수백만 개의 문장", "3.5 million sentences"),
    ("10배 빠릅니다", "an order of magnitude faster"),
    ("두 배의 속도", "doubles the speed"),
    ("두 가지 과제", "both tasks"),
    ("절반의 메모리", "50% of the memory"),
    ("50%의 메모리", "half the memory"),
    ("2-4배", "2 to 4 times faster"),
    ("10%에서 20%", "10-20% of tokens"),
    ("Llama 2를 능가합니다", "beats Llama-2"),
    ("2024년 6월", "in June 2024"),
    ("512x512 해상도", "$512 \\times 512$ images"),
    ("3차원 장면", "3D scenes"),
    ("8개의 A100", "8 × A100 GPUs"),
    ("2.3%p 향상", "improves by 2.3 F1 points"),
    ("1백만 규모", "a million-scale corpus"),
    ("0.603입니다", "FooNet | Large | .603 | 22"),
    ("0.05보다 작습니다", "it is significant (p<.05)"),
    ("4,426,165,368가지", "it allows 4, 426, 165, 368 of them"),
    ("12,000장", "12 000 pictures"),
    ("32건 중 21건", "Total | 21/32 (65.6%) | 16/32 (50%)"),
    ("8/12에서 낫습니다", "better in 8 out of the 12 cases"),
    ("70%입니다", "FooNet | 12 | 25 | 48 | 70"),
    ("70%입니다", "FooNet 12 25 48 70 on all"),
    ("70%입니다", "| Books | 70"),
    ("70%입니다", "It has an accuracy of 70 on books."),
    ("70억 개입니다", "FooNet | 7 | 12 | 3.5"),
    ("350만 개입니다", "FooNet | 7 | 12 | 3.5"),
    ("비율은 0.45입니다", "in 45% of the cases"),
    ("45%입니다", "a fraction of 0.45"),
]


@pytest.mark.parametrize(("korean", "english"), SUPPORTED)
def test_a_figure_of_the_paper_is_supported_in_any_form(korean: str, english: str) -> None:
    assert numbers.unsupported(korean, english) == []


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("34억 개의 파라미터", "a model with 34B parameters"),
        ("50억 개의 문서", "50 billion documents"),
        ("0.46억 개", "0.46 billion"),
        ("1억 장", "10,000 images"),
        ("4.6% 높습니다", "4.6 percentage points higher"),
        ("4.6%p 높습니다", "4.6% higher"),
        ("약 160,000개의 문장", "15,440 sentences"),
        ("약 1,600개의 문장", "15,440 sentences"),
        ("약 20,000개의 문장", "15,440 sentences"),
        ("86%의 정확도", "an accuracy of 85.27%"),
        ("2배 이상 빠릅니다", "1.8x faster"),
        ("3배 빠릅니다", "3 of the tasks"),
        ("30%", "30 tasks"),
        ("수백만 명", "thousands of users"),
        ("세 가지 과제", "both tasks"),
        ("4개의 모델", "beats GPT-4"),
        ("0.306입니다", "FooNet | Large | .603 | 22"),
        ("603입니다", "FooNet | Large | .603 | 22"),
        ("4,426,165,386가지", "it allows 4, 426, 165, 368 of them"),
        ("32건 중 22건", "Total | 21/32 (65.6%) | 16/32 (50%)"),
        ("9/12에서 낫습니다", "better in 8 out of the 12 cases"),
        ("71%입니다", "FooNet | 12 | 25 | 48 | 70"),
        ("70%입니다", "It reads 70 books a day."),
        ("700%입니다", "It has an accuracy of 70 on books."),
        ("70개입니다", "FooNet | 7 | 12 | 3.5"),
        ("70억 개입니다", "It has 7 or 12 layers."),
        ("45입니다", "in 45% of the cases"),
        ("비율은 0.45입니다", "in 54% of the cases"),
        ("85.3%", "an accuracy of 85%"),
        ("30분", "30 seconds"),
        ("30GB", "30 MB"),
        ("토큰당 30ms", "30 ms per image"),
        ("토큰당 20개", "20 tokens per second"),
        ("초당 20개", "20 per token"),
        ("5시간", "5 GB"),
        ("3초", "3 times faster"),
    ],
)
def test_a_wrong_value_magnitude_or_unit_is_found(korean: str, english: str) -> None:
    assert numbers.unsupported(korean, english) != []


@pytest.mark.parametrize(
    ("korean", "english", "meant"),
    [
        ("34억", "34B", "34B"),
        ("34억", "Poro-34B", "Poro-34B"),
        ("15,440만", "15,440 sentences", "15,440"),
        ("4.6%p", "4.6%", "4.6%"),
        ("30분", "30 seconds", "30"),
        ("3", "30 tasks", None),
        ("35억", "34B", None),
    ],
)
def test_a_right_figure_of_wrong_magnitude_or_unit_is_told_from_an_invented_one(
    korean: str, english: str, meant: str | None
) -> None:
    found = numbers.figures(english).meant(numbers.wanted(korean)[0])
    assert (found and found.text) == meant


def test_a_table_of_figures_proves_what_its_text_does() -> None:
    table = numbers.figures("A 34B model, 85.27%, 500 ms and half of 1,200 tasks.")
    assert all(table.support(want) for want in numbers.wanted("340억, 85%, 0.5초, 절반, 1,200개"))
    assert not any(table.support(want) for want in numbers.wanted("34억, 86%, 5초, 120개"))


def test_what_was_meant_is_named() -> None:
    source = "We train on 50 billion tokens with 12 GPUs."
    wrong = numbers.unsupported("50억 개의 토큰으로 학습합니다.", source)[0]
    assert wrong.text == "50억"
    meant = numbers.figures(source).meant(wrong)
    assert meant is not None
    assert meant.text == "50 billion"


@pytest.mark.parametrize(
    ("korean", "english", "missing"),
    [
        ("GPT-4보다 2배 빠릅니다.", "It is twice as fast as GPT-4.", []),
        ("정확도가 3%p 높습니다.", "Accuracy rises by 3 points on two tasks.", ["two"]),
        ("약 1.5만 개입니다.", "There are 15,440 of them.", []),
        ("더 빠릅니다.", "It is 2.4x faster with 7B parameters.", ["2.4x", "7B"]),
        ("둘 다 빠릅니다.", "The two are fast.", []),
        ("하나의 단계입니다.", "It has one step.", []),
    ],
)
def test_a_translation_keeps_every_figure_of_its_source(korean: str, english: str, missing: list[str]) -> None:
    assert [quantity.text for quantity in numbers.missing(korean, english)] == missing


def _korean(value: int) -> str:
    """A whole number as Korean writes it: 12억 3,456만 7."""
    parts = [(value // 10**8, "억"), (value // 10**4 % 10**4, "만"), (value % 10**4, "")]
    return " ".join(f"{part:,}{scale}" for part, scale in parts if part and scale) + (
        f"{value % 10**4:04d}" if value % 10**4 else ""
    )


@given(st.integers(min_value=2, max_value=10**12))
def test_a_whole_number_reads_the_same_in_both_languages_and_never_ten_times_off(value: int) -> None:
    korean = f"모두 {_korean(value)} 개입니다."
    assert numbers.unsupported(korean, f"There are {value:,} of them.") == []
    assert numbers.missing(korean, f"There are {value} of them.") == []
    assert numbers.unsupported(korean, f"There are {value * 10} of them.") != []
    assert numbers.unsupported(f"약 {value * 10:,} 개", f"There are {value:,} of them.") != []


@given(
    st.text(alphabet=st.sampled_from("0123456789.,%배억만조천pxX×/-~ abkMB두세수 of\\^{}$()[]분의e"), max_size=60),
    st.text(max_size=30),
)
def test_any_text_can_be_read(text: str, other: str) -> None:
    numbers.unsupported(text, other)
    numbers.missing(other, text)
    for quantity in quantities(text):
        numbers.figures(text).meant(quantity)


@pytest.mark.parametrize(
    "unit",
    ["9", "(", "1,234", "1(2)3,", "A-", "1 x ", "two hundred ", "3천", "10^", "1/2", "수", "1-2", "0.", "e9", "분의"],
)
def test_reading_time_grows_with_the_length_only(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    start = time.process_time()
    quantities(text)
    assert time.process_time() - start < 30  # out of proportion it would take minutes


NAMES = ("Lamp2", "Lamp²", "Lamp^2", "$Lamp^2$")


@pytest.mark.parametrize("paper", NAMES)
@pytest.mark.parametrize("said", NAMES)
def test_a_raised_figure_of_a_name_is_one_name_however_it_is_written(said: str, paper: str) -> None:
    korean, english = f"{said}는 등불입니다.", f"We light {paper} today."
    assert not numbers.unsupported(korean, english)
    assert not numbers.missing(korean, english)
    assert not terms.unsupported(korean, english)
    assert not terms.missing(korean, english)


@pytest.mark.parametrize(
    "paper",
    ["10⁻³", "10^-3", "1e-3", "10^{-3}", "0.001", "1e − 3", "1 e -3", "10^{−3}", "1 × 10^-3", "1 × 10 −3", "1×10-3"],
)
@pytest.mark.parametrize("said", ["10⁻³", "10^-3", "1e-3", "0.001"])
def test_a_power_of_ten_is_one_figure_however_it_is_written(said: str, paper: str) -> None:
    assert not numbers.unsupported(f"오차는 {said}입니다.", f"The error is {paper} here.")
    assert numbers.unsupported(f"오차는 {said}입니다.", f"The error is {paper}1 here.".replace("⁻³1", "⁻⁴"))


def test_a_factor_and_its_power_are_one_figure() -> None:
    for said in ("5×10⁴", "5 × 10^4", "50,000", "5만"):
        assert not numbers.unsupported(f"등불 {said}개를 씁니다.", "We use 5×10⁴ lamps.")
        assert not numbers.unsupported(f"등불 {said}개를 씁니다.", "We use 50,000 lamps.")


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("메모리가 100분의 1로 줄어듭니다.", "memory falls by two orders of magnitude"),
        ("비용이 35분의 1입니다.", "a 35X lower cost"),
        ("데이터를 10배 적게 씁니다.", "with one tenth of the data"),
        ("오차가 3분의 1로 줄어듭니다.", "the error falls by a factor of three"),
        ("2024년 5월까지입니다.", "until May 2024"),
        ("1월부터 12월까지입니다.", "from Jan. to Dec."),
        ("0이 아닌 노이즈입니다.", "non-zero noise"),
        ("정확도가 4-16% 높습니다.", "a gain of 4-16% absolute accuracy"),
        ("mAP(0.75)는 61.2입니다.", "an mAP@0.75 of 61.2"),
        ("361×2429 행렬입니다.", "X ∈ R^361×2429"),
        ("Mistral 7B는 파라미터 7B 모델입니다.", "Mistral 7B, a 7-billion-parameter model"),
        ("1초에 40장 이상 그립니다.", "it runs at 40 fps"),
        ("정확도는 85%입니다.", "an accuracy of 0.85"),
        ("비용은 절반쯤입니다.", "about 52% of the cost"),
        ("상위 5개 정확도입니다.", "top-5 accuracy"),
        ("상위 10개 재현율입니다.", "Recall@10"),
        ("왜성 6만 5760개입니다.", "65,760 dwarfs"),
        ("나이는 1억 5000만 년입니다.", "an age of 150 Myr"),
        ("지난 1년 사이 바뀌었습니다.", "it changed over the last year"),
        ("1년 동안 모았습니다.", "they were gathered in a year"),
        ("12개월 동안 모았습니다.", "they were gathered in a year"),
        ("1주 걸립니다.", "it takes a week"),
        ("1일 3회 잽니다.", "it is measured three times per day"),
        ("1시간이 걸립니다.", "it takes an hour"),
        ("1개월마다 바꿉니다.", "it is changed every month"),
        ("1일 단위로 셉니다.", "daily counts"),
        ("수십 년째 어렵습니다.", "it has been hard for many decades"),
        ("지난 수십 년간 발전했습니다.", "it advanced over the past decades"),
        ("수백 년 묵은 문제입니다.", "a problem of centuries"),
        ("지난 10년간입니다.", "over the last decade"),
        ("지난 20년간입니다.", "over the past two decades"),
        ("수십만 장입니다.", "hundreds of thousands of pictures"),
        ("열두 편과 12편입니다.", "a dozen books"),
        ("두 번과 2배입니다.", "twice as much"),
        ("두 가지입니다.", "a couple of ways"),
        ("2개입니다.", "a pair of lamps"),
        ("50%입니다.", "half of them"),
        ("20~40년입니다.", "20sim40 years"),
    ],
)
def test_a_figure_said_in_another_way_is_the_papers(korean: str, english: str) -> None:
    assert numbers.unsupported(korean, english) == []


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("비용이 53분의 1입니다.", "a 35X lower cost"),
        ("데이터의 5분의 1만 씁니다.", "10% of the data"),
        ("2024년 6월까지입니다.", "until May 2024"),
        ("커널 2.6.33입니다.", "kernel 2.6.32"),
        ("정확도는 58%입니다.", "an accuracy of 0.85"),
        ("상위 5개입니다.", "GPT-5 answers"),
        ("2만 명입니다.", "in 2024"),
        ("정확도가 4% 높습니다.", "a gain of 4 percentage points"),
        ("지난 2년 사이 바뀌었습니다.", "it changed over the last year"),
        ("1개월 걸립니다.", "it takes a year"),
        ("1일 걸립니다.", "it takes a week"),
        ("수백 년째 어렵습니다.", "it has been hard for many decades"),
        ("수만 년째 어렵습니다.", "it has been hard for many decades"),
        ("지난 30년간입니다.", "over the past two decades"),
        ("수백만 장입니다.", "hundreds of thousands of pictures"),
        ("오차는 1e-4입니다.", "an error of 1e − 3"),
    ],
)
def test_another_figure_is_not(korean: str, english: str) -> None:
    assert numbers.unsupported(korean, english)


@pytest.mark.parametrize(
    ("korean", "english", "counted"),
    [
        ("두 모델을 결합합니다.", "a speech model and a text model", True),
        ("두 단계로 나눕니다.", "generation followed by execution", True),
        ("세 모달리티로 학습합니다.", "images, text and audio", True),
        ("세 모달리티로 학습합니다.", "images and text", False),
        ("네 도메인입니다.", "images, text and audio", False),
        ("2개 모델을 결합합니다.", "a speech model and a text model", False),
        ("두 배 빠릅니다.", "a fast and small model", False),
    ],
)
def test_a_count_in_words_may_be_of_what_is_listed(korean: str, english: str, counted: bool) -> None:
    assert [numbers.may_count(want, english) for want in numbers.unsupported(korean, english)] == [counted]


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("지난 1년 사이 바뀌었습니다.", "It changed over the last year."),
        ("최근 바뀌었습니다.", "It changed over the last year."),
        ("오랫동안 어려웠습니다.", "It has been hard for decades."),
        ("지난 20년간입니다.", "Over the past two decades."),
        ("열두 편입니다.", "A dozen books."),
        ("책 십여 편입니다.", "A dozen books."),
        ("수십만 장입니다.", "Hundreds of thousands of pictures."),
    ],
)
def test_a_translation_may_say_a_span_or_a_count_in_words(korean: str, english: str) -> None:
    assert numbers.missing(korean, english) == []


def test_a_small_count_is_no_slip_of_a_percentage() -> None:
    (want,) = numbers.unsupported("두 모델입니다.", "2% faster")
    assert numbers.figures("2% faster").meant(want) is None


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("보상은 0.0371만 늘었습니다.", "The reward grows by 0.0371."),
        ("손실이 0.8만 줄어 효과가 작습니다.", "The loss falls by 0.8."),
        ("점수는 0.45만 높습니다.", "The score is 0.45 higher."),
        ("이미지 1.5만 개", "15,000 images"),
        ("학습 예시 3만으로 학습합니다.", "30,000 training examples"),
        ("매개변수 33M의 MLP", "a 33 M-parameter MLP"),
        ("매개변수 33.6M", "33.6\u2009M parameters"),
        ("7B 모델", "a 7 B model"),
        ("예시 3,000개", "3 K examples"),
        ("토큰 2조 개", "2 T tokens"),
        ("온도 300도", "at 300 K and above"),
        ("학생 800명", "800 K-12 students"),
        ("기저 7개", "7 B-spline bases"),
        ("행-열 번들링을 씁니다.", "row-column bundling"),
        ("열 방향으로 나눕니다.", "split by columns"),
        ("열 단위로 저장합니다.", "stored by columns"),
        ("절반을 조금 넘게 맞혔습니다.", "only 52.3% accuracy"),
        ("절반에 조금 못 미칩니다.", "47.8% of them"),
        ("절반 남짓입니다.", "51.2% of them"),
        ("두 배 가까이 빠릅니다.", "1.9x faster"),
        ("세 배 가까운 속도입니다.", "2.8x faster"),
    ],
)
def test_a_particle_a_scale_apart_a_column_and_a_hedge_are_read(korean: str, english: str) -> None:
    assert not numbers.unsupported(korean, english)


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("이미지 0.8만 개", "0.8 of the images"),
        ("이미지 3만 장", "3 images"),
        ("보상은 0.37만 늘었습니다.", "The reward grows by 0.73."),
        ("매개변수 34억 개", "34B parameters"),
        ("매개변수 33개", "a 33 M-parameter MLP"),
        ("매개변수 33K", "33 M parameters"),
        ("예시 3개", "3 K examples"),
        ("열 개의 열", "nine columns"),
        ("절반을 조금 넘게 맞혔습니다.", "only 42.3% accuracy"),
        ("절반에 조금 못 미칩니다.", "53.1% of them"),
        ("두 배 가까이 빠릅니다.", "3.1x faster"),
    ],
)
def test_a_wrong_figure_beside_these_is_found(korean: str, english: str) -> None:
    assert numbers.unsupported(korean, english)
