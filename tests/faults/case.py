"""One case of the matrix: what happens to a night, the plain night after it, and what is counted.

A case disturbs a site as it likes and runs nights there; then the faults are lifted, one plain night follows, and the
digests must be those of a site where nothing happened, byte by byte.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pipeline.archive import files, record
from pipeline.core.errors import PipelineError
from pipeline.lint.check import check_paths
from tests.faults.site import CONCURRENCY, MONDAY, TUESDAY, Site, moment

_undisturbed = threading.Lock()


class Case(NamedTuple):
    """`disturb` gets a fresh site with so many papers on Monday. `again` is when the plain night comes after it.

    `quick`: it is among those that the test suite runs.
    """

    name: str
    disturb: Callable[[Site], object]
    papers: int = 3
    again: str = TUESDAY
    quick: bool = False


class Skipped(Exception):
    """Raised by a case that cannot be tried here, with the reason."""


class Result(NamedTuple):
    """The result of a case. `problems` are what else was wrong, `skipped` why it was not tried."""

    name: str
    lost: int = 0
    corrupted: int = 0
    paid_twice: int = 0
    in_doubt: int = 0
    by_itself: bool = False
    problems: Sequence[str] = ()
    seconds: float = 0
    skipped: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing was lost, corrupted, paid twice or otherwise wrong."""
        return not (self.lost or self.corrupted or self.paid_twice or self.problems)

    def line(self) -> str:
        """One line for people."""
        if self.skipped:
            return f"{self.name:46} skipped: {self.skipped}"
        how = "by itself" if self.by_itself else "by the next night"
        counts = f"lost {self.lost}  corrupted {self.corrupted}  paid twice {self.paid_twice}  in doubt {self.in_doubt}"
        state = f"recovered {how}" if self.well else f"FAILED {'; '.join(self.problems)}"
        return f"{self.name:46} {counts:58} {self.seconds:5.1f} s  {state}"


def examine(case: Case) -> Result:
    """Try one case in a folder of its own."""
    try:
        with tempfile.TemporaryDirectory() as name, Site(Path(name), case.papers) as site:
            return _examine(case, site)
    except Skipped as reason:
        return Result(case.name, skipped=str(reason))
    except Exception as error:  # the other cases are to be tried nevertheless
        return Result(case.name, problems=[f"{type(error).__name__}: {error}"])


def _examine(case: Case, site: Site) -> Result:
    began = time.monotonic()
    case.disturb(site)
    by_itself = site.digests() == undisturbed(case.papers)[MONDAY]
    site.lift()
    corrupted = list(_unreadable(site))
    ran = site.run(case.again)
    if ran.code != 0:
        site.problems.append(f"the plain night ended with {ran.code}: {ran.err}")
    corrupted += _corrupted(site, undisturbed(case.papers)[_night(case.again)])
    lost, in_doubt = _lost(site, case.again), site.in_doubt()
    if lost or corrupted:
        site.problems.append(f"the plain night said: {ran.out} {ran.err}")
    if in_doubt > len(site.model.played) + CONCURRENCY * site.kills:
        site.problems.append(f"{in_doubt} calls in doubt")
    problems = [*dict.fromkeys(corrupted), *lost, *site.problems]
    seconds = time.monotonic() - began
    return Result(case.name, len(lost), len(corrupted), site.paid_twice, in_doubt, by_itself, problems, seconds)


def examine_all(cases: Sequence[Case], workers: int = 2) -> Iterator[Result]:
    """Try the cases, so many at once; their results in their order."""
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(examine, cases)


def undisturbed(papers: int) -> dict[str, dict[str, bytes]]:
    """The digests after Monday's and after Tuesday's night where nothing happens."""
    with _undisturbed:
        return _nights(papers)


@cache
def _nights(papers: int) -> dict[str, dict[str, bytes]]:
    with tempfile.TemporaryDirectory() as name, Site(Path(name), papers) as site:
        made = {}
        for night in (MONDAY, TUESDAY):
            ran = site.run(night)
            made[night] = site.digests()
            if ran.code or len(made[night]) != len(made):
                raise RuntimeError(f"a night without a fault ended with {ran.code}: {ran.err}")
        return made


def _night(at: str) -> str:
    return MONDAY if at[:10] == MONDAY[:10] else TUESDAY


def _lost(site: Site, again: str) -> list[str]:
    """The listed papers that are neither printed nor named in their day's record, and those that the ledger lacks."""
    lost = [f"{paper_id} is unaccounted for" for (paper_id,) in _unaccounted(site)]
    for day, rows in site.sources.days.items():
        if day <= f"{moment(again):%Y-%m-%d}":
            known = _known(site, day)
            lost += [f"{row['paper']['id']} is lost" for row in rows if row["paper"]["id"] not in known]
    return lost


def _unaccounted(site: Site) -> list[tuple[str]]:
    return site.rows("SELECT paper_id FROM listings WHERE status IS NULL")


def _known(site: Site, day: str) -> set[str]:
    """The papers that a day prints or names; none where its files cannot be read."""
    digest = site.output / "sections" / f"{day.replace('-', '/')}.md"
    try:
        printed = files.ids_of(files.read_text(digest)) if digest.exists() else ()
        facts = record.load(digest)
    except PipelineError:
        return set()
    if facts is None:
        return {*printed}
    held, failed = {one.id for one in facts.held_back}, {one.id for one in facts.failed}
    return {*printed} | held | failed | {one.id for one in facts.duplicates} | {one.id for one in facts.withdrawn}


def _corrupted(site: Site, expected: dict[str, bytes]) -> list[str]:
    """Return what is wrong with the output folder after the plain night."""
    made = site.digests()
    wrong = [f"{path} is missing or differs" for path in expected if made.get(path) != expected[path]]
    wrong += [f"{path} should not be there" for path in made if path not in expected]
    whole = {path.with_suffix(end) for path in files.records(site.output) for end in (".md", ".json")}
    left = (path for path in site.output.rglob("*") if path.is_file() and path not in whole)
    return [*wrong, *(f"{path.name} was left behind" for path in left), *_unreadable(site)]


def _unreadable(site: Site) -> Iterator[str]:
    """The digests and records that cannot be read, at whichever moment."""
    yield from (f"{found.path}: {found.message}" for found in check_paths(files.digests(site.output), record.omitted))
    for path in files.records(site.output):
        try:
            record.load(path)
        except PipelineError as error:
            yield str(error)
