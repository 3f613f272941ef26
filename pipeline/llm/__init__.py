"""Who answers. Adapters know transport, not what an answer means."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from pipeline.core.providers import PROVIDERS

if TYPE_CHECKING:
    from pipeline.core.config import Settings
    from pipeline.llm.base import Adapter, Model, Placed


def open_models(settings: "Settings", provider: str) -> "list[tuple[Placed, float]]":
    """Open a provider's model at each of its places, with its weight. ConfigError where it is not set up."""
    return cast("Adapter", import_module(PROVIDERS[provider].module)).open_models(settings)


def open_model(settings: "Settings", provider: str) -> "Model":
    """Open a provider's model, several places as one. ConfigError where it is not set up."""
    from pipeline.llm.pool import pooled

    return pooled(open_models(settings, provider), settings.wait_scale)


def has_key(provider: str) -> bool:
    """Return whether there is a key for this provider; never for one that needs none."""
    adapter = PROVIDERS[provider]
    return bool(adapter.key) and cast("Adapter", import_module(adapter.module)).has_key()
