"""The lexicon's file: one line a word, known kinds, no form twice."""

from collections import Counter
from pathlib import Path
from typing import get_args

from pipeline.lang.ko import lexicon

LINES = [line.split("\t") for line in Path(lexicon.__file__).with_suffix(".tsv").read_text("utf-8").splitlines()]


def test_a_word_has_one_line_in_the_order_of_the_alphabet() -> None:
    words = [english for english, *_ in LINES]
    assert max(Counter(words).values()) == 1
    assert words == sorted(words, key=lambda word: (word.lower(), word))


def test_a_line_has_each_kind_once_and_each_form_once() -> None:
    for english, *uses in LINES:
        kinds = [use.partition(":")[0] for use in uses]
        assert uses and len(set(kinds)) == len(kinds), english
        assert set(kinds) <= set(get_args(lexicon.Kind)), english
        for use in uses:
            forms = use.partition(":")[2].split("|")
            assert len(set(forms)) == len(forms), english


def test_every_kind_is_read() -> None:
    assert all(lexicon.entries(kind) for kind in get_args(lexicon.Kind))
    assert lexicon.entries("v")["accelerate"] == ("가속하",)
    assert lexicon.abbreviations()["llm"] == "large language model"
