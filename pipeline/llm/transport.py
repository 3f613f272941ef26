"""What adapters over HTTP share: bounded answers, faults told apart, texts without our secrets.

Knows no service's format. What a service sends may be anything, the key that it was sent included.
"""

import asyncio
from collections.abc import AsyncIterator, Container
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx2

from pipeline.core.errors import KeyRefused, ModelError, ModelUnavailable
from pipeline.core.models import Problem
from pipeline.core.pace import Throttle
from pipeline.core.providers import PROVIDERS
from pipeline.core.redact import mask, redact
from pipeline.core.retry import TRANSIENT_STATUSES, Transient, parse_retry_after
from pipeline.core.text import fold

# A gateway's error page or a runaway answer can be large; messages quote this much of it.
_QUOTED = 200
# Bytes, decompressed; the longest summary is a hundredth of it.
LARGEST_ANSWER = 4_000_000
# Seconds. Who cannot be connected to in this time got no request.
_CONNECT = 10.0
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol)
# What a service says that has too much to do: everybody waits, not only the call that heard it.
_OVERLOADED = {429, 503, 529}
# What reading broken JSON, or JSON of another form, raises.
UNREADABLE = (AttributeError, LookupError, TypeError, ValueError, RecursionError)
_DETAILS: dict[Problem | None, str] = {
    "envelope": "the answer repeats the key of the call",
    "truncated": "the answer was cut at the token limit",
    "filtered": "the provider's content filter stopped the answer",
    "empty": "the answer has no text",
}


class Unreached(ModelError, Transient):
    """The model could not be asked now; the same request may succeed later."""

    def __init__(self, reason: str, retry_after: float | None = None, in_doubt: bool = False) -> None:
        super().__init__(f"the model could not be asked: {reason}", in_doubt)
        self.retry_after = retry_after


class BoundedClient(httpx2.AsyncClient):
    """A client that reads every answer whole, but none beyond LARGEST_ANSWER: an error is cut, a success refused.

    Only who asks for a stream reads it without a bound. A redirect is not followed: no other host gets the papers or
    the key. Connections are not counted, as a Throttle bounds them.
    """

    def __init__(self, timeout: float, headers: dict[str, str] | None = None) -> None:
        patience = httpx2.Timeout(timeout, connect=min(timeout, _CONNECT))
        super().__init__(headers=headers, timeout=patience, limits=httpx2.Limits(), follow_redirects=False)

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Return the answer, read and decompressed."""
        if options.get("stream"):
            return await super().send(request, **options)
        body = bytearray()
        async with aclosing(await super().send(request, **options | {"stream": True})) as response:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    break
        if len(body) > LARGEST_ANSWER and response.is_success:
            # Not Transient: asking again would cost the same once more.
            reason = f"the model answered more than {LARGEST_ANSWER:,} bytes; the rest was not read"
            raise ModelError(reason, in_doubt=True)
        headers = {name: value for name, value in response.headers.items() if name != "content-encoding"}
        return httpx2.Response(response.status_code, headers=headers, content=bytes(body), request=request)


@asynccontextmanager
async def attempt_within(seconds: float) -> AsyncIterator[None]:
    """Give one attempt so many seconds in all, however slowly the answer drips, and raise its faults as ModelError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Unreached(f"no answer within {seconds:g} s", in_doubt=True) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise connection_error(error) from None


def connection_error(cause: BaseException) -> ModelError:
    """Return a missing or partial answer as our error; in doubt unless the request certainly was not sent."""
    if isinstance(cause, ModelError):
        return cause
    said = quoted(str(cause)) or type(cause).__name__
    if isinstance(cause, _NEVER_SENT):
        return Unreached(f"no connection: {said}")
    return Unreached(f"no whole answer came: {said}", in_doubt=True)


def status_error(
    response: httpx2.Response, said: str, provider: str, hopeless: bool = False, bad_key: Container[int] = (401,)
) -> ModelError:
    """Return an answer with an error's status as ours; Transient where the same request may succeed later.

    `said` is the service's reason. `hopeless`: it says that no call can succeed, as without money. `bad_key`: the
    statuses by which it refuses the key.
    """
    said, status, variables = quoted(said), response.status_code, PROVIDERS[provider]
    if status in bad_key:
        return KeyRefused(f"The model's service refuses the key: {said}. Correct {variables.key}.")
    if status in (403, 404) or hopeless:
        return ModelUnavailable(f"the model's service refuses every call (HTTP {status}): {said}")
    if response.has_redirect_location:
        location = quoted(response.headers["location"])
        return ModelError(f"the model's service has moved to {location}; correct {variables.url}")
    if status in TRANSIENT_STATUSES:
        return Unreached(f"HTTP {status}: {said}", parse_retry_after(response.headers, datetime.now(UTC)))
    return ModelError(f"the model's service rejected the request (HTTP {status}): {said}")


def heed_refusal(throttle: Throttle, began: float, status: int, error: ModelError) -> None:
    """Slow all calls down where the service refused one, begun at `began`, because it has too much to do."""
    if status in _OVERLOADED and isinstance(error, Transient):
        throttle.refused(began, error.retry_after)


def unreadable(error: Exception) -> Unreached:
    """Return the error for a success that is no answer; in doubt, as it may have been charged."""
    return Unreached(f"what came back is not an API answer ({type(error).__name__})", in_doubt=True)


def text_fields(said: str | None, ended: Problem | None = None, detail: str = "") -> dict[str, Any]:
    """Return `content`, `problem` and `detail` of an Answer; `ended` is the problem that the service itself tells of.

    TypeError for what is no text, ValueError for half a surrogate pair, which JSON can spell.
    """
    content = without_secrets(said)
    problem = ended
    if ended != "refusal" and content != (said or ""):
        problem = "envelope"
    elif not ended and not content.strip():
        problem = "empty"
    return {"content": content, "problem": problem, "detail": quoted(detail) or _DETAILS.get(problem, "")}


def without_secrets(said: str | None) -> str:
    """Return a text with our secrets masked. ValueError for half a surrogate pair."""
    text = mask(said or "")
    text.encode()
    return text


def quoted(said: str) -> str:
    """Return the start of what a service says; redacted before it is cut, as half a key would not be known as one."""
    return fold(redact(said)).encode(errors="replace").decode()[:_QUOTED]
