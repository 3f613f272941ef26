"""What `make bench` prints: how long the command line takes to start, to check an archive, to build a site of one.

Medians of seven runs after one that is not counted, each a process of its own, wall time; sites are built once.
"""

import datetime as dt
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests import synthetic

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
    show_site("site build, 73 days", days=73, papers=1_000, limit=5, added_limit=2)
    subprocess.run([sys.executable, "-m", "tests.bench_reading"], check=True)
    show_site("site build, ten years", days=3_650, papers=60_000, limit=150, added_limit=5)


def show_site(name: str, days: int, papers: int, limit: float, added_limit: float) -> None:
    """Measure the site of a synthetic archive once: built, built again after one more day, and the memory it took."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder)
        synthetic.write(output, days, papers)
        # Without search, which is measured by itself: a module that cannot be imported hides Pagefind.
        hidden = output / "hidden"
        hidden.mkdir()
        (hidden / "pagefind_bin.py").write_text("raise ImportError\n")
        environment = {**os.environ, "PIPELINE_OUTPUT_DIR": folder, "PYTHONPATH": str(hidden)}
        build = partial(wall, ["site", "build"], environment)
        print(f"{name:32}{build():9.3f}s{'':10}{limit:9.2f}s")
        synthetic.write_day(output, synthetic.FIRST + dt.timedelta(days=days), range(papers, papers + 16))
        print(f"{'- one day more':32}{build():9.3f}s{'':10}{added_limit:9.2f}s")
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{'- memory at most, so far':32}{most:8.0f}MB")


def show(name: str, arguments: list[str], limit: float) -> None:
    """Measure one command."""
    times = [wall(arguments) for _ in range(RUNS + 1)][1:]
    print(f"{name:32}{statistics.median(times):9.3f}s{max(times):9.3f}s{limit:9.2f}s")


def wall(arguments: list[str], environment: dict[str, str] | None = None) -> float:
    """The seconds that one process takes."""
    started = time.perf_counter()
    subprocess.run([*PIPELINE, *arguments], stdout=subprocess.DEVNULL, check=False, env=environment)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
