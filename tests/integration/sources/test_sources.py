"""The sources: every recorded answer, every quirk on file, and answers that are not what they should be."""

import datetime as dt
import gzip
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pipeline.core import http
from pipeline.core.errors import ConfigError, SourceError
from pipeline.core.models import Listed, Metadata
from pipeline.core.retry import retrying
from pipeline.sources import arxiv, huggingface, sample
from pipeline.sources.papers import from_listing, from_metadata
from tests import CASES, ROOT
from tests.support.fakes import (
    ARXIV_PATH,
    HF_PATH,
    Answer,
    ArxivPaper,
    Asked,
    FakeSources,
    ReplaySources,
    feed,
    listed_record,
)

DAY = dt.date(2024, 8, 22)
RETRY = retrying(attempts=3, scale=0)
ATOM = "application/atom+xml; charset=utf-8"


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with http.new_client() as client:
        yield client


def list_day(client: httpx2.Client, server: FakeSources) -> huggingface.Listing:
    return huggingface.fetch_day(client, server.hf_url, DAY, RETRY)


def ask_arxiv(client: httpx2.Client, server: FakeSources, *ids: str) -> arxiv.Fetched:
    return arxiv.fetch_metadata(access(client), server.arxiv_url, ids)


def access(client: httpx2.Client, turn: Callable[[], AbstractContextManager[object]] = nullcontext) -> http.ArxivAccess:
    return http.ArxivAccess(client, turn, partial(retrying, attempts=3, scale=0))


# ---------------------------------------------------------------------------------------------------------------------
# Parsing: quirks on file, recorded answers


def cases(source: str, kind: str) -> list[Any]:
    paths = sorted(path for path in (CASES / source).glob(f"*.{kind}") if not path.name.endswith(".expected.json"))
    return [pytest.param(path, id=path.stem) for path in paths]


def expected(path: Path) -> Any:
    return json.loads(path.with_suffix(".expected.json").read_text("utf-8"))


OF_OTHER_SOURCES: Any = {"passed_over": True, "dated": True, "listed": {"__all__": {"match", "metadata"}}}


def outcome(parse: Any, path: Path) -> Any:
    """What a parser makes of a file, or the beginning of its error, which goes on in the words of some library."""
    try:
        parsed = parse(path.read_bytes(), "http://test/answer")
    except SourceError as error:
        assert str(error).endswith("(http://test/answer)")
        reason = expected(path).get("error", "") if isinstance(expected(path), dict) else ""
        return {"error": error.reason[: len(reason)]}
    return (
        [item.model_dump(mode="json") for item in parsed]
        if isinstance(parsed, list)
        else parsed.model_dump(mode="json", exclude=OF_OTHER_SOURCES)
    )


@pytest.mark.parametrize("path", cases("huggingface", "json"))
def test_hugging_face_cases(path: Path) -> None:
    assert outcome(huggingface.parse_page, path) == expected(path)


@pytest.mark.parametrize("path", cases("arxiv", "xml"))
def test_arxiv_cases(path: Path) -> None:
    assert outcome(arxiv.parse_feed, path) == expected(path)


def test_json_nested_too_deep_is_an_error() -> None:
    with pytest.raises(SourceError, match="broken JSON"):
        huggingface.parse_page(b"[" * 100_000, "http://test/answer")


RECORDED_DAYS = {
    "2024-05-27": 13,
    "2024-06-13": 21,
    "2024-06-17": 18,
    "2024-06-26": 19,
    "2024-08-22": 10,
    "2024-10-07": 13,
    "2025-09-30": 50,
    "2026-06-16": 34,
}


def test_every_recorded_day_is_tested(test_data: Path) -> None:
    assert {path.stem for path in (test_data / "recordings/hf_daily_papers").iterdir()} == set(RECORDED_DAYS)


@pytest.mark.parametrize("day", RECORDED_DAYS)
def test_recorded_days(test_data: Path, day: str) -> None:
    path = test_data / f"recordings/hf_daily_papers/{day}.json"
    listing = huggingface.parse_page(path.read_bytes(), day)
    records = json.loads(path.read_text("utf-8"))
    assert len(listing.listed) == RECORDED_DAYS[day]
    assert listing.unreadable == ()
    for paper, record in zip(listing.listed, records, strict=True):
        inner = record["paper"]
        assert (paper.id, paper.votes) == (inner["id"], inner["upvotes"])
        assert paper.title == " ".join(inner["title"].split())
        assert paper.abstract == " ".join(inner["summary"].split())
        assert set(paper.authors) == {" ".join(a["name"].split()) for a in inner["authors"] if not a["hidden"]}
        # What the archive and the golden digests of these days printed, but for avatars.
        assert paper.thumbnail == f"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{paper.id}.png"


def test_a_hidden_author_of_a_recorded_day_is_left_out(test_data: Path) -> None:
    data = (test_data / "recordings/hf_daily_papers/2024-06-17.json").read_bytes()
    authors = {paper.id: paper.authors for paper in huggingface.parse_page(data, "").listed}
    assert "Amir Hossein Kargaran" not in authors["2406.06263"]
    assert len(authors["2406.10118"]) == 61


NOT_FEEDS = {"captcha_200": "a web page instead of a feed", "cs.AI.atom": "no paper: 'oai:arXiv.org:2508.13426v1'"}
RECORDED_FEEDS = {
    "id_0000.0000_s0_m100_8b51d9633a68": [],
    "id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af": ["1707.08567"],
    "id_0808.05394_s0_m100_7b0c7d0a7cdd": [],
    "id_1605.08386_s0_m100_199195aa31ad": ["1605.08386"],
    "id_1707.08567_s0_m100_6a1afebfc6a3": ["1707.08567"],
    "id_2104.12255v1_s0_m100_6ae69987ffe1": ["2104.12255"],
    "id_abc_s0_m100_b79c8dcf6bc3": "answered with an error: incorrect id format for abc",
    "id_astro-ph_0601001_s0_m100_3150dca9dc76": ["astro-ph/0601001"],
    "id_quant-ph_0201082v1_s0_m100_86989fe779ef": ["quant-ph/0201082"],
    "q_testing_s0_m100_cfe7536492ca": 100,
    "q_testing_s0_m10_bc5a6c384fe9": 10,
    "q_testing_s10_m10_34e56e15aaac": 10,
    "q_transformer": 5,
} | NOT_FEEDS


def recorded_feeds(test_data: Path) -> dict[str, Path]:
    """The answers by name; each `.json` beside an `.xml` holds the same bytes with their address and status."""
    folder = test_data / "recordings"
    paths = [*(folder / "arxiv_api").iterdir(), *(folder / "arxiv_rss").iterdir()]
    return {path.stem: path for path in paths if path.suffix != ".json"}


def test_every_recorded_feed_is_tested(test_data: Path) -> None:
    assert set(recorded_feeds(test_data)) == set(RECORDED_FEEDS)


@pytest.mark.parametrize("name", RECORDED_FEEDS)
def test_recorded_feeds(test_data: Path, name: str) -> None:
    data, wanted = recorded_feeds(test_data)[name].read_bytes(), RECORDED_FEEDS[name]
    if isinstance(wanted, str):
        with pytest.raises(SourceError, match=re.escape(wanted)):
            arxiv.parse_feed(data, name)
        return
    papers = arxiv.parse_feed(data, name)
    assert [paper.id for paper in papers] == wanted or len(papers) == wanted
    for paper in papers:
        assert paper.title and paper.abstract and paper.authors and paper.categories
        assert "\n" not in paper.title + paper.abstract
        assert paper.published.tzinfo == dt.UTC
        assert not paper.withdrawn


def test_recorded_envelopes_hold_the_same_answers(test_data: Path) -> None:
    for name, path in recorded_feeds(test_data).items():
        envelope = path.with_suffix(".json")
        if envelope.exists():
            recorded = json.loads(envelope.read_text("utf-8"))
            assert recorded["body"].encode("latin-1") == path.read_bytes(), name  # as the recorder's client read it
            assert recorded["status_code"] == (400 if "id_abc" in name else 200)


# ---------------------------------------------------------------------------------------------------------------------
# Fetching: one answer


def get(client: httpx2.Client, server: FakeSources, *answers: Answer) -> bytes:
    server.queue("/x", *answers)
    return http.fetch(client, server.url + "/x", source="Hugging Face", kind="json")


def test_the_body_comes_as_served(client: httpx2.Client, fake_sources: FakeSources) -> None:
    assert get(client, fake_sources, Answer(body=b"[1]")) == b"[1]"
    assert re.fullmatch(r"paper-digest-pipeline/\d+\.\d+\.\d+", fake_sources.asked[0].headers["user-agent"])


def test_a_compressed_body_is_unpacked(client: httpx2.Client, fake_sources: FakeSources) -> None:
    answer = Answer(body=gzip.compress(b"[1, 2]"), headers={"Content-Encoding": "gzip"})
    assert get(client, fake_sources, answer) == b"[1, 2]"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(503, b"busy"),
        Answer(429, b"slow down"),
        Answer(529),
        Answer(body=b""),
        Answer(body=b"[1, 2, 3]", cut=4),
        Answer(body=b"[1, 2, 3]", headers={"Content-Encoding": "gzip"}),
        Answer(body=b"[1, 2, 3]", cut=0),
    ],
    ids=["503", "429", "529", "empty", "cut", "not gzip", "only a head"],
)
def test_what_may_pass_by_itself(client: httpx2.Client, fake_sources: FakeSources, answer: Answer) -> None:
    with pytest.raises(http.SourceUnavailable) as caught:
        get(client, fake_sources, answer)
    assert str(caught.value).startswith("Hugging Face: ")
    assert caught.value.url == fake_sources.url + "/x"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(404, b"{}"), "answered HTTP 404"),
        (Answer(401, b"{}"), "answered HTTP 401"),
        (Answer(204), "answered HTTP 204"),
        (Answer(301, b"x", headers={"Location": "https://example.org/y"}), "moved to https://example.org/y"),
        (Answer(body=b"<html>", content_type="text/html; charset=utf-8"), "answered text/html; charset=utf-8"),
    ],
    ids=["404", "401", "204", "301", "html"],
)
def test_what_will_not_pass(client: httpx2.Client, fake_sources: FakeSources, answer: Answer, reason: str) -> None:
    with pytest.raises(SourceError, match=re.escape(reason)) as caught:
        get(client, fake_sources, answer)
    assert not isinstance(caught.value, http.SourceUnavailable)


def test_the_size_is_limited_also_when_unpacked(
    client: httpx2.Client, fake_sources: FakeSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 1_000_000)
    bomb = Answer(body=gzip.compress(b"a" * 5_000_000), headers={"Content-Encoding": "gzip"})
    for answer in (bomb, Answer(body=b"a" * 1_000_001)):
        with pytest.raises(SourceError, match="more than 1,000,000 bytes"):
            get(client, fake_sources, answer)


def test_the_whole_time_is_limited(
    client: httpx2.Client, fake_sources: FakeSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(http.SourceUnavailable, match="did not finish"):
        get(client, fake_sources, Answer(body=b"a" * 1000, pause=0.02))
    assert time.monotonic() - began < 2


def test_silence_is_limited(fake_sources: FakeSources) -> None:
    with httpx2.Client(timeout=0.2) as impatient, pytest.raises(http.SourceUnavailable, match="no answer"):
        get(impatient, fake_sources, Answer(body=b"[]", delay=30))


def test_nobody_there(client: httpx2.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    with pytest.raises(http.SourceUnavailable, match="no answer"):
        http.fetch(client, url, source="arXiv", kind="xml")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "127.0.0.1/x", "http://127.0.0.1:port/"])
def test_an_address_that_is_none(client: httpx2.Client, url: str) -> None:
    with pytest.raises(SourceError, match="the address cannot be used"):
        http.fetch(client, url, source="arXiv", kind="xml")


def test_retry_after_is_kept(client: httpx2.Client, fake_sources: FakeSources) -> None:
    with pytest.raises(http.SourceUnavailable) as caught:
        get(client, fake_sources, Answer(503, headers={"Retry-After": "7"}))
    assert caught.value.retry_after == 7


def test_the_network_is_closed_in_tests(client: httpx2.Client) -> None:
    for host in ("192.0.2.1", "huggingface.co"):
        with pytest.raises(RuntimeError, match="closed in tests"):
            http.fetch(client, f"http://{host}/", source="arXiv", kind="xml")


# ---------------------------------------------------------------------------------------------------------------------
# Fetching: a day


def test_a_day_is_fetched_in_its_order_past_the_cap(client: httpx2.Client, fake_sources: FakeSources) -> None:
    ids = [f"2408.{number:05}" for number in range(1, 121)]
    for id in ids:
        fake_sources.add("2024-08-22", id)
    assert [paper.id for paper in list_day(client, fake_sources).listed] == ids
    asked = [request.query for request in fake_sources.paths(HF_PATH)]
    assert [(query["date"], query["p"]) for query in asked] == [("2024-08-22", str(page)) for page in range(4)]


@pytest.mark.parametrize("count", [0, 1, 49, 50, 51, 100])
def test_no_paper_is_lost_at_the_end_of_a_page(client: httpx2.Client, fake_sources: FakeSources, count: int) -> None:
    for number in range(1, count + 1):
        fake_sources.add("2024-08-22", f"2408.{number:05}")
    assert len(list_day(client, fake_sources).listed) == count


def test_a_server_that_pages_in_smaller_steps_loses_no_paper(client: httpx2.Client, fake_sources: FakeSources) -> None:
    ids = [f"2408.{number:05}" for number in range(1, 31)]
    pages = [json.dumps([listed_record(id) for id in ids[start : start + 20]]).encode() for start in (0, 20, 40)]
    fake_sources.queue(HF_PATH, *(Answer(body=page) for page in pages))
    assert [paper.id for paper in list_day(client, fake_sources).listed] == ids


def test_a_server_that_knows_no_pages_is_not_asked_for_ever(client: httpx2.Client, fake_sources: FakeSources) -> None:
    page = Answer(body=json.dumps([listed_record("2408.00001"), {"paper": {}}]).encode())
    fake_sources.queue(HF_PATH, *[page] * 10)
    listing = list_day(client, fake_sources)
    assert (len(listing.listed), len(listing.unreadable)) == (1, 1)
    assert len(fake_sources.paths(HF_PATH)) == 2


class EndlessList(FakeSources):
    def answer(self, asked: Asked) -> Answer:
        return Answer(body=json.dumps([listed_record(f"2408.{int(asked.query['p']) + 1:05}")]).encode())


def test_a_list_without_end_is_an_error(client: httpx2.Client) -> None:
    with EndlessList() as server, pytest.raises(SourceError, match="does not end"):
        list_day(client, server)


def test_a_paper_that_moves_to_the_next_page_meanwhile_is_kept_once(
    client: httpx2.Client, fake_sources: FakeSources
) -> None:
    pages = [["2408.00001", "2408.00002"], ["2408.00002", "2408.00003"], []]
    answers = [json.dumps([listed_record(id, votes=number) for id in page]) for number, page in enumerate(pages)]
    fake_sources.queue(HF_PATH, *(Answer(body=answer.encode()) for answer in answers))
    listed = list_day(client, fake_sources).listed
    assert [(paper.id, paper.votes) for paper in listed] == [("2408.00001", 0), ("2408.00002", 0), ("2408.00003", 1)]


def test_a_page_is_asked_for_again(client: httpx2.Client, fake_sources: FakeSources) -> None:
    fake_sources.add("2024-08-22", "2408.00001")
    fake_sources.queue(HF_PATH, Answer(503), Answer(body=b"[]", cut=1))
    assert len(list_day(client, fake_sources).listed) == 1


@pytest.mark.parametrize(
    "answer",
    [Answer(500), Answer(404), Answer(body=b'[{"pap'), Answer(body=b"{}"), Answer(body=b""), Answer(body=b"<html>")],
    ids=["500", "404", "truncated", "object", "empty", "html"],
)
@pytest.mark.parametrize("page", [0, 1])
def test_a_day_is_whole_or_an_error(
    client: httpx2.Client, fake_sources: FakeSources, answer: Answer, page: int
) -> None:
    first = Answer(body=json.dumps([listed_record("2408.00001")]).encode())
    fake_sources.queue(HF_PATH, *[first] * page, *[answer] * 3)
    with pytest.raises(SourceError) as caught:
        list_day(client, fake_sources)
    assert caught.value.source == "Hugging Face"
    assert f"{fake_sources.url}{HF_PATH}?date=2024-08-22" in str(caught.value)


def test_a_day_of_which_nothing_can_be_read_is_an_error(client: httpx2.Client, fake_sources: FakeSources) -> None:
    fake_sources.days["2024-08-22"] = [{"paper": {"title": "A Title", "arxiv": "2408.00001"}}] * 3
    with pytest.raises(SourceError, match=r"none of its \d records can be read; A Title: paper\.id: Field required"):
        list_day(client, fake_sources)


def test_an_empty_day_is_empty(client: httpx2.Client, fake_sources: FakeSources) -> None:
    assert list_day(client, fake_sources) == huggingface.Listing(listed=())


# ---------------------------------------------------------------------------------------------------------------------
# Fetching: metadata


def test_metadata_comes_by_the_hundred(client: httpx2.Client, fake_sources: FakeSources) -> None:
    ids = [f"2408.{number:05}" for number in range(1, 251)]
    for id in ids:
        fake_sources.add("2024-08-22", id)
    fetched = ask_arxiv(client, fake_sources, *ids)
    assert list(fetched.papers) == ids
    assert fetched.missing == ()
    batches = [request.query["id_list"].split(",") for request in fake_sources.paths(ARXIV_PATH)]
    assert [len(batch) for batch in batches] == [100, 100, 50]


def test_nothing_asked_nothing_fetched(client: httpx2.Client, fake_sources: FakeSources) -> None:
    assert ask_arxiv(client, fake_sources).papers == {}
    assert fake_sources.asked == []


def test_what_arxiv_does_not_know_is_named(client: httpx2.Client, fake_sources: FakeSources) -> None:
    fake_sources.add("2024-08-22", "2408.00001")
    fetched = ask_arxiv(client, fake_sources, "2408.00002v3", "2408.00001", "cs/0101001")
    assert list(fetched.papers) == ["2408.00001"]
    assert fetched.missing == ("2408.00002", "cs/0101001")


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("2408.00001", "2408.00001"),
        ("2408.00001v2", "2408.00001v2"),
        ("arXiv:2408.00001", "2408.00001"),
        ("https://arxiv.org/abs/2408.00001v1", "2408.00001v1"),
        ("https://arxiv.org/pdf/2408.00001.pdf", "2408.00001"),
        ("astro-ph/0601001", "astro-ph/0601001"),
        ("Astro-PH/0601001V2", "astro-ph/0601001v2"),
        ("arXiv:astro-ph.CO/0601001", "astro-ph/0601001"),
        ("https://arxiv.org/abs/ASTRO-PH.co/0601001v1", "astro-ph/0601001v1"),
    ],
)
def test_ids_in_every_form(client: httpx2.Client, fake_sources: FakeSources, form: str, sent: str) -> None:
    for id in ("2408.00001", "astro-ph/0601001"):
        fake_sources.add("2024-08-22", id)
    fetched = ask_arxiv(client, fake_sources, form, form)
    assert fetched.missing == ()
    assert [request.query["id_list"] for request in fake_sources.asked] == [sent]


def test_an_id_that_is_none_is_not_sent(client: httpx2.Client, fake_sources: FakeSources) -> None:
    with pytest.raises(ConfigError, match="'abc' is not an arXiv id"):
        ask_arxiv(client, fake_sources, "abc")
    assert fake_sources.asked == []


@pytest.mark.parametrize("refused", [{17}, {0, 99}, {50, 51, 149}, set(range(30, 30 + 10))])
def test_an_id_that_arxiv_refuses_costs_no_other(
    client: httpx2.Client, fake_sources: FakeSources, refused: set[int], caplog: pytest.LogCaptureFixture
) -> None:
    ids = [f"2408.{number:05}" for number in range(150)]
    for id in ids:
        fake_sources.add("2024-08-22", id)
    fake_sources.refused = {ids[number] for number in refused}
    fetched = ask_arxiv(client, fake_sources, *ids)
    assert set(fetched.missing) == fake_sources.refused
    assert set(fetched.papers) == set(ids) - fake_sources.refused
    assert sorted(caplog.messages) == [f"arXiv does not accept the id {id}" for id in sorted(fake_sources.refused)]
    assert len(fake_sources.asked) <= 2 + 14 * len(refused)


def test_an_id_that_arxiv_refuses_is_not_known(client: httpx2.Client, fake_sources: FakeSources) -> None:
    fake_sources.refused = {"foo/9901001v2"}
    assert ask_arxiv(client, fake_sources, "foo/9901001v2").missing == ("foo/9901001",)
    assert len(fake_sources.asked) == 1


def test_an_arxiv_that_refuses_everything_is_not_asked_for_every_id(
    client: httpx2.Client, fake_sources: FakeSources
) -> None:
    ids = [f"2408.{number:05}" for number in range(150)]
    fake_sources.refused = set(ids)
    with pytest.raises(SourceError, match="answered HTTP 400"):
        ask_arxiv(client, fake_sources, *ids)
    assert len(fake_sources.asked) < 30


def test_every_request_has_a_turn_of_its_own(client: httpx2.Client, fake_sources: FakeSources) -> None:
    turns: list[int] = []

    @contextmanager
    def turn() -> Iterator[None]:
        turns.append(len(fake_sources.asked))
        yield

    ids = [f"2408.{number:05}" for number in range(1, 151)]
    fake_sources.queue(ARXIV_PATH, Answer(503), Answer(503))
    arxiv.fetch_metadata(access(client, turn), fake_sources.arxiv_url, ids)
    assert turns == [0, 1, 2, 3]


def test_an_answer_about_other_papers_is_left_out(client: httpx2.Client, fake_sources: FakeSources) -> None:
    other = feed([ArxivPaper("2408.00009", "T", "A").xml()])
    fake_sources.queue(ARXIV_PATH, Answer(body=other, content_type=ATOM))
    assert ask_arxiv(client, fake_sources, "2408.00001") == arxiv.Fetched(papers={}, missing=("2408.00001",))


def test_recorded_bad_answers_are_errors(test_data: Path, client: httpx2.Client, fake_sources: FakeSources) -> None:
    files = recorded_feeds(test_data)
    captcha, error = files["captcha_200"].read_bytes(), files["id_abc_s0_m100_b79c8dcf6bc3"].read_bytes()
    for answer in (
        Answer(body=captcha, content_type="text/html"),
        Answer(body=captcha, content_type=ATOM),
        Answer(200, error, ATOM),
        Answer(body=error[:500], content_type=ATOM),
    ):
        fake_sources.queue(ARXIV_PATH, answer)
        with pytest.raises(SourceError, match=re.escape(f"{fake_sources.arxiv_url}?id_list=2408.00001")) as caught:
            ask_arxiv(client, fake_sources, "2408.00001")
        assert caught.value.source == "arXiv"
    assert len(fake_sources.asked) == 4  # none of these is worth a second try


def test_two_asked_one_known(test_data: Path, client: httpx2.Client, fake_sources: FakeSources) -> None:
    data = recorded_feeds(test_data)["id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af"].read_bytes()
    fake_sources.queue(ARXIV_PATH, Answer(body=data, content_type=ATOM))
    fetched = ask_arxiv(client, fake_sources, "0808.05394", "1707.08567")
    assert (list(fetched.papers), fetched.missing) == (["1707.08567"], ("0808.05394",))


@pytest.mark.parametrize("day", ["2024-08-22", "2026-06-16"])
def test_a_recorded_day_is_replayed_whole(client: httpx2.Client, replay: ReplaySources, day: str) -> None:
    listing = huggingface.fetch_day(client, replay.hf_url, dt.date.fromisoformat(day), RETRY)
    fetched = ask_arxiv(client, replay, *(paper.id for paper in listing.listed))
    assert len(listing.listed) == RECORDED_DAYS[day]
    assert list(fetched.papers) == [paper.id for paper in listing.listed]
    assert [paper.title for paper in fetched.papers.values()] == [paper.title for paper in listing.listed]


def test_many_clients_at_once_are_served(replay: ReplaySources) -> None:
    def ask() -> None:
        with http.new_client() as client:
            counts.append(len(list_day(client, replay).listed))

    counts: list[int] = []
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [10] * 8


# ---------------------------------------------------------------------------------------------------------------------
# One paper of two sources

LISTED = Listed(
    id="2408.00001",
    title="Listed",
    abstract="L.",
    authors=("Lo Listed",),
    votes=7,
    thumbnail="https://example.org/t.png",
)
METADATA = Metadata(
    id="2408.00001",
    version=2,
    title="Submitted",
    abstract="S.",
    authors=("Su Submitted", "Lo Listed"),
    categories=("cs.CL", "cs.AI"),
    published=dt.datetime(2024, 8, 21, tzinfo=dt.UTC),
    withdrawn=True,
)


def test_arxiv_wins_and_hugging_face_has_votes_thumbnail_and_order() -> None:
    paper = from_listing(LISTED, METADATA, 3)
    assert (paper.title, paper.abstract, paper.authors) == ("Submitted", "S.", ("Su Submitted", "Lo Listed"))
    assert (paper.version, paper.categories, paper.withdrawn) == (2, ("cs.CL", "cs.AI"), True)
    assert (paper.votes, paper.thumbnail, paper.rank) == (7, "https://example.org/t.png", 3)
    assert paper.metadata == "arxiv"


def test_without_metadata_the_list_serves_and_says_so() -> None:
    paper = from_listing(LISTED, None, 3)
    assert (paper.title, paper.abstract, paper.authors, paper.version) == ("Listed", "L.", ("Lo Listed",), None)
    assert (paper.votes, paper.rank, paper.metadata) == (7, 3, "huggingface")


def test_a_paper_of_metadata_alone() -> None:
    paper = from_metadata(METADATA, 0)
    assert (paper.title, paper.votes, paper.thumbnail, paper.metadata) == ("Submitted", None, None, "arxiv")


# ---------------------------------------------------------------------------------------------------------------------
# The bundled day


@pytest.fixture(scope="module")
def sample_day() -> tuple[tuple[Listed, ...], dict[str, Metadata]]:
    with sample.client() as client:
        listing = huggingface.fetch_day(client, "https://huggingface.co/", sample.DATE, RETRY)
        ids = [paper.id for paper in listing.listed]
        url = "https://export.arxiv.org/api/query"
        fetched = arxiv.fetch_metadata(access(client), url, ids)
    assert listing.unreadable == ()
    assert fetched.missing == ()
    return listing.listed, fetched.papers


def golden_facts() -> dict[str, tuple[str, int, set[str]]]:
    """Title, votes and authors by id, of the golden digest of the day."""
    text = (ROOT / "seeds/sections/2024-08-22.md").read_text("utf-8")
    entry = re.compile(r"### \[(.*)\]\(https://arxiv\.org/abs/(.*)\)\n[\s\S]*?\nVote: (.*)\n\nAuthors: (.*)\n")
    chunks = [chunk for chunk in re.split(r"(?=^### )", text, flags=re.MULTILINE) if chunk.startswith("### ")]
    found = [match.groups() for chunk in chunks if (match := entry.match(chunk))]
    return {id: (title, 0 if votes == "-" else int(votes), set(names.split(", "))) for title, id, votes, names in found}


def test_the_sample_has_the_facts_of_its_golden_digest(sample_day: tuple[tuple[Listed, ...], Any]) -> None:
    golden = golden_facts()
    listed = sample_day[0]
    assert len(golden) == 11  # one of them is not on the recorded list
    assert len(listed) == 10
    for paper in listed:
        assert (paper.title, paper.votes, set(paper.authors)) == golden[paper.id]
        assert paper.thumbnail == f"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{paper.id}.png"


def test_both_halves_of_the_sample_agree(sample_day: tuple[tuple[Listed, ...], dict[str, Metadata]]) -> None:
    listed, papers = sample_day
    for paper in listed:
        metadata = papers[paper.id]
        assert (metadata.title, metadata.abstract, metadata.authors) == (paper.title, paper.abstract, paper.authors)
        assert metadata.categories[0].startswith("cs.")


def test_the_sample_copies_no_sentence_and_invents_no_figure(
    test_data: Path, sample_day: tuple[tuple[Listed, ...], Any]
) -> None:
    data = (test_data / "recordings/hf_daily_papers/2024-08-22.json").read_bytes()
    real = {paper.id: paper.abstract for paper in huggingface.parse_page(data, "").listed}
    for paper in sample_day[0]:
        mine, theirs = (re.findall(r"[\w.%-]+", text.lower()) for text in (paper.abstract, real[paper.id]))
        runs = {" ".join(mine[at : at + 9]) for at in range(len(mine) - 8)}
        assert not [run for run in runs if run in " ".join(theirs)]
        assert set(re.findall(r"\d[\d.]*", paper.abstract)) <= set(re.findall(r"\d[\d.]*", real[paper.id]))
