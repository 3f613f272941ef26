"""`pipeline fmt`: digest files in canonical form."""

from itertools import zip_longest
from pathlib import Path

import click

from pipeline.archive import files
from pipeline.cli.common import FINDINGS, PUBLISHED, show_diff
from pipeline.cli.options import paths_argument
from pipeline.layouts import render
from pipeline.lint.check import digest_files


@click.command()
@paths_argument
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if something would change.")
@click.option("--diff", is_flag=True, help="Show what changes; the files are written as well, unless with --check.")
def fmt(paths: tuple[Path, ...], only_check: bool, diff: bool) -> int:
    """Bring digest files into canonical form, in place; no character inside a text is touched."""
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
            pairs = zip_longest(before.split("\n"), after.split("\n"))
            line = next(number for number, (old, new) in enumerate(pairs, 1) if old != new)
            click.echo(f"{path} is not in canonical form from line {line} on; `pipeline fmt` makes it so.", err=True)
        else:
            files.write_atomic(path, after.encode())
            click.echo(f"{path} rewritten.", err=True)
    return FINDINGS if changed and only_check else PUBLISHED
