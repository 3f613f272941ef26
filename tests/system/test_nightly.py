"""The workflows: valid, safe, and their steps really run in clones of a bare remote, against fakes on loopback."""

import datetime as dt
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline.core.text import printable
from tests import ROOT
from tests.support.fake_model import error
from tests.support.fakes import HF_PATH, Answer, Asked, Server
from tests.support.runner import BIN, WORKFLOWS, Ran, Remote, run_job, starts, steps, workflow
from tests.support.world import DAY, World, title_of, write

NAMES = sorted(path.name for path in WORKFLOWS.glob("*.yml"))
BOT = "github-actions[bot]"
DIGEST = "output/sections/2024/08/22.md"
HOSTILE = "Alpha</code></div><script>alert(1)</script> | [a](http://b.example) @someone `x` ##[add-mask]a ::error::b"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on this machine")


# ---- as they stand


def test_they_keep_the_schema_of_workflows() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, *(WORKFLOWS / name for name in NAMES)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert NAMES == ["check.yml", "nightly.yml"]


@pytest.mark.parametrize("name", NAMES)
def test_expressions_stay_out_of_the_shell(name: str) -> None:
    for step in steps(name):
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("name", NAMES)
def test_actions_are_pinned_by_commit(name: str) -> None:
    for step in steps(name):
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}|", step.get("uses", ""))


def test_only_the_night_may_write_and_has_secrets_and_only_the_site_may_deploy() -> None:
    rights = {name: [job["permissions"] for job in workflow(name)["jobs"].values()] for name in NAMES}
    deploys = {"contents": "read", "pages": "write", "id-token": "write"}
    assert rights == {"nightly.yml": [{"contents": "write"}, deploys], "check.yml": [{"contents": "read"}] * 2}
    assert [workflow(name)["permissions"] for name in NAMES] == [{}, {}]
    assert "secrets." not in (WORKFLOWS / "check.yml").read_text()
    assert "secrets." not in json.dumps(workflow("nightly.yml")["jobs"]["site"])


def test_a_second_trigger_waits_and_then_sees_what_the_first_pushed() -> None:
    assert workflow("nightly.yml")["concurrency"] == {"group": "nightly", "cancel-in-progress": False}
    checkouts = [step for step in steps("nightly.yml") if step.get("uses", "").startswith("actions/checkout@")]
    assert [checkout["with"]["ref"] for checkout in checkouts] == ["${{ github.ref }}"] * 2


def test_the_shell_scripts_are_clean() -> None:
    scripts = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "deploy").glob("*.sh"))
    done = subprocess.run([BIN / "shellcheck", *scripts], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


# ---- a night


class Fork:
    """Someone's fork on GitHub: `night` triggers the workflow, `others` is what someone else pushes to it.

    `notified` is the secret with the addresses of those who are told.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.remote = Remote(folder, "output")
        self.folder = folder
        self.nights = 0
        self.notified = ""

    def night(self, **inputs: str) -> Ran:
        self.nights += 1
        settings = self.world.settings() | {"PIPELINE_LLM__CONCURRENCY": "1", "NIGHT_PAUSE": "0"}
        contexts = {"vars.OPENAI_BASE_URL": settings.pop("OPENAI_BASE_URL")}
        contexts |= {f"inputs.{name}": value for name, value in inputs.items()}
        contexts["secrets.NOTIFY_URLS"] = self.notified
        workspace = self.remote.checkout(f"night-{self.nights}")
        return run_job("nightly.yml", "digest", workspace, contexts, settings)

    def others(self, path: str, content: str) -> None:
        self.nights += 1
        clone = self.remote.checkout(f"other-{self.nights}")
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(content)
        self.remote.push(clone, "theirs")


@pytest.fixture
def fork(world: World, tmp_path: Path) -> Fork:
    (tmp_path / "github").mkdir()
    return Fork(world, tmp_path / "github")


def two_papers(world: World, day: str = DAY) -> None:
    world.sources.add(day, "2408.00001", "Alpha Networks", votes=5)
    world.sources.add(day, "2408.00002", "Beta Diffusion", votes=9)


def during(world: World, happens: Callable[[], object]) -> None:
    """Let something happen while the model is asked for the first time."""
    waiting = [happens]

    def say(body: dict[str, Any]) -> str:
        if waiting:
            waiting.pop()()
        return write(body)

    world.model.say = say


def a_site_in(workspace: Path) -> None:
    (workspace / "output" / "site").mkdir()
    (workspace / "output" / "site" / "index.html").touch()


def test_a_night_is_committed_by_the_bot_and_nothing_else_is(fork: Fork) -> None:
    today = dt.datetime.now(dt.UTC).date()
    two_papers(fork.world, str(today))
    during(fork.world, lambda: a_site_in(fork.folder / "night-1"))
    ran = fork.night()
    assert ran.code == 0, ran.said
    assert fork.remote.log() == [f"{BOT}: Digests of the night of {today}", "someone: first"]
    folder = f"output/sections/{today:%Y/%m/%d}"
    assert fork.remote.files() == ["output/.gitkeep", f"{folder}.json", f"{folder}.md"]
    assert fork.remote.read(f"{folder}.md").startswith(f"## Daily Papers ({today})\n")
    assert f"<code>{folder}.md</code>" in ran.summary


def test_a_day_and_layouts_are_asked_for_by_hand(fork: Fork) -> None:
    two_papers(fork.world)
    ran = fork.night(date=DAY, layouts="easy bullets")
    assert ran.code == 0, ran.said
    assert [path for path in fork.remote.files() if path.endswith(".md")] == [
        "output/bullets/2024/08/22.md",
        "output/easy/2024/08/22.md",
    ]


@pytest.mark.parametrize("wrong", [{"date": "--sample"}, {"layouts": "$(touch${IFS}pwned) *"}, {"date": "2999-01-01"}])
def test_wrong_inputs_are_wrong_use_and_no_code(fork: Fork, wrong: dict[str, str]) -> None:
    ran = fork.night(**wrong)
    assert ran.code == 2, ran.said
    assert fork.remote.log() == ["someone: first"]
    assert not list(fork.folder.rglob("pwned"))


def test_a_night_with_nothing_new_commits_nothing_but_to_keep_the_schedule(fork: Fork) -> None:
    two_papers(fork.world)
    fork.night(date=DAY)
    before = fork.remote.log()
    ran = fork.night(date=DAY)
    assert ran.code == 0, ran.said
    assert "in line with 1 record" in ran.said  # the ledger comes from output/: this machine has no other
    assert fork.remote.log() == before
    then = f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=50, hours=1):%Y-%m-%dT%H:%M:%SZ}"
    fork.remote.push(fork.remote.checkout("old"), "long ago", GIT_COMMITTER_DATE=then)
    assert fork.night(date=DAY).code == 0
    kept = f"{BOT}: Keep the schedule: nothing was committed for 50 days"
    assert fork.remote.log() == [kept, "someone: long ago", *before]
    assert len(fork.world.model.calls) == 2


def test_no_key_fails_with_the_remedy(fork: Fork, monkeypatch: pytest.MonkeyPatch) -> None:
    two_papers(fork.world)
    settings = fork.world.settings() | {"OPENAI_BASE_URL": ""}
    monkeypatch.setattr(fork.world, "settings", lambda: settings)
    ran = fork.night(date=DAY)
    assert ran.code == 2
    assert "set OPENAI_API_KEY" in ran.said
    assert "set OPENAI_API_KEY" in unescape(ran.summary)


# ---- a race


def test_other_work_pushed_meanwhile_is_kept(fork: Fork) -> None:
    two_papers(fork.world)
    during(fork.world, lambda: fork.others("NOTES.md", "mine"))
    ran = fork.night(date=DAY)
    assert ran.code == 0, ran.said
    assert fork.remote.log() == [f"{BOT}: Digests of the night of {DAY}", "someone: theirs", "someone: first"]
    assert fork.remote.read("NOTES.md") == "mine"
    assert len(fork.world.model.calls) == 2


def test_digests_pushed_meanwhile_are_not_merged_with_and_nothing_is_paid_twice(fork: Fork) -> None:
    world = fork.world
    two_papers(world)
    world.run("run", "--date", DAY, "--limit", 1)
    theirs = world.output.rename(world.folder / "theirs") / "sections" / "2024" / "08"
    world.model.asked.clear()

    def push() -> None:
        clone = fork.remote.checkout("other")
        shutil.copytree(theirs, clone / "output" / "sections" / "2024" / "08")
        fork.remote.push(clone, "theirs")

    during(world, push)
    ran = fork.night(date=DAY)
    assert ran.code == 0, ran.said
    assert "is run again upon theirs" in ran.said
    assert fork.remote.log() == [f"{BOT}: Digests of the night of {DAY}", "someone: theirs", "someone: first"]
    digest = fork.remote.read(DIGEST)
    assert digest.startswith((theirs / "22.md").read_text("utf-8").rstrip())
    assert digest.count("### [") == 2
    assert len(json.loads(fork.remote.read(DIGEST.replace(".md", ".json")))["entries"]) == 2
    assert sorted(map(title_of, world.model.calls)) == ["Alpha Networks", "Beta Diffusion"]


def test_a_race_that_is_lost_each_time_ends_visibly(fork: Fork, monkeypatch: pytest.MonkeyPatch) -> None:
    two_papers(fork.world)
    pushed = []
    answer = fork.world.sources.answer

    def race(asked: Asked) -> Answer:
        if asked.path == HF_PATH and asked.query["date"] == DAY and asked.query.get("p", "0") == "0":
            pushed.append(asked)
            fork.others("output/notes.md", str(len(pushed)))
        return answer(asked)

    monkeypatch.setattr(fork.world.sources, "answer", race)
    ran = fork.night(date=DAY)
    assert ran.code == 1
    assert "::error::Others changed the digests each time" in ran.said
    assert fork.remote.log() == ["someone: theirs"] * len(pushed) + ["someone: first"]
    assert len(fork.world.model.calls) == 2


def test_a_remote_that_refuses_every_push_ends_visibly(fork: Fork) -> None:
    hook = fork.folder / "remote.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    two_papers(fork.world)
    ran = fork.night(date=DAY)
    assert ran.code == 1
    assert "Push 5 failed" in ran.said
    assert "::error::The digests could not be pushed" in ran.said


# ---- a night that is not whole


def test_papers_held_back_are_in_the_summary_and_no_failure(fork: Fork) -> None:
    two_papers(fork.world)
    fork.world.model.say = lambda body: "{}" if "Alpha" in title_of(body) else write(body)
    ran = fork.night(date=DAY)
    assert ran.code == 0, ran.said
    assert fork.remote.log()[0].startswith(BOT)
    assert "ended with exit code 3" in ran.summary
    row = ("held back", "2408.00001", "Alpha Networks")
    assert f"<tr>{''.join(f'<td><code>{cell}</code></td>' for cell in row)}" in ran.summary


def test_a_model_that_stops_fails_the_job_after_what_there_is_was_pushed(fork: Fork) -> None:
    two_papers(fork.world)
    broke = error(429, "insufficient_quota")

    def say(body: dict[str, Any]) -> str:
        fork.world.model.queue_answers(broke, broke)
        return write(body)

    fork.world.model.say = say
    ran = fork.night(date=DAY)
    assert ran.code == 4, ran.said
    assert fork.remote.read(DIGEST).count("### [") == 1
    assert "ended with exit code 4" in ran.summary
    assert "<code>failed</code>" in ran.summary
    assert "The end of the log" in ran.summary


def test_a_list_out_of_reach_fails_the_job(fork: Fork) -> None:
    fork.world.sources.queue(HF_PATH, *[Answer(500)] * 50)
    ran = fork.night(date=DAY)
    assert ran.code == 4, ran.said
    assert "Hugging Face" in ran.summary


# ---- telling of it


class Webhook(Server):
    """Takes messages, or refuses all."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status

    def answer(self, asked: Asked) -> Answer:
        return Answer(self.status)


def test_a_day_is_told_of_by_the_night_that_begins_it_and_never_again(fork: Fork) -> None:
    fork.world.sources.add(DAY, "2408.00001", "Alpha Networks")
    with Webhook(200) as takes, Webhook(400) as refuses:
        fork.notified = " ".join(server.url.replace("http", "json") for server in (takes, refuses))
        ran = fork.night(date=DAY)
        assert ran.code == 3, ran.said
        assert fork.remote.log()[0] == f"{BOT}: Digests of the night of {DAY}"
        assert "did not take the message" in ran.said
        (message,) = takes.asked
        assert "Alpha Networks" in json.loads(message.body)["message"]
        fork.world.sources.add(DAY, "2408.00002", "Beta Diffusion")
        ran = fork.night(date=DAY)
        assert ran.code == 0, ran.said
        assert "Beta Diffusion" in fork.remote.read(DIGEST)
        assert (len(takes.asked), len(refuses.asked)) == (1, 1)


# ---- the site

PAGES = {"steps.pages.outputs.base_url": "https://someone.github.io/digest"}


def test_the_site_is_that_of_what_was_pushed_and_knows_its_address(fork: Fork) -> None:
    fork.others(DIGEST, (ROOT / "seeds" / "sections" / "2024-08-22.md").read_text("utf-8"))
    fork.others("output/easy/2024/08/23.md", "::error::no digest")
    workspace = fork.remote.checkout("site")
    ran = run_job("nightly.yml", "site", workspace, PAGES, {})
    assert ran.code == 0, ran.said
    assert "::warning::Something is missing from the site" in ran.said
    stop = re.search(r"^::stop-commands::(.+)$(?s:.*?)^::\1::$", ran.said, re.MULTILINE)
    assert stop
    assert "2024/08/23.md" in stop[0]
    (upload,) = (step for step in steps("nightly.yml") if "upload-pages-artifact" in step.get("uses", ""))
    site = workspace / upload["with"]["path"]
    assert (site / "index.html").exists()
    assert "https://someone.github.io/digest/paper/" in (site / "feed.xml").read_text("utf-8")
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in site.rglob("*"))  # Pages refuses what not all may read


def test_a_site_that_cannot_be_built_is_not_deployed(fork: Fork) -> None:
    ran = run_job("nightly.yml", "site", fork.remote.checkout("site"), {}, {})
    assert ran.code == 2, ran.said


def test_the_site_is_left_out_where_pages_is_not_switched_on() -> None:
    assert starts("nightly.yml", "site", {"vars.PAGES": "true"})
    assert not starts("nightly.yml", "site", {})
    assert "if" not in workflow("nightly.yml")["jobs"]["digest"]


# ---- the summary


class Seen(HTMLParser):
    """What a browser makes of a page: its tags with attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[tuple[str, int]] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        self.tags.add((tag, len(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(summary: str) -> Seen:
    """A summary as GitHub reads it: markdown, then HTML."""
    return Seen(MarkdownIt("commonmark").render(summary))


OURS = {(tag, 0) for tag in ("div", "p", "b", "table", "tr", "th", "td", "code", "br")}


def test_a_hostile_title_is_text_in_the_summary_and_no_command_in_the_log(fork: Fork) -> None:
    fork.world.sources.add(DAY, "2408.00001", HOSTILE)
    fork.world.model.say = lambda body: "{}"
    ran = fork.night(date=DAY)
    seen = shown(ran.summary)
    assert seen.tags <= OURS
    assert HOSTILE.replace("`", "") in seen.text  # a title is plain text
    assert f"<code>{HOSTILE.partition('<')[0]}" in ran.summary
    stop = re.search(r"^::stop-commands::(.+)$(?s:.*?)^::\1::$", ran.said, re.MULTILINE)
    assert stop
    assert not re.search(r"^\s*::|##\[", ran.said.replace(stop[0], ""), re.MULTILINE)


def summary_module() -> Any:
    spec = importlib.util.spec_from_file_location("summary", ROOT / "deploy" / "summary.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PIECES = (
    "<",
    ">",
    "<b>",
    "</code>",
    "<script>",
    "&lt;",
    "&",
    "`",
    "\n\n",
    "# ",
    "[a](b)",
    "@x",
    "가",
    "\u2028",
    "\x1b",
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)


@given(TEXTS, TEXTS)
def test_whatever_a_title_or_the_log_says_is_text(title: str, log: str) -> None:
    paper = {"id": "2408.00001", "title": title, "reason": title}
    layout = dict.fromkeys(summary_module().COUNTED, 0) | {"path": "p", "held_back": [paper], "failed": []}
    night = {"layouts": [layout], "warnings": [title]}
    page = "\n".join(["<div>", *summary_module()._lines(4, night, log), "</div>"])
    assert MarkdownIt("commonmark").render(page).rstrip("\n") == page
    assert Seen(page).tags <= OURS
    if printable(title) == title:
        assert Seen(page).text.count(title) >= 3


# ---- pull requests


def test_a_pull_request_is_held_to_the_format_of_what_it_changes(tmp_path: Path) -> None:
    remote = Remote(tmp_path, "seeds")
    bad = "seeds/easy/2024-08-23.md"
    clone = remote.checkout("main")
    (clone / bad).write_text("## 제목: x\n")
    remote.push(clone, "a bad digest that is there already")
    clone = remote.checkout("pull request")
    golden = clone / "seeds/sections/2024-08-22.md"
    golden.write_text(golden.read_text("utf-8").replace("**What's New**", "**What is**", 1))
    next((clone / "seeds/bullets").glob("*.md")).unlink()
    remote.push(clone, "merge")
    ran = run_job("check.yml", "digests", remote.checkout("merge", depth=2), {}, {})
    assert ran.code != 0
    assert "::error file=seeds/sections/2024-08-22.md,line=" in ran.said
    assert bad not in ran.said


def test_a_pull_request_without_digests_passes(tmp_path: Path) -> None:
    remote = Remote(tmp_path, "seeds")
    clone = remote.checkout("pull request")
    (clone / "NOTES.md").write_text("mine")
    remote.push(clone, "merge")
    assert run_job("check.yml", "digests", remote.checkout("merge", depth=2), {}, {}) == Ran(0, "", "")
