"""An endpoint whose answers somebody writes into files: `python -m tests.eval.bridge FOLDER`.

Each request is put into FOLDER/ask/NNNN.json; what then appears as FOLDER/say/NNNN.json is the content of its answer.
Write that file whole, under another name first, or in one go: it is read a moment after it appears.
"""

import argparse
import json
import threading
import time
from pathlib import Path
from typing import Any

from pipeline.core.tokens import estimate
from tests.support.fake_model import PATH, completion, error
from tests.support.fakes import Answer, Asked, Server

_LOOK, _SETTLE = 0.2, 0.1  # seconds between two looks for an answer, and from its appearance until it is read


class Bridge(Server):
    """Waits `wait` seconds for a file, then says that it is overloaded; the same question again keeps its number."""

    def __init__(self, folder: Path, port: int = 0, wait: float = 2900) -> None:
        super().__init__(port)
        self._asks, self._says, self._wait = folder / "ask", folder / "say", wait
        self._lock = threading.Lock()
        for path in (self._asks, self._says):
            path.mkdir(parents=True, exist_ok=True)
        self._waiting = {path.read_bytes(): path.name for path in self._asks.glob("*.json") if self._is_open(path)}

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/v1/models":
            models = [{"id": "bridge", "object": "model", "created": 1, "owned_by": "bridge"}]
            return Answer(body=json.dumps({"object": "list", "data": models}).encode())
        return self._ask(json.loads(asked.body)) if asked.path == PATH else error(404)

    def _ask(self, request: dict[str, Any]) -> Answer:
        body = json.dumps(request, ensure_ascii=False, indent=1).encode()
        name = self._number(body)
        if not self._said(name):
            return error(503, message="nobody has answered yet")
        self._waiting.pop(body, None)
        content = (self._says / name).read_text("utf-8")
        taken, given = estimate(content), sum(estimate(str(one["content"])) for one in request["messages"])
        usage = {"prompt_tokens": given, "completion_tokens": taken, "total_tokens": given + taken}
        return completion(content, model=request["model"], usage=usage)

    def _number(self, body: bytes) -> str:
        """The file of a question, which is new unless it waits for its answer already."""
        with self._lock:
            if body not in self._waiting:
                numbers = [int(path.stem) for path in self._asks.glob("*.json")]
                self._waiting[body] = f"{max(numbers, default=0) + 1:04d}.json"
                (self._asks / self._waiting[body]).write_bytes(body)
            return self._waiting[body]

    def _said(self, name: str) -> bool:
        """Wait for the answer; whether it came."""
        until = time.monotonic() + self._wait
        while not (self._says / name).exists():
            if time.monotonic() > until or self._closing.wait(_LOOK):
                return False
        time.sleep(_SETTLE)
        return True

    def _is_open(self, path: Path) -> bool:
        return not (self._says / path.name).exists()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--wait", type=float, default=2900, help="seconds until a question without an answer gets 503")
    options = parser.parse_args()
    bridge = Bridge(options.folder, options.port, options.wait)
    print(f"OPENAI_BASE_URL={bridge.url}/v1", flush=True)
    bridge.serve_forever()


if __name__ == "__main__":
    main()
