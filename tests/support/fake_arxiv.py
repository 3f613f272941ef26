"""arXiv's announcements and its OAI-PMH interface on loopback, beside the query API of `tests.support.fakes`."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from tests.support.fakes import ABSTRACT, Answer, ArxivPaper, Asked, FakeSources

ATOM = "application/atom+xml"
OAI_PATH = "/oai"


@dataclass(frozen=True)
class Announcement:
    """A paper as announced: `kind` is new, cross, replace or replace-cross. Not in the `feed`: only on the page."""

    paper: ArxivPaper
    kind: str = "new"
    feed: bool = True


def entry(one: Announcement) -> str:
    """An entry of the feed, as arXiv writes it."""
    paper = one.paper
    return (
        f"<entry><id>oai:arXiv.org:{paper.id}v{paper.version}</id><title>{escape(paper.title)}</title>"
        f"<summary>arXiv:{paper.id}v{paper.version} Announce Type: {one.kind} \nAbstract: {escape(paper.abstract)}"
        f"</summary><arxiv:announce_type>{one.kind}</arxiv:announce_type>"
        f"<dc:creator>{escape(', '.join(paper.authors))}</dc:creator></entry>"
    )


def feed(*entries: str) -> bytes:
    """The announcement feed around its entries."""
    return (
        "<?xml version='1.0' encoding='UTF-8'?><feed xmlns:arxiv='http://arxiv.org/schemas/atom' "
        f"xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns='http://www.w3.org/2005/Atom'>{''.join(entries)}</feed>"
    ).encode()


def new_page(date: dt.date, announced: list[Announcement]) -> bytes:
    """The page of new papers, as arXiv writes it: the day, then the three kinds under headings of their own."""
    kinds = {"New submissions": "new", "Cross submissions": "cross", "Replacement submissions": "replace"}
    sections = ""
    for title, kind in kinds.items():
        ids = [one.paper.id for one in announced if one.kind.partition("-")[0] == kind]
        rows = "".join(
            f'<dt><a name=\'item{n}\'>[{n}]</a> <a href ="/abs/{id}" title="Abstract" id="{id}"> arXiv:{id} </a>'
            f'</dt><dd>see <a href="https://arxiv.org/abs/1706.03762">another one</a></dd>'
            for n, id in enumerate(ids, start=1)
        )
        if ids:
            sections += f"<dl id='articles'><h3>{title} (showing {len(ids)} of {len(ids)} entries)</h3>{rows}</dl>"
    day = f"{date:%A}, {date.day} {date:%B %Y}"
    return f"<html><h3>Showing new listings for {day}</h3>{sections or '<p>No updates today.</p>'}</html>".encode()


def record(
    id: str,
    submitted: str = "Mon, 19 Aug 2024 12:00:00 GMT",
    title: str = "A Paper",
    abstract: str = ABSTRACT,
    authors: str = "Ada Example",
    comments: str = "",
    versions: int = 1,
) -> str:
    """A record of arXivRaw. Later versions come a year later."""
    later = "<date>Tue, 19 Aug 2025 12:00:00 GMT</date>"
    dates = "".join(
        f'<version version="v{n}">{later if n > 1 else f"<date>{submitted}</date>"}</version>'
        for n in range(1, versions + 1)
    )
    return (
        f"<record><header><identifier>oai:arXiv.org:{id}</identifier><datestamp>2025-08-20</datestamp></header>"
        f'<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{id}</id>{dates}<title>{escape(title)}</title>'
        f"<authors>{escape(authors)}</authors><categories>cs.CL cs.AI</categories>"
        f"<comments>{escape(comments)}</comments>"
        f"<abstract>{escape(abstract)}</abstract></arXivRaw></metadata></record>"
    )


def deleted(id: str) -> str:
    """A record that arXiv took out."""
    return f'<record><header status="deleted"><identifier>oai:arXiv.org:{id}</identifier></header></record>'


def oai(content: str) -> bytes:
    """An OAI-PMH answer around its content."""
    return f'<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{content}</OAI-PMH>'.encode()


def records(*found: str, token: str | None = None) -> bytes:
    """An answer to ListRecords."""
    end = "" if token is None else f"<resumptionToken expires='2026-10-01T00:00:00Z'>{escape(token)}</resumptionToken>"
    return oai(f"<ListRecords>{''.join(found)}{end}</ListRecords>")


class FakeArxiv(FakeSources):
    """`shows` is the day of the page of new papers, `feed_shows` that of the feed if it is another one.

    `harvest` are the records that OAI-PMH gives, `per_page` at a time. Announced papers are known to the query API.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shows = dt.date(2026, 3, 4)
        self.feed_shows: dt.date | None = None
        self.announced: dict[dt.date, list[Announcement]] = defaultdict(list)
        self.harvest: list[str] = []
        self.per_page = 1000

    def announce(
        self, date: dt.date, id: str, title: str = "A Paper", kind: str = "new", feed: bool = True, **more: object
    ) -> None:
        """`more` as in `ArxivPaper`."""
        paper = ArxivPaper(id, title, **({"abstract": ABSTRACT} | more))  # type: ignore[arg-type]
        self.announced[date].append(Announcement(paper, kind, feed))
        self.papers[id] = paper

    def environment(self) -> dict[str, str]:
        return {
            "PIPELINE_SOURCES__ARXIV_FEED_URL": f"{self.url}/atom",
            "PIPELINE_SOURCES__ARXIV_OAI_URL": self.url + OAI_PATH,
        }

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/atom/cs.CL":
            announced = self.announced[self.feed_shows or self.shows]
            return Answer(body=feed(*(entry(one) for one in announced if one.feed)), content_type=ATOM)
        if asked.path == "/list/cs.CL/new":
            return Answer(body=new_page(self.shows, self.announced[self.shows]), content_type="text/html")
        if asked.path == OAI_PATH:
            return Answer(body=self._page(asked.query), content_type="application/xml")
        return super().answer(asked)

    def _page(self, query: dict[str, str]) -> bytes:
        """The token is what arXiv's is: the query with a place, quoted, and thus quoted twice in the address."""
        start = int(query.get("resumptionToken", "skip%3D0").rpartition("%3D")[2])
        found = self.harvest[start : start + self.per_page]
        if not found:
            return oai('<error code="noRecordsMatch">nothing</error>')
        end = start + self.per_page
        token = urlencode({"x": f"skip={end}"}).partition("=")[2] if end < len(self.harvest) else ""
        return records(*found, token=token)
