"""What commands work with, built from the settings: sources, model, writer, ledger, and who hears of progress.

Imported by the commands that need it, when they run: it loads nearly everything.
"""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

import click
import httpx2
from filelock import FileLock, Timeout

from pipeline import account, ledger, run, termbase
from pipeline.cli.progress import Told, progress, said
from pipeline.config import NotifySettings, OpenAISettings, Settings, endpoints, load_openai
from pipeline.engines import batch, cluster, crew, live
from pipeline.engines.live import Engine
from pipeline.errors import ConfigError, LockHeld
from pipeline.models import Outcome
from pipeline.money import Prices, Purse, dollars
from pipeline.pace import ARXIV_LOCK, Pace, Throttle
from pipeline.prompts import ReaderPrompt, load_reader
from pipeline.publish.files import check_writable
from pipeline.publish.site import media
from pipeline.publish.site.pages import Site
from pipeline.rank import choose, require_bm25s
from pipeline.retry import retrying
from pipeline.run import WINDOW, Basis, Desk, Missing, Order, Rehearsal, Sources, Span, Writer
from pipeline.sources import sample as bundled
from pipeline.sources.category import Announced, Asking, Harvested
from pipeline.sources.fetch import fetch, new_client
from pipeline.sources.web import Web
from pipeline.verify import gate

if TYPE_CHECKING:
    from pipeline.llm import Model

EngineName = Literal["local", "batch", "ray"]
# Papers and layouts of a backfill that are asked about together. A batch takes hours, whatever its size: few rounds of
# many papers, in 300 MB.
WINDOWS: dict[EngineName, int] = {"local": WINDOW, "batch": 5_000, "ray": 5_000}

# Processes of a cluster that read texts at arXiv's pace, or abstracts: one more than are busy.
_PACED_READERS = 2

_log = logging.getLogger("pipeline.cli")


def date_of(settings: Settings, now: dt.datetime) -> dt.date:
    """Which day it is now, in the time zone of the settings."""
    return now.astimezone(ZoneInfo(settings.timezone)).date()


@contextlib.contextmanager
def sources(settings: Settings, sample: bool = False) -> Iterator[Sources]:
    """Hugging Face and arXiv, or the bundled day."""
    name = "the bundled sample day" if sample else "Hugging Face Daily Papers"
    budget = _text_budget(settings, "embedded" if sample else settings.llm.provider)
    with bundled.client() if sample else new_client() as client:
        asking = _asking(settings, client)
        yield _web(name, settings, budget, asking._replace(turn=contextlib.nullcontext) if sample else asking)


@contextlib.contextmanager
def category(
    settings: Settings, name: str, now: dt.datetime, days: tuple[dt.date, dt.date] | None = None
) -> Iterator[Sources]:
    """An arXiv category and the reader's profile: its newest announcement, or past days from the first to the last."""
    if settings.profile.keywords:
        require_bm25s()
    of, chosen = settings.sources, partial(choose, profile=settings.profile)
    with new_client() as client:
        asking = _asking(settings, client)
        web = _web("arXiv", settings, _text_budget(settings, settings.llm.provider), asking)
        if days:
            yield Harvested(name, days, web, str(of.arxiv_oai_url), asking, chosen, now)
        else:
            yield Announced(name, web, str(of.arxiv_feed_url), str(of.arxiv_url), asking, chosen, now)


def _asking(settings: Settings, client: httpx2.Client) -> Asking:
    turn = Pace(settings.sources.arxiv_interval, ARXIV_LOCK).turn
    return Asking(client, turn, partial(retrying, scale=settings.wait_scale))


def _web(name: str, settings: Settings, budget: int, asking: Asking) -> Web:
    of = settings.sources
    urls = str(of.hf_url).rstrip("/"), str(of.arxiv_api_url), str(of.arxiv_url)
    return Web(name, asking.client, *urls, text_budget=budget, turn=asking.turn, retry=asking.retry)


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
def desk(
    settings: Settings,
    provider: str,
    papers: Sources,
    command: str,
    day: dt.date | None,
    now: dt.datetime,
    quiet: bool,
    engine: EngineName = "local",
    total: int | None = None,
) -> Iterator[Desk]:
    """What a command works with that has summaries written; `total` of them, if that is known.

    The ledger has its run from now on.
    """
    model, prices = _model(settings, provider), Prices(settings.prices, provider)
    with locked_ledger(settings) as book, asyncio.Runner() as runner:
        purse = Purse(settings.budget, book.spent_since(ledger.month_of(now)))
        with progress(quiet, lambda: purse.spent, total) as told, _batches_told(quiet):
            writer = _writer(settings, model, engine, told)
            prices.require(settings.budget, {model.name, writer.reader_model or model.name})
            number, tonight = book.begin_run(command, day, now), date_of(settings, now)
            try:
                yield Desk(papers, writer, book, number, prices, purse, runner, settings.output_dir, now, tonight)
            finally:
                runner.run(model.close())


@contextlib.contextmanager
def _batches_told(quiet: bool) -> Iterator[None]:
    """How batches stand, on the terminal as well as in the log: for hours there is nothing else to tell."""
    told, log = logging.StreamHandler(), logging.getLogger(batch.__name__)
    told.addFilter(lambda record: record.levelno == logging.INFO)  # warnings are told anyway
    if not quiet:
        log.addHandler(told)
    try:
        yield
    finally:
        log.removeHandler(told)


def rehearse(order: Order, settings: Settings, provider: str, papers: Sources, now: dt.datetime) -> Rehearsal:
    """What a night would have to do, and what that would come to."""
    with ledger.opened(settings.state_dir, keep=False) as book:
        basis = Basis(papers, book, settings.output_dir, provider, now)
        return run.rehearse(order, basis, *_rates(settings, provider))


def survey(
    span: Span, settings: Settings, papers: Sources, now: dt.datetime, engine: EngineName
) -> tuple[Missing, str]:
    """What a backfill would have to do, and what that would come to in words. ConfigError for a budget without use."""
    provider, llm = settings.llm.provider, settings.llm
    with ledger.opened(settings.state_dir, keep=False) as book:
        basis = Basis(papers, book, settings.output_dir, provider, now)
        found = run.survey(span, basis, *_rates(settings, provider), _text_budget(settings, provider))
        seconds = book.seconds_per_call(llm.model) if engine == "local" else None
    if engine == "batch":
        found = found.batched()
    _require_use(settings.budget.usd_per_run, found)
    calls = seconds and found.estimate.calls * seconds / llm.concurrency
    arxiv = found.fetches * settings.sources.arxiv_interval
    what = found.days, found.papers, found.summaries, found.estimate
    return found, account.missing_as_text(*what, arxiv, calls, engine)


def _require_use(usd: float | None, missing: Missing) -> None:
    if usd is not None and missing.least is not None and missing.least > usd:
        raise ConfigError(
            f"The budget of {dollars(usd)} is too small for one paper: a call could cost {dollars(missing.least)}, its "
            "whole max_tokens counted. Raise it, or lower max_tokens in the prompt files."
        )


def _rates(settings: Settings, provider: str) -> tuple[Prices, str, str | None]:
    """The prices, the writer's model, and the second reader's if there is one."""
    llm = settings.llm
    reader = (llm.reader_model or llm.model) if _has_second_reader(settings, provider) else None
    return Prices(settings.prices, provider), llm.model, reader


def _text_budget(settings: Settings, provider: str) -> int:
    """The embedded writer translates sentences of the abstract and reads no further."""
    return 0 if provider == "embedded" else settings.sources.text_budget


def _has_second_reader(settings: Settings, provider: str) -> bool:
    """By default only those who pay for a model with a key have one; the embedded writer has none."""
    wanted = settings.llm.second_reader
    return provider != "embedded" and (load_openai().api_key is not None if wanted is None else wanted)


def _model(settings: Settings, provider: str) -> "Model":
    if provider == "embedded":
        from pipeline.llm.embedded import EmbeddedModel

        embedded = EmbeddedModel()
        click.echo("The embedded model writes: short, uneven, for trying the program out; not for readers.", err=True)
        return embedded
    return _openai(settings, load_openai())


def _openai(settings: Settings, endpoint: OpenAISettings) -> "Model":
    from pipeline.llm.openai import OpenAIModel
    from pipeline.llm.several import SeveralModels

    llm, scale = settings.llm, settings.wait_scale
    models = [
        (OpenAIModel(llm.model, endpoint.key, url, llm.timeout, Throttle(llm.concurrency, scale)), weight)
        for url, weight in endpoints(llm, endpoint).items()
    ]
    return SeveralModels(models, scale) if len(models) > 1 else models[0][0]


def _writer(settings: Settings, model: "Model", engine: EngineName, told: Told) -> Writer:
    """The writer of this run; every outcome is in the log, and told."""

    def tell(outcome: Outcome) -> None:
        _log.info(said(outcome))
        told.heard(outcome)

    return Writer(
        model,
        _engine(settings, model, engine),
        partial(gate, termbase=termbase.load()),
        *_second_reader(settings, model),
        settings.keep_source_texts,
        told.expecting,
        tell,
    )


def _engine(settings: Settings, model: "Model", name: EngineName) -> Engine:
    """How the calls are made."""
    if name == "local":
        return _local(settings, model)
    if model.provider == "embedded":
        raise ConfigError(f"The embedded model writes in this process only; leave --engine {name} out.")
    return _batch(settings, model) if name == "batch" else _ray(settings)


def _ray(settings: Settings) -> Engine:
    """Calls made by a Ray cluster."""
    cluster.require_ray()
    # Workers get no secret that they do not need.
    known = settings.model_copy(update={"notify": NotifySettings(), "ping_url": None})
    asked = settings.llm.model, settings.llm.reader_model, _has_second_reader(settings, "openai")
    kit = crew.Kit(
        texts=partial(_texts, known),
        model=partial(_openai, known),
        readers=_PACED_READERS if settings.sources.arxiv_interval or not settings.sources.text_budget else None,
        concurrency=settings.llm.concurrency,
        wait_scale=settings.wait_scale,
        key=f"{asked} {settings.sources.text_budget}",
    )
    where = cluster.Cluster(
        settings.ray.address,
        settings.ray.storage or str((settings.state_dir / "ray").resolve()),
        settings.ray.storage is not None,
        Pace(settings.sources.arxiv_interval, ARXIV_LOCK).turn,
        load_openai(),
    )
    return partial(cluster.drive, kit=kit, cluster=where)


@contextlib.contextmanager
def _texts(settings: Settings, turn: crew.Turn) -> Iterator[Web]:
    """The papers' texts, for a worker of a cluster."""
    with new_client() as client:
        asking = Asking(client, turn, partial(retrying, scale=settings.wait_scale))
        yield _web("arXiv", settings, _text_budget(settings, settings.llm.provider), asking)


def _batch(settings: Settings, model: "Model") -> Engine:
    """Calls handed over to the provider; those that fail there are made by this process."""
    from pipeline.llm.batches import Batches
    from pipeline.llm.openai import OpenAIModel

    if not isinstance(model, OpenAIModel):
        raise ConfigError("Batches are of one service; name it by OPENAI_BASE_URL, without PIPELINE_LLM__ENDPOINTS.")
    live = _local(settings, model)
    return partial(batch.drive, service=Batches(model), live=live, wait_scale=settings.wait_scale)


def _local(settings: Settings, model: "Model") -> Engine:
    """Calls made by this process."""
    concurrency = 1 if model.provider == "embedded" else settings.llm.concurrency
    return partial(
        live.drive, model=model, concurrency=concurrency, deadline=settings.deadline, wait_scale=settings.wait_scale
    )


def _second_reader(settings: Settings, model: "Model") -> tuple[ReaderPrompt | None, str | None]:
    """The second reader's prompt and model."""
    return (load_reader(), settings.llm.reader_model) if _has_second_reader(settings, model.provider) else (None, None)
