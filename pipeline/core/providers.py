"""The providers: who can be asked to write, by the names that PIPELINE_LLM__PROVIDER takes and the records keep.

A new provider is a module in `llm` (`llm.base.Adapter` says what it has) and one line in PROVIDERS. Nothing else in the
program names providers or branches on a name.
"""

from typing import NamedTuple


class Provider(NamedTuple):
    """What the program has to know of a provider before it loads its module.

    `key` is the environment variable of its key, empty where it needs none; `engines` are the ways in which its calls
    can be made; `extra` is the extra to install. `in_process`: it runs in this process, free of charge and one call at
    a time. `for_trial`: it is for trying the program out. Then it is shown the abstract alone, cannot judge, and its
    entries never mix with those of others.
    """

    module: str
    key: str = ""
    engines: tuple[str, ...] = ("local",)
    extra: str = ""
    in_process: bool = False
    for_trial: bool = False


PROVIDERS = {
    "openai": Provider("pipeline.llm.openai", key="OPENAI_API_KEY", engines=("local", "batch", "ray")),
    "embedded": Provider("pipeline.llm.embedded.model", extra="local", in_process=True, for_trial=True),
}
# The one that writes the bundled sample day.
SAMPLE = "embedded"


def is_for_trial(name: str) -> bool:
    """Return whether entries of this provider are trials; a name in a record may be of a provider that is gone."""
    return name in PROVIDERS and PROVIDERS[name].for_trial
