"""The steps of a comparison: `python -m tests.eval.compare STEP …`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from pipeline.core.errors import PipelineError
from pipeline.core.models import LayoutName
from pipeline.layouts import LAYOUTS
from tests.eval.compare import corpus as first_answers
from tests.eval.compare import ours as our_side
from tests.eval.compare import packets as pairs
from tests.eval.compare import papers as candidates
from tests.eval.compare import plain as plain_side
from tests.eval.compare import verdicts

_FILE = click.Path(path_type=Path)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group()
def steps() -> None:
    """Write, pair, judge and score summaries of the same papers."""


@steps.command()
@click.argument("papers", type=_FILE)
@click.argument("out", type=_FILE)
@click.option("--layout", type=click.Choice(LAYOUTS), required=True)
@click.option("--texts", type=_FOLDER, help="It has ID.html or ID.pdf.")
@click.option("--reader", is_flag=True, help="With the second reader.")
def ours(papers: Path, out: Path, layout: LayoutName, texts: Path | None, reader: bool) -> int:
    """Have our program write about PAPERS into OUT."""
    return our_side.write(our_side.Order(candidates.load(papers), out, layout, texts, reader))


@steps.command()
@click.argument("papers", type=_FILE)
@click.argument("out", type=_FILE)
@click.option("-n", "count", type=click.IntRange(min=1), help="Only the first N.")
@click.option("--texts", type=_FOLDER, help="Only papers that have ID.html or ID.pdf here, with their texts.")
@click.option("--most", type=click.IntRange(min=1), default=60_000, show_default=True, help="Characters of a text.")
def choose(papers: Path, out: Path, count: int | None, texts: Path | None, most: int) -> None:
    """Write to the file OUT which of PAPERS are to be compared."""
    known = candidates.load(papers)
    found = our_side.with_texts(known, texts, most) if texts else list(known.values())
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(f"{paper.model_dump_json()}\n" for paper in found[:count]), "utf-8")
    click.echo(f"{len(found[:count])} papers")


@steps.command()
@click.argument("papers", type=_FILE)
@click.argument("out", type=_FILE)
def plain(papers: Path, out: Path) -> int:
    """Ask the same model the plain prompt about PAPERS, into OUT/ID.json."""
    return plain_side.write(candidates.load(papers), out)


@steps.command()
@click.argument("papers", type=_FILE)
@click.argument("a", type=_FILE)
@click.argument("b", type=_FILE)
@click.argument("out", type=_FILE)
@click.option("--seed", type=int, default=1, show_default=True, help="Another one draws other sides.")
def packets(papers: Path, a: Path, b: Path, out: Path, seed: int) -> None:
    """Pair A and B, each a digest or a folder of answers, for the judge."""
    pairs.build(candidates.load(papers), {"A": a, "B": b}, out, seed)


@steps.command()
@click.argument("out", type=_FOLDER)
def judge(out: Path) -> int:
    """Have the endpoint judge the packets of OUT."""
    return verdicts.judge(out)


@steps.command()
@click.argument("out", type=_FOLDER)
@click.option("--json", "as_json", is_flag=True)
def score(out: Path, as_json: bool) -> None:
    """Print what OUT/verdicts.json comes to."""
    click.echo(verdicts.score(out, as_json))


@steps.command()
@click.argument("records", type=_FILE, nargs=-1, required=True)
@click.option("-o", "out", type=_FILE, required=True)
def corpus(records: tuple[Path, ...], out: Path) -> None:
    """Collect the first answers behind the records that `ours` left."""
    first_answers.collect(records, out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a step; what is wrong is one sentence and exit code 2."""
    try:
        code = steps(arguments, standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except PipelineError as error:
        click.echo(f"compare: {error}", err=True)
        code = 2
    sys.exit(code)


if __name__ == "__main__":
    main()
