"""Two small sites to look at: one with every kind of page, one of words that attack."""

import datetime as dt
from pathlib import Path

from pipeline.archive.files import digest_path
from pipeline.archive.record import DayRecord, EntryRecord, HeldBackRecord, WithdrawnRecord, dump, record_path
from pipeline.core.models import Cited, Claim, Digest, Entry, LayoutName, Section
from pipeline.layouts import render
from pipeline.publish.site import search
from pipeline.publish.site.build import build
from pipeline.publish.site.paths import Site
from tests.support import days, synthetic

TITLE = "오늘의 논문"
FIRST, NEWEST = dt.date(2024, 8, 20), dt.date(2024, 8, 22)
TRACED, GONE = "2408.11318", "2408.00001"
IMAGE = "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{}.png"
PAGES = {
    "today": "index.html",
    "recent": "recent/index.html",
    "day": f"day/{NEWEST}/index.html",
    "paper": f"paper/{TRACED}/index.html",
    "withdrawn": f"paper/{GONE}/index.html",
    "year": "archive/2024/index.html",
    "fields": "field/index.html",
    "field": "field/자연어-처리/index.html",
    "search": "search/index.html?q=추론",
    "about": "about/index.html",
}
# How a site is attacked: by each of these in every place that a digest or a record has.
ATTACKS = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    '" onmouseover="alert(4)" autofocus onfocus="alert(5)',
    "javascript:alert(6)",
    "data:text/html,<script>alert(7)</script>",
    "<svg onload=alert(8)><animate onbegin=alert(9)>",
    "a\u202egnp.exe\u2066",
    "{{ 7 * 7 }}{% raw %}${alert(10)}",
    "<iframe srcdoc='<script>alert(11)</script>'>",
    "<a href=javascript:alert(12)>누르기</a>",
    "<base href=https://evil.example/><link rel=stylesheet href=//evil.example/x.css>",
)


def every_kind(output: Path) -> Path:
    """A site with each kind of page, over two years, searchable; its folder."""
    synthetic.write_day(output, dt.date(2023, 12, 29), range(3))
    synthetic.write_day(output, FIRST, range(3, 6))
    synthetic.write_day(output, FIRST + dt.timedelta(days=1), range(6, 8))
    gone = WithdrawnRecord(id=GONE, title="Gone", reason="저자의 요청", at=days.at())
    held = HeldBackRecord(id="2408.00002", title="Held", reason="numbers/unknown: 5억", nights=(NEWEST,))
    traced = _traced()
    entries = (
        days.entry(TRACED, title="Reasoning Tiles", votes=3, thumbnail=IMAGE.format(TRACED)).model_copy(
            update={"sections": traced}
        ),
        days.entry("2408.00003", fields="컴퓨터 비전", title="Picture Book", votes=90),
        days.entry("2408.00004", fields="컴퓨터 비전, 자연어 처리", title="Moving Book", votes=40).model_copy(
            update={"thumbnail": "https://cdn-uploads.huggingface.co/a.mp4"}
        ),
    )
    write(output, "easy", entries, _record(), held_back=(held,), withdrawn=(gone,))
    details = Section(name="What's New", text="타일을 더 자세히 나눕니다.")
    write(
        output, "sections", (days.entry(TRACED, title="Reasoning Tiles").model_copy(update={"sections": (details,)}),)
    )
    return build(output, Site(TITLE, ""), pagefind=search.installed()).site


def _traced() -> tuple[Section, ...]:
    return (
        Section(
            name="요약", text="이 방법은 LLM의 추론을 4.6% 개선합니다. 비용은 3.2배 줄어듭니다.\n\n코드도 있습니다."
        ),
        Section(name="쉬운설명", text="조각을 나누어 생각합니다."),
        Section(name="관련분야", text="자연어 처리"),
    )


def _record() -> EntryRecord:
    texts = ("이 방법은 LLM의 추론을 4.6% 개선합니다.", "비용은 3.2배 줄어듭니다.")
    cited = (
        Cited(number=1, text="Tiles improve reasoning by 4.6%.", section="4 Results", anchor="S4.p1"),
        Cited(number=2, text="They cost 3.2 times less.", section="5 Cost", anchor="S5.p2"),
    )
    claims = tuple(Claim(section="요약", text=text, cites=(number,)) for number, text in enumerate(texts, 1))
    return days.record(TRACED, claims=claims, cited=cited, origin="html")


def hostile(output: Path) -> Path:
    """A site of which every text is an attack; its folder."""
    attacked = [_attacked(attack, f"2408.{place + 10000}") for place, attack in enumerate(ATTACKS)]
    everything = " ".join(ATTACKS)
    held = HeldBackRecord(id="../../../etc/passwd", title=everything, reason=everything, nights=())
    gone = WithdrawnRecord(id="../../x", title=everything, reason=everything, at=days.at())
    entries, records = zip(*attacked, strict=True)
    write(output, "easy", entries, *records, held_back=(held,), withdrawn=(gone,))
    return build(output, Site(ATTACKS[0], ""), pagefind=search.installed()).site


def _attacked(attack: str, paper_id: str) -> tuple[Entry, EntryRecord]:
    field = Section(name="관련분야", text=f"{attack.replace(',', ' ')}, 자연어 처리")
    text = f"{attack} 추론 문장입니다."
    entry = Entry(
        paper_id=paper_id,
        title=f"{attack} Title",
        url=f"https://arxiv.org/abs/{paper_id}",
        thumbnail=attack if int(paper_id[-1]) % 2 else IMAGE.format(paper_id),
        sections=(Section(name="요약", text=f"{text}\n\n{attack}"), field),
    )
    facts = {"model": attack, "authors": (attack,), "cut": (attack,), "origin": "html"}
    cited = Cited(number=1, text=attack, section=attack, anchor=attack)
    return entry, days.record(paper_id, claims=(Claim(section="요약", text=text, cites=(1,)),), cited=(cited,), **facts)


def write(
    output: Path,
    layout: LayoutName,
    entries: tuple[Entry, ...],
    *records: EntryRecord,
    date: dt.date = NEWEST,
    **more: object,
) -> None:
    """A digest, and beside it a record where there is one."""
    path = digest_path(output, layout, date)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(Digest(layout=layout, date=None if layout == "easy" else date, entries=entries)), "utf-8")
    if records:
        facts = {"layout": layout, "date": date, "provider": "openai", "entries": records, **more}
        record_path(path).write_bytes(dump(DayRecord.model_validate(facts)))
