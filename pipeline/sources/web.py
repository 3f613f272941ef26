"""The two sources behind one door, as a night needs them: the day's list, and arXiv's facts."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import httpx2
from tenacity import Retrying

from pipeline.models import Metadata
from pipeline.sources import arxiv, huggingface


class Web:
    """Hugging Face and arXiv over one client. `turn` paces the requests to arXiv, `retry` makes a policy for a call.

    `name` is what the record says of the list's origin.
    """

    def __init__(
        self,
        name: str,
        client: httpx2.Client,
        hf_url: str,
        arxiv_api_url: str,
        *,
        turn: Callable[[], AbstractContextManager[object]],
        retry: Callable[[], Retrying],
    ) -> None:
        self.name = name
        self._client, self._hf_url, self._arxiv_api_url = client, hf_url, arxiv_api_url
        self._turn, self._retry = turn, retry

    def list_day(self, date: dt.date) -> huggingface.Listing:
        """The day's list in its order; SourceError when it cannot be had."""
        return huggingface.fetch_day(self._client, self._hf_url, date, self._retry())

    def metadata(self, ids: Sequence[str]) -> Mapping[str, Metadata]:
        """arXiv's facts by id without version; an id that arXiv does not know is absent. SourceError as above."""
        fetched = arxiv.fetch_metadata(self._client, self._arxiv_api_url, ids, turn=self._turn, retry=self._retry())
        return fetched.papers
