"""Where papers are named: the index follows whatever happens in the output folder, and reads nothing twice."""

import contextlib
import datetime as dt
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import ledger
from pipeline.archive.index import Index
from pipeline.core.errors import ConfigError
from tests.support import synthetic

DAY = dt.date(2024, 8, 22)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with ledger.opened(tmp_path / "state") as book:
        yield Index(book, tmp_path)


@pytest.fixture(autouse=True)
def state(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()


def write(output: Path, name: str, text: str) -> Path:
    path = output / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_paper_is_found_in_its_digest_and_named_by_its_record(index: Index, tmp_path: Path) -> None:
    synthetic.write(tmp_path, days=3, papers=6)
    index.refresh()
    first, held = synthetic.id_of(0), f"9912.{synthetic.FIRST.day:05}"
    assert index.printed([first, held, "2408.99999"]) == {first: [tmp_path / "easy" / f"{synthetic.FIRST:%Y/%m/%d}.md"]}
    assert index.named(held) == [tmp_path / "easy" / f"{synthetic.FIRST:%Y/%m/%d}.md"]


def test_files_that_change_appear_or_go_are_noticed(index: Index, tmp_path: Path) -> None:
    path = write(tmp_path, "easy/2024/08/22.md", "2408.00001")
    index.refresh()
    write(tmp_path, "easy/2024/08/22.json", "astro-ph/0601001 2408.00002v3 math.AG/0309001 HEP-TH/9901001")
    index.refresh()
    for named in ("2408.00001", "astro-ph/0601001", "2408.00002", "math/0309001", "hep-th/9901001"):
        assert index.named(named) == [path]
    path.write_text("2408.00003", "utf-8")
    index.refresh()
    assert (index.named("2408.00001"), index.named("2408.00003")) == (
        [],
        [path],
    )
    path.unlink()
    path.with_suffix(".json").unlink()
    index.refresh()
    assert not index.ids()


def test_a_day_that_is_as_it_was_is_not_read_again(index: Index, tmp_path: Path) -> None:
    path = write(tmp_path, "easy/2024/08/22.md", "2408.00001")
    index.refresh()
    was = path.stat()
    path.write_text("2408.00002", "utf-8")
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    index.refresh()
    assert index.ids() == ["2408.00001"]


def test_a_day_that_was_noted_is_not_read_again(index: Index, tmp_path: Path) -> None:
    write(tmp_path, "bullets/2024/08/22.json", "2408.00002")
    write(tmp_path, "bullets/2024/08/22.md", "2408.00001")
    index.note("bullets", DAY)
    noted = index.stamps()
    index.refresh()
    assert index.stamps() == noted
    assert set(index.ids()) == {"2408.00001", "2408.00002"}


def test_what_is_no_day_is_passed_over(index: Index, tmp_path: Path) -> None:
    for name in ("easy/2024/13/45.md", "easy/notes/2408.00001.md", "easy/2024/08/.22.md.x", "easy/2024/08/22.txt"):
        write(tmp_path, name, "2408.00001")
    index.refresh()
    assert not index.ids()


def test_who_does_not_keep_the_ledger_leaves_it_as_it_is(index: Index, tmp_path: Path) -> None:
    write(tmp_path, "easy/2024/08/22.md", "2408.00001")
    with ledger.opened(tmp_path / "state", keep=False) as book:
        rehearsed = Index(book, tmp_path)
        rehearsed.refresh()
        assert rehearsed.ids() == ["2408.00001"]
    assert not index.ids()


def test_where_nothing_has_changed_nobody_is_waited_for(index: Index, tmp_path: Path) -> None:
    write(tmp_path, "easy/2024/08/22.md", "2408.00001")
    index.refresh()
    with (
        contextlib.closing(sqlite3.connect(tmp_path / "state" / ledger.FILENAME, isolation_level=None)) as other,
        ledger.opened(tmp_path / "state", keep=False) as book,
    ):
        reader = Index(book, tmp_path)
        other.execute("BEGIN IMMEDIATE")
        reader.refresh()
        assert reader.ids() == ["2408.00001"]


def test_an_index_that_was_dropped_is_made_anew(index: Index, tmp_path: Path) -> None:
    path = write(tmp_path, "easy/2024/08/22.md", "2408.00001")
    index.refresh()
    with index.ledger.transaction() as execute:
        for table in ("listings", "papers", "days", "mentions", "read_days"):
            execute(f"DROP TABLE {table}")
    anew = Index(index.ledger, tmp_path)
    anew.refresh()
    assert (anew.named("2408.00001"), anew.days(5)) == ([path], [])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_named(index: Index, tmp_path: Path) -> None:
    path = write(tmp_path, "easy/2024/08/22.md", "2408.00001")
    path.chmod(0)
    with pytest.raises(ConfigError, match=r"22\.md cannot be read: Permission denied"):
        index.refresh()
