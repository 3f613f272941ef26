"""The layouts: golden digests byte for byte, real archives without a loss, every known drift, and hypothesis."""

import contextlib
import datetime as dt
import json
import re
from collections import Counter
from pathlib import Path
from typing import ClassVar

import jsonschema
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline import layouts
from pipeline.core.errors import LayoutError
from pipeline.core.models import Digest, Entry, Finding, LayoutName, Parsed, Section
from pipeline.core.text import media_problem
from pipeline.layouts.answers import LayoutAnswer, MaybeHeadline, Sentence, Sentences
from pipeline.layouts.base import Layout
from tests import ROOT

SEEDS = sorted((ROOT / "seeds").glob("*/*.md"))
CASES = sorted((ROOT / "tests" / "cases").glob("*/*/input.md"))
DATED: tuple[LayoutName, ...] = ("sections", "bullets")


def read(path: Path) -> str:
    return path.read_bytes().decode()


def letters(layout: Layout) -> dict[str, str]:
    """The letters that each field of a layout's answer gets; W for one of words."""
    types = {name: layout.answer_type.model_fields[name].annotation for name in layout.answer_type.names}
    first, *others = (name for name, kind in types.items() if kind != list[str])
    spread = {first: "ab", others[0]: "c"} if others else {first: "abc"}
    return {name: spread.get(name, "") if kind != list[str] else "W" for name, kind in types.items()}


HEADLINE = {"text": "h  \n방법.", "cites": [8]}


def filled(layout: Layout) -> dict[str, object]:
    """An answer from letters: each is a sentence that cites its place in the alphabet; `headline` is H, the eighth.

    Where a field has paragraphs each letter is one.
    """
    answer: dict[str, object] = {"headline": HEADLINE}
    for name, part in letters(layout).items():
        said = [{"text": f"{letter}  \n니다.", "cites": [ord(letter) - 96]} for letter in part]
        paragraphs = layout.answer_type.model_fields[name].annotation == list[Sentences]
        answer[name] = ["필드", "둘"] if part == "W" else [[one] for one in said] if paragraphs else said
    return answer


@pytest.mark.parametrize("layout", layouts.LAYOUTS.values(), ids=lambda layout: layout.name)
def test_an_answer_is_printed_cites_and_can_lose_a_sentence(layout: Layout) -> None:
    answer = layout.answer_type.model_validate(filled(layout))
    claims = answer.claims()
    told = [(claim.text, claim.cites) for claim in claims]
    assert told == [("a 니다.", (1,)), ("b 니다.", (2,)), ("c 니다.", (3,)), ("h 방법", (8,))]
    less = answer.revised({1: None})
    assert [claim.cites for claim in less.claims()] == [(1,), (3,), (8,)]
    printed = "|".join(section.text for section in less.sections())
    sentences = {"W": "필드, 둘", "ab": "a 니다.", "abc": "a 니다.|c 니다.", "c": "c 니다."}
    assert re.sub(r"(?<=니다\.)\s+", "|", printed) == "|".join(
        sentences[part] for part in letters(layout).values() if part
    )


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_item_directly_below_the_authors_is_no_author(seed: Path) -> None:
    text = read(seed)
    whole, close = layouts.parse(text), layouts.parse(re.sub(r"(?m)^(Authors: .+)\n\n", r"\1\n", text))
    assert [entry.authors for entry in close.digest.entries] == [entry.authors for entry in whole.digest.entries]
    assert [entry.sections for entry in close.digest.entries] == [entry.sections for entry in whole.digest.entries]


@pytest.mark.parametrize("layout", layouts.LAYOUTS.values(), ids=lambda layout: layout.name)
def test_the_answer_schema_is_strict_as_it_stands(layout: Layout) -> None:
    schema = layout.answer_type.model_json_schema()
    assert schema["additionalProperties"] is False
    assert [*schema["properties"]][-1] == "headline"
    assert schema["required"] == list(schema["properties"])
    assert "default" not in str(schema)


def test_one_schema_takes_the_answer_of_every_layout() -> None:
    schema = layouts.answer_schema()
    assert (schema["type"], schema["required"], schema["additionalProperties"]) == ("object", ["answer"], False)
    for layout in layouts.LAYOUTS.values():
        answer = layout.answer_type.model_validate(filled(layout))
        wire = {"answer": answer.model_dump()}
        jsonschema.validate(wire, schema)
        assert layouts.read_answer(layout.name, json.dumps(wire)) == answer


def test_nothing_stands_beside_a_reference_in_the_schema() -> None:
    """OpenAI answers HTTP 400 where it does."""
    text = json.dumps(layouts.answer_schema())
    assert text.count('{"$ref": "#/$defs/Headline"}') == len(layouts.LAYOUTS)
    assert text.count('{"$ref": "#/$defs/') == text.count('"$ref"')


@pytest.mark.parametrize(
    "headline",
    [None, "", "한 줄", 3, [], {}, {"text": "한 줄"}, {"text": " .", "cites": [1]}, {"text": "한 줄", "cites": ["x"]}],
    ids=str,
)
@pytest.mark.parametrize("layout", layouts.LAYOUTS.values(), ids=lambda layout: layout.name)
def test_a_headline_that_is_none_costs_no_answer(layout: Layout, headline: object) -> None:
    wire = filled(layout) | {"headline": headline}
    for answer in (wire, {name: part for name, part in wire.items() if name != "headline"}):
        read = layouts.read_answer(layout.name, json.dumps({"answer": answer}))
        assert [claim.cites for claim in read.claims()] == [(1,), (2,), (3,)]


def test_no_two_branches_of_the_schema_begin_alike() -> None:
    """OpenAI answers HTTP 400 where objects of an anyOf have the same first key."""
    branches = layouts.answer_schema()["properties"]["answer"]["anyOf"]  # type: ignore[index]
    firsts = [next(iter(branch["properties"])) for branch in branches]
    assert firsts[:3] == ["whats_new", "summary", "bullets"]
    assert len(set(firsts)) == len(firsts)


@pytest.mark.parametrize(
    ("kind", "names", "problem"),
    [
        (Sentence, {"said": "말"}, "must be Sentences, list"),
        (str, {"said": "말"}, "must be Sentences, list"),
        (list[Sentences], {"said": ""}, "must be Sentences, for it has no label"),
        (Sentences, {"other": "말"}, "its fields are those of `names`"),
        (Sentences, {"said": "", "more": "말"}, "a labelled one first"),
    ],
)
def test_an_answer_that_cannot_be_printed_is_refused_when_its_class_is_made(
    kind: object, names: dict[str, str], problem: str
) -> None:
    annotations = {"names": ClassVar, **dict.fromkeys(["said", *list(names)[1:]], kind), "headline": MaybeHeadline}
    with pytest.raises(TypeError, match=f"Odd: .*{re.escape(problem)}"):
        type("Odd", (LayoutAnswer,), {"__annotations__": annotations, "__module__": __name__, "names": names})


def test_every_layout_has_a_rank_and_a_golden_digest_of_its_own() -> None:
    assert len({layout.rank for layout in layouts.LAYOUTS.values()}) == len(layouts.LAYOUTS)
    assert {path.parent.name for path in SEEDS} == set(layouts.LAYOUTS)


def canonical(text: str) -> str:
    """The text as `pipeline fmt` writes it."""
    return layouts.render(layouts.parse(text).digest)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: "/".join(path.parts[-2:]))
def test_every_golden_digest_is_canonical(seed: Path) -> None:
    assert layouts.parse(read(seed)).digest.layout == seed.parent.name
    assert canonical(read(seed)) == read(seed)


@pytest.mark.parametrize("given_path", CASES, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_each_drift_is_read_reported_and_written_canonically(given_path: Path) -> None:
    given_text, expected = read(given_path), read(given_path.with_name("expected.md"))
    parsed = layouts.parse(given_text)
    assert parsed.digest.layout == given_path.parts[-3]
    assert canonical(given_text) == expected
    assert canonical(expected) == expected
    assert layouts.parse(expected).digest == layouts.normalise(parsed.digest)
    assert parsed.findings or given_text == expected


# The archive: what is there, as counted by hand and by grep, and the findings that say so.

Archive = dict[str, tuple[str, Parsed]]


@pytest.fixture(scope="module")
def archive(test_data: Path) -> Archive:
    texts = {path.stem: read(path) for path in sorted((test_data / "archive").glob("2*.md"))}
    assert len(texts) == 72
    return {day: (text, layouts.parse(text)) for day, text in texts.items()}


def findings(archive: Archive, rule: str) -> list[tuple[str, Finding]]:
    return [(day, found) for day, (_, parsed) in archive.items() for found in parsed.findings if found.rule == rule]


def test_every_entry_of_the_archive_is_one_entry(archive: Archive) -> None:
    assert sum(len(parsed.digest.entries) for _, parsed in archive.values()) == 988
    for day, (text, parsed) in archive.items():
        assert parsed.digest.date == dt.date.fromisoformat(day)
        for span, entry in zip(parsed.spans, parsed.digest.entries, strict=True):
            printed = text[span.start : span.end]
            assert printed.startswith(f"### [{entry.title}]({entry.url})")
            assert printed.count("### [") == 1
            assert printed.splitlines()[-1].strip()
            assert entry.sections[-1].text.endswith(printed.splitlines()[-1].split("**: ")[-1].removeprefix("- "))


DEPARTURES: list[tuple[str, str, str, str, int]] = [
    # what, rule, part of the message, part of the text, how many entries
    ("`***` labels", "structure/label", "golden form", "- ***", 302),
    ("no vote line", "field/votes", "no line of votes", "", 39),
    ("votes of 0", "field/votes", "Vote: -", "Vote: 0", 15),
    ("authors as a Python list", "field/raw-value", "Python list", "", 31),
    ("repeated names", "field/repeated-name", "", "", 94),
    ("a trailing `+`", "field/cut-authors", "cut off", "+", 9),
    ("a `+` in the middle", "field/cut-authors", "stands among", "+", 21),
    ("video links without parentheses", "field/media", "golden form of a video", "[Watch Video]h", 14),
    ("a raw video", "field/media", "golden form of a video", "<video src=", 1),
    ("a video as an image", "field/media", "golden form of a video", "![]", 2),
    ("relative thumbnails", "field/media", "is relative", "", 3),
    ("thumbnails that browsers do not show", "field/media", ".qt", "", 4),
    ("avatars", "field/media", "avatar", "", 1),
    ("no blank lines between fields", "structure/blank-lines", "No blank line", "", 15),
    ("numbered continuation lines", "structure/continuation", "", ". **", 1),
]


@pytest.mark.parametrize(("rule", "message", "text", "entries"), [row[1:] for row in DEPARTURES], ids=lambda _: "")
def test_departures_of_the_archive_by_entry(archive: Archive, rule: str, message: str, text: str, entries: int) -> None:
    found = [
        (day, found.paper_id)
        for day, found in findings(archive, rule)
        if message in found.message and text in found.text
    ]
    assert all(paper_id for _, paper_id in found)
    assert len(set(found)) == entries


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("structure/unknown-section", 8),
        ("structure/continuation", 5),
        ("structure/second-header", 1),
        ("structure/ending", 2),
        ("text/trailing-space", 9),
        ("structure/label", 302 * 3 + 1),  # the one more is a starred name that the layout does not have
        ("structure/optional-section", 6),  # three entries without the second and the third section
    ],
)
def test_departures_of_the_archive_by_line(archive: Archive, rule: str, count: int) -> None:
    assert len({(day, found.line, found.message) for day, found in findings(archive, rule)}) == count


def test_nothing_else_departs_in_the_archive(archive: Archive) -> None:
    rules = Counter(found.rule for _, parsed in archive.values() for found in parsed.findings)
    assert rules == {
        "structure/label": 907,
        "field/votes": 39 + 15,
        "field/raw-value": 31,
        "field/repeated-name": 94,
        "field/cut-authors": 9 + 21,
        "field/media": 14 + 1 + 2 + 3 + 4 + 1,
        "structure/blank-lines": 15 + 2,  # and two places with two blank lines
        "structure/continuation": 5,
        "structure/unknown-section": 8,
        "structure/optional-section": 6,
        "structure/second-header": 1,
        "structure/ending": 2,
        "text/trailing-space": 9,
    }


def test_the_days_of_the_departures(archive: Archive) -> None:
    assert {day for day, found in findings(archive, "structure/blank-lines")} == {"2023-11-21"}
    assert {day for day, found in findings(archive, "structure/continuation")} == {"2024-08-15"}
    assert [(day, found.line) for day, found in findings(archive, "structure/second-header")] == [("2025-01-02", 27)]


def test_video_blocks_of_the_archive_are_read(archive: Archive) -> None:
    """64 blocks, of which 50 are in the golden form and no departure."""
    blocks = sum(
        "\n<div><video controls" in text[span.start : span.end]
        for text, parsed in archive.values()
        for span in parsed.spans
    )
    videos = [
        entry
        for _, parsed in archive.values()
        for entry in parsed.digest.entries
        if entry.thumbnail and entry.thumbnail.endswith((".mp4", ".webm"))
    ]
    assert (blocks, len(videos)) == (64, 64 + 1 + 2)


def test_findings_point_at_what_they_mean(archive: Archive) -> None:
    for text, parsed in archive.values():
        lines = text.split("\n")
        for found in parsed.findings:
            line = lines[found.line - 1]
            assert 1 <= found.column <= len(line) + 1
            if found.rule in ("field/repeated-name", "field/cut-authors"):
                assert line[found.column - 1 :].startswith(found.text)
            if found.rule == "text/trailing-space":
                assert line[found.column - 1 :].isspace()


def test_fmt_changes_form_only(archive: Archive) -> None:
    for day, (text, parsed) in archive.items():
        written = canonical(text)
        again = layouts.parse(written)
        assert again.digest == parsed.digest, day
        assert canonical(written) == written, day
        assert written == text or parsed.findings, day


def test_an_entry_can_be_replaced_in_any_archive_file(archive: Archive) -> None:
    for text, parsed in archive.values():
        for span, entry in zip(parsed.spans, parsed.digest.entries, strict=True):
            changed = entry.model_copy(update={"title": "다시 쓴 제목"})
            written = layouts.render_entry(parsed.digest.layout, changed)
            again = layouts.parse(text[: span.start] + written + text[span.end :]).digest
            assert [old for old in again.entries if old not in parsed.digest.entries] == [changed]
            break  # one a file keeps this fast; every span is held to its entry above


# What is no digest, and what has no place in one.


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "empty"),
        ("\ufeff\n \n", 1, "empty"),
        ("\n# Notes\n", 2, "neither"),
        ("## Daily Papers\n", 1, "real date"),
        ("## Daily Papers (2024-02-30)\n", 1, "real date"),
        ("## Daily Papers (2024-02-03)\n\nWelcome!\n\n### [A](b)\n", 3, "between"),
        ("Hello\n\n## 제목: x\n", 1, "before the first entry"),
        ("## Daily Papers (2024-02-03)\n\n### [A](b)\n\n## Daily Papers (2024-02-04)\n", 5, "second day"),
    ],
)
def test_what_would_be_lost_is_refused(text: str, line: int, reason: str) -> None:
    with pytest.raises(LayoutError, match=reason) as caught:
        layouts.parse(text)
    assert caught.value.line == line


def test_a_dated_layout_needs_its_date() -> None:
    with pytest.raises(LayoutError, match="needs a date"):
        layouts.render(Digest(layout="sections", date=None, entries=()))


def test_an_entry_without_link_is_an_error_and_not_part_of_the_one_before() -> None:
    parsed = layouts.parse(
        "## Daily Papers (2024-02-03)\n\n### [A](https://arxiv.org/abs/2401.00001)\n\n- 하나\n\n### B\n\n- 둘"
    )
    assert [(entry.paper_id, entry.title) for entry in parsed.digest.entries] == [("2401.00001", "A"), ("", "B")]
    assert [found.line for found in parsed.findings if found.rule == "field/id"] == [7]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (None, "missing"),
        ("", "missing"),
        ("/avatars/x.svg", "relative"),
        ("x.png", "relative"),
        ("data:image/png;base64,AA", "not an http"),
        ("https://cdn-avatars.huggingface.co/v1/x.png", "avatar"),
        ("https://huggingface.co/avatars/x.svg", "avatar"),
        ("https://example.org/x.qt", ".qt"),
        ("https://example.org/x.MOV?a=1", ".mov"),
        ("https://example.org/a b.png", "cannot stand"),
        ("https://example.org/a(b).png", "cannot stand"),
        ("https://example.org/x.png", None),
        ("https://example.org/x.mp4", None),
    ],
)
def test_media_problem(url: str | None, problem: str | None) -> None:
    found = media_problem(url)
    assert found is None if problem is None else problem in (found or "")


def test_crlf_and_byte_order_mark_are_in_no_value_and_in_no_way_of_a_span() -> None:
    unix = read(ROOT / "seeds" / "sections" / "2024-08-22.md")
    text = "\ufeff" + unix.replace("\n", "\r\n")
    plain, parsed = layouts.parse(unix), layouts.parse(text)
    assert parsed.digest == plain.digest
    assert [(found.rule, found.line) for found in parsed.findings if found.rule.startswith("text/")] == [
        ("text/bom", 1),
        ("text/crlf", 1),
    ]
    for old, new in zip(plain.spans, parsed.spans, strict=True):
        assert text[new.start : new.end].replace("\r\n", "\n") == unix[old.start : old.end]
        assert new.line == old.line


@pytest.mark.parametrize(
    ("layout", "sections", "authors", "expected"),
    [
        ("sections", [("What's New", "하나\nAuthors: B"), ("", "둘")], (), [("What's New", "하나 Authors: B\n- 둘")]),
        ("sections", [("What's New", "하나\nAuthors: B")], ("A",), [("What's New", "하나\nAuthors: B")]),
        (
            "sections",
            [("What's New", "하나\n\n### 둘"), ("Technical Details", "")],
            (),
            [("What's New", "하나 ### 둘")],
        ),
        ("bullets", [("", "하나\n- 둘"), ("", " \n")], (), [("", "하나 - 둘")]),
        (
            "easy",
            [("요약", "**요약**:\n## 제목: 하나"), ("관련분야", " 둘 ")],
            (),
            [("요약", "**요약**: ## 제목: 하나"), ("관련분야", "둘")],
        ),
    ],
)
def test_a_text_that_looks_like_the_form_is_folded_until_it_can_be_read_back(
    layout: LayoutName, sections: list[tuple[str, str]], authors: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    entry = Entry(
        paper_id="2401.00001",
        title="A",
        url=layouts.LAYOUTS[layout].url("2401.00001"),
        authors=authors,
        sections=tuple(Section(name=name, text=text) for name, text in sections),
    )
    digest = Digest(layout=layout, date=dt.date(2024, 1, 1), entries=(entry,))
    again = layouts.parse(layouts.render(digest)).digest
    assert [(section.name, section.text) for section in again.entries[0].sections] == expected
    assert again == layouts.normalise(digest)


# Hypothesis: anything that can be rendered is read back, anything that can be read is written without a loss.

FRAGMENTS = [
    *("### ", "###", "[", "]", "](", "](http://x.y)", "(", ")", "**", "***", "*", "|", "`", "$\\alpha$", "\\textit{"),
    *("- ", "-", "* ", "•", "1. ", "What's New", ": ", ":", "**What's New**: ", "- **Technical Details**:", "- **X**:"),
    *("## Daily Papers", "## Daily Papers (2024-01-01)", "Vote: 3", "Vote: -", "Authors: A", "Authors:", "![](a.png)"),
    *("---", "## 제목: ", "**요약**:", "**요약**: x", "**관련분야**:", "**추천수**: 4", "**주**:", "![Image](a.png)"),
    *("**PDF 다운로드 링크**: ![PDF 다운로드](https://arxiv.org/pdf/2401.00009)", "[Watch Video](a.mp4)"),
    *(" ", "  ", "\n", "\n", "\n\n", "\r\n", "\r", "\t", "\u2028", "\u00a0", "\x1f", "😀", "가", "나다.", "외 3명"),
    *('"', "'", "+", ", "),
]  # fmt: skip


def seed_of(layout: str) -> tuple[str, Parsed]:
    text = read(next(path for path in SEEDS if path.parent.name == layout))
    return text, layouts.parse(text)


def lines_of(layout: Layout) -> list[str]:
    """The lines of a short digest, and what each begins with: its form with little in it."""
    names = [layout.required, *({""} & {*layout.optional})]
    sections = tuple(Section(name=name, text="x") for name in names)
    entry = Entry(
        paper_id="2401.00001", title="t", url=layout.url("2401.00001"), votes=3, authors=("A",), sections=sections
    )
    digest = Digest(layout=layout.name, date=dt.date(2024, 1, 1), entries=(entry, entry))
    lines = sorted({*layouts.render(digest).split("\n")} - {""})
    return [*lines, *(line.partition(" ")[0] + " " for line in lines)]


FRAGMENTS += (line for layout in layouts.LAYOUTS.values() for line in lines_of(layout))
nasty = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3)), max_size=12).map("".join)
ids = st.builds("24{:02}.{:05}".format, st.integers(1, 12), st.integers(0, 99999))
urls = st.sampled_from(["https://example.org/a.png", "https://example.org/b.webm", "/avatars/c.svg", None])


@st.composite
def entries(draw: st.DrawFn, layout: LayoutName, sections: st.SearchStrategy[tuple[Section, ...]]) -> Entry:
    paper_id = draw(ids)
    return Entry(
        paper_id=paper_id,
        title=draw(nasty),
        url=layouts.LAYOUTS[layout].url(paper_id),
        thumbnail=draw(urls),
        votes=draw(st.none() | st.integers(0, 999)),
        authors=tuple(draw(st.lists(nasty, max_size=4))),
        more_authors=draw(st.integers(0, 9)),
        sections=draw(sections),
    )


# A bullet that begins like a golden label makes its file one of `sections`.
bullet = nasty.filter(lambda text: "**What's New" not in text and "**Technical" not in text)


def sections_of(known: Layout) -> st.SearchStrategy[tuple[Section, ...]]:
    """The first section and some others; without the first, sections could not be told from bullets."""
    if not known.required:
        return st.lists(st.builds(Section, name=st.just(""), text=bullet), max_size=4).map(tuple)
    filled = nasty.map(lambda text: f"가{text}")
    first = st.builds(Section, name=st.just(known.required), text=filled)
    golden = st.builds(Section, name=st.sampled_from([known.required, *known.optional]), text=nasty)
    other = st.builds(Section, name=st.sampled_from(["Demo", "한줄평"]), text=filled)
    return st.builds(lambda one, more: (one, *more), first, st.lists(golden | other, max_size=3))


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    layout = draw(st.sampled_from(list(layouts.LAYOUTS.values())))
    some = draw(st.lists(entries(layout.name, sections_of(layout)), min_size=1, max_size=3))
    return Digest(layout=layout.name, date=draw(st.dates(dt.date(1000, 1, 1))), entries=tuple(some))


@given(digests())
def test_what_is_rendered_is_read_back(digest: Digest) -> None:
    text = layouts.render(digest)
    parsed = layouts.parse(text)
    assert parsed.digest == layouts.normalise(digest)
    assert layouts.render(parsed.digest) == text
    assert layouts.normalise(parsed.digest) == parsed.digest
    assert "\r" not in text
    for span, entry in zip(parsed.spans, parsed.digest.entries, strict=True):
        assert text[span.start : span.end] == layouts.render_entry(digest.layout, entry)


def without_space(text: str) -> str:
    return "".join(text.split())


@given(digests())
def test_normalise_changes_white_space_only(digest: Digest) -> None:
    for entry, normal in zip(digest.entries, layouts.normalise(digest).entries, strict=True):
        assert without_space(normal.title) == without_space(entry.title)
        texts = (without_space("".join(part.text for part in e.sections)) for e in (normal, entry))
        assert next(texts) == next(texts)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A case or a golden digest with lines taken out, doubled, or put in anywhere."""
    lines = read(draw(st.sampled_from(SEEDS) | st.sampled_from(CASES))).split("\n")
    for _ in range(draw(st.integers(1, 3))):
        index = draw(st.integers(0, len(lines) - 1))
        line = lines[index]
        lines[index : index + 1] = draw(st.sampled_from([[], [line] * 2, [line, "뷁 " + draw(nasty)]]))
        assume(lines)
    return "\n".join(lines)


@given(damaged())
def test_a_damaged_digest_is_read_without_a_loss_or_refused(text: str) -> None:
    try:
        parsed = layouts.parse(text)
    except LayoutError as error:
        assert 1 <= error.line <= len(text.splitlines()) + 1
        return
    written = canonical(text)
    assert layouts.parse(written).digest == layouts.normalise(parsed.digest)
    assert canonical(written) == written
    assert written.count("뷁") == text.count("뷁")
    assert parsed.findings or written == text


# The golden digests up to the first text of their first entry.
FRAMES = [
    text[: text.index(parsed.digest.entries[0].sections[0].text)] + "{}"
    for text, parsed in map(seed_of, layouts.LAYOUTS)
]


@given(nasty)
@example("[" * 300 + "']")
def test_any_text_is_read_or_refused(text: str) -> None:
    for frame in (
        "{}",
        "## Daily Papers (2024-01-01)\n\n### [a](b)\n{}",
        "## 제목: a\n{}",
        "## Daily Papers (2024-01-01)\n\n### [a](b)\nAuthors: {}",
        *FRAMES,
    ):
        with contextlib.suppress(LayoutError):
            canonical(frame.replace("{}", text))
