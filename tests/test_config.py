"""Settings: environment over `pipeline.toml`, and one clear sentence for each way to get them wrong."""

from pathlib import Path

import pytest

from pipeline.config import load, load_openai, shipped
from pipeline.errors import ConfigError


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
        ("PIPELINE_LLM__PROVIDER", "magic", "'openai' or 'embedded'"),
        ("PIPELINE_SOURCES__HF_URL", "nowhere", "valid url"),
        ("PIPELINE_SOURCES__ARXIV_INTERVAL", "-1", "greater than or equal to 0"),
        ("PIPELINE_LLM", "x", "cannot be read"),
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


def test_the_key_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
    assert "sk-planted" not in repr(load_openai())
    monkeypatch.setenv("OPENAI_BASE_URL", "not a url")
    with pytest.raises(ConfigError, match="OPENAI_BASE_URL"):
        load_openai()


def test_empty_variables_are_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    monkeypatch.setenv("OPENAI_BASE_URL", "")
    assert load_openai().api_key is None
    assert load_openai().base_url is None


def test_shipped_files_are_found() -> None:
    assert (shipped("prompts") / "sections.md.j2").is_file()
    assert (shipped("seeds") / "sections" / "2024-08-22.md").is_file()
