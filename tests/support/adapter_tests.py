"""What every adapter over HTTP must do, as tests that a provider's own test class inherits."""

import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from pipeline.core.providers import PROVIDERS, Provider
from pipeline.layouts import answer_schema
from pipeline.llm.transport import LARGEST_ANSWER
from tests.support.fakes import Answer, Asked, Server
from tests.support.world import DAY, World, items_of, judged, write

KEY = "planted+KEY/0123456789"


class FakeService(Server):
    """A provider's service on loopback. A child says where it is asked and how it words an answer.

    `authorization` is the header that it wants, with its value; `refused` what it answers to another one, `no_money`
    where nobody has paid.
    """

    path: ClassVar[str]
    base: ClassVar[str]
    authorization: ClassVar = ("authorization", f"Bearer {KEY}")
    refused: ClassVar[int] = 401
    no_money: ClassVar = Answer(402, b"top up")

    @property
    def address(self) -> str:
        """The value of the variable that names the address."""
        return self.url + self.base

    def messages(self, body: dict[str, Any]) -> list[dict[str, str]]:
        """The messages of a call, as `{"role": "system" | "user" | "assistant", "content": text}`."""
        said: list[dict[str, str]] = body["messages"]
        return said

    def say(self, chat: dict[str, Any]) -> str:
        """A decent model's text, also as the second reader; for the question of the doctor, what it asks for."""
        if len(chat["messages"]) == 1:
            return '{"ok": true}'
        items = items_of(chat)
        return judged("supported" for _ in items) if items else write(chat)

    def success(self, text: str, cut: bool = False) -> Answer:
        """An answer with this text, cut at the token limit or not."""
        raise NotImplementedError

    def answer(self, asked: Asked) -> Answer:
        if (asked.method, asked.path) != ("POST", self.path):
            return Answer(404)
        name, value = self.authorization
        if asked.headers.get(name) != value:
            return Answer(self.refused, f"bad key {asked.headers.get(name)}".encode())
        return self.success(self.say({"messages": self.messages(json.loads(asked.body))}))


class AdapterTests:
    """Tests of an adapter against a fake of its service. A child gives the provider's name and the fake."""

    provider: ClassVar[str]
    service_type: ClassVar[type[FakeService]]

    @pytest.fixture
    def service(self, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
        """The service, chosen as the provider, and a day with one paper."""
        world.sources.add(DAY, "2408.00001", "Alpha Networks")
        monkeypatch.delenv("OPENAI_BASE_URL")
        with self.service_type() as service:
            monkeypatch.setenv("PIPELINE_LLM__PROVIDER", self.provider)
            monkeypatch.setenv("PIPELINE_LLM__MODEL", "model-1")
            monkeypatch.setenv("PIPELINE_LLM__SECOND_READER", "false")
            monkeypatch.setenv("PIPELINE_PRICES", '{"model-1": {"input": 1, "output": 1000}}')
            monkeypatch.setenv(self.line.key, KEY)
            monkeypatch.setenv(self.line.url, service.address)
            yield service

    @property
    def line(self) -> Provider:
        return PROVIDERS[self.provider]

    def checks(self, world: World) -> tuple[int, dict[str, dict[str, str]]]:
        """The exit code of the doctor, and its checks by name."""
        code, out, _ = world.run("doctor", "--json")
        return code, {check["name"]: check for check in json.loads(out)["checks"]}

    def require_own_variables(self, said: str) -> None:
        others = [other for name, other in PROVIDERS.items() if name != self.provider]
        assert not [name for other in others for name in (other.key, other.url) if name and name in said], said

    def test_it_writes_a_digest(self, world: World, service: FakeService) -> None:
        code, _, err = world.run("run", "--date", DAY)
        assert code == 0, err
        (entry,) = world.record()["entries"]
        assert entry["provider"] == self.provider
        assert entry["usage"]["input"] > 0
        (asked,) = service.asked
        body = json.dumps(json.loads(asked.body))
        assert re.search(r"\b8000\b", body), "max_tokens, on which budgets count"
        assert json.dumps(answer_schema()) in body
        assert [one["role"] for one in service.messages(json.loads(body))] == ["system", "user"]

    def test_an_answer_to_correct_is_the_assistants_turn(self, world: World, service: FakeService) -> None:
        text = service.say

        def say(chat: dict[str, Any]) -> str:
            first = len(chat["messages"]) == 2
            return text(chat).replace("여러 부분", "87개 부분") if first else text(chat)

        service.say = say  # type: ignore[method-assign]
        world.run("run", "--date", DAY)
        messages = service.messages(json.loads(service.asked[1].body))
        assert [one["role"] for one in messages] == ["system", "user", "assistant", "user"]
        assert "87개 부분" in messages[2]["content"]

    def test_the_second_reader_asks_the_model_of_its_requests(
        self, world: World, service: FakeService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("PIPELINE_LLM__SECOND_READER")  # by default there is one where there is a key
        monkeypatch.setenv("PIPELINE_LLM__READER_MODEL", "model-2")
        assert world.run("run", "--date", DAY)[0] == 0
        writing, *reading = (asked.path.encode() + asked.body for asked in service.asked)
        assert b"model-1" in writing
        assert reading
        assert all(b"model-2" in call for call in reading)

    def test_a_cut_answer_is_asked_again(self, world: World, service: FakeService) -> None:
        service.queue(service.path, service.success('{"answer": {', cut=True))
        assert world.run("run", "--date", DAY)[0] == 0
        assert len(service.asked) == 2

    def test_what_drips_is_cut_at_the_timeout(
        self, world: World, service: FakeService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PIPELINE_LLM__TIMEOUT", "0.5")
        service.queue(service.path, Answer(body=b"{" * 100, pause=0.1))
        assert world.run("run", "--date", DAY)[0] == 0
        assert len(service.asked) == 2
        assert "1 calls in doubt" in world.run("status")[1]

    def test_a_refused_connection_costs_nothing(
        self, world: World, service: FakeService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with self.service_type() as gone:
            pass
        monkeypatch.setenv(self.line.url, gone.address)
        assert world.run("run", "--date", DAY)[0] == 4
        status = world.run("status")[1]
        assert "in doubt" not in status
        assert "$0 " in status

    @pytest.mark.parametrize("body", [b"<html>", b"[]", b"3", b"[" * 100_000, b"\xff"])
    def test_junk_is_in_doubt_and_tried_again(self, world: World, service: FakeService, body: bytes) -> None:
        service.queue(service.path, Answer(body=body))
        assert world.run("run", "--date", DAY)[0] == 0
        assert len(service.asked) == 2
        assert "1 calls in doubt" in world.run("status")[1]

    def test_an_answer_without_end_is_not_read(self, world: World, service: FakeService) -> None:
        service.queue(service.path, Answer(body=b" " * (LARGEST_ANSWER + 1)))
        assert world.run("run", "--date", DAY)[0] == 4
        assert len(service.asked) == 1
        assert "1 calls in doubt" in world.run("status")[1]

    def test_an_echoed_key_is_kept_nowhere(self, world: World, service: FakeService) -> None:
        text = service.say
        service.say = lambda chat: text(chat).replace("제안된", f"{KEY} 제안된")  # type: ignore[method-assign]
        _, out, err = world.run("run", "--date", DAY)
        kept = b"".join(path.read_bytes() for path in world.folder.rglob("*") if path.is_file())
        assert service.asked
        assert KEY.encode() not in kept + (out + err).encode()

    def test_a_refused_key_is_wrong_use(
        self, world: World, service: FakeService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(self.line.key, "another-key-12345")
        code, out, err = world.run("run", "--date", DAY)
        assert code == 2
        assert f"Correct {self.line.key}" in err
        assert "another-key-12345" not in out + err
        assert len(service.asked) == 1

    def test_without_money_the_run_ends(self, world: World, service: FakeService) -> None:
        service.queue(service.path, service.no_money)
        code, _, err = world.run("run", "--date", DAY)
        assert code == 4
        assert f"refuses every call (HTTP {service.no_money.status})" in err
        assert len(service.asked) == 1

    def test_a_busy_service_is_waited_for(
        self, world: World, service: FakeService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PIPELINE_WAIT_SCALE", "0.1")
        service.queue(service.path, Answer(429, headers={"Retry-After": "12"}))
        assert world.run("run", "--date", DAY)[0] == 0
        first, second = service.asked
        assert 1.1 < second.at - first.at < 6

    def test_the_doctor_finds_it_sound(self, world: World, service: FakeService) -> None:
        checks = self.checks(world)[1]
        assert [checks[name]["status"] for name in ("key", "model")] == ["ok", "ok"], checks
        assert checks["key"]["message"] == f"{self.line.key} is set"

    @pytest.mark.parametrize("status", [302, 400, 401, 402, 403, 404, 429, 500])
    def test_the_doctors_remedy_is_about_this_provider(self, world: World, service: FakeService, status: int) -> None:
        service.queue(service.path, Answer(status, headers={"Location": "/other"}))
        check = self.checks(world)[1]["model"]
        assert check["status"] in ("wrong", "unreachable")
        assert check["remedy"]
        self.require_own_variables(check["message"] + check["remedy"])

    def test_an_address_that_is_none_is_wrong_and_named(
        self, world: World, service: FakeService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(self.line.url, "nonsense")
        code, checks = self.checks(world)
        assert code == 2
        said = checks["key"]["remedy"] + checks["model"]["remedy"]
        assert f"{self.line.url} is not an http address" in said
        self.require_own_variables(said)
