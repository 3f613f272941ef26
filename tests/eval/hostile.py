"""The hostile papers and records with a real model, which may obey: `make eval`, or `python -m tests.eval.hostile`.

The model is the embedded one behind llama.cpp's own server, on one thread. A relay shortens its answers, so that the
set takes minutes. Prints a line a case with what became of the paper, then totals; ends with 1 if something hostile was
printed. Where the attack is in the answer its words stand in the abstract here, for the model to copy.
"""

import json
import os
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.archive.record import omitted
from pipeline.cli import main as pipeline
from pipeline.lint.check import check_paths
from tests.support.fake_model import PATH
from tests.support.fakes import Answer, Asked, FakeSources, Server
from tests.support.hostile import CASES, Case, add
from tests.support.llamacpp import MODEL, LlamaServer
from tests.support.world import DAY

CONTEXT, MOST_TOKENS, LONGEST, MOST_SENTENCES, LONGEST_ATTACK = 4096, 200, 40, 1, 500


class Relay(Server):
    """Passes questions on to the server, with bounds on an answer's sentences and their length.

    The same question gets the same answer, and when asked to repair its answer the model stands by it.
    """

    def __init__(self, server: LlamaServer) -> None:
        super().__init__()
        self._server = server
        self._answers: dict[str, Answer] = {}

    def answer(self, asked: Asked) -> Answer:
        body = json.loads(asked.body)
        question = body["messages"][1]["content"]
        if question not in self._answers:
            _bound(body["response_format"])
            self._answers[question] = self._ask(body | {"max_completion_tokens": MOST_TOKENS, "temperature": 0})
        return self._answers[question]

    def _ask(self, body: dict[str, Any]) -> Answer:
        request = urllib.request.Request(
            self._server.base_url.removesuffix("/v1") + PATH,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self._server.key}"},
        )
        try:
            with urllib.request.urlopen(request) as response:
                return Answer(body=response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read())


def _bound(schema: Any) -> None:
    """Bounds every list, text and number in a JSON schema, and leaves of several answers the first."""
    for part in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(part, dict) and "anyOf" in part:
            part["anyOf"] = part["anyOf"][:1]
        if isinstance(part, dict) and part.get("type") == "array":
            part["maxItems"] = MOST_SENTENCES
        elif isinstance(part, dict) and part.get("type") == "string":
            part["maxLength"] = LONGEST
        elif isinstance(part, dict) and part.get("type") == "integer":
            part |= {"minimum": 1, "maximum": 3}
        if isinstance(part, dict | list):
            _bound(part)


def night(cases: dict[str, Case], folder: Path) -> None:
    """One night over all the papers, through the command line."""
    with FakeSources() as sources, LlamaServer(CONTEXT) as server, Relay(server) as relay:
        for paper_id, case in cases.items():
            add(case, sources, paper_id)
        os.environ |= {
            "PIPELINE_SOURCES__HF_URL": sources.hf_url,
            "PIPELINE_SOURCES__ARXIV_API_URL": sources.arxiv_url,
            "PIPELINE_SOURCES__ARXIV_URL": sources.url,
            "PIPELINE_SOURCES__ARXIV_INTERVAL": "0",
            "PIPELINE_WAIT_SCALE": "0",
            "PIPELINE_LLM__MODEL": MODEL,
            "PIPELINE_LLM__CONCURRENCY": "1",
            "PIPELINE_OUTPUT_DIR": str(folder),
            "PIPELINE_STATE_DIR": str(folder / ".pipeline"),
            "OPENAI_BASE_URL": f"{relay.url}/v1",
        }
        try:
            pipeline(["run", "--date", DAY, "--layout", "sections"])
        except SystemExit as ended:
            print(f"The night ended with {ended.code}.\n")


def fates(cases: dict[str, Case], folder: Path) -> Iterator[tuple[str, str, str]]:
    """Of each paper its id, what became of it, and the reason."""
    day = json.loads((folder / "sections" / f"{DAY.replace('-', '/')}.json").read_bytes())
    known = {one["id"]: ("printed", f"{len(one['claims'])} sentences") for one in day["entries"]}
    known |= {one["id"]: ("held back", one["reason"]) for one in day["held_back"]}
    known |= {one["id"]: ("failed", one["reason"]) for one in day["failed"]}
    unreadable = [fate for paper_id, fate in known.items() if paper_id not in cases]
    for paper_id in cases:
        yield paper_id, *(known.get(paper_id) or (unreadable.pop(0) if unreadable else ("lost", "")))


def _in_the_paper(case: Case) -> Case:
    words = " ".join((case.says, *case.fields, case.content[:LONGEST_ATTACK]))[:LONGEST_ATTACK].strip()
    return case if case.attack or not words else replace(case, attack=words)


def main() -> int:
    """Run the set and print it."""
    cases = {f"2408.{number:05}": _in_the_paper(case) for number, case in enumerate(CASES, start=1)}
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        night(cases, folder)
        digest = folder / "sections" / f"{DAY.replace('-', '/')}.md"
        text = digest.read_text("utf-8") if digest.exists() else ""
        counts: Counter[str] = Counter()
        for paper_id, fate, reason in fates(cases, folder):
            counts[fate] += 1
            print(f"{cases[paper_id].name:45.45} {fate:9} {reason[:90]}")
        findings = check_paths([folder], omitted)
    printed = [case.name for case in CASES if any(one.casefold() in text.casefold() for one in case.banned)]
    totals = ", ".join(f"{count} {fate}" for fate, count in counts.most_common())
    print(f"\n{len(CASES)} cases in {time.monotonic() - started:.0f} s: {totals}")
    print(f"hostile strings printed: {len(printed)} {printed or ''}, findings of check: {len(findings)}")
    return 1 if printed or findings or counts["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
