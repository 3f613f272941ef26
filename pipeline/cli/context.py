"""What commands work with, built from the settings: sources, model, engine, judge, ledger, estimates.

Loads nearly everything; a command that may do without imports it when it has to.
"""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import click
import httpx2
from filelock import FileLock, Timeout

from pipeline import ledger
from pipeline.archive.files import check_writable
from pipeline.cli import common, progress
from pipeline.core.budget import Budget, Prices
from pipeline.core.config import EndpointSettings, NotifySettings, Settings, load_endpoint
from pipeline.core.errors import ConfigError, LockHeld
from pipeline.core.http import ArxivAccess, new_client
from pipeline.core.models import Outcome, Paper, SourceText
from pipeline.core.pace import ARXIV_LOCK, Pace
from pipeline.core.providers import PROVIDERS
from pipeline.core.retry import retrying
from pipeline.engines import batch, live
from pipeline.engines.base import Engine
from pipeline.engines.ray import cluster, worker
from pipeline.lang import termbase
from pipeline.lint.audit import Printed
from pipeline.llm import has_key, open_model, open_models
from pipeline.llm.base import Model
from pipeline.llm.pool import pooled
from pipeline.ops.account import BackfillEstimate, JudgingEstimate, NightEstimate
from pipeline.sources import lists
from pipeline.sources import sample as bundled
from pipeline.sources.lists import ListContext, ListKey
from pipeline.sources.web import open_web
from pipeline.summarise.prompts import load_judge
from pipeline.verify import gate
from pipeline.workflows import estimate, judging
from pipeline.workflows.backfill import WINDOW, BackfillOrder
from pipeline.workflows.context import CostContext, PlanContext, RunContext, Sources, Writer
from pipeline.workflows.judging import JudgeConfig
from pipeline.workflows.night import Order

if TYPE_CHECKING:
    from pipeline.engines.ray.worker import Turn

EngineName = Literal["local", "batch", "ray"]
# Papers and layouts of a backfill that are asked about together. A batch takes hours, whatever its size: few rounds of
# many papers, in 300 MB.
WINDOWS: dict[EngineName, int] = {"local": WINDOW, "batch": 5_000, "ray": 5_000}
# Processes of a cluster that read texts at arXiv's pace, or abstracts: one more than is busy.
_PACED_WORKERS = 2


def date_of(settings: Settings, now: dt.datetime) -> dt.date:
    """Return the date of this moment in the time zone of the settings."""
    return now.astimezone(ZoneInfo(settings.timezone)).date()


def with_budget(settings: Settings, usd: float | None) -> Settings:
    """Return the settings with another budget for this run, if one is given."""
    if usd is None:
        return settings
    return settings.model_copy(update={"budget": settings.budget.model_copy(update={"usd_per_run": usd})})


@contextlib.contextmanager
def locked_ledger(settings: Settings) -> Iterator[ledger.Ledger]:
    """Open the ledger for the one command at a time that may write; LockHeld where another is running."""
    check_writable(settings.state_dir)
    path = settings.state_dir / "run.lock"
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LockHeld(f"Another run holds {path}; wait for it, or stop it.") from None
    try:
        with ledger.opened(settings.state_dir) as book:
            yield book
    finally:
        lock.release()


@contextlib.contextmanager
def run_context(
    settings: Settings,
    papers: Sources,
    command: str,
    day: dt.date | None,
    now: dt.datetime,
    quiet: bool,
    engine: EngineName = "local",
    total: int | None = None,
) -> Iterator[RunContext]:
    """Open everything that a command needs that has summaries written; `total` of them, if that is known.

    The run is in the ledger from now on, and ended there by an error.
    """
    provider = settings.llm.provider
    model, prices = open_model(settings, provider), Prices(settings.prices, provider)
    if PROVIDERS[provider].for_trial:
        kind = "short, uneven summaries: for trying the program out, not for readers"
        click.echo(f"The {provider} model writes {kind}.", err=True)
    with locked_ledger(settings) as book, asyncio.Runner() as runner:
        budget = Budget(settings.budget, book.spent_since(ledger.month_of(now)))
        line = progress.judged_line if command == "verify" else progress.outcome_line
        with progress.outcomes(quiet, lambda: budget.spent, total, line) as shown, progress.batches(quiet):
            # Years of papers take as long as they take.
            deadline = None if command in ("backfill", "verify") else settings.deadline
            writer = _writer(settings, model, engine, shown, deadline)
            prices.require(settings.budget, {model.name, writer.judge_model or model.name})
            number, tonight = book.begin_run(command, day, now), date_of(settings, now)
            try:
                planning = papers, book, settings.output_dir, model.provider, now
                yield RunContext(*planning, tonight, writer, number, prices, budget, runner)
            except BaseException as error:
                book.end_run(number, common.exit_code(error), common.now())
                raise
            finally:
                runner.run(model.close())


# ---- where papers come from


@contextlib.contextmanager
def open_list(
    settings: Settings, key: ListKey, now: dt.datetime, days: tuple[dt.date, dt.date] | None = None
) -> Iterator[Sources]:
    """Open a list of papers: its newest day, or past days from the first to the last."""
    with new_client() as client:
        yield lists.open_list(key, _list_context(settings, client, now, days=days))


@contextlib.contextmanager
def sample_day(settings: Settings, now: dt.datetime) -> Iterator[Sources]:
    """Open the bundled day, which needs no network."""
    with bundled.client() as client:
        yield open_web("the bundled sample day", _list_context(settings, client, now, contextlib.nullcontext))


@contextlib.contextmanager
def texts(settings: Settings, turn: "Turn") -> Iterator[Callable[[Paper], SourceText]]:
    """Open the papers' texts for a worker of a cluster; yield the function that reads one."""
    with new_client() as client:
        yield open_web("arXiv", _list_context(settings, client, common.now(), turn)).text


def _list_context(
    settings: Settings,
    client: httpx2.Client,
    now: dt.datetime,
    turn: "Turn | None" = None,
    days: tuple[dt.date, dt.date] | None = None,
) -> ListContext:
    turn = turn or Pace(settings.sources.arxiv_interval, ARXIV_LOCK).turn
    access = ArxivAccess(client, turn, partial(retrying, scale=settings.wait_scale))
    return ListContext(settings, access, _text_budget(settings), now, days)


def _text_budget(settings: Settings) -> int:
    """Return how many tokens of a paper's text the writer is shown: none where it reads the abstract alone."""
    return 0 if PROVIDERS[settings.llm.provider].for_trial else settings.sources.text_budget


# ---- who writes and judges


def _writer(
    settings: Settings, model: Model, engine: EngineName, shown: progress.Progress, deadline: float | None
) -> Writer:
    """Return the writer of this run; every outcome is logged and shown. `deadline` is the seconds that it has."""

    def on_outcome(outcome: Outcome) -> None:
        common.log().info(shown.line(outcome))
        shown.on_outcome(outcome)

    judging = _has_judge(settings)
    return Writer(
        model,
        _engine(settings, model, engine, deadline),
        partial(gate, termbase=termbase.load()),
        judge_prompt=load_judge() if judging else None,
        judge_model=settings.llm.reader_model if judging else None,
        keep_texts=settings.keep_source_texts,
        on_jobs=shown.on_jobs,
        on_outcome=on_outcome,
    )


def _engine(settings: Settings, model: Model, name: EngineName, deadline: float | None = None) -> Engine:
    """Return how the calls are made. `deadline` is in seconds; batches and a cluster have none."""
    if name == "local":
        return _local(settings, model, deadline)
    if name not in PROVIDERS[model.provider].engines:
        where = "writes in this process only" if PROVIDERS[model.provider].in_process else f"has no engine {name}"
        raise ConfigError(f"The {model.provider} model {where}; leave --engine {name} out.")
    return _batch(settings, model) if name == "batch" else _ray(settings)


def _local(settings: Settings, model: Model, deadline: float | None = None) -> Engine:
    """Return the engine whose calls are made by this process."""
    concurrency = 1 if PROVIDERS[model.provider].in_process else settings.llm.concurrency
    return partial(live.drive, model=model, concurrency=concurrency, deadline=deadline, wait_scale=settings.wait_scale)


def _batch(settings: Settings, model: Model) -> Engine:
    """Return the engine that hands calls over to the provider; those that fail there are made by this process."""
    from pipeline.llm.openai import OpenAIModel
    from pipeline.llm.openai_batch import Batches

    if not isinstance(model, OpenAIModel):
        raise ConfigError("Batches are of one service; name it by OPENAI_BASE_URL, without PIPELINE_LLM__ENDPOINTS.")
    live = _local(settings, model)
    return partial(batch.drive, service=Batches(model), live=live, wait_scale=settings.wait_scale)


def _worker_model(settings: Settings, endpoint: EndpointSettings) -> Model:
    """Open the model of a worker, which may have an endpoint of its own."""
    from pipeline.llm import openai

    return pooled(openai.open_models(settings, endpoint), settings.wait_scale)


def _ray(settings: Settings) -> Engine:
    """Return the engine whose calls are made by a Ray cluster."""
    cluster.require_ray()
    # Workers get no secret that they do not need.
    known = settings.model_copy(update={"notify": NotifySettings(), "ping_url": None})
    asked = settings.llm.model, settings.llm.reader_model, _has_judge(settings)
    config = worker.WorkerConfig(
        texts=partial(texts, known),
        model=partial(_worker_model, known),
        text_workers=_PACED_WORKERS if settings.sources.arxiv_interval or not settings.sources.text_budget else None,
        concurrency=settings.llm.concurrency,
        wait_scale=settings.wait_scale,
        key=f"{asked} {settings.sources.text_budget}",
    )
    where = cluster.Cluster(
        settings.ray.address,
        settings.ray.storage or str((settings.state_dir / "ray").resolve()),
        settings.ray.storage is not None,
        Pace(settings.sources.arxiv_interval, ARXIV_LOCK).turn,
        load_endpoint(),
    )
    return partial(cluster.drive, config=config, cluster=where)


def _has_judge(settings: Settings) -> bool:
    """Return whether a judge checks the summaries: by default where there is a key to pay with."""
    provider, wanted = settings.llm.provider, settings.llm.second_reader
    return not PROVIDERS[provider].for_trial and (has_key(provider) if wanted is None else wanted)


# ---- what a command would come to


def dry_run(order: Order, settings: Settings, papers: Sources, now: dt.datetime) -> NightEstimate:
    """Plan a night and estimate its cost."""
    with ledger.opened(settings.state_dir, keep=False) as book:
        planning = PlanContext(papers, book, settings.output_dir, settings.llm.provider, now)
        return estimate.dry_run(order, planning, _costs(settings))


def require(settings: Settings, engine: EngineName) -> None:
    """Raise ConfigError for a model, an engine or a budget that no backfill can be executed with."""
    _engine(settings, open_model(settings, settings.llm.provider), engine)
    costs = _costs(settings)
    costs.prices.require(settings.budget, {costs.writer, costs.judge or costs.writer})


def estimate_backfill(
    order: BackfillOrder, settings: Settings, papers: Sources, now: dt.datetime, engine: EngineName, quiet: bool
) -> BackfillEstimate:
    """Estimate a backfill. ConfigError for a budget that no call fits into."""
    lists = progress.lists(quiet or order.chosen is not None, order.first, order.last)
    with ledger.opened(settings.state_dir, keep=False) as book, lists as on_day:
        planning = PlanContext(papers, book, settings.output_dir, settings.llm.provider, now)
        return estimate.estimate_backfill(order, planning, _costs(settings), engine, on_day)


def judge_config(settings: Settings) -> JudgeConfig:
    """Return how printed entries are judged, whether or not the settings want a judge for new ones.

    ConfigError where no model can judge, or for a budget without a price.
    """
    llm = settings.llm
    if PROVIDERS[llm.provider].for_trial:
        raise ConfigError(f"The {llm.provider} model cannot read; choose another PIPELINE_LLM__PROVIDER for --reader.")
    open_models(settings, llm.provider)
    model = llm.reader_model or llm.model
    Prices(settings.prices, llm.provider).require(settings.budget, {model})
    return JudgeConfig(load_judge(), model, settings.sources.text_budget)


def estimate_judging(entries: Sequence[Printed], config: JudgeConfig, settings: Settings) -> JudgingEstimate:
    """Estimate the judging of printed entries. ConfigError for a budget that no call fits into."""
    with ledger.opened(settings.state_dir, keep=False) as book:
        return judging.estimate_judging(entries, config, book, _costs(settings))


def _costs(settings: Settings) -> CostContext:
    llm = settings.llm
    return CostContext(
        prices=Prices(settings.prices, llm.provider),
        writer=llm.model,
        judge=(llm.reader_model or llm.model) if _has_judge(settings) else None,
        usd_per_run=settings.budget.usd_per_run,
        text_budget=_text_budget(settings),
        concurrency=llm.concurrency,
        arxiv_interval=settings.sources.arxiv_interval,
    )
