"""Tells a monitor that a night has begun and how it ended, by the protocol of https://healthchecks.io/docs/http_api/.

Never raises and never takes long: a monitor out of reach is a warning in the log, and changes nothing of the night.
"""

import logging
import threading
from urllib.parse import urlsplit, urlunsplit

import httpx2

from pipeline.core.http import new_client

SECONDS = 5.0
SUCCESSES = (0, 3)  # the exit codes of a night whose digests are published
_LARGEST = 10_000  # characters of a report; healthchecks.io keeps 100 kB
_log = logging.getLogger(__name__)


def started(url: str) -> None:
    """GET `<url>/start`."""
    _ask("GET", _under(url, "/start"))


def ended(url: str, code: int, report: str) -> None:
    """GET `<url>` after a success; else POST `<url>/fail`, the body being the exit code and the report."""
    if code in SUCCESSES:
        _ask("GET", url)
    else:
        _ask("POST", _under(url, "/fail"), f"exit {code}\n{report}"[:_LARGEST].encode())


def _under(url: str, name: str) -> str:
    """Return the address with one more part in its path; a query stays at the end."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + name))


def _ask(method: str, url: str, body: bytes | None = None) -> None:
    """Send on a thread of its own, because neither a name server nor a slow answer keeps to a client's timeouts."""
    problem = [f"no answer within {SECONDS:g} s"]
    thread = threading.Thread(target=_send, args=(method, url, body, problem), daemon=True)
    thread.start()
    thread.join(SECONDS)
    if problem:
        _log.warning("The monitor at %s did not hear of this run: %s.", urlsplit(url).hostname, problem[0])


def _send(method: str, url: str, body: bytes | None, problem: list[str]) -> None:
    """Send, and empty `problem` or put into it what went wrong."""
    try:
        with new_client() as client:
            answer = client.request(method, url, content=body, timeout=SECONDS)
        problem[:] = [] if answer.is_success else [f"it answered HTTP {answer.status_code}"]
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        problem[:] = [str(error) or type(error).__name__]
