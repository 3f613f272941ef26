"""An installation that needs no pytest: two folders, its settings, a clock, and the command line in this process.

`command` is the same for a process of its own, which can be killed.
"""

import contextlib
import datetime as dt
import io
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from pipeline import cli, ledger
from pipeline.archive.index import Index
from pipeline.ops import logs
from tests.support.environment import without_settings
from tests.support.fake_model import FakeModel
from tests.support.fakes import FakeSources
from tests.support.world import settings

LAUNCHER = """
import datetime, sys
from pipeline import cli
moment = datetime.datetime.fromisoformat(sys.argv.pop(1))
cli.common.now = lambda: moment
cli.main()
"""
_FACTS = ("days", "papers", "listings", "summaries")


class Ran(NamedTuple):
    """An ended command: its exit code and its output."""

    code: int
    out: str
    err: str


@dataclass
class Installation:
    """`now` is what the command line takes for the present; `more` are further settings."""

    folder: Path
    sources: FakeSources
    model: FakeModel
    now: dt.datetime
    more: dict[str, str] = field(default_factory=dict)

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def digest(self, day: dt.date, layout: str = "sections") -> Path:
        return self.output / layout / f"{day:%Y/%m/%d}.md"

    def environment(self) -> dict[str, str]:
        """Return the environment of this installation; nothing of a developer's own settings."""
        folders = {"PIPELINE_OUTPUT_DIR": str(self.output), "PIPELINE_STATE_DIR": str(self.state)}
        return without_settings() | settings(self.sources, self.model) | folders | self.more

    def command(self, *arguments: str) -> list[str]:
        """A command as a process of its own, at this installation's time."""
        return [sys.executable, "-c", LAUNCHER, self.now.isoformat(), *arguments]

    def run(self, *arguments: str) -> Ran:
        """A command in this process."""
        out, err, code = io.StringIO(), io.StringIO(), 0
        with (
            contextlib.chdir(self.folder),
            mock.patch.dict(os.environ, self.environment(), clear=True),
            mock.patch.object(cli.common, "now", lambda: self.now),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                cli.main(arguments)
            except SystemExit as ended:
                code = int(ended.code or 0)
            finally:
                logs.stop()
        return Ran(code, out.getvalue(), err.getvalue())

    def facts(self) -> dict[str, list[Any]]:
        """Return what the ledger says of days, listings, papers and summaries."""
        with ledger.opened(self.state) as book:
            Index(book, self.output)  # makes its tables where a run died before it did
            return {table: sorted(map(repr, book.query(f"SELECT * FROM {table}"))) for table in _FACTS}
