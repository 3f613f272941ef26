"""The command line: its commands, and what becomes of errors and signals; `context` builds what commands need.

Nothing else in the package prints or exits. Each command stands in the module of its name, which is imported when the
command is used, so that `--help` answers at once.
"""

import atexit
import gc
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from pipeline import __version__
from pipeline.cli.common import BUG, INTERRUPTED, PUBLISHED, exit_code, say
from pipeline.core.errors import PipelineError
from pipeline.core.redact import redact

# With the beginning of its own help: a test compares them.
COMMANDS = {
    "backfill": "Write many days at once: what is missing of them, resumed after any stop.",
    "check": "Hold digest files against their format: findings with file, line, column, rule, severity.",
    "doctor": "Try everything that a night needs and say what to do where it fails",
    "export": "Export printed papers to Obsidian, Zotero and LaTeX, or for machines",
    "fmt": "Bring digest files into canonical form, in place",
    "import": "Bring an archive of dated digest files into the output folder, by layout and date.",
    "notify": "Send a day's papers to chats and mail",
    "regenerate": "Summarise a paper again and replace its entry wherever it is printed",
    "run": "Run one night: fetch, summarise, verify, write.",
    "show": "Print a paper's entries sentence by sentence, each with the sentences of the paper that it rests on.",
    "site": "Build and serve the digests as a static site for readers.",
    "status": "Report what the last nights came to, what is not printed and why.",
    "verify": "Hold printed digests against their papers; entries without a source are counted.",
    "withdraw": "Take a paper's entry out of every digest, and say so in the record beside it.",
}


class _LazyGroup(click.Group):
    """The commands of the table, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = "import_" if cmd_name == "import" else cmd_name  # which is a word of the language
        command: click.Command = getattr(import_module(f"{__name__}.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pipeline")
def cli() -> None:
    """A nightly Korean digest of research papers in which every sentence can be traced to its paper."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code. A request to terminate ends it as an interruption does."""
    # Loading the modules makes objects by the hundred thousand, none of them garbage: looking took a seventh of it. And
    # looking through all of them once more at the end took a fifth of a second.
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)
    # What a script starts in the background is born deaf to SIGINT, and would be to SIGTERM as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.exit(_run(args))


def _run(args: Sequence[str] | None) -> int:
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
        from pipeline.ops import logs

        log = logs.crash(error, Path(".pipeline"))
        where = f"This is a bug; the traceback is in {log}." if log else traceback.format_exc()
        click.echo(redact(f"pipeline: unexpected {type(error).__name__}: {error}. {where}"), err=True)
        return BUG
