"""Settings: environment over `pipeline.toml`, and one clear sentence for each way to get them wrong."""

from pathlib import Path

import pytest

from pipeline.core.config import load, load_endpoint, shipped
from pipeline.core.errors import ConfigError
from pipeline.core.providers import PROVIDERS, Provider
from pipeline.llm.embedded.weights import NAME


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_environment_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "pipeline.toml").write_text('output_dir = "there"\n[llm]\nmodel = "from-file"\nconcurrency = 3\n')
    monkeypatch.setenv("PIPELINE_LLM__MODEL", "from-environment")
    settings = load()
    assert settings.llm.model == "from-environment"
    assert settings.llm.concurrency == 3
    assert settings.output_dir == Path("there")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PIPELINE_LLM__MODLE", "x", "nearest known one is llm.model"),
        ("PIPELINE_OUTPUTDIR", "x", "nearest known one is output_dir"),
        ("PIPELINE_LLM__CONCURRENCY", "0", "greater than or equal to 1"),
        ("PIPELINE_LLM__CONCURRENCY", "many", "valid integer"),
        ("PIPELINE_LLM__PROVIDER", "magic", " or ".join(map(repr, PROVIDERS))),
        ("PIPELINE_SOURCES__HF_URL", "nowhere", "valid URL"),
        ("PIPELINE_SOURCES__ARXIV_INTERVAL", "-1", "greater than or equal to 0"),
        ("PIPELINE_LLM", "x", "PIPELINE_LLM is not JSON; correct it"),
    ],
)
def test_a_wrong_variable_is_named(name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=says):
        load()


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (b"[llm", "pipeline.toml cannot be read"),
        (b"x = '\xff'", "pipeline.toml cannot be read"),
        (b"[llm]\nmodle = 'x'", "nearest known one is llm.model"),
        (b"[llm]\nmodel = 3", "valid string"),
        (b"openai_api_key = 'k'", "Unknown setting openai_api_key"),
    ],
)
def test_a_wrong_file_is_named(toml: bytes, says: str, folder: Path) -> None:
    (folder / "pipeline.toml").write_bytes(toml)
    with pytest.raises(ConfigError, match=says):
        load()


MONEY = ("PIPELINE_BUDGET__USD_PER_RUN", "PIPELINE_BUDGET__USD_PER_MONTH")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        *((name, value, "greater than 0") for name in (*MONEY, "PIPELINE_DEADLINE") for value in ("0", "-1")),
        *(
            (name, value, "finite")
            for name in (*MONEY, "PIPELINE_DEADLINE")
            for value in ("nan", "inf", "-inf", "1e999")
        ),
        *((name, value, "valid number") for name in (*MONEY, "PIPELINE_DEADLINE") for value in ("", "much", "true")),
        ("PIPELINE_BUDGET", "5", "budget .* is 5: it should be a table of names and values"),
        ("PIPELINE_BUDGET__USD_PER_NIGHT", "5", "nearest known one is budget.usd_per_"),
        ("PIPELINE_LOOKBACK_DAYS", "-1", "greater than or equal to 0"),
        ("PIPELINE_LOOKBACK_DAYS", "32", "less than or equal to 31"),
        *(("PIPELINE_LOOKBACK_DAYS", value, "valid integer") for value in ("", "1.5", "nan", "week")),
        *(
            ("PIPELINE_TIMEZONE", value, "like Asia/Seoul")
            for value in ("", "Seoul", "Asia", "../UTC", "/etc/localtime")
        ),
        *(("PIPELINE_PING_URL", value, "valid URL") for value in ("", "ping", "http://", "example.org/ping")),
        ("PIPELINE_PING_URL", "ftp://example.org", "begin with http:// or https://"),
        ("PIPELINE_PRICES", "cheap", r"PIPELINE_PRICES is not JSON; .* like \{"),
        ("PIPELINE_PRICES", "[]", "a table of names and values"),
        ("PIPELINE_PRICES", '{"m": 3}', r"prices.m \(PIPELINE_PRICES\) is 3: it should be a table .* like \{"),
        ("PIPELINE_PRICES", '{"m": {"input": 1}}', r"prices.m.output \(PIPELINE_PRICES\) is missing; .* like \{"),
        ("PIPELINE_PRICES", '{"m": {"input": -1, "output": 1}}', r"prices.m.input .* is -1: .* or equal to 0"),
        ("PIPELINE_PRICES", '{"m": {"input": 1, "output": -0.1}}', r"prices.m.output .* or equal to 0"),
        ("PIPELINE_PRICES", '{"m": {"input": 1, "output": 1, "cached": -1}}', r"prices.m.cached .* or equal to 0"),
        ("PIPELINE_PRICES", '{"m": {"input": NaN, "output": 1}}', r"prices.m.input .* finite"),
        ("PIPELINE_PRICES", '{"m": {"input": 1, "output": Infinity}}', r"prices.m.output .* finite"),
        ("PIPELINE_PRICES", '{"m": {"input": "a", "output": 1}}', r"prices.m.input .* valid number"),
        ("PIPELINE_PRICES", '{"m": {"input": true, "output": 1}}', r"prices.m.input .* is True: it should be a number"),
        ("PIPELINE_PRICES", '{"m": {"input": 1, "output": 1, "cache": 1}}', "nearest known one is prices.m.cached"),
    ],
)
def test_an_impossible_night_is_refused(name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=says) as refused:
        load()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[budget]\nusd_per_run = true", "usd_per_run .* is True: it should be a number"),
        ("[budget]\nusd_per_month = 'x'", "usd_per_month .* is 'x': input should be a valid number"),
        ("budget = 3", "it should be a table of names and values"),
        ("lookback_days = true", "it should be a number"),
        ("lookback_days = 0.5", "valid integer"),
        ("deadline = true", "it should be a number"),
        ("deadline = []", "valid number"),
        ("timezone = 9", "valid string"),
        ("ping_url = 9", "it should be an address"),
        ("prices = 9", "it should be a table of names and values"),
        ("[prices.m]\ninput = nan\noutput = 1", "prices.m.input .* finite"),
        ("[prices.m]\ninput = 1\noutput = 1\ncaches = 1", "nearest known one is prices.m.cached"),
        ("[prices.m-1.5]\ninput = 1\noutput = 1", r'prices.m-1.input .* is missing; .* under \[prices."my-model"\]'),
    ],
)
def test_an_impossible_night_in_the_file_is_refused(toml: str, says: str, folder: Path) -> None:
    (folder / "pipeline.toml").write_text(toml)
    with pytest.raises(ConfigError, match=says):
        load()


def test_prices_are_of_models_by_any_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "pipeline.toml").write_text('[prices."lab/m-1.5"]\ninput = 1\noutput = 2\n')
    assert load().prices["lab/m-1.5"].output == 2
    monkeypatch.setenv("PIPELINE_PRICES", '{"m": {"input": 0, "output": 0, "cached": 0}}')
    assert load().prices["m"].cached == 0


def test_the_key_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    assert "sk-planted" not in repr(load_endpoint())
    monkeypatch.setenv("OPENAI_BASE_URL", "not a url")
    with pytest.raises(ConfigError, match="OPENAI_BASE_URL"):
        load_endpoint()


def test_empty_variables_are_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setenv("OPENAI_BASE_URL", "")
    assert load_endpoint().api_key is None
    assert load_endpoint().base_url is None
    assert load_endpoint().url == "https://api.openai.com/v1"  # the client itself would ask an address that is empty


@pytest.mark.parametrize("key", ["sk-여기에키를넣으세요", "“sk-abcdefghijk”", "sk-abc def", "sk-abc\ndef"])
def test_what_can_be_no_key_is_named_and_not_shown(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY has characters that no key has") as caught:
        load_endpoint()
    assert "sk-" not in str(caught.value)


def test_a_key_is_taken_without_the_white_space_of_a_paste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " sk-abcdefgh\n")
    assert load_endpoint().key == "sk-abcdefgh"


def test_a_providers_variables_have_any_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROVIDERS, "heron", Provider("heron", key="HERON_TOKEN", url="HERON_HOST"))
    monkeypatch.setenv("HERON_TOKEN", " token-1\n")
    monkeypatch.setenv("HERON_HOST", "http://127.0.0.1:1")
    endpoint = load_endpoint("heron")
    assert (endpoint.key, str(endpoint.base_url)) == ("token-1", "http://127.0.0.1:1/")
    monkeypatch.setenv("HERON_HOST", "nonsense")
    with pytest.raises(ConfigError, match="HERON_HOST is not an http address"):
        load_endpoint("heron")
    monkeypatch.setenv("HERON_TOKEN", "token 1")
    with pytest.raises(ConfigError, match="HERON_TOKEN has characters"):
        load_endpoint("heron")


@pytest.mark.parametrize("name", ["PIPELINE_OUTPUT_DIR", "PIPELINE_STATE_DIR"])
def test_a_folder_is_named_as_in_a_shell(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "~/digests")
    assert Path.home() / "digests" in (load().output_dir, load().state_dir)
    monkeypatch.setenv(name, "")
    with pytest.raises(ConfigError, match="it should name a folder"):
        load()


def test_shipped_files_are_found() -> None:
    assert (shipped("prompts") / "sections.md.j2").is_file()
    assert (shipped("seeds") / "sections" / "2024-08-22.md").is_file()


def test_the_default_model_is_the_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().llm.model == "gpt-6-luna"
    monkeypatch.setenv("PIPELINE_LLM__PROVIDER", "embedded")
    assert load().llm.model == NAME


def test_a_provider_without_a_default_model_wants_one_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROVIDERS, "acme", Provider("acme"))
    monkeypatch.setenv("PIPELINE_LLM__PROVIDER", "acme")
    with pytest.raises(ConfigError, match=r"llm\.model \(PIPELINE_LLM__MODEL\) .* name a model of acme"):
        load()
    monkeypatch.setenv("PIPELINE_LLM__MODEL", "")
    with pytest.raises(ConfigError, match="name a model of acme"):
        load()
    monkeypatch.setenv("PIPELINE_LLM__MODEL", "acme-1")
    assert load().llm.model == "acme-1"
