"""Days of a digest for tests of what shows them to readers: made of records, without a file."""

import datetime as dt
from collections.abc import Iterable

from pipeline.archive.catalog import Article, Day
from pipeline.archive.record import DayRecord, EntryRecord
from pipeline.core.models import Cited, Claim, Entry, LayoutName, Prompt, Section, Usage

TODAY = dt.date(2024, 8, 22)
# Each of these has broken out of some page or feed somewhere.
HOSTILE = (
    "<script>alert(1)</script>",
    "]]></content><entry/>",
    "\x00\x08\x0b\x0c\x1b\x7f\ufffe\uffff",
    "\u202e거꾸로\u2066\u200f",
    "</script><img src=x onerror=alert(1)>",
    '"><a href="javascript:alert(1)">클릭</a>',
    "&amp;lt; &#0; %00 {{ 7*7 }}",
    "</title></svg><style>*{display:none}</style>",
)


def at(day: int = 22, hour: int = 3) -> dt.datetime:
    return dt.datetime(2024, 8, day, hour, tzinfo=dt.UTC)


def entry(paper_id: str = "2408.11318", *, fields: str = "", **other: object) -> Entry:
    sections = [
        Section(
            name="요약", text="제안한 방법은 **정확도**를 4.6% 높입니다. 오류는 3.2% 줄어듭니다.\n\n코드도 공개합니다."
        )
    ]
    sections += [Section(name="관련분야", text=fields)] if fields else []
    facts = {"paper_id": paper_id, "title": "Alpha Networks", "url": f"https://arxiv.org/pdf/{paper_id}"}
    return Entry.model_validate({**facts, "sections": tuple(sections), **other})


def record(paper_id: str = "2408.11318", **other: object) -> EntryRecord:
    facts: dict[str, object] = {
        "id": paper_id,
        "version": 1,
        "title": "Alpha Networks",
        "authors": ("Kim Min", "Lee Ann"),
        "votes": 3,
        "metadata": "arxiv",
        "provider": "openai",
        "model": "small",
        "prompt": Prompt(name="easy", version="1", hash="0" * 8),
        "usage": Usage(input=1000, output=200),
        "attempts": 1,
        "usd": 0.01,
        "claims": (Claim(section="요약", text="오류는 3.2% 줄어듭니다.", cites=(1,)),),
        "cited": (Cited(number=1, text="Errors fall by 3.2%.", section="Results", anchor="S4"),),
        "written_at": at(),
    }
    return EntryRecord.model_validate({**facts, **other})


def article(
    entry: Entry, record: EntryRecord | None = None, *, date: dt.date = TODAY, layout: LayoutName = "easy"
) -> Article:
    return Article(date, layout, entry, record)


def day(articles: Iterable[Article] = (), *, date: dt.date = TODAY, **recorded: object) -> Day:
    """A day; what is said of its record goes to that of the layout `easy`, and without any word there is none."""
    facts = {"layout": "easy", "date": date, "provider": "openai", **recorded}
    return Day(date, tuple(articles), {"easy": DayRecord.model_validate(facts)} if recorded else {}, ())
