"""Exports, read back by other programs: what a hostile title says stays text in each format, and in its folder."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
import rispy
import yaml
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from pipeline.archive.catalog import Article
from pipeline.cli import export as command
from pipeline.core.config import shipped
from pipeline.core.models import Cited, Claim, Section
from pipeline.core.text import fold, strip_invisible
from pipeline.publish import export
from pipeline.publish.export import OWN_NOTES, Reference, references
from tests.support import days
from tests.support.world import DAY, World

# The names and types of CSL-JSON that we write, by its published schema, and no other.
TEXT = {"type": "string"}
NAME = {
    "type": "object",
    "properties": {"family": TEXT, "given": TEXT, "suffix": TEXT, "literal": TEXT},
    "additionalProperties": False,
    "minProperties": 1,
}
DATES = {"type": "array", "items": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3}}
ISSUED = {"type": "object", "properties": {"date-parts": DATES}, "additionalProperties": False}
STRINGS = ("id", "genre", "title", "number", "publisher", "DOI", "URL", "annote", "version")
CSL = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "id"],
        "properties": {
            **dict.fromkeys(STRINGS, TEXT),
            "type": {"const": "article"},
            "author": {"type": "array", "items": NAME},
            "issued": ISSUED,
        },
        "additionalProperties": False,
    },
}
BIBTEX = ("title", "author", "year", "month", "eprint", "archivePrefix", "doi", "url", "annote")
HOSTILE = (
    *days.HOSTILE,
    r"A}, owner = {me}, note = {\input{/etc/passwd}",
    r"\input{x} \write18{ls} %comment {open",
    'A "quoted" title\nTY  - JOUR\nER  - ',
    "---\nmalicious: yes\n---",
    "]]|evil [[x]] ![[secret]] #tag ^block %%hidden%% ==mark== $x$ key:: value",
    "```dataviewjs\nalert(1)\n```",
    "- [ ] task\n1. list\n# heading\n> quote\n<% tp.system() %>",
    "@misc{evil, title={x}}",
    " ",
)


SECTIONS = (
    Section(name="요약", text="제안한 방법은 **정확도**를 4.6% 높입니다.\n\n코드도 공개합니다."),
    Section(name="관련분야", text="자연어 처리"),
)
TRACE = {
    "claims": (Claim(section="요약", text="제안한 방법은 정확도를 4.6% 높입니다.", cites=(1,)),),
    "cited": (Cited(number=1, text="We gain 4.6%.", section="Results", anchor="S4"),),
}


def article(title: str = "Alpha Networks", paper_id: str = "2408.11318", **recorded: object) -> Article:
    found = days.record(paper_id, title=title, **TRACE, **recorded)
    return days.article(days.entry(paper_id, title=title, sections=SECTIONS), found)


def reference(title: str = "Alpha Networks", **recorded: Any) -> Reference:
    return references([article(title, **recorded)])[0]


# What pylatexenc does not know of the names that LaTeX has for characters.
NAMES = {"textless": "<", "textgreater": ">", "textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}


def bibtex(text: str) -> list[dict[str, object]]:
    known = get_default_latex_context_db()
    known.add_context_category("names", [MacroTextSpec(*name) for name in NAMES.items()], prepend=True)
    decoder = LatexNodes2Text(latex_context=known, keep_braced_groups=False)
    middleware = [SeparateCoAuthors(), LatexDecodingMiddleware(decoder=decoder)]
    library = parse_string(text, append_middleware=middleware)
    assert not library.failed_blocks
    assert not library.comments
    return [{"type": e.entry_type, "key": e.key, **{f.key: f.value for f in e.fields}} for e in library.entries]


# ---- what is known of a paper


def test_a_paper_is_one_work_with_all_its_entries() -> None:
    first, later = article(version=1), article("Alpha Networks, revised", version=2, written_at=days.at(23))
    other = days.article(days.entry("2408.00001", authors=("A B", "C D"), more_authors=3))
    one, two = references([first, other, later])
    assert (one.title, one.version, one.authors) == ("Alpha Networks, revised", 2, ("Kim Min", "Lee Ann"))
    assert one.articles == (first, later)
    assert (two.version, two.authors, two.more) == (None, ("A B", "C D"), True)


@pytest.mark.parametrize(
    ("paper_id", "month"),
    [("2408.11318", "2024-08"), ("hep-th/9901001", "1999-01"), ("math.GT/0309136", "2003-09"), ("x", None)],
)
def test_the_month_is_in_the_id(paper_id: str, month: str | None) -> None:
    (one,) = references([article(paper_id=paper_id)])
    assert one.month == (dt.date.fromisoformat(f"{month}-01") if month else None)


# ---- read back


def test_bibtex() -> None:
    (one,) = bibtex(
        export.bibtex([reference(version=2, authors=("Kim Min", "Ludwig van Beethoven", "DeepSeek, Inc. and Co"))])
    )
    assert (one["type"], one["key"], one["title"]) == ("misc", "arXiv:2408.11318", "Alpha Networks")
    assert (one["eprint"], one["archivePrefix"], one["year"]) == ("2408.11318", "arXiv", "2024")
    assert one["url"] == "https://arxiv.org/abs/2408.11318v2"
    assert one["author"] == ["Kim Min", "Ludwig van Beethoven", "{DeepSeek, Inc. and Co}"]
    assert str(one["annote"]).startswith("요약: 제안한 방법은 정확도를 4.6% 높입니다. 코드도 공개합니다.")


def test_ris() -> None:
    names = ("Kim Min", "Ludwig van Beethoven", "Martin L. King Jr.", "DeepSeek-AI")
    (one,) = rispy.loads(export.ris([reference(version=2, authors=names)]))
    assert (one["type_of_reference"], one["title"], one["year"]) == ("UNPB", "Alpha Networks", "2024")
    assert one["authors"] == ["Min, Kim", "van Beethoven, Ludwig", "King, Martin L., Jr.", "DeepSeek-AI"]
    assert (one["doi"], one["urls"]) == ("10.48550/arXiv.2408.11318", ["https://arxiv.org/abs/2408.11318v2"])
    assert one["notes"][0].startswith("요약: 제안한")


def test_csl_json() -> None:
    names = ("Kim Min", "Ludwig van Beethoven", "Martin L. King Jr.", "DeepSeek-AI")
    (one,) = found = json.loads(export.csl_json([reference(version=2, authors=names)]))
    Draft202012Validator(CSL).validate(found)
    assert one["author"][1:] == [
        {"family": "van Beethoven", "given": "Ludwig"},
        {"family": "King", "given": "Martin L.", "suffix": "Jr."},
        {"literal": "DeepSeek-AI"},
    ]
    assert (one["issued"], one["version"]) == ({"date-parts": [[2024, 8]]}, "2")


def test_json_lines_have_the_trace() -> None:
    (line,) = export.jsonl([reference()]).splitlines()
    one = json.loads(line)
    assert one["entries"][0]["record"]["claims"][0]["cites"] == [1]
    assert one["entries"][0]["record"]["cited"][0]["text"] == "We gain 4.6%."
    assert one["entries"][0]["sections"][0]["name"] == "요약"


def front_matter(note: str) -> tuple[dict[str, object], str]:
    _, matter, body = note.split("---\n", 2)
    found = yaml.safe_load(matter)
    assert isinstance(found, dict)
    return found, body


def test_an_obsidian_note() -> None:
    notes = export.obsidian([reference(version=2)])
    assert list(notes) == ["2408.11318.md", "논문 2024-08-22.md"]
    matter, body = front_matter(notes["2408.11318.md"])
    assert matter == {
        "title": "Alpha Networks",
        "aliases": ["Alpha Networks"],
        "arxiv": "2408.11318",
        "version": 2,
        "authors": ["Kim Min", "Lee Ann"],
        "submitted": "2024-08",
        "dates": ["2024-08-22"],
        "fields": ["자연어 처리"],
        "url": "https://arxiv.org/abs/2408.11318v2",
    }
    assert "\n### 요약\n\n제안한 방법은 정확도를 4.6% 높입니다.\n\n코드도 공개합니다.\n" in body
    assert (
        "> [!quote]- 근거\n> - 제안한 방법은 정확도를 4.6% 높입니다.\n>   - \\[1\\] (Results) We gain 4.6%.\n" in body
    )
    assert body.endswith(f"\n{OWN_NOTES}\n")
    assert "- [[2408.11318|Alpha Networks]]\n" in notes["논문 2024-08-22.md"]


def test_what_the_owner_wrote_into_a_note_stays() -> None:
    new = export.obsidian([reference("New")])["2408.11318.md"]
    old = export.obsidian([reference("Old")])["2408.11318.md"] + "\n읽을 것.\n\n## 메모\n둘째\n"
    assert export.with_own_notes(new, old) == new + "\n읽을 것.\n\n## 메모\n둘째\n"
    assert export.with_own_notes(new, "another note") == new


# ---- hostile titles


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_stays_one_field_everywhere(title: str) -> None:
    stays_one_field(title)


@given(st.text(st.characters(codec="utf-8"), max_size=80))
@example("__0__")
def test_any_title_stays_one_field_everywhere(title: str) -> None:
    stays_one_field(title)


def stays_one_field(title: str) -> None:
    plain = fold(strip_invisible(title))
    found = [reference(title, authors=(title, "Ada Example")), references([article(paper_id="2408.00001")])[0]]
    entries = bibtex(export.bibtex(found))
    assert [one["key"] for one in entries] == ["arXiv:2408.11318", "arXiv:2408.00001"]
    assert set(entries[0]) <= {"type", "key", *BIBTEX}
    assert fold(str(entries[0].get("title", ""))) == plain
    first, second = rispy.loads(export.ris(found))
    assert (first.get("title", ""), second["title"]) == (plain, "Alpha Networks")
    assert len(first["authors"]) == len(found[0].authors)
    csl = json.loads(export.csl_json(found))
    Draft202012Validator(CSL).validate(csl)
    assert csl[0]["title"] == plain
    assert [json.loads(line)["title"] for line in export.jsonl(found).split("\n")[:-1]] == [plain, "Alpha Networks"]
    matter, body = front_matter(export.obsidian(found)["2408.11318.md"])
    assert matter.get("title", "") == plain
    (link,) = re.findall(r"^- \[\[2408\.11318\|(.*)\]\]$", export.obsidian(found)["논문 2024-08-22.md"], re.MULTILINE)
    assert link
    assert not set(link) & set("[]|#^<>")
    assert_literal(body, plain)


def assert_literal(body: str, plain: str) -> None:
    """The heading is the title as text, for CommonMark; and nothing in it that is Obsidian's own."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(body)
    assert [token.type for token in tokens[:3]] == ["heading_open", "inline", "heading_close"]
    kinds = {child.type for child in tokens[1].children or []}
    assert kinds <= {"text", "text_special"}
    assert fold("".join(child.content for child in tokens[1].children or [])) == plain
    heading = body.split("\n", 2)[1]
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", heading[2:])
    assert not re.search(r"\[\[|\]\]|%%|==|::|[#$^`<>]|~~", bare)


def test_a_hostile_text_is_no_markup_in_a_note() -> None:
    sections = tuple(Section(name=name, text=name) for name in HOSTILE)
    entry = days.entry(title="T").model_copy(update={"sections": sections})
    note = export.obsidian(references([days.article(entry, days.record(title="T"))]))["2408.11318.md"]
    tokens = MarkdownIt("commonmark", {"html": True}).parse(front_matter(note)[1])
    kinds = {token.type for token in tokens} | {c.type for token in tokens for c in token.children or []}
    assert not kinds & {"html_block", "html_inline", "fence", "code_block", "code_inline", "image", "hr"}
    assert [token.tag for token in tokens if token.type == "heading_open"].count("h1") == 1
    links = [c.attrs["href"] for token in tokens for c in token.children or [] if c.type == "link_open"]
    assert links == ["https://arxiv.org/abs/2408.11318v1"]


@pytest.mark.parametrize(
    "paper_id", ["../../etc/passwd", "/etc/passwd", "..", ".hidden", "a\\b", "x}{y", "con:aux", "2408.1|x]]", "한글"]
)
def test_a_hostile_id_stays_in_the_folder(paper_id: str) -> None:
    found = references([article(paper_id=paper_id)])
    for name in export.obsidian(found):
        assert re.fullmatch(r"(논문 )?[\w-][\w.-]*\.md", name)
    assert len(bibtex(export.bibtex(found))) == 1


# ---- the command


def imported(world: World) -> None:
    for layout, name in (("sections", DAY), ("easy", DAY), ("sections", "2024-06-13")):
        world.run("import", shipped("seeds") / layout / f"{name}.md")


def test_the_formats_are_those_of_the_command() -> None:
    assert {"obsidian", *export.ONE_FILE} == set(command._FORMATS)


def test_a_day_a_range_and_a_paper(world: World) -> None:
    imported(world)

    def ids(*options: str) -> list[str]:
        code, out, _ = world.run("export", "--to", "jsonl", *options)
        assert code == 0
        return [json.loads(line)["id"] for line in out.splitlines()]

    every = ids()
    assert ids("--date", DAY) == ids("--from", "2024-06-14") == every[-len(ids("--date", DAY)) :]
    assert ids("--until", "2024-06-13") == every[: len(ids("--until", "2024-06-13"))]
    assert ids("--paper", every[-1]) == [every[-1]]
    assert ids("--date", "2020-01-01") == []


@pytest.mark.parametrize("form", sorted(export.ONE_FILE))
def test_the_golden_days_in_every_format(world: World, form: str) -> None:
    imported(world)
    code, out, err = world.run("export", "--to", form)
    assert code == 0
    assert world.run("export", "--to", form, "--out", "there/papers")[1] == ""
    assert (world.folder / "there/papers").read_text("utf-8") == out
    count = int(re.search(r"(\d+) papers", err)[1])  # type: ignore[index]
    readers = {"bibtex": bibtex, "ris": rispy.loads, "csl-json": json.loads, "jsonl": str.splitlines}
    assert len(readers[form](out)) == count > 20


def test_notes_go_into_a_folder_and_come_again_without_loss(world: World) -> None:
    imported(world)
    vault = Path("vault")
    code, _, err = world.run("export", "--to", "obsidian", "--date", DAY, "--out", vault)
    assert code == 0, err
    note = vault / "2408.11318.md"
    assert "## easy" in note.read_text("utf-8")
    assert "## sections" in note.read_text("utf-8")
    before = {path: path.read_bytes() for path in vault.iterdir()}
    note.write_text(note.read_text("utf-8") + "내 생각\n", "utf-8")
    assert world.run("export", "--to", "obsidian", "--date", DAY, "--out", vault)[0] == 0
    assert {path: path.read_bytes() for path in vault.iterdir()} == before | {note: before[note] + "내 생각\n".encode()}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--to", "obsidian"), "--out"),
        (("--to", "ris", "--date", DAY, "--until", DAY), "leave --from and --until out"),
        (("--to", "ris", "--from", "2024-08-23", "--until", DAY), f"--from 2024-08-23 is after --until {DAY}"),
        (("--to", "ris", "--paper", "2408.99999"), "printed nowhere"),
        (("--to", "word"), "'word'"),
    ],
)
def test_wrong_use_is_named(options: tuple[str, ...], says: str, world: World) -> None:
    code, _, err = world.run("export", *options)
    assert code == 2
    assert says in err


def test_a_day_that_does_not_parse_is_named_and_the_rest_is_exported(world: World) -> None:
    imported(world)
    world.digest().write_text("no digest")
    code, _, err = world.run("export", "--to", "ris", "--out", "papers.ris")
    assert code == 3
    assert "22.md" in err
    assert len(rispy.loads(Path("papers.ris").read_text("utf-8"))) > 10
