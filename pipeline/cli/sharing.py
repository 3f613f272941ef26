"""The commands that bring digests to readers: notify, export, and the site's build and serve."""

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import common
from pipeline.cli.common import PARTIAL, PUBLISHED, keep_log, say
from pipeline.cli.options import EXPORTS, Date, PaperId, dry_run_option
from pipeline.core.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.core.config import Settings
    from pipeline.workflows.deliver import Receipt


@click.command()
@click.option("--date", type=Date(), help="The day to tell of; today if not given.")
@dry_run_option
def notify(date: dt.date | None, dry_run: bool) -> int:
    """Send a day's papers to chats and mail; what a channel has got already is not sent again."""
    from pipeline import ledger as ledgers
    from pipeline.archive import catalog
    from pipeline.cli import context
    from pipeline.core.config import load
    from pipeline.publish import channels
    from pipeline.workflows import deliver

    settings, now = load(), common.now()
    keep_log(settings, now)
    urls = [url.get_secret_value() for url in settings.notify.urls]
    if not urls:
        raise ConfigError("There is nobody to tell: set PIPELINE_NOTIFY__URLS to addresses of apprise.")
    opened = channels.open_channels(urls, settings.wait_scale)
    day = catalog.read_day(_output(settings), date or context.date_of(settings, now))
    for problem in day.problems:
        say(problem)
    known = ledgers.opened(settings.state_dir, keep=False) if dry_run else context.locked_ledger(settings)
    with known as ledger:
        due = deliver.messages(day, settings.notify.layout, opened, ledger, _pages(settings))
        receipts = [] if dry_run else [_told(receipt) for receipt in deliver.notify(day.date, due, ledger, common.now)]
    if dry_run:
        for message in due:
            for part in message.parts:
                click.echo(f"== {message.channel.name}: {part.title}\n\n{part.text}\n")
    elif not any(message.parts for message in due):
        click.echo(f"Nothing of {day.date} is to be sent.", err=True)
    return PARTIAL if day.problems or any(receipt.failed for receipt in receipts) else PUBLISHED


def _output(settings: "Settings") -> Path:
    """The folder of the digests, which may not be there yet."""
    output = settings.output_dir
    if output.exists() and not output.is_dir():
        raise ConfigError(f"{output} is a file; set PIPELINE_OUTPUT_DIR to the folder of the digests.")
    return output


def _told(receipt: "Receipt") -> "Receipt":
    if receipt.failed:
        say(f"{receipt.failed}; run `pipeline notify` again.")
    if receipt.sent:
        click.echo(f"{receipt.channel}: {receipt.sent} sent.", err=True)
    return receipt


def _pages(settings: "Settings") -> Callable[[str], str]:
    """A paper's address: that of its page where the site has one, else arXiv's."""
    from urllib.parse import quote

    from pipeline.publish.site import paths

    def page(paper_id: str) -> str:
        path = paths.paper(paper_id)
        if settings.site.base_url and path:
            return paths.address(str(settings.site.base_url), path)
        return f"https://arxiv.org/abs/{quote(paper_id)}"

    return page


@click.command()
@click.option("--to", "form", type=click.Choice(EXPORTS), required=True, help="Notes in a folder, or one file.")
@click.option("--date", type=Date(), help="Only this day.")
@click.option("--from", "first", type=Date(), help="From this day on.")
@click.option("--until", "last", type=Date(), help="Up to this day.")
@click.option("--paper", type=PaperId(), help="Only this paper, of whatever day.")
@click.option("--out", type=click.Path(path_type=Path), help="A file, or the folder of the notes.")
def export(
    form: str, date: dt.date | None, first: dt.date | None, last: dt.date | None, paper: str | None, out: Path | None
) -> int:
    """Printed papers for Obsidian, Zotero and LaTeX, or for machines; all of them if not told which."""
    from pipeline.archive import catalog
    from pipeline.core.config import load
    from pipeline.publish import export as exports

    if date and (first or last):
        raise ConfigError("--date is one day; leave --from and --until out.")
    if first and last and first > last:
        raise ConfigError(f"--from {first} is after --until {last}; turn them round.")
    if form == "obsidian" and out is None:
        raise ConfigError("Notes are many files: say with --out into which folder.")
    output = _output(load())
    days = list(catalog.read_days(output, date or first, date or last, paper))
    found = exports.works(article for day in days for article in day.articles)
    if paper and not found:
        raise ConfigError(f"{paper} is printed nowhere under {output} on the days asked for.")
    if form == "obsidian" and out:
        _write_notes(exports.obsidian(found), out)
    else:
        _write_file(exports.ONE_FILE[form](found), out)
    for problem in (problem for day in days for problem in day.problems):
        say(problem)
    click.echo(f"{len(found)} papers.", err=True)
    return PARTIAL if any(day.problems for day in days) else PUBLISHED


def _write_notes(notes: "Mapping[str, str]", folder: Path) -> None:
    from pipeline.archive.files import check_writable, read_text, write_atomic
    from pipeline.publish.export import with_own_notes

    check_writable(folder)
    for name, note in notes.items():
        path = folder / name
        old = read_text(path) if path.exists() else ""
        new = with_own_notes(note, old)
        if new != old:
            write_atomic(path, new.encode())


def _write_file(text: str, path: Path | None) -> None:
    from pipeline.archive.files import write_atomic

    if path:
        write_atomic(path, text.encode())
    else:
        click.echo(text, nl=False)


@click.group()
def site() -> None:
    """The digests as a static site for readers."""


@site.command()
@click.option("--json", "as_json", is_flag=True, help="What was built as JSON on standard output.")
def build(as_json: bool) -> int:
    """Bring the site in the output folder in line with the digests. Exit 3: built, but for what is named."""
    import json

    from pipeline.cli import context
    from pipeline.core.config import load
    from pipeline.publish.site import search
    from pipeline.publish.site.build import build as bring_in_line

    settings = load()
    with context.thumbnails(settings) as fetch:
        built = bring_in_line(_output(settings), context.site(settings), fetch, search.installed())
    if not built.searchable:
        say(search.MISSING)
    for problem in built.problems:
        say(problem)
    if as_json:
        click.echo(json.dumps(built._asdict(), ensure_ascii=False, default=str))
    else:
        click.echo(f"{built.days} days, {built.papers} papers, {built.changed} files changed: {built.site}/index.html")
    return PARTIAL if built.problems else PUBLISHED


@site.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
def serve(port: int) -> int:
    """Show the built site on this machine, until interrupted."""
    from pipeline.core.config import load
    from pipeline.publish.site.serve import server

    with server(load().output_dir / "site", port) as listening:
        click.echo(f"http://{listening.server_name}:{listening.server_port}/ (Ctrl+C ends it)")
        listening.serve_forever()
    return PUBLISHED


COMMANDS = (notify, export, site)
