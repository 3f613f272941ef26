"""The README's table of what a cluster needs is the one that is computed."""

from tests import ROOT
from tests.bench import scale

README = ROOT / "README.md"


def test_the_readme_has_the_computed_table() -> None:
    text = README.read_text("utf-8")
    assert text.partition("<!-- scale -->\n")[2].partition("\n<!-- /scale -->")[0] == "\n".join(scale.table())


def test_what_takes_longest_binds_first() -> None:
    with_texts = scale.needs(2_500_000, scale.READINGS[1])
    assert with_texts.first == "texts"
    assert round(with_texts.texts / 24) == 87
    assert scale.needs(2_500_000, scale.READINGS[0]).first == "calls"
