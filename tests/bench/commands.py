"""Measures the start of the command line, the building of a site, and the size of an installation."""

import datetime as dt
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import reading
from tests.bench.endpoints import Setting, world
from tests.bench.measure import Figure, ran
from tests.bench.nights import DAY, PAPERS
from tests.support import synthetic

RUNS = 7
_FEW = 50


def starting() -> Iterator[Figure]:
    """Measure 5, and `check` of a recorded archive where TEST_DATA is set."""
    yield _wall("pipeline --help", ["--help"], 0.15)
    with tempfile.TemporaryDirectory() as folder, world(Setting(papers=PAPERS)) as of:
        synthetic.write(Path(folder), 1, _FEW)
        digest = next(Path(folder).rglob("*.md"))
        yield _wall(f"pipeline check, one file of {_FEW} entries", ["check", str(digest)])
        rehearsal = ["run", "--dry-run", "--date", str(DAY)]
        yield _wall(f"pipeline run --dry-run, {PAPERS} abstracts", rehearsal, settings=of.environment(Path(folder)))
    if data := os.environ.get("TEST_DATA"):
        yield _wall("pipeline check, 72 recorded files", ["check", str(Path(data).absolute() / "archive")], 1.0)
    else:
        print("pipeline check, 72 recorded files: skipped, TEST_DATA is not set")


def _wall(
    name: str, arguments: list[str], limit: float | None = None, settings: dict[str, str] | None = None
) -> Figure:
    seconds = [ran(arguments, settings, codes=(0, 1)).seconds for _ in range(RUNS + 1)]
    return Figure(name, "s", tuple(seconds[1:]), limit)


def installed() -> Iterator[Figure]:
    """The size of `pip install .` in an environment of its own, that of pip itself left out."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        before = _size(Path(folder))
        pip = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "."]
        subprocess.run(pip, check=True)
        yield Figure("installed, no extras", "MB", (_size(Path(folder)) - before,))


def _size(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def site() -> Iterator[Figure]:
    """A site of as many days as were recorded, and what readers have of one: its search index and first page."""
    yield from _built("site build, 73 days", days=73, papers=1_000, limit=5, added_limit=2)
    yield from reading.figures()


def years() -> Iterator[Figure]:
    """The site of ten years. It takes minutes."""
    yield from _built("site build, ten years", days=3_650, papers=60_000, limit=150, added_limit=5)


def _built(name: str, days: int, papers: int, limit: float, added_limit: float) -> Iterator[Figure]:
    """A site of a synthetic archive, once: built, built again after one more day, and the memory that it took."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder)
        synthetic.write(output, days, papers)
        # Without search, which is measured by itself: a module that cannot be imported hides Pagefind.
        hidden = output / "hidden"
        hidden.mkdir()
        (hidden / "pagefind_bin.py").write_text("raise ImportError\n")
        environment = {"PIPELINE_OUTPUT_DIR": folder, "PYTHONPATH": str(hidden)}
        whole = ran(["site", "build"], environment, codes=(0, 3))
        yield Figure(name, "s", (whole.seconds,), limit)
        synthetic.write_day(output, synthetic.FIRST + dt.timedelta(days=days), range(papers, papers + 16))
        yield Figure(
            f"{name}: one day more", "s", (ran(["site", "build"], environment, codes=(0, 3)).seconds,), added_limit
        )
        yield Figure(f"{name}: memory", "MB", (whole.memory,))
