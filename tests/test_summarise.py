"""What follows from an answer, as a table: no model, no network, no file."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import reader
from pipeline.models import (
    Answer,
    Claim,
    Finding,
    HeldBack,
    LayoutName,
    Paper,
    Section,
    SourceSentence,
    SourceText,
    Summary,
    Usage,
)
from pipeline.prompts import load, load_reader
from pipeline.rules import RULES, finding
from pipeline.summarise import Rules, State, Step, advance, begin
from tests.world import cite, envelope, judged

PAPER = Paper(id="2401.00001", title="Alpha Networks", abstract="We propose Alpha Networks.", authors=("A",))
SOURCE = SourceText(
    paper_id=PAPER.id,
    sentences=(SourceSentence(text="We propose Alpha Networks."), SourceSentence(text="It gains 3.5 points.")),
)
FIRST, SECOND, THIRD = cite("첫째입니다."), cite("3.5점 높습니다.", 2), cite("셋째입니다.")
Judge = Callable[[Claim], str]


def content(new: list[object], *details: object) -> str:
    return envelope({"whats_new": new, "technical_details": details, "performance_highlights": []})


GOOD = content([FIRST])


def answer(text: str = GOOD, **more: object) -> Answer:
    return Answer(content=text, model="m", usage=Usage(input=1, output=2), **more)  # type: ignore[arg-type]


def rules(*whole: str, judge: Judge = lambda claim: "", attempts: int = 3, read: bool = False) -> Rules:
    """Rules that find `whole` wrong with every draft, and what `judge` says wrong with a claim."""

    def verify(
        sections: tuple[Section, ...],
        claims: tuple[Claim, ...],
        layout: LayoutName,
        paper: Paper,
        source: SourceText,
    ) -> tuple[Finding, ...]:
        numbered = ((number, judge(claim)) for number, claim in enumerate(claims, start=1))
        bad = (finding(rule, f"breach of {rule}", sentence=number) for number, rule in numbered if rule)
        return (*(finding(rule, f"breach of {rule}") for rule in whole), *bad)

    return Rules(verify, load, attempts, load_reader() if read else None, "reader-1" if read else None)


def start() -> State:
    return begin(PAPER, SOURCE, load("sections"))


def state(step: Step) -> State:
    assert isinstance(step, State)
    return step


def texts(step: Step) -> list[str]:
    assert isinstance(step, Summary)
    return [claim.text for claim in step.claims]


def test_a_good_answer_is_a_summary() -> None:
    summary = advance(start(), answer(), rules())
    assert isinstance(summary, Summary)
    assert summary.sections == (Section(name="What's New", text="첫째입니다."),)
    assert summary.claims == (Claim(section="What's New", text="첫째입니다.", cites=(1,)),)
    assert (summary.model, summary.attempts, summary.usage) == ("m", 1, Usage(input=1, output=2))
    assert summary.prompt == load("sections").prompt


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (answer("", problem="refusal", detail="No."), "refusal: No."),
        (answer("{", problem="truncated", detail="cut"), "truncated: cut"),
        (answer("", problem="empty"), "empty"),
        (answer("nonsense"), "bad JSON"),
        (answer('{"whats_new": []}'), "not the schema: answer: Field required"),
        (answer('{"answer": null}'), "not the schema: Input should be"),
        (answer(envelope({"whats_new": "x"})), "not the schema: whats_new"),
        (answer(envelope({"bullets": [FIRST]})), "not the schema: whats_new: Field required"),
        (answer(GOOD[:-1] + ', "more": 1}'), "not the schema: more"),
        (answer(GOOD[:-2] + ', "more": 1}}'), "not the schema: more"),
        (answer(content([])), "empty: the answer has no sentence for What's New"),
        (answer(content([{"text": "좋습니다.", "cites": []}])), "not the schema: a sentence without citations"),
    ],
)
def test_a_bad_answer_is_asked_again_twice_with_what_was_wrong(reply: Answer, says: str) -> None:
    second = state(advance(start(), reply, rules()))
    assert second.request.attempt == 2
    assert says in second.request.messages[-1].content
    assert second.request.messages[:2] == start().request.messages
    third = state(advance(second, reply, rules()))
    assert len(third.request.messages) <= 4  # the conversation does not grow
    held = advance(third, reply, rules())
    assert isinstance(held, HeldBack)
    assert held.reason.startswith(says)
    assert (held.attempts, held.usage) == (3, Usage(input=3, output=6))


def wrong(claim: Claim) -> str:
    return "numbers/unknown" if "3.5" in claim.text else ""


def test_a_sentence_at_fault_is_repaired_once_with_its_passages() -> None:
    step = state(advance(start(), answer(content([FIRST, SECOND])), rules(judge=wrong)))
    assert "breach of numbers/unknown The paper says: [2] It gains 3.5 points." in step.request.messages[-1].content
    assert texts(advance(step, answer(), rules(judge=wrong))) == ["첫째입니다."]


def test_what_still_fails_is_left_out() -> None:
    twice = answer(content([FIRST, SECOND], SECOND))
    step = state(advance(start(), twice, rules(judge=wrong)))
    summary = advance(step, twice, rules(judge=wrong))
    assert texts(summary) == ["첫째입니다."]
    assert isinstance(summary, Summary)
    assert summary.attempts == 2


def test_a_first_section_without_a_sentence_holds_the_paper_back() -> None:
    only = answer(content([SECOND], THIRD))
    held = advance(state(advance(start(), only, rules(judge=wrong))), only, rules(judge=wrong))
    assert isinstance(held, HeldBack)
    assert held.reason == "numbers/unknown: breach of numbers/unknown"
    assert [found.rule for found in held.findings] == ["numbers/unknown"]


def test_a_fault_of_the_whole_holds_the_paper_back() -> None:
    held = advance(state(advance(start(), answer(), rules("identity/title"))), answer(), rules("identity/title"))
    assert isinstance(held, HeldBack)
    assert held.attempts == 2


def test_a_writer_that_is_asked_once_gets_no_repair() -> None:
    assert texts(advance(start(), answer(content([FIRST, SECOND])), rules(judge=wrong, attempts=1))) == ["첫째입니다."]


@pytest.mark.parametrize("rule", ["field/media", "numbers/elsewhere", "identity/other-paper"])
def test_what_is_only_recorded_holds_nothing_back(rule: str) -> None:
    summary = advance(start(), answer(), rules(rule))
    assert isinstance(summary, Summary)
    assert [found.rule for found in summary.findings] == [rule]


def test_a_huge_answer_is_not_sent_back_whole() -> None:
    step = state(advance(start(), answer("x" * 10_000_000), rules()))
    assert sum(len(message.content) for message in step.request.messages) < 50_000


# ---- the second reader

BOTH = answer(content([FIRST, SECOND]))


def verdicts(claims: list[str], bad: dict[str, str], plant: str = "contradicted") -> Answer:
    """A reader's answer about the items of these claims: `bad` by text, `plant` for the sentence wrong on purpose."""
    cited = [Claim(section="", text=text, cites=(number,)) for number, text in enumerate(claims, start=1)]
    asked = reader.items(cited, reader.plant(cited, SOURCE, PAPER.title))
    return answer(judged(bad.get(item.text, "supported") if item.text in claims else plant for item in asked))


ITEMS = ["첫째입니다.", "3.5점 높습니다."]


def test_the_reader_sees_the_paper_once_and_each_sentence_with_the_numbers_that_it_cites() -> None:
    step = state(advance(start(), BOTH, rules(read=True)))
    assert step.request.model == "reader-1"
    written, question = (request.messages[1] for request in (start().request, step.request))
    about = written.content[: written.shared].partition("</paper>")[0]
    assert question.content.startswith(about)
    assert question.content[: question.shared].rstrip().endswith("</paper>")
    assert question.content.count("It gains 3.5 points.") == 1
    items = question.content[question.shared :]
    assert items.startswith("<items>\n1. 첫째입니다. [1]\n2. ")
    assert "Apart from these:\n3. 3.5점 높습니다. [2]\n</items>" in items
    summary = advance(step, verdicts(ITEMS, {}), rules(read=True))
    assert texts(summary) == ITEMS
    assert isinstance(summary, Summary)
    assert summary.usage == Usage(input=2, output=4)


def test_the_falsified_sentence_stands_in_the_place_of_its_true_form() -> None:
    step = state(advance(start(), BOTH, rules(read=True)))
    items = step.request.messages[1].content.partition("<items>\n")[2].splitlines()
    assert items[0] == "1. 첫째입니다. [1]"
    assert items[1] in {"2. 3.5점 낮습니다. [2]", *(f"2. 3.{digit}점 높습니다. [2]" for digit in "2346789")}
    assert items[2:4] == ["Apart from these:", "3. 3.5점 높습니다. [2]"]


def test_an_objection_to_what_is_judged_apart_names_its_place_in_the_entry() -> None:
    claims = [Claim(section="", text=text, cites=(1,)) for text in ("3.5점 높습니다.", "첫째입니다.")]
    planted = reader.plant(claims, SOURCE, PAPER.title)
    assert planted
    assert planted.place == 0
    said = verdicts(["3.5점 높습니다.", "첫째입니다."], {"3.5점 높습니다.": "not_found"})
    (found,) = reader.findings(said.content, claims, planted)
    assert (found.rule, found.sentence) == ("reader/not-found", 1)


def test_an_objection_quotes_the_words_in_conflict_of_both() -> None:
    claims = [Claim(section="", text="가우시안 튀김을 씁니다.", cites=(1,))]
    one = {"number": 1, "verdict": "term", "korean": "가우시안  튀김", "english": "Gaussian\nsplatting" + "x" * 999}
    (found,) = reader.findings(json.dumps({"verdicts": [one]}), claims, None)
    assert (found.rule, found.text) == ("reader/term", "가우시안 튀김")
    assert "“가우시안 튀김”; the paper has “Gaussian splattingx" in found.message
    assert len(found.message) < 400


def test_an_entry_that_cannot_be_falsified_is_recorded_as_untested() -> None:
    asked = state(advance(start(), answer(content([cite("알파 신경망의 제안")])), rules(read=True)))
    assert "Apart from these" not in asked.request.messages[1].content
    summary = advance(asked, verdicts(["알파 신경망의 제안"], {}), rules(read=True))
    assert isinstance(summary, Summary)
    assert [found.rule for found in summary.findings] == ["reader/untested"]


def test_what_the_reader_objects_to_is_repaired_then_left_out() -> None:
    objection = verdicts(ITEMS, {"3.5점 높습니다.": "contradicted"})
    asked = state(advance(start(), BOTH, rules(read=True)))
    repair = state(advance(asked, objection, rules(read=True)))
    assert "reader/contradicted" in repair.request.messages[-1].content
    assert repair.request.model is None
    again = state(advance(repair, BOTH, rules(read=True)))
    assert again.request.model == "reader-1"
    assert texts(advance(again, objection, rules(read=True))) == ["첫째입니다."]


@pytest.mark.parametrize(
    "useless",
    [verdicts(ITEMS, {}, plant="supported"), answer("yes"), answer('{"verdicts": []}'), answer("", problem="refusal")],
)
def test_a_reader_that_says_yes_to_everything_does_not_count(useless: Answer) -> None:
    asked = state(advance(start(), BOTH, rules(read=True)))
    once_more = state(advance(asked, useless, rules(read=True)))
    assert once_more.request == asked.request
    summary = advance(once_more, useless, rules(read=True))
    assert isinstance(summary, Summary)
    assert [found.rule for found in summary.findings] == ["reader/unreliable"]
    assert texts(advance(once_more, verdicts(ITEMS, {}), rules(read=True))) == ITEMS


# ---- nothing grave is printed

GRAVE = [name for name, rule in RULES.items() if rule.severity == "grave"]


@given(
    rule=st.sampled_from(GRAVE),
    answers=st.lists(st.sampled_from([content([FIRST]), content([SECOND]), content([FIRST, SECOND], THIRD), "{"])),
    attempts=st.integers(1, 4),
    read=st.booleans(),
)
def test_no_sequence_of_answers_gets_a_grave_finding_printed(
    rule: str, answers: list[str], attempts: int, read: bool
) -> None:
    asked = rules(judge=lambda claim: rule if "3.5" in claim.text else "", attempts=attempts, read=read)
    step: Step = start()
    for text in [*answers, *[content([SECOND])] * 9]:
        if not isinstance(step, State):
            break
        step = advance(step, answer(text), asked)
    assert not isinstance(step, State)
    if isinstance(step, Summary):
        assert "3.5" not in " ".join(section.text for section in step.sections)
        assert not {found.rule for found in step.findings} & set(GRAVE)


@pytest.mark.parametrize("rule", GRAVE)
def test_a_grave_fault_of_the_whole_always_holds_back(rule: str) -> None:
    step: Step = start()
    while isinstance(step, State):
        step = advance(step, answer(), rules(rule))
    assert isinstance(step, HeldBack)
