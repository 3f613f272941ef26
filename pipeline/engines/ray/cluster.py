"""Jobs settled by a Ray cluster: Ray Data reads the papers from parquet, passes them through the workers, and keeps
what is settled as parquet with a checkpoint.

This process is the driver: ledger, budget and arXiv's pace are its own (`driver`), and workers (`worker`) ask it over
rpc (`rpc`). A worker that dies costs what was in flight; a driver that is started again finds what is settled.
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

from pipeline.core.config import EndpointSettings
from pipeline.core.errors import ConfigError, ModelUnavailable
from pipeline.core.models import Outcome
from pipeline.core.text import fold
from pipeline.engines.base import SerialThread, Workload
from pipeline.engines.ray.driver import Driver
from pipeline.engines.ray.rpc import Mailbox, WorkerRequest, requests
from pipeline.engines.ray.worker import OUTCOMES, CallWorker, Row, TextWorker, Turn, WorkerConfig

_log = logging.getLogger(__name__)

# Papers that Ray passes from stage to stage, and writes, together.
_ROWS_PER_BLOCK = 16
_CONNECT_TIMEOUT = 10.0  # seconds
# Ray speaks gRPC over HTTP/2, where both sides begin with a frame of settings; its fourth byte is the kind of frame
# (RFC 9113, 3.4).
_SETTINGS = bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
_HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _SETTINGS
# By default Ray sends usage statistics, and prints its processes' logs, to standard output as well.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal", "RAY_DEDUP_LOGS_SKIP_REGEX": "."}


class Cluster(NamedTuple):
    """A cluster to use: `address` is as in the settings, None for one on this machine alone.

    `storage` is a folder for papers on their way; `shared` says that every node reaches it under this name. `turn`
    waits for a turn at arXiv, `endpoint` is the driver's own.
    """

    address: str | None
    storage: str
    shared: bool
    turn: Turn
    endpoint: EndpointSettings


def require_ray() -> None:
    """Raise ConfigError unless Ray Data is installed."""
    # Not by importing it: its output is silenced only afterwards.
    if any(importlib.util.find_spec(name) is None for name in ("ray", "pyarrow", "pandas")):
        raise ConfigError('--engine ray needs Ray Data: pip install "paper-digest-pipeline[ray]".')


async def drive(workload: Workload, config: WorkerConfig, cluster: Cluster) -> ModelUnavailable | None:
    """Settle every job by the cluster. Return what stopped the model, if something did.

    Raise ModelUnavailable when the cluster cannot be reached: nothing is spent then. If it fails on the way, that is
    returned.
    """
    store = _Store(cluster.storage)
    connect(cluster.address)
    if not cluster.shared:
        _require_one_node()
    driver = Driver(workload, config.key, cluster.turn, cluster.endpoint)
    try:
        driver.take_in(store.settled())
        if driver.pending:
            await _settle(driver, store, config)
        store.clear()
    except OSError as error:
        raise ConfigError(
            f"The folder {cluster.storage} for papers on their way cannot be used ({_first_line(error)}); correct its "
            "rights or its disk, or name another by PIPELINE_RAY__STORAGE."
        ) from None
    finally:
        driver.close()
    return driver.ended if isinstance(driver.ended, ModelUnavailable) else None


async def _settle(driver: Driver, store: "_Store", config: WorkerConfig) -> None:
    """Run the dataset in a thread, and reply to its workers meanwhile. What it loses has failed."""
    import ray
    from ray.exceptions import RayError

    thread = SerialThread()
    try:
        store.put(driver.rows())
        box = mailbox()
        await _serve(driver, box, thread.run(lambda: _run_dataset(config, box, store)))
        if driver.pending:
            driver.take_in(store.settled())
        await driver.give_up("the cluster lost this paper")
    except (_DatasetFailed, RayError) as error:
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


async def _serve(driver: Driver, mailbox: Any, dataset: Coroutine[Any, Any, None]) -> None:
    """Reply to requests until the dataset is done; raise its error, if any."""
    done = asyncio.ensure_future(dataset)

    async def reply(request: WorkerRequest) -> None:
        mailbox.reply.remote(request.number, await driver.reply(request.method, request.arguments))

    try:
        async with asyncio.TaskGroup() as group:
            async for request in requests(mailbox, done):
                group.create_task(reply(request))
            try:
                done.result()
            except Exception as error:
                _log.exception("Ray Data failed")
                raise _DatasetFailed(str(error)) from error
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
        # One CPU more than there are: the worker that awaits answers uses next to none.
        options |= {"num_cpus": (os.cpu_count() or 1) + 1, "include_dashboard": False}
    try:
        _require_answer(os.environ.get("RAY_ADDRESS", address) if address == "auto" else address)
        with _keep_sigterm(), _silence_stderr():
            ray.init(address or "local", **options)
    except (OSError, RuntimeError, ValueError) as error:  # a ConnectionError is an OSError
        raise ModelUnavailable(
            f"The Ray cluster {address or 'of this machine'} could not be reached or started "
            f"({_first_line(error)}); start it, or correct PIPELINE_RAY__ADDRESS. Nothing was spent."
        ) from None


def _nodes() -> list[dict[str, Any]]:
    """Return the nodes that can take work."""
    import ray

    return [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]


def _require_one_node() -> None:
    if (nodes := len(_nodes())) > 1:
        raise ConfigError(
            f"The Ray cluster has {nodes} nodes: set PIPELINE_RAY__STORAGE to a folder that all of them reach under "
            "the same name, or to an address such as s3://bucket/folder."
        )


def _require_answer(address: str | None) -> None:
    """Raise OSError unless Ray listens at `host:port`: Ray itself would try for minutes, then end the process."""
    host, _, port = (address or "").rpartition(":")
    if not host:
        return
    with socket.create_connection((host, int(port)), timeout=_CONNECT_TIMEOUT) as connection:
        if os.environ.get("RAY_USE_TLS", "0") == "0":
            connection.sendall(_HTTP2)
            if connection.recv(len(_SETTINGS))[3:4] != _SETTINGS[3:4]:
                raise OSError("what listens there is not Ray")


@contextmanager
def _keep_sigterm() -> Iterator[None]:
    """Restore the handler of SIGTERM, which Ray replaces."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _silence_stderr() -> Iterator[None]:
    """Redirect the descriptor of standard error to nowhere: Ray writes to it from C++, past Python."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def mailbox() -> Any:
    """Start a mailbox on this node and return its handle."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    return ray.remote(Mailbox).options(num_cpus=0, max_concurrency=100_000, scheduling_strategy=here).remote()


class _DatasetFailed(Exception):
    """Ray Data could not execute its plan, for one of its many reasons."""


def _run_dataset(config: WorkerConfig, mailbox: Any, store: "_Store") -> None:
    """Pass the papers through the workers, from parquet to parquet; a settled one is not done again."""
    import ray
    from ray.data import ActorPoolStrategy, DataContext, SaveMode
    from ray.data.checkpoint import CheckpointConfig

    context = DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    context.use_datasource_v2 = False  # it starts four processes to look at one small file
    context.checkpoint_config = CheckpointConfig("id", store.path("checkpoint"), delete_checkpoint_on_success=False)
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    nodes = _nodes()
    cpus = int(sum(node["Resources"]["CPU"] for node in nodes))
    calls = -(-2 * config.concurrency // _ROWS_PER_BLOCK)
    text_pool = ActorPoolStrategy(min_size=1, max_size=config.text_workers or max(cpus - len(nodes), 1))
    call_pool = ActorPoolStrategy(
        size=len(nodes), max_concurrent_calls_per_actor=calls, max_tasks_in_flight_per_actor=calls + 1
    )
    papers = ray.data.read_parquet(store.path("in")).repartition(target_num_rows_per_block=_ROWS_PER_BLOCK)
    texts = papers.flat_map(TextWorker, fn_constructor_args=(config, mailbox), compute=text_pool)
    settled = texts.flat_map(CallWorker, fn_constructor_args=(config, mailbox), compute=call_pool)
    settled.write_parquet(store.path("out"), mode=SaveMode.APPEND)


def _first_line(error: BaseException) -> str:
    return fold(str(error).strip().partition("\n")[0]).rstrip(".") or type(error).__name__


# ---- storage


class _Store:
    """The folders of one run: papers `in`, settled ones `out`, and Ray's `checkpoint` of these."""

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
        """Return a folder's address, as Ray takes it."""
        return f"{self._address}/{name}"

    def put(self, rows: Iterable[Row]) -> None:
        """Write the papers that are to be settled."""
        from pyarrow import Table, parquet

        self._remove("in")
        self._files.create_dir(f"{self._root}/in", recursive=True)
        parquet.write_table(Table.from_pylist(list(rows)), f"{self._root}/in/papers.parquet", filesystem=self._files)

    def settled(self) -> dict[str, list[Outcome]]:
        """Return the outcomes by row; those that Ray has not committed do not count."""
        committed = {row["id"] for row in self._read("checkpoint")}
        return {
            row["id"]: list(OUTCOMES.validate_json(row["outcomes"]))
            for row in self._read("out")
            if row["id"] in committed
        }

    def clear(self) -> None:
        """Remove the folders, once all outcomes are taken in."""
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
