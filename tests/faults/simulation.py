"""Simulates thirty nights of a machine, its sources and its model, with seeded random faults: `make simulation`.

`python -m tests.faults.simulation [SEED ...]`. Every command is a process of its own, told the time; servers are on
loopback and unruly; processes are killed at random moments. At the end, after some quiet nights, every listed paper
must be printed or named, every file in form, and the ledger equal to one that is made from the output.
"""

import collections
import contextlib
import datetime as dt
import json
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline import ledger
from pipeline.archive import files
from pipeline.archive.index import Index
from tests.support.fake_model import FakeModel, completion, error
from tests.support.fakes import HF_PATH, Answer, Asked, FakeSources, listed_record
from tests.support.installation import Installation, Ran
from tests.support.world import title_of, write

FIRST, NIGHTS, QUIET = dt.date(2026, 3, 2), 30, 5
LOOKBACK = 3
# How far back `status` speaks of days without a list.
STATUS = dt.timedelta(31)
ZONES = ("UTC", "UTC", "Asia/Seoul", "America/New_York")
LISTS = ("entries", "held_back", "failed", "duplicates", "withdrawn")
# Of the requests of a night, so many go wrong.
SHARES = (0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.9)
# A hang lasts longer than both time limits; the one of the sources is no setting.
HANG, LIMIT = 1.5, 0.7
LAUNCHER = f"""
import datetime, functools, httpx2, sys
from pipeline import cli
from pipeline.core import http
moment = datetime.datetime.fromisoformat(sys.argv.pop(1))
cli.common.now = lambda: moment
http.new_client = functools.partial(httpx2.Client, timeout={LIMIT})
cli.main()
"""
_SOURCE_FAULTS = (
    Answer(429, headers={"Retry-After": "1"}),
    Answer(500, b"{}"),
    Answer(503, b"{}"),
    Answer(body=b"[" + b" " * 5000, cut=100),
    Answer(body=b"[]", delay=HANG),
    Answer(body=b"<html>Are you a robot?</html>", content_type="text/html"),
    Answer(body=b'[{"paper": '),
)
_MODEL_FAULTS = (
    error(429, headers={"Retry-After": "1"}),
    error(500),
    error(529),
    replace(completion("{}"), cut=40),
    replace(completion("{}"), delay=HANG),
    Answer(body=b"<html>busy</html>", content_type="text/html"),
    Answer(body=b'{"id": "c1", "choices": ['),
    completion(None, refusal="I would rather not."),
    completion('{"answer": {"whats_new": [', finish_reason="length"),
    completion("{}"),
    completion('{"answer": "nonsense"}'),
    completion(json.dumps({"answer": {"whats_new": [{"text": "It is 99% better!", "cites": [1]}]}})),
)


class Weather:
    """The trouble of a night: the share of requests that go wrong, and the one source of chance for the servers."""

    def __init__(self, seed: int) -> None:
        self.sources = self.model = 0.0
        self._random, self._lock = random.Random(seed), threading.Lock()

    def fault(self, share: float, faults: Sequence[Answer]) -> Answer | None:
        with self._lock:
            return self._random.choice(faults) if self._random.random() < share else None


class UnrulySources(FakeSources):
    """Hugging Face and arXiv in tonight's weather. `whole` are the dates whose list was served to its end."""

    def __init__(self, weather: Weather) -> None:
        super().__init__()
        self.whole: set[str] = set()
        self._weather = weather

    def answer(self, asked: Asked) -> Answer:
        fault = self._weather.fault(self._weather.sources, _SOURCE_FAULTS)
        if asked.path == HF_PATH:
            date = asked.query.get("date", "")
            self.whole.discard(date)
            if not fault and asked.query.get("p") != "0":
                self.whole.add(date)
        return fault or super().answer(asked)


class UnrulyModel(FakeModel):
    """A model in tonight's weather; of some papers it never writes anything that could be printed."""

    def __init__(self, weather: Weather) -> None:
        super().__init__(lambda body: "{}" if "Hopeless" in title_of(body) else write(body))
        self._weather = weather

    def answer(self, asked: Asked) -> Answer:
        return self._weather.fault(self._weather.model, _MODEL_FAULTS) or super().answer(asked)


class Calendar:
    """The lists of all days: `known` are the ids of each day so far, `stale` the dates that show another day's list."""

    def __init__(self, sources: UnrulySources, chance: random.Random) -> None:
        self.known: dict[dt.date, list[str]] = collections.defaultdict(list)
        self.stale: set[dt.date] = set()
        self.sources, self._chance = sources, chance
        self._late: list[tuple[dt.date, dt.date, str]] = []
        self._number = 0

    def dawn(self, today: dt.date) -> None:
        """Begin a new day: its list, papers that come late to earlier lists, other votes."""
        for date in [date for date in self.stale if date < today]:
            self.sources.days[str(date)].clear()
            self.stale.discard(date)
            for paper_id in self.known[date]:
                self._add(date, paper_id)
        for due, date, paper_id in [late for late in self._late if late[0] <= today]:
            self._late.remove((due, date, paper_id))
            self.known[date].append(paper_id)
            self._add(date, paper_id)
        if today.weekday() < 5:
            self._new_list(today)
        for record in (record for day in self.sources.days.values() for record in day if "paper" in record):
            record["paper"]["upvotes"] = self._chance.randint(0, 60)

    def _new_list(self, today: dt.date) -> None:
        for _ in range(self._chance.randint(0, 15)):
            self._number += 1
            paper_id = f"{today:%y%m}.{self._number:05}"
            if self._chance.random() < 0.1:
                self._late.append((today + dt.timedelta(self._chance.randint(1, 2)), today, paper_id))
            else:
                self.known[today].append(paper_id)
        earlier = [paper for date in self.known if date < today for paper in self.known[date]]
        for paper_id in self._chance.sample(earlier, min(len(earlier), self._chance.choice((0, 0, 1, 2)))):
            self.known[today].append(paper_id)
        before = self.sources.days.get(str(today - dt.timedelta(1)), [])
        if len(before) >= 3 and self._chance.random() < 0.15:
            self.sources.days[str(today)] = [dict(record) for record in before]
            self.stale.add(today)
            return
        for paper_id in self.known[today]:
            self._add(today, paper_id)
        if self._chance.random() < 0.2:
            self.sources.days[str(today)].append({"title": "No paper at all"})

    def _add(self, date: dt.date, paper_id: str) -> None:
        if paper_id in self.sources.papers:
            known = self.sources.papers[paper_id]
            self.sources.days[str(date)].append(listed_record(paper_id, known.title, known.abstract))
            return
        hopeless = "Hopeless" if self._chance.random() < 0.05 else "Net"
        comment = "This paper has been withdrawn" if self._chance.random() < 0.03 else ""
        self.sources.add(str(date), paper_id, title=f"{hopeless}{paper_id[-5:]}: A Paper", comment=comment)


class Simulation:
    """One seed's thirty nights. `problems` are sentences; there must be none."""

    def __init__(self, seed: int, house: Installation, weather: Weather, calendar: Calendar) -> None:
        self.problems: list[str] = []
        self.totals: collections.Counter[str] = collections.Counter()
        self.chance = random.Random(f"machine {seed}")
        self.house, self.weather, self.calendar = house, weather, calendar
        # What a night that came to its end was shown of each day.
        self.shown: dict[dt.date, set[str]] = collections.defaultdict(set)
        self.off = self.chance.randrange(8, NIGHTS - 8) if self.chance.random() < 0.5 else NIGHTS + QUIET

    def live(self) -> None:
        """All the nights, then the reckoning."""
        for number in range(NIGHTS + QUIET):
            self.house.now = dt.datetime.combine(FIRST + dt.timedelta(number), dt.time(20), dt.UTC)
            self.house.now += dt.timedelta(minutes=self.chance.randint(-300, 239))
            self.calendar.dawn(self.house.now.date())
            events = self._quiet_night() if number >= NIGHTS else self._night(number)
            print(f"{self.house.now:%Y-%m-%d %a} {self._standing()}  {', '.join(events)}", flush=True)
        Reckoning(self).check()

    def _night(self, number: int) -> list[str]:
        if self.off <= number < self.off + LOOKBACK + 2 or self.chance.random() < 0.1:
            self.totals["missed nights"] += 1
            return ["machine off"]
        self.weather.sources = self.chance.choice(SHARES)
        self.weather.model = self.chance.choice(SHARES)
        if self.chance.random() < 0.15:
            self.house.more["PIPELINE_TIMEZONE"] = self.chance.choice(ZONES)
        events = [f"faults {self.weather.sources:.0%}/{self.weather.model:.0%}", self.house.more["PIPELINE_TIMEZONE"]]
        if self.chance.random() < 0.1:
            events.append(self._throw_away())
        events.append(self._command("run", kill=self.chance.random() < 0.3))
        if self.chance.random() < 0.25:
            events.append(self._command("run"))
        return [*events, *self._changes()]

    def _quiet_night(self) -> list[str]:
        self.weather.sources = self.weather.model = 0
        self.house.more["PIPELINE_TIMEZONE"] = "UTC"
        return ["quiet", self._command("run")]

    def _changes(self) -> Iterator[str]:
        printed = sorted(printed_ids(self.house.output))
        if printed and self.chance.random() < 0.15:
            yield self._command("regenerate", self.chance.choice(printed), kill=self.chance.random() < 0.3)
        if printed and self.chance.random() < 0.12:
            paper = self.chance.choice(printed)
            yield self._command("withdraw", paper, "--reason", "a test", kill=self.chance.random() < 0.3)
            if paper in printed_ids(self.house.output):  # killed before it came to that
                yield self._command("withdraw", paper, "--reason", "a test")

    def _throw_away(self) -> str:
        shutil.rmtree(self.house.state, ignore_errors=True)
        self.totals["machines thrown away"] += 1
        return f"new machine, rebuild {self._command('status', '--rebuild')}"

    def _command(self, *arguments: str, kill: bool = False) -> str:
        self.calendar.sources.whole.clear()
        ran = run(self.house, arguments, self.chance.uniform(0.3, 2.5) if kill else None)
        self.totals["commands"] += 1
        self.totals["killed"] += ran.code == -9
        self._judge(arguments, ran)
        return f"{arguments[0]} {'killed' if ran.code == -9 else ran.code}"

    def _judge(self, arguments: tuple[str, ...], ran: Ran) -> None:
        if ran.code == -9:
            return
        if ran.code not in (0, 3, 4) or "Traceback" in ran.err:
            self.problems.append(f"{self.house.now:%m-%d}: {' '.join(arguments)}: exit {ran.code}: {ran.err[-400:]}")
        if arguments[0] == "run" and ran.code in (0, 3):
            for date in map(dt.date.fromisoformat, self.calendar.sources.whole):
                if date not in self.calendar.stale:
                    self.shown[date] |= set(self.calendar.known[date])
        with ledger.opened(self.house.state) as book:
            lost = Index(book, self.house.output).unaccounted()
            self.problems += [f"{self.house.now:%m-%d}: unaccounted: {one}" for one in lost]

    def _standing(self) -> str:
        counts: collections.Counter[str] = collections.Counter()
        for record in records(self.house.output).values():
            counts.update({"listed": len(record["listed"])} | {name: len(record[name]) for name in LISTS})
        return " ".join(f"{name.replace('_', ' ')} {counts[name]:3}" for name in ("listed", *LISTS))


class Reckoning:
    """Checks of what must hold at the end of a simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation, self.house = simulation, simulation.house
        self.problems, self.totals = simulation.problems, simulation.totals

    def check(self) -> None:
        """All of it; what does not hold is among the simulation's problems."""
        self._every_paper_is_named()
        self._printed_once()
        self._in_form()
        self._status_names_them()
        self._rebuilt_equals()

    def _every_paper_is_named(self) -> None:
        """A list that was shown under the next day's date, while the machine was off, is printed there; the day itself
        is without a list from then on, and `status` says so."""
        known, printed = records(self.house.output), printed_ids(self.house.output)
        gaps = self._gaps(known)
        for date, ids in sorted(self.simulation.calendar.known.items()):
            record = known.get(date, dict.fromkeys(LISTS, ()))
            named = printed.union(one["id"] for name in LISTS for one in record[name])
            missing = (set(ids) & self.simulation.shown[date]) - named
            if missing and date not in gaps:
                self.problems.append(f"{date}: lost: {sorted(missing)}")
            self.totals["listed papers"] += len(ids)
            self.totals["named"] += len(set(ids) & named)
            early = "of days before the first night that came to its end" if date < min(known) else ""
            when = early or ("of days without a list" if date in gaps else "listed after the last look")
            self.totals[when] += len(set(ids) - named)

    def _printed_once(self) -> None:
        where = collections.Counter(
            entry.paper_id
            for path in files.digests(self.house.output)
            for entry in files.read_digest(path)[1].digest.entries
        )
        self.totals["printed"] = len(where)
        self.problems += [f"{paper_id} is printed {times} times" for paper_id, times in where.items() if times > 1]

    def _in_form(self) -> None:
        ran = run(self.house, ("check", "--strict", str(self.house.output)))
        if ran.code:
            self.problems.append(f"check --strict: {ran.out[-400:]}")

    def _status_names_them(self) -> None:
        """Failed papers however old they are, held-back ones of the last week, days that were never looked at."""
        status = json.loads(run(self.house, ("status", "--json")).out)
        said = {(one["date"], one["paper_id"]) for one in status["not_printed"]}
        known = records(self.house.output)
        failed = {(str(date), one["id"]) for date, record in known.items() for one in record["failed"]}
        self.totals["failed and out of reach"] = len(failed)
        self.problems += [f"status does not name {one} as failed" for one in sorted(failed - said)]
        self.totals["days without a list"] = len(gaps := self._gaps(known))
        if missing := {str(date) for date in gaps if date >= self.house.now.date() - STATUS} - set(
            status["without_list"]
        ):
            self.problems.append(f"status does not name days without a list: {sorted(missing)}")

    def _gaps(self, known: dict[dt.date, dict[str, Any]]) -> list[dt.date]:
        days = (FIRST + dt.timedelta(number) for number in range(NIGHTS + QUIET))
        unlisted = [day for day, record in known.items() if record["state"] != "empty" and not record["listed"]]
        return [day for day in days if day >= min(known) and (day not in known or day in unlisted)]

    def _rebuilt_equals(self) -> None:
        before = self._facts()
        shutil.rmtree(self.house.state)
        if (ran := run(self.house, ("status", "--rebuild"))).code:
            self.problems.append(f"status --rebuild: exit {ran.code}: {ran.err[-300:]}")
        after = self._facts()
        for table, rows in before.items():
            for word, odd in (("not rebuilt", set(rows) - set(after[table])), ("new", set(after[table]) - set(rows))):
                if odd:
                    self.problems.append(f"{table}: {len(odd)} {word}, such as {min(odd)[:200]}")

    def _facts(self) -> dict[str, list[Any]]:
        """Of summaries, the printed ones: another may be kept of a night that was killed and not looked at again."""
        facts, printed = self.house.facts(), printed_ids(self.house.output)
        return facts | {"summaries": [row for row in facts["summaries"] if row.split("'")[1] in printed]}


def run(house: Installation, arguments: Sequence[str], kill_after: float | None = None) -> Ran:
    """A command in a process of its own, killed without warning after so many seconds if it still lives."""
    command = [sys.executable, "-c", LAUNCHER, house.now.isoformat(), *arguments]
    environment = house.environment() | {"TMPDIR": str(house.folder)}
    with subprocess.Popen(
        command, cwd=house.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            out, err = process.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
    return Ran(process.returncode, out, err)


def records(output: Path) -> dict[dt.date, dict[str, Any]]:
    """The record of each day."""
    found = (json.loads(path.read_bytes()) for path in files.records(output))
    return {dt.date.fromisoformat(record["date"]): record for record in found}


def printed_ids(output: Path) -> set[str]:
    """Every id that is printed."""
    return {paper_id for path in files.digests(output) for paper_id in files.ids_of(files.read_text(path))}


def simulate(seed: int) -> list[str]:
    """One seed; prints a line a day and the totals, gives what went wrong."""
    began, weather = time.monotonic(), Weather(seed)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sources, model = stack.enter_context(UnrulySources(weather)), stack.enter_context(UnrulyModel(weather))
        settings = {"PIPELINE_TIMEZONE": "UTC", "PIPELINE_LLM__TIMEOUT": str(LIMIT)}
        house = Installation(folder, sources, model, dt.datetime.combine(FIRST, dt.time(20), dt.UTC), settings)
        simulation = Simulation(seed, house, weather, Calendar(sources, random.Random(f"calendar {seed}")))
        simulation.live()
        simulation.totals["calls of the model"] = len(model.asked)
    print(f"seed {seed}: {', '.join(f'{name} {number}' for name, number in simulation.totals.items())}")
    for problem in simulation.problems:
        print(f"seed {seed}: PROBLEM: {problem}")
    print(f"seed {seed}: {len(simulation.problems)} problems, {time.monotonic() - began:.0f} s", flush=True)
    return simulation.problems


def main() -> int:
    """Simulate each seed of the command line, the first three if none is given."""
    seeds = [int(seed) for seed in sys.argv[1:]] or [1, 2, 3]
    problems = [problem for seed in seeds for problem in simulate(seed)]
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
