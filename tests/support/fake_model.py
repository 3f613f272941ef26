"""A model endpoint on loopback: OpenAI's chat completions, answered by a function that the test gives."""

import json
from collections.abc import Callable
from typing import Any

from tests.support.fakes import Answer, Asked, Server

PATH = "/v1/chat/completions"
Say = Callable[[dict[str, Any]], str]


def completion(content: str | None, **changes: Any) -> Answer:
    """A successful answer; `changes` go into its one choice (`finish_reason`) or the whole (`choices`, `usage`)."""
    message = {"role": "assistant", "content": content, "refusal": changes.pop("refusal", None)}
    choice = {"index": 0, "finish_reason": changes.pop("finish_reason", "stop"), "message": message}
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30},
    }
    body = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "fake-1",
        "choices": [choice],
        "usage": usage,
    }
    return Answer(body=json.dumps(body | changes).encode())


def error(status: int, code: str | None = None, headers: dict[str, str] | None = None, message: str = "") -> Answer:
    """An error as OpenAI words it."""
    body = {"error": {"message": message or f"fault {status}", "type": "fault", "code": code, "param": None}}
    return Answer(status=status, body=json.dumps(body).encode(), headers=headers or {})


class FakeModel(Server):
    """`say` gets each request's body and gives the content of the answer."""

    def __init__(self, say: Say = lambda body: "{}") -> None:
        super().__init__()
        self.say = say

    @property
    def base_url(self) -> str:
        """The value of OPENAI_BASE_URL."""
        return f"{self.url}/v1"

    def queue_answers(self, *answers: Answer) -> None:
        """The next calls get these answers, one each."""
        self.queue(PATH, *answers)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The bodies of the calls so far."""
        return [json.loads(asked.body) for asked in self.paths(PATH)]

    def answer(self, asked: Asked) -> Answer:
        if asked.path != PATH:
            return error(404)
        return completion(self.say(json.loads(asked.body)))
