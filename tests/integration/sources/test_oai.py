"""arXiv's metadata by OAI-PMH: pages, tokens, waits, and answers that are not what was asked for."""

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import SourceError
from pipeline.core.http import ArxivAccess, new_client
from pipeline.core.models import Metadata
from pipeline.core.retry import retrying
from pipeline.sources import oai
from pipeline.sources.arxiv import split_names
from tests.support.fake_arxiv import OAI_PATH, FakeArxiv, deleted, record, records
from tests.support.fake_arxiv import oai as around
from tests.support.fakes import Answer

SINCE = dt.date(2024, 8, 19)
URL = "http://test/oai"


@pytest.fixture
def server() -> Iterator[FakeArxiv]:
    with FakeArxiv() as fake:
        yield fake


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with new_client() as open_client:
        yield open_client


def harvest(
    client: httpx2.Client, server: FakeArxiv, until: dt.date | None = None, **changes: Any
) -> list[tuple[Metadata, ...]]:
    access = ArxivAccess(client, contextlib.nullcontext, partial(retrying, scale=0))._replace(**changes)
    return list(oai.harvest(access, server.url + OAI_PATH, "cs.CL", SINCE, until))


def xml(body: bytes) -> Answer:
    return Answer(body=body, content_type="application/xml")


def test_a_record_is_the_paper_of_the_query_api() -> None:
    text = record(
        "2408.00001", "Mon, 19 Aug 2024 12:00:00 GMT", " A \n Title ", "Of one.", "Ada Example and B. C.", "x", 3
    )
    (paper,) = oai.parse_page(records(text), URL).papers
    assert paper == Metadata(
        id="2408.00001",
        version=3,
        title="A Title",
        abstract="Of one.",
        authors=("Ada Example", "B. C."),
        categories=("cs.CL", "cs.AI"),
        published=dt.datetime(2024, 8, 19, 12, tzinfo=dt.UTC),
    )


def test_a_withdrawn_paper_is_known_by_its_comment() -> None:
    page = oai.parse_page(records(record("2408.00001", comments="Withdrawn by the authors"), record("2408.00002")), URL)
    assert [paper.withdrawn for paper in page.papers] == [True, False]


def test_deleted_records_are_passed_over() -> None:
    page = oai.parse_page(records(deleted("2408.00001"), record("2408.00002")), URL)
    assert ([paper.id for paper in page.papers], page.unreadable) == (["2408.00002"], ())


def test_old_ids_are_read() -> None:
    assert oai.parse_page(records(record("hep-th/9901001")), URL).papers[0].id == "hep-th/9901001"


def test_pages_follow_each_other_by_their_tokens(client: httpx2.Client, server: FakeArxiv) -> None:
    server.harvest, server.per_page = [record(f"2408.0000{n}") for n in range(5)], 2
    assert [[paper.id[-1] for paper in page] for page in harvest(client, server)] == [["0", "1"], ["2", "3"], ["4"]]
    first, second, third = (asked.query for asked in server.paths(OAI_PATH))
    assert first == {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": "cs:cs:CL", "from": "2024-08-19"}
    assert second == {"verb": "ListRecords", "resumptionToken": "skip%3D2"}
    assert third == {"verb": "ListRecords", "resumptionToken": "skip%3D4"}


def test_both_bounds_are_asked_for(client: httpx2.Client, server: FakeArxiv) -> None:
    harvest(client, server, until=dt.date(2024, 8, 31))
    assert server.asked[0].query["until"] == "2024-08-31"


def test_a_page_is_given_before_the_next_is_asked_for(client: httpx2.Client, server: FakeArxiv) -> None:
    server.harvest, server.per_page = [record(f"2408.0000{n}") for n in range(5)], 2
    access = ArxivAccess(client, contextlib.nullcontext, partial(retrying, scale=0))
    pages = oai.harvest(access, server.url + OAI_PATH, "cs.CL", SINCE)
    next(pages)
    assert len(server.asked) == 1


def test_nothing_changed_is_no_error(client: httpx2.Client, server: FakeArxiv) -> None:
    assert harvest(client, server) == [()]


def test_every_request_has_a_turn_of_its_own(client: httpx2.Client, server: FakeArxiv) -> None:
    server.harvest, server.per_page = [record(f"2408.0000{n}") for n in range(3)], 1
    server.queue(OAI_PATH, Answer(503))
    turns = []

    @contextlib.contextmanager
    def turn() -> Iterator[None]:
        turns.append(len(server.asked))
        yield

    harvest(client, server, turn=turn)
    assert turns == [0, 1, 2, 3]


def test_the_asked_wait_is_kept(client: httpx2.Client, server: FakeArxiv) -> None:
    server.harvest = [record("2408.00001")]
    server.queue(OAI_PATH, Answer(503, headers={"Retry-After": "30"}))
    started = time.monotonic()
    assert harvest(client, server, retry=partial(retrying, scale=0.01))
    assert 0.3 <= time.monotonic() - started < 5


def test_a_token_that_expired_says_to_run_again(client: httpx2.Client, server: FakeArxiv) -> None:
    server.queue(OAI_PATH, xml(records(record("2408.00001"), token="old")))
    server.queue(OAI_PATH, xml(around('<error code="badResumptionToken">expired</error>')))
    with pytest.raises(SourceError, match=r"where the harvest was \(expired\).*run again"):
        harvest(client, server)


def test_the_same_token_for_ever_ends(client: httpx2.Client, server: FakeArxiv) -> None:
    server.queue(OAI_PATH, *[xml(records(record("2408.00001"), token="again"))] * 9)
    with pytest.raises(SourceError, match="the same resumption token twice"):
        harvest(client, server)
    assert len(server.asked) == 2


def test_new_tokens_for_ever_end(client: httpx2.Client, server: FakeArxiv, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oai, "MOST_PAGES", 3)
    server.queue(OAI_PATH, *[xml(records(record("2408.00001"), token=str(n))) for n in range(9)])
    with pytest.raises(SourceError, match="does not end after 3 pages"):
        harvest(client, server)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            around('<error code="badArgument">Set has the wrong form</error>'),
            "error badArgument: Set has the wrong form",
        ),
        (around("<error>odd</error>"), "without a code: odd"),
        (around("<Identify/>"), "without a list of records"),
        (b"<html><body>Are you a robot?</body></html>", "<html> instead of an OAI-PMH answer"),
        (b"<!doctype html><html><p>busy", "a web page instead of an OAI-PMH answer"),
        (records(record("2408.00001"))[:-40], "broken XML"),
        (b'<?xml version="1.0"?><OAI-PMH/>', "instead of an OAI-PMH answer"),
        (records(record("no id")), "none of its 1 records can be read; oai:arXiv.org:no id"),
        (records(record("2408.00001", title="")), "it has no title"),
        (records(record("2408.00001", versions=0)), "it has no version"),
        (records(record("2408.00001", submitted="some day")), "none of its 1 records"),
        (records("<record/>"), "without an id: it has no arXivRaw"),
        (b"", "broken XML"),
        (b"\x00\xff", "broken XML"),
    ],
)
def test_what_is_no_list_is_an_error(body: bytes, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        oai.parse_page(body, URL)
    assert says in caught.value.reason


def test_one_record_that_cannot_be_read_does_not_cost_the_others() -> None:
    page = oai.parse_page(records(record("2408.00001"), record("2408.00002", title="")), URL)
    assert [paper.id for paper in page.papers] == ["2408.00001"]
    assert page.unreadable == ("oai:arXiv.org:2408.00002: it has no title",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_entity_is_expanded(encoding: str) -> None:
    whole = '<!DOCTYPE x [<!ENTITY e "{}">]><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{}</OAI-PMH>'
    with pytest.raises(SourceError, match="it declares the document type x"):
        oai.parse_page(whole.format("ha" * 1_000_000, "&e;" * 1000).encode(encoding), URL)


@pytest.mark.parametrize("encoding", ["shift_jis", "utf-7", "utf-32", "rot13", "hex", "none such"])
def test_an_encoding_that_cannot_be_read_is_an_error(encoding: str) -> None:
    with pytest.raises(SourceError, match="broken XML"):
        oai.parse_page(f'<?xml version="1.0" encoding="{encoding}"?><OAI-PMH/>'.encode(), URL)


def test_a_control_character_costs_nothing() -> None:
    page = oai.parse_page(records(record("2408.00001", title="One\x0cTwo\x00Three", abstract="We\x1bdo\tit.")), URL)
    assert (page.papers[0].title, page.papers[0].abstract) == ("One Two Three", "We do it.")


def test_utf_16_is_read() -> None:
    assert oai.parse_page(records(record("2408.00001")).decode().encode("utf-16"), URL).papers


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 50))
def test_any_damage_is_one_kind_of_error(junk: bytes, place: int, cut: int) -> None:
    whole = records(record("2408.00001"), deleted("2408.00002"), token="next")
    with contextlib.suppress(SourceError):
        oai.parse_page(whole[:place] + junk + whole[place + cut :], URL)


@given(st.text(max_size=80))
def test_names_of_any_text_are_names(authors: str) -> None:
    assert all(name.strip() for name in split_names(authors))


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ("Ada Example", ("Ada Example",)),
        ("Ada Example, Bo Sample and Cy Third", ("Ada Example", "Bo Sample", "Cy Third")),
        ("Ada Example, Bo Sample, and Cy Third", ("Ada Example", "Bo Sample", "Cy Third")),
        ("Ada Example (1), Bo Anderson (2) ((1) A University (Physics, Maths), (2) B)", ("Ada Example", "Bo Anderson")),
        ("Ada Example (Institute of Things and Others), Bo Sample", ("Ada Example", "Bo Sample")),
        ("Ada Example, Jr., Bo Sample III", ("Ada Example Jr.", "Bo Sample III")),
        (r"Paulo Andr\'e, J\"urgen M{\"u}ller", ("Paulo André", "Jürgen Müller")),
        ("Ada Example, Ada Example, et al.", ("Ada Example",)),
        ("Ada Example (unclosed, Bo Sample", ("Ada Example",)),
        ("(only affiliations)", ()),
        ("", ()),
    ],
)
def test_the_one_line_of_authors(authors: str, names: tuple[str, ...]) -> None:
    assert split_names(authors) == names


def test_parentheses_within_parentheses_take_no_time() -> None:
    started = time.process_time()
    split_names("(" * 200_000 + ")" * 200_000)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("category", "name"),
    [
        ("cs.CL", "cs:cs:CL"),
        ("stat.ML", "stat:stat:ML"),
        ("hep-th", "physics:hep-th"),
        ("astro-ph.CO", "physics:astro-ph:CO"),
        ("physics.optics", "physics:physics:optics"),
        ("cs", "cs:cs"),
    ],
)
def test_a_category_as_a_set(category: str, name: str) -> None:
    assert oai.set_of(category) == name
