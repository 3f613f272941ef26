"""The bench itself: the ideal schedule, what counts as worse, and the harness on a night of two papers."""

import dataclasses
import json
import statistics
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import ledger
from pipeline.archive.index import Index
from pipeline.core.config import shipped
from pipeline.core.models import Entry
from pipeline.core.text import sentences
from tests.bench import compare, filling, measure, nights
from tests.bench.endpoints import Setting, served, started, top_rate
from tests.bench.measure import Figure
from tests.bench.papers import PARAGRAPHS_A_PAGE, Paper, answer_about, number_of, page_of
from tests.support.fake_model import PATH
from tests.support.golden import FIELDS, entries_of
from tests.support.world import cite, envelope

REFERENCE = Figure(compare.REFERENCE, "s", (1.0,))


@pytest.mark.parametrize(
    ("delays", "workers", "seconds"),
    [([], 3, 0.0), ([1, 2, 3], 1, 6.0), ([1, 2, 3], 3, 3.0), ([3, 1, 1, 1], 2, 3.0), ([1, 1, 4], 2, 5.0)],
)
def test_the_ideal_gives_each_call_to_the_first_free_worker(delays: list[float], workers: int, seconds: float) -> None:
    assert nights.ideal(delays, workers) == seconds


@given(st.lists(st.floats(0.01, 9), min_size=1), st.integers(1, 9))
def test_no_schedule_beats_the_longest_call_and_the_work_shared_out(delays: list[float], workers: int) -> None:
    ideal = nights.ideal(delays, workers)
    assert ideal >= max(max(delays), sum(delays) / workers) - 1e-9
    assert ideal <= sum(delays) + 1e-9


def change(old: Figure, new: Figure, *machine: float) -> compare.Change:
    slower = dataclasses.replace(REFERENCE, samples=machine or (1.0,))
    (found,) = compare.compare(
        {"r": REFERENCE, "f": old} | {compare.REFERENCE: REFERENCE}, {"f": new, compare.REFERENCE: slower}
    )
    return found


def test_what_got_worse_by_more_than_the_noise_counts() -> None:
    quiet, noisy = (10.0, 10.1, 9.9, 10.0, 10.0), (10.0, 13.0, 8.0, 10.5, 9.0)
    slower = tuple(sample * 1.2 for sample in quiet)
    assert change(Figure("f", "s", quiet), Figure("f", "s", slower)).counts
    assert not change(Figure("f", "s", slower), Figure("f", "s", quiet)).counts
    assert not change(Figure("f", "s", noisy), Figure("f", "s", slower)).counts
    assert not change(Figure("f", "s", quiet), Figure("f", "s", tuple(sample * 1.04 for sample in quiet))).counts


def test_a_rate_is_worse_when_it_falls() -> None:
    fast, slow = Figure("f", "MB/s", (10.0,), more_is_better=True), Figure("f", "MB/s", (8.0,), more_is_better=True)
    assert change(fast, slow).worse == pytest.approx(0.2)
    assert change(fast, slow).counts and not change(slow, fast).counts


@pytest.mark.parametrize(
    ("unit", "then", "now"), [("s", 1.0, 2.0), ("MB/s", 8.0, 4.0), ("MB", 5.0, 5.0), ("", 1.1, 1.1)]
)
def test_a_machine_of_half_the_speed_makes_nothing_worse(unit: str, then: float, now: float) -> None:
    rate = unit == "MB/s"
    old, new = (Figure("f", unit, (value,), more_is_better=rate) for value in (then, now))
    assert change(old, new, 2.0).worse == pytest.approx(0)


def test_the_noise_of_the_reference_is_noise_of_what_it_scales() -> None:
    at_once, ratio = Figure("f", "s", (10.0,)), Figure("f", "", (1.0,))
    assert change(at_once, at_once, 0.9).counts
    assert not change(at_once, at_once, 0.9, 0.85, 1.0).counts
    assert not change(ratio, ratio, 0.9).counts


@pytest.mark.parametrize("unit", ["s", ""])
@pytest.mark.parametrize("before", [-0.02, 0.0, 0.001])
def test_what_was_about_nothing_gets_worse_too(unit: str, before: float) -> None:
    old, same, more = (Figure("f", unit, (value,), 1.0) for value in (before, before + 0.001, 2.0))
    assert change(old, more).counts and change(more, old).worse < 0
    assert not change(old, same).counts


def test_two_files_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    measure.save(old, [REFERENCE, Figure("start", "s", (1.0,), 0.5), Figure("gone", "s", (1.0,))])
    measure.save(new, [REFERENCE, Figure("start", "s", (2.0,), 0.5)])
    assert compare.main(old, new) == 1
    said = capsys.readouterr().out
    assert "start" in said and "+100.0%" in said and "WORSE" in said and "only in" in said
    assert compare.main(old, old) == 0
    measure.save(new, [REFERENCE, Figure("start", "s", (1.0,), 0.5)])
    assert compare.main(old, new) == 1 and compare.main(new, old) == 0
    written = json.loads(old.read_text("utf-8"))
    assert written.keys() == {"commit", "date", "python", "cores", "figures"}
    assert (written["figures"][1]["median"], written["figures"][1]["over"]) == (1.0, True)


def test_a_limit_is_kept_by_the_median() -> None:
    assert not Figure("f", "s", (1, 1, 9), 2).over and Figure("f", "s", (1, 3, 9), 2).over
    least = Figure("f", "MB/s", (1, 6, 9), 5, more_is_better=True)
    assert (least.over, least.worst) == (False, 1)
    assert measure.line(Figure("f", "s", (3.0,), 2.0)).split() == [
        "f",
        "3.000",
        "s",
        "3.000",
        "s",
        "2.000",
        "s",
        "OVER",
        "once",
    ]


def test_a_night_over_the_endpoints_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two papers with texts: every process, the latency that is served, what the calls say; no settings of ours."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    monkeypatch.setenv("PIPELINE_LAYOUTS", "mine")
    monkeypatch.chdir(tmp_path)
    Path("pipeline.toml").write_text("mine = true\n")
    done = nights.spend(nights.Night(papers=2, latency=0.05, pages=8))
    assert [call.status for call in done.calls] == [200, 200]
    assert all(call.delay > 0 for call in done.calls)
    assert done.requests == 3  # the facts of both, two texts
    assert 0.05 < done.ran.processor < 60 and done.ran.memory > 20
    assert nights.ideal((call.delay for call in done.calls), 16) < done.ran.seconds


def test_an_endpoint_fails_as_often_as_it_is_told_to() -> None:
    url_of_day = "/api/daily_papers?date=2024-08-22&limit=50&p=0"
    with started("huggingface", Setting(papers=3, errors=0.5, seed=1)) as url:
        for _ in range(40):
            try:
                urllib.request.urlopen(url + url_of_day).close()
            except urllib.error.HTTPError as error:
                error.close()
        statuses = [one.status for one in served(url)]
        assert {*statuses} == {200, 429, 500} and 10 <= statuses.count(200) <= 30
        assert served(url) == []
        assert top_rate(url, f"GET {url_of_day} HTTP/1.1\r\n\r\n".encode(), 0.1) > 50


def test_an_answer_takes_longer_for_each_of_its_tokens() -> None:
    with started("model", Setting(tokens_per_second=5_000)) as url:
        began = time.monotonic()
        with urllib.request.urlopen(url + PATH, json.dumps(question(3)).encode()) as response:
            answer = json.load(response)
        took = time.monotonic() - began
        (call,) = served(url)
    tokens = answer["usage"]["completion_tokens"]
    assert call.delay == pytest.approx(tokens / 5_000) and call.delay < took < 5
    said = answer["choices"][0]["message"]["content"]
    assert 1.9 < len(said) / tokens < 2.1  # o200k makes 452 tokens of 916 characters


def test_answers_are_as_long_as_golden_ones() -> None:
    days = (path.stem for path in (shipped("seeds") / "sections").iterdir())
    golden = [len(cited(entry)) for day in days for entry in entries_of(day)]
    ours = [len(answer_about(question(number))) for number in range(50)]
    assert statistics.mean(ours) == pytest.approx(statistics.mean(golden), rel=0.1)


def question(number: int) -> dict[str, object]:
    """What is asked about a paper, as far as the model has to read it."""
    content = f"<title>{Paper(number).title}</title> Your task\n- `whats_new`:"
    return {"messages": [{}, {"content": content}]}


def cited(entry: Entry) -> str:
    """A golden entry as the model would have answered it, sentence by sentence."""
    return envelope({FIELDS[one.name]: [cite(text) for text in sentences(one.text)] for one in entry.sections})


@pytest.mark.parametrize("pages", [3, 8, 20, 60])
def test_a_paper_has_as_many_pages_as_it_is_said_to_have(pages: int) -> None:
    assert page_of(1, pages).count(b"class='ltx_para'") == pages * PARAGRAPHS_A_PAGE


def test_a_paper_is_made_of_its_number() -> None:
    assert [number_of(Paper(number).id) for number in (0, 9_999, 157_650, 3_000_000)] == [0, 9_999, 157_650, 3_000_000]
    assert 900 < len(Paper(7).abstract) < 1_500
    assert 550_000 < len(page_of(0, nights.PAGES)) < 750_000


def test_a_ledger_of_many_rows_is_one_that_the_program_opens(tmp_path: Path) -> None:
    filling.make_ledger(tmp_path / "state", 400)
    with ledger.opened(tmp_path / "state") as book:
        index = Index(book, tmp_path / "output")
        assert book.is_sound() and index.unaccounted() == []
        assert index.days(1)[0].counts["printed"] == filling.A_DAY
        assert book.query("SELECT count(*) FROM calls") == [(100,)]
