"""Summaries that were paid for, kept until their day is written, so that a run that dies need not buy them again."""

from collections.abc import Iterable

from pipeline.core.models import LayoutName, Summary
from pipeline.ledger.database import Database


class SummaryTable(Database):
    """The table of summaries, and the end of what was kept for them."""

    def keep(self, summary: Summary, version: int | None) -> None:
        """Insert a summary as soon as it is there, so that a run that dies before it writes need not make it again.

        It is on disk with the next transaction: what a power failure takes comes again from the answers.
        """
        key = (summary.paper_id, version or 0, summary.layout, summary.prompt.hash, summary.model)
        with self.transaction(durable=False) as execute:
            execute("INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?, ?)", (*key, summary.model_dump_json()))

    def is_paid_for(self, paper_id: str, layout: LayoutName, prompt_hash: str) -> bool:
        """Whether there is a summary of some version of a paper by this prompt, or an answer that was not used yet."""
        return bool(
            self.query(
                "SELECT 1 FROM summaries WHERE paper_id = ? AND layout = ? AND prompt_hash = ? UNION ALL "
                "SELECT 1 FROM calls WHERE paper_id = ? AND layout = ? AND state = 'answered' AND settled = 0 LIMIT 1",
                (paper_id, layout, prompt_hash, paper_id, layout),
            )
        )

    def summary(self, paper_id: str, version: int | None, layout: LayoutName, prompt_hash: str) -> Summary | None:
        """Return the summary of this version of a paper by this prompt, whichever model was paid for it."""
        rows = self.query(
            "SELECT summary FROM summaries WHERE paper_id = ? AND version = ? AND layout = ? AND prompt_hash = ?",
            (paper_id, version or 0, layout, prompt_hash),
        )
        return Summary.model_validate_json(rows[0][0]) if rows else None

    def settle(
        self,
        layout: LayoutName,
        printed: Iterable[tuple[str, int | None, str, str]],
        held_back: Iterable[str],
        withdrawn: Iterable[str],
    ) -> None:
        """Drop what a day's papers need no more, and settle the calls of those printed or held back.

        `printed` has paper, version, hash of the prompt and model of the summary that each entry was made of.
        These lose the answers of their calls, those withdrawn their summaries, those printed all but the printed one.
        """
        done = set(held_back)
        with self.transaction() as execute:
            for paper_id in withdrawn:
                execute("DELETE FROM summaries WHERE paper_id = ? AND layout = ?", (paper_id, layout))
            for paper_id, version, prompt_hash, model in printed:
                done.add(paper_id)
                execute(
                    "DELETE FROM summaries WHERE paper_id = ? AND layout = ? "
                    "AND (version, prompt_hash, model) <> (?, ?, ?)",
                    (paper_id, layout, version or 0, prompt_hash, model),
                )
            for paper_id in done:
                execute(
                    "UPDATE calls SET settled = 1, answer = NULL WHERE paper_id = ? AND layout = ? AND settled = 0",
                    (paper_id, layout),
                )
