"""The layout `sections`: What's New, Technical Details, Performance Highlights, under the frame of `daily`."""

import re
from itertools import count
from typing import Final

from pydantic import Field

from pipeline.core.models import Claim, Entry, Frozen, Parsed, Section
from pipeline.core.text import fold
from pipeline.layouts import answers, daily
from pipeline.layouts.answers import MaybeHeadline, Revisions, Sentences, claim, headline_claims, joined
from pipeline.layouts.base import Layout

NAMES: Final = ("What's New", "Technical Details", "Performance Highlights")
# A golden name is a label with or without its dash; any other bold name only with it, and never after a number.
KNOWN_LABEL = re.compile(
    r"(?P<dash>[-*] )?(?P<stars>\*{2,3})\s*(?P<name>What['’]s New|Technical Details|Performance Highlights)\s*"
    r"(?:(?P=stars)\s*:|:\s*(?P=stars)) ?(?P<text>.*)",
    re.IGNORECASE,
)
_ANY_LABEL = re.compile(
    r"(?P<dash>[-*] )?(?P<stars>\*{2,3})(?P<name>[^*]*[^*\s:])(?:(?P=stars):|:(?P=stars)) ?(?P<text>.*)"
)
_UNLABELLED = re.compile(r"[-*•][ \t](?P<text>.*)")


class Answer(Frozen):
    """A summary of one paper in Korean, by section, as lists of whole sentences."""

    whats_new: Sentences = Field(description="What the paper proposes or finds, and what for. Never empty.")
    technical_details: Sentences = Field(description="How it works. Empty if the paper does not say.")
    performance_highlights: Sentences = Field(
        description="Measured results with their figures. Empty if there are none."
    )
    headline: MaybeHeadline

    def lists(self) -> tuple[Sentences, ...]:
        """The sentences of each section, in the order of NAMES."""
        return self.whats_new, self.technical_details, self.performance_highlights


def sections(answer: Answer) -> tuple[Section, ...]:
    """A section for each list that has a sentence; sentences are joined by one space."""
    texts = zip(NAMES, map(joined, answer.lists()), strict=True)
    return tuple(Section(name=name, text=text) for name, text in texts if text)


def claims(answer: Answer) -> tuple[Claim, ...]:
    """The sentences of all sections, in their order, and the headline."""
    named = zip(NAMES, answer.lists(), strict=True)
    said = (claim(name, sentence) for name, sentences in named for sentence in sentences)
    return (*said, *headline_claims(answer.headline))


def revised(answer: Answer, revisions: Revisions) -> Answer:
    """The answer with its claims as revised."""
    places = count()
    new, details, results = (answers.revised(sentences, places, revisions) for sentences in answer.lists())
    headline = answers.revised_headline(answer.headline, places, revisions)
    return Answer(whats_new=new, technical_details=details, performance_highlights=results, headline=headline)


def parse(text: str) -> Parsed:
    """Reads a text of this layout."""
    return daily.parse(text, "sections", _read_item, NAMES[0], NAMES[1:])


def normalise(entry: Entry) -> Entry:
    """The entry as it is read back once rendered: a text without a name belongs to the section before it."""
    merged: list[Section] = []
    for section in entry.sections:
        if merged and not section.name:
            text = f"{merged[-1].text}\n- {section.text}"
            merged[-1] = Section(name=merged[-1].name, text=text)
        else:
            merged.append(section)
    entry = daily.normalise(entry.model_copy(update={"sections": tuple(merged)}), _structural)
    kept = tuple(section for section in entry.sections if section.text or section.name not in ("", *NAMES))
    return entry.model_copy(update={"sections": kept})


def render_entry(entry: Entry) -> str:
    return daily.render_entry(entry, "sections.md.j2")


def _read_item(line: str, begun: bool) -> daily.Item | None:
    if match := KNOWN_LABEL.match(line) or _ANY_LABEL.match(line):
        name = _golden_name(match["name"])
        if match["dash"] or name in NAMES or not begun:
            golden = line.startswith(f"- **{name}**: ")
            return daily.Item(name, match["text"], golden)
    if not begun and (match := _UNLABELLED.match(line)):
        return daily.Item("", match["text"], False)
    return None


def _golden_name(name: str) -> str:
    plain = fold(name).replace("’", "'")
    return next((golden for golden in NAMES if golden.casefold() == plain.casefold()), fold(name))


def _structural(line: str) -> bool:
    return _read_item(line, True) is not None


LAYOUT: Final = Layout(
    name="sections",
    Answer=Answer,
    required=NAMES[0],
    optional=NAMES[1:],
    url=daily.url_of,
    sections=sections,
    claims=claims,
    revised=revised,
    parse=parse,
    normalise=normalise,
    render_entry=render_entry,
    join=daily.join,
)
