"""A day as messages for chats and mail: composed in a channel's markup and parted at its limit, between two entries.

Pure: a day and a channel's form in, parts out. Nothing here sends, or knows what was sent before but by parameters.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from html import escape
from typing import Literal, NamedTuple

from pipeline.archive.catalog import Article, Day
from pipeline.core.models import LayoutName, Section
from pipeline.core.text import fold, sentences, strip_invisible

Markup = Literal["html", "markdown", "text"]
# What stands in the ledger for the line that counts the papers held back.
HELD_BACK = "held-back"
_TITLE_CUT = 100
# In chats this calls people: `@everyone`, a user's name. `pass@1` and `mAP@50` do not.
_CALL = re.compile(r"@(?=[A-Za-z]\w{3})", re.ASCII)
_MARKDOWN = re.compile(r"[\\`*\[\]<>]|(?<![^\W_])_|_(?![^\W_])|~~|\|\||^[#+-]")
# What markdown takes for a character by its name; not every chat knows a backslash before it.
_ENTITY = re.compile(r"&(?=#?\w+;)")
_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_DOT = "•"


class Form(NamedTuple):
    """What a channel takes: `length` of a text in its markup, as its service counts it, is at most `limit`."""

    markup: Markup
    limit: int
    length: Callable[[str], int]


class Part(NamedTuple):
    """One message. `body` is in the channel's markup, `text` the same without any; `papers` are the ids it tells of.

    `key` is the same whenever the same papers are told of to the same channel under the same number.
    """

    number: int
    title: str
    body: str
    text: str
    papers: tuple[str, ...]
    key: str


class Item(NamedTuple):
    """An entry as it is told: `lines` are its paragraphs, each with what begins it: a label, a dot or nothing."""

    title: str
    url: str
    votes: int
    lines: tuple[tuple[str, str], ...]
    cut: bool = False


class _Block(NamedTuple):
    """What stays whole: an entry, or the line about what is held back."""

    id: str
    body: str
    text: str


def compose(
    day: Day,
    layout: LayoutName,
    channel: str,
    form: Form,
    told: Mapping[int, Collection[str]],
    link: Callable[[str], str],
) -> tuple[Part, ...]:
    """The messages that a channel has not got yet; none where the day prints nothing in that layout.

    `told` are the parts that it has got, with what they told of; `link` gives a paper's address.
    """
    known = {paper_id for papers in told.values() for paper_id in papers}
    blocks = [block for block in _blocks(day, layout, form, link) if block.id not in known]
    pages = list(_packed(blocks, form))
    last = max(told, default=0)
    return tuple(
        _part(day, channel, form, page, number, last + len(pages)) for number, page in enumerate(pages, start=last + 1)
    )


def _part(day: Day, channel: str, form: Form, page: list[_Block], number: int, total: int) -> Part:
    papers = tuple(block.id for block in page)
    content = hashlib.sha256(" ".join(papers).encode()).hexdigest()[:8]
    counter = f" ({number}/{total})" if total > 1 else ""
    return Part(
        number=number,
        title=f"오늘의 논문 {day.date}{counter}",
        body=_joined((block.body for block in page), form.markup),
        text=_joined((block.text for block in page), "text"),
        papers=papers,
        key=f"{day.date}.{channel}.{number}.{content}",
    )


def _packed(blocks: Iterable[_Block], form: Form) -> Iterator[list[_Block]]:
    """The blocks in order, as many to a page as its limit allows."""
    page: list[_Block] = []
    for block in blocks:
        longer = _joined((one.body for one in (*page, block)), form.markup)
        if page and form.length(longer) > form.limit:
            yield page
            page = []
        page.append(block)
    if page:
        yield page


def _blocks(day: Day, layout: LayoutName, form: Form, link: Callable[[str], str]) -> Iterator[_Block]:
    articles = [article for article in day.articles if article.layout == layout]
    for article in articles:
        told = _fitting(_item(article, link(article.entry.paper_id)), form)
        yield _Block(article.entry.paper_id, _written(told, form.markup), _written(told, "text"))
    record = day.records.get(layout)
    if articles and record and record.held_back:
        line = f"보류하고 싣지 않은 논문: {len(record.held_back)}편"
        yield _Block(HELD_BACK, f"<p>{line}</p>" if form.markup == "html" else line, line)


def _item(article: Article, url: str) -> Item:
    entry = article.entry
    lines = tuple(line for section in entry.sections for line in _lines(section))
    return Item(fold(strip_invisible(entry.title)), url, entry.votes or 0, lines)


def _lines(section: Section) -> Iterator[tuple[str, str]]:
    lead = section.name or _DOT
    for paragraph in filter(str.strip, strip_invisible(section.text).splitlines()):
        yield lead, _STRONG.sub(r"\1", fold(paragraph))
        lead = ""


def _fitting(item: Item, form: Form) -> Item:
    """The item with as many of its sentences as a message has room for; if need be with less of its title, or none."""

    def fits(one: Item) -> bool:
        return form.length(_written(one, form.markup)) <= form.limit

    if fits(item):
        return item
    counts = range(sum(len(sentences(text)) for _, text in item.lines), -1, -1)
    most = bisect_left(counts, True, key=lambda count: fits(_cut(item, count)))
    if most < len(counts):
        return _cut(item, counts[most])
    short = item._replace(title=f"{item.title[:_TITLE_CUT]}…", lines=(), votes=0)
    return short if fits(short) else short._replace(title=item.url)


def _cut(item: Item, count: int) -> Item:
    """The item with its first sentences only."""
    lines: list[tuple[str, str]] = []
    for lead, text in item.lines:
        kept = sentences(text)[:count]
        count -= len(kept)
        lines += [(lead, " ".join(kept))] if kept else []
    return item._replace(lines=tuple(lines), cut=bool(lines))


# ---- markup


def _joined(texts: Iterable[str], markup: Markup) -> str:
    return ("\n" if markup == "html" else "\n\n").join(texts)


def _written(item: Item, markup: Markup) -> str:
    return {"html": _html, "markdown": _markdown, "text": _text}[markup](item)


def _html(item: Item) -> str:
    """What mail shows and chats that read HTML reduce to their few tags."""
    url = escape(item.url)
    parts = [f'<h3><a href="{url}">{_calm(escape(item.title))}</a></h3>']
    parts += [f"<p>추천 {item.votes}</p>"] if item.votes else []
    parts += [f"<p>{_lead(escape(lead), '<b>{}:</b> ')}{_calm(escape(text))}</p>" for lead, text in item.lines]
    parts += [f'<p><a href="{url}">이어서 읽기</a></p>'] if item.cut else []
    return "\n".join(parts)


def _markdown(item: Item) -> str:
    """CommonMark; the angle brackets keep chats from showing a preview of every paper."""
    parts = [f"**[{_literal(item.title)}](<{item.url}>)**"]
    parts += [f"추천 {item.votes}"] if item.votes else []
    parts += [f"{_lead(_literal(lead), '**{}**: ')}{_literal(text)}" for lead, text in item.lines]
    parts += [f"[이어서 읽기](<{item.url}>)"] if item.cut else []
    return "\n".join(parts)


def _text(item: Item) -> str:
    parts = [_calm(item.title), item.url] if item.title != item.url else [item.url]
    parts += [f"추천 {item.votes}"] if item.votes else []
    parts += [f"{_lead(lead, '{}: ')}{_calm(text)}" for lead, text in item.lines]
    parts += [f"이어서 읽기: {item.url}"] if item.cut else []
    return "\n".join(parts)


def _lead(lead: str, label: str) -> str:
    return f"{lead} " if lead == _DOT else label.format(lead) if lead else ""


def _literal(text: str) -> str:
    escaped = _MARKDOWN.sub(lambda found: "".join(f"\\{char}" for char in found[0]), text)
    return _calm(_ENTITY.sub("&\u200b", escaped))


def _calm(text: str) -> str:
    """The text with nobody called by it."""
    return _CALL.sub("@\u200b", text)
