"""The monitor hears of each night, and can do a night no harm."""

import logging
import time
from collections.abc import Iterator

import pytest

from pipeline.ops import ping
from tests.support.fakes import Answer, Asked, Server
from tests.support.world import DAY, World
from tests.system.test_run import three_papers

PATH = "/3f9c1a2b-aaaa-4bbb-8ccc-ddddeeeeffff"


class Monitor(Server):
    def answer(self, asked: Asked) -> Answer:
        return Answer(body=b"OK", content_type="text/plain")

    @property
    def heard(self) -> list[tuple[str, str]]:
        return [(asked.method, asked.path.removeprefix(PATH)) for asked in self.asked]


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    with Monitor() as server:
        monkeypatch.setenv("PIPELINE_PING_URL", server.url + PATH)
        yield server


def test_a_query_stays_behind_the_path(monitor: Monitor) -> None:
    ping.started(f"{monitor.url}{PATH}/?create=1")
    assert monitor.heard == [("GET", "/start")]
    assert monitor.asked[0].query == {"create": "1"}


def test_a_good_night_is_two_calls(world: World, monitor: Monitor) -> None:
    three_papers(world)
    assert world.run("run", "--date", DAY)[0] == 0
    assert monitor.heard == [("GET", "/start"), ("GET", "")]


def test_a_night_without_its_sources_fails_with_the_reason(world: World, monitor: Monitor) -> None:
    world.sources.queue("/api/daily_papers", *[Answer(503)] * 9)
    assert world.run("run", "--date", DAY)[0] == 4
    assert monitor.heard == [("GET", "/start"), ("POST", "/fail")]
    assert monitor.asked[1].body.startswith(b"exit 4\nHugging Face: answered HTTP 503")


def test_a_night_whose_model_is_gone_fails_with_its_account(world: World, monitor: Monitor) -> None:
    three_papers(world)
    world.model.queue_answers(*[Answer(404, b"{}")] * 9)
    assert world.run("run", "--date", DAY)[0] == 4
    assert monitor.heard == [("GET", "/start"), ("POST", "/fail")]
    assert b"failed: 2408.00001" in monitor.asked[1].body


def test_a_bug_is_a_failure_too(world: World, monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    three_papers(world)
    monkeypatch.setattr("pipeline.cli.context.gate", None)
    assert world.run("run", "--date", DAY)[0] == 70
    assert monitor.heard == [("GET", "/start"), ("POST", "/fail")]
    assert monitor.asked[1].body.startswith(b"exit 70\n")


@pytest.mark.parametrize("arguments", [("--date", DAY, "--dry-run")])
def test_a_trial_is_no_night(world: World, monitor: Monitor, arguments: tuple[str, ...]) -> None:
    three_papers(world)
    assert world.run("run", *arguments)[0] == 0
    assert monitor.heard == []


@pytest.mark.parametrize(
    ("answer", "says"), [(Answer(404), "HTTP 404"), (Answer(302, headers={"location": "/x"}), "HTTP 302")]
)
def test_a_refusal_is_one_warning_without_the_path(world: World, monitor: Monitor, answer: Answer, says: str) -> None:
    three_papers(world)
    monitor.queue(f"{PATH}/start", answer)
    code, _, err = world.run("run", "--date", DAY)
    assert code == 0
    assert err.count("The monitor at 127.0.0.1 did not hear") == 1
    assert says in err
    assert PATH.strip("/") not in err + (world.folder / ".pipeline/pipeline.log").read_text()


def test_a_slow_drip_costs_its_seconds_and_no_more(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ping, "SECONDS", 0.3)
    monitor.queue(PATH, Answer(body=b"x" * 100, pause=0.05))
    started = time.monotonic()
    with caplog.at_level(logging.WARNING):
        ping.ended(monitor.url + PATH, 0, "")
    assert time.monotonic() - started < 1
    assert "no answer within 0.3 s" in caplog.text


def test_a_closed_port_is_one_warning(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with Monitor() as gone:
        pass
    ping.ended(gone.url + PATH, 4, "report")
    assert caplog.text.count("did not hear") == 1
