"""Our side: the real command line writes a day that lists the papers, all of them served on loopback.

Leaves `digest.md`, `record.json` and `answers.jsonl` (each paper's numbered sentences and the model's raw answers).
"""

import contextlib
import datetime as dt
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeline import ledger
from pipeline.archive import record
from pipeline.archive.files import digest_path
from pipeline.archive.record import EntryRecord, FailedRecord, HeldBackRecord
from pipeline.cli import common, context
from pipeline.cli.common import PARTIAL
from pipeline.core import config
from pipeline.core.errors import ConfigError
from pipeline.core.models import LayoutName, Paper, SourceText
from pipeline.sources import lists
from tests.eval.compare import endpoint
from tests.eval.compare.papers import Candidate, read
from tests.support.fakes import Answer, Asked, FakeSources

DAY = dt.date(2024, 8, 22)
# The ledger drops an answer that led to an entry: here each stays.
_KEEP_ANSWERS = """
    CREATE TABLE heard (call INTEGER PRIMARY KEY, paper_id TEXT NOT NULL, answer TEXT NOT NULL);
    CREATE TRIGGER hear AFTER UPDATE OF answer ON calls WHEN NEW.answer IS NOT NULL
    BEGIN INSERT INTO heard VALUES (NEW.id, NEW.paper_id, NEW.answer); END;
"""
_TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


class Order(NamedTuple):
    """The task of our side. `texts` is a folder with `ID.html` or `ID.pdf`, None for the abstracts alone."""

    papers: Mapping[str, Candidate]
    out: Path
    layout: LayoutName
    texts: Path | None = None
    reader: bool = False

    @property
    def output(self) -> Path:
        return self.out / "run" / "output"

    @property
    def digest(self) -> Path:
        return digest_path(self.output, self.layout, DAY)

    @property
    def record(self) -> Path:
        return record.record_path(self.digest)

    @property
    def state(self) -> Path:
        return self.out / "run" / "state"


class Served(FakeSources):
    """Hugging Face and arXiv with the papers of a comparison, and their texts."""

    def __init__(self, papers: Mapping[str, Candidate], texts: Path | None) -> None:
        super().__init__()
        self._texts = texts
        for paper in papers.values():
            self.add(DAY.isoformat(), paper.id, paper.title, paper.abstract)

    def answer(self, asked: Asked) -> Answer:
        _, kind, name = asked.path.split("/", 2) if asked.path.count("/") > 1 else ("", "", "")
        if self._texts and kind in _TYPES:
            path = self._texts / f"{Path(name).name.partition('v')[0]}.{kind}"
            return Answer(body=path.read_bytes(), content_type=_TYPES[kind]) if path.is_file() else Answer(404)
        return super().answer(asked)


def write(order: Order) -> int:
    """Have the day written and say what came of it; gives the command line's exit code, 0 where all were answered."""
    endpoint.require()
    with Served(order.papers, order.texts) as served:
        os.environ.update(_settings(order, served))
        _prepare(order)
        command = [sys.executable, "-m", "pipeline", "run", "--date", DAY.isoformat(), "--layout", order.layout]
        code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
        if not order.record.exists():
            return code
        _keep(order, _sources(order.papers))
    print(account(order))
    return 0 if code == PARTIAL else code


def with_texts(papers: Mapping[str, Candidate], texts: Path, most: int) -> list[Candidate]:
    """The papers that have a text, as our program reads it whole, up to so many characters."""
    there = {id: paper for id, paper in papers.items() if any((texts / f"{id}.{kind}").is_file() for kind in _TYPES)}
    with Served(there, texts) as served:
        os.environ.update(_addresses(served) | {"PIPELINE_SOURCES__TEXT_BUDGET": "200000"})
        return [_with_text(there[source.paper_id], source, most) for source in _sources(there)]


def _with_text(paper: Candidate, source: SourceText, most: int) -> Candidate:
    if source.origin == "abstract":
        raise ConfigError(f"The text of {paper.id} cannot be read: {'; '.join(source.cut)}.")
    return paper.model_copy(update={"text": "\n".join(one.text for one in source.sentences)[:most]})


def account(order: Order) -> str:
    """Report how many were printed, held back and repaired, by how many calls, and why each other paper is missing."""
    day = _record(order)
    unprinted: tuple[HeldBackRecord | FailedRecord, ...] = (*day.held_back, *day.failed)
    asked: tuple[EntryRecord | HeldBackRecord, ...] = (*day.entries, *day.held_back)
    missing = [(one.id, one.reason) for one in unprinted]
    repaired = [one.id for one in asked if one.attempts > 1]
    lines = [
        f"{len(day.entries)} printed, {len(day.held_back)} held back, {len(day.failed)} failed of {len(order.papers)}",
        f"{len(repaired)} asked again: {', '.join(repaired) or 'none'}",
        _calls(order.state),
    ]
    return "\n".join([*lines, *(f"{id}: {reason}" for id, reason in missing)])


def _settings(order: Order, served: Served) -> dict[str, str]:
    reader = {"PIPELINE_LLM__SECOND_READER": "true"} if order.reader else {}
    text = {} if order.texts else {"PIPELINE_SOURCES__TEXT_BUDGET": "0"}
    folders = {"PIPELINE_OUTPUT_DIR": str(order.output), "PIPELINE_STATE_DIR": str(order.state)}
    return reader | text | folders | _addresses(served)


def _addresses(served: Served) -> dict[str, str]:
    return {
        "PIPELINE_SOURCES__HF_URL": served.hf_url,
        "PIPELINE_SOURCES__ARXIV_API_URL": served.arxiv_url,
        "PIPELINE_SOURCES__ARXIV_URL": served.url,
        "PIPELINE_SOURCES__ARXIV_INTERVAL": "0",
    }


def _prepare(order: Order) -> None:
    """Begin with nothing of an earlier run, and with a ledger that keeps every answer."""
    shutil.rmtree(order.out / "run", ignore_errors=True)
    for name in ("digest.md", "record.json", "answers.jsonl"):
        (order.out / name).unlink(missing_ok=True)
    order.state.mkdir(parents=True)
    with ledger.opened(order.state):
        pass
    with contextlib.closing(sqlite3.connect(order.state / ledger.FILENAME)) as database:
        database.executescript(_KEEP_ANSWERS)


def _sources(papers: Mapping[str, Candidate]) -> Iterator[SourceText]:
    """The sentences that the writer saw of each paper: read once more, in the same way."""
    with context.open_list(config.load(), lists.DEFAULT, common.now()) as sources:
        for id, known in sources.metadata(list(papers)).items():
            facts = {"title": known.title, "abstract": known.abstract, "authors": known.authors}
            yield sources.text(Paper(id=id, version=known.version, **facts))


def _keep(order: Order, sources: Iterator[SourceText]) -> None:
    """Put what the comparison needs into its folder."""
    shutil.copy(order.record, order.out / "record.json")
    if order.digest.exists():
        shutil.copy(order.digest, order.out / "digest.md")
    heard = _heard(order.state)
    with (order.out / "answers.jsonl").open("w", encoding="utf-8") as file:
        for source in sources:
            sentences = [sentence.text for sentence in source.sentences]
            row = {"id": source.paper_id, "sentences": sentences, "answers": heard.get(source.paper_id, [])}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _heard(state: Path) -> dict[str, list[str]]:
    """Return what the model said about each paper, in its order."""
    heard: dict[str, list[str]] = {}
    for paper_id, answer in _rows(state, "SELECT paper_id, answer FROM heard ORDER BY call"):
        heard.setdefault(paper_id, []).append(json.loads(answer)["content"])
    return heard


def _calls(state: Path) -> str:
    ((calls, given, taken),) = _rows(state, "SELECT count(*), total(input), total(output) FROM calls")
    return f"{calls} calls, {given:,.0f} tokens in, {taken:,.0f} out"


def _rows(state: Path, query: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(state / ledger.FILENAME)) as database:
        return database.execute(query).fetchall()


def _record(order: Order) -> record.DayRecord:
    return record.DayRecord.model_validate_json(read(order.out / "record.json"))
