"""What happens to the process: signals at chosen points, other processes, the clock."""

from functools import partial

from tests.faults.case import Case
from tests.faults.site import LATER, SUNDAY, TUESDAY, Site

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
    "after an answer is judged": "pipeline.summarise:advance:after:2",
    "after a summary is in the ledger": "pipeline.ledger:Ledger.keep:after:2",
    "before the record is written": "pipeline.publish.files:write_atomic:before:1",
    "before the record is on the disk": "os:fsync:before:1",
    "before the record has its name": "pathlib:Path.replace:before:1",
    "after the record has its name": "pathlib:Path.replace:after:1",
    "before the digest is on the disk": "os:fsync:before:3",
    "before the digest has its name": "pathlib:Path.replace:before:2",
    "after the digest has its name": "pathlib:Path.replace:after:2",
    "before the day is in the ledger": "pipeline.ledger:Ledger.close_day:before:1",
    "after the day is in the ledger": "pipeline.ledger:Ledger.close_day:after:1",
    "before the run's end is in the ledger": "pipeline.ledger:Ledger.end_run:before:1",
    "after the run's end is in the ledger": "pipeline.ledger:Ledger.end_run:after:1",
}
_QUICK = ("after a call is booked", "after an answer is judged", "before the digest has its name")


def _struck(place: str, signal: str, site: Site) -> None:
    site.run(point=f"{signal}:{place}")


def _struck_before_it_is_known(site: Site) -> None:
    """Nothing tells of this night; that there were nights before it makes the next one look back."""
    site.run(at=SUNDAY)
    site.run(point="SIGKILL:pipeline.ledger:Ledger.begin_run:before:1")


CASES = [
    Case("SIGKILL before the run is in the ledger", _struck_before_it_is_known),
    *(
        Case(
            f"{signal} {name}",
            partial(_struck, place, signal),
            again=again,
            quick=signal == "SIGKILL" and name in _QUICK,
        )
        for signal, again in (("SIGKILL", TUESDAY), ("SIGKILL", LATER), ("SIGTERM", TUESDAY), ("SIGINT", LATER))
        for name, place in POINTS.items()
    ),
]
