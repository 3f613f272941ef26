"""What `run` and `backfill` share: the days that can be asked for, and the report of nights with its exit code."""

import datetime as dt
from collections.abc import Sequence

from pipeline.cli.common import PARTIAL, PUBLISHED, UNREACHABLE, exit_code, say
from pipeline.core.errors import ConfigError
from pipeline.ops import account
from pipeline.ops.account import NightAccount

_ARXIV_BEGAN = dt.date(1991, 8, 14)


def check_day(date: dt.date | None, tonight: dt.date) -> dt.date:
    """Return the day, tonight's if none is given; ConfigError for one of the future or before arXiv."""
    if date and date > tonight:
        raise ConfigError(f"{date} is in the future; today is {tonight}.")
    if date and date < _ARXIV_BEGAN:
        raise ConfigError(f"{date} is before the first paper of arXiv, which is of {_ARXIV_BEGAN}.")
    return date or tonight


def exit_code_of(nights: Sequence[NightAccount]) -> int:
    """Return the exit code for what these nights came to."""
    for night in nights:
        if night.stopped:
            return exit_code(night.stopped)
    accounts = [account for night in nights for account in night.accounts]
    written = any(account.written for account in accounts)
    if not written and any(account.failed and not account.printed for account in accounts):
        return UNREACHABLE
    return PARTIAL if any(account.failed or account.held_back for account in accounts) else PUBLISHED


def say_what_stopped(nights: Sequence[NightAccount]) -> None:
    """Say what ended the work early, each thing once; to be called when the progress bar is gone."""
    for stopped in dict.fromkeys(str(night.stopped) for night in nights if night.stopped):
        say(stopped)


def render(nights: Sequence[NightAccount], date: dt.date, as_json: bool) -> str:
    """Return the account of these nights; `date` is the day that was asked for."""
    accounts = [one for night in nights for one in night.accounts]
    warnings = [warning for night in nights for warning in night.warnings]
    if not as_json:
        return account.as_text(accounts, warnings)
    stopped = next((str(night.stopped) for night in nights if night.stopped), None)
    return account.as_json(date.isoformat(), accounts, warnings, stopped)
