"""Small real HTTP servers on loopback that stand in for the outside world.

`Server` answers and remembers requests; `FakeSources` is Hugging Face and arXiv with papers that a test adds;
`ReplaySources` is the same with recorded days. `python -m tests.support.fakes RECORDINGS --port N` serves the latter.
"""

import argparse
import json
import re
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

# ---------------------------------------------------------------------------------------------------------------------
# A server


@dataclass(frozen=True)
class Asked:
    """One request as the server got it. `at` is time.monotonic() of its arrival."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass(frozen=True)
class Answer:
    """An answer of the server. `cut` closes the connection after so many bytes of an announced whole.

    `reset` has the connection end in a reset. `delay` and `pause` are seconds before the head and before every byte of
    the body.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    reset: bool = False
    delay: float = 0
    pause: float = 0


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that hang up: that is what some tests are about."""

    request_queue_size = 256  # as many clients may call at one moment

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class Server:
    """A threaded HTTP server on a free port of loopback. A child answers; `queue` puts other answers before its own."""

    def __init__(self, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self._queued: dict[str, deque[Answer]] = defaultdict(deque)
        self._closing = threading.Event()
        self._http = _Quiet(("127.0.0.1", port), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def queue(self, path: str, *answers: Answer) -> None:
        """The next requests for `path` get these answers, one each, before the server answers by itself again."""
        self._queued[path].extend(answers)

    def paths(self, path: str) -> list[Asked]:
        """The requests for one path so far."""
        return [asked for asked in self.asked if asked.path == path]

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def serve_forever(self) -> None:
        self._http.serve_forever()

    def _reply(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        queued = self._queued[asked.path]
        return queued.popleft() if queued else self.answer(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are written apart: else each answer waits 40 ms

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {key.lower(): value for key, value in self.headers.items()}
                self._send(server._reply(Asked(self.command, parts.path, query, headers, body, time.monotonic())))

            do_POST = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

            def _send(self, answer: Answer) -> None:
                server._closing.wait(answer.delay)
                self.send_response(answer.status)
                headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
                for name, value in (headers | answer.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self._send_body(answer)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True  # the client gave up, as some tests want

            def _send_body(self, answer: Answer) -> None:
                body = answer.body[: answer.cut]
                for start in range(0, len(body), 1 if answer.pause else max(len(body), 1)):
                    if server._closing.wait(answer.pause):
                        return
                    self.wfile.write(body[start:] if not answer.pause else body[start : start + 1])
                if answer.cut is not None:
                    self.close_connection = True
                if answer.reset:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    socket.close(self.connection.detach())

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


# ---------------------------------------------------------------------------------------------------------------------
# Hugging Face and arXiv

ABSTRACT = (
    "We propose a new method and study its results on several problems. "
    "The method divides the data into several parts and learns from them one by one. "
    "This reduces the cost and the time of the computation."
)
HF_PATH = "/api/daily_papers"
ARXIV_PATH = "/api/query"
HF_CAP = 50  # as seen in the recordings: no page is longer, whatever limit is asked for
ARXIV_DEFAULT = 10  # arXiv's max_results where a request names none


@dataclass(frozen=True)
class ArxivPaper:
    """One entry of arXiv's Atom feed."""

    id: str
    title: str
    abstract: str
    authors: Sequence[str] = ("Ada Example",)
    categories: Sequence[str] = ("cs.CL",)
    version: int = 1
    comment: str = ""
    published: str = "2024-08-21T00:00:00Z"

    def xml(self) -> str:
        authors = "".join(f"<author><name>{escape(name)}</name></author>" for name in self.authors)
        categories = "".join(f'<category term="{term}"/>' for term in self.categories)
        comment = f"<arxiv:comment>{escape(self.comment)}</arxiv:comment>" if self.comment else ""
        return (
            f"<entry><id>http://arxiv.org/abs/{self.id}v{self.version}</id><title>{escape(self.title)}</title>"
            f"<updated>{self.published}</updated><published>{self.published}</published>"
            f"<summary>{escape(self.abstract)}</summary>{categories}{comment}"
            f'<arxiv:primary_category term="{self.categories[0]}"/>{authors}</entry>'
        )


def listed_record(
    id: str,
    title: str = "A Paper",
    abstract: str = ABSTRACT,
    authors: Sequence[str] = ("Ada Example",),
    votes: int = 1,
    **outer: Any,
) -> dict[str, Any]:
    """One record of Hugging Face's list, with the social thumbnail; `outer` adds or replaces fields beside `paper`."""
    paper = {
        "id": id,
        "title": title,
        "summary": abstract,
        "upvotes": votes,
        "authors": [{"name": name, "hidden": False} for name in authors],
    }
    thumbnail = f"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{id}.png"
    return {"paper": paper, "title": title, "thumbnail": thumbnail} | outer


def feed(entries: Iterator[str] | Sequence[str]) -> bytes:
    """An answer of the arXiv API around its `<entry>` elements."""
    found = list(entries)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"'
        ' xmlns="http://www.w3.org/2005/Atom"><id>http://127.0.0.1/feed</id><title>arXiv Query</title>'
        f"<opensearch:totalResults>{len(found)}</opensearch:totalResults>{''.join(found)}</feed>\n"
    ).encode()


class FakeSources(Server):
    """Hugging Face's list under `hf_url`, arXiv's query under `arxiv_url`, with the papers that were added.

    For an id that is `refused`, or in no form of arXiv's, the query refuses the whole request.
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.days: dict[str, list[Any]] = defaultdict(list)
        self.papers: dict[str, ArxivPaper] = {}
        self.refused: set[str] = set()
        self.hf_url, self.arxiv_url = self.url, self.url + ARXIV_PATH

    def add(self, date: str, id: str, title: str = "A Paper", abstract: str = ABSTRACT, **more: Any) -> None:
        """List a paper on a day and give it to arXiv.

        `votes`, `authors` and outer fields as in `listed_record`; `categories`, `version`, `comment` and `published`
        as in `ArxivPaper`.
        """
        arxiv = {key: more.pop(key) for key in ("categories", "version", "comment", "published") if key in more}
        self.days[date].append(listed_record(id, title, abstract, **more))
        self.papers[id] = ArxivPaper(id, title, abstract, more.get("authors", ("Ada Example",)), **arxiv)

    def answer(self, asked: Asked) -> Answer:
        if asked.path == HF_PATH:
            return self._list(asked.query)
        if asked.path == ARXIV_PATH:
            return self._feed(asked.query)
        return Answer(404, b'{"error": "not found"}')

    def _list(self, query: dict[str, str]) -> Answer:
        """The worst that a cap can do: it shortens a page, and the next one begins where the limit would have ended."""
        limit = int(query.get("limit", HF_CAP))
        start = int(query.get("p", 0)) * limit
        records = self.days.get(query.get("date", ""), [])[start : start + min(limit, HF_CAP)]
        return Answer(body=json.dumps(records).encode())

    def _feed(self, query: dict[str, str]) -> Answer:
        asked = [part for part in query.get("id_list", "").split(",") if part]
        kind = "application/atom+xml; charset=utf-8"
        for part in asked:
            if part in self.refused or not re.fullmatch(r"(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?", part):
                return Answer(400, feed([_error_entry(f"incorrect id format for {part}")]), kind)
        found = [self.papers[bare] for part in asked if (bare := re.sub(r"v\d+$", "", part)) in self.papers]
        size = int(query.get("max_results", ARXIV_DEFAULT))
        return Answer(body=feed(paper.xml() for paper in found[:size]), content_type=kind)


def _error_entry(reason: str) -> str:
    return (
        "<entry><id>https://arxiv.org/api/errors#incorrect_id_format</id><title>Error</title>"
        f"<updated>2026-01-01T00:00:00Z</updated><summary>{escape(reason)}</summary></entry>"
    )


class ReplaySources(FakeSources):
    """The recorded days. arXiv knows every paper of `abstracts.jsonl` and of the lists.

    What was not recorded (version, categories, day of submission) is filled in.
    """

    def __init__(self, recordings: Path, port: int = 0) -> None:
        super().__init__(port)
        for path in sorted((recordings / "hf_daily_papers").glob("*.json")):
            self.days[path.stem] = json.loads(path.read_bytes())
        known = [json.loads(line) for line in (recordings / "abstracts.jsonl").read_text("utf-8").splitlines()]
        for record in known:
            self._know(record["id"], record["title"], record["abstract"], record["authors"] or ("Ada Example",))
        for record in (record["paper"] for day in self.days.values() for record in day):
            names = [author["name"] for author in record["authors"]]
            self._know(record["id"], record["title"], record["summary"], names)

    def _know(self, id: str, title: str, abstract: str, authors: Sequence[str]) -> None:
        published = f"20{id[:2]}-{id[2:4]}-01T00:00:00Z"
        self.papers[id] = ArxivPaper(id, title, abstract, authors, published=published)


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve recorded days of Hugging Face and arXiv on loopback.")
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    server = ReplaySources(options.recordings, options.port)
    print(f"PIPELINE_SOURCES__HF_URL={server.hf_url} PIPELINE_SOURCES__ARXIV_API_URL={server.arxiv_url}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
