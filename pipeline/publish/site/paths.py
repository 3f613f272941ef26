"""Where each page of the site lies. Pure; a page's path is relative to the site's folder and safe in any file system.

Pages link to each other's `index.html` by relative paths, so that the site works from a disk, a folder of a server and
GitHub Pages alike.
"""

import datetime as dt
import hashlib
import re
import unicodedata
from functools import cache
from typing import NamedTuple
from urllib.parse import quote

from pipeline.core.ids import ID

TODAY, RECENT, ARCHIVE, FIELDS = "index.html", "recent/index.html", "archive/index.html", "field/index.html"
SEARCH, ABOUT = "search/index.html", "about/index.html"
ATOM, JSON_FEED, LLMS, DAY_SCHEMA = "feed.xml", "feed.json", "llms.txt", "day.schema.json"
_ID = re.compile(ID, re.ASCII)
_LONGEST_SLUG = 40  # Hangul takes three bytes, and file systems take 255 for a name


class Site(NamedTuple):
    """What every page knows: the site's title, and its address, "" where none is set."""

    title: str
    base_url: str

    def link(self, path: str) -> str:
        """Return the address of a page or file, relative to the site where it has none."""
        return address(self.base_url, path) if self.base_url else quote(path)


def paper(paper_id: str) -> str | None:
    """Return `paper/2408.11318/index.html`; None for what is not an arXiv id, which gets no page."""
    return f"paper/{paper_id}/index.html" if _ID.fullmatch(paper_id) else None


def paper_href(paper_id: str) -> str:
    """Return the path of a paper's page as part of an address, "" where it has none."""
    return quote(paper(paper_id) or "")


def day(date: dt.date) -> str:
    """Return `day/2024-08-22/index.html`."""
    return f"day/{date}/index.html"


def day_json(date: dt.date) -> str:
    """Return `day/2024-08-22/day.json`, the day for programs."""
    return f"day/{date}/day.json"


def year(number: int) -> str:
    """Return `archive/2024/index.html`."""
    return f"archive/{number:04}/index.html"


def field(name: str, number: int | None = None) -> str:
    """Return `field/자연어-처리/index.html`, of a year `field/자연어-처리/2024.html`."""
    return f"field/{slug(name)}/{'index' if number is None else number}.html"


def field_feed(name: str) -> str:
    """Return `field/자연어-처리/feed.xml`."""
    return f"field/{slug(name)}/feed.xml"


@cache
def slug(name: str) -> str:
    """Return a field's name for a path: letters, digits and hyphens, and a hash where that is not the whole name."""
    plain = unicodedata.normalize("NFC", name).casefold()
    short = re.sub(r"[^\w]+", "-", plain).strip("-")[:_LONGEST_SLUG]
    if short.replace("-", " ") == name:
        return short
    return f"{short}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("-")


def root(path: str) -> str:
    """Return the way from a page up to the site's folder: `../../` for `day/2024-08-22/index.html`."""
    return "../" * path.count("/")


def address(base_url: str, path: str) -> str:
    """Return a page's absolute address, without `index.html`."""
    return f"{base_url.rstrip('/')}/{quote(path.removesuffix('index.html'))}"
