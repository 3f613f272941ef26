"""The site: what pages are there and where they lead, what is built again, what is never executed."""

import datetime as dt
import io
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from PIL import Image

from pipeline.archive.catalog import Article
from pipeline.archive.compose import harmless
from pipeline.archive.files import digest_path
from pipeline.archive.record import DayRecord, EntryRecord, HeldBackRecord, WithdrawnRecord, dump, load, record_path
from pipeline.core.errors import ConfigError, LockHeld, SourceError
from pipeline.core.models import Cited, Claim, Digest, Entry, LayoutName, Section
from pipeline.layouts import render
from pipeline.publish.papers import PublishedPaper
from pipeline.publish.site import media, pages, paths, stage, trace, views
from pipeline.publish.site.build import build
from pipeline.publish.site.paths import Site
from pipeline.publish.site.serve import server
from pipeline.publish.site.stage import Stage
from tests.support import synthetic
from tests.support.world import World

SITE = Site("오늘의 논문", "")
DAY = synthetic.FIRST
ID = synthetic.id_of(0)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Three days with two papers each, in an output folder of their own."""
    synthetic.write(tmp_path / "output", days=3, papers=6)
    return tmp_path / "output"


def page(output: Path, path: str) -> str:
    return (output / "site" / path).read_text("utf-8")


def tree(site: Path) -> dict[str, tuple[bytes, int]]:
    """Every file that is published, with its bytes and when it was written."""
    files = (path for path in site.rglob("*") if path.is_file() and stage.HIDDEN not in path.parts)
    return {path.relative_to(site).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


class Page(HTMLParser):
    """What of a page a browser would act on."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script" and data.strip():
            self.scripts.append(data)

    def addresses(self) -> Iterator[str]:
        for _, attributes in self.tags:
            yield from (value for name in ("href", "src") if (value := attributes.get(name)))


# ---- pages and links


def test_every_link_of_every_page_leads_to_a_file_and_a_place_in_it(output: Path) -> None:
    build(output, SITE)
    site = output / "site"
    parsed = {path: Page(path.read_text("utf-8")) for path in site.rglob("*.html")}
    for path, found in parsed.items():
        assert len(found.ids) == len(set(found.ids)), path
        for address in found.addresses():
            parts = urlsplit(address)
            if parts.scheme:
                assert parts.scheme == "https", address
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), (path, address)
            assert target.is_relative_to(site.resolve())
            if parts.fragment:
                assert unquote(parts.fragment) in parsed[target].ids, (path, address)


def test_a_page_keeps_to_its_policy(output: Path) -> None:
    build(output, SITE)
    for path in (output / "site").rglob("*.html"):
        found = Page(path.read_text("utf-8"))
        assert not found.scripts
        policy = next(a["content"] for tag, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
        assert policy == pages.CSP
        for tag, attributes in found.tags:
            assert tag not in ("style", "iframe", "object", "base")
            assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_a_sentence_leads_to_the_sentences_that_it_cites(output: Path) -> None:
    build(output, SITE)
    found = page(output, f"paper/{ID}/index.html")
    sentence = re.search(r'<a class="sentence" href="#([^"]+)" data-sources="([^"]+)">(.*?)</a>', found)
    assert sentence and sentence[1] == sentence[2].strip()
    assert re.search(r"<mark>\d+\.\d%</mark>", sentence[3])
    source = found[found.index(f'<li id="{sentence[1]}">') :].split("</li>")[0]
    assert "<mark>" in source and "3 Method" in source
    assert f'href="https://arxiv.org/html/{ID}v1#S3.p1"' in source


def test_the_tabs_are_sections_that_read_one_below_the_other(output: Path) -> None:
    digest = digest_path(output, "sections", DAY)
    digest.parent.mkdir(parents=True)
    digest.write_text(render(Digest(layout="sections", date=DAY, entries=(entry("What's New", "새로운 방법입니다."),))))
    build(output, SITE)
    found = page(output, f"paper/{ID}/index.html")
    assert re.findall(r'<h2 id="\w+-label">(.*?)</h2>', found) == ["요약", "쉽게", "자세히"]
    assert found.count("출처 기록이 없는 항목입니다") == 1


def test_what_is_held_back_stands_at_the_end_with_its_reason_and_what_is_withdrawn_on_its_page(output: Path) -> None:
    path = record_path(digest_path(output, "easy", DAY))
    record = load(path)
    assert record
    gone = WithdrawnRecord(
        id="astro-ph/0601001", title="Old", reason="저자의 <요청>", at=dt.datetime(2016, 1, 5, tzinfo=dt.UTC)
    )
    path.write_bytes(dump(record.model_copy(update={"withdrawn": (gone,)})))
    build(output, SITE)
    of_day = page(output, paths.day(DAY))
    left = of_day[of_day.index("이날 싣지 않은 논문") :]
    assert "numbers/unknown: a figure" in left
    assert "검증을 통과한 요약이 없어 싣지 않았습니다." in left  # whatever the reason
    assert "사유: 저자의 &lt;요청&gt;" in page(output, "paper/astro-ph/0601001/index.html")


def test_an_empty_output_folder_makes_a_site_that_says_so(tmp_path: Path) -> None:
    built = build(tmp_path, SITE)
    assert (built.days, built.papers, built.problems) == (0, 0, ())
    assert "아직 실린 논문이 없습니다" in page(tmp_path, "index.html")
    assert "아직 실린 논문이 없습니다" in page(tmp_path, "archive/index.html")


# ---- traces


def entry(section: str, text: str, paper_id: str = ID, title: str = "A Title", thumbnail: str | None = None) -> Entry:
    url = f"https://arxiv.org/abs/{paper_id}"
    sections = (Section(name=section, text=text),)
    return Entry(paper_id=paper_id, title=title, url=url, thumbnail=thumbnail, sections=sections)


def recorded(*claims: Claim, cited: tuple[Cited, ...] = (), **changes: object) -> EntryRecord:
    _, record = synthetic._paper(0, DAY)
    return record.model_copy(update={"claims": claims, "cited": cited, **changes})


def test_a_text_that_was_changed_has_a_trace_where_it_was_not() -> None:
    record = recorded(*(Claim(section="요약", text=text, cites=(1,)) for text in ("하나입니다.", "둘입니다.")))
    section = Section(name="요약", text="하나입니다. 바뀐 둘.\n\n둘입니다.\n끝")
    cut = trace.trace_section(section, "", record).paragraphs
    assert [[(str(piece.html), piece.cites) for piece in paragraph] for paragraph in cut] == [
        [("하나입니다.", (1,)), ("바뀐 둘.", ())],
        [("둘입니다.", (1,)), ("끝", ())],
    ]


@pytest.mark.parametrize(
    ("origin", "anchor", "url"),
    [
        ("html", "S1.p2", f"https://arxiv.org/html/{ID}v1#S1.p2"),
        ("html", "", f"https://arxiv.org/abs/{ID}v1"),
        ("pdf", "S1.p2", f"https://arxiv.org/abs/{ID}v1"),
        ("html", '"><b>', f"https://arxiv.org/html/{ID}v1#%22%3E%3Cb%3E"),
    ],
)
def test_a_source_links_to_its_place_where_it_has_one(origin: str, anchor: str, url: str) -> None:
    record = recorded(
        Claim(section="요약", text="하나입니다.", cites=(7, 8)),
        cited=(Cited(number=7, text="One <b>.", section="S", anchor=anchor),),
        origin=origin,
    )
    first, second = trace.trace_section(Section(name="요약", text="하나입니다."), "", record).sources
    assert (first.url, str(first.html)) == (url, "One &lt;b&gt;.")
    assert (second.html, second.exact) == ("", False)  # beyond what is kept


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("34억 개, 4.6%p와 1,024개", "<mark>34억</mark> 개, <mark>4.6%p</mark>와 <mark>1,024</mark>개"),
        ("GPT-4와 Llama2는 8K", "GPT-4와 Llama2는 <mark>8K</mark>"),
        ("**3배** <i>", "<strong><mark>3배</mark></strong> &lt;i&gt;"),
    ],
)
def test_figures_are_marked_and_names_are_not(text: str, html: str) -> None:
    assert trace.mark_figures(text) == html


# ---- hostile input

EVIL = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "javascript:alert(1)",
    "a\u202egnp.exe",
    "{{ 7 * 7 }} {% raw %}",
    "**<b>**",
]


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_words_are_words(tmp_path: Path, evil: str) -> None:
    hostile = entry(
        "요약", f"{evil} 문장입니다.", title=evil, thumbnail=f"https://cdn-thumbnails.huggingface.co/{evil}"
    )
    fields = Section(name="관련분야", text=evil.replace(",", ""))
    hostile = hostile.model_copy(update={"sections": (*hostile.sections, fields)})
    _write(tmp_path, "easy", hostile)
    held = HeldBackRecord(id=evil, title=evil, reason=evil, nights=())
    record = DayRecord(
        layout="easy",
        date=DAY,
        provider=evil,
        entries=(recorded(Claim(section="요약", text=f"{evil} 문장입니다.", cites=(1,)), model=evil, authors=(evil,)),),
        held_back=(held,),
    )
    record_path(digest_path(tmp_path, "easy", DAY)).write_bytes(dump(record))
    build(tmp_path, SITE)
    plain = set()
    for path in (tmp_path / "site").rglob("*.html"):
        found = Page(path.read_text("utf-8"))
        assert not found.scripts
        assert "\u202e" not in path.read_text("utf-8")
        plain |= {tag for tag, _ in found.tags}
        for tag, attributes in found.tags:
            assert not [name for name in attributes if name.startswith("on")], (path, tag)
            assert not str(attributes.get("href", "")).lower().startswith(("javascript", "data", "//"))
    assert not plain & {"img", "b", "i", "iframe", "object", "style"} - {"img"}
    assert {path.parent.name for path in tmp_path.iterdir()} == {tmp_path.name}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["easy", "site"]


@pytest.mark.parametrize("words", ["Fewer <think> Tokens", "<script>alert(1)</script>", "What &lt; Means"])
def test_words_that_markdown_needs_escaped_are_themselves_to_readers(tmp_path: Path, words: str) -> None:
    printed = entry("요약", f"{harmless(words)} 문장입니다.", title=harmless(words))
    _write(tmp_path, "easy", printed)
    build(tmp_path, SITE)
    shown = f"{escape(words)} 문장입니다."
    for path in (paths.TODAY, paths.day(DAY), str(paths.paper(printed.paper_id))):
        assert page(tmp_path, path).count(shown) >= 1
        assert f'lang="en">{escape(words)}</a></h2>' in page(tmp_path, path) or f">{escape(words)}</h1>" in page(
            tmp_path, path
        )
        assert not Page(page(tmp_path, path)).scripts
    assert f"<title>{escape(words)}</title>" in page(tmp_path, paths.ATOM)
    (item,) = json.loads(page(tmp_path, paths.JSON_FEED))["items"]
    assert item["title"] == words
    assert shown in item["content_html"]
    (paper,) = json.loads(page(tmp_path, paths.day_json(DAY)))["papers"]
    assert (paper["title"], paper["texts"][0]["sections"][0]["text"]) == (words, f"{words} 문장입니다.")


@pytest.mark.parametrize(
    "paper_id", ["../../x", "2408.11318/../../x", "/etc/passwd", "", "２４０８.11318", "a/b", "2408.1131８"]
)
def test_what_is_no_id_gets_no_page(paper_id: str) -> None:
    assert paths.paper(paper_id) is None
    assert views.arxiv_links(paper_id) == ()


@pytest.mark.parametrize("name", ["../../etc", "/", "..", "a/b", "AI", "ai", "x" * 500, "영상 이해", "\u202e"])
def test_a_field_has_a_folder_of_its_own_inside_the_site(tmp_path: Path, name: str) -> None:
    path = paths.field(name)
    assert re.fullmatch(r"field/[\w-]+/index\.html", path)
    assert len(path.encode()) < 200
    others = {paths.field(other) for other in ("AI", "ai", "a/b", "a-b", "영상-이해", "영상 이해") if other != name}
    assert path not in others


@pytest.mark.parametrize(
    ("url", "src", "video"),
    [
        ("https://cdn-thumbnails.huggingface.co/a.png", "https://cdn-thumbnails.huggingface.co/a.png", ""),
        ("https://cdn-thumbnails.huggingface.co.evil.org/a.png", "", ""),
        ("https://cdn-thumbnails.huggingface.co@evil.org/a.png", "", ""),
        ("http://cdn-thumbnails.huggingface.co/a.png", "", ""),
        ("javascript:alert(1)", "", ""),
        ("data:image/svg+xml,<svg onload=alert(1)>", "", ""),
        ("https://[", "", ""),
        (None, "", ""),
        (
            "https://cdn-uploads.huggingface.co/v.MP4",
            f"https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{ID}.png",
            "https://cdn-uploads.huggingface.co/v.MP4",
        ),
    ],
)
def test_pictures_come_from_the_media_hosts_alone(url: str | None, src: str, video: str) -> None:
    assert views.picture(ID, url) == (src, video)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("코드는 https://github.com/a-b/C.d에서 볼 수 있습니다.", ["https://github.com/a-b/C.d"]),
        ("https://github.com/a/b.git. https://github.com/a/b/tree/main", ["https://github.com/a/b"]),
        ("https://github.com/a/b 또는 https://github.com/c/d", []),
        ("https://github.com.evil.org/a/b", []),
    ],
)
def test_code_is_linked_where_one_repository_is_named(text: str, code: list[str]) -> None:
    paper = PublishedPaper(ID, "A Title", (Article(DAY, "easy", entry("요약", text), None),))
    assert [url for label, url in views.links(paper) if label == "코드"] == code


# ---- what is built again


def test_a_second_build_touches_nothing(output: Path) -> None:
    build(output, SITE)
    before = tree(output / "site")
    assert build(output, SITE).changed == 0
    assert tree(output / "site") == before


def test_a_new_day_touches_its_own_pages_and_the_indexes(output: Path) -> None:
    build(output, SITE)
    before = tree(output / "site")
    new = DAY + dt.timedelta(days=3)
    synthetic.write_day(output, new, range(6, 8))
    build(output, SITE)
    after = tree(output / "site")
    touched = {path for path in after if after[path] != before.get(path)}
    own = {paths.day(new), paths.day_json(new), *(str(paths.paper(synthetic.id_of(number))) for number in (6, 7))}
    assert own <= touched
    assert not [path for path in touched - own if path.startswith(("day/", "paper/", "assets/", "about/", "search/"))]
    assert before.keys() <= after.keys()


def test_an_edited_day_changes_its_papers_and_a_removed_one_takes_them_along(output: Path) -> None:
    build(output, SITE)
    digest = digest_path(output, "easy", DAY)
    digest.write_text(digest.read_text("utf-8").replace("컴퓨터는", "계산기는"), "utf-8")
    build(output, SITE)
    assert "계산기는" in page(output, f"paper/{ID}/index.html")
    _remove(output, DAY)
    build(output, SITE)
    assert not (output / "site" / "day" / str(DAY)).exists()
    assert not (output / "site" / "paper" / ID).exists()
    assert (output / "site" / "paper" / synthetic.id_of(2)).is_dir()


def test_a_paper_of_two_days_has_both_and_keeps_the_one_that_stays(output: Path) -> None:
    later = DAY + dt.timedelta(days=2)
    sections = digest_path(output, "sections", later)
    sections.parent.mkdir(parents=True)
    sections.write_text(render(Digest(layout="sections", date=later, entries=(entry("What's New", "새롭습니다."),))))
    build(output, SITE)
    both = page(output, f"paper/{ID}/index.html")
    assert "새롭습니다." in both and 'id="summary"' in both
    sections.unlink()
    build(output, SITE)
    assert "새롭습니다." not in page(output, f"paper/{ID}/index.html")


def test_another_title_builds_every_page_again(output: Path) -> None:
    build(output, SITE)
    build(output, Site("다른 이름", "https://example.org/papers/"))
    found = page(output, paths.day(DAY))
    assert "다른 이름" in found
    assert f'<link rel="canonical" href="https://example.org/papers/day/{DAY}/">' in found


# ---- a build that is killed


def test_a_build_killed_before_it_moves_leaves_the_old_site(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(output, SITE)
    before = tree(output / "site")
    synthetic.write_day(output, DAY + dt.timedelta(days=3), range(6, 8))
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Stage, "commit", _killed)
        build(output, SITE)
    assert tree(output / "site") == before
    build(output, SITE)
    assert (output / "site" / str(paths.paper(synthetic.id_of(7)))).is_file()


@pytest.fixture
def killed_while_moving(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, int], None]:
    """Builds until so many files are moved into place, and dies."""

    def build_and_die(output: Path, after: int) -> None:
        moves, move = iter(range(after)), stage._move

        def dying(staged: Path, target: Path) -> None:
            if next(moves, None) is None:
                raise KeyboardInterrupt
            move(staged, target)

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(stage, "_move", dying)
            build(output, SITE)

    return build_and_die


@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_build_killed_while_it_moves_is_finished_by_the_next(
    output: Path, tmp_path: Path, killed_while_moving: Callable[[Path, int], None], after: int
) -> None:
    build(output, SITE)
    _remove(output, DAY)
    synthetic.write_day(output, DAY + dt.timedelta(days=3), range(6, 8))
    killed_while_moving(output, after)
    assert _dead_links(output / "site") == []
    build(output, SITE)
    other = tmp_path / "other"
    other.mkdir()
    (other / "easy").symlink_to(output / "easy")
    build(other, SITE)
    assert {k: v[0] for k, v in tree(output / "site").items()} == {k: v[0] for k, v in tree(other / "site").items()}


def test_nothing_stays_of_a_day_that_goes_after_a_build_of_it_was_killed(
    output: Path, killed_while_moving: Callable[[Path, int], None]
) -> None:
    build(output, SITE)
    before = set(tree(output / "site"))
    new = DAY + dt.timedelta(days=3)
    synthetic.write_day(output, new, range(6, 8))
    killed_while_moving(output, 5)
    assert set(tree(output / "site")) > before
    _remove(output, new)
    build(output, SITE)
    assert set(tree(output / "site")) == before


def _remove(output: Path, date: dt.date) -> None:
    digest = digest_path(output, "easy", date)
    digest.unlink()
    record_path(digest).unlink()


def _killed(*_: object) -> int:
    raise KeyboardInterrupt


def _dead_links(site: Path) -> list[str]:
    dead = []
    for path in site.rglob("*.html"):
        for address in Page(path.read_text("utf-8")).addresses():
            target = unquote(urlsplit(address).path)
            if not urlsplit(address).scheme and target and not (path.parent / target).is_file():
                dead.append(f"{path}: {address}")
    return dead


# ---- bad input, by the command line


def test_a_digest_that_does_not_parse_is_named_and_the_rest_is_built(world: World) -> None:
    synthetic.write(world.output, days=2, papers=4)
    digest_path(world.output, "easy", DAY).write_text("not a digest")
    for _ in range(2):  # the second build reads no day again, and says it again
        code, out, err = world.run("site", "build", "--json")
        assert code == 3
        assert "not a digest" not in err and "04.md, line 1: a digest begins with" in err
        assert json.loads(out)["papers"] == 2
    assert (world.output / "site" / "index.html").is_file()


def test_a_paper_printed_twice_is_a_problem_and_a_lost_record_is_none(world: World) -> None:
    synthetic.write(world.output, days=1, papers=2)
    digest = digest_path(world.output, "easy", DAY)
    record_path(digest).unlink()
    text = digest.read_text("utf-8")
    digest.write_text(f"{text}\n\n---\n\n{text}", "utf-8")
    code, _, err = world.run("site", "build")
    assert code == 3
    assert err.count("prints") == 2
    assert "출처 기록이 없는 항목입니다" in page(world.output, f"paper/{ID}/index.html")


def test_a_folder_that_cannot_be_written_is_said(world: World) -> None:
    world.output.mkdir()
    (world.output / "site").write_text("a file")
    code, _, err = world.run("site", "build")
    assert code == 2
    assert "cannot be written" in err


def test_two_builds_do_not_run_at_once(output: Path) -> None:
    from filelock import FileLock

    build(output, SITE)
    with FileLock(output / "site" / ".build" / "lock"), pytest.raises(LockHeld):
        build(output, SITE)


# ---- thumbnails that the site keeps


def picture(form: str, size: tuple[int, int] = (1200, 648)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, "red").save(data, form)
    return data.getvalue()


def _from(answer: bytes | SourceError) -> Callable[[str], bytes]:
    def fetch(url: str) -> bytes:
        if isinstance(answer, SourceError):
            raise answer
        return answer

    return fetch


def test_a_kept_thumbnail_is_drawn_anew_and_fetched_once(output: Path) -> None:
    asked = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return picture("PNG")

    assert build(output, SITE, fetch).problems == ()
    src = re.search(r'<img src="\.\./\.\./(media/\w+\.webp)"', page(output, f"paper/{ID}/index.html"))
    assert src
    with Image.open(output / "site" / src[1]) as kept:
        assert (kept.format, kept.size) == ("WEBP", (640, 346))
    assert "huggingface.co/social" not in page(output, paths.day(DAY)).replace("papers/", "")
    build(output, SITE, fetch)
    assert len(asked) == len(set(asked)) == 6


@pytest.mark.parametrize(
    "answer",
    [
        b"<!doctype html><title>no</title>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        picture("PNG")[:200],
        picture("PNG", (9000, 9000)),
        SourceError("thumbnail", "https://x", "answered more than 2,000,000 bytes"),
    ],
)
def test_a_thumbnail_that_is_none_is_named_and_drawn_as_a_placeholder(
    output: Path, answer: bytes | SourceError
) -> None:
    built = build(output, SITE, _from(answer))
    assert len(built.problems) == 6
    assert all(problem.startswith("thumbnail: ") for problem in built.problems)
    assert "<img" not in page(output, paths.day(DAY))
    assert not (output / "site" / "media").exists()


def test_a_picture_is_no_larger_than_a_page_shows_it() -> None:
    with Image.open(io.BytesIO(media.redraw("https://x", _from(picture("JPEG", (3000, 100)))))) as small:
        assert small.width == 640


# ---- the server


@pytest.fixture
def address(output: Path) -> Iterator[str]:
    build(output, SITE)
    (output / "secret.txt").write_text("secret")
    (output / "site" / "link.txt").symlink_to(output / "secret.txt")
    with server(output / "site", 0) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/assets/site.css", "text/css; charset=utf-8"),
        ("/assets/site.js", "text/javascript; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
    ],
)
def test_the_server_names_what_it_sends(address: str, path: str, kind: str) -> None:
    with urllib.request.urlopen(address + path) as answer:
        assert answer.headers["Content-Type"] == kind


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/link.txt", "/.build/manifest.json", "/assets/", "/nothing"]
)
def test_the_server_shows_nothing_but_pages(address: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address + path)
    refused.value.close()
    assert refused.value.code == 404


def test_there_is_nothing_to_serve_before_a_build(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pipeline site build"):
        server(tmp_path / "site", 0)


def _write(output: Path, layout: LayoutName, *entries: Entry) -> None:
    path = digest_path(output, layout, DAY)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(Digest(layout=layout, date=DAY, entries=entries)), "utf-8")


def test_an_output_folder_that_is_a_file_is_no_empty_site(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("papers").write_text("x")
    monkeypatch.setenv("PIPELINE_OUTPUT_DIR", "papers")
    for command in (("site", "build"), ("export", "--to", "ris")):
        code, _, err = world.run(*command)
        assert code == 2
        assert "papers is a file; set PIPELINE_OUTPUT_DIR to the folder of the digests." in err


def test_a_planted_manifest_and_links_make_a_build_write_and_remove_nothing_outside(output: Path) -> None:
    site, outside = output / "site", output / "outside"
    outside.mkdir()
    (outside / "own.txt").write_text("own")
    build(output, SITE)
    manifest = site / stage.MANIFEST
    kept = json.loads(manifest.read_bytes())
    _, rows, stamps = kept
    rows[min(rows)][4] = ["../outside/own.txt", str(outside / "own.txt")]  # its pictures
    rows["1999-01-01"] = ["", "", [["../../outside", "T", ["../../outside"], 1]], ["../x"], ["../outside"], []]
    stamps["2016"] = "x"
    manifest.write_text(json.dumps(kept))
    (site / ".build" / "journal.json").write_text('{"moved": [], "removed": ["../outside/own.txt"]}')
    (site / "media").symlink_to(outside)
    build(output, SITE)
    assert [path.name for path in outside.iterdir()] == ["own.txt"]
    (site / "field" / "index.html").unlink()
    (site / "field").rename(site / "old")
    (site / "field").symlink_to(outside)
    with pytest.raises(ConfigError, match="outside"):
        build(output, SITE)
    assert [path.name for path in outside.iterdir()] == ["own.txt"]


def test_pages_of_former_versions_go_and_own_files_stay(output: Path) -> None:
    build(output, SITE)
    before = set(tree(output / "site"))
    for path in ("numbers/index.html", "assets/habits.js", "CNAME", "own/page.html"):
        (output / "site" / path).parent.mkdir(exist_ok=True)
        (output / "site" / path).write_text("x")
    (output / "site" / stage.MANIFEST).write_text("{}")
    build(output, SITE)
    assert set(tree(output / "site")) - before == {"CNAME", "own/page.html"}
