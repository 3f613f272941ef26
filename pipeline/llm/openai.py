"""Any OpenAI-compatible endpoint, over the `openai` client: one attempt of one request, and how fast they may follow.

Tells apart what can come back (see `Problem`), wraps what cannot be helped and says what may pass by itself; does not
try again, and does not judge an answer's content. What comes back leaves here without our secrets: a service may echo
the key that it was sent.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2

from pipeline.core.config import OPENAI, OpenAISettings, Settings, endpoints, load_openai
from pipeline.core.errors import KeyRefused, ModelError, ModelUnavailable
from pipeline.core.models import Answer, Message, Request, Usage
from pipeline.core.pace import Throttle, parse_quotas
from pipeline.core.redact import mask, redact
from pipeline.core.retry import TRANSIENT_STATUSES, Transient, parse_retry_after
from pipeline.core.text import fold

if TYPE_CHECKING:
    import openai
    from openai._legacy_response import LegacyAPIResponse
    from openai.types.chat import ChatCompletion
    from openai.types.chat.chat_completion import Choice

# A gateway's error page or a runaway answer can be large; messages quote this much of it.
_QUOTED = 200
# Bytes, decompressed; the longest summary is a hundredth of it.
LARGEST_ANSWER = 4_000_000
# What a service says that has too much to do: everybody waits, not only the call that heard it.
_OVERLOADED = {429, 503, 529}
# Seconds. Who cannot be connected to in this time got no request.
_CONNECT = 10.0
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol)
# Codes of 429 and 403 answers that no waiting helps: https://platform.openai.com/docs/guides/error-codes
_HOPELESS_CODES = {"insufficient_quota", "billing_hard_limit_reached", "account_deactivated"}
# These cache what a question marks, and only that: https://developers.openai.com/api/docs/guides/prompt-caching
# Older models find a shared prefix by themselves, and may refuse the marks; so may other services.
_OWN_HOST = "api.openai.com"
_FIRST_TO_MARK = (5, 6)
_FAMILY = re.compile(r"gpt-(\d+)(?:\.(\d+))?(?!\w)")
_MARK = {"mode": "explicit"}


class Unreached(ModelError, Transient):
    """The model could not be asked now; the same request may succeed later."""

    def __init__(self, reason: str, retry_after: float | None = None, in_doubt: bool = False) -> None:
        super().__init__(f"the model could not be asked: {reason}", in_doubt)
        self.retry_after = retry_after


class _Client(httpx2.AsyncClient):
    """Reads every answer whole, but none beyond LARGEST_ANSWER: an error is cut there, a success refused.

    Only who asks for a stream reads it without a bound.
    """

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


def open_models(settings: Settings, endpoint: OpenAISettings | None = None) -> "list[tuple[OpenAIModel, float]]":
    """Return the model at each address in the settings, else at the endpoint of the environment (or the one given)."""
    llm, scale, endpoint = settings.llm, settings.wait_scale, endpoint or load_openai()
    return [
        (OpenAIModel(llm.model, endpoint.key, url, llm.timeout, Throttle(llm.concurrency, scale)), weight)
        for url, weight in endpoints(llm, endpoint).items()
    ]


def has_key() -> bool:
    """Return whether OPENAI_API_KEY is set."""
    return load_openai().api_key is not None


class OpenAIModel:
    """A chat completions endpoint with strict JSON schema. `timeout` is the total seconds of one call.

    `marks_prefixes`: whether models from GPT-5.6 on are told where the text ends that other questions share. `client`
    is for what else its service offers.
    """

    provider = "openai"
    attempts = 3

    def __init__(
        self, name: str, api_key: str | None, base_url: str | None, timeout: float, throttle: Throttle
    ) -> None:
        # Importing the client takes half a second, so only those pay who call a model.
        from openai import AsyncOpenAI

        self.name, self._timeout, self._throttle = name, timeout, throttle
        self._address = base_url or OPENAI
        # A redirect is not followed: no other host gets the papers or the key. The throttle alone bounds connections.
        patience = httpx2.Timeout(timeout, connect=min(timeout, _CONNECT))
        client = _Client(timeout=patience, limits=httpx2.Limits(), follow_redirects=False)
        # A local server needs no key, but the client insists on one.
        self.client = AsyncOpenAI(
            api_key=api_key or "none", base_url=base_url, max_retries=0, timeout=patience, http_client=client
        )
        self.marks_prefixes = self.client.base_url.host == _OWN_HOST

    def where(self) -> str:
        """Return the address of the endpoint."""
        return self._address

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["OpenAIModel"]:
        """Wait until the service bears one more call."""
        async with self._throttle.turn():
            yield self

    async def complete(self, request: Request) -> Answer:
        """Make one attempt. ModelError, a Transient one where the next may succeed; ModelUnavailable for all calls.

        What the answer says of the service's limits holds for the turns that follow.
        """
        import openai

        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                raw = await self.client.chat.completions.with_raw_response.create(**_unread(self.body(request)))
        except TimeoutError:
            raise Unreached(f"no answer within {self._timeout:g} s", in_doubt=True) from None
        except openai.APIStatusError as error:
            self._heed(error.response.headers)
            failure = status_error(error)
            if error.status_code in _OVERLOADED and isinstance(failure, Transient):
                self._throttle.refused(began, failure.retry_after)
            raise failure from None
        except openai.APIConnectionError as error:
            raise connection_error(error.__cause__ or error) from None
        self._heed(raw.headers)
        self._throttle.answered(began)
        answer = _answer(raw)
        return answer.model_copy(update={"seconds": time.monotonic() - began, "model": answer.model or self.name})

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()

    def _heed(self, headers: httpx2.Headers) -> None:
        for left, resets_in in parse_quotas(headers, datetime.now(UTC)):
            self._throttle.granted(left, resets_in)

    def body(self, request: Request) -> dict[str, Any]:
        """Return what is sent for a request: https://platform.openai.com/docs/api-reference/chat/create"""
        model = request.model or self.name
        marks = self.marks_prefixes and _family(model) >= _FIRST_TO_MARK
        # One name for all schemas: it stands before the messages in the prompt that is cached.
        schema = {"name": "answer", "strict": True, "schema": request.answer_schema}
        body: dict[str, Any] = {
            "model": model,
            "messages": [_message(message, marks) for message in request.messages],
            "response_format": {"type": "json_schema", "json_schema": schema},
            "max_completion_tokens": request.max_tokens,
        }
        if marks:
            body["prompt_cache_options"] = _MARK
        return body if request.temperature is None else body | {"temperature": request.temperature}


def _unread(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body for the client with the schema in `extra_body`, which it does not walk for half a millisecond."""
    rest = {name: value for name, value in body.items() if name != "response_format"}
    return rest | {"extra_body": {"response_format": body["response_format"]}}


def _family(model: str) -> tuple[int, int]:
    """Return the version in a model's name, (5, 6) for gpt-5.6-luna; (0, 0) for the models of others."""
    found = _FAMILY.match(model)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)


def _message(message: Message, marks: bool) -> dict[str, Any]:
    if not (marks and message.shared):
        return {"role": message.role, "content": message.content}
    shared, rest = message.content[: message.shared], message.content[message.shared :]
    parts: list[dict[str, Any]] = [{"type": "text", "text": shared, "prompt_cache_breakpoint": _MARK}]
    return {"role": message.role, "content": parts + ([{"type": "text", "text": rest}] if rest else [])}


def status_error(error: "openai.APIStatusError") -> ModelError:
    """Return an answer with an error's status as ours; Transient where the same request may succeed later."""
    said = quoted(error.message)
    if error.status_code == 401:
        return KeyRefused(f"The model's service refuses the key: {said}. Correct OPENAI_API_KEY.")
    if error.status_code in (403, 404) or error.code in _HOPELESS_CODES:
        return ModelUnavailable(f"the model's service refuses every call (HTTP {error.status_code}): {said}")
    if error.response.has_redirect_location:
        location = quoted(error.response.headers["location"])
        return ModelError(f"the model's service has moved to {location}; correct OPENAI_BASE_URL")
    if error.status_code in TRANSIENT_STATUSES:
        retry_after = parse_retry_after(error.response.headers, datetime.now(UTC))
        return Unreached(f"HTTP {error.status_code}: {said}", retry_after)
    return ModelError(f"the model's service rejected the request (HTTP {error.status_code}): {said}")


def connection_error(cause: BaseException) -> ModelError:
    """Return a missing or partial answer as our error; in doubt unless the request certainly was not sent."""
    if isinstance(cause, ModelError):
        return cause
    said = quoted(str(cause)) or type(cause).__name__
    if isinstance(cause, _NEVER_SENT):
        return Unreached(f"no connection: {said}")
    return Unreached(f"no whole answer came: {said}", in_doubt=True)


def _answer(raw: "LegacyAPIResponse[ChatCompletion]") -> Answer:
    import openai

    try:
        return read_answer(raw.parse())
    except (openai.APIError, AttributeError, KeyError, TypeError, ValueError) as error:
        # Broken JSON, JSON of another form, or HTML, which comes as a string, fail in these ways.
        reason = f"what came back is not an API answer ({type(error).__name__})"
        raise Unreached(reason, in_doubt=True) from None


def read_answer(completion: "ChatCompletion") -> Answer:
    """Read a service's answer. AttributeError, KeyError, TypeError or ValueError where it is none: the client
    does not look whether what it reads has the form that its types promise.
    """
    model, usage = _text(completion.model), _usage(completion.usage)
    if not completion.choices:
        return Answer(model=model, usage=usage, problem="envelope", detail="the answer has no choices")
    choice = completion.choices[0]
    content = _text(choice.message.content)
    return Answer(model=model, usage=usage, content=content, **_problem(choice, content))


def _text(said: str | None) -> str:
    """Return a text without our secrets. ValueError for half a surrogate pair, which JSON can spell."""
    text = mask(said or "")
    text.encode()
    return text


def _problem(choice: "Choice", content: str) -> dict[str, Any]:
    if choice.message.refusal:
        return {"problem": "refusal", "detail": quoted(choice.message.refusal)}
    if content != (choice.message.content or ""):
        return {"problem": "envelope", "detail": "the answer repeats the key of the call"}
    if choice.finish_reason == "length":
        return {"problem": "truncated", "detail": "the answer was cut at the token limit"}
    if choice.finish_reason == "content_filter":
        return {"problem": "filtered", "detail": "the provider's content filter stopped the answer"}
    return {} if content.strip() else {"problem": "empty", "detail": "the answer has no text"}


def _usage(counted: Any) -> Usage:
    """Return what a service counted; nothing where it does not, or not in the documented form."""
    details = getattr(counted, "prompt_tokens_details", None)
    try:
        return Usage(
            input=counted.prompt_tokens,
            output=counted.completion_tokens,
            cached=getattr(details, "cached_tokens", None) or 0,
            written=getattr(details, "cache_write_tokens", None) or 0,
        )
    except (AttributeError, ValueError):
        return Usage()


def quoted(said: str) -> str:
    """Return the start of what a service says; redacted before it is cut, as half a key would not be known as one."""
    return fold(redact(said)).encode(errors="replace").decode()[:_QUOTED]
