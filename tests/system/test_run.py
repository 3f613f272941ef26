"""`pipeline run` from the command line, against real servers on loopback."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pipeline.archive import record
from pipeline.core.models import Finding
from pipeline.core.text import sentences
from tests.support.fake_model import completion, error
from tests.support.fakes import ABSTRACT, Answer
from tests.support.world import DAY, FIRST_PARTS, HEADLINE, World, cite, envelope, title_of, write


def three_papers(world: World, day: str = DAY) -> None:
    world.sources.add(day, "2408.00001", "Alpha Networks", votes=5, categories=("cs.CL", "cs.AI"))
    world.sources.add(day, "2408.00002", "Beta Diffusion", votes=9, authors=["Ada One", "Bo Two"])
    world.sources.add(day, "2408.00003", "Gamma Trees", votes=0)


def ids(world: World, layout: str = "sections", day: str = DAY) -> list[str]:
    lines = world.digest(layout, day).read_text("utf-8").splitlines()
    marks = ("### [", "**PDF")
    return [line.rstrip(")").rpartition("/")[2] for line in lines if line.startswith(marks)]


def test_a_day_becomes_a_digest_in_every_layout(world: World) -> None:
    three_papers(world)
    code, out, _ = world.run("run", "--date", DAY, "--layout", "sections", "--layout", "easy", "--layout", "bullets")
    assert code == 0, out
    for layout in ("sections", "easy", "bullets"):
        assert ids(world, layout) == ["2408.00002", "2408.00001", "2408.00003"]
        assert f"output/{layout}/2024/08/22.md" in out
    assert len(world.model.calls) == 9
    pages = [asked.query["p"] for asked in world.sources.paths("/api/daily_papers")]
    assert pages == ["0", "1"]
    assert len(world.sources.paths("/api/query")) == 1
    code, out, _ = world.run("check", "--strict", world.output)
    assert (code, out) == (0, "No findings.\n")


def test_provenance_says_where_each_entry_comes_from(world: World) -> None:
    three_papers(world)
    world.run("run", "--date", DAY)
    found = world.record()
    jsonschema.validate(found, json.loads((Path(record.__file__).parent / "day.schema.json").read_text()))
    assert found["state"] == "published"
    assert found["evidence"]["listed"] == found["evidence"]["taken"] == 3
    beta = next(entry for entry in found["entries"] if entry["id"] == "2408.00002")
    assert beta["version"] == 1
    assert beta["authors"] == ["Ada One", "Bo Two"]
    assert beta["metadata"] == "arxiv"
    assert beta["usage"] == {"input": 100, "output": 20, "cached": 60, "written": 30}
    assert (beta["provider"], beta["model"], beta["attempts"]) == ("openai", "fake-1", 1)
    assert beta["prompt"]["name"] == "sections"
    assert len(beta["prompt"]["hash"]) == 16


def test_each_sentence_is_traced_to_the_paper(world: World) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    world.run("run", "--date", DAY)
    (entry,) = world.record()["entries"]
    assert [claim["cites"] for claim in entry["claims"]] == [[1], [2], [3]]
    assert [(cited["number"], cited["text"]) for cited in entry["cited"]] == list(enumerate(sentences(ABSTRACT), 1))
    assert entry["origin"] == "abstract"
    code, out, _ = world.run("show", "arXiv:2408.00001v1")
    assert code == 0
    assert "- 제안된 방법은 주어진 데이터를" in out
    assert "      [2] Abstract The method divides the data" in out
    shown = json.loads(world.run("show", "2408.00001", "--json")[1])
    assert shown["records"][0]["entries"] == [entry]
    assert [call["state"] for call in shown["calls"]] == ["answered"]
    assert "calls\n  " in out
    code, _, err = world.run("show", "2408.00009")
    assert (code, "nowhere" in err) == (2, True)


def test_the_papers_text_is_read_where_arxiv_has_it(world: World) -> None:
    page = (
        "<html><body><article class='ltx_document'><section class='ltx_section' id='S1'>"
        "<h2 class='ltx_title ltx_title_section'>1 Method</h2><div class='ltx_para' id='S1.p1'>"
        f"<p class='ltx_p'>We train Alpha Networks on nine trees of our garden. {'They grow in the sun. ' * 99}</p>"
        "</div></section></article></body></html>"
    )
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    world.sources.queue("/html/2408.00001v1", Answer(body=page.encode(), content_type="text/html"))
    assert world.run("run", "--date", DAY, "--layout", "sections", "--layout", "easy")[0] == 0
    for call in world.model.calls:
        assert "[4] We train Alpha Networks on nine trees of our garden." in call["messages"][1]["content"]
    (entry,) = world.record()["entries"]
    assert entry["origin"] == "html"
    assert len(world.sources.paths("/html/2408.00001v1")) == 1


def test_a_paper_without_a_text_is_read_by_its_abstract_and_the_record_says_why(world: World) -> None:
    three_papers(world)
    assert world.run("run", "--date", DAY)[0] == 0
    entry = world.record()["entries"][0]
    assert entry["origin"] == "abstract"
    assert entry["cut"] == ["no HTML: answered HTTP 404", "no PDF: answered HTTP 404"]


def test_the_papers_words_are_not_kept_where_they_must_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    three_papers(world)
    monkeypatch.setenv("PIPELINE_KEEP_SOURCE_TEXTS", "false")
    world.run("run", "--date", DAY)
    assert {cited["text"] for entry in world.record()["entries"] for cited in entry["cited"]} == {""}
    assert "We propose" not in world.digest().with_suffix(".json").read_text("utf-8")
    assert "(text not kept)" in world.run("show", "2408.00001")[1]


def test_a_held_back_paper_shows_its_reason(world: World) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    world.model.say = invented
    world.run("run", "--date", DAY)
    out = world.run("show", "2408.00001")[1]
    assert "held back after 2 answers" in out
    assert "numbers/unknown" in out


def test_the_published_schema_is_in_step() -> None:
    published = json.loads((Path(record.__file__).parent / "day.schema.json").read_text())
    assert published == record.DayRecord.model_json_schema()


def test_running_again_changes_nothing_and_calls_nobody(world: World) -> None:
    three_papers(world)
    world.run("run", "--date", DAY)
    before = {path: path.read_bytes() for path in world.output.rglob("*") if path.is_file()}
    calls = len(world.model.calls)
    assert world.run("run", "--date", DAY)[0] == 0
    assert {path: path.read_bytes() for path in world.output.rglob("*") if path.is_file()} == before
    assert len(world.model.calls) == calls


def test_a_late_paper_goes_in_before_the_first_with_fewer_votes(world: World) -> None:
    three_papers(world)
    world.run("run", "--date", DAY)
    before = world.digest().read_text("utf-8")
    for listed in world.sources.days[DAY]:
        listed["paper"]["upvotes"] += 50  # votes freeze when first printed
    world.sources.add(DAY, "2408.00004", "Delta Graphs", votes=5)
    assert world.run("run", "--date", DAY)[0] == 0
    assert ids(world) == ["2408.00002", "2408.00001", "2408.00004", "2408.00003"]
    after = world.digest().read_text("utf-8")
    start = after.index("### [Delta")
    assert after[:start] + after[after.index("### [Gamma") :] == before
    assert len(world.model.calls) == 4


def test_an_empty_day_has_a_record_and_no_digest(world: World) -> None:
    code, _, _ = world.run("run", "--date", "2024-08-24")
    assert code == 0
    assert not world.digest(day="2024-08-24").exists()
    assert world.record(day="2024-08-24")["state"] == "empty"


def test_a_paper_of_another_day_is_a_duplicate(world: World) -> None:
    three_papers(world)
    world.run("run", "--date", DAY)
    world.sources.days["2024-08-23"] = world.sources.days[DAY][:1]
    world.sources.add("2024-08-23", "2408.00009", "Theta Search")
    code, out, _ = world.run("run", "--date", "2024-08-23", "--json")
    (account,) = json.loads(out)["layouts"]
    assert code == 0
    assert (account["listed"], account["printed"], account["duplicate"]) == (2, 1, 1)
    assert world.record(day="2024-08-23")["duplicates"] == [{"id": "2408.00001", "printed_on": DAY}]


def test_the_limit_takes_the_first_by_votes_and_says_so(world: World) -> None:
    three_papers(world)
    assert world.run("run", "--date", DAY, "--limit", 1)[0] == 0
    assert ids(world) == ["2408.00002"]
    assert (world.record()["evidence"]["listed"], world.record()["evidence"]["taken"]) == (3, 1)
    assert world.run("run", "--date", DAY)[0] == 0
    assert ids(world) == ["2408.00002", "2408.00001", "2408.00003"]


def test_chosen_papers_need_no_list(world: World) -> None:
    three_papers(world)
    code, _, _ = world.run(
        "run", "--date", DAY, "--paper", "https://arxiv.org/pdf/2408.00003v1", "--paper", "arXiv:2408.00001"
    )
    assert code == 0
    assert ids(world) == ["2408.00003", "2408.00001"]
    assert world.sources.paths("/api/daily_papers") == []
    code, out, _ = world.run("run", "--date", DAY, "--paper", "2408.99999")
    assert code == 3
    assert "failed: 2408.99999 (sections)" in out


def test_a_dry_run_needs_no_model_and_writes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    three_papers(world)
    monkeypatch.delenv("OPENAI_BASE_URL")
    code, out, _ = world.run("run", "--date", DAY, "--dry-run")
    assert code == 0
    assert "3 to summarise: 2408.00002, 2408.00001, 2408.00003" in out
    assert world.model.calls == []
    assert not list(world.output.rglob("*.md"))


def test_the_facts_of_the_list_serve_when_arxiv_is_out_of_reach(world: World) -> None:
    three_papers(world)
    world.sources.queue("/api/query", *[Answer(503)] * 5)
    code, out, _ = world.run("run", "--date", DAY)
    assert code == 0
    assert "warning: arXiv: answered HTTP 503" in out
    assert {entry["metadata"] for entry in world.record()["entries"]} == {"huggingface"}


def test_a_paper_withdrawn_on_arxiv_is_held_back(world: World) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks", comment="This paper has been withdrawn by the authors")
    world.sources.add(DAY, "2408.00002", "Beta Diffusion")
    code, out, _ = world.run("run", "--date", DAY)
    assert code == 3
    assert "held back: 2408.00001 (sections) Alpha Networks: withdrawn on arXiv" in out
    assert world.record()["state"] == "partial"


@pytest.mark.parametrize(
    "page",
    [
        Answer(body=b"<html>captcha</html>", content_type="text/html"),
        Answer(body=b""),
        Answer(body=b'[{"paper": {"id": "24'),
        Answer(body=b'{"error": "no"}'),
    ],
)
def test_a_bad_list_is_an_error_and_never_an_empty_day(world: World, page: Answer) -> None:
    world.sources.queue("/api/daily_papers", *[page] * 5)
    code, _, err = world.run("run", "--date", DAY)
    assert code == 4
    assert "Hugging Face" in err
    assert world.sources.hf_url in err
    assert world.record()["state"] == "failed"
    assert not world.digest().exists()


def test_an_unreadable_record_is_named_and_no_other_is_lost(world: World) -> None:
    three_papers(world)
    world.sources.days[DAY].insert(1, {"paper": {"title": "No Id"}})
    code, out, _ = world.run("run", "--date", DAY)
    assert code == 3
    assert len(ids(world)) == 3
    assert "failed: unreadable-record-2" in out
    del world.sources.days[DAY][1]
    assert world.run("run", "--date", DAY)[0] == 0


# ---- bad answers


def test_a_bad_answer_is_asked_again_with_what_was_wrong(world: World) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks", f"{ABSTRACT} We train it on 3 tasks.")
    bad = {
        "whats_new": [cite("Alpha Networks는 7개의 과제에서 학습합니다.", 4)],
        "technical_details": [],
        "performance_highlights": [],
    }
    world.model.queue_answers(completion("not JSON"), completion(envelope(bad)))
    assert world.run("run", "--date", DAY)[0] == 0
    first, second, third = world.model.calls
    assert len(first["messages"]) == 2
    assert "bad JSON" in second["messages"][-1]["content"]
    assert "numbers/unknown" in third["messages"][-1]["content"]
    assert third["messages"][-2]["role"] == "assistant"
    entry = world.record()["entries"][0]
    assert entry["attempts"] == 3
    assert entry["usage"]["input"] == 300


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (completion(None, refusal="No."), "refusal: No."),
        (completion("{", finish_reason="length"), "truncated"),
        (completion("", finish_reason="content_filter"), "filtered"),
        (completion(""), "empty"),
        (completion("{}", choices=[]), "envelope"),
        (completion("certainly!"), "bad JSON"),
        (completion(envelope({"summary": "x"})), "not the schema"),
        (completion(envelope({"bullets": [cite("좋습니다.")]})), "not the schema: whats_new: Field required"),
        (completion(envelope({"whats_new": [], "technical_details": [], "performance_highlights": []})), "empty"),
    ],
)
def test_what_stays_bad_is_held_back_with_its_reason(world: World, reply: Answer, reason: str) -> None:
    three_papers(world)
    world.sources.days[DAY] = world.sources.days[DAY][:1]
    world.model.queue_answers(*[reply] * 3)
    code, out, _ = world.run("run", "--date", DAY)
    assert code == 3
    assert f"held back: 2408.00001 (sections) Alpha Networks: {reason}" in out
    assert len(world.model.calls) == 3
    assert not world.digest().exists()
    (held,) = world.record()["held_back"]
    assert held["usage"]["input"] == 300


def asks_for_sentences(body: dict[str, Any]) -> bool:
    """Whether a call is a repair of some sentences, by its schema."""
    answer = body["response_format"]["json_schema"]["schema"]["properties"]["answer"]
    return "sentences" in answer.get("properties", ())


def mends(number: int, text: str, first: Callable[[dict[str, Any]], str]) -> Callable[[dict[str, Any]], str]:
    """A model that answers `first`, and to a repair with this sentence alone, which cites the first of the paper's."""

    def say(body: dict[str, Any]) -> str:
        if asks_for_sentences(body):
            return envelope({"sentences": [{"number": number, **cite(text)}]})
        return first(body)

    return say


def test_a_repair_changes_the_sentence_that_it_was_asked_for_and_no_other(world: World) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    told = "이 논문은 새로운 방법인 Alpha Networks를 제안하고 여러 문제에 적용한 결과를 살펴봅니다."
    world.model.say = mends(1, told, invented)
    assert world.run("run", "--date", DAY)[0] == 0
    question = world.model.calls[1]["messages"][-1]["content"]
    assert "   - must change: numbers/unknown: " in question
    assert "   - the paper says: [1] We propose a new method" in question
    (entry,) = world.record()["entries"]
    whole = json.loads(write(world.model.calls[0]))["answer"]
    kept = [one["text"] for one in whole["technical_details"]]
    assert [claim["text"] for claim in entry["claims"]] == [told, *kept]
    assert entry["headline"]["text"] == whole["headline"]["text"]
    assert entry["attempts"] == 2


def informal(body: dict[str, Any]) -> str:
    return write(body).replace("차례로 학습합니다.", "차례로 학습한다.")


@pytest.mark.parametrize("read", [False, True])
def test_a_suspicion_that_nobody_decides_costs_the_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch, read: bool
) -> None:
    """The writer stands by it, and there is no second reader, or none that counts."""
    monkeypatch.setenv("PIPELINE_LLM__SECOND_READER", str(read))
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    said = "제안된 방법은 주어진 데이터를 여러 부분으로 나누어 차례로 학습한다."
    writer = mends(2, said, informal)
    world.model.say = lambda body: "yes" if "<items>" in body["messages"][1]["content"] else writer(body)
    assert world.run("run", "--date", DAY)[0] == 0
    assert "   - check whether this is so: language/style: " in world.model.calls[1]["messages"][-1]["content"]
    (entry,) = world.record()["entries"]
    assert [claim["cites"] for claim in entry["claims"]] == [[1], [3]]
    assert [found["rule"] for found in entry["findings"]] == ["reader/unreliable"] * read


# ---- headlines


def with_headline(headline: object) -> Callable[[dict[str, Any]], str]:
    return lambda body: envelope(json.loads(write(body))["answer"] | {"headline": headline})


def test_a_headline_is_recorded_and_shown_and_not_printed(world: World) -> None:
    three_papers(world)
    layouts = [part for layout in FIRST_PARTS for part in ("--layout", layout)]
    assert world.run("run", "--date", DAY, *layouts)[0] == 0
    expected = {"section": "headline", "text": HEADLINE["text"], "cites": HEADLINE["cites"]}
    for layout in FIRST_PARTS:
        assert [entry["headline"] for entry in world.record(layout)["entries"]] == [expected] * 3
        assert HEADLINE["text"] not in world.digest(layout).read_text("utf-8")
    assert f"  headline: {HEADLINE['text']}\n      [1] Abstract We propose" in world.run("show", "2408.00001")[1]
    shown = json.loads(world.run("show", "2408.00001", "--json")[1])["records"]
    assert [one["entries"][0]["headline"] for one in shown] == [expected] * 3


@pytest.mark.parametrize(
    "headline",
    [
        None,
        "",
        7,
        HEADLINE["text"],
        {"text": HEADLINE["text"]},
        {"text": HEADLINE["text"], "cites": []},
        {"text": HEADLINE["text"], "cites": [99]},
        {"text": "데이터를 나누어 배우는 " * 4 + "방법", "cites": [1]},
        {"text": "A new method that learns in parts", "cites": [1]},
        {"text": "**데이터를** 나누어 배우는 방법", "cites": [1]},
        {"text": "데이터를 37개로 나누어 배우는 방법", "cites": [1]},
        {"text": "데이터를 나누어 배우는 ZetaNet", "cites": [1]},
    ],
    ids=str,
)
def test_a_bad_headline_is_asked_for_again_then_the_entry_is_printed_without_it(world: World, headline: object) -> None:
    three_papers(world)
    world.model.say = with_headline(headline)
    assert world.run("run", "--date", DAY)[0] == 0
    assert len(world.model.calls) == 6
    assert all(asks_for_sentences(call) for call in world.model.calls if len(call["messages"]) > 2)
    assert [entry["headline"] for entry in world.record()["entries"]] == [None] * 3
    assert [len(entry["claims"]) for entry in world.record()["entries"]] == [3] * 3


def test_a_bad_headline_that_is_mended_is_kept(world: World) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    world.model.say = mends(4, "나누어 배우는 새로운 방법.", with_headline("x"))
    assert world.run("run", "--date", DAY)[0] == 0
    (entry,) = world.record()["entries"]
    assert entry["headline"] == {"section": "headline", "text": "나누어 배우는 새로운 방법", "cites": [1]}
    assert (entry["attempts"], entry["findings"]) == (2, [])


def test_an_old_record_without_headlines_is_read_and_written_again(world: World) -> None:
    three_papers(world)
    world.run("run", "--date", DAY)
    path, old = world.digest().with_suffix(".json"), world.record()
    for entry in old["entries"]:
        del entry["headline"]
    path.write_text(json.dumps(old), "utf-8")
    before = world.digest().read_bytes()
    assert "headline:" not in world.run("show", "2408.00001")[1]
    assert world.run("status", "--rebuild")[0] == 0
    assert world.run("regenerate", "2408.00001")[0] == 0
    assert world.digest().read_bytes() == before
    found = {entry["id"]: bool(entry["headline"]) for entry in world.record()["entries"]}
    assert found == {"2408.00001": True, "2408.00002": False, "2408.00003": False}


def invented(body: dict[str, Any]) -> str:
    return write(body).replace("새로운 방법을 제안", "새로운 방법 93개를 제안")


def test_held_back_papers_are_tried_on_three_later_nights_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    world.model.say = invented
    calls = []
    for night in range(6):
        moment = dt.datetime(2024, 8, 22 + night, 21, tzinfo=dt.UTC)
        monkeypatch.setattr("pipeline.cli.common.now", lambda moment=moment: moment)
        assert world.run("run", "--date", DAY)[0] == 3
        assert world.run("run", "--date", DAY)[0] == 3  # the same night
        calls.append(len(world.model.calls))
    assert calls == [2, 4, 6, 8, 8, 8]  # the question and its one repair, a night
    assert len(world.record()["held_back"][0]["nights"]) == 4
    world.model.say = write
    assert world.run("regenerate", "2408.00001")[0] == 0
    assert ids(world) == ["2408.00001"]
    assert world.record()["held_back"] == []


# ---- a model that cannot be asked


def test_failed_papers_are_named_and_come_the_next_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    three_papers(world)
    monkeypatch.setenv("PIPELINE_LLM__CONCURRENCY", "1")
    world.model.queue_answers(*[error(503)] * 5)
    code, out, _ = world.run("run", "--date", DAY, "--layout", "sections", "--json")
    (account,) = json.loads(out)["layouts"]
    assert code == 3
    assert account["listed"] == account["printed"] + len(account["failed"]) == 3
    assert world.run("run", "--date", DAY)[0] == 0
    assert ids(world) == ["2408.00002", "2408.00001", "2408.00003"]


def test_a_model_out_of_reach_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    three_papers(world)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    code, out, _ = world.run("run", "--date", DAY)
    assert code == 4
    assert out.count("failed: 2408.0000") == 3
    assert world.record()["state"] == "failed"
    monkeypatch.setenv("OPENAI_BASE_URL", world.model.base_url)
    assert world.run("run", "--date", DAY)[0] == 0
    assert world.record()["failed"] == []


def test_a_dead_service_is_not_waited_for_by_every_paper(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 41):
        world.sources.add(DAY, f"2408.{number:05}", f"Paper{number} Networks")
    world.model.queue_answers(*[error(500)] * 1000)
    monkeypatch.setenv("PIPELINE_LLM__CONCURRENCY", "1")
    code, _, err = world.run("run", "--date", DAY)
    assert code == 4
    assert "5 papers in a row" in err
    assert len(world.model.calls) == 25
    assert len(world.record()["failed"]) == 40


def test_a_wrong_key_is_wrong_configuration(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    three_papers(world)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key")
    monkeypatch.setenv("PIPELINE_LLM__CONCURRENCY", "1")
    world.model.queue_answers(error(401))
    code, out, err = world.run("run", "--date", DAY)
    assert code == 2
    assert "Correct OPENAI_API_KEY" in err
    assert "sk-planted" not in out + err + world.digest().with_suffix(".json").read_text()
    assert len(world.model.calls) == 1


# ---- wrong use


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--layout", "poem"], "'poem' is not one of"),
        (["--date", "2999-01-01"], "2999-01-01 is in the future"),
        (["--date", "22.8.2024"], "'22.8.2024' is not a date"),
        (["--paper", "rubbish"], "'rubbish' is not an arXiv id"),
        (["--limit", "0"], "0 is not in the range"),
        (["--sample", "--date", DAY], "--sample is a day of its own"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(world: World, arguments: list[str], says: str) -> None:
    code, _, err = world.run("run", *arguments)
    assert code == 2
    assert says in err
    assert "Traceback" not in err
    assert world.sources.asked == []


def test_no_key_and_no_server_names_both_remedies(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL")
    code, _, err = world.run("run", "--date", DAY)
    assert code == 2
    assert "OPENAI_API_KEY" in err
    assert "OPENAI_BASE_URL" in err


def test_an_output_folder_that_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (world.folder / "file").write_text("not a folder")
    monkeypatch.setenv("PIPELINE_OUTPUT_DIR", str(world.folder / "file"))
    three_papers(world)
    code, _, err = world.run("run", "--date", DAY)
    assert code == 2
    assert "cannot be written" in err
    assert world.model.calls == []


def test_wrong_settings_are_exit_2(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pipeline.toml").write_text("[llm\n")
    assert world.run("run")[0] == 2
    Path("pipeline.toml").write_text("[llm]\nmodle = 'x'\n")
    code, _, err = world.run("run")
    assert code == 2
    assert "nearest known one is llm.model" in err


def test_a_damaged_record_or_digest_is_named_and_left_alone(world: World) -> None:
    three_papers(world)
    world.run("run", "--date", DAY)
    path = world.digest().with_suffix(".json")
    path.write_text('{"format": 1, "entries": "none"}')
    code, _, err = world.run("run", "--date", DAY)
    assert code == 2
    assert "22.json is not a day's record" in err
    path.unlink()
    world.digest().write_text("something else")
    code, _, err = world.run("run", "--date", DAY)
    assert code == 2
    assert "22.md" in err
    assert world.digest().read_text() == "something else"


def test_two_runs_at_once_are_refused(world: World) -> None:
    from filelock import FileLock

    Path(".pipeline").mkdir()
    with FileLock(".pipeline/run.lock"):
        code, _, err = world.run("run", "--date", DAY)
    assert code == 5
    assert "Another run holds" in err


def test_a_bug_is_exit_70_with_the_traceback_in_a_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> tuple[Finding, ...]:
        raise ZeroDivisionError("a bug")

    three_papers(world)
    monkeypatch.setattr("pipeline.cli.context.gate", broken)
    code, _, err = world.run("run", "--date", DAY)
    assert code == 70
    assert "Traceback" not in err
    assert "ZeroDivisionError" in Path(".pipeline/pipeline.log").read_text()
    assert len(world.record()["failed"]) == 3  # nothing is lost, not even then


def test_what_was_done_before_an_interruption_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    three_papers(world)
    monkeypatch.setenv("PIPELINE_LLM__CONCURRENCY", "1")
    monkeypatch.setattr("pipeline.cli.progress.outcome_line", lambda outcome: _interrupt_after(outcome, "2408.00001"))
    code, _, _ = world.run("run", "--date", DAY)
    assert code == 130
    assert ids(world) == ["2408.00002", "2408.00001"]
    assert [failed["id"] for failed in world.record()["failed"]] == ["2408.00003"]


def _interrupt_after(outcome: Any, paper_id: str) -> str:
    if outcome.paper_id == paper_id:
        raise KeyboardInterrupt
    return str(outcome.paper_id)


def test_titles_from_outside_open_no_link_and_no_tag(world: World) -> None:
    world.sources.add(
        DAY, "2408.00001", "Alpha](javascript:alert(1)) <script>x</script> [Networks", authors=["<b>Bo</b>"]
    )
    world.model.say = lambda body: write(body).replace(title_of(body).partition(":")[0], "Networks")
    assert world.run("run", "--date", DAY)[0] == 0
    text = world.digest().read_text("utf-8")
    assert "](javascript" not in text
    assert "<script" not in text
    assert "<b>" not in text
