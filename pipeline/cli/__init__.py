"""The command line: parses options, turns errors into messages and exit codes; `adapters` builds what commands need.

Nothing else in the package prints or exits. Imports are inside the commands, so that `--help` answers at once.
"""

import atexit
import collections
import contextlib
import datetime as dt
import gc
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline import __version__
from pipeline.errors import ConfigError, KeyRefused, LockHeld, ModelError, PipelineError, SourceError
from pipeline.redact import redact

if TYPE_CHECKING:
    import logging

    from pipeline.account import NightAccount
    from pipeline.cli.adapters import EngineName
    from pipeline.config import Settings
    from pipeline.ledger import Ledger
    from pipeline.models import LayoutName, Outcome
    from pipeline.run import Change, Desk, Order, Sources, Span
    from pipeline.run.messages import Receipt

LAYOUTS = ("sections", "easy", "bullets")
FORMATS = ("text", "json", "github", "sarif")
ENGINES = ("local", "batch", "ray")
EXPORTS = ("obsidian", "bibtex", "ris", "csl-json", "jsonl")
PUBLISHED, FINDINGS, WRONG_USE, PARTIAL, UNREACHABLE, LOCKED, BUG = 0, 1, 2, 3, 4, 5, 70
_INTERRUPTED = 130  # as shells have it

_layout = click.option("--layout", type=click.Choice(LAYOUTS), help="Only this layout.")
_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")


class _Date(click.ParamType["dt.date"]):
    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date; give one like 2024-08-22.", param, ctx)


class _PaperId(click.ParamType[str]):
    name = "ID"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from pipeline.ids import parse_id

        try:
            return parse_id(value).id
        except ConfigError as error:
            self.fail(str(error), param, ctx)


class _Source(click.ParamType[str]):
    """A source of days: the arXiv category, or "" for Hugging Face."""

    name = "SOURCE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in ("", "huggingface"):
            return ""
        kind, _, category = value.partition(":")
        if kind != "arxiv" or not re.fullmatch(r"[a-z]+(-[a-z]+)*(\.[A-Za-z]+(-[a-z]+)*)?", category):
            self.fail(f"{value!r} is not a source; give huggingface, or a category like arxiv:cs.CL.", param, ctx)
        return str(category)


_source = click.option(
    "--source", type=_Source(), default="", help="huggingface, or an arXiv category such as arxiv:cs.CL."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pipeline")
def cli() -> None:
    """A nightly Korean digest of research papers in which every sentence can be traced to its paper."""


@cli.command()
@click.option("--date", type=_Date(), help="The day of the list; today if not given.")
@click.option("--layout", "layouts", type=click.Choice(LAYOUTS), multiple=True, help="Repeatable; sections by default.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N papers of the list.")
@click.option("--paper", "papers", type=_PaperId(), multiple=True, help="A paper of your choice instead. Repeatable.")
@_source
@click.option("--sample", is_flag=True, help="A bundled day, written by the small embedded model: no key, no network.")
@_dry_run
@click.option("--json", "as_json", is_flag=True, help="The account as JSON on standard output.")
def run(
    date: dt.date | None,
    layouts: tuple["LayoutName", ...],
    limit: int | None,
    papers: tuple[str, ...],
    source: str,
    sample: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """One night: fetch, summarise, verify, write."""
    from pipeline import run as plans
    from pipeline import status as reports
    from pipeline.cli import adapters
    from pipeline.config import load

    if sample and (date or papers or source):
        raise ConfigError("--sample is a day of its own; leave --date, --paper and --source out.")
    settings, now = load(), _now()
    _keep_log(settings, now)
    provider = "embedded" if sample else settings.llm.provider
    asked = bool(sample or date or papers)
    tonight = adapters.date_of(settings, now)
    order = plans.Order(
        _day(date, sample, tonight),
        layouts or ("sections",),
        tonight,
        limit,
        tuple(dict.fromkeys(papers)),
        0 if asked else settings.lookback_days,
    )
    opened = adapters.category(settings, source, now) if source else adapters.sources(settings, sample)
    with _monitored(settings, silent=sample or dry_run) as ended, opened as sources:
        if dry_run:
            return _rehearse(order, settings, provider, sources, now, as_json)
        with adapters.desk(settings, provider, sources, "run", order.date, now, as_json) as desk, _noted(desk):
            done = [night.account() for night in plans.nights(order, desk)]
            code = _outcome(done)
            desk.ledger.end_run(desk.run, code, _now())
            morning = reports.summary(reports.look(desk.ledger, _now()))
        report = f"{_report(done, order.date, as_json=False)}\n\n{morning}"
        click.echo(_report(done, order.date, as_json=True) if as_json else report)
        _log().info(report)
        ended(code, "\n".join([*(str(night.stopped) for night in done if night.stopped), report]))
    return code


@cli.command()
@click.option("--from", "first", type=_Date(), help="The first day.")
@click.option("--to", "last", type=_Date(), help="The last day; today if not given.")
@click.option(
    "--papers", type=click.Path(path_type=Path), help="Ids, one a line, instead: each on the day of its submission."
)
@click.option("--layout", "layouts", type=click.Choice(LAYOUTS), multiple=True, help="Repeatable; sections by default.")
@click.option("--engine", type=click.Choice(ENGINES), default="local", show_default=True, help="How calls are made.")
@click.option("--budget", type=click.FloatRange(min=0, min_open=True), help="US dollars that this run cannot exceed.")
@_source
@_dry_run
@click.option("--json", "as_json", is_flag=True, help="The account as JSON on standard output.")
def backfill(
    first: dt.date | None,
    last: dt.date | None,
    papers: Path | None,
    layouts: tuple["LayoutName", ...],
    engine: "EngineName",
    budget: float | None,
    source: str,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Many days at once: what is missing of them, resumed after any stop."""
    from pipeline import run as plans
    from pipeline.cli import adapters
    from pipeline.config import load
    from pipeline.ids import read_ids

    settings, now = load(), _now()
    _keep_log(settings, now)
    if budget is not None:
        settings = settings.model_copy(update={"budget": settings.budget.model_copy(update={"usd_per_run": budget})})
    tonight = adapters.date_of(settings, now)
    span = _span(first, last, papers, tonight)._replace(
        layouts=layouts or ("sections",), window=adapters.WINDOWS[engine]
    )
    if papers and source:
        raise ConfigError("--papers are of your choice, not of a source; leave --source out.")
    ids = read_ids(papers) if papers else []
    days = (span.first, span.last)
    with adapters.category(settings, source, now, days) if source else adapters.sources(settings) as sources:
        unknown: tuple[str, ...] = ()
        if ids:
            chosen = plans.choose(ids, sources)
            sources, unknown = plans.Known(sources, chosen.metadata), chosen.unknown
            span = span._replace(chosen=chosen.days)
        missing, said = adapters.survey(span, settings, sources, now, engine)
        click.echo(said, err=True)
        code, done = PUBLISHED, list["NightAccount"]()
        if not dry_run:
            code, done = _backfill(span, sources, settings, engine, missing.summaries, as_json)
    if not dry_run:
        click.echo(_report(done, span.first, as_json))
    if unknown:
        _say(f"arXiv does not know {len(unknown)} of the ids: {', '.join(unknown)}.")
    return code or (PARTIAL if unknown else PUBLISHED)


def _span(first: dt.date | None, last: dt.date | None, papers: Path | None, tonight: dt.date) -> "Span":
    from pipeline.run import Span

    if papers and (first or last):
        raise ConfigError("--papers has each paper's own day; leave --from and --to out.")
    if papers:
        return Span(tonight, tonight, (), tonight)
    if first is None:
        raise ConfigError("Which days? Give --from YYYY-MM-DD and --to, or --papers FILE.")
    span = Span(first, _day(last, False, tonight), (), tonight)
    if span.first > span.last:
        raise ConfigError(f"--from {span.first} is after --to {span.last}; turn them round.")
    return span


def _backfill(
    span: "Span", sources: "Sources", settings: "Settings", engine: "EngineName", total: int, quiet: bool
) -> tuple[int, list["NightAccount"]]:
    from pipeline import run as plans
    from pipeline.cli import adapters

    provider, now = settings.llm.provider, _now()
    with (
        adapters.desk(settings, provider, sources, "backfill", span.first, now, quiet, engine, total) as desk,
        _noted(desk),
    ):
        done = [night.account() for night in plans.backfill(span, desk)]
        code = _outcome(done)
        desk.ledger.end_run(desk.run, code, _now())
    return code, done


@cli.command()
@click.argument("paper", metavar="ID", type=_PaperId())
@_layout
@click.option("--date", type=_Date(), help="Only the digest of this day.")
@click.option("--refresh", is_flag=True, help="Take votes, authors and thumbnail anew as well.")
@_dry_run
def regenerate(paper: str, layout: "LayoutName | None", date: dt.date | None, refresh: bool, dry_run: bool) -> int:
    """Summarise a paper again and replace its entry wherever it is printed; every other byte stays."""
    from pipeline import run as plans
    from pipeline.cli import adapters
    from pipeline.config import load
    from pipeline.models import HeldBack, Summary
    from pipeline.text import visible

    settings = load()
    _keep_log(settings, _now())
    wanted = plans.Wanted(paper, layout, date, refresh)
    with (
        adapters.sources(settings) as sources,
        adapters.desk(settings, settings.llm.provider, sources, "regenerate", date, _now(), quiet=True) as desk,
        _noted(desk),
    ):
        changes, outcomes = plans.regenerate(wanted, desk)
        _carry_out(changes, desk.ledger, settings, dry_run)
        code = _settled(outcomes)
        desk.ledger.end_run(desk.run, code, _now())
    for outcome in outcomes:
        if not isinstance(outcome, Summary):
            what = "is held back" if isinstance(outcome, HeldBack) else "failed"
            click.echo(visible(f"{paper} ({outcome.layout}) {what}, its entry stays: {outcome.reason}"), err=True)
    return code


def _settled(outcomes: Sequence["Outcome"]) -> int:
    from pipeline.models import Failed, HeldBack

    if any(isinstance(outcome, Failed) for outcome in outcomes):
        return UNREACHABLE
    return PARTIAL if any(isinstance(outcome, HeldBack) for outcome in outcomes) else PUBLISHED


@cli.command()
@click.argument("paper", metavar="ID", type=_PaperId())
@click.option("--reason", required=True, help="Why, for the record.")
@_dry_run
def withdraw(paper: str, reason: str, dry_run: bool) -> int:
    """Take a paper's entry out of every digest, and say so in the record beside it."""
    from pipeline import run as plans
    from pipeline.cli import adapters
    from pipeline.config import load

    settings, now = load(), _now()
    _keep_log(settings, now)
    with adapters.locked_ledger(settings) as ledger:
        changes = plans.withdraw(paper, reason, ledger=ledger, output=settings.output_dir, now=now)
        _carry_out(changes, ledger, settings, dry_run)
    return PUBLISHED


@cli.command()
@click.argument("paper", metavar="ID", type=_PaperId())
@click.option("--json", "as_json", is_flag=True, help="The records as JSON.")
def show(paper: str, as_json: bool) -> int:
    """Print a paper's entries sentence by sentence, each with the sentences of the paper that it rests on."""
    from pipeline import ledger
    from pipeline import show as traces
    from pipeline.config import load
    from pipeline.run import places

    settings = load()
    with ledger.opened(settings.state_dir, keep=False) as book:
        places.refresh(book, settings.output_dir)
        shown = traces.trace(places.named(book, settings.output_dir, paper), settings.output_dir, paper)
        calls = book.calls(paper)
    click.echo(traces.as_json(shown, calls) if as_json else traces.as_text(shown, calls))
    return PUBLISHED


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="The same for machines.")
@click.option("--rebuild", is_flag=True, help="First make the ledger anew from the records in the output folder.")
def status(as_json: bool, rebuild: bool) -> int:
    """What the last nights came to, what is not printed and why. Exit 4 after 36 hours without a success."""
    from pipeline import run as plans
    from pipeline import status as reports
    from pipeline.cli import adapters
    from pipeline.config import load
    from pipeline.ledger import opened
    from pipeline.publish.files import check_writable

    settings = load()
    if rebuild:
        with adapters.locked_ledger(settings) as ledger:
            days = plans.rebuild(ledger, settings.output_dir)
        click.echo(f"The ledger is in line with {days} records under {settings.output_dir}.", err=True)
        return PUBLISHED
    check_writable(settings.state_dir)
    with opened(settings.state_dir) as ledger:
        morning = reports.look(ledger, _now())
    click.echo(reports.as_json(morning) if as_json else reports.as_text(morning))
    return UNREACHABLE if morning.overdue else PUBLISHED


@cli.command()
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


@cli.command()
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


@cli.command()
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
            _show_diff(path, before, after)
        if only_check:
            click.echo(f"{path} is not in canonical form; `pipeline fmt` makes it so.", err=True)
        else:
            files.write_atomic(path, after.encode())
            click.echo(f"{path} rewritten.", err=True)
    return FINDINGS if changed and only_check else PUBLISHED


@cli.command(name="import")
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


@cli.command()
@click.option("--date", type=_Date(), help="The day to tell of; today if not given.")
@_dry_run
def notify(date: dt.date | None, dry_run: bool) -> int:
    """Send a day's papers to chats and mail; what a channel has got already is not sent again."""
    from pipeline.cli import adapters
    from pipeline.config import load
    from pipeline.publish import channels, library
    from pipeline.run import messages

    settings, now = load(), _now()
    _keep_log(settings, now)
    urls = [url.get_secret_value() for url in settings.notify.urls]
    if not urls:
        raise ConfigError("There is nobody to tell: set PIPELINE_NOTIFY__URLS to addresses of apprise.")
    opened = channels.open_channels(urls, settings.wait_scale)
    day = library.read_day(settings.output_dir, date or adapters.date_of(settings, now))
    for problem in day.problems:
        _say(problem)
    with adapters.locked_ledger(settings) as ledger:
        due = messages.messages(day, settings.notify.layout, opened, ledger, _pages(settings))
        receipts = [] if dry_run else [_told(receipt) for receipt in messages.notify(day.date, due, ledger, _now)]
    if dry_run:
        for message in due:
            for part in message.parts:
                click.echo(f"== {message.channel.name}: {part.title}\n\n{part.text}\n")
    elif not any(message.parts for message in due):
        click.echo(f"Nothing of {day.date} is to be sent.", err=True)
    return PARTIAL if day.problems or any(receipt.failed for receipt in receipts) else PUBLISHED


@cli.command()
@click.option("--to", "form", type=click.Choice(EXPORTS), required=True, help="Notes in a folder, or one file.")
@click.option("--date", type=_Date(), help="Only this day.")
@click.option("--from", "first", type=_Date(), help="From this day on.")
@click.option("--until", "last", type=_Date(), help="Up to this day.")
@click.option("--paper", type=_PaperId(), help="Only this paper, of whatever day.")
@click.option("--out", type=click.Path(path_type=Path), help="A file, or the folder of the notes.")
def export(
    form: str, date: dt.date | None, first: dt.date | None, last: dt.date | None, paper: str | None, out: Path | None
) -> int:
    """Printed papers for Obsidian, Zotero and LaTeX, or for machines; all of them if not told which."""
    from pipeline.config import load
    from pipeline.publish import export as exports
    from pipeline.publish import library

    if date and (first or last):
        raise ConfigError("--date is one day; leave --from and --until out.")
    if form == "obsidian" and out is None:
        raise ConfigError("Notes are many files: say with --out into which folder.")
    output = load().output_dir
    days = list(library.read_days(output, date or first, date or last, paper))
    found = exports.works(article for day in days for article in day.articles)
    if paper and not found:
        raise ConfigError(f"{paper} is printed nowhere under {output} on the days asked for.")
    if form == "obsidian" and out:
        _write_notes(exports.obsidian(found), out)
    else:
        _write_file(exports.ONE_FILE[form](found), out)
    for problem in (problem for day in days for problem in day.problems):
        _say(problem)
    click.echo(f"{len(found)} papers.", err=True)
    return PARTIAL if any(day.problems for day in days) else PUBLISHED


def _write_notes(notes: "Mapping[str, str]", folder: Path) -> None:
    from pipeline.publish.export import with_own_notes
    from pipeline.publish.files import check_writable, read_text, write_atomic

    check_writable(folder)
    for name, note in notes.items():
        path = folder / name
        old = read_text(path) if path.exists() else ""
        new = with_own_notes(note, old)
        if new != old:
            write_atomic(path, new.encode())


def _write_file(text: str, path: Path | None) -> None:
    from pipeline.publish.files import write_atomic

    if path:
        write_atomic(path, text.encode())
    else:
        click.echo(text, nl=False)


def _told(receipt: "Receipt") -> "Receipt":
    if receipt.failed:
        _say(f"{receipt.failed}; run `pipeline notify` again.")
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


@cli.group()
def site() -> None:
    """The digests as a static site for readers."""


@site.command()
@click.option("--json", "as_json", is_flag=True, help="What was built as JSON on standard output.")
def build(as_json: bool) -> int:
    """Bring the site in the output folder in line with the digests. Exit 3: built, but for what is named."""
    import json

    from pipeline.cli import adapters
    from pipeline.config import load
    from pipeline.publish.site import search
    from pipeline.publish.site.build import build as bring_in_line

    settings = load()
    with adapters.thumbnails(settings) as fetch:
        built = bring_in_line(settings.output_dir, adapters.site(settings), fetch, search.installed())
    if not built.searchable:
        _say(search.MISSING)
    for problem in built.problems:
        _say(problem)
    if as_json:
        click.echo(json.dumps(built._asdict(), ensure_ascii=False, default=str))
    else:
        click.echo(f"{built.days} days, {built.papers} papers, {built.changed} files changed: {built.site}/index.html")
    return PARTIAL if built.problems else PUBLISHED


@site.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
def serve(port: int) -> int:
    """Show the built site on this machine, until interrupted."""
    from pipeline.config import load
    from pipeline.publish.site.serve import server

    with server(load().output_dir / "site", port) as listening:
        click.echo(f"http://{listening.server_name}:{listening.server_port}/ (Ctrl+C ends it)")
        listening.serve_forever()
    return PUBLISHED


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="The checks as JSON.")
def doctor(as_json: bool) -> int:
    """Try everything that a night needs and say what to do where it fails; one short call of the model is made."""
    from pipeline import doctor as checks
    from pipeline.config import load, load_openai

    made = checks.examine(checks.Case(load(), load_openai(), _now))
    click.echo(checks.as_json(made) if as_json else checks.as_text(made))
    statuses = {check.status for check in made}
    if "wrong" in statuses:
        return WRONG_USE
    return UNREACHABLE if "unreachable" in statuses else PUBLISHED


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code. A request to terminate ends it as an interruption does."""
    # Loading the modules makes objects by the hundred thousand, none of them garbage: looking took a seventh of it. And
    # looking through all of them once more at the end took a fifth of a second.
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)
    # What a script starts in the background is born deaf to SIGINT, and would be to SIGTERM as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.exit(_ended(args))


def _ended(args: Sequence[str] | None) -> int:
    try:
        return cli.main(args, prog_name="pipeline", standalone_mode=False) or PUBLISHED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted; what was done is written.")
        return _INTERRUPTED
    except PipelineError as error:
        _say(str(error))
        return _exit_code(error)
    except Exception as error:
        click.echo(redact(f"pipeline: unexpected {type(error).__name__}: {error}. {_log_crash(error)}"), err=True)
        return BUG


def _exit_code(error: BaseException) -> int:
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return _INTERRUPTED
    if not isinstance(error, PipelineError):
        return BUG
    if isinstance(error, LockHeld):
        return LOCKED
    if isinstance(error, SourceError) or (isinstance(error, ModelError) and not isinstance(error, KeyRefused)):
        return UNREACHABLE
    return WRONG_USE


def _say(message: str) -> None:
    """A message on the terminal, and in the log where one is kept."""
    click.echo(f"pipeline: {message}", err=True)
    if "pipeline.logs" in sys.modules:  # whoever keeps none does not pay for its import
        _log().error(message)


def _log() -> "logging.Logger":
    import logging

    return logging.getLogger(__name__)


def _keep_log(settings: "Settings", now: dt.datetime) -> None:
    from pipeline import logs

    logs.start(settings.state_dir, f"{now:%Y%m%dT%H%M%SZ}-{os.getpid()}")


def _log_crash(error: Exception) -> str:
    from pipeline import logs

    log = logs.crash(error, Path(".pipeline"))
    return f"This is a bug; the traceback is in {log}." if log else traceback.format_exc()


@contextlib.contextmanager
def _monitored(settings: "Settings", silent: bool) -> Iterator[Callable[[int, str], None]]:
    """Tell the monitor, if there is one, of the start; and of the end by what is yielded or by the error that comes."""
    if silent or settings.ping_url is None:
        yield lambda code, report: None
        return
    from pipeline import ping

    url = str(settings.ping_url)
    ping.started(url)
    try:
        yield lambda code, report: ping.ended(url, code, report)
    except BaseException as error:
        ping.ended(url, _exit_code(error), redact(str(error)))
        raise


def _outcome(done: Sequence["NightAccount"]) -> int:
    for night in done:
        if night.stopped:
            _say(str(night.stopped))
            return _exit_code(night.stopped)
    accounts = [account for night in done for account in night.accounts]
    if any(account.failed and not account.printed for account in accounts):
        return UNREACHABLE
    return PARTIAL if any(account.failed or account.held_back for account in accounts) else PUBLISHED


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


@contextlib.contextmanager
def _noted(desk: "Desk") -> Iterator[None]:
    """Whatever ends a command is the end of its run in the ledger, too."""
    try:
        yield
    except BaseException as error:
        desk.ledger.end_run(desk.run, _exit_code(error), _now())
        raise


def _day(date: dt.date | None, sample: bool, tonight: dt.date) -> dt.date:
    if sample:
        from pipeline.sources.sample import DATE

        return DATE
    if date and date > tonight:
        raise ConfigError(f"{date} is in the future; today is {tonight}.")
    return date or tonight


def _rehearse(
    order: "Order", settings: "Settings", provider: str, sources: "Sources", now: dt.datetime, as_json: bool
) -> int:
    """The plan of a night, without a call."""
    from pipeline import account
    from pipeline.cli import adapters

    rehearsed = adapters.rehearse(order, settings, provider, sources, now)
    pages = [
        account.Planned(
            path=str(page.path),
            listed=len(page.new.listed),
            duplicate=len(page.new.duplicates),
            to_summarise=page.todo,
        )
        for day in rehearsed.days
        for page in day.pages
    ]
    show = account.plan_as_json if as_json else account.plan_as_text
    click.echo(show(pages, rehearsed.estimate, rehearsed.warnings))
    return PUBLISHED


def _report(done: Sequence["NightAccount"], date: dt.date, as_json: bool) -> str:
    from pipeline import account

    accounts = [one for night in done for one in night.accounts]
    warnings = [warning for night in done for warning in night.warnings]
    if not as_json:
        return account.as_text(accounts, warnings)
    stopped = next((str(night.stopped) for night in done if night.stopped), None)
    return account.as_json(date.isoformat(), accounts, warnings, stopped)


def _carry_out(changes: Sequence["Change"], ledger: "Ledger", settings: "Settings", dry_run: bool) -> None:
    from pipeline.run import apply

    for change in changes:
        if dry_run:
            _show_diff(change.path, change.before or "", change.after or "")
    if not dry_run:
        apply(changes, ledger, settings.output_dir)
        for change in changes:
            click.echo(
                f"{change.path} {'removed, it has no entry left' if change.after is None else 'rewritten'}.", err=True
            )


def _show_diff(path: Path, before: str, after: str) -> None:
    import difflib

    colours = {"+": "green", "-": "red", "@": "cyan"}
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), str(path), str(path), lineterm="")
    for line in lines:
        click.secho(line, fg=colours.get(line[0]))
