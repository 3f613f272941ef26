"""The changed files of the site, written beside it and moved into place at the end: the old site stays until then.

Pages that lead to many others are moved last and removals follow, so that few links are dead meanwhile. The manifest
goes before the first move and comes back after the last: the build after a killed one finds none, and makes every page
anew.
"""

import itertools
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.archive import files
from pipeline.core.errors import ConfigError

HIDDEN = ".build"
MANIFEST = f"{HIDDEN}/manifest.json"
# Nobody but a build puts files here; `numbers` was a page of former versions.
_FOLDERS = ("archive", "assets", "day", "field", "media", "numbers", "paper")


class Stage:
    """The only writer of one site's folder, which stays as it is until `commit`."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.written: set[str] = set()  # the paths of all files of this build, staged or as they were
        self._staged = site / HIDDEN / "staged"
        self._names: dict[str, str] = {}
        self._numbers = itertools.count()
        shutil.rmtree(self._staged, ignore_errors=True)

    def has(self, path: str) -> bool:
        """Return whether the site has this file, or will have it."""
        return path in self._names or (self.site / path).exists()

    def locate(self, path: str) -> Path:
        """Return where this file, which the site has or will have, is now."""
        return self._staged / self._names[path] if path in self._names else self.site / path

    def write(self, path: str, data: bytes) -> None:
        """Stage a file; one that the site has as it is stays untouched."""
        self.written.add(path)
        if _same(self.site / path, data):
            self._names.pop(path, None)
            return
        # Numbers, not paths: making a folder for each page takes longer than writing it.
        name = self._names.setdefault(path, str(next(self._numbers)))
        with files.explained(self._staged / name, "cannot be written", " The old site is as it was."):
            self._staged.mkdir(exist_ok=True)
            (self._staged / name).write_bytes(data)

    def find_leftovers(self, kept: Collection[str]) -> Iterator[str]:
        """Return the files of former builds that are not to be kept. Symbolic links are not followed."""
        folders = (self.site / name for name in _FOLDERS)
        walks = (os.walk(folder) for folder in folders if not folder.is_symlink())
        found = [
            *self.site.glob("sitemap*.xml"),
            *(Path(top, name) for walk in walks for top, _, names in walk for name in names),
        ]
        return (path for path in (file.relative_to(self.site).as_posix() for file in found) if path not in kept)

    def commit(self, removed: Iterable[str], last: Sequence[str]) -> int:
        """Move the staged files into place, those of `last` at the end in order; return how many files changed."""
        gone = [path for path in sorted(removed) if (self.site / path).exists()]
        order = {path: place for place, path in enumerate(last)}
        moved = sorted((path for path in self._names if path != MANIFEST), key=lambda path: order.get(path, -1))
        try:
            if moved or gone:
                (self.site / MANIFEST).unlink(missing_ok=True)
            for path in moved:
                _move(self.locate(path), self._inside(path))
            for path in gone:
                _remove(self._inside(path), self.site)
            if MANIFEST in self._names:
                _move(self.locate(MANIFEST), self.site / MANIFEST)
        except OSError as error:
            raise ConfigError(
                f"{error.filename} cannot be written: {error.strerror}. The site is partly the old one; "
                "mend that and build again."
            ) from error
        return len(moved) + len(gone)

    def _inside(self, path: str) -> Path:
        """Return the place of a file of the site; ConfigError for one that a link in the folder puts elsewhere."""
        target = self.site / path
        if not target.parent.resolve().is_relative_to(self.site.resolve()):
            raise ConfigError(f"{target} lies outside of {self.site}; remove the link to it and build again.")
        return target


def _move(staged: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(target)


def _remove(path: Path, site: Path) -> None:
    """Remove a file, and the folders that it leaves empty."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == site or any(folder.iterdir()):
            return
        folder.rmdir()


def _same(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False
