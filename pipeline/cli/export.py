"""`pipeline export`: printed papers for other programs."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import click

from pipeline.archive import catalog
from pipeline.archive.files import check_writable, read_text, write_atomic
from pipeline.cli.common import PARTIAL, PUBLISHED, say
from pipeline.cli.options import DATE, PAPER_ID, readable_output
from pipeline.core.config import load
from pipeline.core.errors import ConfigError
from pipeline.publish.export import ONE_FILE, obsidian, references, with_own_notes

_FORMATS = ("obsidian", *ONE_FILE)


@click.command()
@click.option("--to", "form", type=click.Choice(_FORMATS), required=True, help="Notes in a folder, or one file.")
@click.option("--date", type=DATE, help="Only this day.")
@click.option("--from", "first", type=DATE, help="From this day on.")
@click.option("--until", "last", type=DATE, help="Up to this day.")
@click.option("--paper", type=PAPER_ID, help="Only this paper, of whatever day.")
@click.option("--out", type=click.Path(path_type=Path), help="A file, or the folder of the notes.")
def export(
    form: str, date: dt.date | None, first: dt.date | None, last: dt.date | None, paper: str | None, out: Path | None
) -> int:
    """Export printed papers to Obsidian, Zotero and LaTeX, or for machines; all papers if not told which."""
    if date and (first or last):
        raise ConfigError("--date is one day; leave --from and --until out.")
    if first and last and first > last:
        raise ConfigError(f"--from {first} is after --until {last}; turn them round.")
    if form == "obsidian" and out is None:
        raise ConfigError("Notes are many files: name their folder with --out.")
    output = readable_output(load())
    days = list(catalog.read_days(output, date or first, date or last, paper))
    found = references(article for day in days for article in day.articles)
    if paper and not found:
        raise ConfigError(f"{paper} is printed nowhere under {output} on the days asked for.")
    if form == "obsidian" and out:
        _write_notes(obsidian(found), out)
    elif out:
        write_atomic(out, ONE_FILE[form](found).encode())
    else:
        click.echo(ONE_FILE[form](found), nl=False)
    for problem in (problem for day in days for problem in day.problems):
        say(problem)
    click.echo(f"{len(found)} papers.", err=True)
    return PARTIAL if any(day.problems for day in days) else PUBLISHED


def _write_notes(notes: Mapping[str, str], folder: Path) -> None:
    check_writable(folder)
    for name, note in notes.items():
        path = folder / name
        old = read_text(path) if path.exists() else ""
        new = with_own_notes(note, old)
        if new != old:
            write_atomic(path, new.encode())
