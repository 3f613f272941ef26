"""The layout `bullets`: plain bullets, one Korean sentence each, under the frame of `daily`."""

import re
from itertools import count
from typing import Final

from pydantic import Field

from pipeline.core.models import Claim, Entry, Frozen, Parsed, Section
from pipeline.layouts import answers, daily
from pipeline.layouts.answers import MaybeHeadline, Revisions, Sentences, claim, headline_claims, joined
from pipeline.layouts.base import Layout
from pipeline.layouts.sections import KNOWN_LABEL

BULLET = re.compile(r"(?P<mark>[-*•])(?:(?P<space>[ \t])(?P<text>.*)|$)")


class Answer(Frozen):
    """A summary of one paper in Korean."""

    bullets: Sentences = Field(description="Bullets, each one whole sentence.")
    headline: MaybeHeadline


def sections(answer: Answer) -> tuple[Section, ...]:
    """One section without a name for each bullet."""
    texts = (joined([bullet]) for bullet in answer.bullets)
    return tuple(Section(name="", text=text) for text in texts if text)


def claims(answer: Answer) -> tuple[Claim, ...]:
    """The bullets in their order, and the headline."""
    return (*(claim("", bullet) for bullet in answer.bullets), *headline_claims(answer.headline))


def revised(answer: Answer, revisions: Revisions) -> Answer:
    """The answer with its claims as revised."""
    places = count()
    bullets = answers.revised(answer.bullets, places, revisions)
    return Answer(bullets=bullets, headline=answers.revised_headline(answer.headline, places, revisions))


def parse(text: str) -> Parsed:
    """Reads a text of this layout."""
    return daily.parse(text, "bullets", _read_item, "", ())


def normalise(entry: Entry) -> Entry:
    """The entry as it is read back once rendered: bullets have no names, empty ones go."""
    entry = daily.normalise(entry, _structural)
    bullets = tuple(Section(name="", text=section.text) for section in entry.sections if section.text)
    return entry.model_copy(update={"sections": bullets})


def render_entry(entry: Entry) -> str:
    return daily.render_entry(entry, "bullets.md.j2")


def _read_item(line: str, begun: bool) -> daily.Item | None:
    match = BULLET.match(line)
    if not match:
        return None
    return daily.Item("", match["text"] or "", line.startswith("- "))


def _structural(line: str) -> bool:
    return bool(BULLET.match(line) or KNOWN_LABEL.match(line))


LAYOUT: Final = Layout(
    name="bullets",
    Answer=Answer,
    required="",
    optional=(),
    url=daily.url_of,
    sections=sections,
    claims=claims,
    revised=revised,
    parse=parse,
    normalise=normalise,
    render_entry=render_entry,
    join=daily.join,
)
