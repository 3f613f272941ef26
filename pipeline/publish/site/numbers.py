"""The project's own account: papers a day, what was held back and why, what verification caught, what a paper cost.

Pure. A day becomes a row of figures, and rows become an account and its charts; how a chart is drawn is not said here.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from pipeline.archive.catalog import Day
from pipeline.archive.record import EntryRecord, HeldBackRecord
from pipeline.core.rules import RULES
from pipeline.publish.site.charts import Chart, Series

BY_DAY = 62  # days that are shown one by one; a longer time is shown by month
_DAY, _MONTH = len("2024-08-22"), len("2024-08")
_FAMILIES = {
    "structure": "형식",
    "field": "서지 사항",
    "text": "글자와 표기",
    "filler": "상투적인 문구",
    "language": "한국어 문장",
    "numbers": "수치",
    "terms": "이름과 용어",
    "citations": "근거 문장",
    "reader": "두 번째 검토",
    "identity": "다른 논문의 내용",
}
_CAUSES = {
    **_FAMILIES,
    "budget": "비용 한도",
    "source": "원문 없음",
    "answer": "쓸 수 없는 응답",
    "withdrawn": "수록 후 철회",
}


class DayNumbers(NamedTuple):
    """A day in figures. Each paper counts once, whatever the layouts: as printed if any of them prints it, else as held
    back, failed or a duplicate, in this order. Papers withdrawn are held back.

    `causes` counts why a paper was held back in a layout; `caught` counts findings by rule, the warnings in printed
    entries too. `asked` are the papers that calls were made about, `priced` those of them whose price is known; `usd`
    is what those cost, `tokens` are of all calls, in and out.
    """

    date: dt.date
    printed: int = 0
    held_back: int = 0
    failed: int = 0
    duplicate: int = 0
    causes: Mapping[str, int] = {}
    caught: Mapping[str, int] = {}
    asked: int = 0
    priced: int = 0
    usd: float = 0.0
    tokens: int = 0


class Period(NamedTuple):
    """A day, `2024-08-22`, or a month, `2024-08`, or all days. What a paper cost is of those that were asked about,
    held back or not; None where no price is known, or nothing was asked.
    """

    name: str
    printed: int
    held_back: int
    failed: int
    duplicate: int
    usd_per_paper: float | None
    tokens_per_paper: float | None


class Numbers(NamedTuple):
    """The account of all days: the periods, the oldest first; causes and rules, the most frequent first."""

    days: int
    total: Period
    periods: tuple[Period, ...]
    causes: tuple[tuple[str, int], ...]
    caught: tuple[tuple[str, int], ...]


def of_day(day: Day) -> DayNumbers:
    """The figures of a day. Without records there are none but of what is printed."""
    records = day.records.values()
    printed = {article.entry.paper_id for article in day.articles}
    held = {one.id for record in records for one in record.held_back}
    held = (held | {one.id for record in records for one in record.withdrawn}) - printed
    failed = {one.id for record in records for one in record.failed} - printed - held
    duplicate = {one.id for record in records for one in record.duplicates} - printed - held - failed
    checked = list(_checked(day))
    asked = [one for one in checked if one.attempts]
    return DayNumbers(
        date=day.date,
        printed=len(printed),
        held_back=len(held),
        failed=len(failed),
        duplicate=len(duplicate),
        causes=Counter(_causes(day)),
        caught=Counter(found.rule for one in checked for found in one.findings),
        asked=len({one.id for one in asked}),
        priced=len({one.id for one in asked if one.usd is not None}),
        usd=sum(one.usd for one in asked if one.usd is not None),
        tokens=sum(one.usage.input + one.usage.output for one in asked),
    )


def account(rows: Iterable[DayNumbers]) -> Numbers:
    """The account of these days, which may come in any order: by day, or by month when they are more than BY_DAY."""
    ordered = sorted(rows, key=lambda row: row.date)
    length = _DAY if len(ordered) <= BY_DAY else _MONTH
    return Numbers(
        days=len(ordered),
        total=_period("", ordered),
        periods=tuple(
            _period(name, list(same)) for name, same in groupby(ordered, lambda row: row.date.isoformat()[:length])
        ),
        causes=_ranked(row.causes for row in ordered),
        caught=_ranked(row.caught for row in ordered),
    )


def charts(numbers: Numbers) -> tuple[Chart, ...]:
    """The account as charts, without those that would be empty."""
    periods = numbers.periods
    papers = (
        Series("수록", tuple(period.printed for period in periods)),
        Series("보류", tuple(period.held_back for period in periods)),
        Series("실패", tuple(period.failed for period in periods)),
        Series("중복", tuple(period.duplicate for period in periods)),
    )
    found = (
        _over_time("papers", "논문 수", "편", periods, papers),
        _ranking("causes", "수록을 보류한 사유", [(_CAUSES.get(name, name), count) for name, count in numbers.causes]),
        _ranking("caught", "검증에서 찾아낸 문제", [(_rule(name), count) for name, count in numbers.caught]),
        _over_time(
            "usd", "논문당 비용", "달러", periods, (Series("비용", tuple(one.usd_per_paper for one in periods)),)
        ),
        _over_time(
            "tokens", "논문당 토큰", "개", periods, (Series("토큰", tuple(one.tokens_per_paper for one in periods)),)
        ),
    )
    return tuple(chart for chart in found if any(value for one in chart.series for value in one.values))


def _over_time(key: str, title: str, unit: str, periods: Sequence[Period], series: tuple[Series, ...]) -> Chart:
    names = tuple(period.name for period in periods)
    return Chart(key, f"{'월별' if names and len(names[0]) == _MONTH else '날짜별'} {title}", unit, names, series)


def _ranking(key: str, title: str, counts: Sequence[tuple[str, int]]) -> Chart:
    names = tuple(name for name, _ in counts)
    return Chart(key, title, "건", names, (Series("건수", tuple(count for _, count in counts)),), lying=True)


def _rule(name: str) -> str:
    """A rule's name with its family's in Korean: `수치 (numbers/unknown)`."""
    return f"{_FAMILIES.get(name.partition('/')[0], '그 밖')} ({name})"


def _period(name: str, rows: Sequence[DayNumbers]) -> Period:
    asked, priced = sum(row.asked for row in rows), sum(row.priced for row in rows)
    return Period(
        name,
        sum(row.printed for row in rows),
        sum(row.held_back for row in rows),
        sum(row.failed for row in rows),
        sum(row.duplicate for row in rows),
        sum(row.usd for row in rows) / priced if priced else None,
        sum(row.tokens for row in rows) / asked if asked else None,
    )


def _ranked(counts: Iterable[Mapping[str, int]]) -> tuple[tuple[str, int], ...]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return tuple(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))


def _checked(day: Day) -> Iterator[EntryRecord | HeldBackRecord]:
    for record in day.records.values():
        yield from record.entries
        yield from record.held_back


def _causes(day: Day) -> Iterator[str]:
    for record in day.records.values():
        yield from map(_cause, record.held_back)
        yield from ("withdrawn" for _ in record.withdrawn)


def _cause(held: HeldBackRecord) -> str:
    """The family of the first rule that was broken; else what the reason says of money, the paper or the answer."""
    rule = held.findings[0].rule if held.findings else held.reason.partition(":")[0]
    if rule in RULES:
        return rule.partition("/")[0]
    if rule == "budget":
        return rule
    return "answer" if held.attempts else "source"
