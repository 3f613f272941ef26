"""What the templates show: a day's papers as cards, a paper's texts as tabs, thumbnails, links.

Pure. Everything here is plain text, or Markup that `trace` made of it; the templates escape the rest.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urlsplit

from pipeline.archive.catalog import Article, Day
from pipeline.archive.record import EntryRecord, WithdrawnRecord
from pipeline.core.models import Section
from pipeline.core.text import strip_invisible
from pipeline.lang.ko import interface
from pipeline.layouts import LAY, LAYOUTS, TOPICS
from pipeline.layouts.fields import social_thumbnail
from pipeline.publish.papers import ARXIV, PublishedPaper, clean, group_by_paper
from pipeline.publish.site import paths, trace
from pipeline.publish.site.trace import TracedSection

MEDIA_HOSTS = ("cdn-thumbnails.huggingface.co", "cdn-uploads.huggingface.co")
HUGGING_FACE = "https://huggingface.co/papers"
_VIDEOS = (".mp4", ".webm", ".mov", ".qt", ".avi", ".mkv", ".wmv")
_REPOSITORY = re.compile(r"https://github\.com/[\w-]+/[\w.-]*\w", re.ASCII)
_AUTHORS_SHOWN = 4
_LEAD_BULLETS = 2  # of the layout `bullets`, whose entry has no first section


class Picture(NamedTuple):
    """A thumbnail: `src` is "" for the drawn placeholder, `video` is where a moving one plays."""

    src: str
    video: str = ""


class ShownText(NamedTuple):
    """The sections of an entry that a card or a tab shows, in `bullets` one a bullet.

    `record` is None where nothing is recorded.
    """

    date: dt.date
    bullets: bool
    parts: tuple[TracedSection, ...]
    record: EntryRecord | None

    def key(self, tab: str) -> str:
        """Return an id that is unique on the paper's page."""
        return f"{tab}-{self.date}"


class Tab(NamedTuple):
    """A tab of a paper's page (요약, 쉽게, 자세히), the newest day's text first."""

    key: str
    label: str
    texts: tuple[ShownText, ...]


class Card(NamedTuple):
    """A paper on a day's page, with its thumbnail and the shortest of its texts."""

    paper: PublishedPaper
    picture: Picture
    lead: ShownText


Link = tuple[str, str]  # a label, and the address of the paper elsewhere
# Where the site keeps thumbnails, by their address elsewhere.
Pictures = Mapping[str, str]


def cards(day: Day, pictures: Pictures | None) -> list[Card]:
    """Return the papers of a day in the order of printing; `pictures` as `picture` takes them."""
    papers = group_by_paper(day.articles)
    return [Card(one, thumbnail(one, pictures), _lead(one.articles)) for one in papers]


def byline(paper: PublishedPaper) -> str:
    """Return a paper's first authors, and how many others there are."""
    entry = next((one.entry for one in paper.articles if one.entry.authors), None)
    recorded = next((one.authors for one in paper.records), ())
    names = [name for name in map(clean, entry.authors if entry else recorded) if name]
    shown = names[:_AUTHORS_SHOWN] if len(names) > _AUTHORS_SHOWN + 1 else names
    more = len(names) - len(shown) + (entry.more_authors if entry else 0)
    return ", ".join(shown) + (interface.MORE_AUTHORS.format(more) if more else "")


def tabs(paper: PublishedPaper) -> tuple[Tab, ...]:
    """Return the tabs of a paper that are not empty: 요약 and 쉽게 of a layout that leads, 자세히 of the others."""
    newest = sorted(paper.articles, key=lambda article: article.date, reverse=True)
    leading = [article for article in newest if LAYOUTS[article.layout].leads]
    others = [article for article in newest if not LAYOUTS[article.layout].leads]
    found = (
        Tab("summary", interface.TAB_SUMMARY, _texts(leading, lambda section: section.name not in LAY | TOPICS)),
        Tab("easy", interface.TAB_EASY, _texts(leading, lambda section: section.name in LAY)),
        Tab("details", interface.TAB_DETAILS, _texts(others)),
    )
    return tuple(tab for tab in found if tab.texts)


def notices(days: Iterable[Day], paper_id: str) -> tuple[WithdrawnRecord, ...]:
    """Return the records of this paper's withdrawals, each reason once."""
    gone = (one for day in days for record in day.records.values() for one in record.withdrawn if one.id == paper_id)
    return tuple({one.reason: one for one in gone}.values())


def thumbnail(paper: PublishedPaper, pictures: Pictures | None) -> Picture:
    """Return the thumbnail of a paper's first article; `pictures` as `picture` takes them."""
    return picture(paper.id, paper.articles[0].entry.thumbnail, pictures) if paper.articles else Picture("")


def picture(paper_id: str, url: str | None, pictures: Pictures | None = None) -> Picture:
    """Return a thumbnail: from a media host alone, or with `pictures` from the site itself, by address.

    A video is shown by the paper's social thumbnail and plays where it lies.
    """
    shown, video = url or "", ""
    if _split(shown).path.lower().endswith(_VIDEOS):
        video = shown if _hosted(shown) else ""
        shown = (social_thumbnail(paper_id) or "") if paths.paper(paper_id) else ""
    if pictures is not None:
        return Picture(pictures.get(shown, ""), video)
    return Picture(shown if _hosted(shown) else "", video)


def links(paper: PublishedPaper) -> tuple[Link, ...]:
    """Return links to the paper elsewhere, and to its code."""
    return (*arxiv_links(paper.id), *_code(paper))


def arxiv_links(paper_id: str) -> tuple[Link, ...]:
    """Return links to the paper on arXiv and Hugging Face; none for what is not an arXiv id."""
    if not paths.paper(paper_id):
        return ()
    forms = ((interface.LINK_ABSTRACT, "abs"), ("PDF", "pdf"), ("HTML", "html"))
    arxiv = ((label, f"{ARXIV}/{form}/{quote(paper_id)}") for label, form in forms)
    return (*arxiv, ("Hugging Face", f"{HUGGING_FACE}/{quote(paper_id)}"))


def _code(paper: PublishedPaper) -> Iterator[Link]:
    """Yield a link to the code, if the articles and the sentences that they cite name one repository and no other."""
    texts = [section.text for article in paper.articles for section in article.entry.sections]
    texts += [cited.text for record in paper.records for cited in record.cited]
    found = {url.removesuffix(".git") for text in texts for url in _REPOSITORY.findall(text)}
    if len(found) == 1:
        yield interface.LINK_CODE, found.pop()


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _hosted(url: str) -> bool:
    parts = _split(url)
    return parts.scheme == "https" and parts.netloc in MEDIA_HOSTS and url.isprintable() and " " not in url


def _lead(articles: Sequence[Article]) -> ShownText:
    """Return 요약 where there is one, else the first section, or the first bullets."""
    article = next((article for article in articles if LAYOUTS[article.layout].leads), articles[0])
    sections = [section for section in article.entry.sections if section.name not in LAY | TOPICS]
    layout = LAYOUTS[article.layout]
    if layout.leads:
        chosen = [section for section in sections if section.name == layout.required]
    else:
        chosen = sections[: 1 if layout.required else _LEAD_BULLETS]
    return _text(article, chosen or sections[:1], headings=False)


def _texts(
    articles: Iterable[Article], shows: Callable[[Section], bool] = lambda section: True
) -> tuple[ShownText, ...]:
    chosen = ((article, [one for one in article.entry.sections if shows(one)]) for article in articles)
    return tuple(
        _text(article, sections, headings=not LAYOUTS[article.layout].leads or len(sections) > 1)
        for article, sections in chosen
        if sections
    )


def _text(article: Article, sections: Iterable[Section], headings: bool) -> ShownText:
    bullets = not LAYOUTS[article.layout].required
    traced = []
    for one in sections:
        heading = interface.HEADINGS.get(one.name, strip_invisible(one.name)) if headings and not bullets else ""
        traced += [trace.trace_section(one, heading, article.record)] if one.text.strip() else []
    return ShownText(article.date, bullets, tuple(traced), article.record)
