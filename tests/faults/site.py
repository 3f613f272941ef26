"""A whole installation for one case: folders, sources and a model on loopback, and nights as processes of their own."""

import datetime as dt
import hashlib
import json
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.support.environment import without_settings
from tests.support.fake_model import FakeModel
from tests.support.fakes import ABSTRACT, Answer, Asked, FakeSources, Server
from tests.support.world import write

SUNDAY, MONDAY, LATER, TUESDAY = (
    f"2026-03-{moment}:00+00:00" for moment in ("01T20:00", "02T20:00", "02T23:00", "03T20:00")
)
CONCURRENCY = 3
# Of every wait: a minute becomes 1.2 s, and a source has 0.6 s to answer.
SCALE = 0.02
# What a command may end with: not with a bug, and never with a findings code.
KILLED = (-signal.SIGKILL, -signal.SIGXFSZ)
EXITS = (0, 2, 3, 4, 5, 130, *KILLED)
_LONGEST = 60  # seconds
_ROOT = Path(__file__).parents[2]
_PAGE = "<html><body><article class='ltx_document'><section class='ltx_section'><p class='ltx_p'>{}</p></section>"

# What becomes of the honest answer to a request; None: nothing.
Fault = Callable[[Asked, Answer], Answer | None]


class Ran(NamedTuple):
    """An ended process: its exit code and its output."""

    code: int
    out: str
    err: str


class _Faulty(Server):
    """A server whose honest answer goes through `fault`, if there is one; `played` are the requests that it spoiled."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: Fault | None = None
        self.played: list[Asked] = []

    def answer(self, asked: Asked) -> Answer:
        honest = super().answer(asked)
        spoiled = self.fault(asked, honest) if self.fault else None
        if spoiled:
            self.played.append(asked)
        return spoiled or honest


class FaultyModel(_Faulty, FakeModel):
    """A decent model, but for its `fault`."""


class _Sources(FakeSources):
    """Hugging Face and arXiv, with a page of each paper."""

    def answer(self, asked: Asked) -> Answer:
        if asked.path.startswith("/html/"):
            return Answer(body=_PAGE.format(ABSTRACT * 3).encode(), content_type="text/html; charset=utf-8")
        return super().answer(asked)


class FaultySources(_Faulty, _Sources):
    """The fake sources with a `fault`."""


class Site:
    """Papers are listed on Monday, one on Tuesday. Until `lift`, `env` is laid over the settings, `prefix` stands
    before the command, and an `impatient` night waits for nothing as long as it would.

    `problems` are the things that are wrong whatever the case is about. `kills` counts the runs that were killed or
    interrupted, `runs` all of them.
    """

    def __init__(self, folder: Path, papers: int) -> None:
        self.folder, self.output, self.state = folder, folder / "output", folder / "state"
        self.sources, self.model = FaultySources(), FaultyModel()
        self.model.say = write
        self.env: dict[str, str] = {}
        self.prefix: list[str] = []
        self.impatient = False
        self.problems: list[str] = []
        self.runs = self.kills = self.paid_twice = 0
        self._lifting = ExitStack()
        for number in range(papers):
            self._add("2026-03-02", f"2603.0{number:04}", votes=99 - number)
        self._add("2026-03-03", "2603.10000", votes=1)

    def __enter__(self) -> Self:
        self.sources.__enter__()
        self.model.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self.lift()
        self.model.__exit__()
        self.sources.__exit__()

    def run(self, at: str = MONDAY, point: str = "") -> Ran:
        """One plain night to its end; `point` as in `night`. What it paid for a second time is counted."""
        before, sent = self._books(), Counter(self._sent())
        ran = self.ended(self.start(at, point))
        after, sent = self._books(), Counter(self._sent()) - sent
        self.paid_twice += _paid_twice(before, after, sent, to_its_end=ran.code in (0, 2, 3, 4))
        self._look_at(point)
        return ran

    def start(self, at: str = MONDAY, point: str = "") -> "subprocess.Popen[str]":
        """The process of one night; it is to be `ended`."""
        self.runs += 1
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        more = [*(["--point", point] if point else []), *(["--impatient"] if self.impatient else [])]
        command = [sys.executable, "-m", "tests.faults.night", "--at", at, "--notes", str(self._notes), *more, "run"]
        return subprocess.Popen(
            [*self.prefix, *command],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ended(self, process: "subprocess.Popen[str]") -> Ran:
        """Wait for a started night and return its end."""
        try:
            out, err = process.communicate(timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.problems.append(f"the night did not end within {_LONGEST} s")
        ran = Ran(process.returncode, out, err)
        self.kills += ran.code in (130, *KILLED)
        if ran.code not in EXITS or "Traceback" in err or "unexpected" in err:
            self.problems.append(f"exit {ran.code}: {err[-500:]}")
        return ran

    def until_lifted(self, enter: Any) -> None:
        """Enter a context that `lift` leaves."""
        self._lifting.enter_context(enter)

    def lift(self) -> None:
        """The end of all faults."""
        self.env.clear()
        self.prefix.clear()
        self.impatient = False
        self.sources.fault = self.model.fault = None
        self._lifting.close()

    def digests(self) -> dict[str, bytes]:
        """Every digest by its path under the output folder."""
        return {str(path.relative_to(self.output)): path.read_bytes() for path in sorted(self.output.rglob("*.md"))}

    def rows(self, sql: str) -> list[Any]:
        """Return what the ledger says; nothing where there is none, or none that can be read."""
        path = self.state / "ledger.sqlite"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            try:
                return database.execute(sql).fetchall()
            except sqlite3.Error:
                return []

    def in_doubt(self) -> int:
        """The calls of which nobody knows whether they were charged."""
        return len(self.rows("SELECT id FROM calls WHERE state IN ('open', 'in doubt')"))

    @property
    def _notes(self) -> Path:
        return self.folder / "notes"

    def _add(self, day: str, paper_id: str, votes: int) -> None:
        self.sources.add(day, paper_id, title=f"Net{paper_id[-5:]}: A Paper", votes=votes)

    def _environment(self) -> dict[str, str]:
        ours = {
            "PIPELINE_SOURCES__HF_URL": self.sources.hf_url,
            "PIPELINE_SOURCES__ARXIV_API_URL": self.sources.arxiv_url,
            "PIPELINE_SOURCES__ARXIV_URL": self.sources.url,
            "PIPELINE_SOURCES__ARXIV_INTERVAL": "0",
            "PIPELINE_WAIT_SCALE": str(SCALE),
            "PIPELINE_LLM__CONCURRENCY": str(CONCURRENCY),
            "PIPELINE_LLM__TIMEOUT": str(180 * (SCALE if self.impatient else 1)),
            "PIPELINE_OUTPUT_DIR": str(self.output),
            "PIPELINE_STATE_DIR": str(self.state),
            "OPENAI_BASE_URL": self.model.base_url,
            "PYTHONPATH": str(_ROOT),
            # The turns at arXiv are one queue for the machine: a hanging arXiv must not hold up other cases.
            "TMPDIR": str(self.folder / "tmp"),
        }
        theirs = without_settings()
        return theirs | ours | self.env

    def _books(self) -> "_Charges":
        held = "paper_id IN (SELECT paper_id FROM listings WHERE status = 'held back')"
        over = {one for (one,) in self.rows(f"SELECT request_hash FROM calls WHERE settled = 1 AND {held}")}
        answered = Counter(one for (one,) in self.rows("SELECT request_hash FROM calls WHERE state = 'answered'"))
        used = Counter(self._notes.read_text().split() if self._notes.exists() else ())
        return _Charges(answered, used, over)

    def _sent(self) -> list[str]:
        """The requests that the model got; of a killed process perhaps half of one, which is none."""
        whole = (one for one in self.model.asked if len(one.body) == int(one.headers["content-length"]))
        return [booked_as(json.loads(one.body)) for one in whole]

    def _look_at(self, point: str) -> None:
        """Check what must hold after every run: every call that came was booked, and none answered twice in one run."""
        if point and "fault" not in (self._notes.read_text() if self._notes.exists() else ""):
            self.problems.append(f"{point} was not reached")
        booked = [one for (one,) in self.rows("SELECT request_hash FROM calls")]
        came = self._sent()
        if self.rows("PRAGMA user_version") and any(came.count(one) > booked.count(one) for one in set(came)):
            self.problems.append("a call was made that the ledger does not have")


class _Charges(NamedTuple):
    """Counts of how often each request was answered, by the ledger, and its answer used, by the witness.

    `over` are those of papers that were held back: they are asked about anew.
    """

    answered: Counter[str]
    used: Counter[str]
    over: set[str]


def _paid_twice(before: _Charges, after: _Charges, sent: Counter[str], to_its_end: bool) -> int:
    """Count the answers that a run had when it sent their requests, and did not use.

    A request may be asked again in one run, where its answer was no good: that one has been used.
    """
    twice = 0
    for one in sent:
        had = 0 if one in before.over else max(before.answered[one], before.used[one])
        answered, used = after.answered[one] - before.answered[one], after.used[one] - before.used[one]
        twice += min(max(had - (used - answered), 0), had)
        twice += max(answered - used, 0) if to_its_end else 0
    return twice


def booked_as(body: dict[str, Any]) -> str:
    """The hash under which the ledger has a request, from what came over the network."""
    said = [(message["role"], message["content"]) for message in body["messages"]]
    schema = body["response_format"]["json_schema"]["schema"]
    asked = [body["model"], said, schema, body.get("temperature"), body["max_completion_tokens"]]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def moment(at: str) -> dt.datetime:
    """A moment as `run` takes it."""
    return dt.datetime.fromisoformat(at)
