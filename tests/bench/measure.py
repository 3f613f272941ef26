"""A figure with its samples and its limit; processes that are measured; the table and the file of a run."""

import datetime as dt
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.environment import without_settings

PIPELINE = (str(Path(sys.executable).with_name("pipeline")),)
RUNS = 5
# What a figure in this unit is worth depends on how fast the machine is: seconds grow where a rate shrinks.
_SECONDS, _RATES = ("s", "ms"), ("MB/s", "papers/s", "answers/s")
_REFERENCE_ROUNDS = 200


@dataclass(frozen=True)
class Figure:
    """One measure: its samples in `unit`, and the `limit` that its median is to keep.

    `more_is_better`: the limit is the least that it should be. `note` says what the table should.
    """

    name: str
    unit: str
    samples: tuple[float, ...]
    limit: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def median(self) -> float:
        """The middle one of the samples."""
        return statistics.median(self.samples)

    @property
    def worst(self) -> float:
        """The sample that is furthest on the wrong side."""
        return min(self.samples) if self.more_is_better else max(self.samples)

    @property
    def over(self) -> bool:
        """Whether the median does not keep the limit."""
        return self.limit is not None and (
            self.median < self.limit if self.more_is_better else self.median > self.limit
        )

    @property
    def scaled(self) -> bool:
        """Whether it depends on how fast the machine is."""
        return self.unit in (*_SECONDS, *_RATES)

    def on(self, reference: float) -> tuple[float, ...]:
        """The samples as they would be on a machine that takes one second for the reference workload."""
        if self.unit in _SECONDS:
            return tuple(sample / reference for sample in self.samples)
        return tuple(sample * reference for sample in self.samples) if self.scaled else self.samples


class Ran(NamedTuple):
    """A process that ended: wall time and processor time in seconds, and the most memory that it had, in MB."""

    seconds: float
    processor: float
    memory: float


def ran(arguments: Sequence[str], settings: Mapping[str, str] | None = None, codes: Iterable[int] = (0,)) -> Ran:
    """Run a command of the program to its end; another exit code than these ends the bench.

    It finds these settings only, and an empty working folder.
    """
    with tempfile.TemporaryDirectory() as empty:
        done, code, said = _timed([*PIPELINE, *arguments], empty, without_settings() | dict(settings or {}))
    if code not in codes:
        sys.exit(f"pipeline {' '.join(arguments)} ended with {code}.\n{said[-3000:]}")
    return done


def _timed(command: list[str], folder: str, variables: dict[str, str]) -> tuple[Ran, int, str]:
    """A process to its end: what it took, its exit code, all that it said.

    Where there are several cores it gets all but the last, which is the endpoints'. Memory is never said to be less
    than that of this process, from which the other is made: what takes much here is done in a process of its own.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if hasattr(os, "sched_setaffinity"):
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(process.pid, cores - {max(cores)} or cores)
    assert process.stdout
    said = process.stdout.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    return Ran(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024), process.returncode, said


def reference() -> Figure:
    """The seconds that fixed pure-Python work takes here: what makes figures of two machines comparable."""

    def work() -> float:
        started = time.perf_counter()
        for _ in range(_REFERENCE_ROUNDS):
            words = [f"{number:x}" for number in range(5_000)]
            counts: dict[str, int] = {}
            for word in words:
                counts[word[-1:]] = counts.get(word[-1:], 0) + len(word)
            sorted(words, key=lambda word: word[::-1])
        return time.perf_counter() - started

    return Figure("reference workload", "s", tuple(work() for _ in range(RUNS + 1))[1:])


# ---- the table and the file


def heading() -> str:
    """The table's first line."""
    return f"{'measure':60}{'median':>16}{'worst':>16}{'limit':>16}"


def line(figure: Figure) -> str:
    """A figure's line."""
    limit = _number(figure.limit, figure.unit) if figure.limit is not None else ""
    verdict = "" if figure.limit is None else "OVER" if figure.over else "ok"
    samples = f"n={len(figure.samples)}" if len(figure.samples) > 1 else "once"
    said = "  ".join(filter(None, (f"{verdict:4}", samples, figure.note)))
    values = f"{_number(figure.median, figure.unit):>16}{_number(figure.worst, figure.unit):>16}{limit:>16}"
    return f"{figure.name:60}{values}  {said}".rstrip()


def _number(value: float, unit: str) -> str:
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 10 or unit in ("MB", "$") else 3
    return f"{value:,.{digits}f} {unit}".rstrip()


def save(path: Path, figures: Iterable[Figure]) -> None:
    """Write the figures with what they were measured on."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    whole: dict[str, Any] = {
        "commit": commit,
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "figures": [asdict(figure) | {"median": figure.median, "over": figure.over} for figure in figures],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")


def load(path: Path) -> dict[str, Figure]:
    """The figures of a file by name."""
    figures = json.loads(path.read_text("utf-8"))["figures"]
    for figure in figures:
        del figure["median"], figure["over"]
    return {figure["name"]: Figure(**figure | {"samples": tuple(figure["samples"])}) for figure in figures}
