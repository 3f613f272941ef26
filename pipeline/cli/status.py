"""`pipeline status`: what happened."""

import click

from pipeline.archive.files import check_writable
from pipeline.archive.index import Index
from pipeline.cli import common
from pipeline.cli.common import PUBLISHED, UNREACHABLE
from pipeline.core.config import load
from pipeline.ledger import opened
from pipeline.ops import status as reports


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same for machines.")
@click.option("--rebuild", is_flag=True, help="First make the ledger anew from the records in the output folder.")
def status(as_json: bool, rebuild: bool) -> int:
    """Report what the last nights came to, what is not printed and why. Exit 4 after 36 hours without a success."""
    settings = load()
    if rebuild:
        from pipeline.cli import context
        from pipeline.workflows.rebuild import rebuild as rebuild_ledger

        with context.locked_ledger(settings) as ledger:
            days = rebuild_ledger(Index(ledger, settings.output_dir))
        click.echo(f"The ledger is in line with {days} records under {settings.output_dir}.", err=True)
        return PUBLISHED
    check_writable(settings.state_dir)
    with opened(settings.state_dir) as ledger:
        morning = reports.look(Index(ledger, settings.output_dir), common.now())
    click.echo(reports.as_json(morning, settings.output_dir) if as_json else reports.as_text(morning))
    return UNREACHABLE if morning.overdue else PUBLISHED
