"""The kinds of values that commands take, and the options that several of them have."""

import datetime as dt
import math
import re
from typing import Any

import click

from pipeline.core.errors import ConfigError

LAYOUTS = ("sections", "easy", "bullets")
FORMATS = ("text", "json", "github", "sarif")
ENGINES = ("local", "batch", "ray")
EXPORTS = ("obsidian", "bibtex", "ris", "csl-json", "jsonl")


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
        from pipeline.core.ids import parse_id

        try:
            return parse_id(value).id
        except ConfigError as error:
            self.fail(str(error), param, ctx)


class Source(click.ParamType[str]):
    """A source of days: the arXiv category, or "" for Hugging Face."""

    name = "SOURCE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in ("", "huggingface"):
            return ""
        kind, _, category = value.partition(":")
        if kind != "arxiv" or not re.fullmatch(r"[a-z]+(-[a-z]+)*(\.[A-Za-z]+(-[a-z]+)*)?", category):
            self.fail(f"{value!r} is not a source; give huggingface, or a category like arxiv:cs.CL.", param, ctx)
        return str(category)


layouts_option = click.option(
    "--layout", "layouts", type=click.Choice(LAYOUTS), multiple=True, help="Repeatable; sections by default."
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
source_option = click.option(
    "--source", type=Source(), default="", help="huggingface, or an arXiv category such as arxiv:cs.CL."
)
