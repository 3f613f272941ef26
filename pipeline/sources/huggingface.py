"""The day's list, from Hugging Face's `api/daily_papers`. Knows its quirks; knows nothing of arXiv.

The format has no public specification; it is read as recorded between 2024-05 and 2026-08. Unknown fields are ignored.
"""

import datetime as dt
import json
from typing import Annotated, Any
from urllib.parse import urlencode

import httpx2
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from tenacity import Retrying

from pipeline.core.errors import ConfigError, SourceError
from pipeline.core.http import fetch
from pipeline.core.ids import parse_id
from pipeline.core.models import Frozen, Listed
from pipeline.core.text import fold, media_problem

SOURCE = "Hugging Face"
# The most that one page brings. Asking for more could make the server skip by what we asked and send what it allows.
PAGE_SIZE = 50
MOST_PAGES = 40
_MOST_VOTES = 999_999


class Unreadable(Frozen):
    """A listed record that cannot be read. `place` counts from 1 in its page, `name` is its id or title, if any."""

    place: int
    name: str
    reason: str


class Listing(Frozen):
    """A day's list: the papers in the order of the list, none twice, and the records that could not be read.

    `passed_over` is how many more there were where a source chose from them for a reader. `dated`: the source
    itself says that they are of this day, so that those which another day has too are no sign of an old list.
    """

    listed: tuple[Listed, ...]
    unreadable: tuple[Unreadable, ...] = ()
    passed_over: int = 0
    dated: bool = False


def _encodable(value: str) -> str:
    """Replace half a surrogate pair, which JSON can spell and no file can hold, by a question mark."""
    return value.encode(errors="replace").decode()


_Text = Annotated[str, AfterValidator(_encodable)]


class _Lenient(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Author(_Lenient):
    name: _Text | None = None
    hidden: bool | None = None


class _Media(_Lenient):
    thumbnail: _Text | None = None
    media_urls: list[_Text] | None = None
    media_url: _Text | None = None


class _Paper(_Media):
    id: _Text
    title: _Text | None = None
    summary: _Text | None = None
    authors: list[_Author] | None = None
    upvotes: int | None = None


class _Record(_Media):
    paper: _Paper
    title: _Text | None = None
    summary: _Text | None = None


def fetch_day(client: httpx2.Client, base_url: str, date: dt.date, retry: Retrying) -> Listing:
    """Fetch the whole list of a day, page by page until one brings nothing new; empty where nothing is listed.

    `base_url` is the site's address. SourceError when any page cannot be had (a part of a day is not the day), or none
    of its records can be read.
    """
    listed: dict[str, Listed] = {}
    unreadable: dict[Unreadable, None] = {}
    for number in range(MOST_PAGES):
        url = _page_url(base_url, date, number)
        page = parse_page(retry(fetch, client, url, source=SOURCE, kind="json"), url)
        known = len(listed) + len(unreadable)
        for paper in page.listed:
            listed.setdefault(paper.id, paper)
        unreadable |= dict.fromkeys(page.unreadable)
        if len(listed) + len(unreadable) == known:
            break
    else:
        raise SourceError(SOURCE, url, f"the list does not end after {MOST_PAGES} pages")
    if unreadable and not listed:  # the format has changed
        first = next(iter(unreadable))
        reason = f"none of its {len(unreadable)} records can be read; {first.name or 'the first'}: {first.reason}"
        raise SourceError(SOURCE, _page_url(base_url, date, 0), reason)
    return Listing(listed=tuple(listed.values()), unreadable=tuple(unreadable))


def parse_page(data: bytes, url: str) -> Listing:
    """Read one page's records, readable or not; SourceError when it is no list of records."""
    listed: dict[str, Listed] = {}
    unreadable: list[Unreadable] = []
    for place, record in enumerate(_records(data, url), start=1):
        try:
            paper = _listed(_Record.model_validate(record))
            listed.setdefault(paper.id, paper)
        except (ValidationError, ConfigError) as error:
            unreadable.append(Unreadable(place=place, name=_name(record), reason=_reason(error)))
    return Listing(listed=tuple(listed.values()), unreadable=tuple(unreadable))


def _page_url(base_url: str, date: dt.date, number: int) -> str:
    query = urlencode({"date": date.isoformat(), "limit": PAGE_SIZE, "p": number})
    return f"{base_url.rstrip('/')}/api/daily_papers?{query}"


def _records(data: bytes, url: str) -> list[Any]:
    try:
        records = json.loads(data)
    except (ValueError, RecursionError) as error:
        reason = "a web page instead of JSON" if data.lstrip()[:1] == b"<" else f"broken JSON: {error}"
        raise SourceError(SOURCE, url, f"answered {reason}") from error
    if not isinstance(records, list):
        said = f": {records['error']}" if isinstance(records, dict) and "error" in records else ""
        raise SourceError(SOURCE, url, f"answered something other than a list of papers{said}")
    return records


def _listed(record: _Record) -> Listed:
    paper = record.paper
    names = [fold(author.name) for author in paper.authors or [] if author.name and not author.hidden]
    # The first address that can be shown is the thumbnail, else the first of all.
    media = [url for one in (record, paper) for url in (one.thumbnail, *(one.media_urls or ()), one.media_url) if url]
    return Listed(
        id=parse_id(paper.id).id,
        title=fold(paper.title or record.title or ""),
        abstract=fold(paper.summary or record.summary or ""),
        authors=tuple(dict.fromkeys(filter(None, names))),
        votes=paper.upvotes if 0 <= (paper.upvotes or 0) <= _MOST_VOTES else None,
        thumbnail=next((url for url in media if not media_problem(url)), media[0] if media else None),
    )


def _name(record: Any) -> str:
    """Return the id or title of an unreadable record, as far as it has one."""
    paper = record.get("paper") if isinstance(record, dict) else None
    fields = {**record, **paper} if isinstance(paper, dict) else record if isinstance(record, dict) else {}
    return _encodable(fold(str(fields.get("id") or fields.get("title") or ""))[:80])


def _reason(error: ValidationError | ConfigError) -> str:
    if isinstance(error, ConfigError):
        return str(error)
    first = error.errors(include_url=False)[0]
    problem = "not an object" if first["type"] == "model_type" else first["msg"]
    return f"{'.'.join(str(part) for part in first['loc']) or 'record'}: {problem}"
