"""`pipeline import`: an existing archive into the output folder."""

from collections import Counter
from pathlib import Path

import click

from pipeline.archive import files, importing
from pipeline.cli.common import FINDINGS, PUBLISHED
from pipeline.cli.options import paths_argument
from pipeline.core.config import load


@click.command(name="import")
@paths_argument
@click.option("--fmt", "canonical", is_flag=True, help="Write canonical form instead of the same bytes.")
def import_(paths: tuple[Path, ...], canonical: bool) -> int:
    """Bring an archive of dated digest files into the output folder, by layout and date."""
    output = load().output_dir
    files.check_writable(output)
    plan = importing.plan_import(paths, output, fmt=canonical)
    importing.write_new(plan)
    for planned in plan:
        if planned.status in ("skipped", "problem"):
            click.echo(f"{planned.source}: {planned.status}, {planned.reason}", err=True)
    counts = Counter(planned.status for planned in plan)
    click.echo(", ".join(f"{counts[status]} {status}" for status in ("new", "unchanged", "skipped", "problem")))
    return FINDINGS if counts["problem"] else PUBLISHED
