"""Reads the table of the field's terms, `termbase.toml` among the prompts. `verify` says what it is good for."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from pipeline.core.config import shipped
from pipeline.core.errors import ConfigError
from pipeline.core.text import HANGUL, fold
from pipeline.lang.termbase import Term, Termbase


@cache
def load() -> Termbase:
    """The shipped table."""
    return read(shipped("prompts") / "termbase.toml")


def read(path: Path) -> Termbase:
    """A table from its file; ConfigError names the file, the entry and what is wrong with it."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:  # a TOMLDecodeError is a ValueError
        raise ConfigError(f"The table of terms {path} cannot be read: {fold(str(error))}.") from None
    if set(content) != {"term"} or not isinstance(content["term"], list):
        raise ConfigError(f"The table of terms {path} must consist of [[term]] entries.")
    terms: dict[str, Term] = {}
    for entry in content["term"]:
        term = _term(entry, path)
        if problem := next(_problems(term, terms), ""):
            raise ConfigError(f"The table of terms {path} is wrong at {term.english!r}: {problem}.")
        terms[term.english.lower()] = term
    return Termbase(terms.values())


def _term(entry: object, path: Path) -> Term:
    try:
        return Term.model_validate(entry)
    except ValidationError as error:
        name = entry.get("english", "no english") if isinstance(entry, dict) else entry
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"The table of terms {path} is wrong at {name!r}: {place}: {fold(first['msg'])}.") from None


def _problems(term: Term, earlier: dict[str, Term]) -> Iterator[str]:
    if term.english.lower() in earlier:
        yield "the term stands there twice"
    for form in (*term.korean, *term.misleading):
        if not form.strip():
            yield "a rendering is empty"
    for form in term.misleading:
        if form in term.korean:
            yield f"{form!r} is both usual and misleading"
        if not HANGUL.search(form):
            yield f"the misleading rendering {form!r} is not Korean"
    for form in (term.english, *term.also, *term.unless):
        if HANGUL.search(form) or not any(character.isalpha() for character in form):
            yield f"{form!r} is not English"
