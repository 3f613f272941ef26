"""Gets the judge's verdicts, from the model or from a person's `verdicts.json`, and adds them up."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from pipeline.core.errors import ConfigError
from tests.eval.compare import endpoint
from tests.eval.compare.packets import BRIEF, Key, Packet, Side, load_key, load_packets
from tests.eval.compare.papers import read
from tests.eval.verification import Share, wilson

_Mark = Annotated[float, Field(ge=1, le=5)]


class Marks(BaseModel):
    """Faithful, Korean, informative."""

    f: _Mark
    k: _Mark
    i: _Mark


class Label(BaseModel):
    """A sentence that is wrong."""

    side: Side
    sentence: int
    kind: Literal["meaning", "number", "magnitude", "name", "unsupported", "garbled"]
    severity: Literal["grave", "minor"]
    why: str


class Judgement(BaseModel):
    """The answer that the model gives about one packet."""

    labels: list[Label]
    A: Marks
    B: Marks
    prefer: Literal["A", "B", "tie"]
    why: str


class NumberedLabel(Label):
    """A label of a packet among several."""

    n: int
    why: str = ""


class Score(BaseModel):
    """The marks of a packet among several."""

    n: int
    A: Marks
    B: Marks
    prefer: Literal["A", "B", "tie"]
    why: str = ""


class Verdicts(BaseModel):
    """The whole file."""

    labels: list[NumberedLabel]
    scores: list[Score]


class SideScore(NamedTuple):
    """The result of one side. `wrong` are sentences with an error, `grave` those of them with a grave one."""

    side: str
    sentences: int
    letters: float
    wrong: int
    grave: int
    faithful: float
    korean: float
    informative: float
    preferred: int


def judge(out: Path) -> int:
    """Have the endpoint judge each packet by itself and write the verdicts; 1 where a packet has none."""
    packets = {packet.n: packet for packet in load_packets(out)}
    brief = BRIEF.read_text("utf-8")
    questions = {n: (brief, packet.model_dump_json(exclude={"n"}, indent=1)) for n, packet in packets.items()}
    found = endpoint.ask(questions, Judgement, lambda n, said: _is_about(packets[n], said))
    labels = [NumberedLabel(n=n, **label.model_dump()) for n, said in found.items() for label in said.labels]
    scores = [Score(n=n, **said.model_dump(exclude={"labels"})) for n, said in found.items()]
    whole = Verdicts(labels=labels, scores=scores)
    (out / "verdicts.json").write_text(whole.model_dump_json(indent=1), "utf-8")
    return 0 if len(found) == len(packets) else 1


def score(out: Path, as_json: bool) -> str:
    """Add up the verdicts of a folder; ConfigError where they are not whole."""
    key = load_key(out)
    verdicts = _load(out / "verdicts.json", key)
    sides = [_side(side, key, verdicts) for side in ("A", "B")]
    ties = sum(one.prefer == "tie" for one in verdicts.scores)
    return _as_json(sides, ties) if as_json else _as_text(sides, ties)


def _is_about(packet: Packet, said: Judgement) -> bool:
    return all(label.sentence in getattr(packet, label.side) for label in said.labels)


def _load(path: Path, key: Key) -> Verdicts:
    try:
        verdicts = Verdicts.model_validate_json(read(path))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ConfigError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg'].lower()}.") from None
    if problem := _problem(verdicts, key):
        raise ConfigError(f"{path}: {problem}.")
    return verdicts


def _problem(verdicts: Verdicts, key: Key) -> str:
    """Why the verdicts are not those of these packets, each judged once; "" if they are."""
    scored = Counter(one.n for one in verdicts.scores)
    for what, numbers in (
        ("without a score", sorted(key.pairs.keys() - scored)),
        ("that do not exist", sorted((scored.keys() | {one.n for one in verdicts.labels}) - key.pairs.keys())),
        ("scored twice", sorted(n for n, times in scored.items() if times > 1)),
    ):
        if numbers:
            return f"packets {what}: {', '.join(map(str, numbers))}"
    for one in verdicts.labels:
        pair = key.pairs[one.n]
        count = pair.sentences[pair.real(one.side)]
        if not 0 <= one.sentence < count:
            return f"packet {one.n}: side {one.side} has no sentence {one.sentence}, only 0 to {count - 1}"
    return ""


def _side(side: Side, key: Key, verdicts: Verdicts) -> SideScore:
    shown: Mapping[int, Side] = {n: "A" if side == pair.A else "B" for n, pair in key.pairs.items()}
    mine = [one for one in verdicts.labels if one.side == shown[one.n]]
    marks = [one.A if shown[one.n] == "A" else one.B for one in verdicts.scores]
    return SideScore(
        key.sides[side],
        sum(pair.sentences[side] for pair in key.pairs.values()),
        mean(pair.letters[side] for pair in key.pairs.values()),
        len({(one.n, one.sentence) for one in mine}),
        len({(one.n, one.sentence) for one in mine if one.severity == "grave"}),
        mean(one.f for one in marks),
        mean(one.k for one in marks),
        mean(one.i for one in marks),
        sum(one.prefer == shown[one.n] for one in verdicts.scores),
    )


def _as_text(sides: list[SideScore], ties: int) -> str:
    lines = [
        f"{name}: {one.side}\n"
        f"  {one.sentences} sentences, {one.letters:.0f} letters an entry\n"
        f"  with an error {Share(one.wrong, one.sentences)}, {one.grave} grave\n"
        f"  faithful {one.faithful:.2f}, Korean {one.korean:.2f}, informative {one.informative:.2f}\n"
        f"  preferred {one.preferred}"
        for name, one in zip("AB", sides, strict=True)
    ]
    first, second = (one.preferred for one in sides)
    return "\n".join([*lines, f"ties {ties}; A preferred among the decided {Share(first, first + second)}"])


def _as_json(sides: list[SideScore], ties: int) -> str:
    rows = [one._asdict() | {"interval": wilson(one.wrong, one.sentences)} for one in sides]
    first, second = (one.preferred for one in sides)
    decided = {"preferred": first, "of": first + second, "interval": wilson(first, first + second)}
    return json.dumps({"A": rows[0], "B": rows[1], "ties": ties, "decided": decided}, ensure_ascii=False, indent=1)
