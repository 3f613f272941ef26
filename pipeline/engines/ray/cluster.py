"""Calls made by a cluster: Ray Data reads the papers from parquet, has their texts read and the papers settled by its
workers, and keeps what is settled as parquet with a checkpoint.

The driver, this process, has ledger, purse and arXiv's pace (`driver`); workers (`crew`) ask it by letter (`letters`).
A worker that dies costs what was in flight, a driver that dies finds what is settled.
"""

import asyncio
import importlib.util
import logging
import os
import signal
import socket
import threading
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from pipeline.core.config import OpenAISettings
from pipeline.core.errors import ConfigError, ModelUnavailable
from pipeline.core.models import Outcome
from pipeline.core.text import fold
from pipeline.engines.base import SerialThread, Workload
from pipeline.engines.ray.driver import Driver
from pipeline.engines.ray.rpc import Mailbox, WorkerRequest, letters
from pipeline.engines.ray.worker import OUTCOMES, Reading, Row, Settling, Turn, WorkerConfig

_log = logging.getLogger(__name__)

# Papers that are handed from stage to stage, and kept, together.
_TOGETHER = 16
# Seconds until a cluster has to take a connection.
_CONNECT = 10.0
# Ray speaks gRPC, which is HTTP/2: both sides begin with a frame of settings, of which the fourth byte is the kind
# (RFC 9113, 3.4).
_SETTINGS = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
_HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _SETTINGS
# Ray reports home unless told not to, and prints what its processes think worth knowing, to standard output as well.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_DEDUP_LOGS_SKIP_REGEX": "."}


class Cluster(NamedTuple):
    """Where the calls are made: `address` is as in the settings, None for this machine alone.

    `storage` is a folder for papers on their way; `shared` says that every node reaches it under this name. `turn` is
    arXiv's, over the whole cluster; `endpoint` the driver's own.
    """

    address: str | None
    storage: str
    shared: bool
    turn: Turn
    endpoint: OpenAISettings


def require_ray() -> None:
    """ConfigError unless Ray Data is installed."""
    # Not by importing it: what it prints is decided then.
    if any(importlib.util.find_spec(name) is None for name in ("ray", "pyarrow", "pandas")):
        raise ConfigError('--engine ray needs Ray Data: pip install "paper-digest-pipeline[ray]".')


async def drive(work: Workload, config: WorkerConfig, cluster: Cluster) -> ModelUnavailable | None:
    """Settle every job by the cluster. Returns what stopped the model, if something did.

    ModelUnavailable when the cluster cannot be reached: nothing is spent then. One that fails on the way is returned.
    """
    store = _Store(cluster.storage)
    connect(cluster.address)
    if not cluster.shared:
        _require_one_node()
    driver = Driver(work, config.key, cluster.turn, cluster.endpoint)
    try:
        driver.take_in(store.settled())
        if driver.waiting:
            await _carry_out(driver, store, config)
        store.clear()
    except OSError as error:
        raise ConfigError(
            f"The folder {cluster.storage} for papers on their way cannot be used ({_first_line(error)}); correct its "
            "rights or its disk, or name another by PIPELINE_RAY__STORAGE."
        ) from None
    finally:
        driver.end()
    return driver.ended if isinstance(driver.ended, ModelUnavailable) else None


async def _carry_out(driver: Driver, store: "_Store", config: WorkerConfig) -> None:
    import ray
    from ray.exceptions import RayError

    thread = SerialThread()
    try:
        store.put(driver.rows())
        box = mailbox()
        await _serve(driver, box, thread.run(lambda: _carried_out(config, box, store)))
        if driver.waiting:
            driver.take_in(store.settled())
        await driver.give_up("the cluster lost this paper")
    except (_Broken, RayError) as error:
        ray.shutdown()
        driver.ended = ModelUnavailable(
            f"The Ray cluster failed ({_first_line(error)}); run again: what is paid for is kept."
        )
        await driver.give_up(str(driver.ended))
    except BaseException:
        ray.shutdown()
        raise
    finally:
        thread.close()


async def _serve(driver: Driver, mailbox: Any, work: Coroutine[Any, Any, None]) -> None:
    """Answer letters until the cluster's work is done; its errors are raised."""
    until = asyncio.ensure_future(work)

    async def answer(letter: WorkerRequest) -> None:
        mailbox.answer.remote(letter.number, await driver.say(letter.kind, letter.about))

    try:
        async with asyncio.TaskGroup() as group:
            async for letter in letters(mailbox, until):
                group.create_task(answer(letter))
            until.result()
    except ExceptionGroup as several:
        raise several.exceptions[0] from None


# ---- Ray


def connect(address: str | None) -> None:
    """Join a cluster, or start a local one. ModelUnavailable when it cannot be reached."""
    require_ray()
    os.environ.update(_QUIET)
    import ray

    if ray.is_initialized():
        return
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    options: dict[str, Any] = {"configure_logging": False, "log_to_driver": False}
    if address is None:
        # One CPU more than there are: who awaits answers uses next to none.
        options |= {"num_cpus": (os.cpu_count() or 1) + 1, "include_dashboard": False}
    try:
        _require_answer(os.environ.get("RAY_ADDRESS", address) if address == "auto" else address)
        with _own_signals(), _hushed():
            ray.init(address or "local", **options)
    except (OSError, RuntimeError, ValueError) as error:  # a ConnectionError is an OSError
        raise ModelUnavailable(
            f"The Ray cluster {address or 'of this machine'} could not be reached or started "
            f"({_first_line(error)}); start it, or correct PIPELINE_RAY__ADDRESS. Nothing was spent."
        ) from None


def _nodes() -> list[dict[str, Any]]:
    """The nodes that work can be given to."""
    import ray

    return [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]


def _require_one_node() -> None:
    if (nodes := len(_nodes())) > 1:
        raise ConfigError(
            f"The Ray cluster has {nodes} nodes: set PIPELINE_RAY__STORAGE to a folder that all of them reach under "
            "the same name, or to an address such as s3://bucket/folder."
        )


def _require_answer(address: str | None) -> None:
    """Where nobody listens, or something else, Ray tries for minutes and then ends the process; OSError."""
    host, _, port = (address or "").rpartition(":")
    if not host:
        return
    with socket.create_connection((host, int(port)), timeout=_CONNECT) as connection:
        if os.environ.get("RAY_USE_TLS", "0") == "0":
            connection.sendall(_HTTP2)
            if connection.recv(len(_SETTINGS))[3:4] != _SETTINGS[3:4]:
                raise OSError("what listens there is not Ray")


@contextmanager
def _own_signals() -> Iterator[None]:
    """Ray takes SIGTERM for itself."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _hushed() -> Iterator[None]:
    """Ray's C++ writes to the descriptor of standard error, past everything that Python could do."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def mailbox() -> Any:
    """A letter box on this node."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    return ray.remote(Mailbox).options(num_cpus=0, max_concurrency=100_000, scheduling_strategy=here).remote()


class _Broken(Exception):
    """Ray Data could not carry out its plan, for one of its many reasons."""


def _carried_out(config: WorkerConfig, mailbox: Any, store: "_Store") -> None:
    try:
        _run(config, mailbox, store)
    except Exception as error:
        _log.exception("Ray Data failed")
        raise _Broken(str(error)) from error


def _run(config: WorkerConfig, mailbox: Any, store: "_Store") -> None:
    """The papers through the cluster, from parquet to parquet; a settled one is not done again."""
    import ray
    from ray.data import ActorPoolStrategy, DataContext, SaveMode
    from ray.data.checkpoint import CheckpointConfig

    context = DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.use_datasource_v2 = False  # which starts four processes to look at one small file
    context.checkpoint_config = CheckpointConfig("id", store.path("checkpoint"), delete_checkpoint_on_success=False)
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    nodes = _nodes()
    cpus = int(sum(node["Resources"]["CPU"] for node in nodes))
    calls = -(-2 * config.concurrency // _TOGETHER)
    readers = ActorPoolStrategy(min_size=1, max_size=config.readers or max(cpus - len(nodes), 1))
    settlers = ActorPoolStrategy(
        size=len(nodes), max_concurrent_calls_per_actor=calls, max_tasks_in_flight_per_actor=calls + 1
    )
    papers = ray.data.read_parquet(store.path("in")).repartition(target_num_rows_per_block=_TOGETHER)
    texts = papers.flat_map(Reading, fn_constructor_args=(config, mailbox), compute=readers)
    settled = texts.flat_map(Settling, fn_constructor_args=(config, mailbox), compute=settlers)
    settled.write_parquet(store.path("out"), mode=SaveMode.APPEND)


def _first_line(error: BaseException) -> str:
    return fold(str(error).strip().partition("\n")[0]).rstrip(".") or type(error).__name__


# ---- what is kept


class _Store:
    """The folders of one window: papers in, what is settled out, and Ray's checkpoint of that."""

    def __init__(self, address: str) -> None:
        from pyarrow.fs import FileSystem

        self._address = address.rstrip("/")
        try:
            self._files, self._root = FileSystem.from_uri(self._address)
        except (ValueError, OSError) as error:  # an ArrowInvalid is a ValueError
            raise ConfigError(
                f"PIPELINE_RAY__STORAGE cannot be used ({_first_line(error)}); give a whole path, or an address such "
                "as s3://bucket/folder."
            ) from None

    def path(self, name: str) -> str:
        """A folder's address, as Ray wants it."""
        return f"{self._address}/{name}"

    def put(self, rows: Iterable[Row]) -> None:
        """The papers to be settled."""
        from pyarrow import Table, parquet

        self._remove("in")
        self._files.create_dir(f"{self._root}/in", recursive=True)
        parquet.write_table(Table.from_pylist(list(rows)), f"{self._root}/in/papers.parquet", filesystem=self._files)

    def settled(self) -> dict[str, list[Outcome]]:
        """The outcomes by row that are settled for good; what Ray has not committed does not count."""
        committed = {row["id"] for row in self._read("checkpoint")}
        return {
            row["id"]: list(OUTCOMES.validate_json(row["outcomes"]))
            for row in self._read("out")
            if row["id"] in committed
        }

    def clear(self) -> None:
        """Forget the window: all of it is taken in."""
        for name in ("in", "out", "checkpoint"):
            self._remove(name)

    def _read(self, name: str) -> Iterator[Row]:
        from pyarrow import parquet
        from pyarrow.fs import FileSelector

        for info in self._files.get_file_info(FileSelector(f"{self._root}/{name}", allow_not_found=True)):
            if info.path.endswith(".parquet") and not info.path.endswith(".pending.parquet"):
                yield from parquet.ParquetFile(info.path, filesystem=self._files).read().to_pylist()

    def _remove(self, name: str) -> None:
        from pyarrow.fs import FileType

        folder = f"{self._root}/{name}"
        if self._files.get_file_info(folder).type is not FileType.NotFound:
            self._files.delete_dir(folder)
