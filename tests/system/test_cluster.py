"""A backfill on a Ray of its own, on this machine. More of them are in `tests/system/ray` (`make ray`)."""

import json
import re
from pathlib import Path

import pytest

from tests.support import interrupted
from tests.support.fakes import FakeSources
from tests.system.ray.driving import add, ended, model, start, wait_for

KEY = "sk-of-the-driver-alone"


def test_it_runs_on_a_ray_of_its_own_and_leaves_no_secret(tmp_path: Path, fake_sources: FakeSources) -> None:
    pytest.importorskip("ray", reason="the extra ray is not installed: make ray")
    add(fake_sources, 5)
    secret = {"OPENAI_API_KEY": KEY, "PIPELINE_LLM__SECOND_READER": "false"}
    with model(1.0) as server:
        house = interrupted.house(tmp_path / "a", fake_sources, server, PIPELINE_LLM__CONCURRENCY="1", **secret)
        process = start(house, "ray", "--json")
        wait_for(lambda: len(server.calls) > 1, process)
        in_flight = [path for path in (house.state / "ray").rglob("*") if path.is_file()]
        ran = ended(process)
        assert server.asked[-1].headers["authorization"] == f"Bearer {KEY}"
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)
    assert not re.search(r"ray|WARN", ran.err.replace(str(tmp_path), ""), re.IGNORECASE)
    assert in_flight
    session = Path("/tmp/ray/session_latest").resolve()
    for path in (*session.rglob("*"), *house.state.rglob("*")):
        if path.is_file() and not path.is_symlink():
            assert KEY.encode() not in path.read_bytes(), path
