"""`pipeline backfill`: many days."""

import datetime as dt
from pathlib import Path

import click

from pipeline.cli import common, context
from pipeline.cli.common import PARTIAL, PUBLISHED, UNREACHABLE, keep_log
from pipeline.cli.context import WINDOWS, EngineName
from pipeline.cli.nights import check_day, exit_code_of, render, say_what_stopped
from pipeline.cli.options import DATE, DOLLARS, dry_run_option, layouts_option, source_option
from pipeline.core.config import load
from pipeline.core.errors import ConfigError
from pipeline.core.ids import read_ids
from pipeline.core.models import LayoutName
from pipeline.ops.account import NightAccount
from pipeline.sources import lists
from pipeline.sources.lists import ListKey
from pipeline.workflows import backfill as windows
from pipeline.workflows.backfill import BackfillOrder


@click.command()
@click.option("--from", "first", type=DATE, help="The first day.")
@click.option("--to", "last", type=DATE, help="The last day; today if not given.")
@click.option(
    "--papers", type=click.Path(path_type=Path), help="Ids, one a line, instead: each on the day of its submission."
)
@layouts_option
@click.option(
    "--engine", type=click.Choice(list(WINDOWS)), default="local", show_default=True, help="How calls are made."
)
@click.option("--budget", type=DOLLARS, help="US dollars that this run cannot exceed.")
@source_option
@dry_run_option
@click.option("--json", "as_json", is_flag=True, help="The account as JSON on standard output.")
def backfill(
    first: dt.date | None,
    last: dt.date | None,
    papers: Path | None,
    layouts: tuple[LayoutName, ...],
    engine: EngineName,
    budget: float | None,
    source: ListKey,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Write many days at once: what is missing of them, resumed after any stop."""
    settings, now = context.with_budget(load(), budget), common.now()
    tonight = context.date_of(settings, now)
    order = _order(first, last, papers, tonight)._replace(
        layouts=layouts, window=WINDOWS[engine], lookback=settings.lookback_days
    )
    if papers and source != lists.DEFAULT:
        raise ConfigError("--papers names papers of your own choice, not of a source; leave --source out.")
    ids = read_ids(papers) if papers else []
    keep_log(settings, now)
    context.require(settings, engine)
    days = (order.first, order.last)
    with context.open_list(settings, source, now, days) as sources:
        unknown: list[str] = []
        if ids:
            days_of, sources, unknown = windows.choose(ids, sources)
            order = order._replace(chosen=days_of)
        found = context.estimate_backfill(order, settings, sources, now, engine, as_json)
        if dry_run:
            click.echo(found.as_json() if as_json else found.as_text())
            return UNREACHABLE if found.unread else PUBLISHED
        click.echo(found.as_text(), err=True)
        day, total = order.first, found.summaries
        with context.run_context(settings, sources, "backfill", day, common.now(), as_json, engine, total) as running:
            nights = list(windows.backfill(order, running))
            code = exit_code_of(nights)
            running.end(code, common.now())
        say_what_stopped(nights)
    if unknown:
        warning = f"arXiv does not know {len(unknown)} of the ids: {', '.join(unknown)}."
        nights.append(NightAccount((), (warning,), None))
    click.echo(render(nights, order.first, as_json))
    return code or (PARTIAL if unknown else PUBLISHED)


def _order(first: dt.date | None, last: dt.date | None, papers: Path | None, tonight: dt.date) -> BackfillOrder:
    if papers and (first or last):
        raise ConfigError("--papers takes each paper on its own day; leave --from and --to out.")
    if papers:
        return BackfillOrder(tonight, tonight, (), tonight)
    if first is None:
        raise ConfigError("Which days? Give --from YYYY-MM-DD and --to, or --papers FILE.")
    order = BackfillOrder(check_day(first, tonight), check_day(last, tonight), (), tonight)
    if order.first > order.last:
        raise ConfigError(f"--from {order.first} is after --to {order.last}; turn them round.")
    return order
