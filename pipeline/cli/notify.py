"""`pipeline notify`: a day's papers to chats and mail."""

import datetime as dt
from functools import partial

import click
from pydantic import AnyHttpUrl

from pipeline import ledger
from pipeline.archive import catalog
from pipeline.cli import common, context
from pipeline.cli.common import PARTIAL, PUBLISHED, keep_log, say
from pipeline.cli.options import DATE, dry_run_option, readable_output
from pipeline.core.config import load
from pipeline.core.errors import ConfigError
from pipeline.layouts import LAYOUTS
from pipeline.publish.notify import channels
from pipeline.publish.papers import abs_url
from pipeline.publish.site import paths
from pipeline.workflows import deliver
from pipeline.workflows.deliver import Receipt


@click.command()
@click.option("--date", type=DATE, help="The day to tell of; today if not given.")
@dry_run_option
def notify(date: dt.date | None, dry_run: bool) -> int:
    """Send a day's papers to chats and mail; what a channel has got already is not sent again."""
    settings, now = load(), common.now()
    keep_log(settings, now)
    urls = [url.get_secret_value() for url in settings.notify.urls]
    if not urls:
        raise ConfigError("There is nobody to tell: set PIPELINE_NOTIFY__URLS to addresses of apprise.")
    if (layout := settings.notify.layout) not in LAYOUTS:
        raise ConfigError(f"PIPELINE_NOTIFY__LAYOUT: {layout!r} is not a layout; choose from {', '.join(LAYOUTS)}.")
    opened = channels.open_channels(urls, settings.wait_scale)
    day = catalog.read_day(readable_output(settings), date or context.date_of(settings, now))
    for problem in day.problems:
        say(problem)
    with ledger.opened(settings.state_dir, keep=False) if dry_run else context.locked_ledger(settings) as book:
        due = deliver.messages(day, layout, opened, book, partial(_address, base_url=settings.site.base_url))
        receipts = [] if dry_run else [_told(one) for one in deliver.notify(day.date, due, book, common.now)]
    if dry_run:
        for message in due:
            for part in message.parts:
                click.echo(f"== {message.channel.name}: {part.title}\n\n{part.text}\n")
    elif not any(message.parts for message in due):
        click.echo(f"Nothing of {day.date} is to be sent.", err=True)
    return PARTIAL if day.problems or any(receipt.failed for receipt in receipts) else PUBLISHED


def _told(receipt: Receipt) -> Receipt:
    if receipt.failed:
        say(f"{receipt.failed}; run `pipeline notify` again.")
    if receipt.sent:
        click.echo(f"{receipt.channel}: {receipt.sent} sent.", err=True)
    return receipt


def _address(paper_id: str, base_url: AnyHttpUrl | None) -> str:
    """Return a paper's address: its page where the site has one, else arXiv's."""
    path = paths.paper(paper_id)
    return paths.address(str(base_url), path) if base_url and path else abs_url(paper_id)
