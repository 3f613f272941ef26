"""The ledger: what it keeps over runs and crashes, and what it says of files that are not its own."""

import contextlib
import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest

from pipeline import ledger
from pipeline.archive import digest_day
from pipeline.archive.files import write_atomic
from pipeline.archive.index import Index
from pipeline.archive.record import DayRecord, EntryRecord, FailedRecord, HeldBackRecord, WithdrawnRecord, dump
from pipeline.core.errors import ConfigError, LockHeld
from pipeline.core.models import Answer, Prompt, Section, Summary, Usage
from pipeline.ledger import Call, Ledger, database
from pipeline.workflows.rebuild import rebuild

NOW = dt.datetime(2026, 3, 4, 5, 6, 7, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 4)
PROMPT = Prompt(name="sections", version="4", hash="0123456789abcdef")
CALL = Call("hash", "2603.00001", "sections", "fake", 0.5)
ANSWER = Answer(content="{}", model="fake", usage=Usage(input=100, output=20, cached=60), seconds=1.5)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    with ledger.opened(tmp_path) as opened:
        yield opened


def summary(paper_id: str = "2603.00001", model: str = "fake", text: str = "요약입니다.") -> Summary:
    sections = (Section(name="What's New", text=text),)
    return Summary(paper_id=paper_id, layout="sections", sections=sections, model=model, prompt=PROMPT)


def entry(paper_id: str = "2603.00001", model: str = "fake") -> EntryRecord:
    return EntryRecord(
        id=paper_id,
        version=1,
        title=f"Title of {paper_id}",
        authors=("A",),
        votes=3,
        metadata="arxiv",
        provider="openai",
        model=model,
        prompt=PROMPT,
        usage=ANSWER.usage,
        attempts=1,
        usd=0.25,
        written_at=NOW,
    )


def held(paper_id: str, *nights: dt.date) -> HeldBackRecord:
    return HeldBackRecord(id=paper_id, title="Held", reason="numbers/unknown", nights=nights, attempts=2, usd=0.125)


def day(**lists: tuple[object, ...]) -> DayRecord:
    return DayRecord.model_validate({"layout": "sections", "date": DAY, "provider": "openai", **lists})


def close_day(book: Ledger, record: DayRecord, printed: list[str], summaries: list[Summary] | None = None) -> Index:
    """Close a day of which no file is written."""
    index = Index(book, Path("nowhere"))
    for one in summaries or ():
        book.keep(one, 1)
    digest_day.close_day(index, record, printed)
    return index


def test_an_answer_outlives_the_run_that_paid_for_it(tmp_path: Path) -> None:
    with ledger.opened(tmp_path) as book:
        book.record(book.reserve(book.begin_run("run", DAY, NOW), CALL, NOW), ANSWER, 0.25)
    with ledger.opened(tmp_path) as book:
        book.begin_run("run", DAY, NOW)
        assert [answer for _, answer in book.answers("hash")] == [ANSWER]
        assert book.answers("another") == []
        assert book.unsettled_cost("2603.00001", "sections") == 0.25


def test_a_call_that_a_dead_run_left_open_is_in_doubt_and_counts_at_its_most(book: Ledger) -> None:
    book.reserve(book.begin_run("run", DAY, NOW), CALL, NOW)
    book.begin_run("run", DAY, NOW)
    assert [run.in_doubt for run in book.runs(5)] == [0, 1]
    assert book.spent_since(NOW) == 0.5


def test_a_failed_call_costs_nothing_unless_it_may_have_been_charged(book: Ledger) -> None:
    run = book.begin_run("run", DAY, NOW)
    book.release(book.reserve(run, CALL, NOW), "refused", in_doubt=False)
    assert book.spent_since(NOW) == 0
    book.release(book.reserve(run, CALL, NOW), "timeout", in_doubt=True)
    assert (book.spent_since(NOW), book.runs(1)[0].in_doubt) == (0.5, 1)


def test_what_is_printed_needs_its_answers_no_more(book: Ledger) -> None:
    book.record(book.reserve(book.begin_run("run", DAY, NOW), CALL, NOW), ANSWER, 0.25)
    close_day(book, day(listed=("2603.00001",), entries=(entry(),)), ["2603.00001"])
    assert book.answers("hash") == []
    assert book.spent_since(NOW) == 0.25


def test_what_is_put_off_for_want_of_money_keeps_its_answers(book: Ledger) -> None:
    book.record(book.reserve(book.begin_run("run", DAY, NOW), CALL, NOW), ANSWER, 0.25)
    close_day(book, day(listed=("2603.00001",), held_back=(held("2603.00001"),)), [])
    assert len(book.answers("hash")) == 1
    close_day(book, day(listed=("2603.00001",), held_back=(held("2603.00001", DAY),)), [])
    assert book.answers("hash") == []


def test_a_summary_is_found_by_version_layout_and_prompt(book: Ledger) -> None:
    book.keep(summary(), 2)
    assert book.summary("2603.00001", 2, "sections", PROMPT.hash) == summary()
    assert book.summary("2603.00001", 3, "sections", PROMPT.hash) is None
    assert book.summary("2603.00001", 2, "easy", PROMPT.hash) is None
    assert book.summary("2603.00001", 2, "sections", "other") is None


def test_every_listed_paper_has_a_status_or_is_unaccounted_for(book: Ledger) -> None:
    record = day(
        listed=("a", "b", "c", "d", "e"),
        entries=(entry("a"),),
        held_back=(held("b", DAY),),
        failed=(FailedRecord(id="c", title="C", reason="HTTP 500"),),
        withdrawn=(WithdrawnRecord(id="d", title="D", reason="a mistake", at=NOW),),
    )
    index = close_day(book, record, ["a"])
    (row,) = index.days(5)
    assert row.counts == {"printed": 1, "duplicate": 0, "held back": 2, "failed": 1, "listed": 5}
    assert [one.paper_id for one in index.unaccounted()] == ["e"]
    assert [(one.paper_id, one.reason) for one in index.not_printed(DAY)] == [
        ("b", "numbers/unknown"),
        ("c", "HTTP 500"),
        ("d", "withdrawn: a mistake"),
        ("e", ""),
    ]


def test_closing_a_day_twice_changes_nothing(book: Ledger, tmp_path: Path) -> None:
    record = day(listed=("2603.00001", "b"), entries=(entry(),), held_back=(held("b", DAY),))
    close_day(book, record, ["2603.00001"], [summary()])
    before = _dump(tmp_path)
    close_day(book, record, ["2603.00001"], [summary()])
    assert _dump(tmp_path) == before


def test_what_a_throw_away_machine_cannot_know_comes_back_as_sums(book: Ledger, tmp_path: Path) -> None:
    record = day(listed=("2603.00001", "b"), entries=(entry(),), held_back=(held("b", DAY),))
    write_atomic(tmp_path / "sections/2026/03/04.json", dump(record))
    rebuild(Index(book, tmp_path))
    rebuild(Index(book, tmp_path))
    assert book.spent_since(dt.datetime(2026, 3, 1, tzinfo=dt.UTC)) == 0.375
    assert book.spent_since(dt.datetime(2026, 4, 1, tzinfo=dt.UTC)) == 0


def test_a_delivery_is_remembered_by_part(book: Ledger) -> None:
    for part, papers in ((1, ["2603.00001", "hep-th/9901001"]), (1, ["2603.00001"]), (2, [])):
        book.deliver(DAY, "slack", part, "key", papers, NOW)
    assert book.delivered(DAY, "slack") == {1: ("2603.00001",), 2: ()}
    assert book.delivered(DAY, "mail") == {}


def test_a_ledger_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    _old_ledger(tmp_path, 1)
    with sqlite3.connect(tmp_path / ledger.FILENAME) as old:
        old.execute("INSERT INTO deliveries VALUES ('2026-03-04', 'slack', 1, 'key', '2026-03-04T05:06:07+00:00')")
    old.close()
    with ledger.opened(tmp_path) as book:
        assert book.delivered(DAY, "slack") == {1: ()}


OPENING = """
import sys
from pathlib import Path
from pipeline import ledger
from pipeline.archive import digest_day
from pipeline.archive.files import write_atomic
from pipeline.archive.index import Index
print("ready", flush=True)
sys.stdin.readline()
for folder in sys.argv[1:]:
    with ledger.opened(Path(folder)) as book:
        assert book.is_sound()
print("opened", flush=True)
"""


@pytest.mark.parametrize("version", [0, 2])
def test_processes_that_open_a_new_or_an_old_ledger_together_all_find_it_up_to_date(
    version: int, tmp_path: Path
) -> None:
    folders = [tmp_path / str(number) for number in range(20)]
    for folder in folders:
        folder.mkdir()
        if version:
            _old_ledger(folder, version)
    command = [sys.executable, "-c", OPENING, *map(str, folders)]
    with contextlib.ExitStack() as stack:
        several = [
            stack.enter_context(subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True))
            for _ in range(3)
        ]
        for process in several:
            assert process.stdout and process.stdout.readline() == "ready\n"
        for process in several:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        assert [process.communicate() for process in several] == [("opened\n", "")] * 3


def _old_ledger(folder: Path, version: int) -> None:
    with sqlite3.connect(folder / ledger.FILENAME) as old:
        old.execute("PRAGMA journal_mode = WAL")
        for number in range(1, version + 1):
            old.executescript((database._MIGRATIONS / f"{number}.sql").read_text("utf-8"))
        old.execute(f"PRAGMA user_version = {version}")
        old.execute(f"PRAGMA application_id = {database._APPLICATION_ID}")
    old.close()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"This is a text file, and it is long enough to be read as one." * 10, "is no ledger, or is damaged"),
        (b"", None),
    ],
)
def test_a_text_file_in_the_ledgers_place_stays_as_it_is(tmp_path: Path, content: bytes, says: str | None) -> None:
    path = tmp_path / ledger.FILENAME
    path.write_bytes(content)
    if says is None:
        with ledger.opened(tmp_path) as book:
            assert book.is_sound()
        return
    with pytest.raises(ConfigError, match=says), ledger.opened(tmp_path):
        pass
    assert path.read_bytes() == content


def test_another_programs_database_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / ledger.FILENAME
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE theirs (a)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="another program's SQLite file"), ledger.opened(tmp_path):
        pass
    assert path.read_bytes() == before


def test_a_ledger_of_a_newer_version_stays_as_it_is(tmp_path: Path) -> None:
    with ledger.opened(tmp_path):
        pass
    path = tmp_path / ledger.FILENAME
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="newer version of this program"), ledger.opened(tmp_path):
        pass
    assert path.read_bytes() == before


def test_a_damaged_ledger_is_said_to_be_damaged(tmp_path: Path) -> None:
    with ledger.opened(tmp_path) as book:
        close_day(book, day(listed=("a",), entries=(entry("a"),)), ["a"], [summary("a")])
    path = tmp_path / ledger.FILENAME
    data = bytearray(path.read_bytes())
    data[2000:12000] = b"\xff" * 10000
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"damaged|cannot be used"), ledger.opened(tmp_path) as book:
        close_day(book, day(listed=("a",)), [])
    assert path.read_bytes()[2000:12000] == data[2000:12000]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    with ledger.opened(tmp_path):
        pass
    for path in (*tmp_path.iterdir(), tmp_path):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with pytest.raises(ConfigError, match=str(tmp_path)), ledger.opened(tmp_path):
        pass
    tmp_path.chmod(0o755)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be used"), ledger.opened(tmp_path / "gone"):
        pass


def test_another_writer_past_the_patience_is_a_held_lock(
    book: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(tmp_path / ledger.FILENAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with ledger.opened(tmp_path) as impatient, pytest.raises(LockHeld, match="Another program holds"):
        impatient.begin_run("run", DAY, NOW)
    other.close()
    assert book.begin_run("run", DAY, NOW) == 1


def test_a_transaction_that_fails_leaves_nothing(book: Ledger, tmp_path: Path) -> None:
    Index(book, Path("nowhere"))
    before = _dump(tmp_path)
    broken = day(listed=("a", "a"), entries=(entry("a"),))  # a listing twice breaks the key in mid-transaction
    with pytest.raises(ConfigError):
        close_day(book, broken, ["a"])
    assert _dump(tmp_path) == before


def _dump(folder: Path) -> list[str]:
    copy = folder / "copy"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("copy"))
    with sqlite3.connect(copy / ledger.FILENAME) as database:
        lines = list(database.iterdump())
    database.close()
    shutil.rmtree(copy)
    return lines
