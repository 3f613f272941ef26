"""The other side: what the same model makes of a prompt of two sentences."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tests.eval.compare import endpoint
from tests.eval.compare.papers import Candidate

PROMPT = (
    "Summarise the paper in Korean for AI researchers and engineers, as five to eight bullets of one sentence each; "
    "give technical keywords in English, in parentheses, where needed. Answer with a JSON object "
    '{"bullets": ["…", …]} and nothing else.'
)


class Bullets(BaseModel):
    """An answer to the plain prompt."""

    model_config = ConfigDict(extra="forbid")

    bullets: list[str] = Field(min_length=1)


def write(papers: Mapping[str, Candidate], out: Path) -> int:
    """Ask about each paper and write OUT/ID.json; 1 where a paper has no answer."""
    questions = {id: (PROMPT, f"Title: {paper.title}\n\n{paper.source}") for id, paper in papers.items()}
    answers = endpoint.ask(questions, Bullets)
    out.mkdir(parents=True, exist_ok=True)
    for id, answer in answers.items():
        (out / f"{id}.json").write_text(answer.model_dump_json(indent=1), "utf-8")
    return 0 if len(answers) == len(papers) else 1
