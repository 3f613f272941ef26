"""What `make bench` prints: how long the command line takes to start, and to check a whole archive.

Medians of seven runs after one that is not counted, each a process of its own, wall time.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 7
PIPELINE = [str(Path(sys.executable).with_name("pipeline"))]


def main() -> None:
    """Print a line for each measure with its limit."""
    print(f"{'measure':32}{'median':>10}{'worst':>10}{'limit':>10}   ({RUNS} runs, {os.cpu_count()} cores)")
    show("pipeline --help", ["--help"], 0.15)
    archive = Path(os.environ.get("TEST_DATA", "")) / "archive"
    if archive.is_dir() and "TEST_DATA" in os.environ:
        show("pipeline check, 72 files", ["check", str(archive)], 1.0)
    else:
        print("pipeline check: skipped, TEST_DATA is not set")


def show(name: str, arguments: list[str], limit: float) -> None:
    """Measure one command."""
    times = [wall(arguments) for _ in range(RUNS + 1)][1:]
    print(f"{name:32}{statistics.median(times):9.3f}s{max(times):9.3f}s{limit:9.2f}s")


def wall(arguments: list[str]) -> float:
    """The seconds that one process takes."""
    started = time.perf_counter()
    subprocess.run([*PIPELINE, *arguments], stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
