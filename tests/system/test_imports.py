"""What is not loaded before it is needed: what a command does not use must not slow its start."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("code", "unloaded"),
    [
        ("from pipeline import layouts; layouts.parse('## 제목: x')", "jinja2"),
        ("import pipeline.sources.ranking", "bm25s"),
        ("import pipeline.sources.ranking", "numpy"),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str, unloaded: str) -> None:
    program = f"import sys; {code}; sys.exit({unloaded!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
