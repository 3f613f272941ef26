"""The layout `bullets`: plain bullets, one Korean sentence each, under the frame of `daily`."""

import re
from typing import ClassVar, Final

from pydantic import Field

from pipeline.layouts.answers import LayoutAnswer, MaybeHeadline, Sentences
from pipeline.layouts.daily import DailyLayout, ListItem
from pipeline.layouts.lines import any_line
from pipeline.layouts.sections import KNOWN_LABEL

_BULLET = re.compile(r"(?P<mark>[-*•])(?:(?P<space>[ \t])(?P<text>.*)|$)")


class BulletsAnswer(LayoutAnswer):
    """A summary of one paper in Korean."""

    names: ClassVar = {"bullets": ""}

    bullets: Sentences = Field(description="Bullets, each one whole sentence.")
    headline: MaybeHeadline

    @classmethod
    def of_sentences(
        cls, proposed: Sentences, details: Sentences, results: Sentences, topics: list[str]
    ) -> "BulletsAnswer":
        return cls(bullets=[*proposed, *details, *results], headline=None)


class BulletsLayout(DailyLayout):
    """The layout `bullets`."""

    name = "bullets"
    rank = 3
    answer_type = BulletsAnswer

    def detect(self, text: str) -> bool:
        return super().detect(text) and any_line(_BULLET, text) and not any_line(KNOWN_LABEL, text)

    def read_item(self, line: str, begun: int) -> ListItem | None:
        match = _BULLET.match(line)
        return ListItem("", match["text"] or "", line.startswith("- ")) if match else None

    def is_structural(self, line: str) -> bool:
        return bool(_BULLET.match(line) or KNOWN_LABEL.match(line))


LAYOUT: Final = BulletsLayout()
