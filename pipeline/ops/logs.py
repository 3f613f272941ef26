"""The log: one JSON object a line in a rotating file, and warnings as plain lines on the terminal. No secret in either.

Whoever has something to say says it to `logging.getLogger(__name__)`. The file comes into being with its first line, so
that a command which only reads leaves nothing behind; a file that cannot be written stops no command.
"""

import json
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pipeline.core.redact import redact
from pipeline.core.text import printable

NAME = "pipeline.log"
LARGEST = 5_000_000  # bytes, of each of the files
BACKUPS = 3
_LONGEST = 20_000  # characters of a message or a traceback
# What the command line logs it has shown itself.
_SHOWN_ELSEWHERE = "pipeline.cli"
# Before `start` nobody hears: else logging itself would print, secrets and all.
logging.getLogger("pipeline").addHandler(logging.NullHandler())


def start(folder: Path, run: str = "") -> None:
    """Log everything into `folder` from now on; `run` is what each line says of its run, nothing if empty."""
    stop()
    root = logging.getLogger()
    root.addHandler(_File(folder / NAME, run))
    root.addHandler(_Terminal(logging.WARNING))
    logging.getLogger("pipeline").setLevel(logging.INFO)


def stop() -> None:
    """Stop what `start` began."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _File | _Terminal)]:
        root.removeHandler(handler)
        with suppress(OSError):  # a full disk, which was told of when the line was written
            handler.close()


def crash(error: BaseException, folder: Path) -> Path | None:
    """Log an error that nobody expected; the file with its traceback, None where it cannot be written.

    `folder` is where the log goes if none was started.
    """
    if not _files():
        start(folder)
    (file,) = _files()
    raised = type(error), error, error.__traceback__
    file.handle(logging.LogRecord(__name__, logging.CRITICAL, "", 0, "unexpected", None, raised))
    return None if file.failed else Path(file.baseFilename)


class _Json(logging.Formatter):
    """Time (UTC), level, logger, message; the run and the exception with its traceback where there are any."""

    def __init__(self, run: str) -> None:
        super().__init__()
        self._run = {"run": run} if run else {}

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _bounded(record.getMessage()),
        }
        if record.exc_info:
            said["exception"] = _bounded(self.formatException(record.exc_info))
        return json.dumps(said | self._run, ensure_ascii=False)


class _File(RotatingFileHandler):
    """The file, made with its folder when it is first needed. That it cannot be written is said once."""

    def __init__(self, path: Path, run: str) -> None:
        super().__init__(path, "a", LARGEST, BACKUPS, encoding="utf-8", errors="backslashreplace", delay=True)
        self.setFormatter(_Json(run))
        self.failed = self.ended = False

    def close(self) -> None:
        self.ended = True
        super().close()

    def emit(self, record: logging.LogRecord) -> None:
        if self.ended:  # a thread that nobody waits for has still something to say
            return
        try:
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            self.handleError(record)
        else:
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """Report the problem once, in place of the traceback that logging prints each time."""
        if not self.failed:
            reason = getattr(sys.exc_info()[1], "strerror", None) or sys.exc_info()[1]
            print(f"pipeline: {self.baseFilename} cannot be written: {reason}; correct its rights.", file=sys.stderr)
        self.failed = True


class _Terminal(logging.Handler):
    """One line a warning, on standard error as it is at that moment: a progress bar takes its place for a while."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name != _SHOWN_ELSEWHERE

    def emit(self, record: logging.LogRecord) -> None:
        said = printable(_bounded(record.getMessage()))
        print(f"pipeline: {record.levelname.lower()}: {said}", file=sys.stderr)


def _files() -> list[_File]:
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, _File)]


def _bounded(text: str) -> str:
    text = redact(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} [...] {text[-_LONGEST // 2 :]}"
