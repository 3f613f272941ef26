"""Ten years of digests that never were, with provenance: for measuring what grows with the archive.

`python -m tests.support.synthetic FOLDER --days 3650 --papers 60000` writes them; the same arguments, the same bytes.
"""

import argparse
import datetime as dt
import random
from pathlib import Path

from pipeline.archive.files import digest_path
from pipeline.archive.record import DayRecord, EntryRecord, HeldBackRecord, dump, record_path
from pipeline.core.models import Cited, Claim, Digest, Entry, LayoutName, Prompt, Section
from pipeline.layouts import LAYOUTS, render

FIRST = dt.date(2016, 1, 4)
FIELDS = (
    "자연어 처리|컴퓨터 비전|기계 학습|강화 학습|음성 처리|로봇 공학|추천 시스템|생성 모델|정보 검색|그래프 학습".split(
        "|"
    )
)
_NOUNS = "모델|데이터|학습 방법|평가 기준|표현|구조|문맥|추론 과정|신호|사용자의 질문".split("|")
_VERBS = "제안합니다|비교합니다|개선합니다|분석합니다|줄입니다|설명합니다|공개합니다".split("|")
_WORDS = "graph token sparse neural policy vision latent speech robust causal retrieval memory agent".split()


def write(output: Path, days: int, papers: int, first: dt.date = FIRST, layout: LayoutName = "easy") -> None:
    """Write `papers` papers over `days` days, in one layout with a record beside each digest."""
    for number in range(days):
        here = range(number * papers // days, (number + 1) * papers // days)
        write_day(output, first + dt.timedelta(days=number), here, layout)


def write_day(output: Path, date: dt.date, papers: range, layout: LayoutName = "easy") -> None:
    """One day with the papers of these numbers; the number makes the id and everything else."""
    written = [_paper(number, date, layout) for number in papers]
    digest = digest_path(output, layout, date)
    digest.parent.mkdir(parents=True, exist_ok=True)
    entries = tuple(entry for entry, _ in written)
    dated = None if layout == "easy" else date
    digest.write_text(render(Digest(layout=layout, date=dated, entries=entries)), "utf-8")
    held = HeldBackRecord(
        id=f"9912.{date.day:05}", title="Held Back", reason="numbers/unknown: a figure", nights=(date,)
    )
    record_path(digest).write_bytes(
        dump(
            DayRecord(
                layout=layout,
                date=date,
                state="partial",
                provider="openai",
                listed=(*(entry.paper_id for entry in entries), held.id),
                entries=tuple(record for _, record in written),
                held_back=(held,),
            )
        )
    )


def id_of(number: int) -> str:
    """The id of paper `number`: each its own."""
    return f"{10 + number // 120_000:02}{number // 10_000 % 12 + 1:02}.{number % 10_000 + 10_000}"


def _paper(number: int, date: dt.date, layout: LayoutName = "easy") -> tuple[Entry, EntryRecord]:
    dice = random.Random(number)
    paper_id, name = id_of(number), f"{dice.choice(_WORDS).title()}{dice.choice(_WORDS).title()}-{number}"
    title = f"{name}: {' '.join(dice.choices(_WORDS, k=6)).title()}"
    summary = [_sentence(dice, name) for _ in range(6)]
    easier = [_sentence(dice, "컴퓨터") for _ in range(3)]
    fields = ", ".join(dice.sample(FIELDS, k=2))
    sections, said = _sections(layout, summary, easier, fields)
    votes = dice.randrange(200)
    authors = tuple(f"{a.title()} {b.title()}" for a, b in zip(dice.sample(_WORDS, 5), _WORDS, strict=False))
    entry = Entry(
        paper_id=paper_id,
        title=title,
        url=LAYOUTS[layout].url(paper_id),
        thumbnail=f"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{paper_id}.png",
        votes=votes,
        authors=() if layout == "easy" else authors,
        sections=sections,
    )
    record = EntryRecord(
        id=paper_id,
        version=1,
        title=title,
        authors=authors,
        votes=votes,
        metadata="arxiv",
        provider="openai",
        model="synthetic",
        prompt=Prompt(name=layout, version="1", hash="0"),
        usage={"input": 8000, "output": 600},
        attempts=1,
        usd=0.002,
        origin="html",
        claims=tuple(
            Claim(section=section, text=text, cites=(place + 1,)) for place, (section, text) in enumerate(said)
        ),
        cited=tuple(_cited(dice, place + 1) for place in range(len(said))),
        written_at=dt.datetime.combine(date, dt.time(23), dt.UTC),
    )
    return entry, record


def _sections(
    layout: LayoutName, summary: list[str], easier: list[str], fields: str
) -> tuple[tuple[Section, ...], list[tuple[str, str]]]:
    """The sections as the layout has them, and each sentence with the name of its own."""
    if layout == "easy":
        paragraphs = "\n\n".join([" ".join(summary[:3]), " ".join(summary[3:])])
        of_easy = [("요약", paragraphs), ("쉬운설명", " ".join(easier)), ("관련분야", fields)]
        said = [("요약", text) for text in summary] + [("쉬운설명", text) for text in easier]
        return tuple(Section(name=name, text=text) for name, text in of_easy), said
    if layout == "bullets":
        said = [("", text) for text in (*summary, *easier)]
        return tuple(Section(name=name, text=text) for name, text in said), said
    parts = {"What's New": summary[:3], "Technical Details": summary[3:], "Performance Highlights": easier}
    said = [(name, text) for name, texts in parts.items() for text in texts]
    return tuple(Section(name=name, text=" ".join(texts)) for name, texts in parts.items()), said


def _sentence(dice: random.Random, name: str) -> str:
    figure = f"{dice.randrange(1, 100)}.{dice.randrange(10)}%"
    return f"{name}는 {dice.choice(_NOUNS)}에서 {figure}의 차이를 보이는 {dice.choice(_NOUNS)}를 {dice.choice(_VERBS)}."


def _cited(dice: random.Random, number: int) -> Cited:
    words = " ".join(dice.choices(_WORDS, k=14))
    return Cited(
        number=number, text=f"The {words} by {dice.randrange(1, 100)}.5%.", section="3 Method", anchor=f"S3.p{number}"
    )


def main() -> None:
    """Write the days that the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=3650)
    parser.add_argument("--papers", type=int, default=60_000)
    arguments = parser.parse_args()
    write(arguments.folder, arguments.days, arguments.papers)


if __name__ == "__main__":
    main()
