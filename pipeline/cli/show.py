"""`pipeline show`: one paper's provenance."""

import click

from pipeline import ledger
from pipeline.archive.index import Index
from pipeline.cli.common import PUBLISHED
from pipeline.cli.options import PAPER_ID
from pipeline.core.config import load
from pipeline.ops import show as traces


@click.command()
@click.argument("paper", metavar="ID", type=PAPER_ID)
@click.option("--json", "as_json", is_flag=True, help="The records as JSON.")
def show(paper: str, as_json: bool) -> int:
    """Print a paper's entries sentence by sentence, each with the sentences of the paper that it rests on."""
    settings = load()
    with ledger.opened(settings.state_dir, keep=False) as book:
        index = Index(book, settings.output_dir)
        index.refresh()
        shown = traces.trace(index.named(paper), settings.output_dir, paper)
        calls = book.calls(paper)
    click.echo(traces.as_json(shown, calls) if as_json else traces.as_text(shown, calls))
    return PUBLISHED
