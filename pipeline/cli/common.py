"""What every command shares: exit codes, messages, the log, the time, and how a change is shown."""

import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.core.errors import KeyRefused, LockHeld, ModelError, PipelineError, SourceError

if TYPE_CHECKING:
    import logging

    from pipeline.core.config import Settings

PUBLISHED, FINDINGS, WRONG_USE, PARTIAL, UNREACHABLE, LOCKED, BUG = 0, 1, 2, 3, 4, 5, 70
INTERRUPTED = 130  # as shells have it


def exit_code(error: BaseException) -> int:
    """Return the exit code for an error that ended a command; the README has the table."""
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return INTERRUPTED
    if not isinstance(error, PipelineError):
        return BUG
    if isinstance(error, LockHeld):
        return LOCKED
    if isinstance(error, SourceError) or (isinstance(error, ModelError) and not isinstance(error, KeyRefused)):
        return UNREACHABLE
    return WRONG_USE


def say(message: str) -> None:
    """Print a message on the terminal, and log it where a log is kept."""
    click.echo(f"pipeline: {message}", err=True)
    if "pipeline.ops.logs" in sys.modules:  # whoever keeps none does not pay for its import
        log().error(message)


def log() -> "logging.Logger":
    """Return the logger of the command line; its messages are not repeated on the terminal."""
    import logging

    return logging.getLogger(__package__)


def keep_log(settings: "Settings", began: dt.datetime) -> None:
    """Keep a log from now on; each line has the name of this run."""
    from pipeline.ops import logs

    logs.start(settings.state_dir, f"{began:%Y%m%dT%H%M%SZ}-{os.getpid()}")


def now() -> dt.datetime:
    """Return the current time to the second; tests replace this function."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def show_diff(path: Path, before: str, after: str) -> None:
    """Print what changes in a file, in the colours of `git diff`."""
    import difflib

    colours = {"+": "green", "-": "red", "@": "cyan"}
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), str(path), str(path), lineterm="")
    for line in lines:
        click.secho(line, fg=colours.get(line[0]))
