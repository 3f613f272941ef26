"""Messages: composed within every limit, sent to servers that enforce it, marked one by one, never missed."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from pipeline.archive import record
from pipeline.archive.catalog import Article, Day
from pipeline.archive.compose import harmless
from pipeline.archive.record import DayRecord, HeldBackRecord
from pipeline.core.errors import ConfigError
from pipeline.core.models import Digest, Entry, Section
from pipeline.layouts import render
from pipeline.publish.notify.messages import HELD_BACK, Markup, MessageFormat, compose
from tests.support.chats import Chat, Discord, Mailbox, Slack, Telegram, units
from tests.support.days import HOSTILE
from tests.support.fakes import Answer
from tests.support.world import World

# apprise looks for a module that Python gives up.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
DATE = dt.date(2024, 8, 22)
DAY = str(DATE)
SENTENCE = "제안한 방법은 여러 문제에서 정확도를 4.6% 높이고 계산 비용을 3~5배 줄입니다."
MENTIONS = "*@everyone* <!channel> <@123> [누르세요](https://evil.example) ||`code`|| _x_ & pass@1"


def entry(number: int, sentences: int = 6, title: str = "") -> Entry:
    texts = (
        " ".join([f"제{number}번 논문입니다."] + [SENTENCE] * (sentences // 2)),
        " ".join([SENTENCE] * (sentences // 2)),
    )
    return Entry(
        paper_id=f"2408.{number:05}",
        title=title or f"Paper {number}: A Study",
        url=f"https://arxiv.org/abs/2408.{number:05}",
        votes=100 - number,
        authors=("Ada Example",),
        sections=tuple(
            Section(name=n, text=t) for n, t in zip(("What's New", "Technical Details"), texts, strict=True)
        ),
    )


def held(count: int) -> tuple[HeldBackRecord, ...]:
    return tuple(
        HeldBackRecord(id=f"2409.{n:05}", title="Held", reason="x", nights=(DATE,)) for n in range(1, count + 1)
    )


def day(*entries: Entry, held_back: int = 0) -> Day:
    found = DayRecord(layout="sections", date=DATE, provider="openai", held_back=held(held_back))
    return Day(DATE, tuple(Article(DATE, "sections", one, None) for one in entries), {"sections": found}, ())


def publish(world: World, *entries: Entry, held_back: int = 0) -> None:
    path = world.digest()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(Digest(layout="sections", date=DATE, entries=entries)), "utf-8")
    path.with_suffix(".json").write_bytes(record.dump(day(held_back=held_back).records["sections"]))


def link(paper_id: str) -> str:
    return f"https://arxiv.org/abs/{paper_id}"


# ---- composing


@pytest.mark.parametrize("markup", ["html", "markdown", "text"])
def test_a_day_is_parted_between_entries(markup: Markup) -> None:
    form = MessageFormat(markup, 1200, units)
    parts = compose(day(*(entry(n) for n in range(1, 10)), held_back=3), "sections", "chat", form, {}, link)
    assert len(parts) >= 3
    assert all(units(part.body) <= 1200 for part in parts)
    told = [paper for part in parts for paper in part.papers]
    assert told == [*(f"2408.{n:05}" for n in range(1, 10)), HELD_BACK]
    for part in parts:  # what a part tells of stands in it with its last sentence
        assert part.body.count("2408.") >= len(part.papers) - (HELD_BACK in part.papers)
        assert "이어서 읽기" not in part.body
    assert parts[0].title == f"오늘의 논문 {DAY} (1/{len(parts)})"
    assert "싣지 않은 논문: 3편" in parts[-1].body


def test_an_entry_longer_than_a_message_ends_with_a_sentence_and_a_link() -> None:
    form = MessageFormat("text", 400, units)
    (part,) = compose(day(entry(1, sentences=60)), "sections", "chat", form, {}, link)
    assert units(part.body) <= 400
    *_, last, more = part.body.splitlines()
    assert last.endswith("줄입니다.")
    assert more == "이어서 읽기: https://arxiv.org/abs/2408.00001"
    assert len(part.body) > 300  # as much as there is room for


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=300), min_size=1, max_size=6),
    st.integers(100, 600),
    st.sampled_from(["html", "markdown", "text"]),
)
def test_no_part_is_longer_than_the_limit_and_no_paper_is_missed(titles: list[str], limit: int, markup: Markup) -> None:
    entries = [entry(n, sentences=4, title=title) for n, title in enumerate(titles, start=1)]
    parts = compose(day(*entries), "sections", "chat", MessageFormat(markup, limit, units), {}, link)
    assert [paper for part in parts for paper in part.papers] == [one.paper_id for one in entries]
    assert all(units(part.body) <= limit for part in parts)


def test_what_a_channel_has_got_is_not_sent_again_though_the_day_changed() -> None:
    form = MessageFormat("text", 1200, units)
    first, *_ = compose(day(*(entry(n) for n in range(1, 6))), "sections", "chat", form, {}, link)
    changed = day(*(entry(n) for n in (9, 1, 2, 3, 4, 5, 8)))
    rest = compose(changed, "sections", "chat", form, {first.number: first.papers}, link)
    told = [*first.papers, *(paper for part in rest for paper in part.papers)]
    assert sorted(told) == sorted(article.entry.paper_id for article in changed.articles)
    assert [part.number for part in rest] == list(range(2, len(rest) + 2))


def test_the_key_is_that_of_what_is_told() -> None:
    form = MessageFormat("text", 5000, units)
    (one,) = compose(day(entry(1)), "sections", "chat", form, {}, link)
    assert compose(day(entry(1)), "sections", "chat", form, {}, link)[0].key == one.key
    assert compose(day(entry(1), entry(2)), "sections", "chat", form, {}, link)[0].key != one.key
    assert compose(day(entry(1)), "sections", "mail", form, {}, link)[0].key != one.key


def test_a_day_without_entries_is_nothing_to_say() -> None:
    assert compose(day(held_back=3), "sections", "chat", MessageFormat("text", 500, units), {}, link) == ()
    assert compose(day(entry(1)), "easy", "chat", MessageFormat("text", 500, units), {}, link) == ()


# ---- sending


@pytest.fixture(params=["discord", "slack", "slack-blocks", "telegram"])
def chat(request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    kind = {"discord": Discord, "slack": Slack, "slack-blocks": Slack, "telegram": Telegram}[request.param]
    with kind() as server:
        monkeypatch.setenv("PIPELINE_NOTIFY__URLS", addressed(request.param, server, monkeypatch))
        yield server


TOKENS = {
    "discord": f"123456789012345678/{'aB3' * 22}",
    "slack": "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "telegram": "123456789:abcdefg_hijklmnop-ABCDEFGHIJKLMNOPQ",
}
PATHS = {
    Discord: f"/api/webhooks/{TOKENS['discord']}",
    Slack: f"/services/{TOKENS['slack']}",
    Telegram: f"/bot{TOKENS['telegram']}/sendMessage",
}


def addressed(kind: str, server: Chat, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a chat; apprise's own constant for the place of that service is the server's from here on."""
    from apprise.plugins.discord import NotifyDiscord
    from apprise.plugins.slack import NotifySlack
    from apprise.plugins.telegram import NotifyTelegram

    if kind == "discord":
        monkeypatch.setattr(NotifyDiscord, "notify_url", f"{server.url}/api/webhooks")
        return f"discord://{TOKENS[kind]}/"
    if kind == "telegram":
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"{server.url}/bot")
        return f"tgram://{TOKENS[kind]}/12315544/"
    monkeypatch.setattr(NotifySlack, "webhook_url", f"{server.url}/services")
    return f"slack://{TOKENS['slack']}/{'?blocks=yes' if kind == 'slack-blocks' else ''}"


def test_a_day_reaches_a_chat_within_its_limits(world: World, chat: Chat) -> None:
    entries = [entry(n, sentences=12, title=f"{n} {MENTIONS}") for n in range(1, 30)]
    publish(world, *entries, entry(30, sentences=900), held_back=2)
    code, _, err = world.run("notify", "--date", DAY)
    assert (code, chat.refused) == (0, []), err
    said = "\n".join(chat.taken)
    assert [said.count(f"제{n}번 논문입니다.") for n in range(1, 31)] == [1] * 30
    assert said.count("싣지 않은 논문: 2편") == 1
    assert said.count("이어서 읽기") == 1
    assert world.run("notify", "--date", DAY)[0] == 0
    assert "\n".join(chat.taken) == said


@pytest.mark.parametrize("kind", ["discord", "slack", "telegram"])
def test_hostile_titles_are_text(kind: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = [fold for fold in map(" ".join, map(str.split, HOSTILE)) if fold.isprintable()]
    entries = [entry(n, title=title) for n, title in enumerate([*titles, MENTIONS], start=1)]
    told = (Section(name="What's New", text=" ".join(titles)), Section(name="Technical Details", text=MENTIONS))
    publish(world, *entries, entry(90).model_copy(update={"sections": told}))
    with {"discord": Discord, "slack": Slack, "telegram": Telegram}[kind]() as chat:
        monkeypatch.setenv("PIPELINE_NOTIFY__URLS", addressed(kind, chat, monkeypatch))
        assert world.run("notify", "--date", DAY)[0] == 0
        assert chat.refused == []


def test_a_busy_chat_is_asked_again(world: World, chat: Chat) -> None:
    publish(world, entry(1))
    wait = json.dumps({"message": "You are being rate limited.", "retry_after": 0.3, "global": False}).encode()
    chat.queue(PATHS[type(chat)], Answer(503), *[Answer(429, wait, headers={"retry-after": "1"})] * 3)
    code, _, err = world.run("notify", "--date", DAY)
    assert (code, len(chat.taken)) == (0, 1), err
    assert "retry" not in err


def test_a_chat_is_given_the_time_that_it_asks_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world, entry(1))
    monkeypatch.setenv("PIPELINE_WAIT_SCALE", "0.01")
    with Discord() as discord, Telegram() as telegram:
        urls = [addressed("discord", discord, monkeypatch), addressed("telegram", telegram, monkeypatch)]
        monkeypatch.setenv("PIPELINE_NOTIFY__URLS", " ".join(urls))
        discord.queue(PATHS[Discord], *[Answer(429, b'{"retry_after": 41.5}')] * 2)  # apprise asks twice by itself
        telegram.queue(PATHS[Telegram], Answer(429, b'{"description": "Too Many Requests: retry after 51"}'))
        assert world.run("notify", "--date", DAY)[0] == 0
    log = (world.folder / ".pipeline/pipeline.log").read_text("utf-8")
    assert "attempt 2 follows in 0.4 s" in log
    assert "attempt 2 follows in 0.5 s" in log


def test_a_chat_that_refuses_is_named_without_its_secret(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world, entry(1))
    with Discord() as discord, Slack() as slack:
        urls = [addressed("discord", discord, monkeypatch)]
        urls += [addressed("slack", slack, monkeypatch)]
        monkeypatch.setenv("PIPELINE_NOTIFY__URLS", " ".join(urls))
        monkeypatch.setattr(discord, "problem", lambda body: "Unknown Webhook")
        code, out, err = world.run("notify", "--date", DAY)
        assert code == 3
        assert "Discord-" in err
        assert "error=400" in err
        assert len(err.splitlines()) == 2  # what apprise itself has to say of it is not said again
        assert (len(discord.refused), len(slack.taken)) == (1, 1)
        monkeypatch.setattr(discord, "problem", lambda body: "")
        assert world.run("notify", "--date", DAY)[0] == 0
        assert (len(discord.taken), len(slack.taken)) == (1, 1)
    written = out + err + (world.folder / ".pipeline/pipeline.log").read_text("utf-8")
    for secret in ("aB3aB3aB3", "TIiajkdnlazkcOXrIdevi7FQ"):
        assert secret not in written


def test_a_chat_that_moves_is_not_taken_for_delivered(world: World, chat: Chat) -> None:
    publish(world, entry(1))
    chat.answer = lambda asked: Answer(302, headers={"location": "/elsewhere"})  # type: ignore[method-assign]
    assert world.run("notify", "--date", DAY)[0] == 3
    assert {asked.method for asked in chat.asked} == {"POST"}


# ---- mail


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with Mailbox() as box:
        url = f"mailto://127.0.0.1:{box.port}/ada@example.org/bob@example.org?from=digest@example.net&mode=insecure"
        monkeypatch.setenv("PIPELINE_NOTIFY__URLS", url)
        yield box


def test_mail_reads_well_with_and_without_html(world: World, mailbox: Mailbox) -> None:
    hostile = "<script>alert(1)</script> & [x](y)"
    told = (Section(name="What's New", text=hostile),)
    publish(world, entry(1), entry(2, title=hostile).model_copy(update={"sections": told}), held_back=2)
    code, _, err = world.run("notify", "--date", DAY)
    assert code == 0, err
    assert sorted(to for to, _ in mailbox.taken) == ["ada@example.org", "bob@example.org"]
    _, message = mailbox.taken[0]
    assert message["subject"] == f"오늘의 논문 {DAY}"
    assert message["from"] == "Paper digest <digest@example.net>"
    plain, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert plain.startswith(
        "Paper 1: A Study\nhttps://arxiv.org/abs/2408.00001\n추천 99\nWhat's New: 제1번 논문입니다."
    )
    assert plain.endswith("\n\n보류하고 싣지 않은 논문: 2편\n")
    assert plain.count(hostile) == 2
    assert html.count("&lt;script&gt;") == 2
    assert "<script" not in html
    assert '<h3><a href="https://arxiv.org/abs/2408.00001">Paper 1: A Study</a></h3>' in html
    assert "<b>What&#x27;s New:</b> 제1번 논문입니다." in html


def test_a_mail_that_is_put_off_comes_once_and_with_the_same_key(world: World, mailbox: Mailbox) -> None:
    publish(world, entry(1))
    mailbox.replies["ada@example.org"] = ["451 try later", "421 closing"]
    assert world.run("notify", "--date", DAY)[0] == 0
    assert mailbox.tries == {"ada@example.org": 3, "bob@example.org": 1}
    first = {to: message["message-id"] for to, message in mailbox.taken}
    (world.folder / ".pipeline/ledger.sqlite").unlink()  # as after a run that died between sending and marking
    assert world.run("notify", "--date", DAY)[0] == 0
    assert {to: message["message-id"] for to, message in mailbox.taken[2:]} == first
    assert len(set(first.values())) == 2


def test_a_recipient_who_is_refused_does_not_cost_the_other_anything(world: World, mailbox: Mailbox) -> None:
    publish(world, entry(1))
    mailbox.replies["ada@example.org"] = ["550 no such user"] * 2
    for _ in range(2):
        code, _, err = world.run("notify", "--date", DAY)
        assert code == 3
        assert "550 no such user" in err
    assert mailbox.tries == {"ada@example.org": 2, "bob@example.org": 1}


def test_a_mail_server_out_of_reach(world: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world, entry(1))
    monkeypatch.setenv("PIPELINE_NOTIFY__URLS", "mailto://127.0.0.1:1/ada@example.org?from=digest@example.net")
    code, _, err = world.run("notify", "--date", DAY)
    assert code == 3
    assert "E-Mail-" in err
    assert "refused" in err


# ---- the ledger and the command

KILLED = """
import sys
from apprise.plugins.discord import NotifyDiscord
NotifyDiscord.notify_url = sys.argv.pop(1)
from pipeline.cli import main
main(sys.argv[1:])
"""


def test_a_run_killed_between_two_parts_is_finished_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world, *(entry(n, sentences=12) for n in range(1, 12)))
    with Discord() as chat:
        monkeypatch.setenv("PIPELINE_NOTIFY__URLS", addressed("discord", chat, monkeypatch))
        command = [sys.executable, "-c", KILLED, f"{chat.url}/api/webhooks", "notify", "--date", DAY]
        with subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL) as process:
            chat.before = lambda number: process.send_signal(signal.SIGKILL) if number == 3 else None
            assert process.wait(30) == -signal.SIGKILL
        chat.before = lambda number: None
        before = list(chat.taken)
        assert len(before) == 3  # the third came through, and nobody knows
        assert world.run("notify", "--date", DAY)[0] == 0
        again = chat.taken[3:]
    assert again[0] == before[2]
    said = "\n".join([*before[:2], *again])
    assert [said.count(f"\n**What's New**: 제{n}번 논문입니다.") for n in range(1, 12)] == [1] * 11


def test_a_dry_run_shows_and_sends_nothing(world: World, chat: Chat) -> None:
    publish(world, entry(1), held_back=1)
    code, out, _ = world.run("notify", "--date", DAY, "--dry-run")
    assert code == 0
    assert "1번 논문입니다." in out
    assert "싣지 않은 논문: 1편" in out
    assert chat.asked == []


def test_a_dry_run_waits_for_no_other_run_and_makes_no_ledger(world: World, chat: Chat) -> None:
    publish(world, entry(1))
    Path(".pipeline").mkdir(exist_ok=True)
    with FileLock(".pipeline/run.lock"):
        code, out, err = world.run("notify", "--date", DAY, "--dry-run")
    assert code == 0, err
    assert "1번 논문입니다." in out
    assert not list(Path(".pipeline").glob("*.sqlite*"))


@pytest.mark.parametrize("words", ["Fewer <think> Tokens", "<script>alert(1)</script>", "What &lt; Means"])
def test_words_that_markdown_needs_escaped_are_themselves_to_readers(world: World, chat: Chat, words: str) -> None:
    publish(world, entry(1, title=harmless(words)))
    out = world.run("notify", "--date", DAY, "--dry-run")[1]
    assert f"\n{words}\n" in out
    assert world.run("notify", "--date", DAY)[0] == 0
    said = "\n".join(chat.taken)
    shown = said if isinstance(chat, Telegram) else unescape(said)  # Slack reads entities, Discord backslashes
    assert words in shown.replace("\\", "").replace("\u200b", "")


def test_links_go_to_the_site_where_there_is_one(world: World, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(world, entry(1))
    monkeypatch.setenv("PIPELINE_SITE__BASE_URL", "https://example.org/papers/")
    assert "https://example.org/papers/paper/2408.00001/" in world.run("notify", "--date", DAY, "--dry-run")[1]
    monkeypatch.delenv("PIPELINE_SITE__BASE_URL")
    assert "https://arxiv.org/abs/2408.00001" in world.run("notify", "--date", DAY, "--dry-run")[1]


def test_an_empty_day_sends_nothing(world: World, chat: Chat) -> None:
    code, _, err = world.run("notify", "--date", DAY)
    assert (code, chat.asked) == (0, [])
    assert f"Nothing of {DAY}" in err


def test_a_digest_that_does_not_parse_is_named(world: World, chat: Chat) -> None:
    world.digest().parent.mkdir(parents=True)
    world.digest().write_text("no digest")
    code, _, err = world.run("notify", "--date", DAY)
    assert (code, chat.asked) == (3, [])
    assert "22.md" in err


@pytest.mark.parametrize(
    ("urls", "says"),
    [
        ("", "nobody to tell"),
        ("nonsense://secret-0123456789abcdef", "Address 1 of notify.urls"),
        ("json://127.0.0.1 slack://planted0123456789planted", "Address 2 of notify.urls"),
        ("mailto://127.0.0.1/nobody?from=digest@example.net", "names nobody"),
    ],
)
def test_a_wrong_address_is_named_by_its_place(
    urls: str, says: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_NOTIFY__URLS", urls)
    code, out, err = world.run("notify", "--date", DAY)
    assert code == 2
    assert says in err
    assert "0123456789" not in out + err


def test_without_the_extra_its_name_is_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.publish.notify.channels import open_channels

    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match="extra `notify`"):
        open_channels(["json://127.0.0.1"], 0)


def test_the_ledger_and_the_log_hold_no_address(world: World, chat: Chat) -> None:
    publish(world, entry(1))
    assert world.run("notify", "--date", DAY)[0] == 0
    for path in (path for path in Path(world.folder).rglob("*") if path.is_file()):
        data = path.read_bytes()
        assert all(secret not in data for secret in (b"aB3aB3aB3", b"TIiajkdnlazk", b"abcdefg_hijk")), path
