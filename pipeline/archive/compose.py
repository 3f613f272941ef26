"""Compose the entry that is printed from a paper and its verified summary. Pure.

Titles and names come from outside: what markdown or a browser would act on is made harmless here. A verified
summary has no markup, but may name a paper's own `<token>`, which a browser must not take for a tag.
"""

import re

from pipeline.core.models import Entry, Paper, Section, Summary
from pipeline.core.text import fold, strip_invisible
from pipeline.layouts import LAYOUTS

MAX_AUTHORS = 50
_TAG = re.compile(r"<(?=[a-zA-Z/!?|])")
_HTML = re.compile(r"<(?=[/!?]|[a-zA-Z][a-zA-Z0-9-]*[\s/>])")  # https://spec.commonmark.org/0.31.2/#raw-html
_ENTITY = re.compile(r"&(?=#[0-9xX]|[a-zA-Z]{2,31};)")
_MADE_HARMLESS = re.compile("&(lt|amp);")
_LINK = re.compile(r"(\]|://|\bwww\.)(?=[(\w])", re.IGNORECASE)


def compose(paper: Paper, summary: Summary) -> Entry:
    """Compose the entry of a paper. A thumbnail that the gate objects to gives way to the paper's social thumbnail."""
    names = list(dict.fromkeys(harmless(name) for name in paper.authors))
    bad_thumbnail = any(finding.rule == "field/media" for finding in summary.findings)
    return Entry(
        paper_id=paper.id,
        title=harmless(paper.title),
        url=LAYOUTS[summary.layout].url(paper.id),
        thumbnail=None if bad_thumbnail else paper.thumbnail,
        votes=paper.votes or None,
        authors=tuple(names[:MAX_AUTHORS]),
        more_authors=max(0, len(names) - MAX_AUTHORS),
        sections=tuple(
            Section(name=one.name, text=_HTML.sub("&lt;", _ENTITY.sub("&amp;", one.text))) for one in summary.sections
        ),
    )


def plain(value: str) -> str:
    """Undo `harmless` in a printed title, name or text, for whatever shows it and escapes by itself."""
    return _MADE_HARMLESS.sub(lambda found: {"lt": "<", "amp": "&"}[found[1]], value)


def plain_entry(entry: Entry) -> Entry:
    """Undo `harmless` in an entry that is read back from a digest."""
    return entry.model_copy(
        update={
            "title": plain(entry.title),
            "authors": tuple(map(plain, entry.authors)),
            "sections": tuple(Section(name=plain(one.name), text=plain(one.text)) for one in entry.sections),
        }
    )


def harmless(value: str) -> str:
    """Turn outside text into one line of visible characters that opens no HTML tag and no link of its own."""
    return _LINK.sub(r"\1 ", _TAG.sub("&lt;", _ENTITY.sub("&amp;", fold(strip_invisible(value)))))
