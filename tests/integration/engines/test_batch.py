"""The batch engine over HTTP, with a real ledger: nothing is lost or asked twice, whatever the provider does."""

import asyncio
import datetime as dt
import itertools
import json
import os
import resource
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline import ledger
from pipeline.core.budget import Budget, Prices
from pipeline.core.config import BudgetSettings, Price
from pipeline.core.errors import ConfigError, ModelUnavailable, SourceError
from pipeline.core.models import (
    Answer,
    Failed,
    HeldBack,
    Message,
    Outcome,
    Paper,
    Prompt,
    Request,
    SourceText,
    Summary,
)
from pipeline.core.pace import Throttle
from pipeline.engines import base, batch, live
from pipeline.engines.base import Job, Workload
from pipeline.engines.batch import Limits
from pipeline.llm.openai import OpenAIModel
from pipeline.llm.openai_batch import Batches
from pipeline.summarise.steps import State
from pipeline.workflows.calls import CallAccounting
from pipeline.workflows.context import RunContext, Writer
from tests.support import fakes
from tests.support.fake_batches import FakeBatches, Fate
from tests.support.fake_model import error
from tests.support.fakes import Asked

PROMPT = Prompt(name="p", version="1", hash="h")
NOW = dt.datetime(2024, 9, 1, tzinfo=dt.UTC)
PRICES = {name: Price(input=1.0, output=2.0) for name in ("writer-1", "reader-1")}
# Of one answer of the fake: 100 tokens in, 20 out.
WHOLE = (100 * 1.0 + 20 * 2.0) / 1_000_000
SOON = 0.001  # of the waits


def question(paper: Paper, said: str, model: str | None = None, attempt: int = 1) -> Request:
    return Request(
        layout="sections",
        paper=paper,
        source=SourceText(paper_id=paper.id, sentences=()),
        messages=(Message(role="system", content="s"), Message(role="user", content=said)),
        answer_schema={"type": "object"},
        max_tokens=20,
        model=model,
        attempt=attempt,
    )


def begin(job: Job) -> State:
    request = question(job.paper, f"{job.paper.id} first")
    return State(request=request, prompt=PROMPT, writer_request=request)


def advance(state: State, answer: Answer) -> State | Summary | HeldBack:
    """ "again" is asked again once, "read" has a second reader; everything else is the summary."""
    usage, paper = state.usage + answer.usage, state.writer_request.paper
    if answer.content == "again":
        request = question(paper, f"{paper.id} repair", attempt=2)
        return state.model_copy(update={"request": request, "writer_request": request, "usage": usage})
    if answer.content == "read":
        request = question(paper, f"{paper.id} reader", "reader-1")
        return state.model_copy(update={"request": request, "answer": answer, "usage": usage})
    return Summary(paper_id=paper.id, layout="sections", sections=(), prompt=PROMPT, usage=usage, model=answer.content)


def jobs(count: int) -> list[Job]:
    papers = (Paper(id=f"p{n}", title="A Paper", abstract="We study.", authors=("A.",)) for n in range(count))
    return [Job("sections", paper) for paper in papers]


def asked_in(body: dict[str, Any]) -> str:
    return str(body["messages"][1]["content"])


def rounds(body: dict[str, Any]) -> str:
    """Every tenth paper is repaired, and each is read by the second reader."""
    paper, kind = asked_in(body).split()
    if kind == "first" and paper.endswith("0"):
        return "again"
    return "done" if kind == "reader" else "read"


class Ran:
    """What a run came to."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.stopped: ModelUnavailable | None = None

    def of(self, kind: type[Outcome]) -> list[str]:
        return [outcome.paper_id for outcome in self.outcomes if isinstance(outcome, kind)]

    @property
    def reasons(self) -> set[str]:
        return {outcome.reason for outcome in self.outcomes if not isinstance(outcome, Summary)}


class Place:
    """A state folder, the provider, and runs that begin one after another."""

    def __init__(self, folder: Path, service: FakeBatches) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.service = folder, service
        self.limits, self.begin, self.budget = Limits(), begin, BudgetSettings()

    def run(self, todo: list[Job], scale: float = 0) -> Ran:
        """A whole run, as a process of its own would make it: every job has exactly one outcome at its end."""
        ran = Ran()
        with ledger.opened(self.folder) as book, asyncio.Runner() as runner:
            ran.stopped = runner.run(self._drive(todo, book, ran, scale))
        assert Counter(outcome.paper_id for outcome in ran.outcomes) == Counter(job.paper.id for job in todo)
        return ran

    async def _drive(self, todo: list[Job], book: ledger.Ledger, ran: Ran, scale: float) -> ModelUnavailable | None:
        model = OpenAIModel("writer-1", "key", self.service.base_url, 20.0, Throttle(4, 0))
        ask_live = partial(live.drive, model=model, concurrency=4, wait_scale=0)
        nothing = cast(Any, None)
        context = RunContext(
            nothing,
            book,
            self.folder,
            model.provider,
            NOW,
            NOW.date(),
            Writer(model, ask_live, nothing),
            book.begin_run("backfill", None, NOW),
            Prices(PRICES),
            Budget(self.budget, book.spent_since(NOW)),
            nothing,
        )
        work = Workload(todo, self.begin, advance, ran.outcomes.append, CallAccounting(context))
        try:
            return await batch.drive(work, Batches(model), ask_live, self.limits, scale)
        finally:
            await model.close()

    def calls(self) -> Counter[str]:
        """How many calls the ledger has, by state."""
        with ledger.opened(self.folder) as book:
            return Counter(dict(book.query("SELECT state, count(*) FROM calls GROUP BY state")))

    def spent(self) -> float:
        with ledger.opened(self.folder) as book:
            return book.spent_since(NOW)

    def open_batches(self) -> int:
        with ledger.opened(self.folder) as book:
            return len(book.open_batches())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with FakeBatches(lambda body: "done") as service:
        yield Place(tmp_path, service)


def bodies_of(service: FakeBatches) -> list[dict[str, Any]]:
    """What batches asked, as the bodies of calls."""
    return [line["body"] for line in service.lines]


def nothing_twice(service: FakeBatches) -> None:
    """No question was taken for work more than once, and nothing stays with the provider."""
    asked = Counter(map(asked_in, bodies_of(service)))
    assert asked and max(asked.values()) == 1
    assert not service.files.keys() - service.never_used


# ---- the whole way


def test_every_paper_is_settled_in_batches_at_half_the_price(place: Place) -> None:
    ran = place.run(jobs(20))
    assert (len(ran.of(Summary)), ran.stopped, len(place.service.batches)) == (20, None, 1)
    assert place.calls() == {"answered": 20}
    assert place.spent() == pytest.approx(20 * WHOLE / 2)
    assert (place.open_batches(), place.service.calls) == (0, [])
    nothing_twice(place.service)


def test_a_batch_is_in_the_ledger_before_anything_of_it_is_sent_and_its_id_before_it_is_polled(place: Place) -> None:
    known: dict[str, list[tuple[bool, bool]]] = {}

    def look(asked: Asked) -> None:
        with ledger.opened(place.folder) as book:
            found = [(one.file is not None, one.id is not None) for one in book.open_batches()]
        known.setdefault(f"{asked.method} {asked.path}", found)

    place.service.before = look
    place.run(jobs(3))
    assert known["POST /v1/files"] == [(False, False)]
    assert known["POST /v1/batches"] == [(True, False)]
    assert known["GET /v1/batches/batch_2"] == [(True, True)]


def test_what_follows_goes_into_further_batches_one_a_model(place: Place) -> None:
    place.service.say = rounds
    ran = place.run(jobs(20))
    assert len(ran.of(Summary)) == 20
    sizes = [(len(made.lines), made.lines[0]["body"]["model"]) for made in place.service.batches.values()]
    assert sorted(sizes) == [(2, "reader-1"), (2, "writer-1"), (18, "reader-1"), (20, "writer-1")]
    nothing_twice(place.service)


def test_batches_are_split_by_lines_and_by_bytes(place: Place) -> None:
    place.limits = Limits(lines=7)
    place.run(jobs(20))
    assert [len(made.lines) for made in place.service.batches.values()] == [7, 7, 6]
    line = len(Batches(OpenAIModel("writer-1", "k", None, 1, Throttle(1, 0))).line("1", begin(jobs(1)[0]).request))
    place.limits = Limits(bytes=5 * line + 200)
    place.service.batches.clear()
    place.run([Job("sections", job.paper.model_copy(update={"id": f"q{job.paper.id}"})) for job in jobs(20)])
    assert [len(made.lines) for made in place.service.batches.values()] == [5, 5, 5, 5]


def test_what_has_waited_long_enough_is_sent_while_further_texts_are_fetched(place: Place) -> None:
    place.limits = Limits(max_wait=0)
    assert len(place.run(jobs(3)).of(Summary)) == 3
    assert len(place.service.batches) == 3


def test_a_text_that_cannot_be_had_costs_its_paper_alone(place: Place) -> None:
    def fetch(job: Job) -> State:
        if job.paper.id == "p1":
            raise SourceError("arXiv", "http://x", "gone")
        return begin(job)

    place.begin = fetch
    ran = place.run(jobs(3))
    assert (ran.of(Failed), sorted(ran.of(Summary))) == (["p1"], ["p0", "p2"])


def test_an_answer_that_is_paid_for_is_not_asked_again(place: Place) -> None:
    place.run(jobs(5))
    ran = place.run(jobs(7))
    assert len(ran.of(Summary)) == 7
    assert place.calls() == {"answered": 7}
    nothing_twice(place.service)


def test_progress_is_told(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "pipeline.engines.batch")
    place.service.fates.append(Fate(polls=12))
    place.run(jobs(10))
    told = [record.message for record in caplog.records]
    assert any("10 questions" in said for said in told)
    assert sum("in_progress, 4 of 10 answered" in said for said in told) == 1
    assert told[-1].endswith("completed, 10 of 10 answered")


# ---- lines that fail, batches that stop


@pytest.mark.parametrize("status", [400, 429, 500])
def test_lines_that_failed_are_asked_live_at_the_full_price(place: Place, status: int) -> None:
    place.service.fates.append(Fate(status=lambda n: status if n % 5 == 0 else 200))
    ran = place.run(jobs(20))
    assert (len(ran.of(Summary)), ran.stopped) == (20, None)
    assert sorted(map(asked_in, place.service.calls)) == sorted(f"p{n} first" for n in (0, 5, 10, 15))
    assert place.calls() == {"answered": 20, "failed": 4}
    assert place.spent() == pytest.approx(16 * WHOLE / 2 + 4 * WHOLE)
    nothing_twice(place.service)


@pytest.mark.parametrize("ends", ["expired", "cancelled"])
@pytest.mark.parametrize("answered", [0.0, 0.5])
def test_what_a_stopped_batch_did_not_come_to_is_asked_live(place: Place, ends: Any, answered: float) -> None:
    place.service.fates.append(Fate(ends=ends, answered=answered))
    ran = place.run(jobs(20))
    assert (len(ran.of(Summary)), ran.stopped) == (20, None)
    assert len(place.service.calls) == 20 - 20 * answered
    assert place.calls()["in doubt"] == 0
    nothing_twice(place.service)


def test_a_stopped_batch_without_a_file_of_errors_was_not_charged_for_what_it_did_not_answer(place: Place) -> None:
    place.service.fates.append(Fate("cancelled", answered=0.5, silent=True))
    assert len(place.run(jobs(20)).of(Summary)) == 20
    assert (len(place.service.calls), place.calls()["in doubt"]) == (10, 0)


def test_a_batch_that_does_not_end_is_cancelled_and_what_it_has_is_taken_in(place: Place) -> None:
    place.limits = Limits(deadline=0.05)
    place.service.fates.append(Fate(ends="never", answered=0.5))
    ran = place.run(jobs(20))
    assert (len(ran.of(Summary)), len(place.service.calls)) == (20, 10)
    assert [made.status for made in place.service.batches.values()] == ["cancelled"]
    nothing_twice(place.service)


def test_a_line_that_fails_live_as_well_costs_its_paper_alone(place: Place) -> None:
    place.service.fates.append(Fate(status=lambda n: 400 if n == 3 else 200))
    place.service.queue_answers(error(400))
    ran = place.run(jobs(5))
    assert (ran.of(Failed), len(ran.of(Summary)), ran.stopped) == (["p3"], 4, None)


@pytest.mark.parametrize("answered", [0, 1])
def test_lines_that_fail_live_as_well_say_nothing_of_the_service_once_it_has_answered(
    place: Place, answered: int
) -> None:
    count = base.MAX_REJECTED + 10
    place.service.fates.append(Fate(status=lambda n: 200 if n < answered else 400))
    place.service.queue_answers(*[error(400)] * count)
    ran = place.run(jobs(count))
    assert (len(ran.of(Summary)), bool(ran.stopped)) == (answered, not answered)
    assert (len(place.service.calls) == count - answered) == bool(answered)


def test_no_thread_is_left_behind(place: Place) -> None:
    before = set(threading.enumerate())
    place.run(jobs(1))
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


# ---- batches that are refused


def test_a_batch_that_fails_validation_stops_with_the_providers_reason_and_costs_nothing(place: Place) -> None:
    place.service.fates.append(Fate("failed", errors=(("invalid_json_line", "Line 1 is not JSON."),)))
    ran = place.run(jobs(5))
    assert isinstance(ran.stopped, ModelUnavailable)
    assert "Line 1 is not JSON." in str(ran.stopped)
    assert len(ran.of(Failed)) == 5
    assert (place.calls(), place.spent(), place.open_batches()) == ({"failed": 5}, 0, 0)
    assert not place.service.files
    assert len(place.run(jobs(5)).of(Summary)) == 5


def test_once_a_batch_was_refused_no_other_is_sent(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    def slowly(job: Job) -> State:
        while job.paper.id == "p3" and "did not take batch" not in caplog.text:
            time.sleep(0.01)
        return begin(job)

    place.limits, place.begin = Limits(lines=2), slowly
    place.service.fates.append(Fate("failed", errors=(("empty_file", "Empty."),)))
    ran = place.run(jobs(5))
    assert (len(ran.of(Failed)), len(place.service.paths("/v1/files"))) == (5, 1)
    assert (place.calls(), place.open_batches()) == ({"failed": 3}, 0)


def test_what_does_not_fit_into_the_providers_queue_waits_for_the_batches_there(place: Place) -> None:
    place.limits, place.service.most_lines = Limits(lines=10), 20
    ran = place.run(jobs(50), SOON)
    assert (len(ran.of(Summary)), ran.stopped) == (50, None)
    nothing_twice(place.service)


def test_a_batch_that_is_too_large_for_the_queue_is_sent_in_halves(place: Place) -> None:
    place.service.most_lines, place.service.say = 6, rounds
    ran = place.run(jobs(40))
    assert (len(ran.of(Summary)), ran.stopped) == (40, None)
    assert max(len(made.lines) for made in place.service.batches.values() if made.status == "completed") <= 6
    nothing_twice(place.service)


def test_a_queue_that_takes_nothing_stops_the_run(place: Place) -> None:
    place.service.most_lines = 0
    ran = place.run(jobs(9))
    assert "Enqueued token limit reached" in str(ran.stopped)
    assert (len(ran.of(Failed)), place.spent(), place.open_batches()) == (9, 0, 0)


def test_a_service_without_batches_is_told_of_before_anything_is_fetched(place: Place) -> None:
    place.begin = lambda job: pytest.fail("a text was fetched")
    place.service.queue("/v1/batches", error(404))
    ran = place.run(jobs(3))
    assert "has no Batch API" in str(ran.stopped)
    assert ran.reasons == {str(ran.stopped)}
    assert place.service.asked[-1].path == "/v1/batches"


def test_a_key_that_is_refused_stops_the_run(place: Place) -> None:
    place.service.queue("/v1/batches", error(401))
    ran = place.run(jobs(3))
    assert "refuses the key" in str(ran.stopped)
    assert (len(ran.of(Failed)), place.calls()) == (3, {})


# ---- files that are lost or spoilt


def test_an_output_that_is_lost_may_have_been_charged_and_the_next_run_asks_again(place: Place) -> None:
    place.service.fates.append(Fate(gone=frozenset({"output"}), status=lambda n: 500 if n == 2 else 200))
    ran = place.run(jobs(5))
    assert (len(ran.of(Failed)), ran.of(Summary), ran.stopped) == (4, ["p2"], None)
    (reason,) = ran.reasons
    assert "no answer" in reason
    assert place.calls() == {"in doubt": 4, "failed": 1, "answered": 1}
    assert place.spent() > 4 * WHOLE / 2
    assert len(place.run(jobs(5)).of(Summary)) == 5
    assert place.calls() == {"in doubt": 4, "failed": 1, "answered": 5}


def test_errors_that_are_lost_cost_their_papers_alone(place: Place) -> None:
    place.service.fates.append(Fate(gone=frozenset({"errors", "input"}), status=lambda n: 500 if n == 2 else 200))
    ran = place.run(jobs(5))
    assert (ran.of(Failed), len(ran.of(Summary)), ran.stopped) == (["p2"], 4, None)


def test_an_input_that_is_deleted_before_the_batch_is_made_costs_its_papers(place: Place) -> None:
    place.limits = Limits(lines=3)
    posts = itertools.count()

    def lose(asked: Asked) -> None:
        if (asked.method, asked.path) == ("POST", "/v1/batches") and not next(posts):
            while len(place.service.paths("/v1/files")) < 2:  # the other batch is under way
                time.sleep(0.01)
            del place.service.files[json.loads(asked.body)["input_file_id"]]

    place.service.before = lose
    ran = place.run(jobs(6))
    assert (len(ran.of(Failed)), len(ran.of(Summary))) == (3, 3)
    assert place.spent() == pytest.approx(3 * WHOLE / 2)
    assert len(place.run(jobs(6)).of(Summary)) == 6
    nothing_twice(place.service)


def cut(output: bytes) -> bytes:
    return output[: len(output) // 2]


def rubbish(output: bytes) -> bytes:
    return b'\n{"custom_id": "1"}\n[' + b"[" * 100_000 + b"\n\xff\n" + output


def twice(output: bytes) -> bytes:
    return output + output


def of_others(output: bytes) -> bytes:
    others = (
        json.loads(line) | {"custom_id": name} for line, name in zip(output.splitlines(), ("99", "x"), strict=False)
    )
    return b"\n".join(json.dumps(line).encode() for line in others) + b"\n" + output


@pytest.mark.parametrize("spoil", [rubbish, twice, of_others])
def test_lines_that_say_nothing_of_ours_do_no_harm(place: Place, spoil: Callable[[bytes], bytes]) -> None:
    place.service.fates.append(Fate(spoil=spoil))
    assert len(place.run(jobs(5)).of(Summary)) == 5
    assert place.calls() == {"answered": 5}
    nothing_twice(place.service)


def test_answers_that_a_cut_output_lost_are_in_doubt(place: Place) -> None:
    place.service.fates.append(Fate(spoil=cut))
    ran = place.run(jobs(10))
    assert len(ran.of(Summary)) + len(ran.of(Failed)) == 10
    assert place.calls() == {"answered": len(ran.of(Summary)), "in doubt": len(ran.of(Failed))}
    assert 3 < len(ran.of(Summary)) < 7


def test_what_a_cut_output_of_a_stopped_batch_lost_is_in_doubt(place: Place) -> None:
    place.service.fates.append(Fate("expired", answered=0.5, spoil=cut))
    ran = place.run(jobs(10))
    assert (len(ran.of(Failed)), len(ran.of(Summary))) == (3, 7)
    assert place.calls() == {"answered": 7, "in doubt": 3, "failed": 5}


def test_an_output_that_does_not_come_whole_stays_for_the_next_run(place: Place) -> None:
    place.service.fates.append(Fate(cut=1000))
    ran = place.run(jobs(5))
    assert "the next run takes it in" in str(ran.stopped)
    assert (len(ran.of(Failed)), place.calls(), place.open_batches()) == (5, {"open": 5}, 1)
    place.service.cuts.clear()
    assert len(place.run(jobs(5)).of(Summary)) == 5
    assert place.calls() == {"answered": 5}
    nothing_twice(place.service)


# ---- answers that are lost, a provider out of reach


@pytest.mark.parametrize("path", ["/v1/files", "/v1/batches"])
def test_a_lost_answer_makes_no_second_batch(place: Place, path: str) -> None:
    place.service.lose[path] = 1
    assert len(place.run(jobs(5)).of(Summary)) == 5
    assert place.calls() == {"answered": 5}
    assert len(place.service.batches) == 1


def test_a_batch_whose_answer_never_came_is_found_by_the_next_run(place: Place) -> None:
    def only_one_answer(asked: Asked) -> None:
        if place.service.batches:
            place.service.queue(asked.path, *[error(503)] * 100)

    place.service.lose["/v1/batches"], place.service.after = 1, only_one_answer
    ran = place.run(jobs(5))
    assert "the next run looks" in str(ran.stopped)
    assert (len(ran.of(Failed)), place.calls(), place.open_batches()) == (5, {"open": 5}, 1)
    place.service.after = lambda asked: None
    place.service._queued.clear()
    assert len(place.run(jobs(5)).of(Summary)) == 5
    assert place.calls() == {"answered": 5}
    nothing_twice(place.service)


@pytest.mark.parametrize("served", ["before the file is deleted", "after the file is deleted"])
def test_a_batch_that_is_made_only_after_it_has_been_looked_for_is_not_made_twice(
    served: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway gives up a request that the service serves nevertheless."""
    looked, deleted, created = threading.Event(), threading.Event(), threading.Event()
    first, late, honest = served.startswith("before"), list[threading.Thread](), place.service.answer

    def serve(asked: Asked) -> None:
        assert (looked if first else deleted).wait(60)
        honest(asked)
        created.set()

    def answer(asked: Asked) -> fakes.Answer:
        if (asked.method, asked.path) == ("POST", "/v1/batches") and not late:
            late.append(threading.Thread(target=serve, args=(asked,)))
            late[0].start()
            return error(504)
        if asked.method == "DELETE" and first:
            looked.set()
            assert created.wait(60)
        said = honest(asked)
        if asked.method == "DELETE":
            deleted.set()
        return said

    monkeypatch.setattr(place.service, "answer", answer)
    assert len(place.run(jobs(4), SOON).of(Summary)) == 4
    late[0].join()
    assert (len(place.service.batches), place.calls(), place.open_batches()) == (1, {"answered": 4}, 0)
    nothing_twice(place.service)


def test_polls_that_fail_for_a_while_are_borne(place: Place) -> None:
    def some_fail(asked: Asked) -> None:
        if asked.method == "GET" and "/batch_" in asked.path and len(place.service.paths(asked.path)) == 1:
            place.service.queue(asked.path, error(500), error(502), error(429, headers={"retry-after": "1"}))

    place.service.before = some_fail
    assert len(place.run(jobs(5)).of(Summary)) == 5


def test_a_provider_out_of_reach_keeps_the_batch_for_the_next_run(place: Place) -> None:
    place.service.after = lambda asked: place.service.queue("/v1/batches/batch_2", *[error(503)] * 30)
    ran = place.run(jobs(5))
    assert "batch_2 stays there" in str(ran.stopped)
    assert len(ran.of(Failed)) == 5
    place.service.after = lambda asked: None
    place.service._queued.clear()
    assert len(place.run(jobs(5)).of(Summary)) == 5
    nothing_twice(place.service)


def test_a_batch_that_the_provider_forgot_is_in_doubt(place: Place) -> None:
    place.service.after = lambda asked: place.service.batches.clear()
    ran = place.run(jobs(5))
    assert (len(ran.of(Failed)), place.calls(), ran.stopped) == (5, {"in doubt": 5}, None)


# ---- budgets


def test_once_a_budget_is_spent_the_others_are_held_back(place: Place) -> None:
    place.budget = BudgetSettings(usd_per_run=12 * WHOLE)
    ran = place.run(jobs(100))
    assert ran.stopped is None
    assert len(ran.of(Summary)) > 12
    assert len(ran.of(Summary)) + len(ran.of(HeldBack)) == 100
    assert all(reason.startswith("budget: ") for reason in ran.reasons)
    assert place.spent() <= 12 * WHOLE
    assert len(place.service.batches) > 1  # what calls under way left was used
    nothing_twice(place.service)


# ---- a full disk


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file can grow beyond a megabyte: the system says so as it says that a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_is_told_of_and_nothing_is_sent(place: Place) -> None:
    def long(job: Job) -> State:
        request = question(job.paper, f"{job.paper.id} {'long ' * 30_000}")
        return State(request=request, prompt=PROMPT, writer_request=request)

    place.begin = long
    with pytest.raises(ConfigError, match="has no room for the files of a batch"):
        place.run(jobs(20))
    assert not place.service.paths("/v1/files")
    place.begin = begin
    assert len(place.run(jobs(20)).of(Summary)) == 20


# ---- the whole at once, and interruptions


def few_rounds(body: dict[str, Any]) -> str:
    """Every tenth paper is repaired, another tenth read by the second reader."""
    paper, kind = asked_in(body).split()
    return {"0": "again", "5": "read"}.get(paper[-1], "done") if kind == "first" else "done"


def test_of_2000_papers_with_failing_lines_and_an_expired_batch_none_is_lost_or_doubled(place: Place) -> None:
    faults = (400, 429, 500)
    place.service.fates.extend(
        [Fate(status=lambda n: faults[n // 33 % 3] if n % 33 == 0 else 200), Fate("expired", answered=0.5)]
    )
    place.service.say, place.limits = few_rounds, Limits(lines=1000)
    ran = place.run(jobs(2000))
    assert (len(ran.of(Summary)), ran.stopped) == (2000, None)
    failing, expired = 31, 500
    assert place.calls() == {"answered": 2400, "failed": failing + expired}
    live, batched = (Counter(map(asked_in, bodies)) for bodies in (place.service.calls, bodies_of(place.service)))
    assert max(live.values()) == max(batched.values()) == 1
    assert sum(live.values()) >= failing + expired  # and what followed from their answers
    assert sum((batched + live).values()) == 2400 + failing + expired
    assert place.spent() == pytest.approx((2400 - sum(live.values())) * WHOLE / 2 + sum(live.values()) * WHOLE)
    assert not place.service.files


def repaired(body: dict[str, Any]) -> str:
    """One paper is repaired."""
    return "again" if asked_in(body) == "p1 first" else "done"


def undisturbed(folder: Path) -> list[str]:
    """What the service is asked for, in order, when nothing goes wrong."""
    with FakeBatches(repaired) as service:
        Place(folder, service).run(jobs(4))
        return [f"{asked.method} {asked.path}" for asked in service.asked]


def test_interrupted_at_any_request_and_run_again_nothing_is_submitted_twice(tmp_path: Path) -> None:
    steps = undisturbed(tmp_path / "undisturbed")
    assert len(steps) == 1 + 2 * len("upload create poll poll download delete delete".split())
    for number, step in enumerate(steps):
        _interrupted(tmp_path / f"before {number}", number, "before")
        if not step.startswith("GET"):  # which has no effect
            _interrupted(tmp_path / f"after {number}", number, "after")


def _interrupted(folder: Path, number: int, moment: str) -> None:
    """A run that gets Ctrl-C at one request, before or after its effect, and another one to the end."""
    with FakeBatches(repaired) as service:

        def interrupt(asked: Asked) -> None:
            if len(service.asked) == number + 1:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.05)  # that the client is gone when the answer comes

        setattr(service, moment, interrupt)
        place = Place(folder, service)
        with pytest.raises(KeyboardInterrupt):
            place.run(jobs(4))
        ran = place.run(jobs(4))
        assert (len(ran.of(Summary)), ran.stopped) == (4, None)
        assert place.calls()["answered"] == 5
        assert place.open_batches() == 0
        nothing_twice(service)


@pytest.mark.parametrize("served", ["before the file is deleted", "after the file is deleted"])
def test_a_batch_that_is_made_only_after_the_next_run_has_looked_for_it_is_not_made_twice(
    served: str, place: Place
) -> None:
    looked, created, deleted = threading.Event(), threading.Event(), threading.Event()
    first = served.startswith("before")

    def before(asked: Asked) -> None:
        if (asked.method, asked.path) == ("POST", "/v1/batches") and not looked.is_set():
            os.kill(os.getpid(), signal.SIGINT)
            assert (looked if first else deleted).wait(60)
        if asked.method == "DELETE" and first:
            assert created.wait(60)

    def after(asked: Asked) -> None:
        if asked.method == "GET" and asked.query.get("limit") == "100":
            looked.set()
        if asked.method == "POST" and asked.path == "/v1/batches":
            created.set()
        if asked.method == "DELETE":
            deleted.set()

    place.service.before, place.service.after = before, after
    with pytest.raises(KeyboardInterrupt):
        place.run(jobs(4))
    assert len(place.run(jobs(4)).of(Summary)) == 4
    assert (len(place.service.batches), place.calls()["answered"], place.open_batches()) == (1, 4, 0)
    nothing_twice(place.service)
