"""Sends the messages of a day to chats and mail: to every service that apprise knows, to mail over SMTP by itself.

What is sent and when is decided elsewhere. apprise reads the addresses, and comes with the extra `notify`. It starts no
thread of its own accord (neither in Slack nor in Discord or Telegram): an address may name one, else the parts follow
each other. apprise is imported here alone, when the first channel is opened.
"""

import contextlib
import hashlib
import logging
import re
import smtplib
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from email.utils import formataddr, localtime
from typing import TYPE_CHECKING, Any

from pipeline.core.errors import ConfigError, PipelineError
from pipeline.core.retry import TRANSIENT_STATUSES, Transient, retrying
from pipeline.publish.notify.messages import Markup, MessageFormat, MessagePart

if TYPE_CHECKING:
    from apprise import AppriseResult, NotifyBase
    from apprise.plugins.email import NotifyEmail

NAME = "Paper digest"
# Slack takes so much in the text of one block: https://docs.slack.dev/reference/block-kit/blocks/section-block
_SLACK_SECTION = 3000
# What a title takes of a message where the service has no place of its own for it, in characters.
_TITLE = 80
# A message that takes less than this has no room for an entry's title and address.
_LEAST = 100
_STATUS = re.compile(r"error=(\d{3})\b")
_RETRY_AFTER = re.compile(r"retry[_ ]after\D{0,4}(\d+(?:\.\d+)?)", re.IGNORECASE)
_PAGE = (
    '<!DOCTYPE html>\n<html lang="ko"><head><meta charset="utf-8"><title>{title}</title></head>\n'
    '<body style="max-width:40em;margin:0 auto;padding:1em;line-height:1.7;word-break:keep-all">\n'
    "{body}\n</body></html>"
)


class DeliveryError(PipelineError):
    """A message that a channel did not take."""


class TemporaryDeliveryError(DeliveryError, Transient):
    """A message that a channel may take later."""


class Channel(ABC):
    """A place where messages go: one of a service, or one recipient of mail. `name` is stable, and holds no secret."""

    def __init__(self, name: str, format: MessageFormat, wait_scale: float) -> None:
        self.name, self.format = name, format
        self._retry = retrying(scale=wait_scale)

    def send(self, part: MessagePart) -> None:
        """Deliver a message; DeliveryError when it is refused, or not taken after the retries."""
        self._retry(self._attempt, part)

    @abstractmethod
    def _attempt(self, part: MessagePart) -> None: ...


def open_channels(urls: Sequence[str], wait_scale: float) -> list[Channel]:
    """Return a channel for each of apprise's addresses, and each recipient of mail; ConfigError for what is none.

    `wait_scale` multiplies the waits between attempts and between two messages.
    """
    try:
        import apprise  # noqa: F401
    except ImportError:
        raise ConfigError(
            "Messages need the extra `notify`, which is not installed: pip install 'paper-digest-pipeline[notify]'."
        ) from None
    # It logs everything, addresses included: let only those who ask for the log of a message have it.
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.DEBUG)
    numbered = enumerate(dict.fromkeys(urls), start=1)
    return [channel for number, url in numbered for channel in _opened(url, number, wait_scale)]


def _opened(url: str, number: int, wait_scale: float) -> Iterator[Channel]:
    from apprise import Apprise, AppriseAsset
    from apprise.plugins.email import NotifyEmail

    # No redirects: a POST that is followed becomes a GET, and passes for delivered.
    asset = AppriseAsset(app_id=NAME, async_mode=False, http_redirects=False, image_url_mask="", image_url_logo="")
    service = Apprise.instantiate(url, asset=asset)
    if service is None:
        raise ConfigError(
            f"Address {number} of notify.urls (PIPELINE_NOTIFY__URLS) is none that apprise knows; "
            "see https://appriseit.com/services/ for its form."
        )
    service.request_rate_per_sec *= wait_scale
    service.retry, service.optional = 0, False  # how often is decided here, and a failure never passes for a success
    name = f"{service.service_name}-{_hash(url)}"
    if type(service) is NotifyEmail and service.pgp_mode == "no":
        addresses = dict.fromkeys([*(address for _, address in service.targets), *service.cc, *service.bcc])
        if not addresses:
            raise ConfigError(f"Address {number} of notify.urls (PIPELINE_NOTIFY__URLS) names nobody to send mail to.")
        yield from (MailChannel(f"{name}-{_hash(address)}", service, address, wait_scale) for address in addresses)
    else:
        yield AppriseChannel(name, service, wait_scale)


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:8]


class AppriseChannel(Channel):
    """Any service that apprise knows. One with several recipients gets a message again for all where one failed."""

    def __init__(self, name: str, service: "NotifyBase", wait_scale: float) -> None:
        from apprise import Apprise

        super().__init__(name, _format(name, service), wait_scale)
        self._apprise = Apprise(service)

    def _attempt(self, part: MessagePart) -> None:
        result = self._apprise.notify(
            body=part.body, title=part.title, body_format=self.format.markup, log_level=logging.DEBUG
        )
        if not result:
            raise _refusal(self.name, result)


def _format(name: str, service: "NotifyBase") -> MessageFormat:
    """Return the format that the service prefers, Markdown where it prefers plain text and reads both."""
    markup: Markup = service.resolve_format().value
    if markup == "text":
        markup = service.resolve_format("markdown").value
    most = service.body_maxlen if not getattr(service, "use_blocks", False) else _SLACK_SECTION
    if most - _TITLE < _LEAST:
        raise ConfigError(f"{name} takes {most} characters a message, too few; leave it out of notify.urls.")

    def length(text: str) -> int:
        """Count in UTF-16, as some services do; that is never less than the characters that others count."""
        return len(service.dialect_convert(text, service.resolve_format(markup)).encode("utf-16-le")) // 2

    return MessageFormat(markup, most - _TITLE, length)


def _refusal(name: str, result: "AppriseResult") -> DeliveryError:
    """Return the failure that apprise has logged: with the HTTP status, and how long to wait if the answer says so."""
    entries = list(result.logs())
    said = " ".join(entry.message for entry in entries if entry.level in ("WARNING", "ERROR")) or "no reason is given"
    status = _STATUS.search(said)
    message = f"{name} did not take the message: {said.rstrip('.')}"
    if status and int(status[1]) not in TRANSIENT_STATUSES:
        return DeliveryError(message)
    error = TemporaryDeliveryError(message)
    answers = (entry.message for entry in entries if entry.message.startswith("Response Details"))
    wait = _RETRY_AFTER.search(" ".join(answers))
    error.retry_after = float(wait[1]) if wait else None
    return error


class MailChannel(Channel):
    """One recipient of mail, by SMTP: apprise gives no message a stable Message-ID, nor a plain text of our own."""

    def __init__(self, name: str, service: "NotifyEmail", address: str, wait_scale: float) -> None:
        super().__init__(name, MessageFormat("html", 10_000_000, len), wait_scale)
        self._service, self._address = service, address

    def _attempt(self, part: MessagePart) -> None:
        try:
            with self._connected() as smtp:
                smtp.send_message(self._message(part))
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise self._refusal(code, said) from None
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError) as error:
            raise TemporaryDeliveryError(f"{self.name} did not take the message: {error}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{self.name} did not take the message: {error}") from None

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        of = self._service
        context = ssl.create_default_context()
        if not of.verify_certificate:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        place: dict[str, Any] = {"host": of.smtp_host, "port": of.port, "timeout": of.socket_connect_timeout}
        with smtplib.SMTP_SSL(context=context, **place) if of.secure_mode == "ssl" else smtplib.SMTP(**place) as smtp:
            if of.secure_mode == "starttls":
                smtp.starttls(context=context)
            if of.user and of.password:
                smtp.login(of.user, of.password)
            yield smtp

    def _message(self, part: MessagePart) -> EmailMessage:
        name, sender = (str(value or NAME) for value in self._service.from_addr)
        message = EmailMessage()
        message["Subject"] = part.title
        message["From"] = formataddr((name, sender))
        message["To"] = self._address
        message["Date"] = localtime()
        message["Message-ID"] = f"<{part.key}@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        if self._service.reply_to:
            message["Reply-To"] = ", ".join(sorted(self._service.reply_to))
        message.set_content(part.text)
        message.add_alternative(_PAGE.format(title=part.title, body=part.body), subtype="html")
        return message

    def _refusal(self, code: int, said: bytes | str) -> DeliveryError:
        """Return the failure that a code means: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1"""
        reason = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        kind = TemporaryDeliveryError if 400 <= code < 500 else DeliveryError
        return kind(f"{self.name} did not take the message: SMTP {code} {reason}")
