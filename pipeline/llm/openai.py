"""Any OpenAI-compatible endpoint, over the `openai` client: one request, one answer, transport retries included.

Tells apart what can come back (see `Problem`) and wraps what cannot be helped; does not judge an answer's content.
What comes back leaves here without our secrets: a service may echo the key that it was sent.
"""

import asyncio
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipeline.errors import KeyRefused, ModelError, ModelUnavailable
from pipeline.models import Answer, Message, Request, Usage
from pipeline.redact import mask, redact
from pipeline.retry import TRANSIENT_STATUSES, Transient, async_retrying, parse_retry_after
from pipeline.text import fold

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion
    from openai.types.chat.chat_completion import Choice

# A gateway's error page or a runaway answer can be large; messages quote this much of it.
_QUOTED = 200
# Codes of 429 and 403 answers that no waiting helps: https://platform.openai.com/docs/guides/error-codes
_HOPELESS_CODES = {"insufficient_quota", "billing_hard_limit_reached", "account_deactivated"}
# These cache what a question marks, and only that: https://developers.openai.com/api/docs/guides/prompt-caching
# Older models find a shared prefix by themselves, and may refuse the marks; so may other services.
_OWN_HOST = "api.openai.com"
_FIRST_TO_MARK = (5, 6)
_FAMILY = re.compile(r"gpt-(\d+)(?:\.(\d+))?(?!\w)")
_MARK = {"mode": "explicit"}


class _Unreached(ModelError, Transient):
    """The model could not be asked now; the same request may succeed later."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(f"the model could not be asked: {reason}")
        self.retry_after = retry_after


class OpenAIModel:
    """A chat completions endpoint with strict JSON schema. `timeout` is the total seconds of one call.

    `calls` are made at most for one answer, where one fails that may succeed later.
    `marks_prefixes`: whether models from GPT-5.6 on are told where the text ends that other questions share.
    """

    provider = "openai"
    attempts = 3

    def __init__(
        self,
        name: str,
        api_key: str | None,
        base_url: str | None,
        timeout: float,
        wait_scale: float = 1,
        calls: int = 5,
    ) -> None:
        # Importing the client takes half a second, so only those pay who call a model.
        from openai import AsyncOpenAI

        self.name, self._timeout, self._wait_scale, self._calls = name, timeout, wait_scale, calls
        # A local server needs no key, but the client insists on one.
        self._client = AsyncOpenAI(api_key=api_key or "none", base_url=base_url, max_retries=0, timeout=timeout)
        self.marks_prefixes = self._client.base_url.host == _OWN_HOST

    async def complete(self, request: Request) -> Answer:
        """One answer to one request; ModelError after the last retry, ModelUnavailable when no retry can help."""
        started = time.monotonic()
        completion: ChatCompletion = await async_retrying(self._calls, self._wait_scale)(self._call, request)
        answer = _answer(completion)
        return answer.model_copy(update={"seconds": time.monotonic() - started, "model": answer.model or self.name})

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _call(self, request: Request) -> "ChatCompletion":
        import openai

        try:
            async with asyncio.timeout(self._timeout):
                completion = await self._client.chat.completions.create(**self._body(request))
        except TimeoutError:
            raise _Unreached(f"no answer within {self._timeout:g} s") from None
        except openai.APIStatusError as error:
            raise _status_error(error) from None
        except openai.APIConnectionError as error:
            raise _Unreached(f"no connection: {error.__cause__ or error}") from None
        except (openai.APIError, AttributeError, TypeError, ValueError) as error:
            # HTML or broken JSON with status 200 makes the client fail in these ways.
            raise _Unreached(f"what came back is not an API answer ({type(error).__name__})") from None
        if not isinstance(completion, openai.types.chat.ChatCompletion):  # HTML declared as such comes as a string
            raise _Unreached("what came back is not an API answer")
        return completion

    def _body(self, request: Request) -> dict[str, Any]:
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


def _family(model: str) -> tuple[int, int]:
    """The version in a model's name, (5, 6) for gpt-5.6-luna; (0, 0) for the models of others."""
    found = _FAMILY.match(model)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)


def _message(message: Message, marks: bool) -> dict[str, Any]:
    if not (marks and message.shared):
        return {"role": message.role, "content": message.content}
    shared, rest = message.content[: message.shared], message.content[message.shared :]
    parts: list[dict[str, Any]] = [{"type": "text", "text": shared, "prompt_cache_breakpoint": _MARK}]
    return {"role": message.role, "content": parts + ([{"type": "text", "text": rest}] if rest else [])}


def _status_error(error: "openai.APIStatusError") -> ModelError:
    said = fold(redact(error.message))[:_QUOTED]  # before it is cut: half a key would not be known as one
    if error.status_code == 401:
        return KeyRefused(f"The model's service refuses the key: {said}. Correct OPENAI_API_KEY.")
    if error.status_code in (403, 404) or error.code in _HOPELESS_CODES:
        return ModelUnavailable(f"the model's service refuses every call (HTTP {error.status_code}): {said}")
    if error.status_code in TRANSIENT_STATUSES:
        retry_after = parse_retry_after(error.response.headers, datetime.now(UTC))
        return _Unreached(f"HTTP {error.status_code}: {said}", retry_after)
    return ModelError(f"the model's service rejected the request (HTTP {error.status_code}): {said}")


def _answer(completion: "ChatCompletion") -> Answer:
    answer = Answer(model=mask(completion.model or ""), usage=_usage(completion))
    if not completion.choices:
        return answer.model_copy(update={"problem": "envelope", "detail": "the answer has no choices"})
    choice = completion.choices[0]
    content = mask(choice.message.content or "")
    return answer.model_copy(update={"content": content, **_problem(choice, content)})


def _problem(choice: "Choice", content: str) -> dict[str, str]:
    if choice.message.refusal:
        return {"problem": "refusal", "detail": fold(redact(choice.message.refusal))[:_QUOTED]}
    if choice.finish_reason == "length":
        return {"problem": "truncated", "detail": "the answer was cut at the token limit"}
    if choice.finish_reason == "content_filter":
        return {"problem": "filtered", "detail": "the provider's content filter stopped the answer"}
    return {} if content.strip() else {"problem": "empty", "detail": "the answer has no text"}


def _usage(completion: "ChatCompletion") -> Usage:
    usage = completion.usage
    if usage is None:
        return Usage()
    details = usage.prompt_tokens_details
    return Usage(
        input=usage.prompt_tokens,
        output=usage.completion_tokens,
        cached=(details and details.cached_tokens) or 0,
        written=(details and details.cache_write_tokens) or 0,
    )
