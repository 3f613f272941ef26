"""Tokens and dollars a paper: with the abstract alone, with the text that the budget allows, with the whole text.

Whole nights over HTTP, counted in OpenAI's o200k by an endpoint that caches as documented (`tests.support.counting`).
The whole text is sent by another system: here it is our own prompt with a budget of 100,000 tokens, so that the rest is
the same. Calls are made one after another, each of which finds what the one before cached: that is what thousands of
papers come to, and it is the same count every time; of calls made at once the first ones find nothing. Dollars are
those of genai-prices as it is installed; other providers' tokens are taken to be as many, and nothing to be cached
there.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import SimpleNamespace
from typing import NamedTuple

from tests.bench.endpoints import Setting, started
from tests.bench.measure import Figure
from tests.bench.papers import answer_about
from tests.support.counting import Call
from tests.support.fakes import ARXIV_PATH

MODELS = ("gpt-6-luna", "gemini-3.8-flash", "claude-sonnet-5-5")
PAPERS = 20
_WHOLE = 100_000


class Reading(NamedTuple):
    """The part of a paper that is sent: at most so many tokens of its text, which has so many pages."""

    name: str
    budget: int
    pages: int


READINGS = (
    Reading("abstract", 0, 0),
    Reading("16,000 tokens of the text", 16_000, 60),
    Reading("whole text, 20 pages", _WHOLE, 20),
    Reading("whole text, 60 pages", _WHOLE, 60),
)


def figures() -> Iterator[Figure]:
    """Measure 6."""
    for reading in READINGS:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:  # the vocabulary takes much memory
            calls = process.submit(_night, reading).result()
        yield Figure(f"input, {reading.name}", "tokens", (sum(call.input for call in calls) / PAPERS,))
        yield Figure(
            f"cached, {reading.name}", "tokens", (sum(call.cached for call in calls) / PAPERS,), more_is_better=True
        )
        yield Figure(f"output, {reading.name}", "tokens", (sum(call.output for call in calls) / PAPERS,))
        for model in MODELS:
            usd = sum(_usd(call, model) for call in calls) / PAPERS
            yield Figure(f"1,000 papers by {model}, {reading.name}", "$", (1000 * usd,))


def _night(reading: Reading) -> list[Call]:
    from tests.eval import cost

    papers = Setting(papers=PAPERS, pages=reading.pages)
    with started("huggingface", papers) as lists, started("arxiv", papers) as texts:
        places = SimpleNamespace(hf_url=lists, arxiv_url=texts + ARXIV_PATH, url=texts)
        night = cost.Night(reading.name, budget=reading.budget, concurrency=1)
        return cost.count(night, places, answer_about).counted


def _usd(call: Call, model: str) -> float:
    from genai_prices import Usage, calc_price

    ours = model == MODELS[0]
    used = Usage(
        input_tokens=call.input,
        output_tokens=call.output,
        cache_read_tokens=call.cached if ours else 0,
        cache_write_tokens=call.written if ours else 0,
    )
    return float(calc_price(used, model).total_price)
