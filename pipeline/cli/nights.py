"""The commands that have summaries written, or take them back: run, backfill, regenerate, withdraw."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli import common
from pipeline.cli.common import PARTIAL, PUBLISHED, UNREACHABLE, exit_code, keep_log, log, noted, say, show_diff
from pipeline.cli.options import (
    ENGINES,
    LAYOUTS,
    Date,
    Dollars,
    PaperId,
    dry_run_option,
    layouts_option,
    source_option,
)
from pipeline.core.errors import ConfigError
from pipeline.core.redact import redact

if TYPE_CHECKING:
    from pipeline.cli.writers import EngineName
    from pipeline.core.config import Settings
    from pipeline.core.models import LayoutName, Outcome
    from pipeline.ledger import Ledger
    from pipeline.ops.account import NightAccount
    from pipeline.workflows import Change, Order, Sources, Span

_ARXIV_BEGAN = dt.date(1991, 8, 14)


@click.command()
@click.option("--date", type=Date(), help="The day of the list; today if not given.")
@layouts_option
@click.option("--limit", type=click.IntRange(min=1), help="Only the first N papers of the list.")
@click.option("--paper", "papers", type=PaperId(), multiple=True, help="A paper of your choice instead. Repeatable.")
@source_option
@click.option("--sample", is_flag=True, help="A bundled day, written by the small embedded model: no key, no network.")
@dry_run_option
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
    from pipeline import workflows
    from pipeline.cli import context, origins
    from pipeline.core.config import load
    from pipeline.core.providers import SAMPLE
    from pipeline.ops import status as reports

    if sample and (date or papers or source):
        raise ConfigError("--sample is a day of its own; leave --date, --paper and --source out.")
    settings, now = load(), common.now()
    keep_log(settings, now)
    provider = SAMPLE if sample else settings.llm.provider
    asked = bool(sample or date or papers)
    tonight = context.date_of(settings, now)
    order = workflows.Order(
        _day(date, sample, tonight),
        layouts or ("sections",),
        tonight,
        limit,
        tuple(dict.fromkeys(papers)),
        0 if asked else settings.lookback_days,
    )
    opened = origins.category(settings, source, now) if source else origins.daily_papers(settings, sample)
    with _monitored(settings, silent=sample or dry_run) as ended, opened as sources:
        if dry_run:
            return _dry_run(order, settings, provider, sources, now, as_json)
        with (
            context.run_context(settings, provider, sources, "run", order.date, now, as_json) as running,
            noted(running),
        ):
            done = [night.account() for night in workflows.run_nights(order, running)]
            code = _outcome(done)
            running.ledger.end_run(running.run, code, common.now())
            morning = reports.summary(reports.look(running.ledger, common.now()))
        _say_what_stopped(done)
        report = f"{_report(done, order.date, as_json=False)}\n\n{morning}"
        click.echo(_report(done, order.date, as_json=True) if as_json else report)
        log().info(report)
        ended(code, "\n".join([*(str(night.stopped) for night in done if night.stopped), report]))
    return code


def _dry_run(
    order: "Order", settings: "Settings", provider: str, sources: "Sources", now: dt.datetime, as_json: bool
) -> int:
    """The plan of a night, without a call."""
    from pipeline.cli import context
    from pipeline.ops import account

    night = context.dry_run(order, settings, provider, sources, now)
    pages = [
        account.Planned(
            path=str(page.path),
            listed=len(page.new.listed),
            duplicate=len(page.new.duplicates),
            to_summarise=page.todo,
        )
        for day in night.days
        for page in day.pages
    ]
    show = account.plan_as_json if as_json else account.plan_as_text
    click.echo(show(pages, night.estimate, night.warnings))
    return PUBLISHED


@contextlib.contextmanager
def _monitored(settings: "Settings", silent: bool) -> Iterator[Callable[[int, str], None]]:
    """Tell the monitor, if there is one, of the start; and of the end by what is yielded or by the error that comes."""
    if silent or settings.ping_url is None:
        yield lambda code, report: None
        return
    from pipeline.ops import ping

    url = str(settings.ping_url)
    ping.started(url)
    try:
        yield lambda code, report: ping.ended(url, code, report)
    except BaseException as error:
        ping.ended(url, exit_code(error), redact(str(error)))
        raise


@click.command()
@click.option("--from", "first", type=Date(), help="The first day.")
@click.option("--to", "last", type=Date(), help="The last day; today if not given.")
@click.option(
    "--papers", type=click.Path(path_type=Path), help="Ids, one a line, instead: each on the day of its submission."
)
@layouts_option
@click.option("--engine", type=click.Choice(ENGINES), default="local", show_default=True, help="How calls are made.")
@click.option("--budget", type=Dollars(), help="US dollars that this run cannot exceed.")
@source_option
@dry_run_option
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
    from pipeline import workflows
    from pipeline.cli import context, origins, writers
    from pipeline.core.config import load
    from pipeline.core.ids import read_ids
    from pipeline.ops import account

    settings, now = load(), common.now()
    if budget is not None:
        settings = settings.model_copy(update={"budget": settings.budget.model_copy(update={"usd_per_run": budget})})
    tonight = context.date_of(settings, now)
    span = _span(first, last, papers, tonight)._replace(
        layouts=layouts or ("sections",), window=writers.WINDOWS[engine], lookback=settings.lookback_days
    )
    if papers and source:
        raise ConfigError("--papers are of your choice, not of a source; leave --source out.")
    ids = read_ids(papers) if papers else []
    keep_log(settings, now)
    context.require(settings, engine)
    days = (span.first, span.last)
    with origins.category(settings, source, now, days) if source else origins.daily_papers(settings) as sources:
        unknown: tuple[str, ...] = ()
        if ids:
            chosen = workflows.choose(ids, sources)
            sources, unknown = workflows.Known(sources, chosen.metadata), chosen.unknown
            span = span._replace(chosen=chosen.days)
        ahead = context.estimate_backfill(span, settings, sources, now, engine, as_json)
        if dry_run:
            click.echo(account.ahead_as_json(ahead) if as_json else account.ahead_as_text(ahead))
            return UNREACHABLE if ahead.unread else PUBLISHED
        click.echo(account.ahead_as_text(ahead), err=True)
        code, done = _backfill(span, sources, settings, engine, ahead.summaries, as_json)
    if unknown:
        warning = f"arXiv does not know {len(unknown)} of the ids: {', '.join(unknown)}."
        done.append(account.NightAccount((), (warning,), None))
    click.echo(_report(done, span.first, as_json))
    return code or (PARTIAL if unknown else PUBLISHED)


def _span(first: dt.date | None, last: dt.date | None, papers: Path | None, tonight: dt.date) -> "Span":
    from pipeline.workflows import Span

    if papers and (first or last):
        raise ConfigError("--papers has each paper's own day; leave --from and --to out.")
    if papers:
        return Span(tonight, tonight, (), tonight)
    if first is None:
        raise ConfigError("Which days? Give --from YYYY-MM-DD and --to, or --papers FILE.")
    span = Span(_day(first, False, tonight), _day(last, False, tonight), (), tonight)
    if span.first > span.last:
        raise ConfigError(f"--from {span.first} is after --to {span.last}; turn them round.")
    return span


def _backfill(
    span: "Span", sources: "Sources", settings: "Settings", engine: "EngineName", total: int, quiet: bool
) -> tuple[int, list["NightAccount"]]:
    from pipeline import workflows
    from pipeline.cli import context

    provider, now = settings.llm.provider, common.now()
    with (
        context.run_context(settings, provider, sources, "backfill", span.first, now, quiet, engine, total) as running,
        noted(running),
    ):
        done = [night.account() for night in workflows.backfill(span, running)]
        code = _outcome(done)
        running.ledger.end_run(running.run, code, common.now())
    _say_what_stopped(done)
    return code, done


@click.command()
@click.argument("paper", metavar="ID", type=PaperId())
@click.option("--layout", type=click.Choice(LAYOUTS), help="Only this layout.")
@click.option("--date", type=Date(), help="Only the digest of this day.")
@click.option("--refresh", is_flag=True, help="Take votes, authors and thumbnail anew as well.")
@dry_run_option
def regenerate(paper: str, layout: "LayoutName | None", date: dt.date | None, refresh: bool, dry_run: bool) -> int:
    """Summarise a paper again and replace its entry wherever it is printed; every other byte stays."""
    from pipeline import workflows
    from pipeline.cli import context, origins
    from pipeline.core.config import load
    from pipeline.core.models import HeldBack, Summary
    from pipeline.core.text import visible

    settings = load()
    keep_log(settings, common.now())
    wanted = workflows.Wanted(paper, layout, date, refresh)
    with (
        origins.daily_papers(settings) as sources,
        context.run_context(
            settings, settings.llm.provider, sources, "regenerate", date, common.now(), quiet=True
        ) as running,
        noted(running),
    ):
        changes, outcomes = workflows.regenerate(wanted, running)
        _carry_out(changes, running.ledger, settings, dry_run)
        code = _settled(outcomes)
        running.ledger.end_run(running.run, code, common.now())
    for outcome in outcomes:
        if not isinstance(outcome, Summary):
            what = "is held back" if isinstance(outcome, HeldBack) else "failed"
            click.echo(visible(f"{paper} ({outcome.layout}) {what}, its entry stays: {outcome.reason}"), err=True)
    return code


def _settled(outcomes: Sequence["Outcome"]) -> int:
    from pipeline.core.models import Failed, HeldBack

    if any(isinstance(outcome, Failed) for outcome in outcomes):
        return UNREACHABLE
    return PARTIAL if any(isinstance(outcome, HeldBack) for outcome in outcomes) else PUBLISHED


@click.command()
@click.argument("paper", metavar="ID", type=PaperId())
@click.option("--reason", required=True, help="Why, for the record.")
@dry_run_option
def withdraw(paper: str, reason: str, dry_run: bool) -> int:
    """Take a paper's entry out of every digest, and say so in the record beside it."""
    from pipeline import workflows
    from pipeline.cli import context
    from pipeline.core.config import load

    settings, now = load(), common.now()
    keep_log(settings, now)
    with context.locked_ledger(settings) as ledger:
        changes = workflows.withdraw(paper, reason, ledger=ledger, output=settings.output_dir, now=now)
        _carry_out(changes, ledger, settings, dry_run)
    return PUBLISHED


def _carry_out(changes: Sequence["Change"], ledger: "Ledger", settings: "Settings", dry_run: bool) -> None:
    from pipeline.workflows import apply

    for change in changes:
        if change.note:
            click.echo(change.note, err=True)
        if dry_run:
            show_diff(change.path, change.before or "", change.after or "")
    if not dry_run:
        apply(changes, ledger, settings.output_dir)
        for change in changes:
            click.echo(
                f"{change.path} {'removed, it has no entry left' if change.after is None else 'rewritten'}.", err=True
            )


def _day(date: dt.date | None, sample: bool, tonight: dt.date) -> dt.date:
    if sample:
        from pipeline.sources.sample import DATE

        return DATE
    if date and date > tonight:
        raise ConfigError(f"{date} is in the future; today is {tonight}.")
    if date and date < _ARXIV_BEGAN:
        raise ConfigError(f"{date} is before the first paper of arXiv, of {_ARXIV_BEGAN}.")
    return date or tonight


def _outcome(done: Sequence["NightAccount"]) -> int:
    for night in done:
        if night.stopped:
            return exit_code(night.stopped)
    accounts = [account for night in done for account in night.accounts]
    written = any(account.written for account in accounts)
    if not written and any(account.failed and not account.printed for account in accounts):
        return UNREACHABLE
    return PARTIAL if any(account.failed or account.held_back for account in accounts) else PUBLISHED


def _say_what_stopped(done: Sequence["NightAccount"]) -> None:
    """Not before the bar is gone."""
    for stopped in dict.fromkeys(str(night.stopped) for night in done if night.stopped):
        say(stopped)


def _report(done: Sequence["NightAccount"], date: dt.date, as_json: bool) -> str:
    from pipeline.ops import account

    accounts = [one for night in done for one in night.accounts]
    warnings = [warning for night in done for warning in night.warnings]
    if not as_json:
        return account.as_text(accounts, warnings)
    stopped = next((str(night.stopped) for night in done if night.stopped), None)
    return account.as_json(date.isoformat(), accounts, warnings, stopped)


COMMANDS = (run, backfill, regenerate, withdraw)
