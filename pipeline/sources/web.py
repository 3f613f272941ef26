"""The two sources behind one door, as a night needs them: the day's list, and arXiv's facts."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

import httpx2
from tenacity import Retrying

from pipeline.core.models import Metadata, Paper, SourceText
from pipeline.fulltext import loader
from pipeline.fulltext.document import from_abstract
from pipeline.fulltext.instructions import strip_prompt_injections
from pipeline.fulltext.selection import select
from pipeline.sources import arxiv, huggingface
from pipeline.sources.lists import ListContext

# So many papers in a row about which arXiv did not answer: it is out of reach, and to wait for each of the others
# through every retry would last all night. After so many papers it is asked again.
_GIVE_UP_AFTER, _ASK_AGAIN_AFTER = 3, 20


class Web:
    """Hugging Face and arXiv over one client. `turn` paces the requests to arXiv, `retry` makes a policy for a call.

    `name` is what the record says of the list's origin. `text_budget` is in tokens; with 0 the abstract is all that is
    read of a paper.
    """

    def __init__(
        self,
        name: str,
        client: httpx2.Client,
        hf_url: str,
        arxiv_api_url: str,
        arxiv_url: str,
        *,
        text_budget: int,
        turn: Callable[[], AbstractContextManager[object]],
        retry: Callable[[], Retrying],
    ) -> None:
        self.name = name
        self._client, self._hf_url, self._arxiv_api_url = client, hf_url, arxiv_api_url
        self._arxiv_url, self._text_budget, self._unanswered = arxiv_url, text_budget, 0
        self._turn, self._retry = turn, retry

    def list_day(self, date: dt.date) -> huggingface.Listing:
        """Fetch the day's list in its order; SourceError when it cannot be had."""
        return huggingface.fetch_day(self._client, self._hf_url, date, self._retry())

    def metadata(self, ids: Sequence[str]) -> Mapping[str, Metadata]:
        """Fetch arXiv's facts by id without version; an id that arXiv does not know is absent. SourceError as above."""
        fetched = arxiv.fetch_metadata(self._client, self._arxiv_api_url, ids, turn=self._turn, retry=self._retry())
        return fetched.papers

    def text(self, paper: Paper) -> SourceText:
        """Return the text that the model reads; at least the abstract. Where the rest cannot be had, `cut` says why."""
        if not self._text_budget:
            return strip_prompt_injections(from_abstract(paper))
        if _GIVE_UP_AFTER <= self._unanswered < _GIVE_UP_AFTER + _ASK_AGAIN_AFTER:
            self._unanswered += 1
            cut = ("no HTML, no PDF: arXiv did not answer about the papers before",)
            return strip_prompt_injections(from_abstract(paper).model_copy(update={"cut": cut}))
        document = loader.fetch_text(self._client, self._arxiv_url, paper, turn=self._turn, retry=self._retry())
        self._unanswered = 0 if document.answered else min(self._unanswered + 1, _GIVE_UP_AFTER)
        return strip_prompt_injections(select(document, self._text_budget))


def open_web(name: str, context: ListContext) -> Web:
    """Open Hugging Face and arXiv at the addresses of the settings."""
    of, access = context.settings.sources, context.access
    urls = str(of.hf_url).rstrip("/"), str(of.arxiv_api_url), str(of.arxiv_url)
    return Web(name, access.client, *urls, text_budget=context.text_budget, turn=access.turn, retry=access.retry)


def open_list(_: str, context: ListContext) -> Web:
    """Open Hugging Face's daily papers."""
    return open_web("Hugging Face Daily Papers", context)
