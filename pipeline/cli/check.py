"""`pipeline check`: digest files against their format."""

from pathlib import Path
from typing import get_args

import click

from pipeline.archive.record import omitted
from pipeline.cli.common import FINDINGS, PUBLISHED
from pipeline.cli.options import paths_argument
from pipeline.lint.check import check_paths
from pipeline.lint.report import FindingsFormat, render_findings


@click.command()
@paths_argument
@click.option("--format", "form", type=click.Choice(get_args(FindingsFormat)), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings fail as well.")
def check(paths: tuple[Path, ...], form: FindingsFormat, strict: bool) -> int:
    """Hold digest files against their format: findings with file, line, column, rule, severity."""
    findings = check_paths(paths, omitted)
    click.echo(render_findings(findings, form))
    return FINDINGS if any(strict or finding.severity != "warning" for finding in findings) else PUBLISHED
