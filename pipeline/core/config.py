"""The settings: read once, by the command line. Environment over `pipeline.toml`; keys from the environment only.

Knows the names, types and defaults of settings and where shipped files lie; does nothing with them. The docstring below
each setting is what `make docs` prints in docs/configuration.md.
"""

import difflib
import os
import re
import unicodedata
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticKnownError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from pipeline.core.errors import ConfigError
from pipeline.core.models import LayoutName
from pipeline.core.providers import PROVIDERS
from pipeline.core.redact import hide, hide_service, hide_url

TOML = Path("pipeline.toml")
# The default endpoint.
OPENAI = "https://api.openai.com/v1"
_PREFIX = "PIPELINE_"
# Replacements for pydantic's messages that speak of Python.
_MESSAGES = {
    "dict_type": "it should be a table of names and values",
    "model_type": "it should be a table of names and values",
    "url_type": "it should be an address",
    "url_scheme": "it should begin with http:// or https://",
}


def _not_a_bool(value: object) -> object:
    if isinstance(value, bool):  # which pydantic takes as 0 or 1
        raise ValueError("it should be a number")  # noqa: TRY004 - pydantic does not handle TypeError
    return value


def _folder(value: object) -> object:
    if value == "":
        raise ValueError("it should name a folder")
    return Path(value).expanduser() if isinstance(value, str) else value


_Folder = Annotated[Path, BeforeValidator(_folder)]
_Float = Annotated[float, BeforeValidator(_not_a_bool)]
_Int = Annotated[int, BeforeValidator(_not_a_bool)]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _known_provider(name: str) -> str:
    if name not in PROVIDERS:
        raise PydanticKnownError("literal_error", {"expected": " or ".join(map(repr, PROVIDERS))})
    return name


class LlmSettings(_Group):
    """The language model that writes and the one that checks."""

    provider: Annotated[str, AfterValidator(_known_provider)] = "openai"
    """Who answers: a name in the table of providers."""
    model: str = Field(
        default_factory=lambda earlier: PROVIDERS[earlier.get("provider", "openai")].model,
        validate_default=True,
        min_length=1,
    )
    """The model's name there; it must support strict JSON schemas. If not set: the provider's default, where it has
    one."""
    concurrency: int = Field(default=8, ge=1, le=256)
    """Calls at once."""
    timeout: float = Field(default=180, gt=0)
    """Seconds for one call in all."""
    second_reader: bool | None = None
    """Whether a further call for each paper checks every sentence against the paper's text. If not set: where there is
    a key."""
    reader_model: str | None = Field(default=None, min_length=1)
    """The model of that call. If not set: the writer's."""
    endpoints: dict[AnyHttpUrl, Annotated[_Float, Field(gt=0)]] = Field(default_factory=dict)
    """Several addresses of the same model, each with its weight, in place of the provider's one:
    `{"http://gpu1:8000/v1": 2, "http://gpu2:8000/v1": 1}`. All get the key."""

    @field_validator("model", mode="before")
    @classmethod
    def _is_named(cls, model: object, info: ValidationInfo) -> object:
        provider = info.data.get("provider", "openai")
        if model == "" and not PROVIDERS[provider].model:
            raise ValueError(f"it should name a model of {provider}, which has no default")
        return model


class SourceSettings(_Group):
    """Where papers come from."""

    hf_url: AnyHttpUrl = AnyHttpUrl("https://huggingface.co")
    """Where the daily list is."""
    arxiv_api_url: AnyHttpUrl = AnyHttpUrl("https://export.arxiv.org/api/query")
    """Where arXiv's metadata is."""
    arxiv_url: AnyHttpUrl = AnyHttpUrl("https://arxiv.org")
    """Where a paper's HTML and PDF are."""
    arxiv_feed_url: AnyHttpUrl = AnyHttpUrl("https://rss.arxiv.org/atom")
    """Where a category's announcements are."""
    arxiv_oai_url: AnyHttpUrl = AnyHttpUrl("https://oaipmh.arxiv.org/oai")
    """Where metadata is in bulk, for past days of a category."""
    arxiv_interval: float = Field(default=3, ge=0)
    """Seconds between two requests to arXiv, over all processes of the machine. arXiv's terms of use ask for 3."""
    text_budget: int = Field(default=16_000, ge=0, le=200_000)
    """How many tokens of a paper's text the model reads; `0`: the abstract alone."""


class BudgetSettings(_Group):
    """The limits on spending."""

    usd_per_run: _Float | None = Field(default=None, gt=0)
    """US dollars that a run cannot exceed."""
    usd_per_month: _Float | None = Field(default=None, gt=0)
    """US dollars that a calendar month (UTC) cannot exceed."""


def _word(text: str) -> str:
    if not any(map(str.isalnum, text)):
        raise ValueError("it should have a letter or a digit")
    return unicodedata.normalize("NFC", text)


_Word = Annotated[str, AfterValidator(_word)]


class ProfileSettings(_Group):
    """A reader's interests, by which papers of an arXiv category are chosen."""

    keywords: dict[_Word, Annotated[_Float, Field(gt=0, le=1e9)]] = Field(default_factory=dict)
    """Words and phrases to look for, each with its weight: `{"retrieval": 2.0}`."""
    authors: tuple[_Word, ...] = ()
    """Authors whose papers come first: `["Ada Example"]`."""
    excluded: tuple[_Word, ...] = ()
    """Words that exclude a paper: `["medical"]`."""
    limit: _Int = Field(default=20, ge=1)
    """How many papers of a category's day are taken."""


def _split(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value


class NotifySettings(_Group):
    """The channels that are told of each day. Their addresses hold tokens and passwords."""

    urls: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)] = ()
    """Addresses of [apprise](https://appriseit.com/services/), separated by spaces; in TOML a list."""
    layout: LayoutName = "sections"
    """The layout that they get."""


class SiteSettings(_Group):
    """The reading site."""

    title: str = Field(default="오늘의 논문", min_length=1, max_length=100)
    """The site's name."""
    base_url: AnyHttpUrl | None = None
    """Where the site is published, for the absolute addresses in feeds and link previews."""
    media: Literal["link", "store"] = "link"
    """`link`: pages load thumbnails from Hugging Face; `store`: the site keeps copies (needs the extra `site`)."""


class RaySettings(_Group):
    """The Ray cluster of `backfill --engine ray`."""

    address: str | None = Field(default=None, pattern=r"^(auto|[^\s/]+:\d+)$")
    """A running cluster, `host:port` or `auto`. If not set: a Ray of this machine, for this run."""
    storage: str | None = Field(default=None, min_length=1)
    """A folder that every node reaches under this name, or `s3://…`, of one run at a time. If not set: `ray` in the
    state folder."""


class Price(_Group):
    """US dollars for a million tokens; `cached` for those of the input that the provider had cached."""

    input: _Float = Field(ge=0)
    output: _Float = Field(ge=0)
    cached: _Float | None = Field(default=None, ge=0)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, or a name that is a path
        raise ValueError("not a time zone; give one like Asia/Seoul") from None
    return name


class Settings(BaseSettings):
    """All settings but the model's key and address."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        env_prefix=_PREFIX,
        env_nested_delimiter="__",
        toml_file=TOML,
    )

    llm: LlmSettings = LlmSettings()
    sources: SourceSettings = SourceSettings()
    profile: ProfileSettings = ProfileSettings()
    budget: BudgetSettings = BudgetSettings()
    notify: NotifySettings = NotifySettings()
    site: SiteSettings = SiteSettings()
    ray: RaySettings = RaySettings()
    prices: dict[str, Price] = Field(default_factory=dict)
    """US dollars for a million tokens of models whose price is not known:
    `{"my-model": {"input": 0.1, "output": 0.4, "cached": 0.05}}`."""
    lookback_days: _Int = Field(default=3, ge=0, le=31)
    """How many earlier days each night looks at again."""
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The time zone that says which day is today. The days of a list are always UTC."""
    deadline: _Float = Field(default=3 * 3600, gt=0)
    """Seconds after which a night asks about no further paper."""
    ping_url: AnyHttpUrl | None = None
    """A monitor's address, called at each night's start (`/start`), success and failure (`/fail`), as for
    healthchecks.io."""
    output_dir: _Folder = Path("output")
    """Where the digests go."""
    state_dir: _Folder = Path(".pipeline")
    """Where the ledger, the log and the lock are."""
    keep_source_texts: bool = True
    """Whether records keep the cited sentences of a paper, or (`false`) only their places."""
    wait_scale: float = Field(default=1, ge=0)
    """Multiplies every wait between retries; for tests."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, TomlConfigSettingsSource(settings_cls)


class EndpointSettings(BaseModel):
    """A provider's key and address, as `load_endpoint` takes them from the environment."""

    model_config = ConfigDict(frozen=True)

    api_key: SecretStr | None = None
    base_url: AnyHttpUrl | None = None

    @property
    def key(self) -> str | None:
        """The key in plain text, for the client only: it must not be shown or kept."""
        return self.api_key.get_secret_value() if self.api_key else None

    @property
    def url(self) -> str:
        """The address, also where OPENAI_BASE_URL is empty, which the client itself would use as it is."""
        return str(self.base_url or OPENAI)


def load() -> Settings:
    """Load the settings of this process; ConfigError says which one is wrong and what to do."""
    _reject_unknown_variables()
    try:
        settings = Settings()
    except ValidationError as error:
        raise ConfigError(_explain(error)) from None
    except SettingsError as error:
        raise ConfigError(_not_json(error)) from None
    except (ValueError, OSError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise ConfigError(f"{TOML} cannot be read: {error}. Correct it or remove the file.") from None
    _hide_secrets(settings)
    return settings


def load_endpoint(provider: str = "openai") -> EndpointSettings:
    """Load a provider's endpoint from the variables in its line; ConfigError names the one that is invalid."""
    line, given = PROVIDERS[provider], {name.upper(): value for name, value in os.environ.items()}
    key, url = given.get(line.key, "").strip(), given.get(line.url)  # white space of a paste
    if not re.fullmatch("[!-~]*", key):  # a placeholder or a wrong paste
        raise ConfigError(f"{line.key} has characters that no key has; copy the key again.")
    try:
        endpoint = EndpointSettings.model_validate({"api_key": key or None, "base_url": url or None})
    except ValidationError:
        raise ConfigError(f"{line.url} is not an http address; give one like http://127.0.0.1:8080/v1.") from None
    hide(key)
    hide_url(str(endpoint.base_url or ""))
    return endpoint


def endpoints(llm: LlmSettings, openai: EndpointSettings) -> dict[str, float]:
    """Return the addresses of the model, each with its weight; ConfigError if neither key nor address is set."""
    if llm.endpoints:
        return {str(url): weight for url, weight in llm.endpoints.items()}
    if openai.api_key is None and openai.base_url is None:
        raise ConfigError(
            "No model: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own. "
            "`pipeline run --sample` needs neither."
        )
    return {openai.url: 1.0}


def shipped(folder: str) -> Path:
    """Return a folder that ships with the program (`prompts`, `seeds`): in the wheel, or in the checkout."""
    installed = Path(__file__).parents[1] / "_data" / folder
    return installed if installed.is_dir() else Path(__file__).parents[2] / folder


def _hide_secrets(settings: Settings) -> None:
    of = settings.sources
    for url in (of.hf_url, of.arxiv_api_url, of.arxiv_url, of.arxiv_feed_url, of.arxiv_oai_url):
        hide_url(str(url))
    hide_url(str(settings.ping_url or ""), path=True)
    for secret in settings.notify.urls:
        hide_service(secret.get_secret_value())


def _reject_unknown_variables() -> None:
    """Raise ConfigError for unknown names at the top level, which pydantic-settings ignores."""
    for key in os.environ:
        name = key.removeprefix(_PREFIX).lower()
        if key.startswith(_PREFIX) and name.split("__")[0] not in Settings.model_fields:
            raise ConfigError(_unknown(name.replace("__", ".")))


def _not_json(error: SettingsError) -> str:
    """Explain an error of which pydantic-settings names only the field; the cause is always the same."""
    named = re.search(r'field "(\w+)"', str(error))
    name = f"{_PREFIX}{named[1].upper()}" if named else f"A {_PREFIX} variable"
    return f"{name} is not JSON; correct it, or give the setting in {TOML}{_like_a_price(name)}."


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return _unknown(name)
    if first["type"] == "missing":
        return f"The setting {_names(name)} is missing{_like_a_price(name)}."
    wrong = _MESSAGES.get(first["type"]) or first["msg"].removeprefix("Value error, ")
    # An address may contain a secret, and an invalid one cannot be parsed to hide it.
    value = "not shown" if name.endswith("url") or name.startswith("notify.urls") else repr(first["input"])
    return f"The setting {_names(name)} is {value}: {wrong[0].lower()}{wrong[1:]}{_like_a_price(name)}."


def _like_a_price(name: str) -> str:
    """Return an example of a price, if the setting is one. In TOML a model's name with a dot must be quoted."""
    example = '; a price is like {"my-model": {"input": 0.1, "output": 0.4}}, in TOML under [prices."my-model"]'
    return example if name.split(".")[0] in ("prices", f"{_PREFIX}PRICES") else ""


def _unknown(name: str) -> str:
    within = name.rpartition(".")[0]
    of_a_price = [f"{within}.{field}" for field in Price.model_fields] if within.startswith("prices.") else []
    near = difflib.get_close_matches(name, of_a_price or _known(Settings), n=1, cutoff=0.0)
    return f"Unknown setting {_names(name)}; the nearest known one is {_names(near[0])}{_like_a_price(name)}."


def _known(model: type[BaseModel], prefix: str = "") -> list[str]:
    names: list[str] = []
    for name, field in model.model_fields.items():
        nested = field.annotation
        if isinstance(nested, type) and issubclass(nested, BaseModel):
            names += _known(nested, f"{prefix}{name}.")
        else:
            names.append(prefix + name)
    return names


def _names(name: str) -> str:
    """Return a setting's names in TOML and in the environment, where all prices are one variable."""
    variable = "prices" if name.startswith("prices.") else name
    return f"{name} ({_PREFIX}{variable.replace('.', '__').upper()})"
