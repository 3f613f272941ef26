"""Cases that strike the process: signals at chosen points, other processes, the clock."""

import itertools
import sqlite3
import threading
from contextlib import closing
from functools import partial

from tests.faults.case import Case
from tests.faults.site import LATER, MONDAY, SUNDAY, TUESDAY, Ran, Site
from tests.support.fakes import Answer, Asked

# Where a night can be struck: a name, and the place as `night` takes it (function, before or after, which call).
POINTS = {
    "after the run is in the ledger": "pipeline.ledger:Ledger.begin_run:after:1",
    "before the list is read": "pipeline.sources.web:Web.list_day:before:1",
    "after the list is read": "pipeline.sources.web:Web.list_day:after:1",
    "after arXiv's facts are read": "pipeline.sources.web:Web.metadata:after:1",
    "before a paper's text is read": "pipeline.sources.web:Web.text:before:2",
    "before a call is booked": "pipeline.ledger:Ledger.reserve:before:2",
    "after a call is booked": "pipeline.ledger:Ledger.reserve:after:2",
    "after a call is answered": "pipeline.llm.openai:OpenAIModel.complete:after:1",
    "before an answer is in the ledger": "pipeline.ledger:Ledger.record:before:2",
    "after an answer is in the ledger": "pipeline.ledger:Ledger.record:after:2",
    "after an answer is judged": "pipeline.summarise.steps:advance:after:2",
    "after a summary is in the ledger": "pipeline.ledger:Ledger.keep:after:2",
    "before the record is written": "pipeline.archive.files:write_atomic:before:1",
    "before the record is on the disk": "os:fdopen:after:1",
    "before the record has its name": "pathlib:Path.replace:before:1",
    "after the record has its name": "pathlib:Path.replace:after:1",
    "before the digest is on the disk": "os:fdopen:after:2",
    "before the digest has its name": "pathlib:Path.replace:before:2",
    "after the digest has its name": "pathlib:Path.replace:after:2",
    "before the day is in the ledger": "pipeline.archive.digest_day:close_day:before:1",
    "after the day is in the ledger": "pipeline.archive.digest_day:close_day:after:1",
    "before the run's end is in the ledger": "pipeline.ledger:Ledger.end_run:before:1",
    "after the run's end is in the ledger": "pipeline.ledger:Ledger.end_run:after:1",
}
ENDS = {"SIGKILL": -9, "SIGXFSZ": -25, "SIGTERM": 130, "SIGINT": 130}
_QUICK = {
    ("SIGKILL", "after a call is booked"),
    ("SIGKILL", "after an answer is judged"),
    ("SIGKILL", "before the digest has its name"),
    ("SIGINT", "before the record is written"),
}


def _struck(place: str, signal: str, site: Site) -> None:
    _expect(site, ENDS[signal], site.run(point=f"{signal}:{place}"))


def _struck_in_the_background(site: Site) -> None:
    """Shells have what they start in the background ignore SIGINT; it must hear SIGTERM nevertheless."""
    site.prefix = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]
    _struck(POINTS["after a call is answered"], "SIGTERM", site)


def _struck_before_it_is_known(site: Site) -> None:
    """Nothing tells of this night; that there were nights before it makes the next one look back."""
    site.run(at=SUNDAY)
    site.run(point="SIGKILL:pipeline.ledger:Ledger.begin_run:before:1")


def _two_at_once(site: Site) -> None:
    """The second comes while the first waits for the model, and goes again."""
    site.env["PIPELINE_LLM__TIMEOUT"] = "60"
    asked, over = threading.Event(), threading.Event()

    def slow(request: Asked, honest: Answer) -> None:
        asked.set()
        over.wait(30)

    site.model.fault = slow
    first = site.start()
    asked.wait(30)
    second = site.run()
    over.set()
    if (site.ended(first).code, second.code) != (0, 5) or len(site.model.asked) != 3:
        site.problems.append(f"the second run ended with {second.code}: {second.err}")


def _stale_lock(site: Site) -> None:
    """A lock file that nobody holds, with the number of a process that is no more."""
    site.state.mkdir()
    (site.state / "run.lock").write_text("4194303\n")
    site.run()


def _locked_ledger(site: Site) -> None:
    site.run(at=SUNDAY)
    _lock(site)
    _expect(site, 5, site.run())


def _locked_in_mid_run(site: Site) -> None:
    """From the second call on, so that an answer comes that cannot be kept."""
    numbers = itertools.count(1)

    def lock(request: Asked, honest: Answer) -> None:
        if next(numbers) == 2:
            _lock(site)

    site.model.fault = lock
    _expect(site, 5, site.run())
    site.kills += 1  # in doubt is what was under way, as at a kill


def _lock(site: Site) -> None:
    database = sqlite3.connect(site.state / "ledger.sqlite", isolation_level=None, check_same_thread=False)
    database.execute("BEGIN IMMEDIATE")
    site.until_lifted(closing(database))
    site.impatient = True


def _expect(site: Site, code: int, ran: Ran) -> None:
    if ran.code != code:
        site.problems.append(f"exit {ran.code} instead of {code}: {ran.err}")


def _clock_back(site: Site) -> None:
    """A day is repeated, and the day before it comes after it."""
    for night in (TUESDAY, MONDAY):
        site.run(at=night)


def _clock_back_after_a_kill(site: Site) -> None:
    site.run(at=MONDAY, point=f"SIGKILL:{POINTS['after an answer is in the ledger']}")
    site.run(at=SUNDAY)


CASES = [
    Case(
        "killed in the middle of the record",
        partial(_struck, "pipeline.archive.files:write_atomic:before:1", "SIGXFSZ"),
    ),
    Case(
        "killed in the middle of the digest",
        partial(_struck, "pipeline.archive.files:write_atomic:before:2", "SIGXFSZ"),
        quick=True,
    ),
    Case("two runs at once", _two_at_once, quick=True),
    Case("stale lock of a dead process", _stale_lock),
    Case("ledger locked by another writer", _locked_ledger),
    Case("ledger locked in mid-run", _locked_in_mid_run, quick=True),
    Case("clock jumps back a day", _clock_back, quick=True),
    Case("clock jumps back a day after a kill", _clock_back_after_a_kill),
    Case("SIGTERM of a background job", _struck_in_the_background, quick=True),
    Case("SIGKILL before the run is in the ledger", _struck_before_it_is_known),
    *(
        Case(f"{signal} {name}", partial(_struck, place, signal), again=again, quick=(signal, name) in _QUICK)
        for turn, signal in enumerate(("SIGKILL", "SIGTERM", "SIGINT"))
        for (name, place), again in zip(POINTS.items(), itertools.cycle((TUESDAY, LATER)[:: 1 - turn % 2 * 2]))
    ),
]
