"""Sentences with what they cite, to measure verification on: those of the recorded digests, and generated ones.

The recorded ones are read where TEST_DATA names them and never copied; what is generated is in our own words.
"""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.core.models import Entry, Finding
from pipeline.core.text import sentences
from pipeline.lang import termbase
from pipeline.layouts import parse
from pipeline.verify import trace
from pipeline.verify.alignment import align
from pipeline.verify.paper import PaperText

FROM_ABSTRACTS_ALONE = "2024-06-12"  # the archive's days before this one
_SEED = 20240612
_ABOUT_THE_FORM = frozenset({"language/style", "text/markup"})  # what the archive's own style breaks everywhere


class Case(NamedTuple):
    """The `number`th sentence of an entry, from 1, and the numbers of the source sentences that it rests on."""

    paper_id: str
    paper: PaperText
    number: int
    korean: str
    cites: tuple[int, ...]

    def findings(self) -> list[Finding]:
        """Return what verification says against it, matters of form aside."""
        texts = self.paper.sentences
        near = {place for number in self.cites for place in (number - 1, number + 1)} - set(self.cites)
        beside = [texts[number - 1] for number in sorted(near) if 0 < number <= len(texts)]
        found = trace.sentence(self.korean, [texts[number - 1] for number in self.cites], beside, self.paper)
        return [one for one in found if one.rule not in _ABOUT_THE_FORM]


def recorded_papers() -> dict[str, PaperText]:
    """The recorded abstracts by id."""
    lines = (_data() / "recordings" / "abstracts.jsonl").read_text("utf-8").splitlines()
    rows = map(json.loads, lines)
    return {row["id"]: PaperText(row["title"], sentences(row["abstract"]), termbase.load()) for row in rows}


def archive_entries() -> list[tuple[Entry, PaperText]]:
    """The entries that were made from abstracts alone, with their papers."""
    papers = recorded_papers()
    paths = sorted(path for path in (_data() / "archive").glob("20*.md") if path.stem < FROM_ABSTRACTS_ALONE)
    entries = (entry for path in paths for entry in parse(path.read_text("utf-8")).digest.entries)
    return [(entry, papers[entry.paper_id]) for entry in entries if entry.paper_id in papers]


def golden_entries() -> list[tuple[Entry, PaperText]]:
    """The entries of the seeds whose abstracts are recorded, with their papers."""
    papers = recorded_papers()
    paths = sorted((Path(__file__).parents[2] / "seeds").glob("*/*.md"))
    entries = (entry for path in paths for entry in parse(path.read_text("utf-8")).digest.entries)
    return [(entry, papers[entry.paper_id]) for entry in entries if entry.paper_id in papers]


def said(entry: Entry) -> str:
    """The running text of an entry."""
    return " ".join(section.text for section in entry.sections if section.name != "관련분야")


def archive_cases() -> list[Case]:
    """Every sentence of these entries, aligned with its abstract."""
    return [case for entry, paper in archive_entries() for case in _cases(entry, paper)]


def _cases(entry: Entry, paper: PaperText) -> Iterator[Case]:
    texts = [text for section in entry.sections for text in sentences(section.text)]
    for number, (text, cites) in enumerate(zip(texts, align(texts, paper), strict=True), start=1):
        yield Case(entry.paper_id, paper, number, text, cites)


def _data() -> Path:
    return Path(os.environ["TEST_DATA"])


# --- generated papers -------------------------------------------------------------------------------------------------

_ONSETS = "Bar Cor Dal Fen Gor Hel Kal Lor Mir Nor Pel Quin Ral Sel Tor Vel Wex Yor Zan".split()
_METHODS = "Net Former Flow Mix LM Tune Gen Diff".split()
_BENCHMARKS = "Bench QA Eval Set 500 Math".split()
_FIELDS = (("robots", "로봇"), ("proteins", "단백질"), ("music", "음악"), ("satellites", "위성"), ("weather", "날씨"))
_TASKS = (("planning", "계획"), ("search", "검색"), ("recognition", "인식"), ("compression", "압축"))


def generated_cases(papers: int) -> list[Case]:
    """The sentences of as many invented papers, each with the source sentence that it translates."""
    chance = random.Random(_SEED)
    return [case for number in range(papers) for case in _invented(number, chance)]


def _invented(number: int, chance: random.Random) -> Iterator[Case]:
    title, pairs = _paper(chance)
    paper = PaperText(title, [english for english, _ in pairs], termbase.load())
    for place, (_, korean) in enumerate(pairs, start=1):
        yield Case(f"generated-{number}", paper, place, korean, (place,))


def _paper(chance: random.Random) -> tuple[str, list[tuple[str, str]]]:
    method, rival, other = (chance.choice(_ONSETS) + chance.choice(_METHODS) for _ in range(3))
    one, two = (chance.choice(_ONSETS) + chance.choice(_BENCHMARKS) for _ in range(2))
    (field, field_ko), (task, task_ko) = chance.choice(_FIELDS), chance.choice(_TASKS)
    billions, trillions, thousands = chance.randint(2, 97), chance.randint(11, 99) / 10, chance.randint(12, 960)
    shares = [f"{share / 10:.1f}" for share in chance.sample(range(400, 990), 4)]
    gain, pace, times, hours = (
        chance.randint(2, 19),
        chance.randint(21, 98),
        chance.randint(2, 9),
        chance.randint(3, 47),
    )
    first, second = chance.sample([term for term in termbase.load().terms if term.misleading], 2)
    return f"{method}: {task.capitalize()} for {field}", [
        (
            f"We propose {method}, a {billions}B language model for {task} with {field}.",
            f"{field_ko} {task_ko}을 위한 {billions * 10}억 매개변수 언어 모델 {method}을 제안합니다.",
        ),
        (
            f"It is trained on {trillions} trillion tokens and {thousands}k images in {hours} hours.",
            f"{hours}시간 동안 {_korean(round(trillions * 1e12))} 토큰과"
            f" {_korean(thousands * 1000)} 장의 이미지로 학습합니다.",
        ),
        (
            f"On {one} it reaches {shares[0]}% accuracy, while {rival} reaches {shares[1]}%.",
            f"{one}에서 정확도가 {shares[0]}%이고 {rival}은 {shares[1]}%입니다.",
        ),
        (
            f"It scores {shares[2]}% on {two} and {shares[3]}% on {one}-Hard.",
            f"{two}에서 {shares[2]}%, {one}-Hard에서 {shares[3]}%를 얻습니다.",
        ),
        (
            f"The gain over {other} is {gain} percentage points at {pace} frames per second.",
            f"초당 {pace}프레임의 속도에서 {other}보다 {gain}%p 앞섭니다.",
        ),
        (
            f"Decoding is {times} times faster than with {rival} and needs {hours} GB of memory.",
            f"디코딩은 {rival}보다 {times}배 빠르고 메모리는 {hours}GB가 필요합니다.",
        ),
        (
            f"We find that {first.english} matters for {field} and the FAT protocol.",
            f"FAT 프로토콜과 {field_ko}에는 {first.korean[0]} 쪽이 중요함을 보입니다.",
        ),
        (
            f"Errors in {task} come from {second.english}, as a study with the SVC toolkit shows.",
            f"SVC 도구를 쓴 연구는 {task_ko} 오류가 {second.korean[0]}에서 옴을 보여줍니다.",
        ),
    ]


def _korean(value: int) -> str:
    """A whole number with Korean scales: 1조 5,000억, 12만 3,000."""
    parts = (
        (value // 10**12, "조"),
        (value // 10**8 % 10**4, "억"),
        (value // 10**4 % 10**4, "만"),
        (value % 10**4, ""),
    )
    return " ".join(f"{part:,}{scale}" for part, scale in parts if part)
