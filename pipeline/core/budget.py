"""The cost of calls: prices, the budget of a run, and estimates beforehand.

Knows neither who calls nor where costs are written down. Prices come from the settings, else from genai-prices as it is
installed; nothing is fetched.
"""

import asyncio
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from pipeline.core.config import BudgetSettings, Price
from pipeline.core.errors import BudgetSpent, ConfigError
from pipeline.core.models import Request, Usage
from pipeline.core.providers import PROVIDERS
from pipeline.core.tokens import estimate as tokens_of

# The price of a call in a batch as a factor of one made now: https://platform.openai.com/docs/guides/batch
BATCH_FACTOR = 0.5
_MILLION = 1_000_000
# Tokens are rounded to a multiple of this, so that few different prices are computed.
_STEP = 10
# Tokens that a chat adds to each message, and characters of compact JSON in a token: o200k_base needs 4.3 for the
# schemas of this package, and 3.5 where spaces stand between the parts, as some services have it.
_TOKENS_PER_MESSAGE = 4
_SCHEMA_CHARACTERS_PER_TOKEN = 4
_ERROR = 0.15  # of an estimate of input


class Prices:
    """A price list: the settings' table, then genai-prices if it has the provider's. One in this process is free."""

    def __init__(self, table: Mapping[str, Price], provider: str = "openai") -> None:
        self._table, self._provider = table, PROVIDERS[provider]

    def cost(self, usage: Usage, model: str) -> float | None:
        """Return the cost of one call in USD; None if the model's price is not known.

        Not for a sum of calls: some models have another price above some length of the input.
        """
        if self._provider.in_process:
            return 0.0
        if model in self._table:
            return _by_table(usage, self._table[model])
        return _by_library(usage, model) if self._provider.in_price_list else None

    def max_cost(self, request: Request, model: str) -> float | None:
        """Return an upper bound on the cost of one call in USD; None if the model's price is not known.

        It counts the whole `max_tokens` as output (reasoning is output), and `max_input_tokens` at the highest price:
        uncached, or being written to the cache. It is a bound for one attempt: a call that the transport repeats may
        be charged more than once.
        """
        return self.max_cost_of_tokens(max_input_tokens(request), request.max_tokens, model)

    def max_cost_of_tokens(self, given: int, made: int, model: str) -> float | None:
        """Return the cost in USD of one call of so many tokens in and out, whatever the cache does with the input."""
        plain = Usage(input=given, output=made)
        states = plain, plain.model_copy(update={"cached": given}), plain.model_copy(update={"written": given})
        known = [cost for state in states if (cost := self.cost(state, model)) is not None]
        return max(known, default=None)

    def require(self, budget: BudgetSettings, models: Iterable[str]) -> None:
        """Raise ConfigError if there is a budget and the price of one of the models is not known."""
        for model in models:
            if budget != BudgetSettings() and self.cost(Usage(), model) is None:
                example = f'{{"{model}": {{"input": 0.1, "output": 0.4}}}}'
                raise ConfigError(
                    f"There is a budget, and the price of {model} is not known: give it in dollars for a million "
                    f"tokens, as PIPELINE_PRICES='{example}' or in pipeline.toml under [prices.\"{model}\"], or remove "
                    "PIPELINE_BUDGET__…."
                )


def require_room(usd: float | None, least: float | None) -> None:
    """Raise ConfigError for a budget smaller than `least`, the most that the smallest call can cost in US dollars."""
    if usd is not None and least is not None and least > usd:
        raise ConfigError(
            f"The budget of {dollars(usd)} is too small for one paper: a call could cost {dollars(least)}, its "
            "whole max_tokens counted. Raise it, or lower max_tokens in the prompt files."
        )


def max_input_tokens(request: Request) -> int:
    """Return an upper bound on a request's tokens of input, a multiple of _STEP.

    It is one for each byte of messages and schema as JSON: no byte-level BPE makes more of them, and the names around
    the texts outweigh what a chat adds.
    """
    size = len(request.model_dump_json(include={"messages", "answer_schema"}).encode())
    return -(-size // _STEP) * _STEP


def _by_table(usage: Usage, price: Price) -> float:
    cached = min(usage.cached, usage.input)
    of_cached = price.input if price.cached is None else price.cached
    per_million = (usage.input - cached) * price.input + cached * of_cached + usage.output * price.output
    return per_million / _MILLION


@lru_cache(maxsize=4096)
def _by_library(usage: Usage, model: str) -> float | None:
    # Imported here because it takes 0.2 s to read the prices of 2,300 models. Each answer takes 0.2 ms.
    from genai_prices import Usage as Used
    from genai_prices import calc_price

    # Contradictory counts are refused, and odd ones must not cost a paper.
    cached = min(usage.cached, usage.input)
    used = Used(
        input_tokens=usage.input,
        cache_read_tokens=cached,
        cache_write_tokens=min(usage.written, usage.input - cached),
        output_tokens=usage.output,
    )
    try:
        return float(calc_price(used, model).total_price)
    except LookupError:
        return None


class Budget:
    """The budget of a run: it admits no call that could exceed a limit. For one event loop; not thread-safe.

    `spent_this_month` is the cost of earlier runs in USD, with calls in doubt at their maximum. The month is the one in
    which the run begins. `spent` is in USD, by this run; `is_spent` is true once a call was refused.
    """

    def __init__(self, budget: BudgetSettings, spent_this_month: float = 0.0) -> None:
        limits = (
            ("PIPELINE_BUDGET__USD_PER_RUN (--budget)", budget.usd_per_run, 0.0),
            ("PIPELINE_BUDGET__USD_PER_MONTH", budget.usd_per_month, spent_this_month),
        )
        self._limits = [(setting, limit, before) for setting, limit, before in limits if limit is not None]
        self._reserved: list[float] = []
        self._settled = asyncio.Event()
        self.spent, self.is_spent = 0.0, False

    @property
    def reserved(self) -> float:
        """USD that the calls in flight could cost."""
        return math.fsum(self._reserved)

    async def reserve(self, usd: float) -> None:
        """Set so much aside for one call; `settle` must follow, whatever becomes of the call.

        It waits while calls in flight may leave enough; BudgetSpent if it would not fit even if they were free.
        """
        while not self.try_reserve(usd):
            await self._settled.wait()

    def try_reserve(self, usd: float) -> bool:
        """Set so much aside without waiting; return whether it fits now."""
        reserved, fits = self.reserved, True
        for setting, limit, before in self._limits:
            spent = before + self.spent
            if spent + usd > limit:
                self.is_spent = True
                raise BudgetSpent(_refusal(setting, limit, spent, usd))
            fits = fits and spent + usd + reserved <= limit
        if fits:
            self._reserved.append(usd)
        return fits

    def settle(self, reserved: float, spent: float) -> None:
        """Replace a reservation by what the call cost. A call in doubt has cost all that was reserved for it."""
        self._reserved.remove(reserved)
        self.spent += spent
        self._settled.set()
        self._settled = asyncio.Event()


def _refusal(setting: str, limit: float, spent: float, usd: float) -> str:
    if usd > limit:
        return (
            f"{setting} is {dollars(limit)}, and one call alone could cost {dollars(usd)}, its whole max_tokens "
            "counted, so it is not made; raise the budget, or lower max_tokens in the prompt files."
        )
    return (
        f"{setting} is {dollars(limit)} and {dollars(spent)} of it is spent: the next call could cost "
        f"{dollars(usd)}, so it is not made; raise the budget, or run again when there is a new one."
    )


def dollars(usd: float | None) -> str:
    """Format an amount to a millionth: a short call of a small model costs less than a hundredth of a cent.

    None: the price is not known.
    """
    if usd is None:
        return "price unknown"
    return "$" + f"{usd:.6f}".rstrip("0").rstrip(".")


class Range(NamedTuple):
    """A range from `low` to `high`."""

    low: float
    high: float


# Averages for one paper and layout, measured in nights over HTTP and counted by o200k_base. The gate objects to 4 of 48
# golden entries, and a writer who knows its rules should do better: this share of papers is asked about again, with so
# many more tokens than the first time.
REPAIRS, REPAIR_INPUT = 0.02, 700
# Beyond the paper a request to the judge has 860 tokens of rules and schema, and 150 for three short sentences or 600
# for a golden entry's nine; the writer's task, counted here with the paper, has 200.
JUDGE_INPUT = 1000
# The high ends leave room for reasoning, which no recording has.
WRITER_OUTPUT, JUDGE_OUTPUT = Range(120, 2000), Range(80, 1200)


class Estimate(NamedTuple):
    """An estimate of a night: calls, tokens in, tokens out, and dollars (None: a price is not known)."""

    calls: int
    input: int
    output: Range
    usd: Range | None

    def batched(self) -> "Estimate":
        """Return the same calls at the price of batches."""
        return self._replace(usd=self.usd and Range(self.usd.low * BATCH_FACTOR, self.usd.high * BATCH_FACTOR))


class _Calls(NamedTuple):
    """Expected calls: how many (may be a fraction), and of each the tokens in, those cached at best, and out."""

    model: str
    times: float
    input: int
    cached: int
    output: Range


def estimate(
    requests: Iterable[Request], prices: Prices, writer: str, judge: str | None = None, unread: int = 0
) -> Estimate:
    """Estimate a night from its first requests. `writer` and `judge` are models; None: no judge.

    `unread` are the tokens of text that each request will have beyond what it has now.

    The input is within 15 % of what the night then spends, if answers are like those measured. The low end of the
    dollars has short answers, and takes from the cache all that requests share; the high end has long ones, reasoning
    included, and nothing cached.
    """
    return _sum((calls for one in requests for calls in _expected(one, writer, judge, unread)), prices)


def estimate_judge_calls(requests: Iterable[Request], prices: Prices, judge: str) -> Estimate:
    """Estimate these requests to the judge, a model's name. Low and high ends are as in `estimate`."""
    return _sum((_Calls(judge, 1, _input_of(one), 0, JUDGE_OUTPUT) for one in requests), prices)


def _sum(expected: Iterable[_Calls], prices: Prices) -> Estimate:
    times = given = low = high = 0.0
    usd: Range | None = Range(0.0, 0.0)
    for calls in expected:
        times += calls.times
        given += calls.times * calls.input
        low += calls.times * calls.output.low
        high += calls.times * calls.output.high
        cost = usd and _usd(calls, prices)
        usd = usd and cost and Range(usd.low + cost.low, usd.high + cost.high)
    return Estimate(round(times), round(given), Range(low, high), usd)


def _expected(request: Request, writer: str, judge: str | None, unread: int) -> Iterator[_Calls]:
    first = unread + _input_of(request)
    shared = _of_schema(request) + sum(tokens_of(message.content[: message.shared]) for message in request.messages)
    yield _Calls(writer, 1, first, shared, WRITER_OUTPUT)
    yield _Calls(writer, REPAIRS, first + REPAIR_INPUT, shared, WRITER_OUTPUT)
    if judge:
        text = request.messages[-1]
        given = unread + tokens_of(text.content) + JUDGE_INPUT
        yield _Calls(judge, 1, given, tokens_of(text.content[: text.shared]), JUDGE_OUTPUT)


def _input_of(request: Request) -> int:
    return _of_schema(request) + sum(tokens_of(message.content) + _TOKENS_PER_MESSAGE for message in request.messages)


def _of_schema(request: Request) -> int:
    return len(json.dumps(request.answer_schema, separators=(",", ":"))) // _SCHEMA_CHARACTERS_PER_TOKEN


def _usd(calls: _Calls, prices: Prices) -> Range | None:
    few, many = (_STEP * round(calls.input * off / _STEP) for off in (1 - _ERROR, 1 + _ERROR))
    least = prices.cost(Usage(input=few, cached=calls.cached, output=round(calls.output.low)), calls.model)
    most = prices.max_cost_of_tokens(many, round(calls.output.high), calls.model)
    return None if least is None or most is None else Range(calls.times * least, calls.times * most)
