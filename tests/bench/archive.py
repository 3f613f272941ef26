"""Ten years of digests in every layout: what `check` and `fmt` read a second, how long it takes to find a paper."""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.layouts import LAYOUTS
from tests.bench.endpoints import Setting, World, world
from tests.bench.measure import RUNS, Figure, ran
from tests.bench.papers import Paper
from tests.support import synthetic

DAYS, PAPERS = 3_650, 20_000  # papers in each layout
_FIRST_YEAR, _YEARS = synthetic.FIRST.year, 10


def figures() -> Iterator[Figure]:
    """Measure 4."""
    with tempfile.TemporaryDirectory() as folder, world(Setting()) as of:
        output = Path(folder) / "output"
        for layout in LAYOUTS:
            synthetic.write(output, DAYS, PAPERS, layout=layout)
        yield from _reading(output)
        yield from _finding(of, Path(folder))
        _drift(output)
        yield from _speeds("fmt, every file rewritten", ("fmt",), output, limit=5.0)


def _reading(output: Path) -> Iterator[Figure]:
    yield from _speeds("check", ("check",), output, limit=5.0)
    yield from _speeds("fmt --check, nothing to change", ("fmt", "--check"), output, limit=5.0)


def _speeds(name: str, command: tuple[str, ...], output: Path, limit: float | None = None) -> Iterator[Figure]:
    """Megabytes a second, start-up included: one process for every two years, until all ten are read."""
    samples = []
    for start in range(0, _YEARS, _YEARS // RUNS):
        years = range(_FIRST_YEAR + start, _FIRST_YEAR + start + _YEARS // RUNS)
        folders = [output / layout / str(year) for layout in LAYOUTS for year in years]
        size = sum(path.stat().st_size for folder in folders for path in folder.rglob("*.md"))
        samples.append(size / 1e6 / ran([*command, *map(str, folders)]).seconds)
    yield Figure(name, "MB/s", tuple(samples), limit, more_is_better=True, note="ten years, three layouts")


def _drift(output: Path) -> None:
    """A line too many at the end of every digest."""
    for path in output.rglob("*.md"):
        with path.open("a", encoding="utf-8") as file:
            file.write("\n\n\n")


def _finding(of: World, folder: Path) -> Iterator[Figure]:
    """`regenerate` there and in an output of one day: the difference is what it takes to find the paper."""
    with tempfile.TemporaryDirectory() as small:
        synthetic.write(Path(small) / "output", 1, 50, layout="sections")
        near = [_regenerate(of, Path(small), number) for number in range(RUNS + 1)]
    far = [_regenerate(of, folder, PAPERS * place // (RUNS + 1)) for place in range(RUNS + 1)]
    start = statistics.median(near[1:])
    yield Figure("regenerate in ten years, the first time", "s", (far[0],))
    yield Figure("regenerate in ten years, later", "s", tuple(far[1:]))
    yield Figure("regenerate in ten years: to find the paper", "s", tuple(one - start for one in far[1:]), 1.0)


def _regenerate(of: World, folder: Path, number: int) -> float:
    arguments = ["regenerate", Paper(number).id, "--layout", "sections", "--dry-run"]
    return ran(arguments, of.environment(folder)).seconds
