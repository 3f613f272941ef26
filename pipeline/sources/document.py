"""A paper's whole text as it was read, and its sentences with their places. Pure; knows no file format."""

from collections.abc import Iterator

from pipeline.models import Paper, SourceSentence, SourceText
from pipeline.text import plain_latex, sentences


def from_abstract(paper: Paper) -> SourceText:
    """The text where nothing but the abstract is to be had."""
    return SourceText(paper_id=paper.id, sentences=tuple(located(plain_latex(paper.abstract))))


def located(text: str, start: int = 0, *, section: str = "", anchor: str = "") -> Iterator[SourceSentence]:
    """The sentences of a text on one line, which begins at character `start` of the whole."""
    end = 0
    for sentence in sentences(text):
        begin = text.index(sentence, end)
        end = begin + len(sentence)
        yield SourceSentence(text=sentence, section=section, anchor=anchor, start=start + begin, end=start + end)
