"""A model endpoint that counts tokens and caches prefixes as OpenAI documents it, for what a night costs.

https://developers.openai.com/api/docs/guides/prompt-caching: the answer schema stands before the messages; a prefix is
kept from 1,024 tokens on, per model. Models before GPT-5.6 find any prefix again, in steps of 128 tokens; later ones
only up to a mark of the question, and they charge for keeping it.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from tests.support import fakes
from tests.support.fake_model import PATH, FakeModel, Say, completion
from tests.support.world import layout_of, title_of

FEWEST, STEP = 1024, 128
Encode = Callable[[str], Sequence[int]]


class Call(NamedTuple):
    """The usage fields of one call. `kind` is who was asked; `written` are the tokens that it had cached anew."""

    kind: str
    layout: str
    title: str
    input: int
    cached: int
    written: int
    output: int


class CountingModel(FakeModel):
    """`say` gets each body with plain contents; `encode` makes tokens of a text. An answer takes `seconds`.

    What a call writes to the cache is there for those that come after its answer.
    """

    def __init__(self, say: Say, encode: Encode, seconds: float = 0) -> None:
        super().__init__(say)
        self.encode, self.seconds = encode, seconds
        self.counted: list[Call] = []
        self._kept: set[tuple[str, bytes]] = set()
        self._lock = threading.Lock()

    def answer(self, asked: fakes.Asked) -> fakes.Answer:
        if asked.path != PATH:
            return super().answer(asked)
        body = json.loads(asked.body)
        said = self.say(plain(body))
        return completion(said, usage=_usage(self.count(body, said)))

    def count(self, body: dict[str, Any], said: str) -> Call:
        """Return what a question and its answer are counted as."""
        tokens, ends = self._prompt(body)
        prefixes = {end: (body["model"], _digest(tokens[:end])) for end in ends}
        with self._lock:
            cached = max((end for end, prefix in prefixes.items() if prefix in self._kept), default=0)
        time.sleep(self.seconds)
        written = max(0, max(ends, default=0) - cached) if "prompt_cache_options" in body else 0
        call = Call(*_asked(plain(body)), len(tokens), cached, written, len(self.encode(said)))
        with self._lock:
            self._kept.update(prefixes.values())
            self.counted.append(call)
        return call

    def _prompt(self, body: dict[str, Any]) -> tuple[list[int], list[int]]:
        """The prompt's tokens, schema first, and the lengths of the prefixes that can be cached."""
        schema = body["response_format"]["json_schema"]
        parts = [(schema["name"] + json.dumps(schema["schema"], separators=(",", ":")), False)]
        for message in body["messages"]:
            parts.append((f"<{message['role']}>", False))
            parts += [(block["text"], "prompt_cache_breakpoint" in block) for block in _blocks(message)]
        pieces = [(list(self.encode(text)), marked) for text, marked in parts]
        tokens = [token for piece, _ in pieces for token in piece]
        if "prompt_cache_options" in body:
            lengths = accumulate(len(piece) for piece, _ in pieces)
            marks = [length for length, (_, marked) in zip(lengths, pieces, strict=True) if marked]
            return tokens, [length for length in marks if length >= FEWEST]
        return tokens, list(range(FEWEST, len(tokens) + 1, STEP))


def _digest(tokens: list[int]) -> bytes:
    return hashlib.sha256(json.dumps(tokens).encode()).digest()


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """The body with each message's content as one text."""
    return body | {"messages": [message | {"content": _text(message)} for message in body["messages"]]}


def _text(message: dict[str, Any]) -> str:
    return "".join(block["text"] for block in _blocks(message))


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"text": content}] if isinstance(content, str) else content


def _asked(body: dict[str, Any]) -> tuple[str, str, str]:
    messages = body["messages"]
    if "<items>" in messages[1]["content"]:
        return "reader", "", title_of(body)
    return "writer" if len(messages) == 2 else "repair", layout_of(body), title_of(body)


def _usage(call: Call) -> dict[str, Any]:
    return {
        "prompt_tokens": call.input,
        "completion_tokens": call.output,
        "total_tokens": call.input + call.output,
        "prompt_tokens_details": {"cached_tokens": call.cached, "cache_write_tokens": call.written},
    }
