"""Deliveries: which parts of a day's message each channel has got."""

import datetime as dt
from collections.abc import Iterable

from pipeline.ledger.database import Database, utc


class DeliveryTable(Database):
    """The table of deliveries."""

    def delivered(self, day: dt.date, channel: str) -> dict[int, tuple[str, ...]]:
        """Return the parts of a day's message that a channel has got, each with the ids of its papers."""
        rows = self.query(
            "SELECT part, papers FROM deliveries WHERE day = ? AND channel = ? ORDER BY part",
            (day.isoformat(), channel),
        )
        return {part: tuple(papers.split()) for part, papers in rows}

    def deliver(
        self, day: dt.date, channel: str, part: int, message_key: str, papers: Iterable[str], now: dt.datetime
    ) -> None:
        """Record that a channel has got a part."""
        with self.transaction() as execute:
            execute(
                "INSERT OR REPLACE INTO deliveries (day, channel, part, message_key, papers, delivered_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (day.isoformat(), channel, part, message_key, " ".join(papers), utc(now)),
            )
