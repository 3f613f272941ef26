"""`pipeline regenerate`: one paper's entry anew."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import click

from pipeline import workflows
from pipeline.cli import common, context
from pipeline.cli.common import PARTIAL, PUBLISHED, UNREACHABLE, keep_log, show_diff
from pipeline.cli.options import Date, PaperId, dry_run_option
from pipeline.core.config import load
from pipeline.core.models import Failed, HeldBack, LayoutName, Outcome, Summary
from pipeline.core.text import visible
from pipeline.layouts import LAYOUTS
from pipeline.ledger import Ledger
from pipeline.workflows import Change, Wanted


@click.command()
@click.argument("paper", metavar="ID", type=PaperId())
@click.option("--layout", type=click.Choice(list(LAYOUTS)), help="Only this layout.")
@click.option("--date", type=Date(), help="Only the digest of this day.")
@click.option("--refresh", is_flag=True, help="Take votes, authors and thumbnail anew as well.")
@dry_run_option
def regenerate(paper: str, layout: LayoutName | None, date: dt.date | None, refresh: bool, dry_run: bool) -> int:
    """Summarise a paper again and replace its entry wherever it is printed; every other byte stays."""
    settings, now = load(), common.now()
    keep_log(settings, now)
    provider = settings.llm.provider
    with (
        context.daily_papers(settings) as sources,
        context.run_context(settings, provider, sources, "regenerate", date, now, quiet=True) as running,
    ):
        changes, outcomes = workflows.regenerate(Wanted(paper, layout, date, refresh), running)
        apply(changes, running.ledger, settings.output_dir, dry_run)
        code = _exit_code_of(outcomes)
        running.ledger.end_run(running.run, code, common.now())
    for outcome in outcomes:
        if not isinstance(outcome, Summary):
            what = "is held back" if isinstance(outcome, HeldBack) else "failed"
            click.echo(visible(f"{paper} ({outcome.layout}) {what}, its entry stays: {outcome.reason}"), err=True)
    return code


def apply(changes: Sequence[Change], ledger: Ledger, output: Path, dry_run: bool) -> None:
    """Write the changes and name the files; for a dry run show them instead."""
    for change in changes:
        if change.note:
            click.echo(change.note, err=True)
        if dry_run:
            show_diff(change.path, change.before or "", change.after or "")
    if not dry_run:
        workflows.apply(changes, ledger, output)
        for change in changes:
            what = "removed, it has no entry left" if change.after is None else "rewritten"
            click.echo(f"{change.path} {what}.", err=True)


def _exit_code_of(outcomes: Sequence[Outcome]) -> int:
    if any(isinstance(outcome, Failed) for outcome in outcomes):
        return UNREACHABLE
    return PARTIAL if any(isinstance(outcome, HeldBack) for outcome in outcomes) else PUBLISHED
