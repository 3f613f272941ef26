"""The project's own account: every figure from records, and charts that are safe, readable and without styles."""

import datetime as dt
import re
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.archive.catalog import Day
from pipeline.archive.record import DuplicateRecord, FailedRecord, HeldBackRecord, WithdrawnRecord
from pipeline.core.models import Usage
from pipeline.core.rules import RULES, finding
from pipeline.publish.site import charts, numbers
from pipeline.publish.site.charts import Chart, Series
from pipeline.publish.site.numbers import DayNumbers
from tests.support.days import HOSTILE, TODAY, article, at, day, entry, record

SVG = "{http://www.w3.org/2000/svg}"


def held(paper_id: str, reason: str = "", *rules: str, **other: object) -> HeldBackRecord:
    findings = tuple(finding(rule, "wrong") for rule in rules)
    facts = {"id": paper_id, "title": "A", "reason": reason, "findings": findings, "nights": (TODAY,)}
    return HeldBackRecord.model_validate({**facts, **other})


def full_day() -> Day:
    """Two printed papers, one of them with a warning, two held back, one failed, one duplicate, one withdrawn."""
    doubtful = record("2", findings=(finding("numbers/elsewhere", "look"),), usd=0.03)
    return day(
        [article(entry("1"), record("1")), article(entry("2"), doubtful)],
        entries=(record("1"), doubtful),
        held_back=(
            held("3", "", "numbers/unknown", "terms/unknown", attempts=2, usage=Usage(input=700, output=100), usd=0.02),
            held("4", "budget: no more"),
        ),
        failed=(FailedRecord(id="5", title="E", reason="timeout"),),
        duplicates=(DuplicateRecord(id="6", printed_on=TODAY),),
        withdrawn=(WithdrawnRecord(id="7", title="G", reason="wrong", at=at()),),
    )


def test_a_day_accounts_for_every_paper() -> None:
    row = numbers.of_day(full_day())
    assert (row.printed, row.held_back, row.failed, row.duplicate) == (2, 3, 1, 1)
    assert row.causes == {"numbers": 1, "budget": 1, "withdrawn": 1}
    assert row.caught == {"numbers/elsewhere": 1, "numbers/unknown": 1, "terms/unknown": 1}
    assert (row.asked, row.priced, row.tokens) == (3, 3, 3200)
    assert row.usd == pytest.approx(0.06)


@pytest.mark.parametrize(
    ("one", "cause"),
    [
        (held("1", "", "language/style"), "language"),
        (held("1", "reader/not-found: the sentence"), "reader"),
        (held("1", "budget: 3 dollars"), "budget"),
        (held("1", "refusal: no", attempts=1), "answer"),
        (held("1", "not the schema: x: y", attempts=3), "answer"),
        (held("1", "the paper has no abstract"), "source"),
        (held("1", "<script>"), "source"),
    ],
)
def test_a_reason_has_a_family(one: HeldBackRecord, cause: str) -> None:
    assert numbers.of_day(day(held_back=(one,))).causes == {cause: 1}


def test_a_paper_that_a_layout_prints_is_printed_and_one_without_a_price_counts_for_no_price() -> None:
    both = day([article(entry("1"), layout="bullets")], entries=(record("2", usd=None),), held_back=(held("1", "x"),))
    row = numbers.of_day(both)
    assert (row.printed, row.held_back) == (1, 0)
    assert (row.asked, row.priced, row.usd) == (1, 0, 0)
    assert numbers.account([row]).total.usd_per_paper is None


def test_an_imported_day_has_what_it_prints_and_no_more() -> None:
    assert numbers.of_day(day([article(entry())])) == DayNumbers(TODAY, printed=1)


def test_few_days_are_shown_one_by_one_and_many_by_month() -> None:
    rows = [DayNumbers(TODAY - dt.timedelta(n), printed=2, asked=2, tokens=10, priced=1, usd=0.5) for n in range(63)]
    few, many = numbers.account(rows[:62]), numbers.account(rows)
    assert [period.name for period in few.periods][-2:] == ["2024-08-21", "2024-08-22"]
    assert [(period.name, period.printed) for period in many.periods] == [
        ("2024-06", 20),
        ("2024-07", 62),
        ("2024-08", 44),
    ]
    assert many.total.printed == 126
    assert (many.total.usd_per_paper, many.total.tokens_per_paper) == (0.5, 5)


def test_nothing_makes_no_chart() -> None:
    empty = numbers.account([])
    assert (empty.days, empty.periods, numbers.charts(empty)) == (0, (), ())
    assert numbers.charts(numbers.account([DayNumbers(TODAY)])) == ()


def test_each_family_of_rules_has_a_korean_name() -> None:
    assert {rule.partition("/")[0] for rule in RULES} == set(numbers._FAMILIES)


def drawn(chart: Chart) -> etree._Element:
    """The drawing as a browser reads it, after what a policy or a reader would object to was looked for."""
    markup = str(charts.svg(chart))  # of Markup, replace would escape
    assert "style" not in re.sub(r">[^<]*<", "><", markup)  # but in texts
    root = etree.fromstring(markup.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
    names = {one.tag.removeprefix(SVG) for one in root.iter()}
    assert names <= {"svg", "title", "desc", "text", "rect", "line"}
    assert root.get("role") == "img"
    ids = {one.get("id"): one.text for one in root.iter() if one.get("id")}
    assert all(ids[name] for name in root.get("aria-labelledby", "").split())
    width, height = map(float, root.get("viewBox", "").split()[2:])
    for rect in root.iter(f"{SVG}rect"):
        x, y, wide, high = (float(rect.get(name, "")) for name in ("x", "y", "width", "height"))
        assert -0.1 <= x <= x + wide <= width + 0.1
        assert -0.1 <= y <= y + high <= height + 0.1
    return root


def rows_of(chart: Chart) -> list[list[str]]:
    table = etree.fromstring(charts.table(chart))
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def test_a_day_becomes_charts_with_tables() -> None:
    found = {chart.key: chart for chart in numbers.charts(numbers.account([numbers.of_day(full_day())]))}
    assert list(found) == ["papers", "causes", "caught", "usd", "tokens"]
    for chart in found.values():
        assert len(rows_of(chart)) == len(chart.labels) + 1
        drawn(chart)
    assert rows_of(found["papers"]) == [["기간", "수록", "보류", "실패", "중복"], ["2024-08-22", "2", "3", "1", "1"]]
    assert ["수치 (numbers/unknown)", "1"] in rows_of(found["caught"])
    assert rows_of(found["usd"])[1] == ["2024-08-22", "0.02"]
    root = drawn(found["papers"])
    assert root.findtext(f"{SVG}title") == "날짜별 논문 수"
    assert "수록 2편, 보류 3편, 실패 1편, 중복 1편입니다." in root.findtext(f"{SVG}desc", "")
    assert {one.get("class") for one in root.iter(f"{SVG}rect")} == {f"series-{n}" for n in range(1, 5)}


def test_what_is_not_known_is_said() -> None:
    chart = Chart("usd", "비용", "달러", ("2024-08", "2024-09"), (Series("비용", (None, 0.01234)),))
    assert rows_of(chart)[1:] == [["2024-08", "알 수 없음"], ["2024-09", "0.0123"]]
    assert len(list(drawn(chart).iter(f"{SVG}rect"))) == 1


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("lying", [True, False])
def test_a_hostile_text_is_only_a_text(text: str, lying: bool) -> None:
    chart = Chart("key", text or "x", text, (text, "x"), (Series(text, (2, 1)),), lying)
    root = drawn(chart._replace(title=f"제목 {text}"))
    assert not any("\u202e" in one for one in root.itertext())
    assert len(rows_of(chart)) == 3


def test_columns_stand_apart_under_a_round_value() -> None:
    months = tuple(f"20{n // 12:02}-{n % 12 + 1:02}" for n in range(120))
    root = drawn(Chart("many", "값", "개", months, (Series("하나", tuple(0.3 - n / 1000 for n in range(120))),)))
    columns = [(float(one.get("x", "")), float(one.get("width", ""))) for one in root.iter(f"{SVG}rect")]
    assert all(x + width <= following for (x, width), (following, _) in pairwise(columns))
    texts = [one.text for one in root.iter(f"{SVG}text")]
    assert texts == ["0", "0.1", "0.2", "0.3", "2000-01", "2002-07", "2005-01", "2007-07"]


VALUES = st.none() | st.floats(0, 1e12, allow_subnormal=False)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=130), st.floats(1e-6, 1e12))
def test_any_figures_stay_inside_the_drawing(pairs: list[tuple[float | None, float | None]], first: float) -> None:
    one, other = zip(*[(first, None), *pairs], strict=True)
    labels = tuple(str(n) for n in range(len(one)))
    drawn(Chart("any", "값", "개", labels, (Series("하나", one), Series("둘", other))))
    drawn(Chart("any", "값", "개", labels, (Series("하나", tuple(sorted((v or 0 for v in one), reverse=True))),), True))


def test_the_account_needs_no_memory_for_papers() -> None:
    def days(count: int) -> Iterator[DayNumbers]:
        for n in range(count):
            date = TODAY - dt.timedelta(n)
            yield numbers.of_day(day([article(entry(f"2408.{i:05}")) for i in range(16)], date=date))

    def peak(count: int) -> int:
        tracemalloc.start()
        numbers.account(days(count))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(400) - peak(100) < 300 * 1000  # bytes: a row a day, where a day's 16 entries take twenty times that
