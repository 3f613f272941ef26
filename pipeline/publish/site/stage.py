"""Changed files of the site, put beside it first and moved into place at the end: the old site stays until then.

A journal that is complete before the first move lets the next build finish what a killed one began. Pages that lead
to others are moved last and removals come after them, so that no link leads nowhere meanwhile.
"""

import itertools
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.archive import files
from pipeline.core.errors import ConfigError

HIDDEN = ".build"
MANIFEST = f"{HIDDEN}/manifest.json"


class Stage:
    """The way into one site's folder. Nothing of the site changes before `commit`."""

    def __init__(self, site: Path) -> None:
        """Finish or forget what an earlier build left."""
        self.site = site
        self._staged, self._journal = site / HIDDEN / "staged", site / HIDDEN / "journal.json"
        self._names: dict[str, str] = {}
        self._numbers = itertools.count()
        if self._journal.exists():
            self._apply()
        shutil.rmtree(self._staged, ignore_errors=True)

    def has(self, path: str) -> bool:
        """Whether the site has this file, or will have it."""
        return path in self._names or (self.site / path).exists()

    def place(self, path: str) -> Path:
        """Where this file, which the site has or will have, is now."""
        return self._staged / self._names[path] if path in self._names else self.site / path

    def write(self, path: str, data: bytes) -> None:
        """Stage a file; one that the site has as it is stays untouched."""
        if _same(self.site / path, data):
            self._names.pop(path, None)
            return
        # Numbers, not paths: making a folder for each page takes longer than writing it.
        name = self._names.setdefault(path, str(next(self._numbers)))
        try:
            self._staged.mkdir(exist_ok=True)
            (self._staged / name).write_bytes(data)
        except OSError as error:
            raise ConfigError(
                f"{self._staged / name} cannot be written: {error.strerror}. The old site is as it was."
            ) from error

    def commit(self, removed: Iterable[str], last: Sequence[str]) -> int:
        """Move everything into place, the paths of `last` at the end in their order; how many files changed or went."""
        gone = [path for path in sorted(removed) if (self.site / path).exists()]
        late = {path: place for place, path in enumerate(last)}
        moved = sorted(self._names.items(), key=lambda item: late.get(item[0], -1))
        if moved or gone:
            files.write_atomic(self._journal, json.dumps({"moved": moved, "removed": gone}).encode())
            self._apply()
        return len(moved) + len(gone)

    def _apply(self) -> None:
        """Carry out the journal; what of it is done already is passed over."""
        journal = json.loads(self._journal.read_bytes())
        try:
            for path, name in journal["moved"]:
                _move(self._staged / name, self.site / path)
            for path in journal["removed"]:
                _remove(self.site / path, self.site)
        except OSError as error:
            raise ConfigError(
                f"{error.filename} cannot be written: {error.strerror}. The site is partly the old one; "
                "mend that and build again."
            ) from error
        self._journal.unlink()


def _move(staged: Path, target: Path) -> None:
    if staged.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(target)


def _remove(path: Path, site: Path) -> None:
    """Remove a file, and the folders that it leaves empty."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == site or not folder.is_dir() or any(folder.iterdir()):
            return
        folder.rmdir()


def _same(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False
