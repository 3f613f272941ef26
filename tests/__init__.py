"""The tests. `unit`: no process, no socket. `integration`: a module with real ones. `system`: the command line."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases"
