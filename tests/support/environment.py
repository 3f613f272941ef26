"""The environment without a developer's settings, which must decide neither a test nor a measurement."""

import os

from pipeline.core.providers import PROVIDERS

# Those of OpenAI by prefix: its client reads more of them than the program does.
_PREFIXES = ("PIPELINE_", "OPENAI_")


def is_setting(name: str) -> bool:
    """Return whether a variable is a setting of the program, or a provider's key or address."""
    return name.startswith(_PREFIXES) or any(name in (one.key, one.url) for one in PROVIDERS.values())


def without_settings() -> dict[str, str]:
    """Return the variables of this process that are no settings."""
    return {name: value for name, value in os.environ.items() if not is_setting(name)}
