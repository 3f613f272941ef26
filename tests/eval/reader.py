"""Measures a real second reader: `python -m tests.eval.reader ask FILE… OUT`, then `… score OUT`.

`ask` writes the program's own questions as OUT/ask/NNNN.json and what is known of them as OUT/key.json; somebody puts
the answers at OUT/say/NNNN.json. FILE has an entry a line: a printed one with labels {id, layout, sentences: [{text,
label, kind}]}, whose abstract is recorded (TEST_DATA), or an honest one {id, layout, title, sentences: [str], claims:
[{section, text, cites}]}. Labels: true, grave; minor and absent are not counted.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from pipeline.core.models import Claim, Frozen, Paper, SourceSentence, SourceText
from pipeline.core.text import plain
from pipeline.summarise.falsify import Falsified, falsified
from pipeline.summarise.judge import Verdicts, items, plant
from pipeline.summarise.prompts import load_judge
from tests.eval.cases import recorded_papers
from tests.eval.verification import Share

LEAST = 15  # so often each kind of falsified sentence is asked about, where the entries allow it


class Sentence(Frozen):
    """One sentence of an entry and what is known of it: honest, or a label; `kind` is that of a grave error."""

    text: str
    label: str
    kind: str = ""


class Asked(Frozen):
    """The labels of one question. `again`: the entry was asked about before, for another falsified sentence."""

    name: str
    paper_id: str
    layout: str
    sentences: tuple[Sentence, ...]
    planted: tuple[str, int, str] | None
    again: bool = False


class Entry(NamedTuple):
    """An entry to ask about."""

    paper: Paper
    layout: str
    source: SourceText
    claims: tuple[Claim, ...]
    known: tuple[Sentence, ...]


def ask(files: Iterable[Path], out: Path) -> None:
    """Write the questions and the key."""
    (out / "ask").mkdir(parents=True, exist_ok=True)
    entries = [entry for file in files for entry in _entries(file)]
    labelled = [entry for entry in entries if entry.known[0].label != "honest"]
    chosen = [(entry, plant(entry.claims, entry.source, entry.paper.title), False) for entry in labelled]
    chosen += _planted([entry for entry in entries if entry.known[0].label == "honest"])
    key = [_write(f"{number:04}", *one, out) for number, one in enumerate(chosen, start=1)]
    (out / "key.json").write_text(json.dumps(key, ensure_ascii=False, indent=1), "utf-8")
    kinds = Counter(one["planted"][0] for one in key if one["planted"])
    print(f"{len(key)} questions; falsified sentences by kind: {dict(kinds)}")


def _entries(file: Path) -> Iterator[Entry]:
    for row in map(json.loads, file.read_text("utf-8").splitlines()):
        yield _honest(row) if "claims" in row else _labelled(row)


_recorded = cache(recorded_papers)


def _honest(row: dict[str, Any]) -> Entry:
    claims = tuple(Claim.model_validate(one) for one in row["claims"])
    known = tuple(Sentence(text=claim.text, label="honest") for claim in claims)
    return _entry(row, row["title"], row["sentences"], claims, known)


def _labelled(row: dict[str, Any]) -> Entry:
    recorded = _recorded()[row["id"]]
    claims = tuple(Claim(section="", text=one["text"], cites=()) for one in row["sentences"])
    known = tuple(Sentence(text=one["text"], label=one["label"], kind=one["kind"] or "") for one in row["sentences"])
    return _entry(row, recorded.title, map(plain, recorded.sentences), claims, known)


def _entry(
    row: dict[str, Any], title: str, texts: Iterable[str], claims: tuple[Claim, ...], known: tuple[Sentence, ...]
) -> Entry:
    source = SourceText(paper_id=row["id"], sentences=tuple(SourceSentence(text=text) for text in texts))
    paper = Paper(id=row["id"], title=plain(title), abstract="", authors=())
    return Entry(paper, row.get("layout", ""), source, claims, known)


def _planted(entries: list[Entry]) -> Iterator[tuple[Entry, Falsified | None, bool]]:
    """Each entry with the kind of falsified sentence that is rarest so far; some again, for kinds that stay rare."""
    counts: Counter[str] = Counter()
    offers = [list(falsified(entry.claims, entry.source, entry.paper.title)) for entry in entries]
    used: set[tuple[int, str]] = set()
    for number, (entry, found) in enumerate(zip(entries, offers, strict=True)):
        real = [one for one in found if one.kind != "negation"] or found
        rarest = min(real, key=lambda one: counts[one.kind], default=None)
        if rarest:
            counts[rarest.kind] += 1
            used.add((number, rarest.text))
        yield entry, rarest, False
    for number, (entry, found) in enumerate(zip(entries, offers, strict=True)):
        for one in found:
            if one.kind != "negation" and counts[one.kind] < LEAST and (number, one.text) not in used:
                counts[one.kind] += 1
                yield entry, one, True


def _write(name: str, entry: Entry, planted: Falsified | None, again: bool, out: Path) -> dict[str, Any]:
    messages = load_judge().messages(entry.paper, entry.source, items(entry.claims, planted))
    question = {
        "messages": [message.model_dump(include={"role", "content"}) for message in messages],
        "schema": Verdicts.model_json_schema(),
    }
    (out / "ask" / f"{name}.json").write_text(json.dumps(question, ensure_ascii=False, indent=1), "utf-8")
    named = {"name": name, "paper_id": entry.paper.id, "layout": entry.layout, "again": again}
    known = Asked(**named, sentences=entry.known, planted=planted and tuple(planted))
    return known.model_dump()


class Said(NamedTuple):
    """One question with the verdicts on its sentences in their order, and on the falsified one."""

    asked: Asked
    verdicts: tuple[str, ...]
    of_planted: str
    words: tuple[str, ...]


def score(out: Path) -> None:
    """Print what the answers come to, and every miss and false objection."""
    asked = [Asked.model_validate(one) for one in json.loads((out / "key.json").read_text("utf-8"))]
    there = [one for one in asked if (out / "say" / f"{one.name}.json").exists()]
    said = [found for one in there if (found := _read(one, (out / "say" / f"{one.name}.json").read_text("utf-8")))]
    print(f"questions answered           {Share(len(there), len(asked))}")
    print(f"answers not in the form      {Share(len(there) - len(said), len(there))}")
    _print_planted([one for one in said if one.asked.planted])
    _print_grave([one for one in said if one.asked.sentences[0].label != "honest"])
    _print_false("honest", [one for one in said if one.asked.sentences[0].label == "honest" and not one.asked.again])
    _print_false("true", [one for one in said if one.asked.sentences[0].label != "honest"])


def _read(asked: Asked, content: str) -> Said | None:
    """None for an answer that the program could not use."""
    start, end = content.find("{"), content.rfind("}")
    try:
        verdicts = list(Verdicts.model_validate_json(content[start : end + 1]).verdicts)
    except ValidationError:
        return None
    if [one.number for one in verdicts] != list(range(1, len(asked.sentences) + 1 + bool(asked.planted))):
        return None
    of_planted = ""
    if asked.planted:
        place = asked.planted[1]
        of_planted, verdicts[place] = verdicts[place].verdict, verdicts.pop()
    words = tuple(f"{one.verdict}: {one.korean} / {one.english}" for one in verdicts)
    return Said(asked, tuple(one.verdict for one in verdicts), of_planted, words)


def _print_planted(said: list[Said]) -> None:
    print("\nfalsified sentences found, by kind")
    kinds = [one.asked.planted[0] for one in said if one.asked.planted]
    for kind in sorted(set(kinds)):
        hits = [one.of_planted != "supported" for one, of in zip(said, kinds, strict=True) if of == kind]
        print(f"  {kind:27}{Share(sum(hits), len(hits))}")
    print(f"  {'all':27}{Share(sum(one.of_planted != 'supported' for one in said), len(said))}")
    for one in said:
        if one.of_planted == "supported" and one.asked.planted:
            print(f"  missed {one.asked.name} {one.asked.planted[0]}: {one.asked.planted[2]}")


def _print_grave(said: list[Said]) -> None:
    print("\ngrave errors found, by kind")
    graves = [
        (one.asked.name, sentence, verdict)
        for one in said
        for sentence, verdict in zip(one.asked.sentences, one.verdicts, strict=True)
        if sentence.label == "grave"
    ]
    for kind in sorted({sentence.kind for _, sentence, _ in graves}):
        hits = [verdict != "supported" for _, sentence, verdict in graves if sentence.kind == kind]
        print(f"  {kind:27}{Share(sum(hits), len(hits))}")
    print(f"  {'all':27}{Share(sum(verdict != 'supported' for *_, verdict in graves), len(graves))}")
    for name, sentence, verdict in graves:
        if verdict == "supported":
            print(f"  missed {name} {sentence.kind}: {sentence.text}")


def _print_false(label: str, said: list[Said]) -> None:
    print(f"\nobjections to sentences that are {label}")
    objections, judged, entries = [], 0, 0
    for one in said:
        known = list(zip(one.asked.sentences, one.verdicts, one.words, strict=True))
        own = [
            (one.asked.name, s.text, words)
            for s, verdict, words in known
            if s.label == label and verdict != "supported"
        ]
        objections += own
        judged += sum(sentence.label == label for sentence in one.asked.sentences)
        entries += bool(own)
    print(f"  {'of sentences':27}{Share(len(objections), judged)}")
    print(f"  {'of entries':27}{Share(entries, len(said))}")
    for name, text, words in objections:
        print(f"  {name} {words}: {text}")


def main(arguments: list[str]) -> int:
    """Carry out one of the two commands; 2 where neither is asked for, or there is nothing to score."""
    match arguments:
        case ["ask", first, *others] if others:
            ask([Path(file) for file in (first, *others[:-1])], Path(others[-1]))
        case ["score", out] if (Path(out) / "key.json").is_file():
            score(Path(out))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
