"""The golden digests turned back into what they were made of: a list, metadata, and a model's answers."""

import json
import re
from typing import Any

from pipeline.core.config import shipped
from pipeline.core.models import Entry
from pipeline.core.text import fold
from pipeline.layouts import parse
from tests.support.fakes import FakeSources

FIELDS = {
    "What's New": "whats_new",
    "Technical Details": "technical_details",
    "Performance Highlights": "performance_highlights",
}
_TITLE = re.compile(r"<title>(.*?)</title>")
_KEPT = r"(?<=\d)[십백천만억조]+|(?<=\d)배|포인트|절반|(?<![가-힣])(?:두|세|네|다섯)(?= )"


def text_of(day: str) -> str:
    """The golden digest of a day, as it ships."""
    return (shipped("seeds") / "sections" / f"{day}.md").read_bytes().decode()


def entries_of(day: str) -> tuple[Entry, ...]:
    """Its entries."""
    return parse(text_of(day)).digest.entries


def list_day(sources: FakeSources, day: str) -> None:
    """Put the golden papers of a day on the list and on arXiv: their printed facts, and an abstract of our own making.

    The abstract holds every figure and Latin-script name of the entry, so that the gate finds them in the paper.
    """
    for entry in entries_of(day):
        sources.add(
            day,
            entry.paper_id,
            entry.title,
            synthetic_abstract(entry),
            authors=entry.authors,
            votes=entry.votes or 0,
            thumbnail=entry.thumbnail,
        )


def synthetic_abstract(entry: Entry) -> str:
    """An entry without its Korean: the figures with their scales and units and the Latin-script words are left."""
    said = " ".join(section.text for section in entry.sections)
    return re.sub(rf"({_KEPT})|[가-힣]+", lambda match: match[1] or " and ", said)


def answers_of(day: str) -> dict[str, str]:
    """The answer of a model that writes the golden entry, by title."""
    return {fold(entry.title): answer_of(entry) for entry in entries_of(day)}


def answer_of(entry: Entry) -> str:
    """One golden entry as the model would have answered it: each section as one sentence, to the last space."""
    filled: dict[str, list[dict[str, object]]] = {name: [] for name in FIELDS.values()}
    for section in entry.sections:
        filled[FIELDS[section.name]].append({"text": section.text, "cites": [1]})
    return json.dumps({"answer": {**filled, "headline": {"text": "새로운 방법", "cites": [1]}}}, ensure_ascii=False)


def say(answers: dict[str, str], body: dict[str, Any]) -> str:
    """The answer to a call, told by the title that it asks about."""
    found = _TITLE.search(body["messages"][1]["content"])
    assert found, "the call names no paper"
    return answers[found[1]]
