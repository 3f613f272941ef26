"""Measures cost: whole nights over HTTP, counted with the endpoint's own usage fields.

Tokens are those of OpenAI's o200k. The papers are those of a recorded day, with three sentences before each abstract
that our answers rest on. Their pages are not on record: a paper's text is made of other recorded abstracts, longer than
the budget. The answers are short, 140 tokens; a golden entry with its citations has 480. Needs TEST_DATA.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import bpe_openai

from pipeline.layouts.answers import entering
from tests.support import fakes
from tests.support.counting import Call, CountingModel, plain
from tests.support.environment import without_settings
from tests.support.fake_model import Say
from tests.support.world import items_of, judged, title_of, write

DAY = "2024-08-22"
OLD, NEW = "gpt-5.4", "gpt-6-luna"  # one that finds prefixes by itself, and the default model, which needs marks
CACHED, WRITTEN = 0.1, 1.25  # of the price of input: https://developers.openai.com/api/docs/guides/prompt-caching
ENCODE = bpe_openai.get_encoding("o200k_base").encode
_OPENAI = "http://api.openai.com/v1"  # reached through the endpoint as a proxy: marks are for this address only
_SECONDS = 0.2  # of an answer: calls made at once do not find what the others are about to cache
_TITLES = ("Introduction", "Method", "Data", "Results", "Limitations", "Conclusion")
_TRUE, _FALSE = "새로운 방법을 제안", "새로운 방법 93개를 제안"


class Night(NamedTuple):
    """The settings of a night; `repaired`: each first answer has a figure that the paper does not have."""

    name: str
    budget: int = 16_000
    layouts: tuple[str, ...] = ("sections",)
    model: str = NEW
    repaired: bool = False
    read: bool = False
    concurrency: int = 8


ABSTRACTS = Night("abstract, citations", budget=0)
NIGHTS = (
    ABSTRACTS,
    Night("text of 16,000 tokens"),
    Night("the same, each repaired once", repaired=True),
    Night("the same, with the second reader", read=True),
    Night("both", repaired=True, read=True),
)


class Places(Protocol):
    """The sources of a night."""

    hf_url: str
    arxiv_url: str
    url: str


class TextSources(fakes.ReplaySources):
    """The recorded day, with a page for every paper."""

    def __init__(self, recordings: Path) -> None:
        super().__init__(recordings)
        rows = map(json.loads, (recordings / "abstracts.jsonl").read_text("utf-8").splitlines())
        own = {record["paper"]["id"] for record in self.days[DAY]}
        self._abstracts = [row["abstract"] for row in rows if row["id"] not in own]
        for record in self.days[DAY]:
            paper = record["paper"]
            self._know(paper["id"], paper["title"], f"{fakes.ABSTRACT} {paper['summary']}", ["Ada Example"])

    def answer(self, asked: fakes.Asked) -> fakes.Answer:
        if not asked.path.startswith("/html/"):
            return super().answer(asked)
        start = int(re.sub(r"\D", "", asked.path)) % 500
        chosen = self._abstracts[start : start + 48]
        body = "".join(_section(title, chosen[place :: len(_TITLES)]) for place, title in enumerate(_TITLES))
        return fakes.Answer(body=f"<html><body><article class='ltx_document'>{body}".encode(), content_type="text/html")


def _section(title: str, paragraphs: Iterable[str]) -> str:
    text = "".join(f"<div class='ltx_para'><p class='ltx_p'>{escape(one)}</p></div>" for one in paragraphs)
    return f"<section class='ltx_section'><h2 class='ltx_title ltx_title_section'>{title}</h2>{text}</section>"


def main() -> int:
    """Print both tables."""
    data = os.environ.get("TEST_DATA")
    if not data:
        print("TEST_DATA is not set: it names the folder with the recorded data.", file=sys.stderr)
        return 2
    with TextSources(Path(data) / "recordings") as sources:
        print(f"Tokens a paper, layout sections, {len(sources.days[DAY])} papers, model {NEW}\n")
        print(f"{'night':36}{'calls':>6}{'input':>8}{'cached':>8}{'share':>7}{'written':>9}{'billed':>8}{'output':>8}")
        print_row("abstract, no citations (before)", before(count(ABSTRACTS, sources)))
        for night in NIGHTS:
            print_row(night.name, count(night, sources).counted)
        print("\nTokens a paper by layout, one night over both\n")
        for model in (OLD, NEW):
            for at_once in (8, 1):
                both = Night("", layouts=("sections", "easy"), model=model, concurrency=at_once)
                counted = count(both, sources).counted
                for layout in both.layouts:
                    print_row(f"{model}, {at_once} at once, {layout}", [one for one in counted if one.layout == layout])
    print(f"\nbilled: what the input costs, in tokens of input: cached ones count {CACHED}, written ones {WRITTEN}.")
    return 0


def print_row(name: str, calls: list[Call]) -> None:
    """One line: sums of the usage fields for each paper."""
    papers = len({call.title for call in calls})
    given, cached, written = (sum(getattr(call, key) for call in calls) for key in ("input", "cached", "written"))
    output = sum(call.output for call in calls)
    billed = given - cached - written + CACHED * cached + WRITTEN * written
    print(
        f"{name:36}{len(calls) / papers:6.1f}{given / papers:8,.0f}{cached / papers:8,.0f}{cached / given:7.0%}"
        f"{written / papers:9,.0f}{billed / papers:8,.0f}{output / papers:8,.0f}",
        flush=True,
    )


def count(night: Night, sources: Places, say: Say | None = None) -> CountingModel:
    """The endpoint after one night that began with an empty cache; what it says is short unless `say` is given."""

    def short(body: dict[str, Any]) -> str:
        if "<items>" in body["messages"][1]["content"]:
            return _judge(body)
        if len(body["messages"]) > 2:
            return _mended(body)
        return write(body).replace(_TRUE, _FALSE if night.repaired else _TRUE)

    with CountingModel(say or short, ENCODE, _SECONDS) as endpoint, tempfile.TemporaryDirectory() as folder:
        layouts = [part for layout in night.layouts for part in ("--layout", layout)]
        command = [sys.executable, "-m", "pipeline", "run", "--date", DAY, *layouts]
        env = _settings(night, sources, endpoint, Path(folder))
        done = subprocess.run(
            command, cwd=folder, env=without_settings() | env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"A night ended with {done.returncode}.\n{done.stdout}{done.stderr}")
        return endpoint


def _settings(night: Night, sources: Places, endpoint: CountingModel, folder: Path) -> dict[str, str]:
    return {
        "OPENAI_BASE_URL": _OPENAI,
        "OPENAI_API_KEY": "none",
        "HTTP_PROXY": endpoint.url,
        "NO_PROXY": "127.0.0.1",
        "PIPELINE_LLM__MODEL": night.model,
        "PIPELINE_LLM__CONCURRENCY": str(night.concurrency),
        "PIPELINE_LLM__SECOND_READER": str(night.read),
        "PIPELINE_SOURCES__HF_URL": sources.hf_url,
        "PIPELINE_SOURCES__ARXIV_API_URL": sources.arxiv_url,
        "PIPELINE_SOURCES__ARXIV_URL": sources.url,
        "PIPELINE_SOURCES__ARXIV_INTERVAL": "0",
        "PIPELINE_SOURCES__TEXT_BUDGET": str(night.budget),
        "PIPELINE_OUTPUT_DIR": str(folder / "output"),
        "PIPELINE_STATE_DIR": str(folder / "state"),
    }


def before(endpoint: CountingModel) -> list[Call]:
    """A night's calls once more, without what citations add to schema, rules, paper and answer."""
    again = CountingModel(write, ENCODE)
    for body in endpoint.calls:
        said = re.sub(r'\{"text": ("[^"]*"), "cites": [^\]]*\]\}', r"\1", write(plain(body)))
        again.count(_uncited(body), said)
    return again.counted


def _uncited(body: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(body, ensure_ascii=False)
    text = re.sub(r"- `cites` of each[^-]*(?=- )", "", text)
    text = re.sub(r"(?<=\\n)\[\d+\] ", "", text)
    less: dict[str, Any] = json.loads(text.replace('{"$ref": "#/$defs/Sentence"}', '{"type": "string"}'))
    del less["response_format"]["json_schema"]["schema"]["$defs"]
    return less


def _mended(body: dict[str, Any]) -> str:
    """The first sentence alone, as it should have been."""
    first = json.loads(write(body))["answer"]["whats_new"][0]
    return json.dumps({"answer": {"sentences": [{"number": 1, **first}]}}, ensure_ascii=False)


def _judge(body: dict[str, Any]) -> str:
    """The verdicts of a reader that knows the answers: only the sentence planted among them is wrong."""
    written = write({"messages": [{}, {"content": f"<title>{title_of(body)}</title>Your task\n- `bullets`:"}]})
    known = json.dumps(entering(json.loads(written)), ensure_ascii=False)  # as the program reads what a model says
    said = (json.dumps(one, ensure_ascii=False) in known for one in items_of(body))
    return judged("supported" if true else "contradicted" for true in said)


if __name__ == "__main__":
    sys.exit(main())
