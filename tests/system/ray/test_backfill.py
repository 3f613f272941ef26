"""Backfills by a cluster: the files of any other engine, whoever is killed meanwhile; no budget exceeded."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline import ledger
from tests.support import interrupted
from tests.support.fakes import FakeSources
from tests.support.installation import Installation
from tests.system.ray import poison
from tests.system.ray.cluster import Cluster, free_port
from tests.system.ray.driving import DAY, add, ended, model, start, wait_for


def calls(house: Installation) -> dict[str, int]:
    """How many calls of the ledger are in each state."""
    with ledger.opened(house.state) as book:
        return dict(book.query("SELECT state, count(*) FROM calls GROUP BY state"))


def test_a_driver_killed_five_times_equals_an_undisturbed_one(
    tmp_path: Path, fake_sources: FakeSources, cluster: Cluster
) -> None:
    interrupted.thirty_days(fake_sources)
    with model() as server:
        quiet = interrupted.house(tmp_path / "quiet", fake_sources, server)
        assert quiet.run(*interrupted.command("local")).code == 3
        before = len(fake_sources.asked) + len(server.asked)
        rough = interrupted.house(tmp_path / "rough", fake_sources, server, **cluster.settings)
        codes = interrupted.killed(rough, "ray", before, seed=3)
    assert (codes.count(-9), codes[-1]) == (interrupted.KILLS, 3)
    assert interrupted.files(rough) == interrupted.files(quiet)
    assert interrupted.answered_twice(rough) == ["2408.12000"]
    assert not list((rough.state / "ray").iterdir())


def test_workers_killed_in_mid_run_cost_only_what_was_in_flight(
    tmp_path: Path, fake_sources: FakeSources, cluster: Cluster
) -> None:
    add(fake_sources, 60)
    layouts = ("--layout", "sections", "--layout", "easy")
    with model(0.3) as server:
        quiet = interrupted.house(tmp_path / "quiet", fake_sources, server, PIPELINE_LLM__CONCURRENCY="60")
        assert ended(start(quiet, "local", *layouts)).code == 0
        asked = len(server.calls)
        rough = interrupted.house(tmp_path / "rough", fake_sources, server, **cluster.settings)
        process = start(rough, "ray", *layouts)
        wait_for(lambda: len(server.calls) > asked + 15, process)
        cluster.kill_one("CallWorker")
        wait_for(lambda: len(server.calls) > asked + 60, process)
        cluster.kill_one("CallWorker")
        assert ended(process).code == 0
    assert interrupted.files(rough) == interrupted.files(quiet)
    assert interrupted.answered_twice(rough) == []
    states = calls(rough)
    assert states.pop("answered") == 120
    assert 1 <= sum(states.values()) <= 16  # those that a killed one awaited: in doubt


def test_a_budget_holds_over_the_whole_cluster(tmp_path: Path, fake_sources: FakeSources, cluster: Cluster) -> None:
    add(fake_sources, 40)
    price = json.dumps({"gpt-6-luna": {"input": 0, "output": 1000}})  # an answer is 20 tokens, at the most 8,000
    with model() as server:
        house = interrupted.house(tmp_path / "a", fake_sources, server, PIPELINE_PRICES=price, **cluster.settings)
        ran = ended(start(house, "ray", "--budget", "8.3"))
    assert ran.code == 3, ran.err
    assert "PIPELINE_BUDGET__USD_PER_RUN (--budget) is $8.3" in ran.out
    with ledger.opened(house.state) as book:
        ((spent,),) = book.query("SELECT total(usd) FROM calls")
    assert 0.02 * 10 < spent <= 8.3
    assert len(server.calls) < 20


def test_each_node_asks_its_own_endpoint(tmp_path: Path, fake_sources: FakeSources, cluster: Cluster) -> None:
    add(fake_sources, 64)
    with model(0.05) as far, model(0.05) as near:
        node = cluster.node(4, OPENAI_BASE_URL=far.base_url)
        try:
            wait_for(lambda: cluster.known() == 2)
            alone = interrupted.house(tmp_path / "alone", fake_sources, near, **cluster.settings)
            refused = ended(start(alone, "ray"))
            shared = {"PIPELINE_RAY__STORAGE": str(tmp_path / "storage")}
            house = interrupted.house(tmp_path / "a", fake_sources, near, **cluster.settings, **shared)
            ran = ended(start(house, "ray"))
        finally:
            cluster.remove(node)
        assert (refused.code, "PIPELINE_RAY__STORAGE" in refused.err) == (2, True), refused.err
        assert ran.code == 0, ran.err
        assert len(near.calls) + len(far.calls) == 64
        assert min(len(near.calls), len(far.calls)) > 0


def test_a_cluster_that_ends_is_named_and_what_is_paid_is_kept(tmp_path: Path, fake_sources: FakeSources) -> None:
    pytest.importorskip("ray", reason="the extra ray is not installed: make ray")
    add(fake_sources, 30)
    brittle = Cluster().head()
    with model(0.3) as server:
        house = interrupted.house(tmp_path / "a", fake_sources, server, **brittle.settings)
        process = start(house, "ray")
        wait_for(lambda: len(server.calls) > 10, process)
        threading.Thread(target=brittle.stop).start()
        ran = ended(process)
        assert ran.code == 4, ran.err
        assert "The Ray cluster failed" in ran.out + ran.err
        paid = calls(house)["answered"]
        assert interrupted.house(tmp_path / "b", fake_sources, server)
        assert ended(start(house, "local")).code == 0
    assert paid >= 8
    assert calls(house)["answered"] == 30


def slowly_nothing(body: object) -> str:
    """Answer so that every paper is held back."""
    time.sleep(0.1)
    return "{}"


def test_a_restarted_driver_finds_what_is_settled(tmp_path: Path, fake_sources: FakeSources, cluster: Cluster) -> None:
    add(fake_sources, 60)
    with model(0.1) as server:
        server.say = slowly_nothing  # the ledger hears last of papers that are held back
        text = {"PIPELINE_SOURCES__TEXT_BUDGET": "6000"}
        house = interrupted.house(tmp_path / "a", fake_sources, server, **text, **cluster.settings)
        process = start(house, "ray")
        wait_for(lambda: len(committed(house)) > 1, process)
        process.kill()
        process.communicate()
        settled = {row for path in committed(house) for row in parquet_ids(path)}
        fetched = [asked.path for asked in fake_sources.asked if "/html/" in asked.path]
        assert ended(start(house, "ray")).code == 3
    again = [asked.path for asked in fake_sources.asked if "/html/" in asked.path][len(fetched) :]
    assert 16 <= len(settled) < 60
    assert len(again) <= 60 - len(settled)
    assert house.digest(DAY).with_suffix(".json").read_text().count("not the schema") == 60


def committed(house: Installation) -> list[Path]:
    return [path for path in (house.state / "ray" / "checkpoint").glob("*.parquet") if "pending" not in path.name]


def parquet_ids(path: Path) -> list[str]:
    from pyarrow import parquet

    return [row["id"] for row in parquet.read_table(path).to_pylist()]


def test_a_poisonous_paper_costs_itself_alone(tmp_path: Path, cluster: Cluster) -> None:
    storage = str(tmp_path / "storage")
    command = [sys.executable, "-m", "tests.system.ray.poison", cluster.settings["PIPELINE_RAY__ADDRESS"], storage]
    environment = os.environ | cluster.settings
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert (found["count"], found["stopped"]) == (40, "")
    assert {paper: reason for paper, reason in found["outcomes"].items() if reason != "settled"} == {
        poison.READ: "2 processes died over this paper",
        poison.SETTLED: "2 processes died over this paper",
        poison.RAISED: "unexpected RuntimeError: nobody thought of this",
    }


@pytest.mark.parametrize("listening", ["nobody", "somebody who says nothing", "another service"])
def test_no_ray_listens_where_the_cluster_should_be(listening: str, tmp_path: Path, fake_sources: FakeSources) -> None:
    pytest.importorskip("ray", reason="the extra ray is not installed: make ray")
    add(fake_sources, 1)
    with model() as server, socket.create_server(("127.0.0.1", 0)) as silent:
        ports = {"nobody": free_port(), "somebody who says nothing": silent.getsockname()[1]}
        address = f"127.0.0.1:{ports.get(listening) or urlsplit(server.base_url).port}"
        house = interrupted.house(tmp_path / "a", fake_sources, server, PIPELINE_RAY__ADDRESS=address)
        ran = ended(start(house, "ray"))
        assert not server.calls
    assert ran.code == 4
    assert re.search(r"^pipeline: The Ray cluster 127.* could not be reached .* Nothing was spent\.$", ran.err, re.M)
    assert "Traceback" not in ran.err


def test_a_storage_that_cannot_be_written_is_named(tmp_path: Path, fake_sources: FakeSources, cluster: Cluster) -> None:
    add(fake_sources, 1)
    (tmp_path / "file").touch()
    with model() as server:
        wrong = {"PIPELINE_RAY__STORAGE": str(tmp_path / "file" / "storage")}
        ran = ended(start(interrupted.house(tmp_path / "a", fake_sources, server, **cluster.settings, **wrong), "ray"))
        assert not server.calls
    assert (ran.code, "PIPELINE_RAY__STORAGE" in ran.err, "Traceback" in ran.err) == (2, True, False), ran.err
