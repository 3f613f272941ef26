"""`pipeline withdraw`: take an entry out."""

import click

from pipeline.archive.index import Index
from pipeline.cli import common, context
from pipeline.cli.common import PUBLISHED, keep_log
from pipeline.cli.options import PAPER_ID, dry_run_option
from pipeline.cli.regenerate import save
from pipeline.core.config import load
from pipeline.workflows import edit


@click.command()
@click.argument("paper", metavar="ID", type=PAPER_ID)
@click.option("--reason", required=True, help="Why, for the record.")
@dry_run_option
def withdraw(paper: str, reason: str, dry_run: bool) -> int:
    """Take a paper's entry out of every digest, and say so in the record beside it."""
    settings, now = load(), common.now()
    keep_log(settings, now)
    with context.locked_ledger(settings) as ledger:
        index = Index(ledger, settings.output_dir)
        save(edit.withdraw(paper, reason, index, now), index, dry_run)
    return PUBLISHED
