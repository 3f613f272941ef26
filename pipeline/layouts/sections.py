"""The layout `sections`: What's New, Technical Details, Performance Highlights, under the frame of `daily`."""

import re
from typing import ClassVar, Final

from pydantic import Field

from pipeline.core.models import Entry, Section
from pipeline.core.text import fold
from pipeline.layouts.answers import LayoutAnswer, MaybeHeadline, Sentences
from pipeline.layouts.daily import DailyLayout, ListItem

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


class SectionsAnswer(LayoutAnswer):
    """A summary of one paper in Korean, by section, as lists of whole sentences."""

    names: ClassVar = dict(zip(("whats_new", "technical_details", "performance_highlights"), NAMES, strict=True))

    whats_new: Sentences = Field(description="What the paper proposes or finds, and what for. Never empty.")
    technical_details: Sentences = Field(description="How it works. Empty if the paper does not say.")
    performance_highlights: Sentences = Field(
        description="Measured results with their figures. Empty if there are none."
    )
    headline: MaybeHeadline

    @classmethod
    def of_sentences(
        cls, proposed: Sentences, details: Sentences, results: Sentences, topics: list[str]
    ) -> "SectionsAnswer":
        return cls(whats_new=proposed, technical_details=details, performance_highlights=results, headline=None)


class SectionsLayout(DailyLayout):
    """The layout `sections`, which also takes whatever has the daily header and looks like no other layout."""

    name = "sections"
    rank = 1
    answer_type = SectionsAnswer

    def read_item(self, line: str, begun: int) -> ListItem | None:
        if match := KNOWN_LABEL.match(line) or _ANY_LABEL.match(line):
            name = _golden_name(match["name"])
            if match["dash"] or name in NAMES or not begun:
                golden = line.startswith(f"- **{name}**: ")
                return ListItem(name, match["text"], golden)
        if not begun and (match := _UNLABELLED.match(line)):
            return ListItem("", match["text"], False)
        return None

    def normalise(self, entry: Entry) -> Entry:
        """Return the entry as it is read back once rendered: a text without a name belongs to the section before it."""
        merged: list[Section] = []
        for section in entry.sections:
            if merged and not section.name:
                text = f"{merged[-1].text}\n- {section.text}"
                merged[-1] = Section(name=merged[-1].name, text=text)
            else:
                merged.append(section)
        entry = super().normalise(entry.model_copy(update={"sections": tuple(merged)}))
        kept = tuple(section for section in entry.sections if section.text or section.name not in ("", *NAMES))
        return entry.model_copy(update={"sections": kept})


def _golden_name(name: str) -> str:
    plain = fold(name).replace("’", "'")
    return next((golden for golden in NAMES if golden.casefold() == plain.casefold()), fold(name))


LAYOUT: Final = SectionsLayout()
