"""The commands about digest files: check, verify, fmt, import."""

import collections
from pathlib import Path
from typing import Any

import click

from pipeline.cli.common import FINDINGS, PUBLISHED, show_diff
from pipeline.cli.options import FORMATS


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings fail as well.")
def check(paths: tuple[Path, ...], form: Any, strict: bool) -> int:
    """Hold digest files against their format: findings with file, line, column, rule, severity."""
    from pipeline.check import check_paths
    from pipeline.publish.record import omitted
    from pipeline.report import render_findings

    findings = check_paths(paths, omitted)
    click.echo(render_findings(findings, form))
    return FINDINGS if any(strict or finding.severity != "warning" for finding in findings) else PUBLISHED


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--sources", required=True, type=click.Path(path_type=Path), help="Papers as JSON lines: id, title, ...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
def verify(paths: tuple[Path, ...], sources: Path, form: Any) -> int:
    """Hold printed digests against their papers; entries without a source are counted."""
    from pipeline import termbase
    from pipeline.audit import audit, read_sources
    from pipeline.check import digest_files
    from pipeline.report import render_findings

    done = audit(digest_files(paths), read_sources(sources), termbase.load())
    click.echo(render_findings(done.findings, form))
    click.echo(f"{done.held} entries held against their papers, {done.without_source} without a source.", err=True)
    return FINDINGS if any(found.severity != "warning" for found in done.findings) else PUBLISHED


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if something would change.")
@click.option("--diff", is_flag=True, help="Show what changes.")
def fmt(paths: tuple[Path, ...], only_check: bool, diff: bool) -> int:
    """Bring digest files into canonical form, in place; no character inside a text is touched."""
    from pipeline.check import digest_files
    from pipeline.layouts import render
    from pipeline.publish import files

    changed = 0
    for path in digest_files(paths):
        before, parsed = files.read_digest(path)
        after = render(parsed.digest)
        if after == before:
            continue
        changed += 1
        if diff:
            show_diff(path, before, after)
        if only_check:
            click.echo(f"{path} is not in canonical form; `pipeline fmt` makes it so.", err=True)
        else:
            files.write_atomic(path, after.encode())
            click.echo(f"{path} rewritten.", err=True)
    return FINDINGS if changed and only_check else PUBLISHED


@click.command(name="import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--fmt", "canonical", is_flag=True, help="Write canonical form instead of the same bytes.")
def import_(paths: tuple[Path, ...], canonical: bool) -> int:
    """Bring an archive of dated digest files into the output folder, by layout and date."""
    from pipeline.config import load
    from pipeline.publish import archive, files

    output = load().output_dir
    files.check_writable(output)
    plan = archive.plan_import(paths, output, fmt=canonical)
    archive.carry_out(plan, files.write_atomic)
    for planned in plan:
        if planned.status in ("skipped", "problem"):
            click.echo(f"{planned.source}: {planned.status}, {planned.reason}", err=True)
    counts = collections.Counter(planned.status for planned in plan)
    click.echo(", ".join(f"{counts[status]} {status}" for status in ("new", "unchanged", "skipped", "problem")))
    return FINDINGS if counts["problem"] else PUBLISHED


COMMANDS = (check, verify, fmt, import_)
