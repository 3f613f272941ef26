"""`pipeline verify`: printed digests against their papers."""

from pathlib import Path
from typing import get_args

import click

from pipeline.cli import common
from pipeline.cli.common import FINDINGS, PARTIAL, PUBLISHED, exit_code, keep_log, say
from pipeline.cli.options import DOLLARS, paths_argument
from pipeline.core.config import load
from pipeline.core.errors import ConfigError
from pipeline.core.models import Finding
from pipeline.lang import termbase
from pipeline.lint.audit import Printed, audit, printed, read_sources
from pipeline.lint.check import digest_files
from pipeline.lint.report import FindingsFormat, render_findings
from pipeline.sources import lists


@click.command()
@paths_argument
@click.option("--sources", required=True, type=click.Path(path_type=Path), help="Papers as JSON lines: id, title, ...")
@click.option("--format", "form", type=click.Choice(get_args(FindingsFormat)), default="text", show_default=True)
@click.option("--reader", "by_judge", is_flag=True, help="Have the second reader read them, too; this costs calls.")
@click.option("--budget", type=DOLLARS, help="US dollars that --reader cannot exceed.")
@click.option("--dry-run", is_flag=True, help="Show what --reader would cost, and do nothing.")
def verify(
    paths: tuple[Path, ...], sources: Path, form: FindingsFormat, by_judge: bool, budget: float | None, dry_run: bool
) -> int:
    """Hold printed digests against their papers; entries without a source are counted. Nothing is changed."""
    if not by_judge and (budget is not None or dry_run):
        raise ConfigError("--budget and --dry-run are about the calls of --reader; add it, or leave them out.")
    entries = list(printed(digest_files(paths), read_sources(sources)))
    if dry_run:
        return _judge(entries, budget, dry_run=True)[0]
    done = audit(entries, termbase.load())
    code, found = _judge(entries, budget) if by_judge else (PUBLISHED, [])
    findings = sorted([*done.findings, *found], key=lambda one: (one.path, one.line)) if by_judge else done.findings
    click.echo(render_findings(findings, form))
    click.echo(f"{done.held} entries held against their papers, {done.without_source} without a source.", err=True)
    return code or (FINDINGS if any(one.severity != "warning" for one in findings) else PUBLISHED)


def _judge(entries: list[Printed | Finding], budget: float | None, dry_run: bool = False) -> tuple[int, list[Finding]]:
    """Return the judge's findings, and the exit code of a reading that did not come to its end."""
    from pipeline.cli import context  # which those do without who ask no model
    from pipeline.workflows import judging

    settings = context.with_budget(load(), budget)
    config, wanted = context.judge_config(settings), judging.judgeable(entries)
    click.echo(context.estimate_judging(wanted, config, settings).as_text(), err=not dry_run)
    if dry_run or not wanted:
        return PUBLISHED, []
    keep_log(settings, common.now())
    with (
        context.open_list(settings, lists.DEFAULT, common.now()) as sources,
        context.run_context(settings, sources, "verify", None, common.now(), quiet=False, total=len(wanted)) as running,
    ):
        done = judging.judge_entries(wanted, config, running)
        code = exit_code(done.stopped) if done.stopped else PARTIAL if done.unread else PUBLISHED
        running.end(code, common.now())
    if done.stopped:
        say(str(done.stopped))
    click.echo(f"{done.entries} of {len(wanted)} entries read by the second reader.", err=True)
    return code, done.findings
