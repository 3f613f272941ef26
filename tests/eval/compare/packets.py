"""Pairs for the judge: of each paper the sentences of both sides, in one form, on sides that chance decides.

`packets.json` and `brief.md` are for the judge; `key.json` says which side was whose and is not.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import click
from pydantic import BaseModel, ValidationError

from pipeline.archive.compose import plain_entry
from pipeline.archive.files import read_digest
from pipeline.core.errors import ConfigError
from pipeline.core.models import Entry
from pipeline.core.text import sentences
from tests.eval.compare.papers import Candidate, read
from tests.eval.compare.plain import Bullets

BRIEF = Path(__file__).with_name("brief.md")
Side = Literal["A", "B"]
_NO_SENTENCES = "관련분야"  # the section of `easy` that lists fields
_MARKUP = re.compile(r"\*\*|__|`|^\s*(?:[-*•]|\d+\.)\s+", re.MULTILINE)


class Packet(BaseModel):
    """The view that the judge has of one paper. Sentences are numbered from 0."""

    n: int
    title: str
    source: str
    A: dict[int, str]
    B: dict[int, str]


class Pair(BaseModel):
    """The part that the judge does not see: `A` is the side that stands as A; counts are by the real side."""

    id: str
    A: Side
    sentences: dict[Side, int]
    letters: dict[Side, int]

    def real(self, shown: Side) -> Side:
        """Return the real side of the text on this side of the packet."""
        return self.A if shown == "A" else other(self.A)


class Key(BaseModel):
    """Which system is A and which is B, the pairs by their packet's number, and the papers that one side lacks."""

    sides: dict[Side, str]
    pairs: dict[int, Pair]
    only: dict[Side, list[str]]


def other(side: Side) -> Side:
    return "B" if side == "A" else "A"


def build(papers: Mapping[str, Candidate], places: Mapping[Side, Path], out: Path, seed: int) -> None:
    """Write packets, brief and key into a folder, and say which papers only one side has."""
    texts = {side: texts_of(place) for side, place in places.items()}
    both = [id for id in papers if id in texts["A"] and id in texts["B"]]
    if not both:
        raise ConfigError(f"No paper is in both {places['A']} and {places['B']}; there is nothing to judge.")
    chance = random.Random(seed)
    chance.shuffle(both)
    pairs = {n: _pair(id, texts, chance.choice(("A", "B"))) for n, id in enumerate(both, start=1)}
    packets = [_packet(n, pair, papers[pair.id], texts) for n, pair in pairs.items()]
    only = {side: [id for id in papers if id in texts[side] and id not in texts[other(side)]] for side in texts}
    key = Key(sides={side: str(place) for side, place in places.items()}, pairs=pairs, only=only)
    _write(out, packets, key)
    missing = (f"only {side} has {len(ids)} papers: {', '.join(ids)}" for side, ids in only.items() if ids)
    click.echo("\n".join([f"{len(packets)} packets of {len(papers)} papers", *missing]))


def texts_of(place: Path) -> dict[str, list[str]]:
    """The sentences of each paper: of a digest of any layout, or of a folder of answers to the plain prompt."""
    if place.is_dir():
        bullets = {path.stem: _bullets(path) for path in sorted(place.glob("*.json"))}
    else:
        bullets = {entry.paper_id: _parts(plain_entry(entry)) for entry in read_digest(place)[1].digest.entries}
    return {id: list(_sentences(parts)) for id, parts in bullets.items()}


def load_packets(out: Path) -> list[Packet]:
    """The packets of a folder."""
    return [Packet.model_validate(row) for row in json.loads(read(out / "packets.json"))]


def load_key(out: Path) -> Key:
    """The key of a folder."""
    try:
        return Key.model_validate_json(read(out / "key.json"))
    except ValidationError:
        raise ConfigError(f"{out / 'key.json'} is not a key; build the packets again.") from None


def _bullets(path: Path) -> list[str]:
    try:
        return Bullets.model_validate_json(read(path)).bullets
    except ValidationError:
        raise ConfigError(f'{path} is not an answer; it should be like {{"bullets": ["…"]}}.') from None


def _parts(entry: Entry) -> list[str]:
    return [section.text for section in entry.sections if section.name != _NO_SENTENCES]


def _sentences(parts: list[str]) -> Iterator[str]:
    """The sentences of both sides alike, without the marks that tell a side by its form."""
    for part in parts:
        for line in part.splitlines():
            yield from sentences(_MARKUP.sub("", line))


def _pair(id: str, texts: Mapping[Side, Mapping[str, list[str]]], shown: Side) -> Pair:
    counts = {side: len(texts[side][id]) for side in texts}
    letters = {side: len(" ".join(texts[side][id])) for side in texts}
    return Pair(id=id, A=shown, sentences=counts, letters=letters)


def _packet(n: int, pair: Pair, paper: Candidate, texts: Mapping[Side, Mapping[str, list[str]]]) -> Packet:
    left, right = (dict(enumerate(texts[pair.real(side)][pair.id])) for side in ("A", "B"))
    return Packet(n=n, title=paper.title, source=paper.source, A=left, B=right)


def _write(out: Path, packets: list[Packet], key: Key) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows = [packet.model_dump() for packet in packets]
    (out / "packets.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
    (out / "key.json").write_text(key.model_dump_json(indent=1), "utf-8")
    (out / "brief.md").write_text(BRIEF.read_text("utf-8"), "utf-8")
