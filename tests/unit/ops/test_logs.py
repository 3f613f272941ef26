"""The log: what a line holds, that the file is bounded, and what happens where it cannot be written."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.redact import hide
from pipeline.ops import logs

KEY = "pl4nted-in-a-log"
_log = logging.getLogger("pipeline.test")


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    hide(KEY)
    yield
    logs.stop()


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / logs.NAME).read_text("utf-8").split("\n")[:-1]]


def test_a_line_is_an_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.start(tmp_path, "run-7")
    _log.info("%d papers\nof 나", 3)
    (line,) = lines(tmp_path)
    assert {**line, "time": ""} == {
        "time": "",
        "level": "INFO",
        "logger": "pipeline.test",
        "message": "3 papers\nof 나",
        "run": "run-7",
    }
    assert line["time"].endswith("+00:00")
    assert capsys.readouterr().err == ""


def test_warnings_stand_on_the_terminal_too_on_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.start(tmp_path)
    _log.warning("one\n\x1b[31mtwo")
    logging.getLogger("httpx2").info("GET %s", "every request")
    logging.getLogger("pipeline.cli").error("what the command line says itself")
    assert capsys.readouterr().err == "pipeline: warning: one\\n\\x1b[31mtwo\n"
    assert [line["level"] for line in lines(tmp_path)] == ["WARNING", "ERROR"]
    assert "run" not in lines(tmp_path)[0]


def test_no_secret_in_a_message_an_argument_or_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.start(tmp_path)
    try:
        try:
            raise ValueError(f"inner {KEY}")
        except ValueError as error:
            raise RuntimeError(f"outer {KEY}") from error
    except RuntimeError:
        _log.exception("said %s", KEY)
    assert KEY not in (tmp_path / logs.NAME).read_text() + capsys.readouterr().err
    (line,) = lines(tmp_path)
    assert line["message"] == "said ***"
    assert "inner ***" in line["exception"]
    assert "RuntimeError: outer ***" in line["exception"]


def test_the_file_is_bounded_and_so_is_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST", 100_000)
    logs.start(tmp_path)
    for _ in range(30):
        _log.info("x" * 50_000)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == [logs.NAME, *(f"{logs.NAME}.{n}" for n in range(1, logs.BACKUPS + 1))]
    assert all(path.stat().st_size <= 100_000 for path in tmp_path.iterdir())


def test_nothing_is_made_before_there_is_something_to_say(tmp_path: Path) -> None:
    logs.start(tmp_path / "state")
    logs.stop()
    _log.warning("nobody hears")
    assert list(tmp_path.iterdir()) == []


def test_a_log_that_cannot_be_written_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    logs.start(tmp_path / "file")
    _log.info("one")
    _log.info("two")
    err = capsys.readouterr().err
    assert err.count("pipeline.log cannot be written") == 1
    assert "Traceback" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / logs.NAME).symlink_to("/dev/full")
    logs.start(tmp_path)
    _log.info("one")
    logs.stop()
    assert capsys.readouterr().err.count("No space left on device") == 1


def test_a_crash_says_where_its_traceback_is(tmp_path: Path) -> None:
    error = ZeroDivisionError(f"a bug with {KEY}")
    assert logs.crash(error, tmp_path / "fresh") == tmp_path / "fresh" / logs.NAME
    logs.start(tmp_path / "started")
    assert logs.crash(error, tmp_path / "other") == tmp_path / "started" / logs.NAME
    (line,) = lines(tmp_path / "started")
    assert (line["level"], line["exception"]) == ("CRITICAL", "ZeroDivisionError: a bug with ***")


def test_a_crash_that_cannot_be_logged_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert logs.crash(ZeroDivisionError(), tmp_path / "file") is None
    assert "cannot be written" in capsys.readouterr().err


def test_the_terminal_is_the_one_of_that_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.start(tmp_path)
    monkeypatch.setattr(sys, "stderr", sys.stdout)  # as a progress bar does
    _log.warning("seen")
    assert "seen" in capsys.readouterr().out


def test_a_thread_that_outlives_the_log_does_not_open_it_again(tmp_path: Path) -> None:
    logs.start(tmp_path)
    files = [one for one in logging.getLogger().handlers if isinstance(one, logging.FileHandler)]
    (handler,) = (one for one in files if one.baseFilename == str(tmp_path / logs.NAME))
    logging.getLogger("pipeline.x").warning("in time")
    logs.stop()
    handler.handle(logging.LogRecord("pipeline.x", logging.WARNING, "", 0, "late", None, None))
    assert handler.stream is None
    assert "late" not in (tmp_path / logs.NAME).read_text()
