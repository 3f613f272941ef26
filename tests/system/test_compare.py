"""`make compare`: every step through its command line, with sources and a model on loopback."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import httpx2
import pytest

from tests import CASES
from tests.eval.bridge import Bridge
from tests.eval.compare.__main__ import main
from tests.eval.compare.plain import PROMPT
from tests.support.fake_model import FakeModel, completion, error
from tests.support.fakes import ABSTRACT
from tests.support.world import HEADLINE, cite, envelope, write

IDS = [f"2401.{number:05}" for number in range(1, 9)]
OUR_SENTENCES = ["타일넷은 영상을 나눕니다.", "비용이 절반으로 줄어듭니다."]
THEIR_SENTENCES = ["이 방법은 빠릅니다.", "정확도는 71.2%입니다.", "코드는 없습니다."]
DIGESTS = {
    "bullets": "## Daily Papers (2024-08-22)\n\n" + "".join(
        f"### [TileNet](https://arxiv.org/abs/{id})\n\nVotes: 1\n\nAuthors: Ada Example\n\n"
        "- **타일넷**은 영상을 나눕니다.\n- 비용이 절반으로 줄어듭니다.\n\n"
        for id in IDS
    ),
    "sections": "## Daily Papers (2024-08-22)\n\n" + "".join(
        f"### [TileNet](https://arxiv.org/abs/{id})\n\nVotes: 1\n\nAuthors: Ada Example\n\n"
        "- **What's New**: 타일넷은 영상을 나눕니다. 비용이 절반으로 줄어듭니다.\n\n"
        for id in IDS
    ),
    "easy": "".join(
        f"## 제목: TileNet\n**요약**:  \n타일넷은 영상을 나눕니다.\n\n**쉬운설명**:  \n비용이 절반으로 줄어듭니다.\n\n"
        f"**관련분야**: 컴퓨터 비전  \n**추천수**: 1  \n"
        f"**PDF 다운로드 링크**: ![PDF 다운로드](https://arxiv.org/pdf/{id})\n\n---\n\n"
        for id in IDS
    ),
}  # fmt: skip


class Run(Protocol):
    """A step by its command line: exit code, standard output, standard error."""

    def __call__(self, *arguments: object, model: FakeModel | None = None) -> tuple[int, str, str]: ...


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*arguments: object, model: FakeModel | None = None) -> tuple[int, str, str]:
        if model:
            monkeypatch.setenv("OPENAI_BASE_URL", model.base_url)
            monkeypatch.setenv("PIPELINE_WAIT_SCALE", "0")
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, arguments)))
        return int(ended.value.code or 0), *capsys.readouterr()

    return call


def papers(path: Path, ids: list[str], **more: str) -> Path:
    rows = [{"id": id, "title": f"TileNet{n}: Tiles", "abstract": ABSTRACT, **more} for n, id in enumerate(ids)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def answer(body: dict[str, Any]) -> str:
    """What a decent model says to each of the three kinds of question."""
    system = body["messages"][0]["content"]
    if system == PROMPT:
        return json.dumps({"bullets": THEIR_SENTENCES}, ensure_ascii=False)
    if "`verdicts.json`" not in system:
        return write(body)
    packet = json.loads(body["messages"][1]["content"])
    plain = next(side for side in "AB" if packet[side]["0"] == THEIR_SENTENCES[0])
    label = {"side": plain, "sentence": 1, "kind": "number", "severity": "grave", "why": "71.2 stands nowhere"}
    marks = {side: {"f": 3 if side == plain else 5, "k": 4, "i": 4} for side in "AB"}
    return json.dumps({"labels": [label], **marks, "prefer": "AB".replace(plain, ""), "why": "true"})


@pytest.fixture
def model() -> Iterator[FakeModel]:
    with FakeModel(answer) as server:
        yield server


@pytest.fixture
def packed(run: Run, tmp_path: Path) -> Path:
    """Packets of our bullets, side A, and of the plain prompt's answers, side B."""
    return pack(run, tmp_path, digest(tmp_path), answers(tmp_path, IDS))


def pack(run: Run, tmp_path: Path, a: Path, b: Path, *options: object) -> Path:
    code, _, err = run("packets", papers(tmp_path / "papers.jsonl", IDS), a, b, tmp_path / "judged", *options)
    assert (code, err) == (0, "")
    return tmp_path / "judged"


def digest(tmp_path: Path, layout: str = "bullets") -> Path:
    path = tmp_path / f"{layout}.md"
    path.write_text(DIGESTS[layout])
    return path


def answers(tmp_path: Path, ids: list[str], bullets: list[str] = THEIR_SENTENCES) -> Path:
    folder = tmp_path / "plain"
    folder.mkdir(exist_ok=True)
    for id in ids:
        (folder / f"{id}.json").write_text(json.dumps({"bullets": bullets}))
    return folder


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def marks(f: int, k: int, i: int) -> dict[str, int]:
    return {"f": f, "k": k, "i": i}


# ---- the whole way


def test_the_whole_way_prefers_the_side_that_the_judge_prefers(run: Run, model: FakeModel, tmp_path: Path) -> None:
    listed, ours, plain, judged = (tmp_path / name for name in ("papers.jsonl", "ours", "plain", "judged"))
    papers(listed, IDS[:3])
    code, said, _ = run("ours", listed, ours, "--layout", "bullets", model=model)
    assert (code, said.splitlines()[0]) == (0, "3 printed, 0 held back, 0 failed of 3")
    assert run("plain", listed, plain, model=model)[0] == 0
    assert run("packets", listed, ours / "digest.md", plain, judged)[0] == 0
    assert run("judge", judged, model=model)[0] == 0
    assert len(model.calls) == 9
    code, said, _ = run("score", judged, "--json")
    found = json.loads(said)
    assert (code, found["ties"], found["decided"]["preferred"], found["decided"]["of"]) == (0, 0, 3, 3)
    assert (found["A"]["sentences"], found["A"]["wrong"], found["A"]["faithful"]) == (9, 0, 5)
    assert (found["B"]["sentences"], found["B"]["wrong"], found["B"]["grave"], found["B"]["faithful"]) == (9, 3, 3, 3)


def test_the_judge_is_asked_about_each_packet_alone_and_again_for_what_is_no_verdict(
    run: Run, model: FakeModel, packed: Path
) -> None:
    def say(body: dict[str, Any]) -> str:
        times = sum(call["messages"] == body["messages"] for call in model.calls)
        return answer(body).replace('"sentence": 1', '"sentence": 3' if times == 1 else '"sentence": 1')

    model.say = say
    assert run("judge", packed, model=model)[0] == 0
    assert len(model.calls) == 16
    asked = [json.loads(call["messages"][1]["content"]) for call in model.calls]
    assert all(set(packet) == {"title", "source", "A", "B"} for packet in asked)
    assert [row["sentence"] for row in load(packed / "verdicts.json")["labels"]] == [1] * 8


def test_who_answers_no_question_of_the_judge_leaves_verdicts_that_are_refused(
    run: Run, model: FakeModel, packed: Path
) -> None:
    model.say = lambda body: '{"labels": "none"}'
    code, _, err = run("judge", packed, model=model)
    assert (code, len(err.splitlines()), len(model.calls)) == (1, 8, 24)
    assert run("score", packed)[0] == 2


# ---- our side


def test_more_papers_than_a_page_has_are_all_written_by_the_real_program(
    run: Run, model: FakeModel, tmp_path: Path
) -> None:
    ids = [f"2402.{number:05}" for number in range(1, 54)]
    code, said, _ = run("ours", papers(tmp_path / "p", ids), tmp_path / "o", "--layout", "sections", model=model)
    assert (code, said.splitlines()[0]) == (0, "53 printed, 0 held back, 0 failed of 53")
    assert said.splitlines()[2] == "53 calls, 5,300 tokens in, 1,060 out"
    entries = load(tmp_path / "o" / "record.json")["entries"]
    assert {entry["origin"] for entry in entries} == {"abstract"}
    assert sorted(entry["id"] for entry in entries) == ids
    assert all(entry["claims"][0]["cites"] == [1] for entry in entries)


def test_texts_of_a_folder_are_what_the_writer_reads(run: Run, model: FakeModel, tmp_path: Path) -> None:
    page = (CASES / "fulltext" / "method.html").read_bytes()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / f"{IDS[0]}.html").write_bytes(page)
    listed = papers(tmp_path / "p", IDS[:2])
    run("ours", listed, tmp_path / "o", "--layout", "bullets", "--texts", tmp_path / "texts", model=model)
    origins = {entry["id"]: entry["origin"] for entry in load(tmp_path / "o" / "record.json")["entries"]}
    assert origins == {IDS[0]: "html", IDS[1]: "abstract"}
    assert run("choose", listed, tmp_path / "chosen", "--texts", tmp_path / "texts", "--most", 500)[0] == 0
    (chosen,) = map(json.loads, (tmp_path / "chosen").read_text().splitlines())
    assert (chosen["id"], len(chosen["text"]), chosen["text"][:14]) == (IDS[0], 500, ABSTRACT[:14])


def test_what_is_held_back_or_asked_again_is_told(run: Run, model: FakeModel, tmp_path: Path) -> None:
    model.say = lambda body: "no JSON" if "TileNet1" in body["messages"][1]["content"] else write(body)
    listed = papers(tmp_path / "p", IDS[:2])
    code, said, _ = run("ours", listed, tmp_path / "o", "--layout", "bullets", model=model)
    first, again, calls, reason = said.splitlines()
    assert (code, first) == (0, "1 printed, 1 held back, 0 failed of 2")
    assert again == f"1 asked again: {IDS[1]}"
    assert calls.startswith("4 calls")
    assert reason.startswith(f"{IDS[1]}: bad JSON")


def test_what_was_written_before_the_service_went_away_is_kept(
    run: Run, model: FakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_LLM__CONCURRENCY", "1")
    listed = papers(tmp_path / "p", IDS[:3])
    first = "<title>TileNet0: Tiles</title> Your task\n- `bullets`:"
    model.queue_answers(completion(write({"messages": [{}, {"content": first}]})), error(401))
    code, said, _ = run("ours", listed, tmp_path / "o", "--layout", "bullets", model=model)
    assert (code, said.splitlines()[0]) == (2, "1 printed, 0 held back, 2 failed of 3")
    assert (tmp_path / "o" / "digest.md").exists()
    model.queue_answers(error(401))
    code, said, _ = run("ours", listed, tmp_path / "o", "--layout", "bullets", model=model)
    assert (code, said.splitlines()[0]) == (2, "0 printed, 0 held back, 3 failed of 3")
    assert not (tmp_path / "o" / "digest.md").exists()


def test_the_second_reader_is_off_unless_it_is_asked_for(run: Run, model: FakeModel, tmp_path: Path) -> None:
    listed = papers(tmp_path / "p", IDS[:1])
    run("ours", listed, tmp_path / "o", "--layout", "bullets", model=model)
    assert len(model.calls) == 1
    run("ours", listed, tmp_path / "o", "--layout", "bullets", "--reader", model=model)
    assert len(model.calls) > 2


@pytest.mark.parametrize("step", [("ours", "--layout", "bullets"), ("plain",), ("judge",)], ids=lambda step: step[0])
def test_no_endpoint_is_said_in_one_sentence(run: Run, step: tuple[str, ...], packed: Path) -> None:
    name, *options = step
    places = [packed] if name == "judge" else [packed.parent / "papers.jsonl", packed]
    code, said, err = run(name, *places, *options)
    assert (code, said, err.count("\n")) == (2, "", 1)
    assert "OPENAI_BASE_URL" in err


def test_a_line_that_is_no_paper_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p").write_text(f'{{"id": "{IDS[0]}", "title": "T", "abstract": "A."}}\n{{"id": "../x"}}\n')
    code, _, err = run("plain", tmp_path / "p", tmp_path / "o")
    assert (code, err.count("\n")) == (2, 1)
    assert "line 2" in err


# ---- packets


@pytest.mark.parametrize("layout", DIGESTS)
def test_nothing_in_a_packet_tells_whose_side_it_is(run: Run, layout: str, tmp_path: Path) -> None:
    bullets = ["- **타일넷**은 영상을 나눕니다. 비용이 절반으로 줄어듭니다."]
    judged = pack(run, tmp_path, digest(tmp_path, layout), answers(tmp_path, IDS, bullets))
    packets = load(judged / "packets.json")
    assert [packet["n"] for packet in packets] == list(range(1, 9))
    same = dict(zip("01", OUR_SENTENCES, strict=True))
    assert all((packet["A"], packet["B"]) == (same, same) for packet in packets)
    assert all(set(packet) == {"n", "title", "source", "A", "B"} for packet in packets)


def test_sides_are_drawn_and_the_key_alone_knows_them(packed: Path) -> None:
    key = load(packed / "key.json")
    drawn = {pair["A"] for pair in key["pairs"].values()}
    assert drawn == {"A", "B"}
    for packet in load(packed / "packets.json"):
        pair = key["pairs"][str(packet["n"])]
        ours = packet["A" if pair["A"] == "A" else "B"]
        assert list(ours.values()) == OUR_SENTENCES
        assert pair["sentences"] == {"A": 2, "B": 3}
        assert pair["letters"]["A"] == len(" ".join(OUR_SENTENCES))
    order = [pair["id"] for pair in key["pairs"].values()]
    assert order != IDS
    assert sorted(order) == IDS


def test_another_seed_draws_other_sides_and_the_same_one_the_same(run: Run, packed: Path) -> None:
    first = (packed / "key.json").read_bytes()
    places = packed.parent / "bullets.md", packed.parent / "plain"
    pack(run, packed.parent, *places, "--seed", 2)
    assert (packed / "key.json").read_bytes() != first
    pack(run, packed.parent, *places, "--seed", 1)
    assert (packed / "key.json").read_bytes() == first


def test_what_one_side_lacks_is_said_and_not_judged(run: Run, tmp_path: Path) -> None:
    listed = papers(tmp_path / "p", [*IDS, "2401.99999"])
    theirs = answers(tmp_path, [*IDS[2:], "2401.99999"])
    _, said, _ = run("packets", listed, digest(tmp_path), theirs, tmp_path / "judged")
    assert said.splitlines() == [
        "6 packets of 9 papers",
        f"only A has 2 papers: {IDS[0]}, {IDS[1]}",
        "only B has 1 papers: 2401.99999",
    ]
    assert len(load(tmp_path / "judged" / "packets.json")) == 6


def test_sides_without_a_paper_in_common_are_refused(run: Run, tmp_path: Path) -> None:
    listed = papers(tmp_path / "p", IDS)
    code, _, err = run("packets", listed, digest(tmp_path), answers(tmp_path, ["2401.99999"]), tmp_path / "judged")
    assert (code, err.count("\n")) == (2, 1)


# ---- the score


def verdicts_of(packed: Path) -> dict[str, Any]:
    """Hand-made: ours is preferred in packets 1 to 5, theirs in 6 and 7, in 8 neither."""
    key = load(packed / "key.json")["pairs"]
    ours = {int(n): pair["A"] for n, pair in key.items()}  # the side on which ours stands, as A and B are turned alike
    theirs = {n: "B" if side == "A" else "A" for n, side in ours.items()}
    label = {"kind": "number", "severity": "minor", "why": "-"}
    scores = [
        {"n": n, ours[n]: marks(5, 4, 3 if n == 1 else 5), theirs[n]: marks(4, 5, 4), "prefer": side, "why": "-"}
        for n, side in {n: ours[n] if n < 6 else theirs[n] if n < 8 else "tie" for n in ours}.items()
    ]
    labels = [
        {"n": 1, "side": ours[1], "sentence": 0, **label},
        {"n": 2, "side": theirs[2], "sentence": 2, **label},
        {"n": 2, "side": theirs[2], "sentence": 2, **label, "severity": "grave"},  # one sentence, two labels
        {"n": 3, "side": theirs[3], "sentence": 0, **label},
    ]
    return {"labels": labels, "scores": scores}


def test_the_score_counts_sentences_by_their_real_side(run: Run, packed: Path) -> None:
    (packed / "verdicts.json").write_text(json.dumps(verdicts_of(packed)))
    found = json.loads(run("score", packed, "--json")[1])
    ours, theirs = found["A"], found["B"]
    assert (ours["sentences"], ours["wrong"], ours["grave"], ours["preferred"]) == (16, 1, 0, 5)
    assert (theirs["sentences"], theirs["wrong"], theirs["grave"], theirs["preferred"]) == (24, 2, 1, 2)
    assert (ours["faithful"], ours["korean"], ours["informative"]) == (5, 4, 4.75)
    assert (theirs["faithful"], theirs["korean"], theirs["informative"]) == (4, 5, 4)
    assert ours["letters"] == len(" ".join(OUR_SENTENCES))
    assert ours["interval"] == pytest.approx([0.0111, 0.2833], abs=1e-4)  # Wilson, 1 of 16
    assert (found["ties"], found["decided"]["of"]) == (1, 7)
    assert found["decided"]["interval"] == pytest.approx([0.3589, 0.9178], abs=1e-4)  # 5 of 7
    said = run("score", packed)[1]
    assert "with an error     1 of    16    6.2%  (1.1% to 28.3%), 0 grave" in said
    assert said.splitlines()[-1].startswith("ties 1; A preferred among the decided     5 of     7")


def drop_a_score(verdicts: dict[str, Any]) -> None:
    verdicts["scores"].pop()


def score_twice(verdicts: dict[str, Any]) -> None:
    verdicts["scores"].append(verdicts["scores"][0])


def score_nothing(verdicts: dict[str, Any]) -> None:
    verdicts["scores"][0]["n"] = 99


def drop_a_side(verdicts: dict[str, Any]) -> None:
    del verdicts["scores"][0]["B"]


def mark_with_six(verdicts: dict[str, Any]) -> None:
    verdicts["scores"][0]["A"]["f"] = 6


def prefer_both(verdicts: dict[str, Any]) -> None:
    verdicts["scores"][0]["prefer"] = "both"


def label_no_sentence(verdicts: dict[str, Any]) -> None:
    verdicts["labels"][0]["sentence"] = 7


def label_no_packet(verdicts: dict[str, Any]) -> None:
    verdicts["labels"][0]["n"] = 0


def drop_labels(verdicts: dict[str, Any]) -> None:
    del verdicts["labels"]


BROKEN = [
    drop_a_score,
    score_twice,
    score_nothing,
    drop_a_side,
    mark_with_six,
    prefer_both,
    label_no_sentence,
    label_no_packet,
    drop_labels,
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda change: change.__name__)
def test_verdicts_that_are_not_whole_are_refused(run: Run, broken: Any, packed: Path) -> None:
    verdicts = verdicts_of(packed)
    broken(verdicts)
    (packed / "verdicts.json").write_text(json.dumps(verdicts))
    code, said, err = run("score", packed)
    assert (code, said, err.count("\n")) == (2, "", 1)
    assert "verdicts.json" in err


def test_a_missing_verdict_file_is_said_in_one_sentence(run: Run, packed: Path) -> None:
    code, _, err = run("score", packed)
    assert (code, err.count("\n")) == (2, 1)


# ---- the corpus


def test_the_corpus_has_what_the_model_said_before_it_was_asked_again(
    run: Run, model: FakeModel, tmp_path: Path
) -> None:
    wrong = "제안된 방법의 정확도는 87.3%입니다."

    def say(body: dict[str, Any]) -> str:
        found = json.loads(write(body))
        if len(body["messages"]) == 2:
            found["answer"]["bullets"].append(cite(wrong, 3))
        return envelope(found["answer"])

    model.say = say
    listed = papers(tmp_path / "p", IDS[:2])
    run("ours", listed, tmp_path / "o", "--layout", "bullets", model=model)
    assert wrong not in (tmp_path / "o" / "digest.md").read_text()
    assert run("corpus", tmp_path / "o" / "record.json", "-o", tmp_path / "corpus.jsonl")[0] == 0
    rows = list(map(json.loads, (tmp_path / "corpus.jsonl").read_text().splitlines()))
    assert [row["id"] for row in rows] == IDS[:2]
    for number, row in enumerate(rows):
        assert (row["layout"], row["title"]) == ("bullets", f"TileNet{number}: Tiles")
        assert " ".join(row["sentences"]) == ABSTRACT
        assert row["claims"][-2:] == [{"section": "", "text": wrong, "cites": [3]}, {"section": "headline", **HEADLINE}]
        assert row["sections"][-1] == {"name": "", "text": wrong}
        assert set(row) == {"id", "layout", "title", "sentences", "claims", "sections"}


# ---- the bridge


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[Bridge]:
    with Bridge(tmp_path, wait=1) as server:
        yield server


def post(bridge: Bridge, question: str) -> httpx2.Response:
    body = {"model": "m", "messages": [{"role": "user", "content": question}]}
    return httpx2.post(f"{bridge.url}/v1/chat/completions", json=body, timeout=30)


def test_sixty_four_questions_wait_at_once_for_their_files(tmp_path: Path) -> None:
    with Bridge(tmp_path, wait=30) as bridge, ThreadPoolExecutor(64) as pool:
        waiting = [pool.submit(post, bridge, f"question {number}") for number in range(64)]
        until = time.monotonic() + 30
        while len(asks := list((tmp_path / "ask").glob("*.json"))) < 64 and time.monotonic() < until:
            time.sleep(0.05)
        assert len(asks) == 64
        for path in asks:
            question = load(path)["messages"][0]["content"]
            (tmp_path / "say" / path.name).write_text(f"answer to {question}")
        said = [one.result().json()["choices"][0]["message"]["content"] for one in waiting]
    assert said == [f"answer to question {number}" for number in range(64)]


def test_a_question_that_nobody_answers_is_refused_and_keeps_its_number(bridge: Bridge, tmp_path: Path) -> None:
    assert [post(bridge, "why").status_code for _ in range(2)] == [503, 503]
    assert [path.name for path in (tmp_path / "ask").iterdir()] == ["0001.json"]
    with Bridge(tmp_path, wait=1) as again:
        (tmp_path / "say" / "0001.json").write_text("therefore")
        assert post(again, "why").json()["choices"][0]["message"]["content"] == "therefore"


def test_the_same_question_after_its_answer_is_a_new_one(bridge: Bridge, tmp_path: Path) -> None:
    (tmp_path / "say" / "0001.json").write_text("first")
    assert post(bridge, "why").status_code == 200
    assert post(bridge, "why").status_code == 503
    assert len(list((tmp_path / "ask").iterdir())) == 2


def test_the_client_of_the_real_program_gets_through_the_bridge(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"bullets": THEIR_SENTENCES}
    with Bridge(tmp_path / "bridge", wait=30) as bridge:
        (tmp_path / "bridge" / "say" / "0001.json").write_text(json.dumps(said))
        monkeypatch.setenv("OPENAI_BASE_URL", f"{bridge.url}/v1")
        assert run("plain", papers(tmp_path / "p", IDS[:1]), tmp_path / "plain") == (0, "", "")
    assert load(tmp_path / "plain" / f"{IDS[0]}.json") == said
