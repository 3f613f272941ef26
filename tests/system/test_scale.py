"""The limit that binds first on a cluster is the one that takes longest."""

from tests.bench import scale


def test_what_takes_longest_binds_first() -> None:
    with_texts = scale.needs(2_500_000, scale.READINGS[1])
    assert with_texts.first == "texts"
    assert round(with_texts.texts / 24) == 87
    assert scale.needs(2_500_000, scale.READINGS[0]).first == "calls"
