"""Power loss: every operation of one night on the output folder is recorded, then the power fails at each of them.

What is enumerated. For each prefix of the recorded operations: an operation on a folder (made, created, renamed,
removed) is certain once that folder was synced after it; of the others every suffix may be lost, and any of them where
they are no more than six. The bytes of a file are certain once the file was synced; else it may hold all, half or none
of them. The ledger is trusted as SQLite has it with synchronous=FULL: as of the last commit within the prefix. Equal
states count once.

Not enumerated: bytes torn otherwise than in the middle.
"""

import contextlib
import datetime as dt
import itertools
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple
from unittest import mock

from pipeline.ledger import FILENAME
from tests.support.fake_model import FakeModel
from tests.support.fakes import FakeSources
from tests.support.installation import Installation
from tests.support.world import title_of, write

# So many operations at risk may be lost in any combination.
_FEW = 6
Kind = Literal["mkdir", "create", "write", "rename", "unlink", "sync", "commit"]


class Operation(NamedTuple):
    """One thing done to the disk; paths are relative to the output folder. Of a commit `data` is the whole ledger."""

    kind: Kind
    path: str = ""
    target: str = ""
    data: bytes = b""

    @property
    def folder(self) -> str:
        """The folder whose sync makes it certain."""
        return str(Path(self.path).parent)


class State(NamedTuple):
    """The content of a disk after the power failed: folders, files with their bytes, the ledger."""

    folders: frozenset[str]
    files: frozenset[tuple[str, bytes]]
    ledger: bytes | None


class Result(NamedTuple):
    """The result of the enumeration: a sentence for each state that the next run did not bring back."""

    operations: int
    states: int
    failures: list[str]
    lost: int
    corrupted: int
    paid_twice: int


# ---- recording


class Recorder:
    """The operations of this process under a folder, in their order, and the ledger's commits among them."""

    def __init__(self, folder: Path) -> None:
        self.operations: list[Operation] = []
        self._folder = folder
        self._open: dict[int, str] = {}
        self._written: dict[str, bytes] = {}

    @contextlib.contextmanager
    def recording(self) -> Iterator[None]:
        """While this is entered, all that Python's `os` is asked to do under the folder is noted, and done."""
        with contextlib.ExitStack() as patches:
            for name in ("mkdir", "open", "close", "fsync", "replace", "rename", "unlink", "remove"):
                patches.enter_context(mock.patch.object(os, name, self._wrapped(name, getattr(os, name))))
            patches.enter_context(mock.patch.object(sqlite3, "connect", self._connect(sqlite3.connect)))
            yield

    def _wrapped(self, name: str, real: Any) -> Any:
        note = getattr(self, "_opened" if name == "open" else f"_{name}")

        def call(*arguments: Any, **more: Any) -> Any:
            done = real(*arguments, **more)
            note(done, *arguments)
            return done

        return call

    def _inside(self, path: Any) -> str | None:
        whole = Path(os.fspath(path)) if isinstance(path, str | os.PathLike) else None
        return str(whole.relative_to(self._folder)) if whole and whole.is_relative_to(self._folder) else None

    def _mkdir(self, _: None, path: Any, *more: Any) -> None:
        if inside := self._inside(path):
            self.operations.append(Operation("mkdir", inside))

    def _opened(self, handle: int, path: Any, flags: int, *more: Any) -> None:
        inside = self._inside(path)
        if inside is None or flags & getattr(os, "O_TMPFILE", 0) == getattr(os, "O_TMPFILE", -1):
            return
        self._open[handle] = inside
        if flags & os.O_CREAT:
            self.operations.append(Operation("create", inside))

    def _close(self, _: None, handle: int) -> None:
        self._open.pop(handle, None)

    def _fsync(self, _: None, handle: int) -> None:
        if (inside := self._open.get(handle)) is not None:
            self._note_bytes(inside)
            self.operations.append(Operation("sync", inside))

    def _replace(self, _: None, path: Any, target: Any) -> None:
        inside = self._inside(path)
        if inside is not None:
            self._note_bytes(inside, self._folder / (self._inside(target) or ""))
            self.operations.append(Operation("rename", inside, self._inside(target) or ""))

    def _unlink(self, _: None, path: Any, *more: Any) -> None:
        if inside := self._inside(path):
            self.operations.append(Operation("unlink", inside))

    _rename, _remove = _replace, _unlink

    def _note_bytes(self, inside: str, now_at: Path | None = None) -> None:
        """Note what was written to a file since it was last looked at."""
        path = now_at or self._folder / inside
        if path.is_file() and self._written.get(inside) != (data := path.read_bytes()):
            self._written[inside] = data
            self.operations.append(Operation("write", inside, data=data))

    def _connect(self, real: Any) -> Any:
        recorder = self

        class Connection(sqlite3.Connection):
            def commit(self) -> None:
                super().commit()
                recorder.operations.append(Operation("commit", data=self.serialize()))

        return lambda *arguments, **more: real(*arguments, factory=Connection, **more)


# ---- what may be left of it


def states(before: State, operations: list[Operation]) -> Iterator[State]:
    """Every state that the disk may be in after a power loss at some point, each once."""
    seen = set()
    for length in range(len(operations) + 1):
        for state in _states_at(before, operations[:length]):
            if state not in seen:
                seen.add(state)
                yield state


def _states_at(before: State, prefix: list[Operation]) -> Iterator[State]:
    synced = {operation.path: place for place, operation in enumerate(prefix) if operation.kind == "sync"}
    done = [(place, operation) for place, operation in enumerate(prefix) if operation.kind not in ("sync", "commit")]
    bytes_at_risk = {p for p, o in done if o.kind == "write" and synced.get(o.path, -1) < p}
    at_risk = [p for p, o in done if o.kind != "write" and synced.get(o.folder, -1) < p]
    ledger = next((o.data for o in reversed(prefix) if o.kind == "commit"), before.ledger)
    for lost, share in itertools.product(_losses(at_risk), (1.0, 0.5, 0.0) if bytes_at_risk else (1.0,)):
        yield _after(before, [(p, o) for p, o in done if p not in lost], bytes_at_risk, share, ledger)


def _losses(at_risk: list[int]) -> Iterator[set[int]]:
    """Every suffix, and where they are few every other choice."""
    yield from (set(at_risk[kept:]) for kept in range(len(at_risk) + 1))
    if len(at_risk) <= _FEW:
        yield from (set(some) for size in range(1, len(at_risk)) for some in itertools.combinations(at_risk, size))


def _after(
    before: State, done: list[tuple[int, Operation]], at_risk: set[int], share: float, ledger: bytes | None
) -> State:
    folders, files = set(before.folders), dict(before.files)
    for place, operation in done:
        if operation.folder not in folders:
            continue
        if operation.kind == "mkdir":
            folders.add(operation.path)
        elif operation.kind == "create":
            files[operation.path] = b""
        elif operation.kind == "write" and operation.path in files:
            kept = int(len(operation.data) * share) if place in at_risk else len(operation.data)
            files[operation.path] = operation.data[:kept]
        elif operation.kind == "rename" and operation.path in files:
            files[operation.target] = files.pop(operation.path)
        elif operation.kind == "unlink":
            files.pop(operation.path, None)
    return State(frozenset(folders), frozenset(files.items()), ledger)


def disk(house: Installation) -> State:
    """Return what an installation's disk holds now; its folders stand on certain ground."""
    paths = sorted(house.output.rglob("*"))
    folders = {".", *(str(p.relative_to(house.output)) for p in paths if p.is_dir())}
    files = {(str(p.relative_to(house.output)), p.read_bytes()) for p in paths if p.is_file()}
    ledger = house.state / FILENAME
    if not ledger.exists():
        return State(frozenset(folders), frozenset(files), None)
    with contextlib.closing(sqlite3.connect(ledger)) as database:
        return State(frozenset(folders), frozenset(files), database.serialize())


def materialise(state: State, house: Installation) -> None:
    """Make an installation's folders what a state says."""
    shutil.rmtree(house.folder, ignore_errors=True)
    for folder in sorted(state.folders):
        (house.output / folder).mkdir(parents=True)
    for path, data in state.files:
        (house.output / path).write_bytes(data)
    house.state.mkdir()
    if state.ledger is not None:
        (house.state / FILENAME).write_bytes(state.ledger)


# ---- the next run


def enumerate_night(house: Installation, *arguments: str) -> Result:
    """Record one night of an installation, then run the same after every power loss that could have struck it."""
    house.output.mkdir(parents=True, exist_ok=True)
    before, recorder = disk(house), Recorder(house.output)
    asked = len(house.model.asked)
    with recorder.recording():
        house.run("run", *arguments)
    calls = len(house.model.asked) - asked
    scratch = replace(house, folder=house.folder.parent / "scratch")
    result = Result(len(recorder.operations), 0, [], 0, 0, 0)
    for state in states(before, recorder.operations):
        materialise(state, scratch)
        result = _judged(result, house, scratch, calls - _answered(state.ledger) + _answered(before.ledger), arguments)
    return result


def _judged(
    so_far: Result, house: Installation, scratch: Installation, calls: int, arguments: tuple[str, ...]
) -> Result:
    """Run the night again in the scratch folder; `calls` is how many it may make."""
    asked = len(scratch.model.asked)
    ran = scratch.run("run", *arguments)
    repeated = max(len(scratch.model.asked) - asked - calls, 0)
    lost, corrupted = compare(house.output, scratch.output)
    troubles = [*lost, *corrupted]
    if repeated:
        troubles.append(f"{repeated} calls paid twice")
    if ran.code not in (0, 3):
        troubles.append(f"exit {ran.code}: {ran.err.strip().splitlines()[-1:]}")
    failures = [*so_far.failures, f"state {so_far.states + 1}: {'; '.join(troubles)}"] if troubles else so_far.failures
    return Result(
        so_far.operations,
        so_far.states + 1,
        failures,
        so_far.lost + len(lost),
        so_far.corrupted + len(corrupted),
        so_far.paid_twice + repeated,
    )


def compare(undisturbed: Path, output: Path) -> tuple[list[str], list[str]]:
    """The papers that are nowhere accounted for, and the digests and records that are not as undisturbed."""
    lost, corrupted = [], []
    for path in sorted(undisturbed.rglob("[0-9]*.md")):
        name = path.relative_to(undisturbed)
        other = output / name
        if not other.exists() or other.read_bytes() != path.read_bytes():
            corrupted.append(f"{name} differs")
        try:
            theirs = json.loads(other.with_suffix(".json").read_bytes())
        except (OSError, ValueError) as error:
            corrupted.append(f"{name.with_suffix('.json')}: {error}")
            continue
        ours = json.loads(path.with_suffix(".json").read_bytes())
        lost += [f"{paper} of {name} is lost" for paper in sorted(set(_named(ours)) - set(_named(theirs)))]
        if standing(theirs) != standing(ours):
            corrupted.append(f"{name.with_suffix('.json')} says otherwise: {standing(theirs)} for {standing(ours)}")
    return lost, corrupted


def standing(record: dict[str, Any]) -> dict[str, Any]:
    """Return what a record says became of each listed paper, whatever it cost and whenever it was."""
    lists = ("entries", "held_back", "failed", "duplicates", "withdrawn")
    ids = {name: sorted(one["id"] for one in record[name]) for name in lists}
    return {"state": record["state"], "listed": sorted(record["listed"])} | ids


def _named(record: dict[str, Any]) -> Iterator[str]:
    for name in ("entries", "held_back", "failed", "duplicates", "withdrawn"):
        yield from (one["id"] for one in record[name])


def _answered(ledger: bytes | None) -> int:
    """Count the calls that a ledger has the answers of, or had before they were used up."""
    if ledger is None:
        return 0
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        # A header of write-ahead logging asks for a file beside it, which a database in memory cannot have.
        database.deserialize(ledger[:18] + b"\x01\x01" + ledger[20:])
        return int(database.execute("SELECT count(*) FROM calls WHERE state = 'answered'").fetchone()[0])


def main() -> int:
    """Print what became of one whole night, with an earlier day to look at again, and of the night after it."""
    with tempfile.TemporaryDirectory() as folder, FakeSources() as sources, FakeModel(say) as model:
        house = Installation(Path(folder) / "house", sources, model, dt.datetime(2026, 3, 2, 20, tzinfo=dt.UTC))
        house.folder.mkdir()
        results = []
        for day in (2, 3):
            house.now = house.now.replace(day=day)
            fill(sources, house.now.date())
            results.append(enumerate_night(house, "--layout", "sections", "--layout", "easy"))
    for result in results:
        print(f"power loss: {result.operations} operations, {result.states} states, {len(result.failures)} failures")
        print("\n".join(result.failures[:5]), end="\n" * bool(result.failures))
    return 1 if any(result.failures for result in results) else 0


def fill(sources: FakeSources, day: dt.date) -> None:
    """Four papers of a day, of which one cannot be printed, and a late one of the day before."""
    for number in range(4):
        name = "Hopeless" if number == 3 else "Net"
        sources.add(str(day), f"2603.{day.day:02}{number:03}", title=f"{name}{number}: A Paper", votes=9 - number)
    late = day - dt.timedelta(1)
    if str(late) in sources.days:
        sources.add(str(late), f"2603.{day.day:02}009", title="Late: A Paper", votes=3)


def say(body: dict[str, Any]) -> str:
    """A model that writes nothing which could be printed about hopeless papers."""
    return "{}" if "Hopeless" in title_of(body) else write(body)


if __name__ == "__main__":
    sys.exit(main())
