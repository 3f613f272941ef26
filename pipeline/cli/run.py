"""`pipeline run`: one night."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator

import click

from pipeline.cli import common, context
from pipeline.cli.common import PUBLISHED, exit_code, keep_log, log
from pipeline.cli.nights import check_day, exit_code_of, render, say_what_stopped
from pipeline.cli.options import DATE, PAPER_ID, dry_run_option, layouts_option, source_option
from pipeline.core.config import Settings, load
from pipeline.core.errors import ConfigError
from pipeline.core.models import LayoutName
from pipeline.core.providers import SAMPLE
from pipeline.core.redact import redact
from pipeline.ops import ping, status
from pipeline.sources import lists
from pipeline.sources.lists import ListKey
from pipeline.sources.sample import DATE as SAMPLE_DATE
from pipeline.workflows.night import Order, run_nights


@click.command()
@click.option("--date", type=DATE, help="The day of the list; today if not given.")
@layouts_option
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N papers of the list.")
@click.option("--paper", "papers", type=PAPER_ID, multiple=True, help="A paper of your choice instead. Repeatable.")
@source_option
@click.option("--sample", is_flag=True, help="A bundled day, written by the small embedded model: no key, no network.")
@dry_run_option
@click.option("--json", "as_json", is_flag=True, help="The account as JSON on standard output.")
def run(
    date: dt.date | None,
    layouts: tuple[LayoutName, ...],
    limit: int | None,
    papers: tuple[str, ...],
    source: ListKey,
    sample: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Run one night: fetch, summarise, verify, write."""
    if sample and (date or papers or source != lists.DEFAULT):
        raise ConfigError("--sample is a day of its own; leave --date, --paper and --source out.")
    settings, now = load(), common.now()
    if sample:
        settings = settings.model_copy(update={"llm": settings.llm.model_copy(update={"provider": SAMPLE})})
    keep_log(settings, now)
    tonight = context.date_of(settings, now)
    day = SAMPLE_DATE if sample else check_day(date, tonight)
    chosen = tuple(dict.fromkeys(papers))
    lookback = 0 if sample or date or papers else settings.lookback_days
    order = Order(day, layouts, tonight, limit, chosen, lookback)
    opened = context.sample_day(settings, now) if sample else context.open_list(settings, source, now)
    with _monitored(settings, silent=sample or dry_run) as ended, opened as sources:
        if dry_run:
            night = context.dry_run(order, settings, sources, now)
            click.echo(night.as_json() if as_json else night.as_text())
            return PUBLISHED
        with context.run_context(settings, sources, "run", day, now, as_json) as running:
            nights = list(run_nights(order, running))
            code = exit_code_of(nights)
            running.end(code, common.now())
            morning = status.summary(status.look(running.output_index, common.now()))
        say_what_stopped(nights)
        report = f"{render(nights, day, as_json=False)}\n\n{morning}"
        click.echo(render(nights, day, as_json=True) if as_json else report)
        log().info(report)
        ended(code, "\n".join([*(str(night.stopped) for night in nights if night.stopped), report]))
    return code


@contextlib.contextmanager
def _monitored(settings: Settings, silent: bool) -> Iterator[Callable[[int, str], None]]:
    """Tell the monitor, if there is one, of the start; and of the end by what is yielded or by the error that comes."""
    if silent or settings.ping_url is None:
        yield lambda code, report: None
        return
    url = str(settings.ping_url)
    ping.started(url)
    try:
        yield lambda code, report: ping.ended(url, code, report)
    except BaseException as error:
        ping.ended(url, exit_code(error), redact(str(error)))
        raise
