"""`pipeline regenerate`: one paper's entry anew."""

import datetime as dt
from collections.abc import Sequence

import click

from pipeline.archive.digest_day import DigestDay
from pipeline.archive.index import Index
from pipeline.cli import common, context
from pipeline.cli.common import PARTIAL, PUBLISHED, UNREACHABLE, keep_log, show_diff
from pipeline.cli.options import DATE, PAPER_ID, dry_run_option
from pipeline.core.config import load
from pipeline.core.models import Failed, HeldBack, LayoutName, Summary
from pipeline.core.text import printable
from pipeline.layouts import LAYOUTS
from pipeline.sources import lists
from pipeline.workflows import edit


@click.command()
@click.argument("paper", metavar="ID", type=PAPER_ID)
@click.option("--layout", type=click.Choice(list(LAYOUTS)), help="Only this layout.")
@click.option("--date", type=DATE, help="Only the digest of this day.")
@click.option("--refresh", is_flag=True, help="Take votes, authors and thumbnail anew as well.")
@dry_run_option
def regenerate(paper: str, layout: LayoutName | None, date: dt.date | None, refresh: bool, dry_run: bool) -> int:
    """Summarise a paper again and replace its entry wherever it is printed; every other byte stays."""
    settings, now = load(), common.now()
    keep_log(settings, now)
    with (
        context.open_list(settings, lists.DEFAULT, common.now()) as sources,
        context.run_context(settings, sources, "regenerate", date, now, quiet=True) as running,
    ):
        days, outcomes, notes = edit.regenerate(paper, layout, date, refresh, running)
        for note in notes:
            click.echo(note, err=True)
        save(days, running.output_index, dry_run)
        kinds = {type(outcome) for outcome in outcomes}
        code = UNREACHABLE if Failed in kinds else PARTIAL if HeldBack in kinds else PUBLISHED
        running.end(code, common.now())
    for outcome in outcomes:
        if not isinstance(outcome, Summary):
            what = "is held back" if isinstance(outcome, HeldBack) else "failed"
            click.echo(printable(f"{paper} ({outcome.layout}) {what}, its entry stays: {outcome.reason}"), err=True)
    return code


def save(days: Sequence[DigestDay], index: Index, dry_run: bool) -> None:
    """Write the days and name the files; for a dry run show what would change instead."""
    for day in days:
        if dry_run:
            show_diff(day.path, day.old_text or "", day.text or "")
        else:
            day.save(index)
    for day in () if dry_run else days:
        click.echo(f"{day.path} {'removed, it has no entry left' if day.text is None else 'rewritten'}.", err=True)
