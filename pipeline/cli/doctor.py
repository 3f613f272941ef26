"""`pipeline doctor`: whether the set-up is sound."""

import click

from pipeline.cli import common
from pipeline.cli.common import PUBLISHED, UNREACHABLE, WRONG_USE
from pipeline.core.config import load
from pipeline.ops import doctor as checks


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The checks as JSON.")
def doctor(as_json: bool) -> int:
    """Try everything that a night needs and say what to do where it fails; one short call of the model is made."""
    made = checks.examine(checks.Case(load(), common.now))
    click.echo(checks.as_json(made) if as_json else checks.as_text(made))
    statuses = {check.status for check in made}
    if "wrong" in statuses:
        return WRONG_USE
    return UNREACHABLE if "unreachable" in statuses else PUBLISHED
