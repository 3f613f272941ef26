"""Which part of a paper a model gets to read, within a budget of tokens. Pure.

The digest asks of every paper what it proposes, how that works, on which data, with what results and within which
limits. Each of these has a share of the budget; what one does not use goes to what is best of the rest. The choice is
the same for every layout: a second one finds the paper in the provider's cache, and a number means the same sentence.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product
from typing import Literal, NamedTuple

from pipeline.core.models import SourceSentence, SourceText
from pipeline.core.text import printable
from pipeline.core.tokens import estimate
from pipeline.fulltext.document import Block, Document, sentences_of

Role = Literal[
    "abstract", "introduction", "method", "data", "results", "table", "limitations", "conclusion", "related", "appendix"
]

NUMBERING = 4  # tokens of "[123] " and of the line's end
LARGEST_UNIT = 250  # tokens: a longer paragraph is chosen in parts
LARGEST_TABLE = 700

_SHARES: dict[Role, float] = {
    "introduction": 0.18,
    "method": 0.28,
    "data": 0.10,
    "results": 0.20,
    "table": 0.14,
    "limitations": 0.05,
    "conclusion": 0.05,
}
_LAST: tuple[Role, ...] = ("related", "appendix")  # only where there is room left
# A body that leaves more of the budget free is short, and the appendix belongs to what it says; else its details would
# take the places of the argument in a summary.
_SHORT = 0.5
# By the titles that sections have. The first that fits counts, from the innermost title outwards.
_TITLES: dict[Role, str] = {
    "limitations": r"limitation|broader impact|failure|ethic|societal|한계|윤리|局限|限界",
    "related": r"related|prior work|previous work|background|preliminar|literature|관련|배경|선행|相关|関連",
    "data": r"\bdata|corpus|corpora|\bbenchmarks?\b|데이터|말뭉치|数据|データ",
    "results": r"result|experiment|evaluat|analys[ie]s|ablation|comparison|finding|performance"
    r"|실험|결과|평가|实验|结果|実験|評価",
    "introduction": r"introduction|contribution|motivation|서론|들어가며|기여|引言|はじめに|序論",
    "conclusion": r"conclusion|concluding|discussion|summary|future work|결론|맺음|논의|结论|結論",
    "method": r"method|approach|model|architect|framework|train|algorithm|overview|system|방법|모델|모형|方法|手法",
}
_CUE_WORDS: dict[Role, str] = {
    "introduction": r"\bwe (?:propose|present|introduce|develop|show|study|find|release)|contribution|\bnovel\b"
    r"|in this (?:paper|work)|제안|소개|기여|본 논문|우리는",
    "method": r"\bwe (?:use|train|propose|introduce|define|design|adopt|initiali)|consists? of|\boverview\b"
    r"|architecture|\bloss\b|parameters|objective|구성|학습|손실|매개변수",
    "data": r"\d|dataset|benchmark|corpus|annotat|데이터",
    "results": r"\d|outperform|improv|achiev|state-of-the-art|better|higher|lower|faster|surpass|accuracy"
    r"|향상|능가|높|빠르",
    "table": r"\d",
    "limitations": r"limit|fail|only|however|cannot|한계|못",
    "conclusion": r"\bwe\b|\d|우리",
}
_CUES = {role: re.compile(words) for role, words in _CUE_WORDS.items()}
_KINDS = {"footnote": -1.0, "theorem": -0.5, "caption": -0.5, "proof": -2.0, "code": -2.0, "figure": -2.0}
_OURS = re.compile(r"\bours?\b|\(ours\)|제안", re.IGNORECASE)
_Group = list[tuple[Block, tuple[SourceSentence, ...]]]


class _Unit(NamedTuple):
    """What is chosen or left out as one: a paragraph or a part of it, a list item, a table with its caption."""

    place: int
    role: Role
    score: float
    sentences: tuple[SourceSentence, ...]
    cost: int


def select(document: Document, budget_tokens: int = 16_000) -> SourceText:
    """Select the sentences that fit the budget, in the paper's order, and in `cut` what was left out of each section.

    The abstract is always whole, even above the budget. Tokens are those of the numbered sentences, by estimate.
    """
    units = list(_units(document))
    chosen = _choose(units, budget_tokens)
    kept = tuple(sentence for unit in units if unit.place in chosen for sentence in unit.sentences)
    return SourceText(
        paper_id=document.paper_id,
        sentences=kept,
        origin=document.origin,
        cut=(*document.notes, *_left_out(units, kept)),
    )


def cost(sentences: Iterable[SourceSentence]) -> int:
    """Estimate the tokens of sentences, with their numbers."""
    return sum(estimate(sentence.text) + NUMBERING for sentence in sentences)


def _choose(units: list[_Unit], budget: int) -> set[int]:
    chosen = {unit.place for unit in units if unit.role == "abstract"}
    left = budget - sum(unit.cost for unit in units if unit.role == "abstract")
    ranked = sorted(units, key=lambda unit: (-unit.score, unit.place))
    for role, share in _SHARES.items():
        _take([unit for unit in ranked if unit.role == role], share * left, chosen)
    spent = sum(unit.cost for unit in units if unit.place in chosen)
    spent += _take([unit for unit in ranked if unit.role not in _LAST], budget - spent, chosen)
    spent += _take([unit for unit in ranked if unit.role == "related"], budget - spent, chosen)
    _take([unit for unit in ranked if unit.role == "appendix"], _SHORT * budget - spent, chosen)
    return chosen


def _take(ranked: Iterable[_Unit], room: float, chosen: set[int]) -> int:
    """Choose the best units for which there is room; what they cost."""
    spent = 0
    for unit in ranked:
        if unit.place not in chosen and spent + unit.cost <= room:
            chosen.add(unit.place)
            spent += unit.cost
    return spent


def _units(document: Document) -> Iterator[_Unit]:
    place, first_of = 0, ""
    for group in _groups(document):
        block = group[0][0]
        role = _role(block, is_table=any(member.kind == "table" for member, _ in group))
        bonus = 1.0 if block.section != first_of else 0.0  # a section's first paragraph says what it is about
        first_of = block.section
        for part, tokens in _parts(group):
            yield _Unit(place, role, _score(block, role, part) + bonus, part, tokens)
            place, bonus = place + 1, 0.0
            role = "appendix" if role == "table" else role  # rows without their head are the last that is wanted


def _groups(document: Document) -> list[_Group]:
    """Return each block with its sentences; those of one table, its caption too, together."""
    groups: list[_Group] = []
    for block, found in zip(document.blocks, sentences_of(document), strict=True):
        before = groups[-1][-1][0] if groups and block.kind == "table" else None
        if before is None or before.kind not in ("table", "caption") or before.anchor != block.anchor:
            groups.append([])
        groups[-1].append((block, found))
    return groups


def _role(block: Block, *, is_table: bool) -> Role:
    if block.kind == "abstract":
        return "abstract"
    if block.appendix:
        return "appendix"
    role = _by_title(block.headings)
    return "table" if is_table and role not in _LAST else role


@lru_cache(maxsize=256)
def _by_title(headings: tuple[str, ...]) -> Role:
    """Find the kind by the titles over a block; one that says nothing, such as a name, is the method's."""
    pairs = product(reversed(headings), _TITLES.items())
    found = (role for heading, (role, titles) in pairs if re.search(titles, heading, re.IGNORECASE))
    return next(found, "method" if headings else "introduction")


def _score(block: Block, role: Role, part: tuple[SourceSentence, ...]) -> float:
    cues = _CUES.get(role)
    hits = sum(bool(cues.search(sentence.text.lower())) for sentence in part) if cues else 0  # faster than IGNORECASE
    return hits / len(part) + (1.0 if role == "introduction" and block.kind == "item" else _KINDS.get(block.kind, 0.0))


def _parts(group: _Group) -> Iterator[tuple[tuple[SourceSentence, ...], int]]:
    """Return the group's sentences in parts that are not too large, each with its cost.

    Of a large table the head and the rows that matter are one.
    """
    sentences = [sentence for _, found in group for sentence in found]
    if any(block.kind == "table" for block, _ in group):
        sentences, rest = _rows(group)
        yield tuple(sentences), cost(sentences)
        sentences = rest
    part: list[SourceSentence] = []
    size = 0
    for sentence in sentences:
        more = cost([sentence])
        if part and size + more > LARGEST_UNIT:
            yield tuple(part), size
            part, size = [], 0
        part.append(sentence)
        size += more
    if part:
        yield tuple(part), size


def _rows(group: _Group) -> tuple[list[SourceSentence], list[SourceSentence]]:
    """Return caption, head and as many rows as a table may have, the paper's own first; and the other rows."""
    captions = [sentence for block, found in group if block.kind != "table" for sentence in found]
    head, *rows = [sentence for block, found in group if block.kind == "table" for sentence in found]
    kept = [*captions, head]
    room = LARGEST_TABLE - cost(kept)
    for row in sorted(rows, key=lambda row: not _OURS.search(row.text)):
        room -= cost([row])
        if room >= 0:
            kept.append(row)
    places = {sentence.start for sentence in kept}
    kept.sort(key=lambda sentence: sentence.start)
    return kept, [row for row in rows if row.start not in places]


def _left_out(units: Iterable[_Unit], kept: tuple[SourceSentence, ...]) -> Iterator[str]:
    """Say what of each section the model does not get."""
    there = Counter(sentence.section for unit in units for sentence in unit.sentences)
    got = Counter(sentence.section for sentence in kept)
    for section, count in there.items():
        if missing := count - got[section]:
            name = f"section “{printable(section)[:80]}”" if section else "before the first section"
            yield f"{name}: {'all' if missing == count else f'{missing} of'} {count} sentences left out"
