"""The kinds of values that commands take, and the options that several of them have."""

import contextlib
import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from pipeline.core.errors import ConfigError
from pipeline.core.ids import parse_id
from pipeline.layouts import DEFAULT, LAYOUTS
from pipeline.sources import lists

if TYPE_CHECKING:  # reading settings takes as long as `check` of a file
    from pipeline.core.config import Settings


_T = TypeVar("_T")


class ParsedOption(click.ParamType[_T]):
    """A kind of value that `parse` reads; the message of its ConfigError or ValueError is that of the wrong use."""

    def __init__(self, name: str, parse: Callable[[str], _T]) -> None:
        self.name, self._parse = name, parse

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> _T:
        try:
            return self._parse(value)
        except (ConfigError, ValueError) as error:
            self.fail(str(error), param, ctx)


def _date(value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a date; give one like 2024-08-22.") from None


def _dollars(value: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(value) < math.inf:
            return float(value)
    raise ValueError(f"{value!r} is not an amount of dollars; give a number such as 5 or 0.50.")


DATE = ParsedOption("YYYY-MM-DD", _date)
DOLLARS = ParsedOption("USD", _dollars)
PAPER_ID = ParsedOption("ID", lambda value: parse_id(value).id)  # without its version
_SOURCE = ParsedOption("SOURCE", lambda value: lists.parse_key(value or str(lists.DEFAULT)))

paths_argument = click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
layouts_option = click.option(
    "--layout",
    "layouts",
    type=click.Choice(list(LAYOUTS)),
    multiple=True,
    default=(DEFAULT,),
    help="Repeatable; sections by default.",
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
source_option = click.option(
    "--source", type=_SOURCE, default=str(lists.DEFAULT), help="huggingface, or an arXiv category such as arxiv:cs.CL."
)


def readable_output(settings: "Settings") -> Path:
    """Return the folder of the digests, which may not be there yet; ConfigError for a file."""
    output = settings.output_dir
    if output.exists() and not output.is_dir():
        raise ConfigError(f"{output} is a file; set PIPELINE_OUTPUT_DIR to the folder of the digests.")
    return output
