"""The two sources behind one door, as a night needs them: the day's list, and arXiv's facts."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.http import ArxivAccess
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


@dataclass
class Web:
    """Hugging Face and arXiv over one client; what `access` says of pace concerns arXiv alone.

    `name` is what the record says of the list's origin. `text_budget` is in tokens; with 0 the abstract is all that is
    read of a paper.
    """

    name: str
    access: ArxivAccess
    hf_url: str
    arxiv_api_url: str
    arxiv_url: str
    text_budget: int
    _unanswered: int = 0

    def list_day(self, date: dt.date) -> huggingface.Listing:
        """Fetch the day's list in its order; SourceError when it cannot be had."""
        return huggingface.fetch_day(self.access.client, self.hf_url, date, self.access.retry())

    def metadata(self, ids: Sequence[str]) -> Mapping[str, Metadata]:
        """Fetch arXiv's facts by id without version; an id that arXiv does not know is absent. SourceError as above."""
        return arxiv.fetch_metadata(self.access, self.arxiv_api_url, ids).papers

    def text(self, paper: Paper) -> SourceText:
        """Return the text that the model reads; at least the abstract. Where the rest cannot be had, `cut` says why."""
        if not self.text_budget:
            return strip_prompt_injections(from_abstract(paper))
        if _GIVE_UP_AFTER <= self._unanswered < _GIVE_UP_AFTER + _ASK_AGAIN_AFTER:
            self._unanswered += 1
            cut = ("no HTML, no PDF: arXiv did not answer about the papers before",)
            return strip_prompt_injections(from_abstract(paper).model_copy(update={"cut": cut}))
        document = loader.fetch_text(self.access, self.arxiv_url, paper)
        self._unanswered = 0 if document.answered else min(self._unanswered + 1, _GIVE_UP_AFTER)
        return strip_prompt_injections(select(document, self.text_budget))


def open_web(name: str, context: ListContext) -> Web:
    """Open Hugging Face and arXiv at the addresses of the settings."""
    of = context.settings.sources
    urls = str(of.hf_url).rstrip("/"), str(of.arxiv_api_url), str(of.arxiv_url)
    return Web(name, context.access, *urls, context.text_budget)


def open_list(_: str, context: ListContext) -> Web:
    """Open Hugging Face's daily papers."""
    return open_web("Hugging Face Daily Papers", context)
