"""What a digest looks like: read any of the three layouts, write it canonically, and the schema of a model's answer.

Pure: text in, records and text out. Says what departs from canonical form (every `structure/` rule but `unreadable`,
`place` and `repeated-entry`; every `field/` rule; white space, CR LF and byte order mark), nothing of what is meant.
"""

from functools import cache
from types import MappingProxyType
from typing import Any, Final

from pipeline.core.errors import LayoutError
from pipeline.core.models import Digest, Entry, LayoutName, Parsed
from pipeline.layouts import bullets, daily, easy, sections
from pipeline.layouts.answers import Envelope, Repaired, Revisions, Sentence, Untitled, entering
from pipeline.layouts.base import Layout
from pipeline.layouts.fields import social_thumbnail
from pipeline.layouts.lines import each_line

__all__ = [
    "LAYOUTS",
    "Layout",
    "answer_schema",
    "normalise",
    "parse",
    "read_answer",
    "read_repair",
    "render",
    "render_entry",
    "repair_schema",
    "social_thumbnail",
]

LAYOUTS: Final = MappingProxyType[LayoutName, Layout](
    {"sections": sections.LAYOUT, "easy": easy.LAYOUT, "bullets": bullets.LAYOUT}
)


@cache
def answer_schema() -> dict[str, object]:
    """The strict JSON schema of a model's answer: one for all layouts, for it leads the prompt that providers cache.

    Made once, and not to be changed: to make it takes as long as to verify an answer.

    The root is an object, and no two branches begin with the same property, as OpenAI asks:
    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    branches = [layout.Answer.model_json_schema(schema_generator=Untitled) for layout in LAYOUTS.values()]
    shared = {name: schema for branch in branches for name, schema in branch.pop("$defs").items()}
    return _enveloped({"anyOf": branches}, shared)


@cache
def repair_schema() -> dict[str, object]:
    """The strict JSON schema of the answer to a repair of named sentences, the same for every layout."""
    repaired = Repaired.model_json_schema(schema_generator=Untitled)
    return _enveloped(repaired, repaired.pop("$defs"))


def _enveloped(answer: dict[str, object], shared: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {"answer": answer},
        "required": ["answer"],
        "additionalProperties": False,
        "$defs": shared,
    }


def read_answer(name: LayoutName, content: str) -> Any:
    """A model's answer, in normal form, as the layout's `Answer`; ValidationError when it is none, or another's.

    The headline may be missing, or none that can be read.
    """
    answer = entering(Envelope.model_validate_json(content).answer)
    if isinstance(answer, dict):
        answer = {"headline": None, **answer}
    return LAYOUTS[name].Answer.model_validate(answer)


def read_repair(content: str) -> Revisions:
    """What a model's repair does to an answer's claims, by their places from 0; ValidationError when it is none.

    A sentence that cites nothing is no correction: what stood there stands.
    """
    repaired = Repaired.model_validate(entering(Envelope.model_validate_json(content).answer))
    return {
        one.number - 1: Sentence(text=one.text, cites=one.cites) if one.text.strip() else None
        for one in repaired.sentences
        if one.cites or not one.text.strip()
    }


def parse(text: str) -> Parsed:
    """A digest of any layout: entries, their spans in `text`, findings in order of line and column.

    LayoutError, with the line, when it is none, or when a part of it has no place in a digest and would be lost.
    """
    return LAYOUTS[_layout_of(text)].parse(text)


def render(digest: Digest) -> str:
    """The digest in canonical form: LF, no byte order mark, labels, links and blank lines as in the golden digests.

    LayoutError for a dated layout without a date.
    """
    digest = normalise(digest)
    layout = LAYOUTS[digest.layout]
    return layout.join(digest, [layout.render_entry(entry) for entry in digest.entries])


def render_entry(layout: LayoutName, entry: Entry) -> str:
    """One entry in canonical form, without a newline at its end: what stands in the span of `parse`."""
    return LAYOUTS[layout].render_entry(LAYOUTS[layout].normalise(entry))


def normalise(digest: Digest) -> Digest:
    """The digest as it is read back once rendered: one-line fields folded, defaults filled in, unprinted ones gone.

    Bullets without any bullet look like sections, and are read as those.
    """
    entries = tuple(LAYOUTS[digest.layout].normalise(entry) for entry in digest.entries)
    layout = digest.layout
    if layout == "bullets" and not any(entry.sections for entry in entries):
        layout = "sections"
    return Digest(layout=layout, date=None if layout == "easy" else digest.date, entries=entries)


def _layout_of(text: str) -> LayoutName:
    """The layout that the content shows: a header and section labels, a header and bullets, or 제목 lines."""
    first = next((line for line in each_line(text) if not line.blank), None)
    if first is None:
        raise LayoutError("the file is empty")
    if first.text.startswith(daily.HEADER_START):
        if any(sections.KNOWN_LABEL.match(line.text) for line in each_line(text)):
            return "sections"
        return "bullets" if any(bullets.BULLET.match(line.text) for line in each_line(text)) else "sections"
    if any(easy.TITLE.match(line.text) for line in each_line(text)):
        return "easy"
    raise LayoutError(
        f"a digest begins with {daily.HEADER_START} (YYYY-MM-DD) or has entries with `## 제목:`, this has neither",
        first.number,
    )
