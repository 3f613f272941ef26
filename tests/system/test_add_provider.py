"""The provider that CONTRIBUTING.md adds works: its module, as it stands there, does what every adapter must do."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.core.providers import PROVIDERS, Provider
from tests import ROOT
from tests.support.adapter_tests import AdapterTests, FakeService
from tests.support.fake_model import PATH, completion, error
from tests.support.fakes import Answer
from tests.support.world import DAY, World


class FakeAcme(FakeService):
    path = base = "/generate"

    def success(self, text: str, cut: bool = False) -> Answer:
        said = {"text": text, "ended": "limit" if cut else "done", "input_tokens": 900, "output_tokens": 90}
        return Answer(body=json.dumps(said).encode())


class FakeOpenAI(FakeService):
    path, base = PATH, "/v1"
    no_money = error(429, "insufficient_quota")  # where others say 402

    def success(self, text: str, cut: bool = False) -> Answer:
        return completion(text, finish_reason="length" if cut else "stop")


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Acme's module and line, as the page has them."""
    section = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Add a provider")[2].partition("\n## ")[0]
    [module] = re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    (tmp_path / "acme.py").write_text(module, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert '`"acme": Provider("pipeline.llm.acme", key="ACME_API_KEY", url="ACME_BASE_URL")`' in section
    monkeypatch.setitem(PROVIDERS, "acme", Provider("acme", key="ACME_API_KEY", url="ACME_BASE_URL"))
    yield
    sys.modules.pop("acme", None)


@pytest.mark.usefixtures("acme")
class TestAcme(AdapterTests):
    provider = "acme"
    service_type = FakeAcme

    @pytest.mark.parametrize("ended", ["refused", "blocked"])
    def test_what_the_model_refuses_is_held_back(self, world: World, service: FakeAcme, ended: str) -> None:
        said = {"text": "No.", "ended": ended, "input_tokens": 1, "output_tokens": 1}
        service.queue(service.path, *[Answer(body=json.dumps(said).encode())] * 3)
        assert world.run("run", "--date", DAY)[0] == 3

    @pytest.mark.parametrize("wrong", [{"text": 3}, {"ended": "oddly"}, {"output_tokens": -1}, {"text": "\ud800"}])
    def test_an_answer_of_another_form_is_in_doubt(
        self, world: World, service: FakeAcme, wrong: dict[str, object]
    ) -> None:
        said = {"text": "", "ended": "done", "input_tokens": 1, "output_tokens": 1} | wrong
        service.queue(service.path, Answer(body=json.dumps(said).encode()))
        assert world.run("run", "--date", DAY)[0] == 0
        assert "1 calls in doubt" in world.run("status")[1]

    def test_without_a_key_it_says_which(
        self, world: World, service: FakeAcme, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ACME_API_KEY")
        assert "set ACME_API_KEY" in world.run("run", "--date", DAY)[2]
        code, checks = self.checks(world)
        assert code == 2
        assert (checks["key"]["status"], checks["model"]["status"]) == ("wrong", "skipped")
        assert "set ACME_API_KEY" in checks["key"]["remedy"]

    def test_openais_variables_do_not_matter(
        self, world: World, service: FakeAcme, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", "nonsense")
        checks = self.checks(world)[1]
        assert (checks["key"]["status"], checks["model"]["status"]) == ("ok", "ok")
        assert world.run("run", "--date", DAY)[0] == 0

    def test_a_model_must_be_named(self, world: World, service: FakeAcme, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PIPELINE_LLM__MODEL")
        code, _, err = world.run("run", "--date", DAY)
        assert code == 2
        assert "name a model of acme" in err

    def test_a_budget_wants_a_price(self, world: World, service: FakeAcme, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PIPELINE_LLM__MODEL", "gpt-6-luna")  # the price of OpenAI's is not Acme's
        monkeypatch.setenv("PIPELINE_BUDGET__USD_PER_RUN", "1")
        code, _, err = world.run("run", "--date", DAY)
        assert code == 2
        assert "PIPELINE_PRICES" in err

    @pytest.mark.parametrize("engine", ["batch", "ray"])
    def test_other_engines_are_refused(self, world: World, service: FakeAcme, engine: str) -> None:
        code, _, err = world.run("backfill", "--from", DAY, "--to", DAY, "--engine", engine)
        assert code == 2
        assert f"The acme model has no engine {engine}" in err


class TestOpenAI(AdapterTests):
    provider = "openai"
    service_type = FakeOpenAI
