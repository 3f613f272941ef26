"""Writes two whole recorded days, from lists on loopback to files, by the embedded writer: `make e2e`.

`python -m tests.eval.e2e FOLDER` writes the digests to FOLDER and ends with 1 if a day is not accounted for.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.support.fakes import ReplaySources

DAYS = ("2024-08-22", "2026-06-16")


def digest(day: str, sources: ReplaySources, folder: Path, *options: str) -> dict[str, object]:
    """One day through the command line; gives the account of its one layout, the exit code and the seconds."""
    env = os.environ | {
        "PIPELINE_LLM__PROVIDER": "embedded",
        "PIPELINE_SOURCES__HF_URL": sources.hf_url,
        "PIPELINE_SOURCES__ARXIV_API_URL": sources.arxiv_url,
        "PIPELINE_OUTPUT_DIR": str(folder),
        "PIPELINE_STATE_DIR": str(folder / ".pipeline"),
    }
    command = [sys.executable, "-m", "pipeline", "run", "--date", day, "--json", *options]
    started = time.monotonic()
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=False)
    account: dict[str, object] = json.loads(done.stdout)["layouts"][0] if done.stdout else {}
    return account | {"exit": done.returncode, "seconds": round(time.monotonic() - started, 1)}


def main() -> int:
    """Run both days and print their accounts."""
    folder, data = Path(sys.argv[1]), os.environ.get("TEST_DATA")
    if not data:
        print("TEST_DATA is not set: it names the folder with the recorded days.", file=sys.stderr)
        return 2
    with ReplaySources(Path(data) / "recordings") as sources:
        accounts = {day: digest(day, sources, folder) for day in DAYS}
    for day, account in accounts.items():
        print(day, json.dumps(account, ensure_ascii=False, indent=1))
    return 0 if all(account["exit"] in (0, 3) for account in accounts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
