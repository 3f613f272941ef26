"""What the sources say of one paper, made one record: here their words become plain text in normal form. Pure."""

from typing import Any

from pipeline.core.models import Listed, Metadata, Paper
from pipeline.core.text import fold, normal_form, plain


def from_listing(listed: Listed, metadata: Metadata | None, rank: int) -> Paper:
    """Make a paper from its row in a list: arXiv's facts win, the list has votes, thumbnail, match and `rank`, its
    place from 0.

    Without metadata the list's title, abstract and authors serve, and `Paper.metadata` says so; they can be empty.
    """
    if metadata is None:
        return Paper(**_plain(listed), rank=rank)
    of_the_list = {"votes": listed.votes, "thumbnail": listed.thumbnail, "match": listed.match}
    return from_metadata(metadata, rank).model_copy(update=of_the_list)


def from_metadata(metadata: Metadata, rank: int) -> Paper:
    """Make a paper that was asked for by its id: without votes or thumbnail."""
    return Paper(**_plain(metadata, "published"), rank=rank, metadata="arxiv")


def _plain(known: Listed | Metadata, *left_out: str) -> dict[str, Any]:
    """Return the fields but those left out, title and abstract without markup, names as their source wrote them."""
    authors = tuple(dict.fromkeys(fold(normal_form(name)) for name in known.authors))
    words = {"title": plain(known.title), "abstract": plain(known.abstract), "authors": authors}
    return known.model_dump(exclude=set(left_out)) | words
