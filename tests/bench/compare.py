"""`python -m tests.bench.compare OLD NEW`: what got worse between two files of `make bench`.

Exit 1 if anything did, or is not measured any more. Times and rates are compared as shares of the reference workload of
their own run, so that two machines can be compared. A figure got worse when its median did by more than the noise:
three times the median deviation of its samples, old and new, to which times and rates add that of both references; and
never less than 5 %. So the noise of both runs has to be in the samples: a single one says little.
"""

import dataclasses
import statistics
import sys
from pathlib import Path
from typing import NamedTuple

from tests.bench.measure import Figure, load

REFERENCE = "reference workload"
LEAST_NOISE, DEVIATIONS = 0.05, 3
# What a change is a share of at least, by unit: a figure that is about 0, or a difference below it, has no shares.
_FLOORS = {"s": 0.05, "": 0.1, "$": 0.01}
_FLOOR = 1.0  # in any other unit


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
    shared = [name for name in old if name in new and name != REFERENCE]
    return [_change(old[name], new[name], old[REFERENCE], new[REFERENCE]) for name in shared]


def _change(old: Figure, new: Figure, old_reference: Figure, new_reference: Figure) -> Change:
    before, after = old.on(old_reference.median), new.on(new_reference.median)
    floor = dataclasses.replace(old, samples=(_FLOORS.get(old.unit, _FLOOR),)).on(old_reference.median)[0]
    base = max(abs(statistics.median(before)), floor)
    change = (statistics.median(after) - statistics.median(before)) / base
    noise = (_deviation(before) + _deviation(after)) / base
    if old.scaled:
        noise += sum(_deviation(one.samples) / one.median for one in (old_reference, new_reference))
    return Change(old.name, -change if old.more_is_better else change, max(LEAST_NOISE, DEVIATIONS * noise))


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
    return int(any(change.counts for change in changes) or not before.keys() <= after.keys())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Give two files that `make bench` wrote: OLD NEW.")
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
