"""The layouts of a digest: read any of them, write it canonically, and the schema of a model's answer.

Pure: text in, records and text out. A layout is a module of this package with a `LAYOUT`; nothing else lists them. The
findings say what departs from canonical form (`structure/`, but for `unreadable`, `place` and `repeated-entry`;
`field/`; white space, CR LF and byte order mark), and nothing about what a text means.
"""

from functools import cache
from importlib import import_module
from itertools import pairwise
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import AfterValidator

from pipeline.core.errors import LayoutError
from pipeline.core.models import Digest, Entry, LayoutName, Parsed
from pipeline.layouts.answers import Envelope, LayoutAnswer, Repaired, Revisions, Sentence, Untitled, entering
from pipeline.layouts.base import Layout
from pipeline.layouts.lines import first_line


def _found() -> list[Layout]:
    """Import the modules of this package and return the layouts among them by their rank."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found = sorted((module.LAYOUT for module in modules if hasattr(module, "LAYOUT")), key=lambda layout: layout.rank)
    for one, other in pairwise(found):
        if one.rank == other.rank:
            raise ValueError(f"the layouts {one.name} and {other.name} have the same rank, {one.rank}")
    return found


LAYOUTS: Final = MappingProxyType[LayoutName, Layout]({layout.name: layout for layout in _found()})
DEFAULT: Final = next(iter(LAYOUTS))
# The sections that list research fields, and those in plain words, of all layouts.
TOPICS: Final = frozenset(layout.topics for layout in LAYOUTS.values() if layout.topics)
LAY: Final = frozenset(layout.lay for layout in LAYOUTS.values() if layout.lay)


def known(name: str) -> LayoutName:
    """Return the name of a layout that there is; ValueError for any other."""
    if name not in LAYOUTS:
        raise ValueError(f"{name!r} is not a layout; choose from {', '.join(LAYOUTS)}")
    return name


KnownLayout = Annotated[LayoutName, AfterValidator(known)]


@cache
def answer_schema() -> dict[str, object]:
    """Return the strict JSON schema of a model's answer: one for all layouts, for it leads the prompt and is cached.

    Made once, and not to be changed: to make it takes as long as to verify an answer.

    The root is an object, and no two branches begin with the same property, as OpenAI asks:
    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    branches = [layout.answer_type.model_json_schema(schema_generator=Untitled) for layout in LAYOUTS.values()]
    shared = {name: schema for branch in branches for name, schema in branch.pop("$defs").items()}
    return _enveloped({"anyOf": branches}, shared)


@cache
def repair_schema() -> dict[str, object]:
    """Return the strict JSON schema of the answer to a repair of named sentences, the same for every layout."""
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


def read_answer(name: LayoutName, content: str) -> LayoutAnswer:
    """Read a model's answer, in normal form; ValidationError when it is none, or another layout's.

    The headline may be missing or unreadable.
    """
    answer = entering(Envelope.model_validate_json(content).answer)
    if isinstance(answer, dict):
        answer = {"headline": None, **answer}
    return LAYOUTS[name].answer_type.model_validate(answer)


def read_repair(content: str) -> Revisions:
    """Read what a model's repair does to an answer's claims, by their places from 0; ValidationError when it is none.

    A sentence that cites nothing is no correction: what stood there stands.
    """
    repaired = Repaired.model_validate(entering(Envelope.model_validate_json(content).answer))
    return {
        one.number - 1: Sentence(text=one.text, cites=one.cites) if one.text.strip() else None
        for one in repaired.sentences
        if one.cites or not one.text.strip()
    }


def parse(text: str) -> Parsed:
    """Read a digest of any layout: entries, their spans in `text`, findings in order of line and column.

    LayoutError, with the line, when it is none, or when a part of it has no place in a digest and would be lost.
    """
    first = first_line(text)
    if first is None:
        raise LayoutError("the file is empty")
    for layout in reversed(list(LAYOUTS.values())):  # the last one that takes the text for its own
        if layout.detect(text):
            return layout.parse(text)
    signs = " or ".join(dict.fromkeys(layout.sign for layout in LAYOUTS.values()))
    raise LayoutError(f"a digest {signs}, this has neither", first.number)


def render(digest: Digest) -> str:
    """Return the digest in canonical form: LF, no byte order mark, labels, links, blank lines as in the golden digests.

    LayoutError for a layout with a header where there is no date.
    """
    digest = normalise(digest)
    layout, header = LAYOUTS[digest.layout], ""
    if layout.header:
        if digest.date is None:
            raise LayoutError(f"a digest of the layout {digest.layout} needs a date")
        header = digest.date.strftime(layout.header) + (layout.header_gap if digest.entries else "")
    return header + layout.gap.join(map(layout.render_entry, digest.entries)) + layout.ending


def render_entry(layout: LayoutName, entry: Entry) -> str:
    """Return one entry in canonical form, without a newline at its end: what stands in the span of `parse`."""
    return LAYOUTS[layout].render_entry(LAYOUTS[layout].normalise(entry))


def normalise(digest: Digest) -> Digest:
    """Return the digest as it is read back once rendered: fields on one line, defaults filled in, unprinted ones gone.

    Under the same header a digest without any section, such as bullets without a bullet, is read as the default layout.
    """
    layout = LAYOUTS[digest.layout]
    entries = tuple(map(layout.normalise, digest.entries))
    bare = layout.header == LAYOUTS[DEFAULT].header and not any(entry.sections for entry in entries)
    return Digest(layout=DEFAULT if bare else layout.name, date=digest.date if layout.header else None, entries=entries)
