"""The commands that tell how things stand: show, status, doctor."""

import click

from pipeline.cli import common
from pipeline.cli.common import PUBLISHED, UNREACHABLE, WRONG_USE
from pipeline.cli.options import PaperId


@click.command()
@click.argument("paper", metavar="ID", type=PaperId())
@click.option("--json", "as_json", is_flag=True, help="The records as JSON.")
def show(paper: str, as_json: bool) -> int:
    """Print a paper's entries sentence by sentence, each with the sentences of the paper that it rests on."""
    from pipeline import ledger
    from pipeline.core.config import load
    from pipeline.ops import show as traces
    from pipeline.workflows import paper_index

    settings = load()
    with ledger.opened(settings.state_dir, keep=False) as book:
        paper_index.refresh(book, settings.output_dir)
        shown = traces.trace(paper_index.named(book, settings.output_dir, paper), settings.output_dir, paper)
        calls = book.calls(paper)
    click.echo(traces.as_json(shown, calls) if as_json else traces.as_text(shown, calls))
    return PUBLISHED


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The same for machines.")
@click.option("--rebuild", is_flag=True, help="First make the ledger anew from the records in the output folder.")
def status(as_json: bool, rebuild: bool) -> int:
    """What the last nights came to, what is not printed and why. Exit 4 after 36 hours without a success."""
    from pipeline import workflows
    from pipeline.archive.files import check_writable
    from pipeline.cli import context
    from pipeline.core.config import load
    from pipeline.ledger import opened
    from pipeline.ops import status as reports

    settings = load()
    if rebuild:
        with context.locked_ledger(settings) as ledger:
            days = workflows.rebuild(ledger, settings.output_dir)
        click.echo(f"The ledger is in line with {days} records under {settings.output_dir}.", err=True)
        return PUBLISHED
    check_writable(settings.state_dir)
    with opened(settings.state_dir) as ledger:
        morning = reports.look(ledger, common.now())
    click.echo(reports.as_json(morning, settings.output_dir) if as_json else reports.as_text(morning))
    return UNREACHABLE if morning.overdue else PUBLISHED


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The checks as JSON.")
def doctor(as_json: bool) -> int:
    """Try everything that a night needs and say what to do where it fails; one short call of the model is made."""
    from pipeline.core.config import load, load_openai
    from pipeline.ops import doctor as checks

    made = checks.examine(checks.Case(load(), load_openai(), common.now))
    click.echo(checks.as_json(made) if as_json else checks.as_text(made))
    statuses = {check.status for check in made}
    if "wrong" in statuses:
        return WRONG_USE
    return UNREACHABLE if "unreachable" in statuses else PUBLISHED


COMMANDS = (show, status, doctor)
