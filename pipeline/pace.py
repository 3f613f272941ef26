"""How fast: one turn at a time over all processes and users of this machine, with a pause after each.

Knows nothing of what is done in a turn.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import SourceError

# Every process of the machine must come to the same path, whoever runs it and from whichever folder.
ARXIV_LOCK = Path(tempfile.gettempdir()) / "paper-digest-pipeline-arxiv.lock"
PATIENCE = 600.0


@dataclass(frozen=True)
class Pace:
    """Turns that begin at least `interval` seconds after the last one ended, `now` and `sleep` being those of `time`.

    The system frees the lock of a process that died. The end of the last turn is the lock file's own time of change:
    there is no content to be damaged, and no turn waits longer than `interval`, wherever the clock has jumped.
    A machine's very first turn waits `interval` as well.
    """

    interval: float
    lock_path: Path
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it; SourceError when none comes within PATIENCE or the lock cannot be had."""
        with self._lock():
            self.sleep(self._remaining())
            try:
                yield
            finally:
                os.utime(self.lock_path)

    def _lock(self) -> AbstractContextManager[object]:
        # Mode 666: the next user who comes to this file must be able to lock it, too.
        lock = FileLock(self.lock_path, mode=0o666, timeout=PATIENCE)
        try:
            return lock.acquire()
        except Timeout:
            raise SourceError("pace", str(self.lock_path), f"no turn came within {PATIENCE:.0f} s") from None
        except OSError as error:
            reason = f"the lock cannot be had ({error.strerror}); make the file writable or remove it"
            raise SourceError("pace", str(self.lock_path), reason) from error

    def _remaining(self) -> float:
        since = self.now() - self.lock_path.stat().st_mtime
        return min(max(self.interval - since, 0.0), self.interval)
