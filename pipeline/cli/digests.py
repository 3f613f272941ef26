"""The commands about digest files: check, verify, fmt, import."""

import collections
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import common
from pipeline.cli.common import FINDINGS, PARTIAL, PUBLISHED, exit_code, keep_log, noted, say, show_diff
from pipeline.cli.options import FORMATS, Dollars
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.core.models import Finding
    from pipeline.lint.audit import Printed


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings fail as well.")
def check(paths: tuple[Path, ...], form: Any, strict: bool) -> int:
    """Hold digest files against their format: findings with file, line, column, rule, severity."""
    from pipeline.archive.record import omitted
    from pipeline.lint.check import check_paths
    from pipeline.lint.report import render_findings

    findings = check_paths(paths, omitted)
    click.echo(render_findings(findings, form))
    return FINDINGS if any(strict or finding.severity != "warning" for finding in findings) else PUBLISHED


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--sources", required=True, type=click.Path(path_type=Path), help="Papers as JSON lines: id, title, ...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--reader", "by_reader", is_flag=True, help="Have the second reader read them, too; this costs calls.")
@click.option("--budget", type=Dollars(), help="US dollars that --reader cannot exceed.")
@click.option("--dry-run", is_flag=True, help="Show what --reader would cost, and do nothing.")
def verify(
    paths: tuple[Path, ...], sources: Path, form: Any, by_reader: bool, budget: float | None, dry_run: bool
) -> int:
    """Hold printed digests against their papers; entries without a source are counted. Nothing is changed."""
    from pipeline.lang import termbase
    from pipeline.lint.audit import audit, printed, read_sources
    from pipeline.lint.check import digest_files
    from pipeline.lint.report import render_findings

    if not by_reader and (budget is not None or dry_run):
        raise ConfigError("--budget and --dry-run are about the calls of --reader; add it, or leave them out.")
    entries = list(printed(digest_files(paths), read_sources(sources)))
    if dry_run:
        return _read(entries, budget, dry_run=True)[0]
    done = audit(entries, termbase.load())
    code, found = _read(entries, budget) if by_reader else (PUBLISHED, [])
    findings = sorted([*done.findings, *found], key=lambda one: (one.path, one.line)) if by_reader else done.findings
    click.echo(render_findings(findings, form))
    click.echo(f"{done.held} entries held against their papers, {done.without_source} without a source.", err=True)
    return code or (FINDINGS if any(one.severity != "warning" for one in findings) else PUBLISHED)


def _read(
    entries: list["Printed | Finding"], budget: float | None, dry_run: bool = False
) -> tuple[int, list["Finding"]]:
    """What the second reader finds, and the exit code of a reading that did not come to its end."""
    from pipeline.cli import context, origins
    from pipeline.core.config import load
    from pipeline.ops import account
    from pipeline.workflows import judging

    settings = load()
    if budget is not None:
        settings = settings.model_copy(update={"budget": settings.budget.model_copy(update={"usd_per_run": budget})})
    asking, wanted = context.asking(settings), judging.readable(entries)
    due = context.due(wanted, asking, settings)
    click.echo(account.reading_as_text(due.entries, due.asked, due.estimate), err=not dry_run)
    if dry_run or not wanted:
        return PUBLISHED, []
    keep_log(settings, common.now())
    with (
        origins.daily_papers(settings) as sources,
        context.run_context(
            settings, settings.llm.provider, sources, "verify", None, common.now(), quiet=False, total=due.entries
        ) as running,
        noted(running),
    ):
        done = judging.read(wanted, asking, running, running.writer.heard)
        code = exit_code(done.stopped) if done.stopped else PARTIAL if done.unread else PUBLISHED
        running.ledger.end_run(running.run, code, common.now())
    if done.stopped:
        say(str(done.stopped))
    click.echo(f"{done.read} of {len(wanted)} entries read by the second reader.", err=True)
    return code, done.findings


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if something would change.")
@click.option("--diff", is_flag=True, help="Show what changes.")
def fmt(paths: tuple[Path, ...], only_check: bool, diff: bool) -> int:
    """Bring digest files into canonical form, in place; no character inside a text is touched."""
    from pipeline.archive import files
    from pipeline.layouts import render
    from pipeline.lint.check import digest_files

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
    from pipeline.archive import files, importing
    from pipeline.core.config import load

    output = load().output_dir
    files.check_writable(output)
    plan = importing.plan_import(paths, output, fmt=canonical)
    importing.carry_out(plan, files.write_atomic)
    for planned in plan:
        if planned.status in ("skipped", "problem"):
            click.echo(f"{planned.source}: {planned.status}, {planned.reason}", err=True)
    counts = collections.Counter(planned.status for planned in plan)
    click.echo(", ".join(f"{counts[status]} {status}" for status in ("new", "unchanged", "skipped", "problem")))
    return FINDINGS if counts["problem"] else PUBLISHED


COMMANDS = (check, verify, fmt, import_)
