"""What `deploy/` offers besides GitHub: the crontab's command and the unit's ExecStart are really run.

As cron and systemd would: from the file, with their environment and nothing of ours. The image is not built here.
"""

import configparser
import datetime as dt
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from filelock import FileLock

from tests import ROOT
from tests.support.runner import BIN
from tests.support.world import World

DEPLOY = ROOT / "deploy"
UNITS = ("paper-digest.service", "paper-digest.timer")


@pytest.fixture
def today(world: World) -> dt.date:
    """Today, with one paper on its list."""
    day = dt.datetime.now(dt.UTC).date()
    world.sources.add(str(day), "2408.00001", "Alpha Networks")
    return day


def put_program(prefix: Path) -> None:
    """A virtual environment's program where the deployment has it."""
    (prefix / ".venv" / "bin").mkdir(parents=True)
    (prefix / ".venv" / "bin" / "pipeline").symlink_to(BIN / "pipeline")


def put_settings(world: World, path: Path) -> None:
    """The file with the key, which only its owner reads, and what points the program at the fakes."""
    settings = world.settings() | {"OPENAI_API_KEY": "sk-planted", "PIPELINE_LLM__SECOND_READER": "false"}
    if "PYTHONPATH" in os.environ:  # the code under test need not be the installed one
        settings["PYTHONPATH"] = os.environ["PYTHONPATH"]
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


def run(command: list[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


# ---- cron


def crontab() -> tuple[dict[str, str], list[str], str]:
    """The variables, the five fields and the command of the only line."""
    lines = [line for line in (DEPLOY / "crontab").read_text("utf-8").splitlines() if not line.startswith("#")]
    variables = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]+=", line))
    (job,) = (line for line in lines if not re.match(r"[A-Z]+=", line))
    *fields, command = job.split(None, 5)
    return variables, fields, command


@pytest.fixture
def home(world: World, tmp_path: Path) -> Path:
    """The home of someone who set the crontab up as docs/deploy.md says."""
    put_program(tmp_path / "paper-digest")
    put_settings(world, tmp_path / "paper-digest" / ".env")
    return tmp_path


def as_cron(home: Path) -> subprocess.CompletedProcess[str]:
    variables, _, command = crontab()
    environment = {"HOME": str(home), "LOGNAME": "someone", "SHELL": "/bin/sh"} | variables
    return run(["/bin/sh", "-c", command], home, environment)


def test_the_crontab_is_one_line_at_an_odd_minute() -> None:
    _, fields, command = crontab()
    assert len(fields) == 5
    assert fields[2:] == ["*", "*", "*"]
    assert int(fields[0]) % 5
    assert int(fields[1]) in range(24)
    assert "%" not in command  # cron makes a newline of it


def test_the_crontab_runs_in_the_environment_of_cron(home: Path, today: dt.date) -> None:
    done = as_cron(home)
    log = (home / "paper-digest" / "nightly.log").read_text()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), log
    digest = f"output/sections/{today:%Y/%m/%d}.md"
    assert (home / "paper-digest" / digest).exists()
    assert digest in log
    assert "sk-planted" not in log


def test_a_second_night_at_the_same_time_ends_at_once(home: Path, world: World, today: dt.date) -> None:
    (home / "paper-digest" / ".pipeline").mkdir()
    with FileLock(home / "paper-digest" / ".pipeline" / "run.lock"):
        assert as_cron(home).returncode == 5
    assert world.model.calls == []


def test_a_missing_key_file_is_said_to_cron(home: Path) -> None:
    (home / "paper-digest" / ".env").unlink()
    done = as_cron(home)
    assert done.returncode
    assert ".env" in done.stderr


def test_what_the_crontab_writes_into_the_checkout_is_ignored_by_git() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {".env", ".venv/", ".pipeline/", "nightly.log"} <= set(ignored)
    assert "output/" not in ignored


# ---- systemd


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign] # names of options keep their case
    parser.read(DEPLOY / name)
    return parser


def as_systemd(world: World, root: Path) -> subprocess.CompletedProcess[str]:
    """ExecStart in its folder with its variables; each absolute path of the unit stands under `root`."""
    service = unit(UNITS[0])["Service"]
    key = root / service["EnvironmentFile"][1:]
    key.parent.mkdir(parents=True, exist_ok=True)
    put_settings(world, key)
    command = shlex.split(service["ExecStart"])
    if not (root / command[0][1:]).exists():
        put_program((root / command[0][1:]).parents[2])
    folder = root / service["WorkingDirectory"][1:]
    folder.mkdir(parents=True, exist_ok=True)
    variables = dict(line.split("=", 1) for line in key.read_text().splitlines())
    given = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "STATE_DIRECTORY": str(folder)}
    return run([str(root / command[0][1:]), *command[1:]], folder, given | variables)


def test_the_unit_runs(world: World, tmp_path: Path, today: dt.date) -> None:
    done = as_systemd(world, tmp_path)
    assert done.returncode == 0, done.stderr
    service = unit(UNITS[0])["Service"]
    state = Path("/var/lib") / service["StateDirectory"]
    assert str(state) == service["WorkingDirectory"]
    assert (tmp_path / state.relative_to("/") / f"output/sections/{today:%Y/%m/%d}.md").exists()


def test_a_night_with_papers_held_back_is_no_failed_unit(world: World, tmp_path: Path, today: dt.date) -> None:
    world.model.say = lambda body: "{}"
    code = as_systemd(world, tmp_path).returncode
    assert code == 3
    assert str(code) in unit(UNITS[0])["Service"]["SuccessExitStatus"].split()


def test_the_unit_shares_the_lock_that_paces_arxiv() -> None:
    from pipeline.core.pace import ARXIV_LOCK

    service = unit(UNITS[0])["Service"]
    assert service.get("PrivateTmp") is None
    assert service["ReadWritePaths"] == "/tmp"
    assert ARXIV_LOCK.parent == Path(os.environ.get("TMPDIR", "/tmp"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd on this machine")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    put_program(tmp_path / "opt")
    for name in UNITS:
        text = (DEPLOY / name).read_text("utf-8").replace("/opt/paper-digest/", f"{tmp_path}/opt/")
        (tmp_path / name).write_text(text)
    done = run(["systemd-analyze", "verify", "--man=no", *UNITS], tmp_path, os.environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    calendar = unit(UNITS[1])["Timer"]["OnCalendar"]
    assert run(["systemd-analyze", "calendar", calendar], tmp_path, os.environ).returncode == 0


# ---- Docker


def test_the_image_gets_all_that_the_package_is_made_of_and_no_more() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = {word for line in text.splitlines() if line.startswith("COPY ") for word in line.split()[1:-1]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    parts = {project["project"]["readme"], *project["project"]["license-files"]}
    assert copied == {"pyproject.toml", *parts, *wheel["packages"], *wheel["force-include"]}
    assert "USER digest" in text
