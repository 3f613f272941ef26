"""The providers: who can be asked to write, by the names that PIPELINE_LLM__PROVIDER takes and the records keep.

A new provider is a module in `llm` (`llm.base.Adapter` says what it has) and one line in PROVIDERS. Nothing else in the
program names providers or branches on a name.
"""

from typing import NamedTuple


class Provider(NamedTuple):
    """What the program has to know of a provider before it loads its module.

    `key` and `url` are the environment variables of its key and its address, empty where it has none. `model` is the
    one that is asked where PIPELINE_LLM__MODEL is not set; empty: it must be set. `in_price_list`: genai-prices knows
    its prices; else they come from PIPELINE_PRICES alone. `extra` is the extra to install. `engines` are the ways in
    which its calls can be made: batches and clusters call OpenAI's API, so `batch` and `ray` are for adapters that
    open an `OpenAIModel`. `in_process`: it runs in this process, free of charge and one call at a time. `for_trial`: it
    is for trying the program out. Then it is shown the abstract alone, cannot judge, and its entries never mix with
    those of others.
    """

    module: str
    key: str = ""
    url: str = ""
    model: str = ""
    in_price_list: bool = False
    engines: tuple[str, ...] = ("local",)
    extra: str = ""
    in_process: bool = False
    for_trial: bool = False


PROVIDERS = {
    "openai": Provider(
        "pipeline.llm.openai",
        key="OPENAI_API_KEY",
        url="OPENAI_BASE_URL",
        model="gpt-6-luna",
        in_price_list=True,
        engines=("local", "batch", "ray"),
    ),
    "embedded": Provider(
        "pipeline.llm.embedded.model", model="gemma-3-270m-q4_k_m", extra="local", in_process=True, for_trial=True
    ),
}
# The one that writes the bundled sample day.
SAMPLE = "embedded"


def is_for_trial(name: str) -> bool:
    """Return whether entries of this provider are trials; a name in a record may be of a provider that is gone."""
    return name in PROVIDERS and PROVIDERS[name].for_trial
