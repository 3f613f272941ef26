"""Who writes, and how the calls are made, built from the settings: the model, its engine, the second reader."""

import logging
from functools import partial
from typing import TYPE_CHECKING, Literal

from pipeline.cli.origins import texts
from pipeline.cli.progress import Told
from pipeline.core.config import NotifySettings, OpenAISettings, Settings, load_openai
from pipeline.core.errors import ConfigError
from pipeline.core.models import Outcome
from pipeline.core.pace import ARXIV_LOCK, Pace
from pipeline.core.providers import PROVIDERS
from pipeline.engines import batch, live
from pipeline.engines.base import Engine
from pipeline.engines.ray import cluster, worker
from pipeline.lang import termbase
from pipeline.llm import has_key
from pipeline.llm.pool import pooled
from pipeline.summarise.prompts import JudgePrompt, load_judge
from pipeline.verify import gate
from pipeline.workflows import WINDOW, Writer

if TYPE_CHECKING:
    from pipeline.llm.base import Model

EngineName = Literal["local", "batch", "ray"]
# Papers and layouts of a backfill that are asked about together. A batch takes hours, whatever its size: few rounds of
# many papers, in 300 MB.
WINDOWS: dict[EngineName, int] = {"local": WINDOW, "batch": 5_000, "ray": 5_000}

# Processes of a cluster that read texts at arXiv's pace, or abstracts: one more than is busy.
_PACED_WORKERS = 2

_log = logging.getLogger("pipeline.cli")


def writer_of(
    settings: Settings, model: "Model", engine: EngineName, told: Told, deadline: float | None = None
) -> Writer:
    """The writer of this run; every outcome is in the log, and told. `deadline` is the seconds that it has."""

    def tell(outcome: Outcome) -> None:
        _log.info(told.said(outcome))
        told.heard(outcome)

    return Writer(
        model,
        engine_of(settings, model, engine, deadline),
        partial(gate, termbase=termbase.load()),
        *_judge(settings, model),
        settings.keep_source_texts,
        told.expecting,
        tell,
    )


def engine_of(settings: Settings, model: "Model", name: EngineName, deadline: float | None = None) -> Engine:
    """How the calls are made. `deadline` is the seconds that they have; those of batches and of a cluster have none."""
    if name == "local":
        return _local(settings, model, deadline)
    if name not in PROVIDERS[model.provider].engines:
        raise ConfigError(f"The {model.provider} model writes in this process only; leave --engine {name} out.")
    return _batch(settings, model) if name == "batch" else _ray(settings)


def _local(settings: Settings, model: "Model", deadline: float | None = None) -> Engine:
    """Calls made by this process."""
    concurrency = 1 if PROVIDERS[model.provider].in_process else settings.llm.concurrency
    return partial(live.drive, model=model, concurrency=concurrency, deadline=deadline, wait_scale=settings.wait_scale)


def _batch(settings: Settings, model: "Model") -> Engine:
    """Calls handed over to the provider; those that fail there are made by this process."""
    from pipeline.llm.openai import OpenAIModel
    from pipeline.llm.openai_batch import Batches

    if not isinstance(model, OpenAIModel):
        raise ConfigError("Batches are of one service; name it by OPENAI_BASE_URL, without PIPELINE_LLM__ENDPOINTS.")
    live = _local(settings, model)
    return partial(batch.drive, service=Batches(model), live=live, wait_scale=settings.wait_scale)


def _worker_model(settings: Settings, endpoint: OpenAISettings) -> "Model":
    """Open the model of a worker, which may have an endpoint of its own."""
    from pipeline.llm.openai import open_models

    return pooled(open_models(settings, endpoint), settings.wait_scale)


def _ray(settings: Settings) -> Engine:
    """Calls made by a Ray cluster."""
    cluster.require_ray()
    # Workers get no secret that they do not need.
    known = settings.model_copy(update={"notify": NotifySettings(), "ping_url": None})
    asked = settings.llm.model, settings.llm.reader_model, has_judge(settings, settings.llm.provider)
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
        load_openai(),
    )
    return partial(cluster.drive, config=config, cluster=where)


def _judge(settings: Settings, model: "Model") -> tuple[JudgePrompt | None, str | None]:
    """The second reader's prompt and model."""
    return (load_judge(), settings.llm.reader_model) if has_judge(settings, model.provider) else (None, None)


def has_judge(settings: Settings, provider: str) -> bool:
    """Return whether a judge checks the summaries: by default where there is a key to pay with."""
    wanted = settings.llm.second_reader
    return not PROVIDERS[provider].for_trial and (has_key(provider) if wanted is None else wanted)
