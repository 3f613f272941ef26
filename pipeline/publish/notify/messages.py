"""A day as messages for chats and mail: composed in a channel's markup and split at its limit, between two entries.

Pure: a day and a channel's format in, parts out. Nothing here sends, or knows what was sent before but by parameters.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from html import escape
from typing import Literal, NamedTuple

from pipeline.archive.catalog import Day
from pipeline.core.models import LayoutName, Section
from pipeline.core.text import sentences, strip_invisible
from pipeline.lang.ko import interface
from pipeline.publish.papers import clean, plain

Markup = Literal["html", "markdown", "text"]
# In the ledger, the id of the line that counts the papers held back.
HELD_BACK = "held-back"
_TITLE_CUT = 100
# In chats this notifies people: `@everyone`, a user's name. `pass@1` and `mAP@50` do not. A space without width
# makes text of it.
_MENTION = re.compile(r"@(?=[A-Za-z]\w{3})", re.ASCII)
_MARKDOWN = re.compile(r"[\\`*\[\]<>]|(?<![^\W_])_|_(?![^\W_])|~~|\|\||^[#+-]")
# What markdown takes for a character by its name; not every chat knows a backslash before it.
_ENTITY = re.compile(r"&(?=#?\w+;)")
_DOT = "•"


class MessageFormat(NamedTuple):
    """The format of a channel: `length` of a text in its markup, as its service counts it, is at most `limit`."""

    markup: Markup
    limit: int
    length: Callable[[str], int]


class MessagePart(NamedTuple):
    """One message of a day. `body` is in the channel's markup, `text` without any; `papers` are the ids in it.

    `key` is the same whenever the same papers go to the same channel under the same number.
    """

    number: int
    title: str
    body: str
    text: str
    papers: tuple[str, ...]
    key: str


class _Entry(NamedTuple):
    """An entry in a message: `lines` are its paragraphs, each with what begins it: a label, a dot or nothing."""

    title: str
    url: str
    votes: int
    lines: tuple[tuple[str, str], ...]
    cut: bool = False


class _Block(NamedTuple):
    """A piece that no message is split within: an entry, or the line that counts the papers held back."""

    id: str
    body: str
    text: str


def compose(
    day: Day,
    layout: LayoutName,
    channel: str,
    format: MessageFormat,
    delivered: Mapping[int, Collection[str]],
    link: Callable[[str], str],
) -> tuple[MessagePart, ...]:
    """Return the messages that a channel has not got yet; none where the day prints nothing in that layout.

    `delivered` are the messages that it has got, by number, each with its papers; `link` gives a paper's address.
    """
    known = {paper_id for papers in delivered.values() for paper_id in papers}
    blocks = [block for block in _blocks(day, layout, format, link) if block.id not in known]
    pages = list(_pack(blocks, format))
    last = max(delivered, default=0)
    return tuple(
        _part(day, channel, format, page, number, last + len(pages))
        for number, page in enumerate(pages, start=last + 1)
    )


def _part(day: Day, channel: str, format: MessageFormat, page: list[_Block], number: int, total: int) -> MessagePart:
    papers = tuple(block.id for block in page)
    content = hashlib.sha256(" ".join(papers).encode()).hexdigest()[:8]
    counter = f" ({number}/{total})" if total > 1 else ""
    return MessagePart(
        number=number,
        title=f"{interface.MESSAGE_TITLE.format(day.date)}{counter}",
        body=_join((block.body for block in page), format.markup),
        text=_join((block.text for block in page), "text"),
        papers=papers,
        key=f"{day.date}.{channel}.{number}.{content}",
    )


def _pack(blocks: Iterable[_Block], format: MessageFormat) -> Iterator[list[_Block]]:
    """Yield the blocks in order, as many to a page as its limit allows."""
    page: list[_Block] = []
    for block in blocks:
        longer = _join((one.body for one in (*page, block)), format.markup)
        if page and format.length(longer) > format.limit:
            yield page
            page = []
        page.append(block)
    if page:
        yield page


def _blocks(day: Day, layout: LayoutName, format: MessageFormat, link: Callable[[str], str]) -> Iterator[_Block]:
    entries = [article.entry for article in day.articles if article.layout == layout]
    for printed in entries:
        lines = tuple(line for section in printed.sections for line in _lines(section))
        whole = _Entry(clean(printed.title), link(printed.paper_id), printed.votes or 0, lines)
        entry = _fit(whole, format)
        yield _Block(printed.paper_id, _write(entry, format.markup), _write(entry, "text"))
    record = day.records.get(layout)
    if entries and record and record.held_back:
        line = interface.HELD_BACK.format(len(record.held_back))
        yield _Block(HELD_BACK, f"<p>{line}</p>" if format.markup == "html" else line, line)


def _lines(section: Section) -> Iterator[tuple[str, str]]:
    lead = section.name or _DOT
    for paragraph in filter(str.strip, strip_invisible(section.text).splitlines()):
        yield lead, plain(paragraph)
        lead = ""


def _fit(entry: _Entry, format: MessageFormat) -> _Entry:
    """Cut an entry to as many sentences as a message has room for, and if need be to a part of its title, or none."""

    def fits(one: _Entry) -> bool:
        return format.length(_write(one, format.markup)) <= format.limit

    if fits(entry):
        return entry
    counts = range(sum(len(sentences(text)) for _, text in entry.lines), -1, -1)
    most = bisect_left(counts, True, key=lambda count: fits(_cut(entry, count)))
    if most < len(counts):
        return _cut(entry, counts[most])
    short = entry._replace(title=f"{entry.title[:_TITLE_CUT]}…", lines=(), votes=0)
    return short if fits(short) else short._replace(title=entry.url)


def _cut(entry: _Entry, count: int) -> _Entry:
    """Cut an entry to its first sentences."""
    lines: list[tuple[str, str]] = []
    for lead, text in entry.lines:
        kept = sentences(text)[:count]
        count -= len(kept)
        lines += [(lead, " ".join(kept))] if kept else []
    return entry._replace(lines=tuple(lines), cut=bool(lines))


# ---- markup


def _join(texts: Iterable[str], markup: Markup) -> str:
    return ("\n" if markup == "html" else "\n\n").join(texts)


def _escape_markdown(text: str) -> str:
    """Return a text in which markdown sees no markup."""
    escaped = _MARKDOWN.sub(lambda found: "".join(f"\\{char}" for char in found[0]), text)
    return _ENTITY.sub("&\u200b", escaped)


class _Style(NamedTuple):
    """How a markup writes an entry's parts."""

    title: str
    line: str
    label: str
    read_on: str
    escape: Callable[[str], str]


_STYLES: Mapping[Markup, _Style] = {
    # What mail shows and chats that read HTML reduce to their few tags.
    "html": _Style(
        '<h3><a href="{1}">{0}</a></h3>', "<p>{}</p>", "<b>{}:</b> ", '<p><a href="{1}">{0}</a></p>', escape
    ),
    # CommonMark; the angle brackets keep chats from showing a preview of every paper.
    "markdown": _Style("**[{0}](<{1}>)**", "{}", "**{}**: ", "[{0}](<{1}>)", _escape_markdown),
    "text": _Style("{0}\n{1}", "{}", "{}: ", "{0}: {1}", str),
}


def _write(entry: _Entry, markup: Markup) -> str:
    style = _STYLES[markup]
    url = escape(entry.url) if markup == "html" else entry.url

    def quote(text: str) -> str:
        return _MENTION.sub("@\u200b", style.escape(text))

    untitled = markup == "text" and entry.title == entry.url
    parts = [entry.url if untitled else style.title.format(quote(entry.title), url)]
    parts += [style.line.format(interface.VOTES.format(entry.votes))] if entry.votes else []
    for lead, text in entry.lines:
        label = f"{_DOT} " if lead == _DOT else style.label.format(quote(lead)) if lead else ""
        parts.append(style.line.format(label + quote(text)))
    parts += [style.read_on.format(interface.READ_ON, url)] if entry.cut else []
    return "\n".join(parts)
