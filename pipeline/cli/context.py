"""What commands work with, built from the settings: the ledger, the desk, what a run would come to, the site.

Imported by the commands that need it, when they run: it loads nearly everything.
"""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial
from zoneinfo import ZoneInfo

import click
from filelock import FileLock, Timeout

from pipeline import ledger, workflows
from pipeline.archive.files import check_writable
from pipeline.cli import progress
from pipeline.cli.origins import text_budget
from pipeline.cli.writers import EngineName, engine_of, has_judge, writer_of
from pipeline.core.budget import Budget, Prices, dollars
from pipeline.core.config import Settings
from pipeline.core.errors import ConfigError, LockHeld
from pipeline.core.http import fetch, new_client
from pipeline.core.providers import PROVIDERS
from pipeline.lint.audit import Printed
from pipeline.llm import open_model, open_models
from pipeline.ops import account
from pipeline.publish.site import media
from pipeline.publish.site.pages import Site
from pipeline.summarise.prompts import load_judge
from pipeline.workflows import DryRun, Order, PlanContext, RunContext, Sources, Span, judging
from pipeline.workflows.judging import Asking, Due


def date_of(settings: Settings, now: dt.datetime) -> dt.date:
    """Which day it is now, in the time zone of the settings."""
    return now.astimezone(ZoneInfo(settings.timezone)).date()


@contextlib.contextmanager
def locked_ledger(settings: Settings) -> Iterator[ledger.Ledger]:
    """The ledger, for the one command at a time that may write; LockHeld where another is at work."""
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
    provider: str,
    papers: Sources,
    command: str,
    day: dt.date | None,
    now: dt.datetime,
    quiet: bool,
    engine: EngineName = "local",
    total: int | None = None,
) -> Iterator[RunContext]:
    """What a command works with that has summaries written; `total` of them, if that is known.

    The ledger has its run from now on.
    """
    model, prices = open_model(settings, provider), Prices(settings.prices, provider)
    if PROVIDERS[provider].for_trial:
        click.echo(
            f"The {provider} model writes: short, uneven, for trying the program out; not for readers.", err=True
        )
    with locked_ledger(settings) as book, asyncio.Runner() as runner:
        budget = Budget(settings.budget, book.spent_since(ledger.month_of(now)))
        said = progress.read if command == "verify" else progress.said
        with progress.progress(quiet, lambda: budget.spent, total, said) as told, progress.batches_told(quiet):
            # Years of papers take as long as they take.
            deadline = None if command in ("backfill", "verify") else settings.deadline
            writer = writer_of(settings, model, engine, told, deadline)
            prices.require(settings.budget, {model.name, writer.judge_model or model.name})
            number, tonight = book.begin_run(command, day, now), date_of(settings, now)
            try:
                yield RunContext(
                    papers, writer, book, number, prices, budget, runner, settings.output_dir, now, tonight
                )
            finally:
                runner.run(model.close())


def dry_run(order: Order, settings: Settings, provider: str, papers: Sources, now: dt.datetime) -> DryRun:
    """What a night would have to do, and what that would come to."""
    with ledger.opened(settings.state_dir, keep=False) as book:
        planning = PlanContext(papers, book, settings.output_dir, provider, now)
        return workflows.dry_run(order, planning, *_rates(settings, provider))


def require(settings: Settings, engine: EngineName) -> None:
    """ConfigError for a model, an engine or a budget that no backfill can be carried out with."""
    provider = settings.llm.provider
    engine_of(settings, open_model(settings, provider), engine)
    prices, model, reader = _rates(settings, provider)
    prices.require(settings.budget, {model, reader or model})


def estimate_backfill(
    span: Span, settings: Settings, papers: Sources, now: dt.datetime, engine: EngineName, quiet: bool
) -> account.Ahead:
    """What a backfill would have to do, and what that would come to. ConfigError for a budget without use."""
    provider, llm = settings.llm.provider, settings.llm
    told = progress.lists_read(quiet or span.chosen is not None, span.first, span.last)
    with ledger.opened(settings.state_dir, keep=False) as book, told as looked_at:
        planning = PlanContext(papers, book, settings.output_dir, provider, now)
        found = workflows.estimate_backfill(
            span, planning, *_rates(settings, provider), text_budget(settings, provider), looked_at
        )
        seconds = book.seconds_per_call(llm.model) if engine == "local" else None
    if engine == "batch":
        found = found.batched()
    _require_use(settings.budget.usd_per_run, found.least)
    calls = seconds and found.estimate.calls * seconds / llm.concurrency
    arxiv = found.fetches * settings.sources.arxiv_interval
    return account.Ahead(found.days, found.papers, found.summaries, found.estimate, found.unread, engine, arxiv, calls)


def asking(settings: Settings) -> Asking:
    """The second reader of printed entries, wanted whatever the settings say of one; ConfigError where there is none,
    or a budget without a price.
    """
    llm = settings.llm
    if PROVIDERS[llm.provider].for_trial:
        raise ConfigError(
            f"The {llm.provider} model cannot read; set OPENAI_API_KEY, or OPENAI_BASE_URL, for --reader."
        )
    open_models(settings, llm.provider)
    model = llm.reader_model or llm.model
    Prices(settings.prices).require(settings.budget, {model})
    return Asking(load_judge(), model, settings.sources.text_budget)


def due(entries: Sequence[Printed], asked: Asking, settings: Settings) -> Due:
    """What a reading of printed entries comes to. ConfigError for a budget without use."""
    with ledger.opened(settings.state_dir, keep=False) as book:
        found = judging.due(entries, asked, book, Prices(settings.prices))
    _require_use(settings.budget.usd_per_run, found.least)
    return found


def _require_use(usd: float | None, least: float | None) -> None:
    """`least` is the most that the smallest call can cost."""
    if usd is not None and least is not None and least > usd:
        raise ConfigError(
            f"The budget of {dollars(usd)} is too small for one paper: a call could cost {dollars(least)}, its "
            "whole max_tokens counted. Raise it, or lower max_tokens in the prompt files."
        )


def _rates(settings: Settings, provider: str) -> tuple[Prices, str, str | None]:
    """The prices, the writer's model, and the second reader's if there is one."""
    llm = settings.llm
    reader = (llm.reader_model or llm.model) if has_judge(settings, provider) else None
    return Prices(settings.prices, provider), llm.model, reader


def site(settings: Settings) -> Site:
    """What the settings say of the site."""
    return Site(settings.site.title, str(settings.site.base_url or ""))


@contextlib.contextmanager
def thumbnails(settings: Settings) -> Iterator[media.Fetch | None]:
    """How a thumbnail is fetched, where the site keeps them."""
    if settings.site.media == "link":
        yield None
        return
    media.require_pillow()
    with new_client() as client:
        yield partial(fetch, client, source="thumbnail", kind="image", largest=media.LARGEST)
