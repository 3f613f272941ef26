"""The contexts that commands work with: where papers come from, who writes and judges, where results are kept."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from pipeline.archive.index import Index
from pipeline.archive.record import Stamp
from pipeline.core.budget import Budget, Prices
from pipeline.core.models import Metadata, Outcome, Paper, SourceText
from pipeline.engines.base import Engine
from pipeline.ledger import Ledger
from pipeline.llm.base import Model
from pipeline.sources.huggingface import Listing
from pipeline.summarise import prompts, steps


class Sources(Protocol):
    """A source of papers. `name` is what the record says of the list's origin."""

    name: str

    def list_day(self, date: dt.date) -> Listing:
        """Return the day's list, in its order; SourceError when it cannot be had."""
        ...

    def metadata(self, ids: Sequence[str]) -> Mapping[str, Metadata]:
        """Return arXiv's facts by id without version; an id that arXiv does not know is absent."""
        ...

    def text(self, paper: Paper) -> SourceText:
        """Return the text that the model reads; at least the abstract."""
        ...


class Writer(NamedTuple):
    """Who writes and who judges: the model, how its calls are made, and the gate.

    `judge_prompt` is the judge's prompt, None for no judge; `judge_model` is its model if not the writer's.
    `keep_texts` keeps the papers' cited sentences in the records, not only their places. `on_jobs` is called with the
    number of jobs before they begin, `on_outcome` with each outcome.
    """

    model: Model
    engine: Engine
    verify: steps.Verify
    judge_prompt: prompts.JudgePrompt | None = None
    judge_model: str | None = None
    keep_texts: bool = True
    on_jobs: Callable[[int], None] = lambda jobs: None
    on_outcome: Callable[[Outcome], None] = lambda outcome: None


@dataclass(frozen=True)
class PlanContext:
    """Everything that a day is planned from; `provider` is the writer's, as records name it."""

    sources: Sources
    ledger: Ledger
    output: Path
    provider: str
    now: dt.datetime

    @property
    def output_index(self) -> Index:
        """The index of what is printed where."""
        return Index(self.ledger, self.output)


class CostContext(NamedTuple):
    """Everything that the cost and the time of calls are estimated from.

    `writer` and `judge` are models, None for no judge. `usd_per_run` is the budget. `text_budget` is how many tokens of
    a paper's text the model reads. `arxiv_interval` is the seconds between two requests to arXiv.
    """

    prices: Prices
    writer: str
    judge: str | None
    usd_per_run: float | None
    text_budget: int
    concurrency: int
    arxiv_interval: float


@dataclass(frozen=True)
class RunContext(PlanContext):
    """Everything that a command needs that has summaries written. `tonight` is the date of the run itself.

    All calls of a command are made in one event loop, `runner`, so that the model's connections last.
    """

    tonight: dt.date
    writer: Writer
    run: int
    prices: Prices
    budget: Budget
    runner: asyncio.Runner

    def end(self, code: int, at: dt.datetime) -> None:
        """End the run in the ledger with this exit code."""
        self.ledger.end_run(self.run, code, at)

    @property
    def stamp(self) -> Stamp:
        """The provider and the time, as records keep them."""
        return Stamp(self.provider, self.now, self.tonight)
