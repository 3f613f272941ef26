"""The engine: every job gets one outcome, every attempt is booked, whatever the service, a budget or the clock does."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

import pytest

from pipeline.core.budget import Budget
from pipeline.core.config import BudgetSettings
from pipeline.core.errors import AskedElsewhere, BudgetSpent, KeyRefused, ModelError, ModelUnavailable, SourceError
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
    Usage,
)
from pipeline.core.pace import Throttle
from pipeline.core.retry import Transient
from pipeline.engines.base import MAX_REJECTED, Begin, Job, Workload
from pipeline.engines.live import drive
from pipeline.llm.openai import OpenAIModel
from pipeline.summarise.steps import State
from tests.support import fakes
from tests.support.accounting import NoAccounting
from tests.support.fake_model import FakeModel, completion, error

PROMPT = Prompt(name="p", version="1", hash="h")


class Passing(ModelError, Transient):
    """A fault that may pass; `in_doubt` as given."""

    def __init__(self, in_doubt: bool = False) -> None:
        super().__init__("the model could not be asked: a fault")
        self.in_doubt = in_doubt


class Scripted:
    """A model in process. `replies` are its next answers and errors, then it answers "yes"; `asked` are paper ids."""

    provider, name, attempts = "scripted", "scripted-1", 3

    def __init__(self, *replies: str | Exception) -> None:
        self.replies, self.asked = list(replies), list[str]()
        self.hangs: set[str] = set()

    def turn(self) -> AbstractAsyncContextManager["Scripted"]:
        return nullcontext(self)

    async def complete(self, request: Request) -> Answer:
        self.asked.append(request.paper.id)
        if request.paper.id in self.hangs:
            await asyncio.sleep(3600)
        reply = self.replies.pop(0) if self.replies else "yes"
        if isinstance(reply, Exception):
            raise reply
        return Answer(content=reply, usage=Usage(input=10, output=1))

    async def close(self) -> None:
        """Nothing to release."""


class Kept(NoAccounting):
    """Accounting in memory: what happened to each call, in order; after `affordable` calls no more may be reserved."""

    def __init__(self, affordable: int = 1_000_000, paid: dict[str, Answer] | None = None) -> None:
        self.entries: list[tuple[str, int]] = []
        self.errors: list[ModelError] = []
        self.affordable, self.paid, self.calls = affordable, paid or {}, 0

    async def recall(self, request: Request) -> Answer | None:
        return self.paid.get(request.paper.id)

    async def reserve(self, request: Request) -> int:
        if self.calls >= self.affordable:
            raise BudgetSpent("the budget of 1.00 USD per run is spent")
        self.calls += 1
        self.entries.append(("reserved", self.calls))
        return self.calls

    async def record(self, call: int, answer: Answer) -> None:
        self.entries.append(("recorded", call))

    async def release(self, call: int, error: ModelError) -> None:
        self.entries.append(("released", call))
        self.errors.append(error)

    @property
    def open(self) -> set[int]:
        """The calls in doubt."""
        return {call for what, call in self.entries if what == "reserved"} - {
            call for what, call in self.entries if what != "reserved"
        }


def state(paper_id: str) -> State:
    paper = Paper(id=paper_id, title="A Paper", abstract="We study.", authors=("A.",))
    request = Request(
        layout="sections",
        paper=paper,
        source=SourceText(paper_id=paper_id, sentences=()),
        messages=(Message(role="user", content=paper_id),),
        answer_schema={},
    )
    return State(request=request, prompt=PROMPT, writer_request=request)


def job(paper_id: str) -> Job:
    return Job("sections", state(paper_id).request.paper)


def jobs(count: int) -> list[Job]:
    return [job(f"p{number}") for number in range(count)]


def first(one: Job) -> State:
    return state(one.paper.id)


def slow(begin: Callable[[], State]) -> Begin:
    """Every job is begun at once but the one named "slow"."""
    return lambda one: begin() if one.paper.id == "slow" else first(one)


def work(
    todo: list[Job], done: Callable[[Outcome], None], accounting: NoAccounting | None = None, begin: Begin = first
) -> Workload:
    return Workload(todo, begin, advance, done, accounting or NoAccounting())


def advance(asked: State, answer: Answer) -> State | Summary | HeldBack:
    """Whatever is answered is the summary, but "again" is asked again."""
    usage, request = asked.usage + answer.usage, asked.writer_request
    if answer.content == "again":
        request = request.model_copy(update={"attempt": request.attempt + 1})
        return asked.model_copy(update={"request": request, "writer_request": request, "usage": usage})
    return Summary(paper_id=request.paper.id, layout=request.layout, sections=(), prompt=PROMPT, usage=usage)


class Done(list[Outcome]):
    """The outcomes as they came."""

    def of(self, kind: type[Outcome]) -> list[str]:
        return [outcome.paper_id for outcome in self if isinstance(outcome, kind)]

    def reasons(self) -> set[str]:
        return {outcome.reason for outcome in self if not isinstance(outcome, Summary)}


def settle(
    todo: list[Job],
    model: Scripted,
    accounting: Kept | None = None,
    concurrency: int = 1,
    deadline: float | None = None,
    begin: Begin = first,
) -> tuple[Done, ModelUnavailable | None]:
    done = Done()
    given = work(todo, done.append, accounting, begin)
    stopped = asyncio.run(drive(given, model, concurrency, deadline=deadline, wait_scale=0))
    assert Counter(outcome.paper_id for outcome in done) == Counter(one.paper.id for one in todo)
    return done, stopped


# ---- accounting


def test_every_call_is_reserved_then_recorded() -> None:
    accounting = Kept()
    done, stopped = settle(jobs(2), Scripted("again"), accounting)
    assert (len(done.of(Summary)), stopped) == (2, None)
    assert accounting.entries == [(what, call) for call in (1, 2, 3) for what in ("reserved", "recorded")]


def test_an_answer_is_recorded_before_anything_is_made_of_it() -> None:
    accounting, seen = Kept(), list[tuple[str, int]]()

    def look(asked: State, answer: Answer) -> State | Summary | HeldBack:
        seen.append(accounting.entries[-1])
        return advance(asked, answer)

    given = work(jobs(1), lambda outcome: None, accounting)._replace(advance=look)
    asyncio.run(drive(given, Scripted(), 1))
    assert seen == [("recorded", 1)]


def test_each_attempt_that_fails_is_released_with_its_error() -> None:
    accounting, doubtful = Kept(), Passing(in_doubt=True)
    done, _ = settle(jobs(1), Scripted(Passing(), doubtful), accounting)
    assert done.of(Summary) == ["p0"]
    assert [what for what, _ in accounting.entries] == ["reserved", "released"] * 2 + ["reserved", "recorded"]
    assert [failure.in_doubt for failure in accounting.errors] == [False, True]


def test_five_attempts_then_the_paper_has_failed() -> None:
    accounting = Kept()
    done, stopped = settle(jobs(2), Scripted(*[Passing() for _ in range(5)]), accounting)
    assert (done.of(Failed), done.of(Summary), stopped) == (["p0"], ["p1"], None)
    assert (len(accounting.errors), accounting.open) == (5, set())


def test_a_fault_that_does_not_pass_is_not_tried_again() -> None:
    model = Scripted(ModelError("rejected"))
    done, _ = settle(jobs(2), model)
    assert (done.of(Failed), model.asked) == (["p0"], ["p0", "p1"])


def test_what_is_paid_for_is_not_asked_again() -> None:
    model = Scripted()
    done, _ = settle(jobs(3), model, Kept(paid={"p1": Answer(content="yes")}))
    assert len(done.of(Summary)) == 3
    assert model.asked == ["p0", "p2"]


def test_an_answer_that_cannot_be_recorded_ends_the_drive_with_that_very_error() -> None:
    class Full(Kept):
        async def record(self, call: int, answer: Answer) -> None:
            raise OSError("no space")

    model = Scripted()
    with pytest.raises(OSError, match="no space"):
        settle(jobs(9), model, Full(), concurrency=2)
    assert len(model.asked) <= 2


# ---- a budget, a refused key, a source


def test_once_a_budget_is_spent_every_paper_is_held_back_and_nobody_is_asked() -> None:
    accounting, model, begun = Kept(affordable=3), Scripted("yes", "again", "again"), list[str]()

    def begin(one: Job) -> State:
        begun.append(one.paper.id)
        return first(one)

    done, stopped = settle(jobs(9), model, accounting, begin=begin)
    assert (model.asked, begun, stopped) == (["p0", "p1", "p1"], ["p0", "p1"], None)
    assert done.of(HeldBack) == [f"p{number}" for number in range(1, 9)]
    assert done.reasons() == {"budget: the budget of 1.00 USD per run is spent"}
    held = [outcome for outcome in done if isinstance(outcome, HeldBack)]
    assert [(one.attempts, one.usage.input) for one in held[:2]] == [(2, 20), (0, 0)]


def test_what_is_paid_for_is_used_beyond_the_budget() -> None:
    accounting = Kept(affordable=0, paid={"p0": Answer(content="yes")})
    done, _ = settle(jobs(2), Scripted(), accounting)
    assert (done.of(Summary), done.of(HeldBack)) == (["p0"], ["p1"])


def test_while_the_reader_is_asked_the_writers_attempt_counts() -> None:
    asked = state("p0").model_copy(update={"answer": Answer(content="draft"), "usage": Usage(input=10)})
    done, _ = settle(jobs(1), Scripted(), Kept(affordable=0), begin=lambda one: asked)
    (held,) = done
    assert isinstance(held, HeldBack)
    assert (held.attempts, held.usage.input) == (1, 10)


@pytest.mark.parametrize("refusal", [KeyRefused("no such key"), ModelUnavailable("quota exhausted")])
def test_who_refuses_everybody_in_mid_run_is_not_asked_again(refusal: ModelUnavailable) -> None:
    model = Scripted("yes", refusal)
    done, stopped = settle(jobs(50), model)
    assert stopped is refusal
    assert (model.asked, done.of(Summary)) == (["p0", "p1"], ["p0"])
    assert done.reasons() == {str(refusal)}


def test_who_waited_for_another_attempt_does_not_ask_once_all_are_refused() -> None:
    class Late(Scripted):
        async def complete(self, request: Request) -> Answer:
            self.asked.append(request.paper.id)
            if request.paper.id == "p0":
                await refused.wait()
                raise Passing
            refused.set()
            raise KeyRefused("no such key")

    refused, model = asyncio.Event(), Late()
    done, stopped = settle(jobs(9), model, concurrency=2)
    assert (model.asked, len(done.of(Failed))) == (["p0", "p1"], 9)
    assert isinstance(stopped, KeyRefused)


def test_five_papers_in_a_row_that_nobody_answers_about_end_the_calls() -> None:
    model = Scripted(*[Passing()] * 250)
    done, stopped = settle(jobs(50), model)
    assert len(model.asked) == 5 * 5
    assert "5 papers in a row could not be asked about: the model could not be asked" in str(stopped)
    assert len(done.of(Failed)) == 50


def test_one_paper_in_several_layouts_is_one_that_cannot_be_asked_about() -> None:
    one, other = (job("p0").paper, job("p1").paper)
    todo = [Job(layout, paper) for paper in (one, other) for layout in ("sections", "easy", "bullets")]
    done, model = Done(), Scripted(*[Passing()] * 25)
    assert asyncio.run(drive(work(todo, done.append), model, 1, wait_scale=0)) is None
    assert (len(done.of(Failed)), len(done.of(Summary))) == (5, 1)


@pytest.mark.parametrize("answered", [0, 7])
def test_papers_that_are_rejected_for_their_own_sake_cost_themselves_alone(answered: int) -> None:
    model = Scripted(*["yes"] * answered, *[ModelError("too long")] * (MAX_REJECTED - 1), "yes")
    model.replies += [ModelError("too long")] * MAX_REJECTED
    done, stopped = settle(jobs(len(model.replies) + 1), model)
    assert (len(done.of(Summary)), len(done.of(Failed)), stopped) == (answered + 2, 2 * MAX_REJECTED - 1, None)


def test_a_service_that_rejects_whatever_it_is_asked_is_not_asked_about_every_paper() -> None:
    model = Scripted(*[ModelError("no such option")] * 1000)
    done, stopped = settle(jobs(1000), model)
    assert (len(model.asked), len(done.of(Failed))) == (MAX_REJECTED, 1000)
    assert "rejected: no such option" in str(stopped)


def test_what_is_asked_in_a_batch_says_nothing_of_the_model() -> None:
    class Batched(Kept):
        async def reserve(self, request: Request) -> int:
            if request.paper.id in batched:
                raise AskedElsewhere("batch b has it")
            return await super().reserve(request)

    batched = {f"p{number}" for number in range(6)}
    done, stopped = settle(jobs(8), Scripted(), Batched())
    assert (set(done.of(Failed)), done.of(Summary), stopped) == (batched, ["p6", "p7"], None)
    assert done.reasons() == {"batch b has it"}
    batched = {"p1", "p3"}
    model = Scripted(*[Passing()] * 50)
    _, stopped = settle(jobs(50), model, Batched())
    assert list(dict.fromkeys(model.asked)) == ["p0", "p2", "p4", "p5", "p6"]
    assert isinstance(stopped, ModelUnavailable)


def test_a_text_that_cannot_be_had_costs_its_paper_alone() -> None:
    def begin() -> State:
        raise SourceError("arXiv", "http://x", "gone")

    done, _ = settle([job("slow"), *jobs(2)], Scripted(), begin=slow(begin))
    assert (done.of(Failed), done.of(Summary)) == (["slow"], ["p0", "p1"])


def test_a_bug_ends_the_drive_as_itself() -> None:
    def begin() -> State:
        raise KeyError("bug")

    with pytest.raises(KeyError, match="bug"):
        settle([job("slow")], Scripted(), begin=slow(begin))


# ---- the deadline, and interruptions


def test_after_the_deadline_nothing_is_fetched_or_asked_and_every_paper_has_failed() -> None:
    accounting, model, begun = Kept(), Scripted(), list[str]()
    model.hangs = {"p1", "p2"}

    def begin(one: Job) -> State:
        begun.append(one.paper.id)
        return first(one)

    done, stopped = settle(jobs(50), model, accounting, concurrency=2, deadline=1.5, begin=begin)
    assert (done.of(Summary), len(done.of(Failed)), stopped) == (["p0"], 49, None)
    assert begun == model.asked == ["p0", "p1", "p2"]
    assert done.reasons() == {"the deadline of 1.5 s (PIPELINE_DEADLINE) passed before this paper was settled"}
    assert (accounting.open, [error.in_doubt for error in accounting.errors]) == (set(), [True, True])


def test_calls_that_the_deadline_cut_off_have_cost_the_most_and_nobody_waits_for_their_end() -> None:
    class Paid(Kept):
        async def reserve(self, request: Request) -> int:
            await budget.reserve(1.0)
            return await super().reserve(request)

        async def record(self, call: int, answer: Answer) -> None:
            budget.settle(1.0, 0.5)

        async def release(self, call: int, error: ModelError) -> None:
            budget.settle(1.0, 1.0 if error.in_doubt else 0.0)

    async def two_windows() -> None:
        model, first, second = Scripted(), Done(), Done()
        model.hangs = {"p0", "p1"}
        await drive(work(jobs(2), first.append, Paid()), model, 2, deadline=0.2, wait_scale=0)
        assert (budget.spent, budget.reserved, len(first.of(Failed))) == (2.0, 0.0, 2)
        async with asyncio.timeout(20):
            await drive(work([job("p2"), job("p3")], second.append, Paid()), model, 2, wait_scale=0)
        assert (second.of(Summary), second.of(HeldBack)) == (["p2"], ["p3"])

    budget = Budget(BudgetSettings(usd_per_run=3.4))
    asyncio.run(two_windows())


def test_the_deadline_does_not_wait_for_a_text() -> None:
    never = threading.Event()

    def begin() -> State:
        never.wait(3600)
        raise AssertionError

    done, _ = settle([job("slow"), *jobs(3)], Scripted(), concurrency=4, deadline=0.3, begin=slow(begin))
    assert len(done.of(Failed)) == 4  # texts are fetched one at a time
    never.set()


def test_a_wait_between_two_attempts_ends_with_the_deadline() -> None:
    model = Scripted(*[Passing()] * 5)
    done = Done()
    asyncio.run(drive(work(jobs(1), done.append), model, 1, deadline=0.3, wait_scale=1000))
    assert (len(model.asked), done.of(Failed)) == (1, ["p0"])


def test_a_cancelled_drive_leaves_a_fetch_behind_and_puts_its_calls_in_doubt() -> None:
    accounting, model, never = Kept(), Scripted(), threading.Event()
    model.hangs = {"p0"}

    def begin() -> State:
        asked.set()
        never.wait(3600)
        raise AssertionError

    asked = threading.Event()

    async def interrupted() -> None:
        given = work([*jobs(1), job("slow")], Done().append, accounting, slow(begin))
        driving = asyncio.create_task(drive(given, model, 2))
        await asyncio.to_thread(asked.wait)
        driving.cancel()
        await driving

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())
    assert (accounting.open, [error.in_doubt for error in accounting.errors]) == (set(), [True])
    never.set()


FETCHING = """
import asyncio, signal, time
from pipeline.engines.live import drive
from tests.integration.engines.test_live import Scripted, job, work

def begin(job):
    print("fetching", flush=True)
    time.sleep(3600)

signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    asyncio.run(drive(work([job("slow")], print, begin=begin), Scripted(), 2))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_does_not_wait_for_a_text(sent: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", FETCHING], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "fetching\n"
        process.send_signal(sent)
        assert process.communicate(timeout=60)[0] == "interrupted\n"
    assert process.returncode == 0


# ---- a real service over HTTP


class Service(FakeModel):
    """Answers after a moment and counts how many it serves at once; `judge` may refuse a call by its number from 1."""

    def __init__(self, judge: Callable[[int], fakes.Answer | None] = lambda number: None) -> None:
        super().__init__()
        self.judge, self.guard, self.now, self.peaks, self.served = judge, threading.Lock(), 0, list[int](), 0

    def answer(self, asked: fakes.Asked) -> fakes.Answer:
        with self.guard:
            self.now, self.served = self.now + 1, self.served + 1
            self.peaks.append(self.now)
            reply = self.judge(self.served)
        time.sleep(0.02)
        with self.guard:
            self.now -= 1
        return reply or completion("yes")


@pytest.fixture
def accounting() -> Kept:
    return Kept()


def over_http(
    service: Service,
    count: int,
    accounting: Kept,
    concurrency: int = 8,
    scale: float = 0,
    deadline: float | None = None,
) -> Done:
    done, todo = Done(), jobs(count)

    async def night() -> None:
        model = OpenAIModel("m", None, service.base_url, 60, Throttle(concurrency, scale))
        await drive(work(todo, done.append, accounting), model, concurrency, deadline=deadline, wait_scale=scale)
        await model.close()

    asyncio.run(night())
    assert len(done) == count
    return done


def storm(first: int, last: int, headers: dict[str, str]) -> Callable[[int], fakes.Answer | None]:
    return lambda number: error(429, headers=headers) if first <= number <= last else None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"retry-after": "2"},
        {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"},
        {"retry-after-ms": "500"},
        {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s"},
    ],
)
def test_a_storm_of_refusals_slows_everybody_down_and_passes(headers: dict[str, str], accounting: Kept) -> None:
    with Service(storm(21, 38, headers)) as service:
        # With shorter waits a slow machine refuses one paper five times before the storm is over.
        done = over_http(service, 90, accounting, scale=0.01)
    assert len(done.of(Summary)) == 90
    assert max(service.peaks) <= 8
    assert max(service.peaks[:20]) > 1
    assert service.peaks[36:39] == [1, 1, 1]  # halved and halved again
    assert max(service.peaks[60:]) > 2  # and recovered, one by one
    assert accounting.open == set()


def test_nobody_begins_before_the_moment_that_the_service_asked_for(accounting: Kept) -> None:
    with Service(storm(9, 9, {"retry-after": "50"})) as service:
        over_http(service, 40, accounting, scale=0.02)
    refused = service.asked[8].at
    meanwhile = [asked for asked in service.asked[9:] if asked.at - refused < 0.95]
    assert len(meanwhile) <= 14  # seven under way, and what followed them before the refusal was heard
    assert len(service.asked) == 41


def test_a_wait_of_an_hour_is_cut_and_the_papers_fail_rather_than_hang(accounting: Kept) -> None:
    with Service(lambda number: error(429, headers={"retry-after": "3600"})) as service:
        done = over_http(service, 30, accounting, concurrency=4, scale=0.001)
    assert len(done.of(Failed)) == 30
    assert len(service.asked) < 50


@pytest.mark.parametrize("grant", [3, 10])
def test_what_the_service_grants_is_not_exceeded(grant: int, accounting: Kept) -> None:
    """A service that grants so many calls a second, and says so with every answer."""
    windows: Counter[int] = Counter()

    def judge(number: int) -> fakes.Answer | None:
        window = int(time.monotonic() / 0.5)
        windows[window] += 1
        left = grant - windows[window]
        headers = {
            "x-ratelimit-remaining-requests": str(max(left, 0)),
            "x-ratelimit-reset-requests": f"{((window + 1) * 0.5 - time.monotonic()) * 1000 + 5:.0f}ms",
        }
        return fakes.Answer(body=completion("yes").body, headers=headers) if left >= 0 else error(429, headers=headers)

    with Service(judge) as service:
        done = over_http(service, 3 * grant + 2, accounting, concurrency=1, scale=1)
    assert len(done.of(Summary)) == 3 * grant + 2
    assert accounting.errors == []
    assert max(windows.values()) <= grant  # fewer where the machine is too busy to ask that often


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [(error(401), KeyRefused), (error(429, "insufficient_quota"), ModelUnavailable)],
)
def test_a_service_that_refuses_all_in_mid_run_is_left_alone(
    refusal: fakes.Answer, kind: type[ModelUnavailable], accounting: Kept
) -> None:
    with Service(lambda number: refusal if number > 10 else None) as service:
        done = over_http(service, 50, accounting)
    assert (len(done.of(Summary)), len(done.of(Failed))) == (10, 40)
    assert len(service.asked) <= 10 + 8
    assert all(isinstance(failure, kind) for failure in accounting.errors)
    assert accounting.open == set()


FAULTS = [
    error(500),
    error(502),
    error(503),
    error(529),
    fakes.Answer(body=b"<html>are you a robot?</html>", content_type="text/html"),
    fakes.Answer(body=b'{"choices": ['),
    fakes.Answer(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
    fakes.Answer(body=completion("yes").body, cut=30),
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_costs_no_paper(fault: fakes.Answer, accounting: Kept) -> None:
    class Faulty(Service):
        """Fails at the first call about each paper."""

        def __init__(self) -> None:
            super().__init__()
            self.seen: set[bytes] = set()

        def answer(self, asked: fakes.Asked) -> fakes.Answer:
            with self.guard:
                first = asked.body not in self.seen
                self.seen.add(asked.body)
            return fault if first else super().answer(asked)

    with Faulty() as service:
        done = over_http(service, 20, accounting, concurrency=4)
    assert len(done.of(Summary)) == 20
    assert (len(service.asked), len(accounting.errors), accounting.open) == (40, 20, set())


def test_who_waits_for_the_service_at_the_deadline_is_not_in_doubt(accounting: Kept) -> None:
    with Service(lambda number: error(429, headers={"retry-after": "3600"})) as service:
        done = over_http(service, 20, accounting, concurrency=4, scale=100, deadline=1)
    assert (len(done.of(Failed)), accounting.open) == (20, set())
    assert len(service.asked) <= 4


@pytest.mark.parametrize(
    "poison", [completion("x" * 5_000_000), fakes.Answer(status=307, headers={"Location": "/v1/chat/completions"})]
)
def test_one_poisonous_paper_among_fifty_fails_alone(poison: fakes.Answer, accounting: Kept) -> None:
    class Poisoned(Service):
        def answer(self, asked: fakes.Asked) -> fakes.Answer:
            return poison if b'"p7"' in asked.body else super().answer(asked)

    with Poisoned() as service:
        done = over_http(service, 50, accounting)
    assert done.of(Failed) == ["p7"]
    assert len(service.asked) == 50
