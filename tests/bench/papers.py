"""Papers that never were, each made of its number alone: what the list, arXiv and the model have to say of it.

An abstract has twelve sentences; the answer has a Korean one, true to it, for each of nine, five of them with figures:
as many, and about as long, as golden entries have. A page looks as LaTeXML makes arXiv's: formulas in parallel markup,
citations, tables, references.
"""

import datetime as dt
import random
from functools import cache
from typing import NamedTuple

from tests.support.fakes import ArxivPaper, listed_record
from tests.support.synthetic import FIRST, id_of
from tests.support.world import cite, envelope, layout_of, title_of

_NAMES = "Maple Harbor Ember Quartz Willow Cedar Falcon Lumen Onyx Prairie".split()
_KINDS = "Reader Split Chunk Weave Scan Fold".split()
_BACKGROUND = (
    "Long documents are hard for language models, since what is said at the beginning is often forgotten by the end.",
    "Earlier work makes the memory of the model larger, or shortens the document before it is read.",
    "Both have a price: a large memory is slow, and a short version may lack what a question asks for.",
)
_SENTENCES = (
    (
        "We propose {name}, a new method for reading long documents, and study its results in several languages.",
        "이 논문은 긴 문서를 읽는 새로운 방법인 {name}를 제안하고, 여러 언어의 문서에 적용한 결과를 자세히 살펴봅니다.",
    ),
    (
        "The method divides each document into {a} parts, learns from one after another, and keeps a note of each.",
        "제안된 방법은 각 문서를 {a}개 부분으로 나누어 하나씩 차례로 학습하고, 읽은 부분마다 짧은 메모를 남겨 둡니다.",
    ),
    (
        "A small network with {b} million parameters decides by these notes which of the parts are read again.",
        "매개변수가 {b}00만 개인 작은 신경망이 이 메모를 바탕으로 여러 부분 가운데 어느 것을 다시 읽을지 결정합니다.",
    ),
    (
        "On the LongShelf benchmark it reaches an accuracy of {c}.3%, which is {d}.4 points above earlier results.",
        "LongShelf 벤치마크에서 정확도 {c}.3%를 기록하였으며, 이는 이전에 발표된 결과보다 {d}.4포인트 높은 수치입니다.",
    ),
    (
        "Training takes {e} hours on {f} GPUs, and reading a document costs {g}% less memory than before.",
        "학습에는 GPU {f}개로 {e}시간이 걸리며, 문서를 읽는 데 드는 메모리는 이전 방법과 비교하여 {g}% 줄어듭니다.",
    ),
    (
        "We also show that for short documents the order of the parts has little influence on the answers.",
        "또한 짧은 문서에서는 나누어진 부분을 읽는 순서가 답변의 품질에 거의 영향을 주지 않는다는 점을 함께 보입니다.",
    ),
    (
        "An analysis of {h} errors suggests that most of them come from tables and figures.",
        "오류 {h}건을 하나하나 분석한 결과, 대부분의 오류가 본문이 아니라 표와 그림에서 나온다는 점을 알 수 있습니다.",
    ),
    (
        "The longer the documents are, the more the method gains over reading all of it at once.",
        "문서가 길어질수록 전체를 한꺼번에 읽는 방식보다 제안된 방법이 얻는 이점이 더 커지는 것으로 나타납니다.",
    ),
    (
        "The code and the data are released so that others can repeat and extend the experiments.",
        "다른 연구자들이 같은 실험을 반복하고 더 확장할 수 있도록 논문에 사용한 코드와 데이터를 모두 공개합니다.",
    ),
)
_WORDS = (
    "the model reads each part of a long document and keeps what later parts may need while older memory fades as "
    "training goes on and the error of a single step grows with its length so we compare several ways to choose"
).split()
_SECTIONS = ("Introduction", "Related Work", "Method", "Data", "Experiments", "Results", "Limitations", "Conclusion")
PARAGRAPHS_A_PAGE = 5


class Paper(NamedTuple):
    """A paper by its number."""

    number: int

    @property
    def id(self) -> str:
        """Its arXiv id."""
        return id_of(self.number)

    @property
    def title(self) -> str:
        """A name of its own, and what it is about."""
        return f"{self._name}: Reading Long Documents in Parts"

    @property
    def abstract(self) -> str:
        """About 1,200 characters, as real ones have."""
        figures = self._figures
        return " ".join((*_BACKGROUND, *(english.format(**figures) for english, _ in _SENTENCES)))

    @property
    def listed(self) -> dict[str, object]:
        """Its record in Hugging Face's list."""
        return listed_record(self.id, self.title, self.abstract, ("Ada Example", "Bo Sample"), self.number % 90)

    @property
    def entry(self) -> str:
        """Its entry in arXiv's feed."""
        return ArxivPaper(self.id, self.title, self.abstract, ("Ada Example", "Bo Sample"), ("cs.CL", "cs.LG")).xml()

    @property
    def korean(self) -> list[str]:
        """A good model's sentences about it."""
        figures = self._figures
        return [korean.format(**figures) for _, korean in _SENTENCES]

    @property
    def _name(self) -> str:
        kind = _KINDS[self.number // len(_NAMES) % len(_KINDS)]
        return f"{_NAMES[self.number % len(_NAMES)]}{kind}-{self.number}"

    @property
    def _figures(self) -> dict[str, object]:
        dice = random.Random(self.number)
        odd = dice.sample(range(11, 89), k=8)  # no figure twice, so that none passes for another
        return {"name": self._name, **dict(zip("abcdefgh", odd, strict=True))}


def day_of(date: dt.date, papers: int) -> list[Paper]:
    """The papers of a list that has so many every day."""
    first = (date - FIRST).days * papers
    return [Paper(number) for number in range(first, first + papers)]


def number_of(paper_id: str) -> int:
    """The number that an id was made of."""
    year, month, place = int(paper_id[:2]), int(paper_id[2:4]), int(paper_id[5:10])
    return (year - 10) * 120_000 + (month - 1) * 10_000 + place - 10_000


def answer_about(body: dict[str, object]) -> str:
    """Return a good model's answer to a request, in the layout that it asks for."""
    paper = Paper(int(title_of(body).partition(":")[0].rpartition("-")[2]))
    said = [cite(korean, place) for place, korean in enumerate(paper.korean, start=len(_BACKGROUND) + 1)]
    headline = cite(f"긴 문서를 부분으로 나누어 읽는 {paper.title.partition(':')[0]}", *range(1, len(_BACKGROUND) + 3))
    answers: dict[str, dict[str, object]] = {
        "sections": {"whats_new": said[:2], "technical_details": said[2:6], "performance_highlights": said[6:]},
        "bullets": {"bullets": said},
        "easy": {"summary": [said[:4], said[4:6]], "easy": said[6:], "fields": ["기계 학습"]},
    }
    return envelope(answers[layout_of(body)] | {"headline": headline})


@cache
def page_of(variant: int, pages: int) -> bytes:
    """The HTML of a paper of so many pages: about 12 KB each, most of it the markup of formulas."""
    dice = random.Random(variant)
    each, over = divmod(pages, len(_SECTIONS))
    body = "".join(
        _section(number, title, each + (number <= over), dice) for number, title in enumerate(_SECTIONS, start=1)
    )
    references = "".join(
        f"<li class='ltx_bibitem' id='bib.bib{number}'><span class='ltx_bibblock'>{_sentence(dice)}</span></li>"
        for number in range(pages)
    )
    return (
        "<!DOCTYPE html><html lang='en'><head><title>A Paper</title></head><body><div class='ltx_page_main'>"
        f"<article class='ltx_document'><h1 class='ltx_title ltx_title_document'>A Paper</h1>{body}"
        f"<section class='ltx_bibliography'><h2 class='ltx_title ltx_title_bibliography'>References</h2>"
        f"<ul class='ltx_biblist'>{references}</ul></section></article></div></body></html>"
    ).encode()


def _section(number: int, title: str, pages: int, dice: random.Random) -> str:
    parts = "".join(_paragraph(f"S{number}.p{place}", dice) for place in range(1, pages * PARAGRAPHS_A_PAGE + 1))
    heading = f"<h2 class='ltx_title ltx_title_section'><span class='ltx_tag'>{number} </span>{title}</h2>"
    return f"<section id='S{number}' class='ltx_section'>{heading}{parts}{_table(number, dice)}</section>"


def _paragraph(place: str, dice: random.Random) -> str:
    formulas = (_formula(f"{place}.m{number}", dice) for number in range(1, 3))
    said = " ".join(f"{_sentence(dice)} {_sentence(dice)} Here {formula} holds {_cite(dice)}." for formula in formulas)
    return f"<div id='{place}' class='ltx_para'><p id='{place}.1' class='ltx_p'>{said} {_sentence(dice)}</p></div>\n"


def _sentence(dice: random.Random) -> str:
    words = " ".join(dice.choices(_WORDS, k=17))
    return f"{words[0].upper()}{words[1:]} by {dice.randrange(1, 99)}.{dice.randrange(10)}%."


def _cite(dice: random.Random) -> str:
    number = dice.randrange(60)
    return (
        f"<cite class='ltx_cite ltx_citemacro_citep'>[<a href='#bib.bib{number}' class='ltx_ref'>{number}</a>]</cite>"
    )


def _formula(place: str, dice: random.Random) -> str:
    """x_i = n y, as it is shown, as it is meant, and as LaTeX."""
    x, y, n = dice.choice("xyzuvw"), dice.choice("abcde"), dice.randrange(2, 99)
    shown = (
        f"<mrow id='{place}.7' xref='{place}.7.cmml'><msub id='{place}.3' xref='{place}.3.cmml'>"
        f"<mi id='{place}.1' xref='{place}.1.cmml'>{x}</mi><mi id='{place}.2' xref='{place}.2.cmml'>i</mi></msub>"
        f"<mo id='{place}.4' xref='{place}.4.cmml'>=</mo><mn id='{place}.5' xref='{place}.5.cmml'>{n}</mn>"
        f"<mi id='{place}.6' xref='{place}.6.cmml'>{y}</mi></mrow>"
    )
    meant = (
        f"<apply id='{place}.7.cmml' xref='{place}.7'><eq id='{place}.4.cmml' xref='{place}.4'></eq><apply>"
        f"<csymbol cd='ambiguous'>subscript</csymbol><ci>{x}</ci><ci>i</ci></apply><cn type='integer'>{n}</cn></apply>"
    )
    tex = f"{x}_{{i}}={n}{y}"
    return (
        f"<math id='{place}' class='ltx_Math' alttext='{tex}' display='inline'><semantics>{shown}"
        f"<annotation-xml encoding='MathML-Content'>{meant}</annotation-xml>"
        f"<annotation encoding='application/x-tex'>{tex}</annotation></semantics></math>"
    )


def _table(number: int, dice: random.Random) -> str:
    cells = (
        "".join(f"<td class='ltx_td'>{dice.randrange(100)}.{dice.randrange(10)}</td>" for _ in range(5))
        for _ in range(8)
    )
    rows = "".join(f"<tr class='ltx_tr'><th class='ltx_td ltx_th'>Model</th>{row}</tr>" for row in cells)
    return (
        f"<figure id='S{number}.T1' class='ltx_table'><table class='ltx_tabular'><tbody>{rows}</tbody></table>"
        f"<figcaption class='ltx_caption'>{_sentence(dice)}</figcaption></figure>"
    )
