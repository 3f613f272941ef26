"""One HTTP GET by the rules for every source: bounded in time and size, and of the kind that was asked for.

A fault that may pass is raised as `SourceUnavailable`; only `ArxivAccess` asks again by itself.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import httpx2
from tenacity import Retrying

from pipeline import __version__
from pipeline.core.errors import SourceError
from pipeline.core.retry import TRANSIENT_STATUSES, Transient, parse_retry_after

TOTAL_SECONDS = 60.0
MAX_BODY = 50_000_000


class SourceUnavailable(SourceError, Transient):
    """A source that could not be reached now, or not completely; the same request may succeed later."""

    def __init__(self, source: str, url: str, reason: str, retry_after: float | None = None) -> None:
        super().__init__(source, url, reason)
        self.retry_after = retry_after


class RequestRefused(SourceError):
    """HTTP 400: the source does not accept the request, and would not at another time."""


def new_client() -> httpx2.Client:
    """Return a client that names this program and follows no redirect, so that no other host answers for a source."""
    agent = f"paper-digest-pipeline/{__version__}"
    return httpx2.Client(headers={"User-Agent": agent}, timeout=httpx2.Timeout(30, connect=10), follow_redirects=False)


Kind = Literal["json", "xml", "html", "pdf", "image"]


def fetch(
    client: httpx2.Client,
    url: str,
    *,
    source: str,
    kind: Kind,
    max_bytes: int | None = None,
    timeout: float | None = None,
) -> bytes:
    """Return the body of the answer at `url`, decompressed: not empty, of `kind`, at most `max_bytes` bytes.

    SourceUnavailable for a fault that may pass: a status of TRANSIENT_STATUSES, a broken connection, an empty body,
    more than TOTAL_SECONDS (or one of the client's own timeouts). SourceError for any other status, type, size or
    address; RequestRefused for HTTP 400. `timeout` is how many seconds a slow service has instead: to its first byte,
    and from there to the last.
    """
    deadline = time.monotonic() + (timeout or TOTAL_SECONDS)
    waits = httpx2.Timeout(timeout, connect=10) if timeout else client.timeout
    try:
        with client.stream("GET", url, timeout=waits) as response:
            _require_success(response, source, url)
            _require_kind(response, source, url, kind)
            return _body(response, source, url, deadline, max_bytes or MAX_BODY)
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise SourceError(source, url, f"the address cannot be used: {error}") from error
    except httpx2.HTTPError as error:
        raise SourceUnavailable(source, url, f"no answer: {error or type(error).__name__}") from error


class ArxivAccess(NamedTuple):
    """How arXiv is asked: `turn` paces the requests, `retry` makes a policy for a call."""

    client: httpx2.Client
    turn: Callable[[], AbstractContextManager[object]]
    retry: Callable[[], Retrying]

    def fetch(
        self, url: str, *, source: str, kind: Kind, max_bytes: int | None = None, timeout: float | None = None
    ) -> bytes:
        """Fetch as the function `fetch` does, by the retry policy; every request has a turn of its own."""

        def paced() -> bytes:
            with self.turn():
                return fetch(self.client, url, source=source, kind=kind, max_bytes=max_bytes, timeout=timeout)

        return self.retry()(paced)


def _require_success(response: httpx2.Response, source: str, url: str) -> None:
    status = response.status_code
    if status in TRANSIENT_STATUSES:
        retry_after = parse_retry_after(response.headers, datetime.now(UTC))
        raise SourceUnavailable(source, url, f"answered HTTP {status}", retry_after)
    if response.has_redirect_location:
        raise SourceError(source, url, f"answered HTTP {status}, moved to {response.headers['location']}")
    if status != 200:
        error = RequestRefused if status == 400 else SourceError
        raise error(source, url, f"answered HTTP {status}")


def _require_kind(response: httpx2.Response, source: str, url: str, kind: str) -> None:
    """Raise SourceError for another type. An answer that does not name its type is left to the parser."""
    media_type = response.headers.get("content-type", kind)
    if kind not in media_type.lower():
        raise SourceError(source, url, f"answered {media_type} instead of {kind.upper()}")


def _body(response: httpx2.Response, source: str, url: str, deadline: float, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise SourceError(source, url, f"answered more than {max_bytes:,} bytes")
        if time.monotonic() > deadline:
            raise SourceUnavailable(source, url, "did not finish in time")
    if not body:
        raise SourceUnavailable(source, url, "answered with an empty body")
    return bytes(body)
