"""The kinds of values that commands take, and the options that several of them have."""

import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.core.errors import ConfigError
from pipeline.core.ids import parse_id
from pipeline.layouts import DEFAULT, LAYOUTS
from pipeline.sources import lists
from pipeline.sources.lists import ListKey

if TYPE_CHECKING:  # reading settings takes as long as `check` of a file
    from pipeline.core.config import Settings


class Date(click.ParamType["dt.date"]):
    """A day."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date; give one like 2024-08-22.", param, ctx)


class Dollars(click.ParamType[float]):
    """An amount of US dollars: more than nothing, and not without end."""

    name = "USD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            usd = float(value)
        except ValueError:
            usd = math.nan
        if not 0 < usd < math.inf:
            self.fail(f"{value!r} is not an amount of dollars; give a number such as 5 or 0.50.", param, ctx)
        return usd


class PaperId(click.ParamType[str]):
    """A paper's arXiv id, without its version."""

    name = "ID"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return parse_id(value).id
        except ConfigError as error:
            self.fail(str(error), param, ctx)


class SourceName(click.ParamType[ListKey]):
    """The name of a list of papers, such as arxiv:cs.CL."""

    name = "SOURCE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ListKey:
        if isinstance(value, ListKey):
            return value
        try:
            return lists.parse_key(value or str(lists.DEFAULT))
        except ValueError as error:
            self.fail(str(error), param, ctx)


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
    "--source", type=SourceName(), default=lists.DEFAULT, help="huggingface, or an arXiv category such as arxiv:cs.CL."
)


def readable_output(settings: "Settings") -> Path:
    """Return the folder of the digests, which may not be there yet; ConfigError for a file."""
    output = settings.output_dir
    if output.exists() and not output.is_dir():
        raise ConfigError(f"{output} is a file; set PIPELINE_OUTPUT_DIR to the folder of the digests.")
    return output
