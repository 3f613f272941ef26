"""A Batch API on loopback, with the life cycle that OpenAI documents, and the live endpoint beside it.

https://developers.openai.com/api/docs/guides/batch. What becomes of a batch is its `Fate`; a client that was killed
finds its files and batches again. `lines` has every line that was ever taken for work, so that a test can count.
"""

import itertools
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Literal

from tests.support.fake_model import PATH, FakeModel, Say, completion, error
from tests.support.fakes import Answer, Asked

FINAL = ("completed", "failed", "expired", "cancelled")
Line = dict[str, Any]


@dataclass(frozen=True)
class Fate:
    """The fate of one batch.

    It is polled `polls` times before it `ends`; "never" waits to be cancelled. `errors` are why it failed validation:
    code and message. Of its lines the first `answered` (a share) get an answer, the others only where it is completed;
    where it is `silent` no file says so of the others.
    `status` says which HTTP status a line comes to, by its place. `spoil` changes the output file, `cut` closes the
    connection after so many of its bytes, `gone` are the files that the provider does not have any more.
    """

    ends: Literal["completed", "failed", "expired", "cancelled", "never"] = "completed"
    polls: int = 2
    errors: tuple[tuple[str, str], ...] = ()
    answered: float = 1.0
    silent: bool = False
    status: Callable[[int], int] = lambda place: 200
    spoil: Callable[[bytes], bytes] = lambda output: output
    cut: int | None = None
    gone: frozenset[str] = frozenset()


@dataclass
class Batch:
    """One batch as the service has it."""

    id: str
    file: str
    metadata: dict[str, str]
    fate: Fate
    lines: list[Line]
    status: str = "validating"
    polls: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {"total": 0, "completed": 0, "failed": 0})
    output: str | None = None
    errors: str | None = None


class FakeBatches(FakeModel):
    """`fates` are those of the next batches, then all complete. `most_lines` may wait at once, as a limit of tokens.

    `lose` counts how often the answer to a POST of that path is lost after its effect. `before` and `after` are told
    of each request, before and after its effect.
    """

    def __init__(self, say: Say = lambda body: "{}") -> None:
        super().__init__(say)
        self.fates: deque[Fate] = deque()
        self.most_lines: int | None = None
        self.lose: Counter[str] = Counter()
        self.before: Callable[[Asked], None] = lambda asked: None
        self.after: Callable[[Asked], None] = lambda asked: None
        self.files: dict[str, bytes] = {}
        self.names: dict[str, str] = {}
        self.batches: dict[str, Batch] = {}
        self.deleted: list[str] = []
        self.cuts: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._one_at_a_time = threading.Lock()

    @property
    def lines(self) -> list[Line]:
        """Every line of every batch that passed validation."""
        return [line for batch in self.batches.values() if batch.status != "failed" for line in batch.lines]

    @property
    def never_used(self) -> set[str]:
        """Files that were uploaded and made no batch: where the answer got lost nobody knows them, and they expire."""
        used = {name for batch in self.batches.values() for name in (batch.file, batch.output, batch.errors)}
        return self.files.keys() - used

    def answer(self, asked: Asked) -> Answer:
        if asked.path == PATH:
            return super().answer(asked)
        self.before(asked)
        with self._one_at_a_time:
            said = self._answer(asked)
        self.after(asked)
        if asked.method == "POST" and self.lose[asked.path]:
            self.lose[asked.path] -= 1
            return replace(said, cut=0)
        return said

    def _answer(self, asked: Asked) -> Answer:
        match asked.method, asked.path.strip("/").split("/")[1:]:
            case "POST", ["files"]:
                return self._upload(asked)
            case "GET", ["files", name, "content"] if name in self.files:
                return Answer(body=self.files[name], content_type="application/octet-stream", cut=self.cuts.get(name))
            case "DELETE", ["files", name] if name in self.files:
                del self.files[name]
                self.deleted.append(name)
                return _json({"id": name, "object": "file", "deleted": True})
            case "POST", ["batches"]:
                return self._create(json.loads(asked.body))
            case "GET", ["batches"]:
                return self._list(asked.query)
            case "GET", ["batches", name] if name in self.batches:
                return self._poll(self.batches[name])
            case "POST", ["batches", name, "cancel"] if name in self.batches:
                return self._cancel(self.batches[name])
        return error(404)

    def _upload(self, asked: Asked) -> Answer:
        parts = BytesParser(policy=HTTP).parsebytes(
            b"Content-Type: " + asked.headers["content-type"].encode() + b"\r\n\r\n" + asked.body
        )
        fields = {part.get_param("name", header="content-disposition"): part for part in parts.iter_parts()}
        assert fields["purpose"].get_content().strip() == "batch"
        content = fields["file"].get_payload(decode=True)
        assert isinstance(content, bytes)
        name = self._keep(content, str(fields["file"].get_filename()))
        return _json(self._file(name, "batch"))

    def _keep(self, content: bytes, filename: str) -> str:
        name = f"file-{next(self._numbers)}"
        self.files[name], self.names[name] = content, filename
        return name

    def _file(self, name: str, purpose: str) -> dict[str, Any]:
        size = len(self.files[name])
        made = {"id": name, "object": "file", "bytes": size, "created_at": 1, "filename": self.names[name]}
        return made | {"purpose": purpose, "status": "processed"}

    def _create(self, body: dict[str, Any]) -> Answer:
        assert (body["endpoint"], body["completion_window"]) == ("/v1/chat/completions", "24h")
        if body["input_file_id"] not in self.files:
            return error(400, "file_not_found")
        fate = self.fates.popleft() if self.fates else Fate()
        lines = [json.loads(line) for line in self.files[body["input_file_id"]].splitlines()]
        assert len({line["custom_id"] for line in lines}) == len(lines)
        assert len({line["body"]["model"] for line in lines}) == 1
        name = f"batch_{next(self._numbers)}"
        self.batches[name] = Batch(
            name, body["input_file_id"], body.get("metadata") or {}, self._fits(fate, lines), lines
        )
        return _json(self._batch(self.batches[name]))

    def _fits(self, fate: Fate, lines: Sequence[Line]) -> Fate:
        waiting = sum(len(batch.lines) for batch in self.batches.values() if batch.status not in FINAL)
        if self.most_lines is None or waiting + len(lines) <= self.most_lines:
            return fate
        return Fate("failed", polls=1, errors=(("token_limit_exceeded", "Enqueued token limit reached"),))

    def _list(self, query: dict[str, str]) -> Answer:
        newest = list(reversed(self.batches.values()))
        start = 1 + [batch.id for batch in newest].index(query["after"]) if "after" in query else 0
        page = newest[start : start + int(query.get("limit", 20))]
        data = [self._batch(batch) for batch in page]
        more = start + len(page) < len(newest)
        return _json({"object": "list", "data": data, "has_more": more, "last_id": page[-1].id if page else None})

    def _poll(self, batch: Batch) -> Answer:
        if batch.status not in FINAL:
            batch.polls += 1
            if batch.status == "cancelling":
                self._end(batch, "cancelled")
            elif batch.fate.ends != "never" and batch.polls >= batch.fate.polls:
                self._end(batch, batch.fate.ends)
            else:
                batch.status = "in_progress"
                batch.counts = {"total": len(batch.lines), "completed": batch.polls - 1, "failed": 0}
        return _json(self._batch(batch))

    def _cancel(self, batch: Batch) -> Answer:
        if batch.status in FINAL:
            return error(409)
        batch.status = "cancelling"
        return _json(self._batch(batch))

    def _end(self, batch: Batch, status: str) -> None:
        batch.status = status
        if status == "failed":
            return
        output, errors = self._answered(batch, status)
        batch.counts = {"total": len(batch.lines), "completed": len(output), "failed": len(errors)}
        if output:
            batch.output = self._keep(batch.fate.spoil(_jsonl(output)), f"{batch.id}_output.jsonl")
        if errors:
            batch.errors = self._keep(_jsonl(errors), f"{batch.id}_error.jsonl")
        if batch.output and batch.fate.cut is not None:
            self.cuts[batch.output] = batch.fate.cut
        for kind, name in (("input", batch.file), ("output", batch.output), ("errors", batch.errors)):
            if kind in batch.fate.gone and name:
                self.files.pop(name, None)

    def _answered(self, batch: Batch, status: str) -> tuple[list[Line], list[Line]]:
        """The lines of the output file, newest first as no order is promised, and those of the error file."""
        output, errors = [], []
        whole = len(batch.lines) if status == "completed" else int(len(batch.lines) * batch.fate.answered)
        for place, line in enumerate(batch.lines):
            made = {"id": f"batch_req_{place}", "custom_id": line["custom_id"], "error": None}
            if place >= whole and not batch.fate.silent:
                fault = {"code": f"batch_{status}", "message": "This request could not be executed in time."}
                errors.append(made | {"response": None, "error": fault})
            elif place < whole and (code := batch.fate.status(place)) != 200:
                errors.append(made | {"response": _response(error(code))})
            elif place < whole:
                output.append(made | {"response": _response(completion(self.say(line["body"])))})
        return output[::-1], errors

    def _batch(self, batch: Batch) -> dict[str, Any]:
        faults = [{"code": code, "message": said, "line": None, "param": None} for code, said in batch.fate.errors]
        return {
            "id": batch.id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "errors": {"object": "list", "data": faults} if batch.status == "failed" else None,
            "input_file_id": batch.file,
            "completion_window": "24h",
            "status": batch.status,
            "output_file_id": batch.output,
            "error_file_id": batch.errors,
            "created_at": int(time.time()),
            "request_counts": batch.counts,
            "metadata": batch.metadata,
        }


def _response(answer: Answer) -> dict[str, Any]:
    return {"status_code": answer.status, "request_id": "r", "body": json.loads(answer.body)}


def _json(said: object) -> Answer:
    return Answer(body=json.dumps(said).encode())


def _jsonl(lines: Sequence[Line]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)
