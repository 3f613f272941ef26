"""`python -m tests.bench [PART...]`: measure all parts or these, print a table, write build/bench.json.

Medians of five samples at least, worst ones and limits; what was measured once says so. The reference workload is
measured before each part, so that its samples differ as much as the machine does meanwhile. Nothing else should run.
"""

import dataclasses
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import archive, commands, filling, measure, nights, tokens
from tests.bench.measure import Figure

WRITTEN = Path("build/bench.json")
PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "commands": commands.starting,
    "size": commands.installed,
    "night": nights.waiting,
    "cpu": nights.working,
    "backfill": filling.figures,
    "archive": archive.figures,
    "tokens": tokens.figures,
    "site": commands.site,
    "years": commands.years,
}


def main(names: list[str]) -> None:
    """Measure, part by part; the file holds what is known so far."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"There is no part {unknown[0]}; the parts are {', '.join(PARTS)}.")
    figures = [measure.reference()]
    print(measure.heading(), measure.line(figures[0]), sep="\n", flush=True)
    for place, name in enumerate(names or PARTS):
        print(f"\n{name}", flush=True)
        if place:
            again = measure.reference().samples
            figures[0] = dataclasses.replace(figures[0], samples=figures[0].samples + again)
        for figure in PARTS[name]():
            figures.append(figure)
            print(measure.line(figure), flush=True)
            measure.save(WRITTEN, figures)


if __name__ == "__main__":
    main(sys.argv[1:])
