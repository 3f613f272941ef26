"""Which papers are for a reader, and in which order."""

import sys
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.config import ProfileSettings, load
from pipeline.core.errors import ConfigError
from pipeline.core.models import Listed
from pipeline.sources.ranking import choose

FILLER = "We study a question of some weight and answer it with care over many pages."


def row(title: str, abstract: str = FILLER, *authors: str, id: str = "2603.00001") -> Listed:
    return Listed(id=id, title=title, abstract=abstract, authors=authors or ("Ada Example",))


def titles(rows: list[Listed], **profile: object) -> list[str]:
    return [one.title for one in choose(rows, ProfileSettings.model_validate(profile))]


ROWS = [
    row("Of Fish"),
    row("Graph Search"),
    row("Of Birds", "Speech recognition with graphs."),
    row("Speech and Search"),
]


def test_without_a_profile_the_order_stays() -> None:
    assert titles(ROWS) == [one.title for one in ROWS]
    assert titles(ROWS, limit=2) == ["Of Fish", "Graph Search"]
    assert choose(ROWS, ProfileSettings())[0].match is None


def test_what_matches_nothing_is_not_taken() -> None:
    assert titles(ROWS, keywords={"fish": 1}) == ["Of Fish"]
    assert titles(ROWS, keywords={"whale": 1}) == []


def test_weights_decide() -> None:
    assert titles(ROWS, keywords={"fish": 1, "bird": 3}) == ["Of Birds", "Of Fish"]
    assert titles(ROWS, keywords={"fish": 3, "bird": 1}) == ["Of Fish", "Of Birds"]


def test_a_rare_word_says_more_than_a_common_one() -> None:
    rows = [row("Model one"), row("Model two"), row("Model three"), row("Parser"), row("Model four")]
    assert titles(rows, keywords={"model": 1, "parser": 1}, limit=1) == ["Parser"]


def test_twice_counts_more_and_a_short_text_too() -> None:
    rows = [row("One", f"fish {FILLER}"), row("Two", f"fish fish {FILLER}"), row("Short", "fish")]
    assert titles(rows, keywords={"fish": 1}) == ["Short", "Two", "One"]


def test_a_phrase_counts_where_its_words_stand_in_a_row() -> None:
    assert titles(ROWS, keywords={"speech recognition": 1}) == ["Of Birds"]
    assert titles([row("Recognition of speech"), row("Speech-Recognition")], keywords={"speech recognition": 1}) == [
        "Speech-Recognition"
    ]


@pytest.mark.parametrize(
    ("keyword", "text", "matches"),
    [
        ("graph", "graphs", True),
        ("graphs", "Graph", True),
        ("study", "studies", True),
        ("KV caches", "the KV-cache", True),
        ("bus", "bu", False),
        ("analysis", "analysi", False),
        ("loss", "los", False),
        ("loss", "losses", True),
        ("boxes", "a box", True),
        ("approach", "approaches", True),
        ("mesh", "meshes", True),
        ("bias", "biases", True),
        ("lens", "lenses", True),
        ("virus", "viruses", True),
        ("gas", "gases", True),
        ("cache", "caches", True),
        ("search", "searches", True),
        ("phase", "phases", True),
        ("movie", "movies", True),
        ("POS", "pose", False),
        ("par", "parse", False),
        ("matrix", "matrices", False),
        ("is", "i", False),
        ("retrieve", "retrieval", False),
        ("RAG", "fragment", False),
        ("RAG", "a rag", True),
        ("C++", "C", True),
        ("검색", "한국어 검색 모델", True),
        ("n-gram", r"$n$-gram", True),
        ("naïve", "NAÏVE", True),
        ("lamp-like", "a lamp\u2011like one", True),
        ("lamp2", "$\\text{Lamp}2$ and <i>oil</i>", True),
        ("naïve", unicodedata.normalize("NFD", "naïve"), True),
        (unicodedata.normalize("NFD", "검색"), "한국어 검색 모델", True),
    ],
)
def test_words_meet_in_lower_case_and_singular(keyword: str, text: str, matches: bool) -> None:
    assert bool(titles([row(text, "")], keywords={keyword: 1})) is matches


def test_what_nothing_is_known_of_comes_last() -> None:
    rows = [row("", ""), row("Birds"), row("Fish")]
    assert titles(rows, keywords={"fish": 1}) == ["Fish", ""]
    assert titles(rows, keywords={"fish": 1}, limit=1) == ["Fish"]
    assert titles(rows, limit=2) == ["", "Birds"]
    assert choose(rows[:1], ProfileSettings(keywords={"fish": 1}))[0].match is None


def test_a_word_in_several_spellings_counts_once() -> None:
    (once,), (thrice,) = (
        choose([row("Fish")], ProfileSettings(keywords=dict.fromkeys(names, 1.0)))
        for names in (["Fish"], ["Fish", "fish", " fishes "])
    )
    assert once == thrice


@pytest.mark.parametrize("weight", [1e-9, 1e-3, 1, 1e9])
def test_the_order_is_that_of_the_exact_scores_whatever_the_weights(weight: float) -> None:
    rows = [row("One", f"fish {FILLER}"), row("Two", f"fish fish {FILLER}"), row("Birds")]
    chosen = choose(rows, ProfileSettings(keywords={"fish": weight}))
    assert [one.title for one in chosen] == ["Two", "One"]
    assert chosen[0].match and chosen[1].match and chosen[0].match.score > chosen[1].match.score > 0


def test_close_scores_are_not_equal() -> None:
    rows = [row("One", "fish"), row("Two", "bird"), row("Three", "whale")]
    chosen = choose(rows, ProfileSettings(keywords={"fish": 1, "bird": 1.000001}))
    assert [one.title for one in chosen] == ["Two", "One"]


def test_authors_come_first_whatever_their_accents() -> None:
    rows = [row("Fish fish"), row("Birds", FILLER, 'J\\"urgen M. Müller'), row("Fish", FILLER, "Jürgen M Muller")]
    chosen = choose(rows, ProfileSettings(keywords={"fish": 1}, authors=("Jurgen M. Müller",)))
    assert [one.title for one in chosen] == ["Fish", "Birds", "Fish fish"]
    assert [one.match and one.match.words for one in chosen] == [
        ("Jurgen M. Müller", "fish"),
        ("Jurgen M. Müller",),
        ("fish",),
    ]


def test_half_a_name_is_another_author() -> None:
    assert titles([row("A", FILLER, "Ada Example Sample")], authors=["Ada Example"]) == []


def test_excluded_words_win_over_authors() -> None:
    assert titles([row("Medical Fish"), row("Fish")], authors=["Ada Example"], excluded=["medical"]) == ["Fish"]
    assert titles([row("Medical Fish"), row("Fish")], excluded=["medical"]) == ["Fish"]


def test_equals_stay_in_their_order() -> None:
    rows = [row("Fish", id=f"2603.0000{n}") for n in (3, 1, 2)]
    ids = [one.id for one in choose(rows, ProfileSettings(keywords={"fish": 1}))]
    assert ids == ["2603.00003", "2603.00001", "2603.00002"]


@given(
    st.lists(st.text(max_size=30), max_size=8),
    st.dictionaries(st.sampled_from(["fish", "a b", "ß", "x"]), st.just(1.5)),
)
def test_any_text_has_an_order_that_stays(texts: list[str], keywords: dict[str, float]) -> None:
    rows = [row(text, text[::-1], id=f"2603.{number:05}") for number, text in enumerate(texts)]
    profile = ProfileSettings(keywords=keywords, authors=("Bo",), limit=5)
    chosen = choose(rows, profile)
    assert chosen == choose(rows, profile)
    assert len({one.id for one in chosen}) == len(chosen) <= 5
    assert all(one.match.words and one.match.score > 0 for one in chosen if one.match)


def test_only_keywords_need_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bm25s", None)
    assert titles(ROWS, authors=["Ada Example"], limit=1) == ["Of Fish"]
    with pytest.raises(ConfigError, match="extra rank: pip install"):
        titles(ROWS, keywords={"fish": 1})


def test_three_hundred_papers_take_no_time() -> None:
    rows = [row(f"Paper {n} of {n % 7}", f"{FILLER} " * 15, id=f"2603.{n:05}") for n in range(300)]
    profile = ProfileSettings(keywords={f"of {n}": 1 for n in range(7)} | {"question of some weight": 1})
    choose(rows[:1], profile)
    started = time.process_time()
    assert len(choose(rows, profile)) == 20
    assert time.process_time() - started < 30  # out of proportion it would take minutes


def test_recorded_papers(test_data: Path) -> None:
    import json

    lines = (test_data / "recordings" / "abstracts.jsonl").read_text("utf-8").splitlines()
    rows = [row(one["title"], one["abstract"], id=one["id"]) for one in map(json.loads, lines)]
    chosen = choose(rows, ProfileSettings(keywords={"retrieval": 2, "speech recognition": 1, "RAG": 1}))
    assert len(chosen) == 20
    assert sum("RAG" in one.title or "Retriev" in one.title for one in chosen[:12]) >= 10


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("keywords = {fish = 0}", "greater than 0"),
        ("keywords = {fish = true}", "should be a number"),
        ("keywords = {fish = 1e10}", "less than or equal to"),
        ('keywords = {"--" = 1}', "profile.keywords.*should have a letter or a digit"),
        ('keywords = {"❤️" = 1}', "a letter or a digit"),
        ('excluded = ["\u0301"]', "a letter or a digit"),
        ('authors = ["‿"]', "a letter or a digit"),
        ('keywords = ["fish"]', "table of names and values"),
        ("limit = 0", "greater than or equal to 1"),
        ('words = "fish"', "Unknown setting profile.words"),
    ],
)
def test_a_wrong_profile_is_named(toml: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pipeline.toml").write_text(f"[profile]\n{toml}\n")
    with pytest.raises(ConfigError, match=says):
        load()


def test_a_profile_from_file_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pipeline.toml").write_text('[profile]\nkeywords = {"speech recognition" = 2.0, retrieval = 1}\nlimit = 7\n')
    monkeypatch.setenv("PIPELINE_PROFILE__AUTHORS", '["Ada Example"]')
    assert load().profile == ProfileSettings(
        keywords={"speech recognition": 2, "retrieval": 1}, authors=("Ada Example",), limit=7
    )
