"""A printed paper as every reading surface gets it: its facts, gathered from all of its entries and their records.

Pure. The facts are as they stand there: whoever shows them cleans and escapes them.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from pipeline.archive.catalog import Article
from pipeline.archive.record import EntryRecord
from pipeline.core.text import fold, strip_invisible

ARXIV = "https://arxiv.org"
# The only markup that a digest has inside its texts.
BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")


class PublishedPaper(NamedTuple):
    """A paper with its articles in the order in which they were given, none where every entry was withdrawn.

    `title` is the printed one, cleaned; the id where there is none.
    """

    id: str
    title: str
    articles: tuple[Article, ...] = ()

    @property
    def records(self) -> list[EntryRecord]:
        """The records that its articles have."""
        return [article.record for article in self.articles if article.record]

    @property
    def authors(self) -> tuple[str, ...]:
        """The longest list of authors that a record or an entry has."""
        lists = (*(one.authors for one in self.records), *(one.entry.authors for one in self.articles))
        return max(lists, key=len)

    @property
    def votes(self) -> int | None:
        """The first number of votes that is printed."""
        return next((one.entry.votes for one in self.articles if one.entry.votes is not None), None)

    @property
    def fields(self) -> tuple[str, ...]:
        """Its 관련분야, none twice."""
        return tuple(dict.fromkeys(field for one in self.articles for field in one.fields()))


def group_by_paper(articles: Iterable[Article]) -> list[PublishedPaper]:
    """Return the papers of these articles, in the order in which each first appears."""
    found: dict[str, list[Article]] = {}
    for article in articles:
        found.setdefault(article.entry.paper_id, []).append(article)
    return [
        PublishedPaper(paper_id, clean(mine[0].entry.title) or paper_id, tuple(mine))
        for paper_id, mine in found.items()
    ]


def abs_url(paper_id: str, version: int | None = None) -> str:
    """Return the address of the paper's page on arXiv."""
    return f"{ARXIV}/abs/{quote(paper_id)}{f'v{version}' if version else ''}"


def clean(text: str) -> str:
    """Return a text on one line, without invisible characters: direction marks, and all that XML forbids."""
    return fold(strip_invisible(text))


def plain(text: str) -> str:
    """Return a text cleaned, with what is `**bold**` as its mere words."""
    return BOLD.sub(r"\1", clean(text))


def clean_all(texts: Iterable[str]) -> tuple[str, ...]:
    """Return these texts cleaned, without empty and repeated ones."""
    return tuple(dict.fromkeys(filter(None, map(clean, texts))))
