"""From a paper and its verified summary to the entry that is printed. Pure.

Titles and names come from outside: what markdown or a browser would act on is made harmless here.
"""

import re

from pipeline.layouts import LAYOUTS
from pipeline.models import Entry, Paper, Summary
from pipeline.text import fold, plain_latex

MAX_AUTHORS = 50
_TAG = re.compile(r"<(?=[a-zA-Z/!?])")


def compose(paper: Paper, summary: Summary) -> Entry:
    """The entry of a paper. A thumbnail that the gate objects to gives way to the paper's social thumbnail."""
    names = list(dict.fromkeys(harmless(name) for name in paper.authors))
    bad_thumbnail = any(finding.rule == "field/media" for finding in summary.findings)
    return Entry(
        paper_id=paper.id,
        title=harmless(plain_latex(paper.title)),
        url=LAYOUTS[summary.layout].url(paper.id),
        thumbnail=None if bad_thumbnail else paper.thumbnail,
        votes=paper.votes or None,
        authors=tuple(names[:MAX_AUTHORS]),
        more_authors=max(0, len(names) - MAX_AUTHORS),
        sections=summary.sections,
    )


def harmless(value: str) -> str:
    """Outside text as one line that opens no HTML tag and no markdown link of its own."""
    return _TAG.sub("&lt;", fold(value)).replace("](", "] (")
