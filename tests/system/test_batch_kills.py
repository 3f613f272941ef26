"""A backfill in batches that is killed (SIGKILL) at each step of a batch's life: the next one finds what is there."""

import datetime as dt
import subprocess
from collections import Counter
from pathlib import Path

from pipeline.engines.base import MAX_UNREACHED
from tests.support.fake_batches import FakeBatches
from tests.support.fakes import Asked, FakeSources
from tests.support.installation import Installation
from tests.support.interrupted import files, house
from tests.support.world import title_of, write

DAY = dt.date(2024, 8, 22)
BACKFILL = ("backfill", "--from", DAY.isoformat(), "--to", DAY.isoformat(), "--engine", "batch")
# The request at which each process is killed, and whether it has had its effect by then.
STEPS = (
    ("POST /v1/files", "after"),
    ("POST /v1/batches", "after"),
    ("GET /v1/batches/", "before"),
    ("/content", "before"),
    ("DELETE /v1/files/", "after"),
)


def killed_at(place: Installation, service: FakeBatches, step: str, moment: str) -> int:
    """Start the backfill and kill it at a step; its exit code."""
    process = subprocess.Popen(
        place.command(*BACKFILL),
        cwd=place.folder,
        env=place.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def kill(asked: Asked) -> None:
        if step in f"{asked.method} {asked.path}":
            process.kill()
            process.wait()

    setattr(service, moment, kill)
    code = process.wait(60)
    setattr(service, moment, lambda asked: None)
    return code


def test_killed_at_each_step_of_its_life_a_batch_is_submitted_and_taken_in_once(
    tmp_path: Path, fake_sources: FakeSources
) -> None:
    for number in range(4):
        fake_sources.add(DAY.isoformat(), f"2408.0000{number}", title=f"Net{number}: A Paper")
    with FakeBatches(write) as service:
        quiet = house(tmp_path / "quiet", fake_sources, service)
        assert quiet.run(*BACKFILL).code == 0
    with FakeBatches(write) as service:
        rough = house(tmp_path / "rough", fake_sources, service)
        assert [killed_at(rough, service, *step) for step in STEPS] == [-9] * len(STEPS)
        assert not rough.digest(DAY).exists()
        assert rough.run(*BACKFILL).code == 0
        assert files(rough) == files(quiet) != {}
        asked = Counter(title_of(line["body"]) for line in service.lines)
        assert (len(service.batches), set(asked.values()), len(asked)) == (1, {1}, 4)
        assert not service.files.keys() - service.never_used
        assert service.calls == []


def test_a_night_does_not_pay_for_what_a_batch_has_been_asked(tmp_path: Path, fake_sources: FakeSources) -> None:
    for number in range(MAX_UNREACHED + 1):
        fake_sources.add(DAY.isoformat(), f"2408.0000{number}", title=f"Net{number}: A Paper")
    with FakeBatches(write) as service:
        place = house(tmp_path / "place", fake_sources, service)
        assert killed_at(place, service, "GET /v1/batches/", "before") == -9
        night = place.run("run", "--date", DAY.isoformat())
        assert (night.code, service.calls) == (4, [])
        assert "batch batch_2 has this question and has not ended" in night.out
        attention = "1 batches are open: `pipeline backfill --engine batch` takes them in"
        assert attention in place.run("status").out
        fake_sources.add(DAY.isoformat(), "2408.00009", title="Net9: A Paper")
        night = place.run("run", "--date", DAY.isoformat())
        assert (night.code, [title_of(body) for body in service.calls]) == (3, ["Net9: A Paper"])
        assert night.out.count("batch batch_2 has this question and has not ended") == MAX_UNREACHED + 1
        ended = place.run(*BACKFILL)
        assert (ended.code, len(service.batches)) == (0, 1)
        assert "batch batch_2: completed, 6 of 6 answered" in ended.err
        assert attention not in place.run("status").out
