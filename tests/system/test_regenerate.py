"""`pipeline regenerate` and `pipeline withdraw`: one entry changes, every other byte of every file stays."""

import json
from pathlib import Path

import pytest

from pipeline.core.config import shipped
from pipeline.layouts import LAYOUTS, parse
from tests import ROOT
from tests.support.fake_model import completion, error
from tests.support.fakes import ABSTRACT, ArxivPaper
from tests.support.world import DAY, World, write

ALPHA, BETA, GAMMA = "2408.00001", "2408.00002", "2408.00003"


def a_day(world: World) -> None:
    world.sources.add(DAY, ALPHA, "Alpha Networks", votes=5)
    world.sources.add(DAY, BETA, "Beta Diffusion", votes=9)
    world.sources.add(DAY, GAMMA, "Gamma Trees", votes=0)
    assert world.run("run", "--date", DAY, "--layout", "sections", "--layout", "easy")[0] == 0


def put(world: World, layout: str, day: str, data: bytes) -> Path:
    path = world.digest(layout, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def around(data: bytes, paper_id: str) -> tuple[bytes, bytes, bytes]:
    """A digest's bytes before, of, and after a paper's entry."""
    text = data.decode()
    parsed = parse(text)
    at = [entry.paper_id for entry in parsed.digest.entries].index(paper_id)
    span = parsed.spans[at]
    return text[: span.start].encode(), text[span.start : span.end].encode(), text[span.end :].encode()


def reworded(body: dict[str, object]) -> str:
    return write(body).replace("새로운 방법", "다른 방법")


def test_the_entry_changes_in_every_layout_and_nothing_else(world: World) -> None:
    a_day(world)
    before = {layout: world.digest(layout).read_bytes() for layout in ("sections", "easy")}
    world.sources.days[DAY][0]["paper"]["upvotes"] = 77
    world.model.say = reworded
    code, _, err = world.run("regenerate", f"arXiv:{ALPHA}v2")
    assert code == 0, err
    for layout, old in before.items():
        new = world.digest(layout).read_bytes()
        head, entry, tail = around(old, ALPHA)
        assert new.startswith(head)
        assert new.endswith(tail)
        assert entry.decode().replace("새로운 방법", "다른 방법") == around(new, ALPHA)[1].decode()
    assert world.run("check", "--strict", world.output)[0] == 0


NOTE = "편집자 주: 코드가 공개되었습니다.  \n주소는 곧 알려 드립니다.\n\n---\n\n고맙습니다."
GOLDEN = [min((ROOT / "seeds" / layout).glob("*.md")).relative_to(ROOT / "seeds").as_posix() for layout in LAYOUTS]


def noted(world: World, layout: str, above: str) -> tuple[bytes, bytes]:
    """A day with a note above that entry: the digest as it was, and with the note."""
    for number, paper_id in enumerate((BETA, ALPHA, GAMMA)):
        world.sources.add(DAY, paper_id, f"{'BAG'[number]}{number}: Networks", votes=9 - number)
    assert world.run("run", "--date", DAY, "--layout", layout)[0] == 0
    data = world.digest(layout).read_bytes()
    head, entry, tail = around(data, above)
    text = head + NOTE.encode() + b"\n\n" + entry + tail
    world.digest(layout).write_bytes(text)
    return data, text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_note_between_two_entries_stays_when_the_one_above_it_changes(world: World, layout: str) -> None:
    data, text = noted(world, layout, above=GAMMA)
    world.model.say = reworded
    assert world.run("regenerate", ALPHA)[0] == 0
    head, entry, _ = around(data, ALPHA)
    written = entry.replace("새로운 방법".encode(), "다른 방법".encode())
    assert world.digest(layout).read_bytes() == head + written + text[len(head) + len(entry) :]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_note_between_two_entries_stays_when_the_one_above_it_goes(world: World, layout: str) -> None:
    data, text = noted(world, layout, above=GAMMA)
    assert world.run("withdraw", ALPHA, "--reason", "x")[0] == 0
    head, _, _ = around(data, ALPHA)
    assert world.digest(layout).read_bytes() == head + text[text.index(NOTE.encode()) :]
    assert world.run("withdraw", GAMMA, "--reason", "x")[0] == 0
    assert NOTE.encode() in world.digest(layout).read_bytes()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_note_that_no_entry_would_be_left_for_is_named_by_its_line(world: World, layout: str) -> None:
    _, text = noted(world, layout, above=ALPHA)
    code, _, err = world.run("withdraw", BETA, "--reason", "x")
    line = text[: text.index(NOTE.encode())].count(b"\n") + 1
    assert code == 2
    assert f"22.md, line {line}: a note stands below the entry" in err
    assert world.digest(layout).read_bytes() == text
    assert not world.record(layout)["withdrawn"]


def test_the_record_keeps_the_facts_that_the_digest_keeps(world: World) -> None:
    world.sources.add(DAY, ALPHA, "Alpha Networks", votes=5, authors=["Ada One"])
    assert world.run("run", "--date", DAY)[0] == 0
    world.sources.papers[ALPHA] = ArxivPaper(ALPHA, "Alpha Networks", ABSTRACT, ["Cem Three"], version=2)
    assert world.run("regenerate", ALPHA)[0] == 0
    (recorded,) = world.record()["entries"]
    assert (recorded["votes"], recorded["authors"], recorded["version"]) == (5, ["Ada One"], 2)
    assert world.run("regenerate", ALPHA, "--refresh")[0] == 0
    (recorded,) = world.record()["entries"]
    assert (recorded["votes"], recorded["authors"]) == (5, ["Cem Three"])


def test_without_a_record_the_facts_are_those_of_the_digest(world: World) -> None:
    world.sources.add(DAY, ALPHA, "Alpha Networks", votes=5, authors=["Ada <One>"])
    assert world.run("run", "--date", DAY)[0] == 0
    world.digest().with_suffix(".json").unlink()
    world.sources.papers[ALPHA] = ArxivPaper(ALPHA, "Alpha Networks", ABSTRACT, ["Cem Three"])
    assert world.run("regenerate", ALPHA)[0] == 0
    (recorded,) = world.record()["entries"]
    assert (recorded["votes"], recorded["authors"]) == (5, ["Ada <One>"])


def test_a_paper_that_the_list_has_no_more_keeps_its_votes_and_thumbnail(world: World) -> None:
    world.sources.add(DAY, ALPHA, "Alpha Networks", votes=77, thumbnail="https://example.org/alpha.png")
    assert world.run("run", "--date", DAY)[0] == 0
    before = world.digest().read_bytes()
    world.sources.days[DAY].clear()
    code, _, err = world.run("regenerate", ALPHA, "--refresh")
    assert code == 0
    assert f"the day's list has {ALPHA} no more; its votes and its thumbnail stay." in err
    assert world.digest().read_bytes() == before
    assert b"Vote: 77" in before
    assert b"alpha.png" in before
    assert world.record()["entries"][0]["votes"] == 77


def test_refresh_takes_the_facts_anew(world: World) -> None:
    a_day(world)
    world.sources.days[DAY][0]["paper"]["upvotes"] = 77
    assert world.run("regenerate", ALPHA, "--layout", "sections", "--refresh")[0] == 0
    assert b"Vote: 77" in around(world.digest().read_bytes(), ALPHA)[1]
    assert "**추천수**: 5".encode() in around(world.digest("easy").read_bytes(), ALPHA)[1]


@pytest.mark.parametrize("form", ["as it is", "crlf", "bom", "crlf and bom"])
@pytest.mark.parametrize("name", GOLDEN)
def test_golden_files_keep_every_other_byte(world: World, name: str, form: str) -> None:
    layout, _, day = name.removesuffix(".md").partition("/")
    data = (shipped("seeds") / name).read_bytes()
    data = data.replace(b"\n", b"\r\n") if "crlf" in form else data
    data = b"\xef\xbb\xbf" + data if "bom" in form else data
    path = put(world, layout, day, data)
    entries = parse(data.decode()).digest.entries
    for entry in entries if form == "as it is" else (entries[0], entries[-1]):
        world.sources.add(day, entry.paper_id, entry.title)
        assert world.run("regenerate", entry.paper_id)[0] == 0
        new = path.read_bytes()
        head, _, tail = around(data, entry.paper_id)
        assert new.startswith(head)
        assert new.endswith(tail)
        middle = new[len(head) : len(new) - len(tail)]
        assert "제안된 방법은".encode() in middle
        assert (b"\r\n" in middle) == ("crlf" in form)
        assert b"\n" not in middle.replace(b"\r\n", b"") or "crlf" not in form
        path.write_bytes(data)


def test_archive_files_with_drift_keep_every_other_byte(world: World, test_data: Path) -> None:
    for name in ("2023-11-21", "2023-12-05", "2024-08-15", "2024-12-25", "2025-01-02"):
        data = (test_data / "archive" / f"{name}.md").read_bytes()
        parsed = parse(data.decode())
        path = put(world, parsed.digest.layout, name, data)
        for entry in (parsed.digest.entries[0], parsed.digest.entries[-1]):
            world.sources.add(name, entry.paper_id, entry.title)
            assert world.run("regenerate", entry.paper_id, "--date", name)[0] == 0
            head, _, tail = around(data, entry.paper_id)
            assert path.read_bytes().startswith(head)
            assert path.read_bytes().endswith(tail)
            path.write_bytes(data)


def test_a_dry_run_shows_a_diff_and_writes_nothing(world: World) -> None:
    a_day(world)
    before = world.digest().read_bytes()
    world.model.say = reworded
    code, out, _ = world.run("regenerate", ALPHA, "--dry-run", "--layout", "sections")
    assert code == 0
    assert [line[0] for line in out.splitlines() if "방법을 제안" in line] == ["-", "+"]
    assert world.digest().read_bytes() == before


def test_what_is_held_back_leaves_the_old_entry(world: World) -> None:
    a_day(world)
    before = {path: path.read_bytes() for path in world.output.rglob("*.*")}
    world.model.queue_answers(*[completion(None, refusal="No.")] * 6)
    code, _, err = world.run("regenerate", ALPHA)
    assert code == 3
    assert "its entry stays: refusal: No." in err
    assert {path: path.read_bytes() for path in world.output.rglob("*.*")} == before


def test_a_model_that_fails_leaves_the_old_entry_and_says_so(world: World) -> None:
    a_day(world)
    before = {path: path.read_bytes() for path in world.output.rglob("*.*")}
    world.model.queue_answers(*[error(503)] * 10)
    code, _, err = world.run("regenerate", ALPHA)
    assert code == 4
    assert err.count("failed, its entry stays: the model could not be asked: HTTP 503") == 2
    assert {path: path.read_bytes() for path in world.output.rglob("*.*")} == before


def test_a_damaged_digest_is_named_when_an_id_is_looked_for(world: World) -> None:
    a_day(world)
    put(world, "sections", "2024-08-20", b"no digest, but 2408.00011")
    code, _, err = world.run("regenerate", "2408.00011")
    assert code == 2
    assert "2024/08/20.md" in err


def test_an_id_that_is_printed_nowhere_names_the_nearest(world: World) -> None:
    a_day(world)
    calls = len(world.model.calls)
    code, _, err = world.run("regenerate", "2408.00011")
    assert code == 2
    assert "2408.00011 is not printed" in err
    assert ALPHA in err
    assert len(world.model.calls) == calls
    code, _, err = world.run("regenerate", ALPHA, "--date", "2024-08-23")
    assert code == 2
    assert f"on 2024-08-23. It is in {world.digest('easy')}, {world.digest()}." in err.replace(
        "output/", f"{world.output}/"
    )


def test_withdraw_takes_the_entry_out_and_says_so(world: World) -> None:
    a_day(world)
    before = world.digest().read_text("utf-8")
    code, _, _ = world.run("withdraw", ALPHA, "--reason", "the authors asked")
    assert code == 0
    after = world.digest().read_text("utf-8")
    start, end = before.index("### [Alpha"), before.index("### [Gamma")
    assert after == before[:start] + before[end:]
    for layout in ("sections", "easy"):
        (gone,) = world.record(layout)["withdrawn"]
        assert (gone["id"], gone["title"], gone["reason"]) == (ALPHA, "Alpha Networks", "the authors asked")
    assert world.run("check", "--strict", world.output)[0] == 0
    calls = len(world.model.calls)
    code, out, _ = world.run("run", "--date", DAY)  # it does not come back by itself
    assert code == 3
    assert "withdrawn: the authors asked" in out
    assert len(world.model.calls) == calls


@pytest.mark.parametrize("paper_id", [ALPHA, BETA, GAMMA])
@pytest.mark.parametrize("layout", ["sections", "easy"])
def test_withdrawing_any_entry_leaves_canonical_form(world: World, layout: str, paper_id: str) -> None:
    a_day(world)
    world.run("withdraw", paper_id, "--reason", "x")
    assert world.run("fmt", "--check", world.output)[0] == 0
    assert len(parse(world.digest(layout).read_text("utf-8")).digest.entries) == 2


def test_a_digest_without_entries_goes(world: World) -> None:
    a_day(world)
    for paper_id in (ALPHA, BETA, GAMMA):
        assert world.run("withdraw", paper_id, "--reason", "x")[0] == 0
    assert not world.digest().exists()
    assert len(world.record()["withdrawn"]) == 3


def test_withdraw_works_on_an_imported_archive(world: World) -> None:
    path = put(world, "sections", DAY, (shipped("seeds") / "sections" / f"{DAY}.md").read_bytes())
    head, _, tail = around(path.read_bytes(), "2408.11745")
    assert world.run("withdraw", "2408.11745", "--reason", "x")[0] == 0
    assert path.read_bytes() == head + tail.removeprefix(b"\n\n")
    assert json.loads(path.with_suffix(".json").read_bytes())["withdrawn"][0]["id"] == "2408.11745"


def test_the_embedded_writer_does_not_continue_an_archive(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put(world, "sections", DAY, (shipped("seeds") / "sections" / f"{DAY}.md").read_bytes())
    monkeypatch.setenv("PIPELINE_LLM__PROVIDER", "embedded")
    code, _, err = world.run("run", "--date", DAY)
    assert code == 2
    assert "do not mix" in err


def test_what_was_withdrawn_already_is_said_with_the_day(world: World) -> None:
    a_day(world)
    assert world.run("withdraw", ALPHA, "--reason", "x")[0] == 0
    gone = str(world.record()["withdrawn"][0]["at"])[:10]
    for command in (("withdraw", ALPHA, "--reason", "x"), ("regenerate", ALPHA)):
        code, _, err = world.run(*command)
        assert code == 2
        assert f"It was withdrawn on {gone}." in err
        assert "nearest" not in err


def test_a_digest_that_is_a_link_stays_one(world: World) -> None:
    world.sources.add(DAY, ALPHA, "Alpha Networks", votes=5)
    assert world.run("run", "--date", DAY)[0] == 0
    elsewhere = world.folder / "elsewhere.md"
    world.digest().rename(elsewhere)
    world.digest().symlink_to(elsewhere)
    world.model.say = reworded
    assert world.run("regenerate", ALPHA)[0] == 0
    assert world.digest().is_symlink()
    assert "다른 방법" in elsewhere.read_text("utf-8")
    assert world.run("withdraw", ALPHA, "--reason", "x")[0] == 0
    assert not world.digest().is_symlink()
    assert not elsewhere.exists()
