"""Servers on loopback in the shape of Slack, Discord, Telegram and mail, which refuse what their documents refuse."""

import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from html.parser import HTMLParser
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.fakes import Answer, Asked, Server


def units(text: str) -> int:
    """The length in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


class Chat(Server):
    """Keeps what it took in `taken`. `before` is called with the number of each message before it is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []
        self.refused: list[str] = []
        self.before: Callable[[int], None] = lambda number: None

    def answer(self, asked: Asked) -> Answer:
        body = json.loads(asked.body)
        self.before(len(self.taken) + 1)
        problem = self.problem(body)
        if problem:
            self.refused.append(problem)
            return Answer(400, json.dumps({"message": problem, "ok": False, "description": problem}).encode())
        self.taken.append(self.text(body))
        return self.accepted()

    def problem(self, body: dict[str, Any]) -> str:
        raise NotImplementedError

    def text(self, body: dict[str, Any]) -> str:
        raise NotImplementedError

    def accepted(self) -> Answer:
        raise NotImplementedError


class Discord(Chat):
    """https://docs.discord.com/developers/resources/webhook#execute-webhook: content of at most 2,000 characters."""

    def problem(self, body: dict[str, Any]) -> str:
        content = body.get("content", "")
        if re.search(r"@(everyone|here)|(?<!\\)<@", content):
            return "it calls people"
        return "" if 0 < units(content) <= 2000 else "Must be 2000 or fewer in length."

    def text(self, body: dict[str, Any]) -> str:
        return str(body["content"])

    def accepted(self) -> Answer:
        return Answer(204)


class Slack(Chat):
    """https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and the limits of text and blocks."""

    def problem(self, body: dict[str, Any]) -> str:
        (attachment,) = body["attachments"]
        if re.search(r"<(?!https://arxiv\.org/abs/[^|>\s]+\|)", self.text(body)):
            return "invalid_markup"
        blocks = attachment.get("blocks", [])
        texts = [block["text"] for block in blocks if "text" in block]
        limits = {"header": 150, "section": 3000, "context": 3000}
        if len(blocks) > 50 or any(
            len(block["text"]["text"]) > limits[block["type"]] for block in blocks if "text" in block
        ):
            return "invalid_blocks"
        return "" if texts or 0 < len(attachment.get("text", "")) <= 40_000 else "msg_too_long"

    def text(self, body: dict[str, Any]) -> str:
        (attachment,) = body["attachments"]
        sections = [block["text"]["text"] for block in attachment.get("blocks", ()) if block["type"] == "section"]
        return str(attachment.get("text") or "\n".join(sections))

    def accepted(self) -> Answer:
        return Answer(body=b"ok", content_type="text/html")


class Telegram(Chat):
    """https://core.telegram.org/bots/api#sendmessage: 1 to 4,096 characters without the tags, which are few."""

    def problem(self, body: dict[str, Any]) -> str:
        if body.get("parse_mode") != "HTML":
            return "no HTML"
        parser = _FewTags()
        parser.feed(body["text"])
        parser.close()
        if parser.open or parser.strange:
            return f"can't parse entities: {parser.open} {parser.strange}"
        return "" if 0 < units(self.text(body)) <= 4096 else "message is too long"

    def text(self, body: dict[str, Any]) -> str:
        return unescape(re.sub(r"<[^>]*>", "", body["text"]))

    def accepted(self) -> Answer:
        return Answer(body=b'{"ok": true, "result": {"message_id": 1}}')


class _FewTags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.strange: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.strange += [tag] if tag not in ("a", "b", "i", "u", "s", "code", "pre", "blockquote") else []

    def handle_endtag(self, tag: str) -> None:
        self.strange += [] if self.open and self.open.pop() == tag else [f"/{tag}"]


class Mailbox:
    """An SMTP server. `replies` are what the next messages to a recipient get, one each, instead of being taken."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, EmailMessage]] = []
        self.replies: dict[str, list[str]] = {}
        self.tries: Counter[str] = Counter()
        with socket.create_server(("127.0.0.1", 0)) as free:  # the controller knows no port but a given one
            self.port = int(free.getsockname()[1])
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._lock = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        (recipient,) = envelope.rcpt_tos
        with self._lock:
            self.tries[recipient] += 1
            if self.replies.get(recipient):
                return self.replies[recipient].pop(0)
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.taken.append((recipient, message))
            return "250 OK"

    def __enter__(self) -> "Mailbox":
        self._controller.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._controller.stop()
