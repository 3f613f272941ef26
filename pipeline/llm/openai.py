"""Any OpenAI-compatible endpoint, over the `openai` client: one attempt of one request, and how fast they may follow.

Tells apart what can come back (see `Problem`); does not try again, and does not judge an answer's content.
"""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx2

from pipeline.core.config import OPENAI, EndpointSettings, Settings, endpoints, load_endpoint
from pipeline.core.errors import ModelError
from pipeline.core.models import Answer, Message, Problem, Request, Usage
from pipeline.core.pace import Throttle, parse_quotas
from pipeline.llm import transport

if TYPE_CHECKING:
    import openai
    from openai.types.chat import ChatCompletion

# Codes of 429 and 403 answers that no waiting helps: https://platform.openai.com/docs/guides/error-codes
_HOPELESS_CODES = {"insufficient_quota", "billing_hard_limit_reached", "account_deactivated"}
_ENDED: dict[str, Problem] = {"length": "truncated", "content_filter": "filtered"}
# These cache what a question marks, and only that: https://developers.openai.com/api/docs/guides/prompt-caching
# Older models find a shared prefix by themselves, and may refuse the marks; so may other services.
_OWN_HOST = "api.openai.com"
_FIRST_TO_MARK = (5, 6)
_FAMILY = re.compile(r"gpt-(\d+)(?:\.(\d+))?(?!\w)")
_MARK = {"mode": "explicit"}


def open_models(settings: Settings, endpoint: EndpointSettings | None = None) -> "list[tuple[OpenAIModel, float]]":
    """Return the model at each address in the settings, else at the endpoint of the environment (or the one given)."""
    llm, scale, endpoint = settings.llm, settings.wait_scale, endpoint or load_endpoint()
    return [
        (OpenAIModel(llm.model, endpoint.key, url, llm.timeout, Throttle(llm.concurrency, scale)), weight)
        for url, weight in endpoints(llm, endpoint).items()
    ]


def has_key() -> bool:
    """Return whether OPENAI_API_KEY is set."""
    return load_endpoint().api_key is not None


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
        client = transport.BoundedClient(timeout)
        # A local server needs no key, but the client insists on one.
        self.client = AsyncOpenAI(
            api_key=api_key or "none", base_url=base_url, max_retries=0, timeout=client.timeout, http_client=client
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
            async with transport.attempt_within(self._timeout):
                raw = await self.client.chat.completions.with_raw_response.create(**_unread(self.body(request)))
        except openai.APIStatusError as error:
            self._heed(error.response.headers)
            failure = api_error(error)
            transport.heed_refusal(self._throttle, began, error.status_code, failure)
            raise failure from None
        except openai.APIConnectionError as error:
            raise transport.connection_error(error.__cause__ or error) from None
        self._heed(raw.headers)
        self._throttle.answered(began)
        try:
            answer = read_answer(raw.parse())
        except (openai.APIError, *transport.UNREADABLE) as error:  # HTML comes as a string, which is no object
            raise transport.unreadable(error) from None
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


def api_error(error: "openai.APIStatusError") -> ModelError:
    """Return an error of the service as ours; Transient where the same request may succeed later."""
    return transport.status_error(error.response, error.message, "openai", error.code in _HOPELESS_CODES)


def read_answer(completion: "ChatCompletion") -> Answer:
    """Read a service's answer; an error of `transport.UNREADABLE` where it is none.

    The client does not look whether what it reads has the form that its types promise.
    """
    model, usage = transport.without_secrets(completion.model), _usage(completion.usage)
    if not completion.choices:
        return Answer(model=model, usage=usage, problem="envelope", detail="the answer has no choices")
    choice = completion.choices[0]
    refusal = choice.message.refusal or ""
    ended = "refusal" if refusal else _ENDED.get(choice.finish_reason)
    return Answer(model=model, usage=usage, **transport.text_fields(choice.message.content, ended, refusal))


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
