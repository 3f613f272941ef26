"""The golden digests, written anew over HTTP: byte for byte, and what the real gate makes of them."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx2
import pytest

from pipeline import ledger
from pipeline.archive import record
from pipeline.core.budget import Budget, Prices
from pipeline.core.config import BudgetSettings
from pipeline.core.http import ArxivAccess
from pipeline.core.models import Claim, Finding, LayoutName, Paper, Section, SourceText
from pipeline.core.pace import Pace, Throttle
from pipeline.core.retry import retrying
from pipeline.engines.live import drive
from pipeline.llm.openai import OpenAIModel
from pipeline.ops.account import NightAccount
from pipeline.sources.web import Web
from pipeline.summarise.steps import Verify
from pipeline.verify import gate
from pipeline.workflows.context import RunContext, Writer
from pipeline.workflows.night import Order, run_nights
from tests.support import golden
from tests.support.fake_model import FakeModel
from tests.support.fakes import FakeSources

DAYS = ("2024-06-13", "2024-08-22", "2024-10-07")
NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        yield server


def replay(day: str, verify: Verify, sources: FakeSources, model: FakeModel, folder: Path) -> NightAccount:
    golden.list_day(sources, day)
    model.say = partial(golden.say, golden.answers_of(day))
    pace = Pace(0, folder / "arxiv.lock")
    with httpx2.Client() as client:
        urls = sources.hf_url, sources.arxiv_url, sources.url
        web = Web("golden list", ArxivAccess(client, pace.turn, retrying), *urls, text_budget=0)
        endpoint = OpenAIModel("fake", None, model.base_url, 30, Throttle(4))
        writer = Writer(endpoint, partial(drive, model=endpoint, concurrency=4), verify)
        with ledger.opened(folder) as book, asyncio.Runner() as runner:
            run = book.begin_run("run", None, NOW)
            prices, budget = Prices({}), Budget(BudgetSettings())
            context = RunContext(
                web, book, folder / "output", endpoint.provider, NOW, NOW.date(), writer, run, prices, budget, runner
            )
            (report,) = run_nights(Order(dt.date.fromisoformat(day), ("sections",), NOW.date()), context)
            runner.run(writer.model.close())
            return report


def gate_without_citations(
    sections: tuple[Section, ...], claims: tuple[Claim, ...], layout: LayoutName, paper: Paper, source: SourceText
) -> tuple[Finding, ...]:
    """The real gate. Papers of our own making hold figures and names, no sentences for a citation to rest on."""
    uncited = tuple(claim.model_copy(update={"cites": ()}) for claim in claims)
    return gate(sections, uncited, layout, paper, source)


@pytest.mark.parametrize("day", DAYS)
def test_golden_digests_are_written_byte_for_byte(
    day: str, fake_sources: FakeSources, model: FakeModel, tmp_path: Path
) -> None:
    (layout,) = replay(day, lambda *_: (), fake_sources, model, tmp_path).accounts
    assert Path(layout.path).read_bytes().decode() == golden.text_of(day)
    assert layout.state == "published"


def test_the_real_gate_holds_back_what_does_not_deserve_print(
    fake_sources: FakeSources, model: FakeModel, tmp_path: Path
) -> None:
    held: dict[str, set[str]] = {}
    for day in DAYS:
        (layout,) = replay(day, gate_without_citations, fake_sources, model, tmp_path).accounts
        written = record.load(Path(layout.path))
        assert written
        held |= {paper.id: {finding.rule for finding in paper.findings} for paper in written.held_back}
    assert held == {"2406.08487": {"language/style"}}  # no second reader, so what is suspected is left out
