"""What calls cost, what a run may spend, and how near an estimate comes to a real night."""

import asyncio
import json
import math
import subprocess
import sys
import tracemalloc
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core import budget as budgets
from pipeline.core.budget import Budget, Prices, Range, dollars, estimate
from pipeline.core.config import BudgetSettings, Price
from pipeline.core.errors import BudgetSpent, ConfigError
from pipeline.core.models import Message, Paper, Request, SourceText, Usage
from pipeline.core.providers import PROVIDERS, Provider
from pipeline.core.tokens import estimate as tokens_of
from tests.support.counting import Call, plain

LUNA = "gpt-6-luna"
TABLE = {
    "mine": Price(input=1, output=4, cached=0.25),
    "plain": Price(input=2, output=3),
    LUNA: Price(input=7, output=9),
}
PAPER = Paper(id="2401.00001", title="Alpha", abstract="We propose Alpha.", authors=("A",))
COUNTS = st.integers(0, 1_000_000)
USAGES = st.builds(Usage, input=COUNTS, output=COUNTS, cached=COUNTS, written=COUNTS)


def request(*contents: str, max_tokens: int = 8000) -> Request:
    return Request(
        layout="sections",
        paper=PAPER,
        source=SourceText(paper_id=PAPER.id, sentences=()),
        messages=tuple(Message(role="user", content=content) for content in contents),
        answer_schema={"type": "object"},
        max_tokens=max_tokens,
    )


# ---- prices


def test_the_table_comes_before_the_library() -> None:
    million = Usage(input=1_000_000, output=1_000_000)
    assert Prices(TABLE).cost(million, LUNA) == 16
    assert Prices({}).cost(Usage(input=1000, output=100), LUNA) == pytest.approx(0.00015)
    assert Prices({}).cost(million, "nobody-knows-me") is None
    assert Prices(TABLE, "embedded").cost(million, "mine") == Prices({}, "embedded").max_cost(request("x"), "y") == 0


def test_the_library_is_asked_only_for_providers_that_it_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROVIDERS, "acme", Provider("acme"))
    usage = Usage(input=1000, output=100)
    assert Prices({}, "acme").cost(usage, LUNA) is None
    assert Prices(TABLE, "acme").cost(usage, "mine") is not None
    with pytest.raises(ConfigError, match="PIPELINE_PRICES"):
        Prices({}, "acme").require(BudgetSettings(usd_per_run=1), [LUNA])


def test_what_was_cached_is_a_part_of_the_input() -> None:
    usage = Usage(input=1_000_000, cached=400_000, output=500_000)
    assert Prices(TABLE).cost(usage, "mine") == pytest.approx(0.6 + 0.1 + 2)
    assert Prices(TABLE).cost(usage, "plain") == pytest.approx(2 + 1.5)


def test_the_library_knows_lengths_and_caches() -> None:
    cost = Prices({}).cost
    assert cost(Usage(input=1000, cached=1000), LUNA) == pytest.approx(0.1 * cost_of(input=1000))
    assert cost(Usage(input=1000, written=1000), LUNA) == pytest.approx(1.25 * cost_of(input=1000))
    assert cost_of(input=400_000) == pytest.approx(2 * 400 * cost_of(input=1000))


def cost_of(**counts: int) -> float:
    found = Prices({}).cost(Usage(**counts), LUNA)
    assert found is not None
    return found


@given(USAGES, st.sampled_from([LUNA, "gpt-4o", "mine"]))
def test_no_count_makes_a_cost_negative_or_fails(usage: Usage, model: str) -> None:
    cost = Prices({"mine": TABLE["mine"]}).cost(usage, model)
    assert cost is not None
    assert cost >= 0


@given(USAGES, USAGES, st.sampled_from(["mine", "plain"]))
def test_costs_of_a_table_add_up(one: Usage, other: Usage, model: str) -> None:
    one, other = (usage.model_copy(update={"cached": min(usage.cached, usage.input)}) for usage in (one, other))
    costs = [Prices(TABLE).cost(usage, model) or 0.0 for usage in (one, other, one + other)]
    assert costs[0] + costs[1] == pytest.approx(costs[2])


@given(st.lists(st.text(), min_size=1, max_size=4), st.data(), st.sampled_from([LUNA, "gpt-4o", "mine", "plain"]))
def test_no_call_costs_more_than_the_most(contents: list[str], data: st.DataObject, model: str) -> None:
    """Tokens of a byte each are the most that a byte-level tokenizer makes; a chat adds some around each message."""
    asked = request(*contents, max_tokens=500)
    given = sum(len(content.encode()) + 7 for content in contents) + len(json.dumps(asked.answer_schema))
    cached = data.draw(st.integers(0, given))
    usage = Usage(
        input=given,
        cached=cached,
        written=data.draw(st.integers(0, given - cached)),
        output=data.draw(st.integers(0, 500)),
    )
    prices = Prices({"mine": Price(input=1, output=4, cached=1.5), "plain": TABLE["plain"]})
    cost, most = prices.cost(usage, model), prices.max_cost(asked, model)
    assert cost is not None
    assert most is not None
    assert cost <= most


def test_the_most_counts_with_the_worst_that_a_cache_can_do() -> None:
    assert Prices({}).max_cost_of_tokens(1000, 10, LUNA) == pytest.approx(cost_of(input=1000, written=1000, output=10))
    assert Prices({"odd": Price(input=1, output=1, cached=3)}).max_cost_of_tokens(1000, 10, "odd") == pytest.approx(
        3010 / 1e6
    )
    assert Prices({}).max_cost_of_tokens(1, 1, "nobody-knows-me") is None


def test_a_budget_needs_a_price() -> None:
    prices, budget = Prices(TABLE), BudgetSettings(usd_per_month=5)
    prices.require(budget, ["mine", "gpt-4o"])
    prices.require(BudgetSettings(), ["nobody-knows-me"])
    Prices({}, "embedded").require(budget, ["nobody-knows-me"])
    with pytest.raises(
        ConfigError, match=r"price of nobody-knows-me is not known.*PIPELINE_PRICES='(.*)' or"
    ) as refused:
        prices.require(budget, ["mine", "nobody-knows-me"])
    example = str(refused.value).split("'")[1]
    assert Price.model_validate(json.loads(example)["nobody-knows-me"])


def test_who_asks_for_no_price_does_not_wait_for_the_library() -> None:
    script = "import sys, pipeline.core.budget; assert 'genai_prices' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_amounts_are_written_without_empty_figures() -> None:
    assert [dollars(usd) for usd in (0, 0.0077, 0.5, 12, 1e-6)] == ["$0", "$0.0077", "$0.5", "$12", "$0.000001"]


# ---- the budget


def spend(budget: Budget, calls: list[tuple[float, float, int]]) -> list[str]:
    """Make calls at once, each with the most it can cost, the share of that it does, and how many turns it lasts."""
    ends = []

    async def call(most: float, share: float, turns: int) -> None:
        try:
            await budget.reserve(most)
        except BudgetSpent as refused:
            ends.append(str(refused))
            return
        for _ in range(turns):
            await asyncio.sleep(0)
        budget.settle(most, most * share)
        ends.append("made")

    async def night() -> None:
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            for one in calls:
                group.create_task(call(*one))

    asyncio.run(night())
    return ends


AMOUNTS = st.floats(0, 3)
CALLS = st.lists(st.tuples(AMOUNTS, st.floats(0, 1), st.integers(0, 4)), max_size=12)
LIMITS = st.none() | st.floats(0.01, 6)


class Watched(Budget):
    """A budget that is looked into after each change."""

    most = 0.0

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "_settled":
            self.most = max(self.most, self.spent + self.reserved if hasattr(self, "spent") else 0.0)

    async def reserve(self, usd: float) -> None:
        await super().reserve(usd)
        self.most = max(self.most, self.spent + self.reserved)


@given(CALLS, LIMITS, LIMITS, AMOUNTS)
def test_no_limit_is_broken_and_nobody_waits_for_ever(
    calls: list[tuple[float, float, int]], run: float | None, month: float | None, before: float
) -> None:
    budget = Watched(BudgetSettings(usd_per_run=run, usd_per_month=month), before)
    ends = spend(budget, calls)
    assert len(ends) == len(calls)
    assert budget.reserved == 0
    made = ends.count("made")
    if made:
        assert budget.most <= min(run or math.inf, math.inf if month is None else month - before) + 1e-9
    if run is None and month is None:
        assert made == len(calls)


def test_a_call_waits_for_what_others_leave() -> None:
    assert spend(Budget(BudgetSettings(usd_per_run=1.0)), [(0.6, 0.5, 3), (0.6, 1, 0)]) == ["made", "made"]


def test_a_call_that_waited_in_vain_is_refused() -> None:
    budget = Budget(BudgetSettings(usd_per_run=1))
    first, second = spend(budget, [(0.6, 1, 3), (0.6, 1, 0)])
    assert first == "made"
    assert second == (
        "PIPELINE_BUDGET__USD_PER_RUN (--budget) is $1 and $0.6 of it is spent: the next call could cost $0.6, so it "
        "is not made; raise the budget, or run again when there is a new one."
    )
    assert budget.spent == 0.6


def test_what_can_never_fit_does_not_wait() -> None:
    budget = Budget(BudgetSettings(usd_per_run=9, usd_per_month=1), spent_this_month=0.7)

    async def night() -> None:
        await budget.reserve(0.1)
        with pytest.raises(BudgetSpent, match=r"USD_PER_MONTH is \$1 and \$0.7 of it is spent"):
            await budget.reserve(0.4)

    asyncio.run(asyncio.wait_for(night(), 5))


def test_a_budget_below_one_call_says_so_before_anything_is_spent() -> None:
    (said,) = spend(Budget(BudgetSettings(usd_per_run=0.001)), [(0.0077, 1, 0)])
    assert said.startswith("PIPELINE_BUDGET__USD_PER_RUN (--budget) is $0.001, and one call alone could cost $0.0077")


def test_who_gives_up_waiting_takes_nothing_along() -> None:
    budget = Budget(BudgetSettings(usd_per_run=1))

    async def night() -> None:
        await budget.reserve(1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(budget.reserve(0.5), 0.01)
        budget.settle(1, 0)
        await asyncio.wait_for(budget.reserve(1), 5)

    asyncio.run(night())


# ---- the estimate


def test_an_estimate_counts_papers_readers_and_repairs(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = {"REPAIRS": 0.5, "REPAIR_INPUT": 100, "JUDGE_INPUT": 1000}
    for name, value in (measured | {"WRITER_OUTPUT": Range(10, 20), "JUDGE_OUTPUT": Range(1, 2)}).items():
        monkeypatch.setattr(budgets, name, value)
    alone = estimate([request("word " * 100)] * 4, Prices(TABLE), "mine")
    read = estimate([request("word " * 100)] * 4, Prices(TABLE), "mine", "plain")
    assert (alone.calls, read.calls) == (6, 10)
    assert read.input - alone.input == 4 * (1000 + tokens_of("word " * 100))
    assert alone.output == (60, 120)
    assert read.output == (64, 128)
    assert alone.usd
    assert read.usd
    assert read.usd.low - alone.usd.low == pytest.approx(4 * (910 * 2 + 1 * 3) / 1e6)
    assert alone.usd.low == pytest.approx((0.85 * alone.input + 60 * 4) / 1e6, rel=0.05)


def test_an_estimate_without_a_price_has_no_dollars_and_one_of_nothing_is_nothing() -> None:
    assert estimate([request("x")], Prices({}), "nobody-knows-me").usd is None
    assert estimate([request("x")], Prices(TABLE), "mine", "nobody-knows-me").usd is None
    assert estimate([], Prices(TABLE), "mine", "mine") == (0, 0, (0, 0), (0, 0))


def test_an_estimate_of_many_papers_takes_no_more_memory_than_that_of_few() -> None:
    asked = request("word " * 100)
    peaks = []
    for papers in (100, 2000):
        tracemalloc.start()
        estimate((asked for _ in range(papers)), Prices(TABLE), "mine", "mine")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 20_000


def test_what_questions_share_is_cheap_at_the_low_end() -> None:
    shared = request("word " * 1000)
    (message,) = shared.messages
    marked = shared.model_copy(update={"messages": (message.model_copy(update={"shared": len(message.content)}),)})
    first, second = (estimate([one], Prices(TABLE), "mine") for one in (shared, marked))
    assert first.usd
    assert second.usd
    assert second.usd.low < first.usd.low
    assert second.usd.high == first.usd.high


@pytest.fixture(scope="module")
def cost() -> ModuleType:
    """The nights of `make eval`. The tokenizer's package reads its vocabulary in a way that Python 3.11 warns of."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        from tests.eval import cost

    return cost


@pytest.mark.parametrize(
    ("layout", "budget", "read"),
    [("sections", 0, True), ("bullets", 6000, True), ("easy", 6000, False)],
)
def test_a_recorded_night_spends_what_was_estimated(
    layout: str, budget: int, read: bool, cost: ModuleType, test_data: Path
) -> None:
    with cost.TextSources(test_data / "recordings") as sources:
        endpoint = cost.count(cost.Night("", budget=budget, layouts=(layout,), read=read), sources)
    first = [asked(plain(body)) for body in endpoint.calls if is_first(body)]
    expected = estimate(first, Prices({}), LUNA, LUNA if read else None)
    assert expected.calls == pytest.approx(len(endpoint.counted), rel=0.1)
    assert expected.input == pytest.approx(sum(call.input for call in endpoint.counted), rel=0.15)
    assert expected.output.low <= sum(call.output for call in endpoint.counted) <= expected.output.high
    spent = sum(cost_of(**usage(call)) for call in endpoint.counted)
    assert expected.usd
    assert expected.usd.low <= spent <= expected.usd.high


def is_first(body: dict[str, Any]) -> bool:
    """Whether a call asks the writer about a paper for the first time."""
    return len(body["messages"]) == 2 and "<items>" not in plain(body)["messages"][1]["content"]


def asked(body: dict[str, Any]) -> Request:
    """The request that a call carried out."""
    messages = tuple(Message(role=one["role"], content=one["content"]) for one in body["messages"])
    schema = body["response_format"]["json_schema"]["schema"]
    return request().model_copy(update={"messages": messages, "answer_schema": schema})


def usage(call: Call) -> dict[str, int]:
    """What the endpoint counted, as our records have it."""
    return {name: getattr(call, name) for name in ("input", "output", "cached", "written")}
