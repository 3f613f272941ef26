"""What the sources say of one paper, made one record. Pure."""

from pipeline.models import Listed, Metadata, Paper


def from_listing(listed: Listed, metadata: Metadata | None, rank: int) -> Paper:
    """A listed paper: arXiv's facts win, the list has votes, thumbnail, match and `rank`, its place from 0.

    Without metadata the list's title, abstract and authors serve, and `Paper.metadata` says so; they can be empty.
    """
    if metadata is None:
        return Paper(**listed.model_dump(), rank=rank)
    of_the_list = {"votes": listed.votes, "thumbnail": listed.thumbnail, "match": listed.match}
    return from_metadata(metadata, rank).model_copy(update=of_the_list)


def from_metadata(metadata: Metadata, rank: int) -> Paper:
    """A paper that was asked for by its id: without votes or thumbnail."""
    return Paper(**metadata.model_dump(exclude={"published"}), rank=rank, metadata="arxiv")
