"""What a command works with: where papers come from, who writes and judges, and what is kept of it."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from pipeline.archive.record import Stamp
from pipeline.core.budget import Budget, Prices
from pipeline.core.models import Metadata, Outcome, Paper, SourceText
from pipeline.engines.base import Engine
from pipeline.ledger import Ledger
from pipeline.llm.base import Model
from pipeline.sources.huggingface import Listing
from pipeline.summarise import prompts, steps


class Sources(Protocol):
    """Where papers come from. `name` is what the record says of the list's origin."""

    name: str

    def list_day(self, date: dt.date) -> Listing:
        """The day's list, in its order; SourceError when it cannot be had."""
        ...

    def metadata(self, ids: Sequence[str]) -> Mapping[str, Metadata]:
        """arXiv's facts by id without version; an id that arXiv does not know is absent."""
        ...

    def text(self, paper: Paper) -> SourceText:
        """What a model gets to read of a paper: the abstract at least."""
        ...


class Writer(NamedTuple):
    """Who writes and who judges: the model, how its calls are made, the gate; who hears of so many papers to come, and
    of each outcome.

    `judge_prompt` is the second reader's prompt, if there is to be one, `judge_model` its model if not the writer's.
    `keep_texts` keeps the papers' cited sentences in the records, not only their places.
    """

    model: Model
    engine: Engine
    verify: steps.Verify
    judge_prompt: prompts.JudgePrompt | None = None
    judge_model: str | None = None
    keep_texts: bool = True
    expecting: Callable[[int], None] = lambda papers: None
    heard: Callable[[Outcome], None] = lambda outcome: None


class PlanContext(NamedTuple):
    """What a plan is made from."""

    sources: Sources
    ledger: Ledger
    output: Path
    provider: str
    now: dt.datetime


class RunContext(NamedTuple):
    """Everything that a command which has summaries written needs. `tonight` is the date of the run itself.

    All calls of a command are made in one event loop, `runner`, so that the model's connections last.
    """

    sources: Sources
    writer: Writer
    ledger: Ledger
    run: int
    prices: Prices
    budget: Budget
    runner: asyncio.Runner
    output: Path
    now: dt.datetime
    tonight: dt.date

    @property
    def provider(self) -> str:
        """Who writes, as the records have it."""
        return self.writer.model.provider

    @property
    def planning(self) -> PlanContext:
        """What its plans are made from."""
        return PlanContext(self.sources, self.ledger, self.output, self.provider, self.now)

    @property
    def stamp(self) -> Stamp:
        """Who wrote, and when."""
        return Stamp(self.provider, self.now, self.tonight)
