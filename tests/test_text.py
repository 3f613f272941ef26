"""Strings: white space, sentences, scripts, LaTeX."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import fold, hangul_share, plain_latex, sentences


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
        (r"$\alpha$-Net for $O(n^2)$", "α-Net for O(n^2)"),
        (r"\textit{Slow} and {\bf fast}", "Slow and fast"),
        (r"\texttt{a_b} keeps its name", "a_b keeps its name"),
        (r"R\&D at 5\% cost", "R&D at 5% cost"),
        ("``quoted'' text", "“quoted” text"),
        ("a title\n  over two lines", "a title over two lines"),
        (r"broken \frac{1", r"broken \frac{1"),
        ("for $5 only", "for $5 only"),
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
