"""`python -m tests.bench.compare OLD NEW`: what got worse between two files of `make bench`. Exit 1 if anything did.

Times and rates are compared as shares of the reference workload of their own run, so that two machines can be compared.
A figure got worse when its median did by more than the noise: three times the median deviation of its samples, old and
new, and never less than 5 %. So the noise of both runs has to be in the samples: a single one says little.
"""

import statistics
import sys
from pathlib import Path
from typing import NamedTuple

from tests.bench.measure import Figure, load

REFERENCE = "reference workload"
LEAST_NOISE, DEVIATIONS = 0.05, 3


class Change(NamedTuple):
    """By what share of the old one a figure got worse (less than 0: better), and what may be noise of it."""

    name: str
    worse: float
    noise: float

    @property
    def counts(self) -> bool:
        """Whether it is more than noise, to the worse."""
        return self.worse > self.noise


def compare(old: dict[str, Figure], new: dict[str, Figure]) -> list[Change]:
    """The change of every figure that both have; both must have the reference workload."""
    references = old[REFERENCE].median, new[REFERENCE].median
    shared = [name for name in old if name in new and name != REFERENCE]
    return [_change(old[name], new[name], *references) for name in shared]


def _change(old: Figure, new: Figure, old_reference: float, new_reference: float) -> Change:
    before, after = old.on(old_reference), new.on(new_reference)
    base = statistics.median(before) or 1.0
    change = (statistics.median(after) - base) / base
    noise = DEVIATIONS * (_deviation(before) + _deviation(after)) / abs(base)
    return Change(old.name, -change if old.more_is_better else change, max(LEAST_NOISE, noise))


def _deviation(samples: tuple[float, ...]) -> float:
    middle = statistics.median(samples)
    return statistics.median(abs(sample - middle) for sample in samples)


def main(old: Path, new: Path) -> int:
    """Print each figure's change."""
    before, after = load(old), load(new)
    changes = compare(before, after)
    print(f"{'measure':60}{'worse by':>10}{'noise':>10}")
    for change in sorted(changes, key=lambda one: -one.worse):
        verdict = "WORSE" if change.counts else "better" if -change.worse > change.noise else ""
        print(f"{change.name:60}{change.worse:+10.1%}{change.noise:10.1%}  {verdict}".rstrip())
    for name in sorted(before.keys() ^ after.keys()):
        print(f"{name:60}only in {old if name in before else new}")
    return int(any(change.counts for change in changes))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Give two files that `make bench` wrote: OLD NEW.")
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
