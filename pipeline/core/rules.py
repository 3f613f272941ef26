"""The table of every rule that a finding can name: its id, its severity, what a breach leads to and what it means.

Says nothing about how a rule is tested; `layouts`, `verify` and `check` do that.
"""

from typing import Literal, NamedTuple

from pipeline.core.models import Finding, Severity

# What a breach in an answer does: its sentence is never printed; the writer is asked once whether it is so; nothing.
Effect = Literal["blocks", "asks", "records"]


class Rule(NamedTuple):
    """A rule: how bad a breach is in a file, what is wrong (for docs/rules.md), and what a breach in an answer does.

    `effect` is None for what no answer can break. Warnings never block, and nothing but warnings is only recorded.
    """

    severity: Severity
    meaning: str
    effect: Effect | None = None


RULES: dict[str, Rule] = {
    "structure/unreadable": Rule("error", "The file cannot be read as a digest: binary, empty, too large, no header."),
    "structure/entry": Rule("error", "An entry whose parts cannot be told apart."),
    "structure/missing-section": Rule("error", "The first section of an entry is missing or empty."),
    "structure/place": Rule("error", "The folder or the file name disagrees with the layout or the date inside."),
    "structure/repeated-entry": Rule("error", "The same paper stands twice in one file."),
    "structure/second-header": Rule("warning", "More than one `## Daily Papers` header in a file."),
    "structure/optional-section": Rule("warning", "An optional section is missing."),
    "structure/unknown-section": Rule("warning", "A section that the layout does not have."),
    "structure/continuation": Rule("warning", "A text of the layout `sections` or `bullets` runs over several lines."),
    "structure/label": Rule("warning", "A label in another form than the golden one."),
    "structure/blank-lines": Rule("warning", "Blank lines or separators that are missing or too many."),
    "structure/ending": Rule("warning", "The file ends with another number of newlines than the layout asks for."),
    "field/id": Rule("error", "An entry without an arXiv id."),
    "field/title": Rule("error", "An entry without a title."),
    "field/headline": Rule("error", "A headline that is missing, or longer than 40 characters.", "blocks"),
    "field/raw-value": Rule("error", "A Python or JSON value printed as it was."),
    "field/link": Rule("warning", "A link in another form than the golden one."),
    "field/media": Rule(
        "warning", "A thumbnail that is missing, relative, an avatar, or a video in another form.", "records"
    ),
    "field/votes": Rule("warning", "The votes are missing or not a number."),
    "field/repeated-name": Rule("warning", "An author is named twice."),
    "field/cut-authors": Rule("warning", "The authors end in `+`, or are missing."),
    "text/control": Rule(
        "error", "A control or replacement character, such as the tab that `\\textit` became.", "blocks"
    ),
    "text/template": Rule("error", "Leftovers of a template or a prompt."),
    "text/latex": Rule("warning", "LaTeX that was not made plain."),
    "text/trailing-space": Rule("warning", "White space at the end of a line."),
    "text/crlf": Rule("warning", "Lines end in CR LF."),
    "text/bom": Rule("warning", "The file begins with a byte order mark."),
    "text/markup": Rule(
        "error",
        "Markup that an answer must not bring: a link, an image, HTML, LaTeX, a heading, a list, bold.",
        "blocks",
    ),
    "text/length": Rule(
        "error", "A sentence, an entry or a list of fields far longer than any that is printed.", "blocks"
    ),
    "filler/chat": Rule("error", "The model talks to its user.", "blocks"),
    "filler/prompt": Rule("error", "A leftover of a prompt or template in an answer.", "blocks"),
    "filler/praise": Rule("warning", "Stock praise in a sentence that says nothing specific.", "records"),
    "language/hangul": Rule(
        "error", "Less than half of a text is Hangul; names, glosses and links do not count.", "asks"
    ),
    "language/style": Rule("warning", "A sentence that is not in formal style (합니다체).", "asks"),
    "language/script": Rule(
        "warning", "Han, Kana or another script that does not belong, or a jamo that makes no syllable.", "asks"
    ),
    "language/repetition": Rule(
        "error", "The same words several times in a row, or a sentence twice in one entry.", "blocks"
    ),
    "language/copied": Rule("error", "A sentence left in English.", "blocks"),
    "language/brackets": Rule("error", "A bracket or quotation mark without its other half.", "blocks"),
    "numbers/magnitude": Rule(
        "critical", "A figure of the paper with another magnitude, kind or unit: 34억 for 34B.", "blocks"
    ),
    "numbers/swapped": Rule("error", "Two figures stand in each other's places.", "asks"),
    "numbers/unknown": Rule("error", "A figure that the paper does not have.", "blocks"),
    "numbers/elsewhere": Rule(
        "warning", "A figure of the paper that stands in other sentences than those cited.", "records"
    ),
    "terms/unknown": Rule("error", "A Latin-script name that the paper does not have.", "blocks"),
    "terms/elsewhere": Rule(
        "warning", "A name of the paper that stands in other sentences than those cited.", "records"
    ),
    "terms/swapped": Rule("error", "A name of the paper where the cited sentences have another one.", "asks"),
    "terms/expansion": Rule("critical", "An acronym spelled out as the paper does not, nor the field.", "blocks"),
    "terms/misleading": Rule("error", "A term rendered in Korean words that say something else.", "asks"),
    "citations/missing": Rule(
        "error", "A sentence that cites nothing, where only what the title says needs no citation.", "asks"
    ),
    "citations/unknown": Rule("error", "A citation of a sentence that the source does not have.", "blocks"),
    "citations/unrelated": Rule(
        "error", "A citation of sentences that have little or nothing to do with what is said.", "asks"
    ),
    "reader/contradicted": Rule("critical", "A second reader finds that the paper says something else.", "blocks"),
    "reader/not-found": Rule("error", "A second reader does not find it in the paper.", "blocks"),
    "reader/term": Rule("error", "A second reader finds a term in Korean words that mean something else.", "blocks"),
    "reader/unclear": Rule("error", "A second reader cannot understand the Korean.", "blocks"),
    "reader/unreliable": Rule(
        "warning", "The second reader's answer did not count: it let a planted error pass.", "records"
    ),
    "reader/untested": Rule("warning", "No sentence could be falsified to test the second reader with.", "records"),
    "identity/other-paper": Rule("warning", "The entry speaks of other things than its paper.", "records"),
    "identity/title": Rule("error", "Nothing of the paper's title is in its entry.", "asks"),
}


def finding(
    rule: str,
    message: str,
    *,
    line: int = 1,
    column: int = 1,
    text: str = "",
    paper_id: str | None = None,
    sentence: int | None = None,
) -> Finding:
    """A finding of a rule in the table, with the table's severity; KeyError for a rule that is not there."""
    return Finding(
        rule=rule,
        severity=RULES[rule].severity,
        message=message,
        line=line,
        column=column,
        text=text,
        paper_id=paper_id,
        sentence=sentence,
    )
