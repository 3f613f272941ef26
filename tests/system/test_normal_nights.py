"""Whole nights in which the model, the list and arXiv write the same text in other forms of Unicode."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.fakes import Answer
from tests.support.world import DAY, HEADLINE, World, cite, envelope, layout_of

ID = "2408.00001"
TITLE = "LampMethod-2: Dividing Data into Parts"
ABSTRACT = (
    "We propose LampMethod-2, a retrieval-augmented method, and compare it with GPT-4o. "
    "LampMethod-2 divides the data into 12 parts and learns from them in 3-5 hours. "
    "It is called Lamp² and costs 0.5× as much."
)
SAID = (
    ("이 논문은 검색 증강 방법인 LampMethod-2를 제안하고 GPT-4o와 비교합니다.", 1),
    ("LampMethod-2는 데이터를 12개 부분으로 나누어 3-5시간 안에 차례로 학습합니다.", 2),
    ("Lamp²라고 하는 이 방법의 비용은 0.5×입니다.", 3),
)


def answer(body: dict[str, Any]) -> dict[str, Any]:
    one, *more = [cite(text, number) for text, number in SAID]
    answers: dict[str, dict[str, Any]] = {
        "sections": {"whats_new": [one], "technical_details": more, "performance_highlights": []},
        "bullets": {"bullets": [one, *more]},
        "easy": {
            "summary": [[one, *more]],
            "easy": [cite("데이터를 나누어 차례로 학습합니다.", 2)],
            "fields": ["검색"],
        },
    }
    return answers[layout_of(body)] | {"headline": HEADLINE}


def changed(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case list():
            return [changed(one, change) for one in value]
        case dict():
            return {name: changed(one, change) for name, one in value.items()}
    return value


def with_dash(dash: str) -> Callable[[str], str]:
    return lambda text: text.replace("-", dash)


FORMS: dict[str, Callable[[str], str]] = {
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    **{f"U+{ord(dash):04X}": with_dash(dash) for dash in "‐‑‒–−"},
    "zero-width spaces": lambda text: "\u200b".join(text),
    "invisible": lambda text: text.replace("데", "데\u00ad\ufeff").replace("M", "M\U000e0041").replace("o", "o\u2060"),
    "full width": lambda text: text.replace("12", "１２").replace("GPT", "ＧＰＴ").replace("%", "％"),
    "LaTeX": lambda text: text.replace("0.5×", r"$0.5\times$").replace("Lamp²", "Lamp$^2$"),
    "unescaped LaTeX": lambda text: text.replace("0.5×", "0.5\times"),
    "particles": lambda text: text.replace("-2를", "-2을").replace("4o와", "4o과").replace("-2는", "-2은"),
}


def night(world: World, title: str, abstract: str, say: Callable[[dict[str, Any]], str], layout: str) -> str:
    world.sources.add(DAY, ID, title, abstract)
    world.model.say = say
    code, out, _ = world.run("run", "--date", DAY, "--layout", layout)
    assert code == 0, out
    assert len(world.model.calls) == 1
    return world.digest(layout).read_text("utf-8")


@pytest.mark.parametrize("layout", ["sections", "bullets", "easy"])
@pytest.mark.parametrize("form", FORMS)
def test_an_answer_in_another_form_is_printed_in_ours(world: World, form: str, layout: str) -> None:
    change = FORMS[form]
    text = night(world, TITLE, ABSTRACT, lambda body: envelope(changed(answer(body), change)), layout)
    for said, _ in SAID:
        assert said in text
    (entry,) = world.record(layout)["entries"]
    assert [claim["text"] for claim in entry["claims"]][:3] == [said for said, _ in SAID]
    assert entry["attempts"] == 1


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("unescaped LaTeX", "particles")])
def test_a_paper_in_another_form_is_read_in_ours(world: World, form: str) -> None:
    change = FORMS[form]
    text = night(world, change(TITLE), change(ABSTRACT), lambda body: envelope(answer(body)), "sections")
    assert f"### [{TITLE}](" in text
    asked = world.model.calls[0]["messages"][1]["content"]
    assert f"[2] {ABSTRACT.split('. ')[1]}." in asked
    (entry,) = world.record()["entries"]
    assert " ".join(cited["text"] for cited in entry["cited"]) == ABSTRACT


@pytest.mark.parametrize("form", ["decomposed", "U+2011", "zero-width spaces", "full width"])
def test_a_text_in_another_form_is_read_in_ours(world: World, form: str) -> None:
    said = "등불 표본은 GPT-4o와 12개의 부분에서 나왔습니다."
    page = (
        "<html><body><article class='ltx_document'><section class='ltx_section' id='S1'>"
        f"<h2 class='ltx_title'>1 Method</h2><p class='ltx_p'>{FORMS[form](said)} {'They grow in the sun. ' * 99}</p>"
        "</section></article></body></html>"
    )
    world.sources.queue(f"/html/{ID}v1", Answer(body=page.encode(), content_type="text/html"))
    night(world, TITLE, ABSTRACT, lambda body: envelope(answer(body)), "sections")
    assert f"[4] {said}" in world.model.calls[0]["messages"][1]["content"]


def test_markup_of_a_paper_reaches_nobody(world: World) -> None:
    title = r"<b>LampMethod</b>$^2$ on $\tau^2$-bench: \emph{Dividing} Data"
    abstract = (
        "We **propose** LampMethod$^2$ at \\$10 to \\$5. It learns <i>faster</i> on $\\tau^2$-bench than *others*."
    )
    said = [
        cite("이 논문은 데이터를 나누는 LampMethod²를 제안합니다.", 1),
        cite("τ²-bench에서 더 빠르게 학습합니다.", 2),
    ]
    text = night(world, title, abstract, lambda _: envelope({"bullets": said, "headline": said[0]}), "bullets")
    assert "### [LampMethod² on τ²-bench: Dividing Data](" in text
    asked = world.model.calls[0]["messages"][1]["content"]
    assert "<title>LampMethod² on τ²-bench: Dividing Data</title>" in asked
    assert "[1] We propose LampMethod² at $10 to $5.\n[2] It learns faster on τ²-bench than others." in asked


def test_a_lone_jamo_is_asked_about_again(world: World) -> None:
    slip = [cite("이 논문은 데이터를 나누는 방법인 LampMethod-2를 제안하고ㅋ GPT-4o와 비교합니다.", 1)]
    texts = iter([envelope({"bullets": slip})])
    world.sources.add(DAY, ID, TITLE, ABSTRACT)
    world.model.say = lambda body: next(texts, envelope(answer(body)))
    assert world.run("run", "--date", DAY, "--layout", "bullets")[0] == 0
    assert "language/script" in world.model.calls[1]["messages"][-1]["content"]
    assert "ㅋ" not in world.digest("bullets").read_text("utf-8")


@pytest.mark.parametrize("form", ["decomposed", "U+2011", "zero-width spaces"])
def test_a_printed_digest_is_held_against_sources_in_any_form(world: World, tmp_path: Path, form: str) -> None:
    change = FORMS[form]
    night(world, TITLE, ABSTRACT, lambda body: envelope(answer(body)), "sections")
    rows = tmp_path / "sources.jsonl"
    row = {"id": ID, "title": change(TITLE), "abstract": change(ABSTRACT)}
    rows.write_text(json.dumps(row), "utf-8")
    code, out, _ = world.run("verify", world.digest(), "--sources", rows, "--format", "json")
    assert (code, json.loads(out)["findings"]) == (0, [])


def test_a_digest_that_holds_other_forms_stays_as_it_is(world: World, tmp_path: Path) -> None:
    """What is read back is another's: it is compared in normal form, and keeps its bytes."""
    night(world, TITLE, ABSTRACT, lambda body: envelope(answer(body)), "sections")
    path = world.digest()
    other = path.read_text("utf-8").replace("GPT-4o", "GPT\u20114o").replace("-2를", "-2을")
    path.write_text(other, "utf-8")
    rows = tmp_path / "sources.jsonl"
    rows.write_text(json.dumps({"id": ID, "title": TITLE, "abstract": ABSTRACT}), "utf-8")
    assert json.loads(world.run("verify", path, "--sources", rows, "--format", "json")[1])["findings"] == []
    world.sources.add(DAY, "2408.00002", "LampMethod-2 Again", ABSTRACT)
    assert world.run("run", "--date", DAY)[0] == 0
    assert "GPT\u20114o" in path.read_text("utf-8")
    assert "-2을" in path.read_text("utf-8")
