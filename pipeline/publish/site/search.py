"""The search index: Pagefind's, one a year, made of that year's paper pages; the search page merges them.

Pagefind indexes everything anew each time, and would take gigabytes for ten years at once. An index is made again when
a day of its year, the site's version or Pagefind's is another. Decides nothing of what a page says.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from pipeline.core.errors import PipelineError
from pipeline.publish.site.stage import HIDDEN, Stage

MISSING = 'Search is left out: it needs Pagefind: pip install "paper-digest-pipeline[site]".'
MEMORY = 2_000_000_000  # bytes of address space
SECONDS = 600
FOLDER = "pagefind"
# The papers' own English, which would be most of the index; what reads badly in excerpts: facets are there for fields.
_NOT_INDEXED = ".sources, .fields, .tab > h2"
_OTHER_INTERFACES = ("pagefind-ui.", "pagefind-component-ui.", "pagefind-modular-ui.", "pagefind-highlight.")

# Of each year its paper pages, each with a hash of what it is made of.
Pages = Mapping[int, Mapping[str, str]]


class IndexingError(PipelineError):
    """A failure of Pagefind."""


class SearchIndexes(NamedTuple):
    """What there is to search: the years with an index, newest first, each with the stamp of what it is made of.

    `removed` are the files that no index needs any more.
    """

    stamps: Mapping[int, str]
    removed: frozenset[str]
    problems: tuple[str, ...]


class Pagefind(NamedTuple):
    """The program Pagefind, as it is installed."""

    binary: Path
    version: str

    def build_index(self, pages: Path, target: Path) -> None:
        """Index the pages below a folder; IndexingError says in a sentence why it failed."""
        command = [str(self.binary), "--site", str(pages), "--output-path", str(target)]
        command += ["--keep-index-url", "--exclude-selectors", _NOT_INDEXED, "--quiet"]
        limit = _limit if os.name == "posix" else None
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, preexec_fn=limit, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise IndexingError(f"it was not done after {SECONDS} seconds") from None
        except OSError as error:
            raise IndexingError(f"{self.binary} cannot be run: {error.strerror}") from None
        if done.returncode or not (target / "pagefind-entry.json").exists():
            said = (done.stderr + done.stdout).decode("utf-8", "replace").strip().splitlines()
            raise IndexingError(f"it ended with {done.returncode}: {said[0] if said else 'without a word'}")


def installed() -> Pagefind | None:
    """Return Pagefind, None where the extra `site` is not installed."""
    try:
        import pagefind_bin

        return Pagefind(pagefind_bin.get_executable(), metadata.version("pagefind_bin"))
    except (ImportError, FileNotFoundError):
        return None


def update_indexes(
    stage: Stage, pages: Pages, old: Mapping[int, str], version: str, pagefind: Pagefind | None
) -> SearchIndexes:
    """Stage the indexes of the years of which the stamp is not the old one; `version` is that of what makes the pages.

    Where Pagefind fails, the year keeps the index that it has, and the next build tries again.
    """
    stamps: dict[int, str] = {}
    removed: set[str] = set()
    problems = []
    if pagefind:
        for year in sorted(pages, reverse=True):
            made_of = [f"{version} {pagefind.version}", sorted(pages[year].items())]
            stamp = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()
            try:
                removed |= _write(stage, year, pages[year], pagefind) if stamp != old.get(year) else set()
                stamps[year] = stamp
            except IndexingError as error:
                problems.append(f"Papers of {year} cannot be searched as they are now; Pagefind failed: {error}.")
                stamps |= {year: old.get(year, "")} if _files(stage.site, year) else {}
    for folder in (stage.site / FOLDER).glob("[0-9]*"):
        removed |= _files(stage.site, int(folder.name)) if int(folder.name) not in stamps else set()
    return SearchIndexes(stamps, frozenset(removed), tuple(problems))


def _write(stage: Stage, year: int, pages: Mapping[str, str], pagefind: Pagefind) -> set[str]:
    """Stage a year's index; return the files of its old one that are not in it."""
    with tempfile.TemporaryDirectory(dir=stage.site / HIDDEN, ignore_cleanup_errors=True) as temporary:
        folder, target = Path(temporary, "pages"), Path(temporary, "index")
        for path in pages:
            _link(stage.locate(path), folder / path)
        pagefind.build_index(folder, target)
        written = set()
        for made in target.rglob("*"):
            if made.is_file() and not made.name.startswith(_OTHER_INTERFACES):
                name = f"{FOLDER}/{year}/{made.relative_to(target).as_posix()}"
                stage.write(name, made.read_bytes())
                written.add(name)
    return _files(stage.site, year) - written


def _link(page: Path, name: Path) -> None:
    """Give a page another name by a link, or a copy where the file system has none."""
    name.parent.mkdir(parents=True)
    try:
        os.link(page, name)
    except OSError:
        shutil.copyfile(page, name)


def _files(site: Path, year: int) -> set[str]:
    """Return the files of a year's index."""
    return {path.relative_to(site).as_posix() for path in (site / FOLDER / str(year)).rglob("*") if path.is_file()}


def _limit() -> None:
    """Limit the memory of the program, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
