"""Strings: normal form, white space, sentences, scripts, LaTeX and other markup."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.text import (
    fold,
    hangul_share,
    normal_form,
    plain,
    plain_formulas,
    plain_latex,
    sentences,
    strip_invisible,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("It gains 3.5 points. Then more.", ["It gains 3.5 points.", "Then more."]),
        ("We follow Kim et al. in this. Done.", ["We follow Kim et al. in this.", "Done."]),
        ("Many, e.g. Llama, do. J. Doe agrees.", ["Many, e.g. Llama, do.", "J. Doe agrees."]),
        ("이것은 3.5배 빠릅니다. 그리고 GPT-4보다 좋습니다.", ["이것은 3.5배 빠릅니다.", "그리고 GPT-4보다 좋습니다."]),
        ("정말입니까? 그렇습니다!", ["정말입니까?", "그렇습니다!"]),
        ("A line\n  broken. And more.", ["A line broken.", "And more."]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text())
def test_sentences_lose_nothing_but_white_space(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        ("plain text, 50% & more", "plain text, 50% & more"),
        (r"$\alpha$-Net for $O(n^2)$", "α-Net for O(n²)"),
        (r"\textit{Slow} and {\bf fast}", "Slow and fast"),
        (r"\texttt{a_b} keeps its name", "a_b keeps its name"),
        (r"R\&D at 5\% cost", "R&D at 5% cost"),
        ("``quoted'' text", "“quoted” text"),
        ("a title\n  over two lines", "a title over two lines"),
        (r"broken \frac{1", r"broken \frac{1"),
        ("for $5 only", "for $5 only"),
        ("from $10 to $1 a run, US$5/A$6, $3-$5", "from $10 to $1 a run, US$5/A$6, $3-$5"),
        (r"over ~3,600 lamps of \$5 at Fig.~3", "over ~3,600 lamps of $5 at Fig. 3"),
        (r"Lamp$^2$, CO$_2$, M$^3$, $\tau^2$-bench, SP^3, 10^{-3}", "Lamp², CO₂, M³, τ²-bench, SP³, 10⁻³"),
        (r"$x_{t-1}$, $e^{-x}$, $\pi^*$, $90^\circ$, $R^{d \times k}$", "x_(t-1), e^-x, π*, 90°, R^(d × k)"),
        (r"H\textsubscript{2}O, 2\textsuperscript{nd}, \(y^2\), $$z_1$$", "H₂O, 2^nd, y², z₁"),
        (r"an object\'s caf\'e", "an object's café"),
    ],
)
def test_plain_latex(latex: str, plain: str) -> None:
    assert plain_latex(latex) == plain


@given(st.text(alphabet="ab $\\{}%&~_^'`\n"))
def test_plain_latex_never_fails_and_stays_on_one_line(text: str) -> None:
    assert plain_latex(text) == fold(plain_latex(text))


def test_hangul_share() -> None:
    assert hangul_share("한국어") == 1
    assert hangul_share("한국 ab") == 0.5
    assert hangul_share("123") == 0


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        *[(f"Lamp{dash}2와 GPT{dash}4o", "Lamp-2와 GPT-4o") for dash in "‐‑‒–−―—"[:5]],
        ("GPT—4o와 GPT―4o", "GPT-4o와 GPT-4o"),
        ("3–5일, 2019—2023년, $3–$5, −5%, –.5, x−1", "3-5일, 2019-2023년, $3-$5, -5%, -.5, x-1"),
        ("the lamp—a tall one—shines, gains—5 points, lamps – all", None),
        ("등불 — 그리고 — 기름 — 을, a − b", None),
        ("여\u200b러 등\ufeff불\u00ad은\u2060 \U000e0041밝\ufe0f다\uffa0\u115f", "여러 등불은 밝다"),
        ("ᄒ\u200b\u1161\u11ab글", "한글"),
        ("Ａｌｐｈａ１２％（ｶﾞ）", "Alpha12%(ガ)"),
        ("ﾡㅋ", "ㄱㅋ"),
        ("eﬃcient 𝐱 𝒪 µm", "efficient x O μm"),
        ("Lamp², 10⁻³, CO₂, ½, ™, ①, x₁", None),
        ("탭\t과\x08 \u202e방향\ue000\ufffd", None),
    ],
)
def test_normal_form(written: str, normal: str | None) -> None:
    assert normal_form(written) == (written if normal is None else normal)


@given(st.text() | st.text(alphabet="GPt4 5—–‑−(한ㅎㅏ\u1112\u1161\u11ab\u200bｶﾞﾡ𝐱ﬁ²"))
def test_normal_form_is_one(text: str) -> None:
    normal = normal_form(text)
    assert normal_form(normal) == normal
    assert unicodedata.is_normalized("NFC", normal)
    for form in ("NFC", "NFD"):
        assert normal_form(unicodedata.normalize(form, text)) == normal


@given(st.text())
def test_normal_form_loses_nothing_that_is_seen(text: str) -> None:
    """What NFKC makes one is one: only hyphens and dashes, and what nobody sees, may differ."""
    assert _compatible(normal_form(text)) == _compatible(text)


def _compatible(text: str) -> str:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", strip_invisible(text)))
    return strip_invisible(plain).translate(dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<i>Lamp</i><sup>2</sup> of CO<sub>2</sub>, 2<sup>nd</sup>, 2<sup>k</sup>", "Lamp² of CO₂, 2nd, 2^k"),
        ("<b><em>Bright</em></b>, the <b> tag, a <mask> and x < y", "Bright, the <b> tag, a <mask> and x < y"),
        ("a **bold** and *slanted* or _slanted_ `lamp_x`", "a bold and slanted or slanted lamp_x"),
        ("A* and D* search, a_b_c, 2 * 3 * 4, `a' and `b'", None),
        (r"$\mathbf{x}$ in \emph{Lamp‑2}", "x in Lamp-2"),
    ],
)
def test_titles_and_abstracts_are_plain(written: str, read: str | None) -> None:
    assert plain(written) == (written if read is None else read)


@pytest.mark.parametrize(
    ("answered", "printed"),
    [
        (r"비용은 $0.5\times$입니다.", "비용은 0.5×입니다."),
        ("비용은 0.5\times이고 \theta는 \frac{1}{2}입니다.", "비용은 0.5×이고 θ는 1/2입니다."),
        (r"\textbf{등불} 95\%, 3~5시간, $10에서 $5로", "등불 95%, 3~5시간, $10에서 $5로"),
        (r"\qquad{a 등불 \lampa", None),
        ("탭\t여기 \tlamp", None),
    ],
)
def test_latex_of_an_answer_is_plain_where_it_is_certain(answered: str, printed: str | None) -> None:
    assert plain_formulas(answered) == (answered if printed is None else printed)


def test_an_abbreviation_in_brackets_ends_no_sentence() -> None:
    assert len(sentences("성공률(Succ.) 평균은 90.6입니다. 정확도(Acc.)는 낮습니다.")) == 2
    assert len(sentences("모델을 씁니다(표 2). 결과가 좋습니다.")) == 2
