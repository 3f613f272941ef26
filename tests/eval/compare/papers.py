"""The papers of a comparison, one JSON object a line: `id`, `title`, `abstract`, and `text` where there is one."""

import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.core.errors import ConfigError


class Candidate(BaseModel):
    """One paper that both sides write about. `text` is its whole text, or as much of it as a plain prompt gets."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=r"^\d{4}\.\d{4,5}$")
    title: str = Field(min_length=1)
    abstract: str = Field(min_length=1)
    text: str = ""

    @property
    def source(self) -> str:
        """The text that a summary is held against."""
        return self.text or self.abstract


def load(path: Path) -> dict[str, Candidate]:
    """The papers of a file by id, in its order; ConfigError names the line that is none."""
    papers: dict[str, Candidate] = {}
    for number, line in enumerate(read(path).splitlines(), start=1):
        if line.strip():
            paper = _paper(line, f"{path}, line {number}")
            papers[paper.id] = paper
    return papers


def read(path: Path) -> str:
    """A file's text; ConfigError when it cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from None


def _paper(line: str, place: str) -> Candidate:
    try:
        return Candidate.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the line"
        raise ConfigError(f"{place}: {re.sub(r'^Value error, ', '', first['msg'])} ({field}).") from None
