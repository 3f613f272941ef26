"""From a paper and its summary to an entry: names, titles and thumbnails from outside, made fit to print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.archive.compose import compose, harmless, plain, plain_entry
from pipeline.core.models import Paper, Prompt, Section, Summary
from pipeline.core.rules import finding
from pipeline.core.text import fold

PAPER = Paper(
    id="2401.00001", title="A Title", abstract="x", authors=("Ada", "Bo"), thumbnail="https://example.org/t.png"
)
SUMMARY = Summary(
    paper_id=PAPER.id,
    layout="sections",
    sections=(Section(name="What's New", text="좋습니다."),),
    prompt=Prompt(name="sections", version="1", hash="0" * 16),
)


def test_a_name_is_never_printed_twice_and_after_fifty_they_are_counted() -> None:
    names = ("Ada  One", "Ada One", *(f"Author {number}" for number in range(217)))
    entry = compose(PAPER.model_copy(update={"authors": names}), SUMMARY)
    assert entry.authors[:2] == ("Ada One", "Author 0")
    assert (len(entry.authors), entry.more_authors) == (50, 168)


@pytest.mark.parametrize(
    ("title", "printed"),
    [
        ("Two\n  lines", "Two lines"),
        ("A <b>bold</b> <3 claim, x < y", "A &lt;b>bold&lt;/b> <3 claim, x < y"),
        ("[CLS](javascript:x) matters", "[CLS] (javascript:x) matters"),
    ],
)
def test_titles_are_harmless(title: str, printed: str) -> None:
    assert compose(PAPER.model_copy(update={"title": title}), SUMMARY).title == printed


def test_a_thumbnail_that_the_gate_objects_to_gives_way() -> None:
    assert compose(PAPER, SUMMARY).thumbnail == "https://example.org/t.png"
    refused = SUMMARY.model_copy(update={"findings": (finding("field/media", "The thumbnail is relative."),)})
    assert compose(PAPER, refused).thumbnail is None


def test_no_votes_and_links_of_the_layout() -> None:
    assert compose(PAPER.model_copy(update={"votes": 0}), SUMMARY).votes is None
    assert compose(PAPER, SUMMARY).url == "https://arxiv.org/abs/2401.00001"
    easy = SUMMARY.model_copy(update={"layout": "easy"})
    assert compose(PAPER, easy).url == "https://arxiv.org/pdf/2401.00001"


@given(st.text(st.sampled_from("<>&;#/! ltampx3"), max_size=60))
def test_what_was_made_harmless_is_itself_again(text: str) -> None:
    assert plain(harmless(text)) == fold(text)
    summary = SUMMARY.model_copy(update={"sections": (Section(name="What's New", text=text),)})
    entry = plain_entry(compose(PAPER.model_copy(update={"title": text, "authors": (text,)}), summary))
    assert (entry.title, *entry.authors) == (fold(text), fold(text))
    assert entry.sections == summary.sections


def test_a_text_that_names_an_entity_shows_its_name() -> None:
    summary = SUMMARY.model_copy(update={"sections": (Section(name="What's New", text="&lt; 대신 <b>를 씁니다."),)})
    assert compose(PAPER, summary).sections[0].text == "&amp;lt; 대신 &lt;b>를 씁니다."
