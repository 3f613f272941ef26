"""Collects what the model wrote before anything was asked again, to evaluate the rules with."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from pipeline.archive.record import DayRecord, EntryRecord, FailedRecord, HeldBackRecord, load
from pipeline.core.errors import ConfigError
from pipeline.core.models import LayoutName
from pipeline.layouts import read_answer
from tests.eval.compare.papers import read


def collect(records: Sequence[Path], out: Path) -> None:
    """Write a line for each paper of the records that our side left, from the answers beside them."""
    rows = [row for path in records for row in _rows(path)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    out.write_text(text, "utf-8")
    click.echo(f"{len(rows)} answers")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    day = load(path)
    if day is None:
        raise ConfigError(f"{path} is not there.")
    titles = _titles(day)
    for line in read(path.with_name("answers.jsonl")).splitlines():
        kept = json.loads(line)
        written = _first(day.layout, kept["answers"])
        if written is None:
            click.echo(f"{kept['id']}: no answer that can be read", err=True)
        else:
            about = {"id": kept["id"], "layout": day.layout, "title": titles[kept["id"]]}
            yield about | {"sentences": kept["sentences"]} | written


def _titles(day: DayRecord) -> dict[str, str]:
    named: tuple[EntryRecord | HeldBackRecord | FailedRecord, ...] = (*day.entries, *day.held_back, *day.failed)
    return {one.id: one.title for one in named}


def _first(name: LayoutName, answers: Sequence[str]) -> dict[str, Any] | None:
    """The claims and sections of the first answer that is one."""
    for content in answers:
        try:
            filled = read_answer(name, content)
        except ValidationError:
            continue
        claims, sections = filled.claims(), filled.sections()
        return {
            "claims": [claim.model_dump() for claim in claims],
            "sections": [section.model_dump() for section in sections],
        }
    return None
