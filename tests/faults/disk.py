"""Cases that strike the disk: full, read-only or gone; its files in the way, edited, cut, deleted; power loss.

A full and a read-only disk are small ones of their own, mounted for the case, which is skipped where that is not
permitted.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal

from pipeline.archive import files
from tests.faults.case import Case, Skipped
from tests.faults.site import LATER, TUESDAY, Ran, Site
from tests.support.fakes import Answer, Asked

Folder = Literal["output", "state"]
WRONG_USE = 2
_DIGEST = Path("sections/2026/03/02.md")


# ---- small disks


@contextlib.contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """A disk of 2 MB in a folder's place; at the end its files lie in the folder as if it had always been one."""
    folder.mkdir(exist_ok=True)
    _mount("-t", "tmpfs", "-o", "size=2m", "none", str(folder))
    aside = folder.with_name(f"{folder.name}-aside")
    try:
        yield
    finally:
        shutil.copytree(folder, aside, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["umount", str(folder)], check=True)
        shutil.copytree(aside, folder, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(aside)


def _mount(*arguments: str) -> None:
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise Skipped("nothing can be mounted here") from None


@contextlib.contextmanager
def _full(folder: Path) -> Iterator[None]:
    """No byte of room is left on the folder's disk."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """Nothing on the folder's disk can be changed, by root either."""
    _mount("-o", "remount,ro", str(folder))
    try:
        yield
    finally:
        _mount("-o", "remount,rw", str(folder))


Trouble = Callable[[Path], "contextlib.AbstractContextManager[None]"]


def _from_the_start(trouble: Trouble, which: Folder, site: Site) -> None:
    folder: Path = getattr(site, which)
    site.until_lifted(_disk(folder))
    site.until_lifted(trouble(folder))
    _refused(site, site.run(), str(folder))
    if site.model.asked and which == "state":
        site.problems.append("a call was made that could not be booked")


def _in_mid_run(trouble: Trouble, which: Folder, site: Site) -> None:
    folder: Path = getattr(site, which)
    site.until_lifted(_disk(folder))
    _at_a_call(site, 2, lambda: site.until_lifted(trouble(folder)))
    _refused(site, site.run(), str(folder))
    site.kills += which == "state"  # what was under way could not be booked, as if the run had been killed


def _at_a_call(site: Site, nth: int, strike: Callable[[], None]) -> None:
    """Strike while the nth call from now on is under way."""
    number = len(site.model.asked) + nth

    def fault(asked: Asked, honest: Answer) -> Answer | None:
        if len(site.model.asked) == number:
            strike()
        return None

    site.model.fault = fault


def _refused(site: Site, ran: Ran, *words: str) -> None:
    """The night ended with one clear sentence that has these words. That there is no log either may be said too."""
    said = [line for line in ran.err.splitlines() if line.startswith("pipeline: ") and ".log cannot be" not in line]
    if ran.code != WRONG_USE or len(said) != 1 or any(word not in said[0] for word in words):
        site.problems.append(f"exit {ran.code} and: {ran.err[-600:]}")


# ---- folders that are not there, or no folders


def _vanished_in_mid_run(site: Site) -> None:
    """Monday's digest is gone as well when Tuesday's is about to be written."""
    site.run()
    _at_a_call(site, 1, lambda: shutil.rmtree(site.output))
    site.run(TUESDAY)
    if len(list(site.output.rglob("*.md"))) != 2:
        site.problems.append("the night did not look back at what had vanished")


def _vanished(which: Folder, site: Site) -> None:
    site.run()
    shutil.rmtree(getattr(site, which))
    site.model.asked.clear()  # a ledger that is gone has booked nothing


def _in_the_way(place: str, site: Site) -> None:
    """A file where a folder should be; it is taken away before the next night."""
    path = site.folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a note")
    site.until_lifted(_then(path.unlink))
    _refused(site, site.run(), str(path))


def _linked(place: str, site: Site) -> None:
    """The folder lies elsewhere."""
    path, elsewhere = site.folder / place, site.folder / "elsewhere"
    elsewhere.mkdir()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(elsewhere, target_is_directory=True)
    site.run()
    if not any(elsewhere.iterdir()):
        site.problems.append("nothing was written where the link points")
    site.until_lifted(_then(partial(_unlinked, path, elsewhere)))


def _unlinked(path: Path, elsewhere: Path) -> None:
    path.unlink()
    elsewhere.rename(path)


# ---- files that others had their hands on


def _edited(data: bytes, suffix: str, site: Site) -> None:
    """A night names the file that it cannot read and leaves it alone; then somebody restores it."""
    path = _after_a_night(site, suffix)
    before = path.read_bytes()
    path.write_bytes(data)
    _refused(site, site.run(LATER), str(path))
    if path.read_bytes() != data:
        site.problems.append(f"{path} was overwritten")
    path.write_bytes(before)


def _cut(share: float, site: Site) -> None:
    """The end of a digest is missing; a night says so, and somebody moves the file away."""
    path = _after_a_night(site, ".md")
    whole = path.read_text("utf-8")
    path.write_text(whole[: int(len(whole) * share)], "utf-8")
    _refused(site, site.run(LATER), str(path), "move it away")
    path.unlink()


def _cut_between_entries(site: Site) -> None:
    """Leave a digest with fewer papers: the next night prints the others again, out of the ledger."""
    path = _after_a_night(site, ".md")
    text, parsed = files.read_digest(path)
    path.write_text(text[: parsed.spans[1].start], "utf-8")


def _without_digest(site: Site) -> None:
    _after_a_night(site, ".md").unlink()


def _without_record(site: Site) -> None:
    """A night leaves the digest as it is; where its sentences come from is lost until somebody restores it."""
    path = _after_a_night(site, ".json")
    before = path.read_bytes()
    path.unlink()
    site.until_lifted(_then(partial(path.write_bytes, before)))
    if (code := site.run(LATER).code) != 0:
        site.problems.append(f"the night without a record ended with {code}")


def _after_a_night(site: Site, suffix: str) -> Path:
    site.run()
    return (site.output / _DIGEST).with_suffix(suffix)


@contextlib.contextmanager
def _then(repair: Callable[[], object]) -> Iterator[None]:
    try:
        yield
    finally:
        repair()


# ---- power


def _power_lost(site: Site) -> None:
    """A process of its own, as it takes this process's `os` apart."""
    site.run()
    command = [sys.executable, "-m", "tests.faults.power"]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    print(done.stdout, end="", flush=True)
    if done.returncode:
        site.problems.append(done.stdout[-600:] + done.stderr[-600:])


_NONSENSE = {
    "prose": b"published, I think",
    "another object": b'{"format": 1, "layout": "sections", "listed": "rubbish"}',
    "a list": b"[]",
    "bytes": bytes(range(256)),
}
CASES = [
    *(
        Case(f"{folder} folder, disk {name} {when}", partial(run, trouble, folder), again=LATER)
        for name, trouble in (("full", _full), ("read-only", _read_only))
        for folder in ("output", "state")
        for when, run in (("from the start", _from_the_start), ("in mid-run", _in_mid_run))
        # A disk on which a file is open for writing, as the ledger is, cannot be made read-only.
        if (name, folder, when) != ("read-only", "state", "in mid-run")
    ),
    Case("output folder vanished in mid-run", _vanished_in_mid_run),
    Case("output folder vanished between runs", partial(_vanished, "output")),
    Case("state folder vanished between runs", partial(_vanished, "state")),
    *(
        Case(f"a file in the place of {place}", partial(_in_the_way, place), again=LATER)
        for place in ("output", "state", "output/sections", "output/sections/2026", f"output/{_DIGEST.parent}")
    ),
    *(Case(f"{place} is a link", partial(_linked, place)) for place in ("output", "output/sections", "state")),
    *(Case(f"DD.json is {name}", partial(_edited, data, ".json")) for name, data in _NONSENSE.items()),
    *(Case(f"DD.md is {name}", partial(_edited, _NONSENSE[name], ".md")) for name in ("prose", "bytes")),
    *(Case(f"DD.md is cut at {share:.0%}", partial(_cut, share)) for share in (0, 0.2, 0.5, 0.75, 0.99)),
    Case("DD.md is cut between two entries", _cut_between_entries),
    Case("DD.md is deleted, DD.json stays", _without_digest, quick=True),
    Case("DD.json is deleted, DD.md stays", _without_record),
    Case("power loss at every operation of a night", _power_lost),
]
