"""Prompt files: load, validate and render them. A prompt is a Jinja file with YAML front matter and named blocks.

What is the same for several questions stands first, so that providers can cache it: the rules, one text for all papers
and layouts, then the paper, one for all layouts; a layout's task comes last. Untrusted text reaches a prompt only
through the filter `fenced`. Does not know what an answer looks like.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError
from pydantic import Field

from pipeline.core.config import shipped
from pipeline.core.errors import ConfigError
from pipeline.core.models import Frozen, LayoutName, Message, Paper, Prompt, SourceText
from pipeline.core.text import fold, strip_invisible

_ACTED_ON = re.compile(
    r"<(?=\s*/?\s*(?:paper|title|items)\b|[|｜]|/?(?:s|bos|eos|(?:start|end)_of_turn)>|<?/?SYS>)", re.IGNORECASE
)


class FrontMatter(Frozen):
    """What a prompt file says of itself."""

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    max_tokens: int = Field(default=8000, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)


class PromptFile:
    """One layout's prompt, ready to render, with the content hash that provenance records."""

    def __init__(self, layout: LayoutName, folder: Path) -> None:
        self.layout = layout
        self.meta, self._template, body = _read(folder, f"{layout}.md.j2")
        _, self._common, common = _read(folder, "common.md.j2")
        _, self._repair, repair = _read(folder, "repair.md.j2")
        digest = hashlib.sha256((common + body + repair).encode()).hexdigest()
        self.prompt = Prompt(name=self.meta.name, version=self.meta.version, hash=digest[:16])

    def messages(self, paper: Paper, source: SourceText, cache_paper: bool = True) -> tuple[Message, ...]:
        """Return the first question about a paper.

        `cache_paper`: other layouts ask about it as well, so that its text is worth a place in the provider's cache.
        """
        rules, task = _block(self._common, "system"), _block(self._template, "task")
        return _question(rules, self._common, paper, source, task, cache_paper)

    def repair(self, problems: tuple[str, ...]) -> Message:
        """Ask for a whole answer again: what was wrong with the last one, one line a problem."""
        return Message(role="user", content=_block(self._repair, "user", problems=problems))

    def repair_of(self, items: Sequence[object], doubts: Sequence[str], count: int) -> Message:
        """Ask about some of the `count` sentences of an answer, and about the whole of it.

        Each item has a `number`, a `text`, `passages`, and `problems`: a `message` and whether it is `sure`.
        """
        return Message(role="user", content=_block(self._repair, "sentences", items=items, doubts=doubts, count=count))


class JudgePrompt:
    """The judge's prompt; it shows the paper as the writer saw it."""

    def __init__(self, folder: Path) -> None:
        self.meta, self._template, _ = _read(folder, "judge.md.j2")
        _, self._common, _ = _read(folder, "common.md.j2")

    def __reduce__(self) -> tuple[object, ...]:
        """Have another process load the shipped file: a template cannot be pickled."""
        return load_judge, ()

    def messages(
        self, paper: Paper, source: SourceText, items: Sequence[object], cache_paper: bool = True
    ) -> tuple[Message, ...]:
        """Return the question about these items of a paper: each has a `text`, its `cites`, and whether it is `apart`.

        `cache_paper`: other layouts ask about the paper as well.
        """
        rules, task = _block(self._template, "system"), _block(self._template, "user", items=items)
        return _question(rules, self._common, paper, source, task, cache_paper)


def _question(
    rules: str, common: Template, paper: Paper, source: SourceText, task: str, cache_paper: bool
) -> tuple[Message, ...]:
    """Return a question, led by the paper whoever is asked: the same bytes, for the provider's cache."""
    about = _block(common, "paper", paper=paper, sentences=source.sentences) + "\n\n"
    return (
        Message(role="system", content=rules, shared=len(rules)),
        Message(role="user", content=about + task, shared=len(about) * cache_paper),
    )


@cache
def load(layout: LayoutName) -> PromptFile:
    """Load the shipped prompt of a layout; ConfigError names the file and what is wrong with it."""
    return PromptFile(layout, shipped("prompts"))


@cache
def load_judge() -> JudgePrompt:
    """Load the shipped prompt of the judge."""
    return JudgePrompt(shipped("prompts"))


def _read(folder: Path, filename: str) -> tuple[FrontMatter, Template, str]:
    path = folder / filename
    try:
        text = path.read_text("utf-8")
        _, head, body = text.split("---\n", 2)
        return FrontMatter.model_validate(yaml.safe_load(head)), _environment(folder).from_string(body), text
    except (OSError, ValueError, yaml.YAMLError, TemplateError) as error:  # ValidationError is a ValueError
        raise ConfigError(f"The prompt file {path} cannot be used: {fold(str(error))}.") from None


def _block(template: Template, block: str, **values: object) -> str:
    try:
        return "".join(template.blocks[block](template.new_context(values))).strip()
    except (TemplateError, KeyError) as error:
        raise ConfigError(f"A prompt file fails in its block {block!r}: {error}.") from None


def _environment(folder: Path) -> Environment:
    # Prompts are plain text, nothing is HTML: escaping would change the paper's words.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["fenced"] = fenced
    return environment


def fenced(value: str) -> str:
    """Return untrusted text as one line of data: it can neither close the fence around it nor open one, nor end a turn.

    Servers read the special tokens of their model wherever they stand in a message: `<|im_end|>`, `</s>`.
    """
    return _ACTED_ON.sub("‹", strip_invisible(fold(value)))
