"""A day's messages to readers: what each channel has not got yet is sent, and marked as soon as it is delivered."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from pipeline.archive.catalog import Day
from pipeline.core.models import LayoutName
from pipeline.ledger import Ledger
from pipeline.publish.notify.channels import Channel, DeliveryError
from pipeline.publish.notify.messages import MessagePart, compose


class PendingMessage(NamedTuple):
    """What a channel is to get."""

    channel: Channel
    parts: tuple[MessagePart, ...]


class Receipt(NamedTuple):
    """How many parts a channel got. `failed` is what ended it early; the parts from there on wait for the next run."""

    channel: str
    sent: int
    failed: DeliveryError | None = None


def messages(
    day: Day, layout: LayoutName, channels: Sequence[Channel], ledger: Ledger, link: Callable[[str], str]
) -> list[PendingMessage]:
    """Return what each channel has not got of a day. `link` gives a paper's address."""
    return [
        PendingMessage(one, compose(day, layout, one.name, one.format, ledger.delivered(day.date, one.name), link))
        for one in channels
    ]


def notify(
    day: dt.date, due: Sequence[PendingMessage], ledger: Ledger, now: Callable[[], dt.datetime]
) -> Iterator[Receipt]:
    """Send what is due. A run that dies between sending and marking sends that part again: twice, but never not."""
    for channel, parts in due:
        sent, failed = 0, None
        for part in parts:
            try:
                channel.send(part)
            except DeliveryError as error:
                failed = error
                break
            ledger.deliver(day, channel.name, part.number, part.key, part.papers, now())
            sent += 1
        yield Receipt(channel.name, sent, failed)
