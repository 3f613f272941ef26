"""llama.cpp's own OpenAI-compatible server on loopback, with the embedded writer's weights. Needs the extra `local`.

A real server for the adapter: it honours a strict JSON schema, and what this small model fills in is mostly nonsense.
"""

import secrets
from types import TracebackType
from typing import Any

import pytest

MODEL = "gemma-3-270m"


class LlamaServer:
    """Started with the object, stopped at the end of `with`.

    `context` is in tokens, prompt and answer together; `seed` makes answers the same from one start to the next.
    """

    def __init__(self, context: int = 4096, seed: int | None = None) -> None:
        xllamacpp = pytest.importorskip("xllamacpp", reason="needs the extra `local`")
        from pipeline.llm.embedded.weights import weights

        self.key = secrets.token_hex()
        params = xllamacpp.CommonParams()
        params.model.path = str(weights())
        params.model_alias = {MODEL}
        params.n_ctx = context
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
        params.api_keys = [self.key]
        params.verbosity = -1
        if seed is not None:
            params.sampling.seed = seed
        self._server: Any = xllamacpp.Server(params)

    @property
    def base_url(self) -> str:
        """The value of OPENAI_BASE_URL; `key` is that of OPENAI_API_KEY."""
        return f"{self._server.listening_address}/v1"

    def __enter__(self) -> "LlamaServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server = None
