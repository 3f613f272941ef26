"""A paper's text over the network: arXiv's HTML, else its PDF, else the abstract, and why."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from pipeline.core.http import ArxivAccess, new_client
from pipeline.core.models import Paper
from pipeline.core.retry import retrying
from pipeline.fulltext import loader
from pipeline.fulltext.document import Document
from pipeline.fulltext.loader import fetch_text
from pipeline.fulltext.selection import select
from tests import CASES
from tests.integration.fulltext.test_pdf import encrypted, made, two_columns
from tests.support.fakes import Answer, FakeSources

PAGE = (CASES / "fulltext" / "method.html").read_bytes()
PDF = made(two_columns)
ID = "2401.00001"
HTML_PATH, PDF_PATH = f"/html/{ID}v2", f"/pdf/{ID}v2"
PAPER = Paper(id=ID, version=2, title="LanternNet", abstract="We present 10⁶ lanterns.", authors=())


class Turns:
    """Counts the turns that were taken."""

    taken = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.taken += 1
        yield


def html(body: bytes = PAGE, status: int = 200) -> Answer:
    return Answer(status, body, "text/html; charset=utf-8")


def pdf(body: bytes = PDF) -> Answer:
    return Answer(200, body, "application/pdf")


def fetched(sources: FakeSources, paper: Paper = PAPER, turns: Turns | None = None) -> Document:
    with new_client() as client:
        access = ArxivAccess(client, turns or Turns(), partial(retrying, attempts=3, scale=0))
        return fetch_text(access, sources.url + "/", paper)


def test_the_html_of_the_papers_own_version_is_the_text(fake_sources: FakeSources) -> None:
    fake_sources.queue(HTML_PATH, html())
    found = fetched(fake_sources)
    assert (found.origin, found.paper_id) == ("html", ID)
    assert all(note.startswith("hidden text") for note in found.notes)
    assert not fake_sources.paths(PDF_PATH)


def test_the_abstract_is_that_of_the_metadata(fake_sources: FakeSources) -> None:
    fake_sources.queue(HTML_PATH, html())
    found = fetched(fake_sources)
    assert [block.text for block in found.blocks if block.kind == "abstract"] == ["We present 10⁶ lanterns."]
    assert found.blocks[0].kind == "abstract"


def test_a_paper_without_abstract_keeps_the_pages_own(fake_sources: FakeSources) -> None:
    fake_sources.queue(HTML_PATH, html())
    found = fetched(fake_sources, PAPER.model_copy(update={"abstract": " "}))
    assert found.blocks[0].text.startswith("We present LanternNet, a 3.4B model")


def test_without_a_version_the_newest_is_asked_for(fake_sources: FakeSources) -> None:
    fake_sources.queue(f"/html/{ID}", html())
    assert fetched(fake_sources, PAPER.model_copy(update={"version": None})).origin == "html"


def test_where_there_is_no_html_the_pdf_is_read(fake_sources: FakeSources) -> None:
    fake_sources.queue(PDF_PATH, pdf())
    found = fetched(fake_sources)
    assert found.origin == "pdf"
    assert found.notes == ("no HTML: answered HTTP 404",)
    assert [block.kind for block in found.blocks].count("abstract") == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (pdf(encrypted()), "no PDF: the PDF is encrypted"),
        (pdf(b"%PDF-1.5 broken"), "no PDF: the PDF is broken"),
        (pdf(b"<html>Sorry</html>"), "no PDF: answered something that is no PDF"),
        (html(b"<html>Sorry</html>"), "no PDF: answered text/html; charset=utf-8 instead of PDF"),
        (Answer(404), "no PDF: answered HTTP 404"),
        (Answer(302, headers={"Location": "/login"}), "no PDF: answered HTTP 302, moved to /login"),
    ],
)
def test_where_there_is_neither_the_abstract_serves_and_the_reasons_are_kept(
    fake_sources: FakeSources, answer: Answer, reason: str
) -> None:
    fake_sources.queue(HTML_PATH, html(b"<html><title>No HTML for this paper</title></html>"))
    fake_sources.queue(PDF_PATH, answer)
    source = select(fetched(fake_sources))
    assert source.origin == "abstract"
    assert [sentence.text for sentence in source.sentences] == ["We present 10⁶ lanterns."]
    assert source.cut[0] == "no HTML: answered a page that is no paper: “No HTML for this paper”"
    assert source.cut[1].startswith(reason)
    assert len(source.cut) == 2


def test_what_may_pass_is_tried_again_each_time_in_a_turn_of_its_own(fake_sources: FakeSources) -> None:
    fake_sources.queue(HTML_PATH, Answer(503), Answer(429, headers={"Retry-After": "0"}), html())
    turns = Turns()
    assert fetched(fake_sources, turns=turns).origin == "html"
    assert turns.taken == len(fake_sources.paths(HTML_PATH)) == 3


def test_what_does_not_pass_falls_back(fake_sources: FakeSources) -> None:
    fake_sources.queue(HTML_PATH, *[Answer(503)] * 3)
    fake_sources.queue(PDF_PATH, pdf())
    assert fetched(fake_sources).notes == ("no HTML: answered HTTP 503",)


def test_a_large_paper_is_read_and_one_above_the_limit_is_not(
    fake_sources: FakeSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = PAGE.replace(
        b"</article>", (b"<p>" + b"One more sentence is said here. " * 100 + b"</p>") * 1_600 + b"</article>"
    )
    assert len(large) > 5_000_000
    fake_sources.queue(HTML_PATH, html(large), html(large))
    assert fetched(fake_sources).origin == "html"
    monkeypatch.setattr(loader, "_FORMATS", (loader._FORMATS[0]._replace(max_bytes=5_000_000),))
    assert fetched(fake_sources).notes == ("no HTML: answered more than 5,000,000 bytes",)
