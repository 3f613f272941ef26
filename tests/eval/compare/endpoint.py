"""The endpoint of the environment, asked plainly: one question a paper, all at once, the answer in a given form."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import click
import openai
from pydantic import BaseModel, ValidationError

from pipeline.core import config

# What holds where the environment says nothing: whoever answers may be a person, who takes an hour.
PATIENT = {
    "PIPELINE_LLM__TIMEOUT": "3000",
    "PIPELINE_LLM__CONCURRENCY": "64",
    "PIPELINE_LLM__SECOND_READER": "false",
    "PIPELINE_DEADLINE": "86400",
}
_TRIES = 3
_Key = TypeVar("_Key", str, int)
_Form = TypeVar("_Form", bound=BaseModel)


class NoAnswerError(Exception):
    """A question that nobody answered in its form; the message says why."""


def require() -> config.Settings:
    """The settings of this process, patient ones; ConfigError where they name no endpoint."""
    os.environ.update({name: os.environ.get(name, value) for name, value in PATIENT.items()})
    settings = config.load()
    config.endpoints(settings.llm, config.load_endpoint())
    return settings


def ask(
    questions: Mapping[_Key, tuple[str, str]],
    form: type[_Form],
    fits: Callable[[_Key, _Form], bool] = lambda key, answer: True,
) -> dict[_Key, _Form]:
    """The answers to questions, each a system and a user message. One that does not `fit` is asked for again.

    What stays without an answer is absent, and said on the terminal.
    """
    llm, key = require().llm, config.load_endpoint()
    (url, *_) = config.endpoints(llm, key)
    client = openai.OpenAI(base_url=url, api_key=key.key or "none", timeout=llm.timeout, max_retries=5)

    def answer(name: _Key) -> _Form | None:
        try:
            return _answer(client, llm.model, questions[name], form, lambda found: fits(name, found))
        except (NoAnswerError, openai.OpenAIError) as error:
            click.echo(f"{name}: no answer: {error}", err=True)
            return None

    with client, ThreadPoolExecutor(llm.concurrency) as pool:
        found = dict(zip(questions, pool.map(answer, questions), strict=True))
    return {name: one for name, one in found.items() if one is not None}


def _answer(
    client: openai.OpenAI, model: str, question: tuple[str, str], form: type[_Form], fits: Callable[[_Form], bool]
) -> _Form:
    system, user = question
    for _ in range(_TRIES):
        try:
            completion = client.chat.completions.parse(
                model=model,
                messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
                response_format=form,
            )
        except ValidationError:
            continue
        if (found := completion.choices[0].message.parsed) and fits(found):
            return found
    raise NoAnswerError(f"{_TRIES} answers were not of the form that was asked for")
