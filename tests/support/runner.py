"""GitHub's runner in small: the shell steps of a workflow, read from its YAML and run in clones of a bare remote.

Actions are left out: the clone stands for checkout, this Python for setup-python and for the step "Install".
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"
BIN = Path(sys.executable).parent
# What GitHub documents for `run` without and with `shell: bash`.
SHELLS = {None: ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}


class Ran(NamedTuple):
    """The end of a job: the exit code of the step that ended it, all that was said, and the job summary."""

    code: int
    said: str
    summary: str


def workflow(name: str) -> dict[Any, Any]:
    """A workflow as YAML 1.1 reads it: the key `on` is True."""
    found: dict[Any, Any] = yaml.safe_load((WORKFLOWS / name).read_text("utf-8"))
    return found


def steps(name: str) -> Iterator[dict[str, Any]]:
    """Every step of every job."""
    for job in workflow(name)["jobs"].values():
        yield from job["steps"]


def minimal_environment(home: Path) -> dict[str, str]:
    """Return an environment that has nothing of ours but the code under test."""
    path = {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
    return {"HOME": str(home), "PATH": f"{BIN}:/usr/bin:/bin", "LANG": "C.UTF-8", **path}


class Remote:
    """A repository on a server, and those who push to it. It begins with this one's `deploy`, and `more` files."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder = folder
        self.url = (folder / "remote.git").as_uri()
        self._git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
        first = folder / "first"
        for name in ("deploy", ".gitignore", *more):
            (shutil.copytree if (ROOT / name).is_dir() else _copy)(ROOT / name, first / name)
        self._git(first, "init", "--quiet", "--initial-branch=main")
        self._git(first, "remote", "add", "origin", self.url)
        self.push(first, "first")

    def checkout(self, name: str, *, depth: int = 1) -> Path:
        """A fresh shallow clone on its branch, as actions/checkout makes it."""
        self._git(self.folder, "clone", "--quiet", f"--depth={depth}", self.url, name)
        return self.folder / name

    def push(self, clone: Path, message: str, **when: str) -> None:
        """Commit all that is in a clone, and push it."""
        self._git(clone, "add", "--all")
        self._git(clone, "commit", "--quiet", "--allow-empty", "--message", message, **when)
        self._git(clone, "push", "--quiet", "origin", "HEAD:main")

    def log(self) -> list[str]:
        """Author and subject of each commit, the newest first."""
        return self._git(self.folder / "remote.git", "log", "--format=%an: %s", "main").splitlines()

    def files(self) -> list[str]:
        """The paths of the newest commit outside `deploy`."""
        every = self._git(self.folder / "remote.git", "ls-tree", "-r", "--name-only", "main").splitlines()
        return [path for path in every if not path.startswith(("deploy/", "."))]

    def read(self, path: str) -> str:
        """A file of the newest commit."""
        return self._git(self.folder / "remote.git", "show", f"main:{path}")

    def _git(self, folder: Path, *arguments: str, **more: str) -> str:
        people = {f"GIT_{who}_{what}": "someone" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = minimal_environment(self.folder) | people | more
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def run_job(name: str, job: str, workspace: Path, contexts: Mapping[str, str], environment: Mapping[str, str]) -> Ran:
    """The shell steps of a job, until one fails. `contexts` are the values of expressions such as `inputs.date`."""
    temporary = workspace.with_name(f"{workspace.name}-temp")
    temporary.mkdir()
    summary = temporary / "summary.md"
    summary.touch()
    theirs = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    code, said = 0, ""
    for number, step in enumerate(workflow(name)["jobs"][job]["steps"]):
        if "uses" in step or step.get("name") == "Install":
            continue
        script = temporary / f"{number}.sh"
        script.write_text(step["run"])
        ours = {key: evaluate(value, contexts) for key, value in step.get("env", {}).items()}
        done = subprocess.run(
            [*SHELLS[step.get("shell")], str(script)],
            cwd=workspace,
            env=minimal_environment(workspace.parent) | theirs | dict(environment) | ours,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        code, said = done.returncode, said + done.stdout
        if code:
            break
    return Ran(code, said, summary.read_text("utf-8"))


def starts(name: str, job: str, contexts: Mapping[str, str]) -> bool:
    """Whether a job's `if` lets it run in a run that is not cancelled; we use `!cancelled()`, `==` and `&&`."""
    terms = [term.strip() for term in workflow(name)["jobs"][job]["if"].split("&&")]
    compared = [term.split(" == ") for term in terms if term != "!cancelled()"]
    return all(contexts.get(name, "") == value.strip("'") for name, value in compared)


def evaluate(value: str, contexts: Mapping[str, str]) -> str:
    """A value with its expressions put in; of those we use names, 'texts' and `||`."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: _first(found[1].split("||"), contexts), value)


def _first(terms: list[str], contexts: Mapping[str, str]) -> str:
    values = (term.strip()[1:-1] if "'" in term else contexts.get(term.strip(), "") for term in terms)
    return next(filter(None, values), "")
