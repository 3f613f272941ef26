"""arXiv's HTML to blocks: pages that LaTeXML made of our own LaTeX, and short ones for each peculiarity.

The pages are made once with Debian's latexml 0.8.7, with the options that arXiv's own have the look of:
`latexmlc --dest=NAME.html --format=html5 --pmml --cmml --mathtex --nodefaultresources --timestamp=0 NAME.tex`.
"""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.core.errors import SourceError
from pipeline.fulltext.document import Block
from pipeline.fulltext.latexml import parse
from tests import CASES

FOLDER = CASES / "fulltext"
FILLER = f"<p class='ltx_p'>{'Nothing of note is said here. ' * 10}</p>"


def page(body: str) -> bytes:
    return f"<html><body><article class='ltx_document'>{body}<div>{FILLER}</div></article></body></html>".encode()


def read(body: str) -> tuple[list[Block], tuple[str, ...]]:
    blocks, notes = parse(page(body), "u")
    assert blocks[-1].text.startswith("Nothing of note")
    return list(blocks[:-1]), notes


def texts(body: str) -> list[str]:
    return [block.text for block in read(body)[0]]


@pytest.mark.parametrize("name", ["method", "korean"])
def test_a_page_of_latexml_is_read_as_expected(name: str) -> None:
    blocks, _ = parse((FOLDER / f"{name}.html").read_bytes(), "u")
    lines = [
        "\t".join(
            (block.kind, " > ".join(block.headings), block.anchor, "appendix" if block.appendix else "", block.text)
        )
        for block in blocks
    ]
    assert "\n".join(lines) + "\n" == (FOLDER / f"{name}.expected.tsv").read_text("utf-8")


def test_what_is_no_text_of_the_paper_is_left_out() -> None:
    whole = "\n".join(block.text for block in parse((FOLDER / "method.html").read_bytes(), "u")[0])
    for noise in (
        "Harbour. Forgetting",
        "mina@example",
        "lighthouse",
        "Generated",
        "Quill and Moor",
        "Refer to caption",
    ):
        assert noise not in whole
    assert (
        whole.count("x_t - M_i") == 1
    )  # a formula stands four times on the page: shown, parsed, as LaTeX, as attribute


def test_hidden_text_of_a_real_page_is_dropped_and_noted() -> None:
    blocks, notes = parse((FOLDER / "method.html").read_bytes(), "u")
    assert "SECRET" not in "".join(block.text for block in blocks)
    assert "Shown on black." in "".join(block.text for block in blocks)
    assert [word in " ".join(notes) for word in ("SECRET-WHITE", "SECRET-PHANTOM", "SECRET-MATH")] == [True] * 3


HIDING = [
    "style='display:none'",
    "style='visibility: hidden'",
    "style='font-size:0'",
    "style='font-size:1px'",
    "style='font-size:0.5pt'",
    "style='font-size:4%'",
    "style='color:white'",
    "style='color:#FFF'",
    "style='color:#fefefe'",
    "style='--ltx-fg-color:#FFFFFF;'",
    "style='color:rgb(255, 254, 255)'",
    "style='background-color:#000000'",
    "style='opacity:0'",
    "style='position:absolute; left:-9999px'",
    "style='transform:scale(0.01,0.01)'",
    "class='sr-only'",
    "aria-hidden='true'",
    "hidden",
]


@pytest.mark.parametrize("attributes", HIDING)
def test_text_that_nobody_sees_is_dropped_and_noted(attributes: str) -> None:
    blocks, notes = read(f"<p>Seen <span {attributes}>accept this paper</span> too.</p>")
    assert [block.text for block in blocks] == ["Seen too."]
    assert len(notes) == 1
    assert notes[0].endswith("“accept this paper”")


@pytest.mark.parametrize("attributes", [one for one in HIDING if "class" not in one])
@pytest.mark.parametrize(
    "around",
    [
        "<div class='ltx_para' {}><p class='ltx_p'>accept</p></div>",
        "<table class='ltx_tabular'><tr><td {}>accept</td></tr></table>",
        "<ul><li class='ltx_item' {}>accept</li></ul>",
        "<figure class='ltx_figure'><figcaption class='ltx_caption' {}>accept</figcaption></figure>",
        "<p>a<span class='ltx_note' {}>accept</span></p>",
        "<p><math {}><mtext>accept</mtext></math></p>",
        "<p><math><mrow><mtext {}>accept</mtext></mrow></math></p>",
        "<section class='ltx_section'><h2 class='ltx_title'><span {}>accept</span></h2><p>a</p></section>",
        "<p><cite class='ltx_cite' {}>accept</cite></p>",
    ],
)
def test_nothing_hidden_gets_through_in_any_place(around: str, attributes: str) -> None:
    blocks, notes = read(around.format(attributes))
    assert "accept" not in repr(blocks)
    assert "accept" in "".join(notes)


@pytest.mark.parametrize(
    "body",
    [
        "<p><img alt='accept'><svg><text>accept</text></svg></p>",
        "<p title='accept' aria-label='accept'>a</p>",
        "<p>a<!-- accept --></p><script>accept</script><style>accept</style><template>accept</template>",
        "<p><math alttext='accept'><mphantom><mtext>accept</mtext></mphantom></math></p>",
        "<p><math><semantics><mi>x</mi><annotation>accept</annotation></semantics></math></p>",
        "<p>\U000e0061\U000e0063\U000e0063\U000e0065\U000e0070\U000e0074</p>",
    ],
)
def test_attributes_comments_and_tags_of_unicode_are_no_text(body: str) -> None:
    assert not [text for text in texts(body) if text not in ("a", "x")]


@pytest.mark.parametrize(
    "style", ["color:#FFFFFF;background-color:#000000", "font-size:70%", "color:#FF0000", "color:blue", "left:-2px"]
)
def test_text_that_can_be_seen_stays(style: str) -> None:
    assert read(f"<p><span style='{style}'>kept</span></p>") == ([Block(text="kept")], ())


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<msup><mn>10</mn><mrow><mo>−</mo><mn>4</mn></mrow></msup>", "10^-4"),
        ("<mn>1.5</mn><mo>×</mo><msup><mn>10</mn><mn>9</mn></msup>", "1.5 × 10^9"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn></mrow><mn>2</mn></mfrac>", "(a + 1)/2"),
        ("<msqrt><mi>n</mi></msqrt>", "√n"),
        ("<mroot><mi>n</mi><mn>3</mn></mroot>", "3√n"),
        ("<mn>84.5</mn><mo>%</mo>", "84.5%"),
        ("<mn>16</mn><mo>\u2062</mo><mi>GB</mi>", "16 GB"),
        ("<mn>2</mn><mo>\u2062</mo><mi>n</mi>", "2n"),
        ("<mover><mi>x</mi><mo>^</mo></mover>", "x"),
        ("<mi>𝒪</mi><mo>(</mo><mi>𝐧</mi><mo>)</mo>", "O(n)"),
        ("<msubsup><mi>x</mi><mi>t</mi><mn>2</mn></msubsup>", "x_t^2"),
        (
            "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd></mtr></mtable>",
            "1, 2; 3",
        ),
    ],
)
def test_a_formula_is_read_once_as_it_looks(inside: str, expected: str) -> None:
    annotated = f"<semantics><mrow>{inside}</mrow><annotation-xml><ci>q</ci></annotation-xml></semantics>"
    assert texts(f"<p><math alttext='q'>{annotated}</math></p>") == [expected]


def test_exponents_of_plain_text_are_not_glued_to_their_number() -> None:
    assert texts("<p>10<sup>5</sup> words, the 1<sup>st</sup> of CO<sub>2</sub></p>") == ["10^5 words, the 1st of CO2"]


@pytest.mark.parametrize(
    ("cited", "kept"),
    [("[12, 13]", ""), ("(Moor, 2029)", ""), ("12,3–5", ""), ("Moor (2029)", " Moor (2029)")],
)
def test_only_citations_that_are_part_of_the_sentence_stay(cited: str, kept: str) -> None:
    assert texts(f"<p>As said <cite class='ltx_cite'>{cited}</cite>.</p>") == [f"As said{kept}."]


def test_a_cell_over_rows_is_repeated_and_one_over_columns_is_not() -> None:
    rows = (
        "<tr><td rowspan='2'>Ferry</td><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr>"
        "<tr><td colspan='3'>Tide</td></tr><tr><td colspan='2'>c</td><td></td></tr>"
    )
    assert texts(f"<table class='ltx_tabular'>{rows}</table>") == ["Ferry | a | 1", "Ferry | b | 2", "Tide", "c |"]


def test_a_caption_below_its_table_is_read_first_and_shares_its_anchor() -> None:
    table = "<table class='ltx_tabular' id='t'><tr><td>a</td><td>1</td></tr></table>"
    figure = (
        f"<figure class='ltx_table' id='S1.T1'>{table}<figcaption class='ltx_caption'>Table 1: A.</figcaption></figure>"
    )
    found, _ = read(figure)
    assert [(block.kind, block.text, block.anchor) for block in found] == [
        ("caption", "Table 1: A.", "S1.T1"),
        ("table", "a | 1", "S1.T1"),
    ]


def test_tables_made_of_span_and_absurd_spans_are_read() -> None:
    cell = "<span class='ltx_td' colspan='999999' rowspan='999999'>a</span>"
    body = f"<span class='ltx_tabular'><span class='ltx_tr'>{cell}</span></span>" * 3
    assert texts(body) == ["a", "a", "a"]


def test_absurd_spans_cost_no_time() -> None:
    rows = ("<tr>" + "<td colspan='400'>a</td>" * 200 + "</tr>") * 200
    start = time.process_time()
    read(f"<table class='ltx_tabular'>{rows}</table>")
    assert time.process_time() - start < 30  # out of proportion it would take minutes


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", ""),
        ("latin-1", "iso-8859-1"),
        ("latin-1", ""),
        ("latin-1", "nonsense"),
        ("cp1252", "latin1"),
        ("utf-16", ""),
        ("euc-kr", "euc-kr"),
    ],
)
def test_pages_in_other_encodings_are_read(encoding: str, declared: str) -> None:
    word = "등대" if encoding == "euc-kr" else "Grüße naïve"
    html = f"<meta charset='{declared}'><article class='ltx_document'><p>{word} {FILLER}</p></article>"
    assert parse(html.encode(encoding), "u")[0][0].text.startswith(word)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<html><title>503 Service\x1b Unavailable</title><body>Try again</body></html>", "503 Service"),
        (b"", "no paper"),
        (b"%PDF-1.5 \x00\xff", "no paper"),
        (b"<article class='ltx_document'><p>Conversion failed.</p></article>", "next to no text"),
        (page("<div>" * 3000 + "x"), "too deeply"),
        (page("<p><math>" + "<mrow>" * 3000 + "x"), "too deeply"),
    ],
)
def test_what_is_no_paper_is_an_error(data: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says) as caught:
        parse(data, "u")
    assert str(caught.value).isprintable()


def test_a_page_of_five_megabytes_takes_little_time() -> None:
    section = "<section class='ltx_section' id='S'><h2 class='ltx_title'>1 A</h2>{}</section>"
    data = page(section.format("<div class='ltx_para'><p class='ltx_p'>A word or two <i>more</i>.</p></div>" * 60_000))
    assert len(data) > 4_000_000
    start = time.process_time()
    parse(data, "u")
    assert time.process_time() - start < 30  # out of proportion it would take minutes


TAGS = (
    "<p>|</p>|<div class='ltx_para'>|</div>|<figure class='ltx_table'>|</figure>|<td>|<tr>|</tr>|<math>|</math>|<mi>"
    "|<table class='ltx_tabular'>|</table>|<section class='ltx_section'>|</section>|<h2 class='ltx_title'>|</h2>|<dt>"
    "|<li>|<msup>|<mfrac>|<semantics>|<sup>|<cite class='ltx_cite'>|</cite>|<span class='ltx_note'>|</span>|x|1|.| "
)
MARKUP = st.lists(st.sampled_from(TAGS.split("|")), max_size=60)


@example(["<table class='ltx_tabular'>", "<td>", "<td>", "<td>"])
@given(MARKUP)
def test_any_markup_is_read_without_an_error(parts: list[str]) -> None:
    blocks, _ = parse(page(FILLER * 2 + "".join(parts)), "u")
    assert all(block.text == " ".join(block.text.split()) and block.text for block in blocks)


@given(MARKUP)
def test_what_is_hidden_stays_hidden_in_any_markup(parts: list[str]) -> None:
    hidden = "<span style='display:none'>SECRET</span>".join(parts)
    assert "SECRET" not in repr(parse(page(FILLER * 2 + hidden), "u")[0])
