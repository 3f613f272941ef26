"""The provider that CONTRIBUTING.md adds works: its module, as it stands there, writes a digest."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.core.providers import PROVIDERS, Provider
from tests import ROOT
from tests.support.world import DAY, World, write


@pytest.fixture
def acme(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, httpserver: HTTPServer) -> Iterator[HTTPServer]:
    """Acme's service, chosen as the provider, and a day with one paper."""
    section = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Add a provider")[2]
    [module] = re.findall(r"^```python\n(.*?)^```", section.partition("\n## ")[0], re.MULTILINE | re.DOTALL)
    (tmp_path / "acme.py").write_text(module, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(PROVIDERS, "acme", Provider("acme", key="ACME_API_KEY"))
    monkeypatch.setenv("PIPELINE_LLM__PROVIDER", "acme")
    monkeypatch.setenv("PIPELINE_LLM__MODEL", "acme-1")
    monkeypatch.setenv("PIPELINE_LLM__SECOND_READER", "false")
    monkeypatch.setenv("ACME_API_KEY", "key-of-acme")
    monkeypatch.setenv("ACME_URL", httpserver.url_for("/generate"))
    world.sources.add(DAY, "2408.00001", "Alpha Networks")
    yield httpserver
    sys.modules.pop("acme", None)


def respond(request: Request) -> Response:
    assert request.headers["Authorization"] == "Bearer key-of-acme"
    text = write(json.loads(request.data))
    return Response(json.dumps({"text": text, "input_tokens": 900, "output_tokens": 90}))


def test_it_writes_a_digest(world: World, acme: HTTPServer) -> None:
    acme.expect_request("/generate", method="POST").respond_with_handler(respond)
    code, _, err = world.run("run", "--date", DAY)
    assert code == 0, err
    entry = world.record()["entries"][0]
    assert entry["provider"] == "acme"
    assert entry["usage"]["input"] == 900


def test_a_busy_service_is_asked_again(world: World, acme: HTTPServer) -> None:
    acme.expect_oneshot_request("/generate").respond_with_data("busy", 429, {"Retry-After": "0"})
    acme.expect_request("/generate").respond_with_handler(respond)
    assert world.run("run", "--date", DAY)[0] == 0
    assert len(acme.log) == 2


def test_a_refused_key_ends_the_run(world: World, acme: HTTPServer) -> None:
    acme.expect_request("/generate").respond_with_data("no", 401)
    code, _, err = world.run("run", "--date", DAY)
    assert code == 4
    assert "correct ACME_API_KEY" in err
