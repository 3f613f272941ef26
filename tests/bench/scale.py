"""Computes what 50,000 to 2.5 million papers come to and which limit binds first: the table in docs/cluster.md.

Computed from what `python -m tests.bench tokens cpu` and `python -m tests.system.ray.throughput` measured; where they
print other figures, put them in here and run `make docs`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from pipeline.core.budget import BATCH_FACTOR

CORPORA = (50_000, 500_000, 2_500_000)
# As `tests.bench.tokens` prices them.
MODELS = ("gpt-6-luna", "gemini-3.8-flash", "claude-sonnet-5-5")


class Reading(NamedTuple):
    """A way to read a paper: tokens in and out, dollars by model, milliseconds of CPU, requests to arXiv."""

    name: str
    input: float
    output: float
    usd: tuple[float, float, float]
    cpu: float
    requests: float


# Tokens and dollars: `tests.bench tokens`, answers about as long as golden ones. CPU: the limits that `tests.bench cpu`
# holds (10 and 75 ms), and 30 ms for Ray and its requests, by `tests.system.ray.throughput`.
READINGS = (
    Reading("abstract", 1733, 490, (0.000315, 0.003139, 0.008370), 40, 0),
    Reading("16,000 tokens of the text", 18403, 490, (0.001982, 0.015641, 0.041709), 105, 1),
)
SETTLED = 50.0  # papers a second through one driver, everything on two cores: `tests.system.ray.throughput`
# What nobody measured: a cluster of sixteen nodes with eight calls at once each, of five seconds.
NODES, AT_ONCE, SECONDS, CORES = 16, 8, 5.0, 8
ARXIV = 3.0  # seconds between two requests, over all machines: https://info.arxiv.org/help/api/tou.html
ASKED_AT_ONCE = 100  # ids in one request for metadata; OAI-PMH gives 1,300 papers of a category
WEEK = 7 * 24 * 60


class Needs(NamedTuple):
    """The hours that a corpus needs, by what limits it."""

    metadata: float
    texts: float
    calls: float
    cpu: float
    driver: float

    @property
    def first(self) -> str:
        """The limit that binds first: it takes longest."""
        return max(self._fields, key=lambda name: float(getattr(self, name)))


def needs(papers: int, reading: Reading) -> Needs:
    """Hours by limit, each for itself; they pass side by side."""
    seconds = (
        papers / ASKED_AT_ONCE * ARXIV,
        papers * reading.requests * ARXIV,
        papers * SECONDS / (NODES * AT_ONCE),
        papers * reading.cpu / 1000 / (NODES * CORES),
        papers / SETTLED,
    )
    return Needs(*(one / 3600 for one in seconds))


def table() -> Iterator[str]:
    """The rows, in Markdown. Dollars by model, hours by limit, in the order of MODELS and of Needs."""
    yield "| papers, read | tokens in / out | tokens a minute, in a week | dollars | hours | binds first |"
    yield "|---|---|---|---|---|---|"
    for papers in CORPORA:
        for reading in READINGS:
            yield _row(papers, reading)


def _row(papers: int, reading: Reading) -> str:
    hours = needs(papers, reading)
    luna, *others = (papers * usd for usd in reading.usd)
    given, made = papers * reading.input, papers * reading.output
    cells = (
        f"{papers:,}, {reading.name}",
        f"{_short(given)} / {_short(made)}",
        _short((given + made) / WEEK),
        " / ".join((f"{luna:,.0f} ({luna * BATCH_FACTOR:,.0f})", *(f"{usd:,.0f}" for usd in others))),
        " / ".join(_hours(one) for one in hours),
        hours.first,
    )
    return f"| {' | '.join(cells)} |"


def _short(number: float) -> str:
    size, letter = next((size, letter) for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if number >= size)
    return f"{number / size:.3g} {letter}"


def _hours(hours: float) -> str:
    return f"{hours:,.1f}" if hours < 10 else f"{hours:,.0f}"


if __name__ == "__main__":
    print("\n".join(table()))
