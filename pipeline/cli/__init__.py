"""The command line: its commands, and what becomes of errors and signals; `adapters` builds what commands need.

Nothing else in the package prints or exits. Imports are inside the commands, so that `--help` answers at once.
"""

import atexit
import gc
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from pipeline import __version__
from pipeline.cli import digests, nights, reports, sharing
from pipeline.cli.common import BUG, INTERRUPTED, PUBLISHED, exit_code, say
from pipeline.core.errors import PipelineError
from pipeline.core.redact import redact


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pipeline")
def cli() -> None:
    """A nightly Korean digest of research papers in which every sentence can be traced to its paper."""


for _room in (nights, digests, reports, sharing):
    for _command in _room.COMMANDS:
        cli.add_command(_command)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code. A request to terminate ends it as an interruption does."""
    # Loading the modules makes objects by the hundred thousand, none of them garbage: looking took a seventh of it. And
    # looking through all of them once more at the end took a fifth of a second.
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)
    # What a script starts in the background is born deaf to SIGINT, and would be to SIGTERM as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.exit(_ended(args))


def _ended(args: Sequence[str] | None) -> int:
    try:
        return cli.main(args, prog_name="pipeline", standalone_mode=False) or PUBLISHED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("interrupted; what was done is written.")
        return INTERRUPTED
    except PipelineError as error:
        say(str(error))
        return exit_code(error)
    except Exception as error:
        click.echo(redact(f"pipeline: unexpected {type(error).__name__}: {error}. {_log_crash(error)}"), err=True)
        return BUG


def _log_crash(error: Exception) -> str:
    from pipeline.ops import logs

    log = logs.crash(error, Path(".pipeline"))
    return f"This is a bug; the traceback is in {log}." if log else traceback.format_exc()
