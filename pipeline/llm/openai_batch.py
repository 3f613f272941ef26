"""OpenAI's Batch API over the `openai` client: files of questions that are answered within a day at half the price.

One attempt of each request to the service, and what the lines of its files say. Does not try again, and does not know
what was booked. The format and the states: https://developers.openai.com/api/docs/guides/batch
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

import httpx2

from pipeline.core.errors import ModelError, ModelUnavailable
from pipeline.core.models import Answer, Request
from pipeline.llm.openai import OpenAIModel, api_error, read_answer
from pipeline.llm.transport import LARGEST_ANSWER, UNREADABLE, connection_error, quoted, unreadable

if TYPE_CHECKING:
    import openai

MOST_LINES = 50_000
MOST_BYTES = 200_000_000
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
_ENDPOINT: Final = "/v1/chat/completions"
_PAGE = 100
# Seconds without a byte. A service that has got 200 MB takes a while before it says so.
_PATIENCE = httpx2.Timeout(600.0, connect=10.0)


class Gone(ModelError):
    """The service does not have this file or batch (any more)."""


class Remote(NamedTuple):
    """A batch as the service has it: `file` is what was sent, `output` and `errors` are what it came to.

    Of `total` lines so many are `answered`, the failing ones included. `code` and `reason` say why one failed.
    """

    id: str
    file: str
    status: str
    total: int = 0
    answered: int = 0
    output: str | None = None
    errors: str | None = None
    code: str = ""
    reason: str = ""


class BatchLine(NamedTuple):
    """The outcome of one line, by the name that we gave it; a ModelError where it was not answered."""

    name: str
    said: Answer | ModelError


class Batches:
    """A client of a service's batches, with its model's key. Every method raises ModelError as a model does:
    a Transient one where the next attempt may succeed, ModelUnavailable where none can, Gone for what is not there.
    """

    def __init__(self, model: OpenAIModel) -> None:
        self.model = model

    def line(self, name: str, request: Request) -> bytes:
        """Return a request as a line of a file, with its newline; `name` is to be unique in the file."""
        said = {"custom_id": name, "method": "POST", "url": _ENDPOINT, "body": self.model.body(request)}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    async def require(self) -> None:
        """Raise ModelUnavailable where the service has no batches or does not let us in. Nothing is sent."""
        async with self._asking("batches"):
            await self.model.client.batches.list(limit=1)

    async def upload(self, name: str, lines: IO[bytes]) -> str:
        """Send a file; the id that it has there. It is read in small parts."""
        lines.seek(0)
        async with self._asking("files"):
            sent = (f"{name}.jsonl", lines)
            return (await self.model.client.files.create(file=sent, purpose="batch", timeout=_PATIENCE)).id

    async def create(self, name: str, file: str) -> Remote:
        """Create a batch for a file. It can be found by its name, should the answer to this get lost."""
        async with self._asking(f"file {file}"):
            return _remote(
                await self.model.client.batches.create(
                    input_file_id=file, endpoint=_ENDPOINT, completion_window="24h", metadata={"name": name}
                )
            )

    async def find(self, name: str) -> Remote | None:
        """Return the batch that was created with this name, if there is one."""
        async with self._asking("batches"):
            async for batch in self.model.client.batches.list(limit=_PAGE):
                if batch.metadata and batch.metadata.get("name") == name:
                    return _remote(batch)
        return None

    async def retrieve(self, batch: str) -> Remote:
        """Return how a batch stands."""
        async with self._asking(f"batch {batch}"):
            return _remote(await self.model.client.batches.retrieve(batch))

    async def cancel(self, batch: str) -> None:
        """Cancel a batch; it is cancelled within minutes, if it has not ended before."""
        async with self._asking(f"batch {batch}"):
            await self.model.client.batches.cancel(batch)

    async def download(self, file: str, copy: IO[bytes]) -> None:
        """Write a file into `copy`, from its start."""
        copy.seek(0)
        copy.truncate()
        async with self._asking(f"file {file}"):
            content = self.model.client.files.with_streaming_response.content(file, timeout=_PATIENCE)
            async with content as response:
                async for part in response.iter_bytes():
                    copy.write(part)

    def read(self, copy: IO[bytes]) -> Iterator[BatchLine | None]:
        """Return the lines of an output or error file, in any order; None for one that cannot be read."""
        copy.seek(0)
        return map(self._read, iter(lambda: copy.readline(LARGEST_ANSWER), b""))

    async def delete(self, file: str) -> None:
        """Delete a file of the service."""
        async with self._asking(f"file {file}"):
            await self.model.client.files.delete(file)

    @asynccontextmanager
    async def _asking(self, what: str) -> AsyncIterator[None]:
        import openai

        try:
            yield
        except openai.APIStatusError as error:
            if error.status_code in (404, 405, 501) and what in ("files", "batches"):
                raise ModelUnavailable(
                    f"The model's service has no Batch API ({self.model.client.base_url}{what}: HTTP "
                    f"{error.status_code}); take another engine, or correct OPENAI_BASE_URL."
                ) from None
            if error.status_code in (404, 410):
                raise Gone(f"the model's service does not have {what} any more: {quoted(error.message)}") from None
            raise api_error(error) from None
        except openai.APIConnectionError as error:
            raise connection_error(error.__cause__ or error) from None
        except httpx2.TransportError as error:  # while a file is read
            raise connection_error(error) from None
        except (openai.APIError, *UNREADABLE) as error:
            raise unreadable(error) from None

    def _read(self, line: bytes) -> BatchLine | None:
        from openai.types.chat import ChatCompletion

        try:
            said = json.loads(line)
            name, response, error = str(said["custom_id"]), said.get("response"), said.get("error")
            if not response:
                return BatchLine(name, ModelError(f"not answered in the batch: {_reason(error)}"))
            if response["status_code"] != 200:
                reason = f"HTTP {response['status_code']}: {_reason(response['body']['error'])}"
                return BatchLine(name, ModelError(f"not answered in the batch: {reason}"))
            answer = read_answer(ChatCompletion.construct(**response["body"]))
            return BatchLine(name, answer.model_copy(update={"model": answer.model or self.model.name}))
        except UNREADABLE:
            return None


def _reason(error: dict[str, Any]) -> str:
    """Return what an error of the service says, with its code."""
    return quoted(": ".join(str(error[key]) for key in ("code", "message") if error.get(key)))


def _remote(batch: "openai.types.Batch") -> Remote:
    counts = batch.request_counts
    faults = (batch.errors and batch.errors.data) or []
    return Remote(
        batch.id,
        batch.input_file_id,
        batch.status,
        counts.total if counts else 0,
        counts.completed + counts.failed if counts else 0,
        batch.output_file_id,
        batch.error_file_id,
        (faults and faults[0].code) or "",
        quoted("; ".join(fault.message or fault.code or "" for fault in faults[:3])),
    )
