"""What the templates show: a day's articles by paper, a paper's articles as tabs, thumbnails, links.

Pure. Everything here is plain text, or Markup that `trace` made of it; the templates escape the rest.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Literal, NamedTuple
from urllib.parse import quote, urlsplit

from pipeline.archive.catalog import Article, Day
from pipeline.archive.record import EntryRecord, WithdrawnRecord
from pipeline.core.models import Section
from pipeline.core.text import fold, strip_invisible
from pipeline.layouts import LAY, LAYOUTS, TOPICS, social_thumbnail
from pipeline.publish.site import paths, trace
from pipeline.publish.site.trace import ARXIV, Part

MEDIA_HOSTS = ("cdn-thumbnails.huggingface.co", "cdn-uploads.huggingface.co")
HUGGING_FACE = "https://huggingface.co/papers"
_VIDEOS = (".mp4", ".webm", ".mov", ".qt", ".avi", ".mkv", ".wmv")
_REPOSITORY = re.compile(r"https://github\.com/[\w-]+/[\w.-]*\w", re.ASCII)
_AUTHORS_SHOWN = 4
_LEAD_BULLETS = 2  # of the layout `bullets`, whose entry has no first section
_HEADINGS = {
    "What's New": "무엇이 새로운가",
    "Technical Details": "어떻게 했는가",
    "Performance Highlights": "얼마나 좋은가",
}


class Picture(NamedTuple):
    """A thumbnail: `src` is "" for the drawn placeholder, `video` is where a moving one plays."""

    src: str
    video: str = ""


class Link(NamedTuple):
    """A link to the paper elsewhere."""

    label: str
    url: str


class Origin(NamedTuple):
    """Whose words an entry has: the writer's model, which text of the paper it read, and what of it it did not."""

    model: str
    origin: Literal["abstract", "html", "pdf"]
    version: int | None
    written: dt.date
    cut: tuple[str, ...]


class Text(NamedTuple):
    """One tab's content of one day. `bullets` has a part a bullet; `origin` is None where nothing is recorded."""

    date: dt.date
    bullets: bool
    parts: tuple[Part, ...]
    origin: Origin | None

    def key(self, tab: str) -> str:
        return f"{tab}-{self.date}"


class Tab(NamedTuple):
    """요약, 쉽게 or 자세히, the newest day's text first."""

    key: str
    label: str
    texts: tuple[Text, ...]


class Facts(NamedTuple):
    """What is known of a paper besides its texts. `page` is "" for a paper without one."""

    id: str
    title: str
    page: str
    votes: int | None
    authors: tuple[str, ...]
    more_authors: int
    fields: tuple[str, ...]
    picture: Picture
    links: tuple[Link, ...]


class Card(NamedTuple):
    """A paper on a day's page: its lead and how many layouts have more of it."""

    facts: Facts
    lead: Text
    layouts: int


Pictures = Mapping[str, str]


def facts(articles: Sequence[Article], pictures: Pictures | None) -> Facts:
    """What the articles of one paper say of it, the first that says it; `pictures` as `picture` takes them."""
    entry = articles[0].entry
    authored = next((one.entry for one in articles if one.entry.authors), entry)
    recorded = next((one.record.authors for one in articles if one.record), ())
    names = tuple(filter(None, (strip_invisible(fold(name)) for name in authored.authors or recorded)))
    return Facts(
        entry.paper_id,
        strip_invisible(fold(entry.title)) or entry.paper_id or "제목 없음",
        paths.href(paths.paper(entry.paper_id) or ""),
        next((one.entry.votes for one in articles if one.entry.votes is not None), None),
        names[:_AUTHORS_SHOWN] if len(names) > _AUTHORS_SHOWN + 1 else names,
        (len(names) - _AUTHORS_SHOWN if len(names) > _AUTHORS_SHOWN + 1 else 0) + authored.more_authors,
        tuple(filter(None, dict.fromkeys(strip_invisible(name) for one in articles for name in one.fields()))),
        picture(entry.paper_id, entry.thumbnail, pictures),
        (*links(entry.paper_id), *_code(articles)),
    )


def withdrawn(gone: WithdrawnRecord) -> Facts:
    """What is known of a paper of which every entry was taken out."""
    page = paths.href(paths.paper(gone.id) or "")
    title = strip_invisible(fold(gone.title)) or gone.id
    return Facts(gone.id, title, page, None, (), 0, (), Picture(""), links(gone.id))


def by_paper(articles: Iterable[Article]) -> dict[str, list[Article]]:
    """The articles of each paper, papers in the order in which they are first printed."""
    found: dict[str, list[Article]] = {}
    for article in articles:
        found.setdefault(article.entry.paper_id, []).append(article)
    return found


def cards(day: Day, pictures: Pictures | None) -> Iterator[Card]:
    """The papers of a day, each with the shortest of its texts."""
    for articles in by_paper(day.articles).values():
        yield Card(facts(articles, pictures), _lead(articles), len(articles))


def tabs(articles: Iterable[Article]) -> tuple[Tab, ...]:
    """The texts of one paper: 요약 and 쉽게 of the layout `easy`, 자세히 of the others; none that is empty."""
    newest = sorted(articles, key=lambda article: article.date, reverse=True)
    found = (
        Tab("summary", "요약", _texts(newest, leads=True, without=LAY | TOPICS)),
        Tab("easy", "쉽게", _texts(newest, leads=True, only=LAY)),
        Tab("details", "자세히", _texts(newest, leads=False)),
    )
    return tuple(tab for tab in found if tab.texts)


def notices(days: Iterable[Day], paper_id: str) -> tuple[WithdrawnRecord, ...]:
    """Why entries of this paper were taken out, each reason once."""
    gone = (one for day in days for record in day.records.values() for one in record.withdrawn if one.id == paper_id)
    return tuple({one.reason: one for one in gone}.values())


def picture(paper_id: str, url: str | None, pictures: Pictures | None = None) -> Picture:
    """The thumbnail: from a media host alone, or with `pictures` from the site itself, by address.

    A video is shown by the paper's social thumbnail and plays where it lies.
    """
    shown, video = url or "", ""
    if _path(shown).lower().endswith(_VIDEOS):
        video = shown if _hosted(shown) else ""
        shown = (social_thumbnail(paper_id) or "") if paths.paper(paper_id) else ""
    if pictures is not None:
        return Picture(pictures.get(shown, ""), video)
    return Picture(shown if _hosted(shown) else "", video)


def links(paper_id: str) -> tuple[Link, ...]:
    """Where else the paper is; nothing for what is not an arXiv id."""
    if not paths.paper(paper_id):
        return ()
    forms = (("초록", "abs"), ("PDF", "pdf"), ("HTML", "html"))
    arxiv = (Link(label, f"{ARXIV}/{form}/{quote(paper_id)}") for label, form in forms)
    return (*arxiv, Link("Hugging Face", f"{HUGGING_FACE}/{quote(paper_id)}"))


def _code(articles: Iterable[Article]) -> Iterator[Link]:
    """The code, if the articles or the sentences that they cite name one repository and no other."""
    texts = [section.text for article in articles for section in article.entry.sections]
    texts += [cited.text for article in articles if article.record for cited in article.record.cited]
    found = {url.removesuffix(".git") for text in texts for url in _REPOSITORY.findall(text)}
    if len(found) == 1:
        yield Link("코드", found.pop())


def _path(url: str) -> str:
    """The path of an address, "" of what is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _hosted(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.netloc in MEDIA_HOSTS and url.isprintable() and " " not in url
    except ValueError:
        return False


def _lead(articles: Sequence[Article]) -> Text:
    """요약 where there is one, else the first section, or the first bullets."""
    article = next((article for article in articles if LAYOUTS[article.layout].leads), articles[0])
    sections = [section for section in article.entry.sections if section.name not in LAY | TOPICS]
    layout = LAYOUTS[article.layout]
    if layout.leads:
        chosen = [section for section in sections if section.name == layout.required]
    else:
        chosen = sections[: 1 if layout.required else _LEAD_BULLETS]
    return _text(article, chosen or sections[:1], headings=False)


def _texts(
    articles: Iterable[Article], leads: bool, only: Set[str] = frozenset(), without: Set[str] = frozenset()
) -> tuple[Text, ...]:
    chosen = []
    for article in (article for article in articles if LAYOUTS[article.layout].leads == leads):
        sections = [s for s in article.entry.sections if s.name not in without and (not only or s.name in only)]
        if sections:
            chosen.append(_text(article, sections, headings=not leads or len(sections) > 1))
    return tuple(chosen)


def _text(article: Article, sections: Iterable[Section], headings: bool) -> Text:
    record = article.record
    named = LAYOUTS[article.layout].required != "" and headings
    parts = (trace.part(one, _heading(one.name) if named else "", record) for one in sections if one.text.strip())
    return Text(article.date, not LAYOUTS[article.layout].required, tuple(parts), _origin(record) if record else None)


def _heading(name: str) -> str:
    return _HEADINGS.get(name, strip_invisible(name))


def _origin(record: EntryRecord) -> Origin:
    return Origin(strip_invisible(record.model), record.origin, record.version, record.written_at.date(), record.cut)
