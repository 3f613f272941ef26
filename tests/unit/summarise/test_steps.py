"""What follows from an answer, as a table: no model, no network, no file."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.models import (
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
from pipeline.core.rules import RULES, finding
from pipeline.layouts import answer_schema, repair_schema
from pipeline.summarise import judge as reader
from pipeline.summarise.prompts import load, load_judge
from pipeline.summarise.steps import Rules, State, Step, advance, begin
from tests.support.world import cite, envelope, judged

PAPER = Paper(id="2401.00001", title="Alpha Networks", abstract="We propose Alpha Networks.", authors=("A",))
SOURCE = SourceText(
    paper_id=PAPER.id,
    sentences=(SourceSentence(text="We propose Alpha Networks."), SourceSentence(text="It gains 3.5 points.")),
)
FIRST, SECOND, THIRD = cite("첫째입니다."), cite("3.5점 높습니다.", 2), cite("셋째입니다.")
HEADLINE = cite("새로운 신경망")
Judge = Callable[[Claim], str]


def content(new: list[object], *details: object, headline: object = HEADLINE) -> str:
    parts = {"whats_new": new, "technical_details": details, "performance_highlights": [], "headline": headline}
    return envelope(parts)


def repaired(*sentences: tuple[int, str, int]) -> Answer:
    """The answer to a repair: a number, the new sentence, and the one sentence that it cites."""
    return answer(envelope({"sentences": [{"number": n, "text": t, "cites": [c]} for n, t, c in sentences]}))


GOOD = content([FIRST])


def answer(text: str = GOOD, **more: object) -> Answer:
    return Answer(content=text, model="m", usage=Usage(input=1, output=2), **more)


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

    return Rules(verify, load, attempts, load_judge() if read else None, "reader-1" if read else None)


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
    assert summary.headline == Claim(section="headline", text="새로운 신경망", cites=(1,))
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
    asked = step.request.messages[-1].content
    assert "2. 3.5점 높습니다.\n   - must change: numbers/unknown: breach of numbers/unknown" in asked
    assert "   - the paper says: [2] It gains 3.5 points." in asked
    assert "1. 첫째입니다." not in asked
    assert step.request.answer_schema == repair_schema()
    assert texts(advance(step, repaired((2, "3점 높습니다.", 2)), rules(judge=wrong))) == [
        "첫째입니다.",
        "3점 높습니다.",
    ]


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


def test_a_fault_of_the_whole_is_asked_about_with_the_whole_and_then_holds_the_paper_back() -> None:
    step = state(advance(start(), answer(), rules("text/length")))
    assert "- text/length: breach of text/length" in step.request.messages[-1].content
    assert step.request.answer_schema == answer_schema()
    held = advance(step, answer(), rules("text/length"))
    assert isinstance(held, HeldBack)
    assert held.attempts == 2


def test_a_doubt_about_the_whole_is_asked_once_and_recorded() -> None:
    step = state(advance(start(), answer(), rules("identity/title")))
    assert "Of the whole, check whether this is so: breach of identity/title" in step.request.messages[-1].content
    summary = advance(step, repaired((1, "첫째를 말합니다.", 1)), rules("identity/title"))
    assert texts(summary) == ["첫째를 말합니다."]
    assert isinstance(summary, Summary)
    assert [found.rule for found in summary.findings] == ["identity/title"]


def test_a_writer_that_is_asked_once_gets_no_repair() -> None:
    assert texts(advance(start(), answer(content([FIRST, SECOND])), rules(judge=wrong, attempts=1))) == ["첫째입니다."]


@pytest.mark.parametrize("rule", ["field/media", "numbers/elsewhere", "identity/other-paper"])
def test_what_is_only_recorded_holds_nothing_back(rule: str) -> None:
    summary = advance(start(), answer(), rules(rule))
    assert isinstance(summary, Summary)
    assert [found.rule for found in summary.findings] == [rule]


@pytest.mark.parametrize("huge", ["x" * 10_000_000, content([FIRST, cite(f"{'긴 ' * 500_000}3.5")])], ids=len)
def test_a_huge_answer_is_not_sent_back_whole(huge: str) -> None:
    step = state(advance(start(), answer(huge), rules(judge=wrong)))
    assert sum(len(message.content) for message in step.request.messages) < 50_000


# ---- a repair changes what it was asked about, and loses nothing

BOTH = answer(content([FIRST, SECOND]))
THREE = content([FIRST, SECOND], THIRD)


@pytest.mark.parametrize(
    ("reply", "printed"),
    [
        (repaired((2, "3점 높습니다.", 2)), ["첫째입니다.", "3점 높습니다.", "셋째입니다."]),
        (repaired((2, "", 2)), ["첫째입니다.", "셋째입니다."]),
        (repaired(), ["첫째입니다.", "셋째입니다."]),  # not a word of it: it still blocks
        (repaired((2, "3.5점 높습니다.", 2)), ["첫째입니다.", "셋째입니다."]),
        (
            repaired((1, "", 1), (2, "3점 높습니다.", 2), (3, "다릅니다.", 1)),
            ["첫째입니다.", "3점 높습니다.", "셋째입니다."],
        ),
        (
            repaired((0, "영입니다.", 1), (2, "3점 높습니다.", 2), (9, "아홉입니다.", 1)),
            ["첫째입니다.", "3점 높습니다.", "셋째입니다."],
        ),
        # the whole answer anew
        (answer(content([FIRST, cite("3점 높습니다.", 2)], THIRD)), ["첫째입니다.", "3점 높습니다.", "셋째입니다."]),
        (
            answer(content([cite("다릅니다."), cite("3점 높습니다.", 2)])),
            ["첫째입니다.", "3점 높습니다.", "셋째입니다."],
        ),
        (answer(content([FIRST], headline=None)), ["첫째입니다.", "셋째입니다."]),
        (answer(content([FIRST], cite("4점 높습니다.", 2), THIRD)), ["첫째입니다.", "셋째입니다."]),
        (answer(content([cite("새로 씁니다.")])), ["새로 씁니다."]),
        (answer("{"), ["첫째입니다.", "셋째입니다."]),
        (
            answer(envelope({"sentences": [{"number": 2, "text": "3점 높습니다.", "cites": []}]})),
            ["첫째입니다.", "셋째입니다."],
        ),
        (answer(content([])), ["첫째입니다.", "셋째입니다."]),
        (answer("", problem="refusal"), ["첫째입니다.", "셋째입니다."]),
        (answer(content([FIRST]), problem="truncated"), ["첫째입니다.", "셋째입니다."]),
    ],
)
def test_only_the_named_sentences_change_and_none_is_lost(reply: Answer, printed: list[str]) -> None:
    step = state(advance(start(), answer(THREE), rules(judge=wrong)))
    summary = advance(step, reply, rules(judge=wrong))
    assert texts(summary) == printed
    assert isinstance(summary, Summary)
    assert summary.headline is not None
    assert (summary.attempts, summary.usage) == (2, Usage(input=2, output=4))


def test_a_repair_that_empties_the_first_section_is_as_if_it_had_not_been() -> None:
    step = state(advance(start(), answer(content([FIRST], SECOND)), rules(judge=lambda claim: "numbers/swapped")))
    asked = step.request.messages[-1].content
    assert "1. 첫째입니다.\n   - check whether this is so: numbers/swapped" in asked
    everything_out = repaired(*((number, "", 1) for number in (1, 2, 3)))
    assert isinstance(advance(step, everything_out, rules(judge=lambda claim: "numbers/swapped")), HeldBack)
    kept = advance(step, everything_out, rules())
    assert texts(kept) == ["첫째입니다.", "3.5점 높습니다."]


# ---- a suspicion is asked once, and decided by the second reader

ASKS = [name for name, rule in RULES.items() if rule.effect == "asks"]


def suspect(rule: str) -> Judge:
    return lambda claim: rule if "3.5" in claim.text else ""


@pytest.mark.parametrize("rule", ASKS)
@pytest.mark.parametrize("again", ["3.5점 높습니다.", "3.5점 더 높습니다."], ids=["unchanged", "rephrased"])
def test_a_suspicion_that_the_writer_stands_by_goes_to_the_second_reader(rule: str, again: str) -> None:
    asks = rules(judge=suspect(rule), read=True)
    repair = state(advance(start(), BOTH, asks))
    assert f"   - check whether this is so: {rule}" in repair.request.messages[-1].content
    reading = state(advance(repair, repaired((2, again, 2)), asks))
    assert reading.request.model == "reader-1"
    said = ["첫째입니다.", again, "새로운 신경망"]
    summary = advance(reading, verdicts(said, {}), asks)
    assert texts(summary) == said[:2]
    assert isinstance(summary, Summary)
    assert [(found.rule, found.sentence) for found in summary.findings] == [(rule, 2)]
    assert texts(advance(reading, verdicts(said, {again: "contradicted"}), asks)) == ["첫째입니다."]


@pytest.mark.parametrize("rule", ASKS)
def test_a_suspicion_that_nobody_decides_costs_the_sentence(rule: str) -> None:
    alone = rules(judge=suspect(rule))
    assert texts(advance(state(advance(start(), BOTH, alone)), repaired(), alone)) == ["첫째입니다."]
    asks = rules(judge=suspect(rule), read=True)
    reading = state(advance(state(advance(start(), BOTH, asks)), repaired(), asks))
    useless = answer("yes")
    summary = advance(state(advance(reading, useless, asks)), useless, asks)
    assert texts(summary) == ["첫째입니다."]
    assert isinstance(summary, Summary)
    assert [found.rule for found in summary.findings] == ["reader/unreliable"]


def test_a_suspicion_that_is_mended_is_forgotten() -> None:
    alone = rules(judge=suspect("numbers/swapped"))
    summary = advance(state(advance(start(), BOTH, alone)), repaired((2, "점수가 높습니다.", 2)), alone)
    assert texts(summary) == ["첫째입니다.", "점수가 높습니다."]
    assert isinstance(summary, Summary)
    assert summary.findings == ()


def test_a_sentence_that_cites_nothing_is_asked_about_and_the_reader_holds_it_against_the_title() -> None:
    uncited = cite("알파 네트워크를 다룹니다.") | {"cites": []}
    repair = state(advance(start(), answer(content([FIRST, uncited])), rules(read=True)))
    assert "   - check whether this is so: citations/missing: It cites nothing" in repair.request.messages[-1].content
    cited = state(advance(repair, repaired((2, "알파 네트워크를 다룹니다.", 1)), rules(read=True)))
    said = ["첫째입니다.", "알파 네트워크를 다룹니다.", "새로운 신경망"]
    assert isinstance(summary := advance(cited, verdicts(said, {}), rules(read=True)), Summary)
    assert (summary.claims[1].cites, summary.findings) == ((1,), ())
    kept = advance(state(advance(repair, repaired(), rules(read=True))), verdicts(said, {}), rules(read=True))
    assert isinstance(kept, Summary)
    assert (kept.claims[1].cites, [found.rule for found in kept.findings]) == ((), ["citations/missing"])
    assert texts(advance(repair, repaired(), rules())) == ["첫째입니다."]  # no reader, no print


# ---- a headline


def bad_headline(claim: Claim) -> str:
    return "text/markup" if claim.section == "headline" else ""


@pytest.mark.parametrize("headline", [None, "", "한 줄", 7, {"text": "한 줄"}, {"text": "", "cites": [1]}], ids=str)
@pytest.mark.parametrize("read", [False, True])
def test_a_missing_headline_is_asked_for_once_and_then_done_without(headline: object, read: bool) -> None:
    without = answer(content([FIRST], headline=headline))
    step = state(advance(start(), without, rules(read=read)))
    assert (
        "2. (not written yet)\n   - must change: field/headline: The headline is missing"
        in step.request.messages[-1].content
    )
    given = advance(step, repaired((2, "새로운 신경망", 1)), rules())
    assert isinstance(given, Summary)
    assert given.headline == Claim(section="headline", text="새로운 신경망", cites=(1,))
    for again in (without, repaired(), answer("{")):
        none = advance(step, again, rules(read=read))
        if read:
            none = advance(state(none), verdicts(["첫째입니다."], {}), rules(read=True))
        assert texts(none) == ["첫째입니다."]
        assert isinstance(none, Summary)
        assert (none.headline, none.attempts) == (None, 2)
        assert [found.rule for found in none.findings] == ["field/headline"]


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if rule.effect in ("blocks", "asks")])
def test_a_headline_at_fault_is_left_out_and_holds_nothing_back(rule: str) -> None:
    judged = rules(judge=lambda claim: rule if claim.section == "headline" else "")
    step = state(advance(start(), answer(), judged))
    summary = advance(step, answer(), judged)
    assert texts(summary) == ["첫째입니다."]
    assert isinstance(summary, Summary)
    assert summary.headline is None


def test_a_headline_is_no_reason_for_holding_a_paper_back() -> None:
    judged = rules(judge=lambda claim: "numbers/unknown")
    held = advance(state(advance(start(), answer(), judged)), answer(), judged)
    assert isinstance(held, HeldBack)
    assert [found.sentence for found in held.findings] == [1]


def test_what_the_second_reader_says_against_a_headline_costs_it() -> None:
    reading = state(advance(start(), answer(), rules(read=True)))
    said = ["첫째입니다.", "새로운 신경망"]
    objected = verdicts(said, {"새로운 신경망": "not_found"})
    repair = state(advance(reading, objected, rules(read=True)))
    again = state(advance(repair, repaired(), rules(read=True)))
    summary = advance(again, objected, rules(read=True))
    assert texts(summary) == ["첫째입니다."]
    assert isinstance(summary, Summary)
    assert summary.headline is None


def test_a_writer_that_is_asked_once_need_not_give_a_headline() -> None:
    summary = advance(start(), answer(content([FIRST], headline=None)), rules(attempts=1))
    assert isinstance(summary, Summary)
    assert (summary.headline, summary.findings) == (None, ())


# ---- the second reader


def verdicts(claims: list[str], bad: dict[str, str], plant: str = "contradicted") -> Answer:
    """A reader's answer about the items of these claims: `bad` by text, `plant` for the sentence wrong on purpose."""
    cited = [Claim(section="", text=text, cites=(number,)) for number, text in enumerate(claims, start=1)]
    asked = reader.items(cited, reader.plant(cited, SOURCE, PAPER.title))
    return answer(judged(bad.get(item.text, "supported") if item.text in claims else plant for item in asked))


ITEMS = ["첫째입니다.", "3.5점 높습니다.", "새로운 신경망"]


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
    assert "Apart from these:\n4. 3.5점 높습니다. [2]\n</items>" in items
    summary = advance(step, verdicts(ITEMS, {}), rules(read=True))
    assert texts(summary) == ITEMS[:2]
    assert isinstance(summary, Summary)
    assert summary.usage == Usage(input=2, output=4)


def test_the_falsified_sentence_stands_in_the_place_of_its_true_form() -> None:
    step = state(advance(start(), BOTH, rules(read=True)))
    items = step.request.messages[1].content.partition("<items>\n")[2].splitlines()
    assert items[0] == "1. 첫째입니다. [1]"
    assert items[1] in {"2. 3.5점 낮습니다. [2]", *(f"2. 3.{digit}점 높습니다. [2]" for digit in "2346789")}
    assert items[3:5] == ["Apart from these:", "4. 3.5점 높습니다. [2]"]


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
    summary = advance(asked, verdicts(["알파 신경망의 제안", "새로운 신경망"], {}), rules(read=True))
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
    assert texts(advance(once_more, verdicts(ITEMS, {}), rules(read=True))) == ITEMS[:2]


# ---- nothing critical is printed

GRAVE = [name for name, rule in RULES.items() if rule.effect == "blocks"]


FIXED = envelope({"sentences": [{"number": number, "text": "3.5배입니다.", "cites": [2]} for number in (1, 2, 3)]})


@given(
    rule=st.sampled_from(GRAVE),
    answers=st.lists(st.sampled_from([content([FIRST]), content([SECOND]), THREE, FIXED, "{"])),
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
        assert not [found for found in step.findings if found.rule == rule]


@pytest.mark.parametrize("rule", GRAVE)
def test_a_fault_of_the_whole_that_blocks_always_holds_back(rule: str) -> None:
    step: Step = start()
    while isinstance(step, State):
        step = advance(step, answer(), rules(rule))
    assert isinstance(step, HeldBack)
