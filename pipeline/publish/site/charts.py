"""Charts as inline SVG with the same figures as a table, both as HTML that is safe as it stands. Pure.

Nothing is styled in place, which the site's Content-Security-Policy forbids: shapes are drawn in `currentColor` of
several strengths, and carry classes for a style sheet to give them colours. Drawn 360 units wide, for a phone.
"""

from collections.abc import Iterator
from math import ceil, floor, log10
from typing import NamedTuple

from markupsafe import Markup

from pipeline.core.text import fold, seen

_WIDTH, _LEFT, _RIGHT = 360, 44, 8
_TOP, _HEIGHT, _BOTTOM = 28, 160, 24
_ROW, _MOST_ROWS = 36, 12
_MOST_LABELS = 4
_EXACT = 1 - 1e-9  # 0.3 / 0.1 is more than 3
_STRENGTHS = ("0.9", "0.5", "0.25", "0.1")  # told apart without colours, on white as on black


class Series(NamedTuple):
    """One value a label; None where it is not known. No value is below 0."""

    name: str
    values: tuple[float | None, ...]


class Chart(NamedTuple):
    """Figures by label: columns side by side, those of several series on top of each other, or `lying`: a bar a row.

    `key` is unique on a page, for the ids of the drawing's title and description. There is a label, a value that is
    known, and four series at most; lying charts have one, the largest value first, and show _MOST_ROWS of them.
    """

    key: str
    title: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    lying: bool = False


def svg(chart: Chart) -> Markup:
    """The drawing. Who cannot see it hears its title and description; `table` has every figure."""
    drawn = _bars(chart) if chart.lying else (*_legend(chart), *_grid(chart), *_columns(chart), *_axis(chart))
    return Markup(
        '<svg class="chart" role="img" aria-labelledby="{0}-title {0}-desc" viewBox="0 0 {1} {2}" font-size="12"'
        ' fill="currentColor">\n<title id="{0}-title">{3}</title>\n<desc id="{0}-desc">{4}</desc>\n{5}\n</svg>'
    ).format(
        chart.key, _WIDTH, _height(chart), _line(chart.title), _line(_description(chart)), Markup("\n").join(drawn)
    )


def table(chart: Chart) -> Markup:
    """Every figure of a chart, a row a label."""
    names = Markup("").join(Markup('<th scope="col">{}</th>').format(_line(one.name)) for one in chart.series)
    rows = Markup("\n").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            _line(label), Markup("").join(Markup("<td>{}</td>").format(_figure(one.values[i])) for one in chart.series)
        )
        for i, label in enumerate(chart.labels)
    )
    return Markup(
        '<table class="figures">\n<caption>{} (단위: {})</caption>\n<thead><tr><th scope="col">{}</th>{}</tr></thead>\n'
        "<tbody>\n{}\n</tbody>\n</table>"
    ).format(_line(chart.title), _line(chart.unit), "구분" if chart.lying else "기간", names, rows)


def _description(chart: Chart) -> str:
    """What the drawing shows, in words."""
    first = chart.series[0]
    if chart.lying:
        return (
            f"모두 {_figure(sum(filter(None, first.values)))}{chart.unit}이며, "
            f"가장 많은 항목은 ‘{chart.labels[0]}’({_figure(first.values[0])}{chart.unit})입니다."
        )
    if len(chart.series) > 1:
        sums = [f"{one.name} {_figure(sum(filter(None, one.values)))}{chart.unit}" for one in chart.series]
        return f"{chart.labels[0]}부터 {chart.labels[-1]}까지 {', '.join(sums)}입니다."
    known = [value for value in first.values if value is not None]
    return (
        f"{chart.labels[0]}부터 {chart.labels[-1]}까지 "
        f"가장 작은 값은 {_figure(min(known))}{chart.unit}, 가장 큰 값은 {_figure(max(known))}{chart.unit}입니다."
    )


def _legend(chart: Chart) -> Iterator[Markup]:
    if len(chart.series) == 1:
        return
    for number, one in enumerate(chart.series):
        x = _LEFT + number * 72
        yield _rect(number, x, 4, 12, 12)
        yield _text(one.name, x + 18, 14)


def _grid(chart: Chart) -> Iterator[Markup]:
    """Lines at round values, each with its value."""
    step, most = _scale(chart)
    for number in range(round(most / step) + 1):
        y = _TOP + _HEIGHT * (1 - number * step / most)
        yield Markup(
            '<line class="grid" x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}" stroke="currentColor" stroke-opacity="0.2"/>'
        ).format(_LEFT, y, _WIDTH - _RIGHT, y)
        yield _text(_figure(number * step), _LEFT - 6, y + 4, "end")


def _columns(chart: Chart) -> Iterator[Markup]:
    most, slot = _scale(chart)[1], (_WIDTH - _LEFT - _RIGHT) / len(chart.labels)
    width = min(slot * 0.8, 28)
    for i in range(len(chart.labels)):
        bottom = float(_TOP + _HEIGHT)
        for number, one in enumerate(chart.series):
            height = (one.values[i] or 0) / most * _HEIGHT
            bottom -= height
            if height:
                yield _rect(number, _LEFT + slot * (i + 0.5) - width / 2, bottom, width, height)


def _axis(chart: Chart) -> Iterator[Markup]:
    """As many labels as there is room for, all of them in view."""
    count = len(chart.labels)
    slot = (_WIDTH - _LEFT - _RIGHT) / count
    for i in range(0, count, ceil(count / _MOST_LABELS)):
        x = _LEFT + slot * (i + 0.5)
        anchor = "end" if x > _WIDTH - 40 else "middle"
        yield _text(chart.labels[i], x, _TOP + _HEIGHT + 18, anchor)


def _bars(chart: Chart) -> Iterator[Markup]:
    rows = [(label, value or 0) for label, value in zip(chart.labels, chart.series[0].values, strict=True)]
    most = max(value for _, value in rows)
    for number, (label, value) in enumerate(rows[:_MOST_ROWS]):
        y = number * _ROW
        yield _text(label, 0, y + 14)
        yield _text(_figure(value), _WIDTH, y + 14, "end")
        yield _rect(0, 0, y + 20, max(value / most * _WIDTH, 1), 8)


def _height(chart: Chart) -> int:
    return _ROW * min(len(chart.labels), _MOST_ROWS) if chart.lying else _TOP + _HEIGHT + _BOTTOM


def _scale(chart: Chart) -> tuple[float, float]:
    """The distance of the lines and the value of the highest: about four lines at 1, 2 or 5 of a power of ten."""
    highest = max(sum(one.values[i] or 0 for one in chart.series) for i in range(len(chart.labels))) or 1
    power = 10.0 ** floor(log10(highest / 4))
    step = next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power >= highest / 4 * _EXACT)
    return step, step * ceil(highest / step * _EXACT)


def _rect(number: int, x: float, y: float, width: float, height: float) -> Markup:
    return Markup(
        '<rect class="series-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill-opacity="{}"'
        ' stroke="currentColor" stroke-width="0.5"/>'
    ).format(number + 1, x, y, width, height, _STRENGTHS[number])


def _text(value: str, x: float, y: float, anchor: str = "start") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, _line(value))


def _figure(value: float | None) -> str:
    """`1,234`, `4.25`, `0.0123`: three places or more that count."""
    if value is None:
        return "알 수 없음"
    if value >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _line(value: str) -> str:
    return fold(seen(value))
