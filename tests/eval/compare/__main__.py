"""The steps of a comparison: `python -m tests.eval.compare STEP …`."""

import sys
from pathlib import Path

import click

from pipeline.cli.options import LAYOUTS
from pipeline.errors import PipelineError
from pipeline.models import LayoutName
from tests.eval.compare import ours as our_side
from tests.eval.compare import papers as candidates

_FILE = click.Path(path_type=Path)


@click.group()
def steps() -> None:
    """Write, pair, judge and score summaries of the same papers."""


@steps.command()
@click.argument("papers", type=_FILE)
@click.argument("out", type=_FILE)
@click.option("--layout", type=click.Choice(LAYOUTS), required=True)
@click.option("--texts", type=click.Path(path_type=Path, exists=True, file_okay=False), help="ID.html or ID.pdf each.")
@click.option("--reader", is_flag=True, help="With the second reader.")
def ours(papers: Path, out: Path, layout: LayoutName, texts: Path | None, reader: bool) -> int:
    """Have our program write about PAPERS into OUT."""
    return our_side.write(our_side.Order(candidates.load(papers), out, layout, texts, reader))


def main() -> None:
    """Run a step; what is wrong is one sentence and exit code 2."""
    try:
        code = steps(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except PipelineError as error:
        click.echo(f"compare: {error}", err=True)
        code = 2
    sys.exit(code)


if __name__ == "__main__":
    main()
