"""Checks a Korean summary against the paper that it was made from. Pure functions, no I/O.

`gate` asks each room: `trace` of each sentence, `language` and `identity` of the whole. What to do about a finding is
decided by its caller.
"""

from collections.abc import Iterator

from pipeline.core.models import HEADLINE, Claim, Finding, LayoutName, Paper, Section, SourceText
from pipeline.core.rules import finding
from pipeline.core.text import HANGUL, media_problem, sentences
from pipeline.lang.ko import filler, style
from pipeline.lang.termbase import Termbase
from pipeline.layouts import LAY, LAYOUTS, TOPICS
from pipeline.verify import identity, markup, trace
from pipeline.verify.paper import PaperText

# Far above what 1,055 printed entries have: 14 sentences of 311 characters, 3 fields of 7. What is longer is not read.
_MOST_SENTENCES, _LONGEST_SENTENCE, _MOST_FIELDS, _LONGEST_FIELD = 30, 400, 6, 40
_LONGEST_HEADLINE = 40

# Everyday words for the paper's terms, and a line that sums it up: that they share no term with what they cite says
# nothing; the second reader reads. Everyday words are not the field's renderings either.
_UNASKED = dict.fromkeys(LAY, ("citations/unrelated", "terms/misleading")) | {HEADLINE: ("citations/unrelated",)}


def gate(
    sections: tuple[Section, ...],
    claims: tuple[Claim, ...],
    layout: LayoutName,
    paper: Paper,
    source: SourceText,
    termbase: Termbase | None = None,
) -> tuple[Finding, ...]:
    """Return what speaks against printing an entry: of its claims in order, then of its sections and the whole.

    `claims` are the sentences of `sections`, but for lists such as 관련분야, and the headline if there is one; each is
    traced to the sentences of the source that it cites. Every message names the sentence and what to check in it, so
    that a model can repair it; `sentence` is the claim's number from 1.
    """
    body = [claim for claim in claims if claim.section != HEADLINE]
    if len(body) > _MOST_SENTENCES:
        said = f"The answer has {len(body)} sentences; write {_MOST_SENTENCES} at most."
        return (finding("text/length", said, paper_id=paper.id),)
    bold = LAYOUTS[layout].bold
    whole = PaperText(paper.title, (sentence.text for sentence in source.sentences), termbase)
    found = [
        one.model_copy(update={"sentence": number})
        for number, claim in enumerate(claims, start=1)
        for one in (_in_claim(claim, whole, bold) if claim.section != HEADLINE else _in_headline(claim, whole))
    ]
    for section in sections:
        found += _in_list(section.text) if section.name in TOPICS else _in_section(section.text, body)
    found += _in_entry("\n".join(section.text for section in sections), body, whole)
    if not identity.is_about(" ".join(claim.text for claim in body), whole):
        said = f"Check whether the entry is about “{paper.title}”: most of it is not in this paper."
        found.append(finding("identity/other-paper", said))
    if paper.thumbnail and (problem := media_problem(paper.thumbnail)):
        found.append(
            finding("field/media", f"The thumbnail {problem}; print the paper's social one.", text=paper.thumbnail)
        )
    return tuple(one.model_copy(update={"paper_id": paper.id}) for one in found)


def claims_of(sections: tuple[Section, ...]) -> tuple[Claim, ...]:
    """Return the sentences of printed sections, which cite nothing."""
    prose = (section for section in sections if section.name not in TOPICS)
    return tuple(Claim(section=one.name, text=text, cites=()) for one in prose for text in sentences(one.text))


def _in_claim(claim: Claim, whole: PaperText, bold: bool = False) -> Iterator[Finding]:
    """Yield what is wrong with a claim and its citations; one without any is looked up in the whole text."""
    if len(claim.text) > _LONGEST_SENTENCE:
        said = f"{len(claim.text)} characters in one sentence; {_LONGEST_SENTENCE} are the most: {claim.text[:40]}…"
        yield finding("text/length", said, text=claim.text[:40])
        return
    if not HANGUL.search(claim.text) and any(map(str.isalpha, claim.text)):
        yield finding("language/copied", f"Write this in Korean: {claim.text}", text=claim.text[:40])
        return
    yield from trace.unknown_citations(claim.cites, whole)
    known = [number - 1 for number in claim.cites if 0 < number <= len(whole.sentences)]
    beside = {place + step for place in known for step in (-1, 1)} - set(known)
    cited = [whole.sentences[place] for place in known]
    neighbours = [whole.sentences[place] for place in sorted(beside) if 0 <= place < len(whole.sentences)]
    for sentence in sentences(claim.text):  # the title is every sentence's neighbour: what it says needs no number
        for found in trace.sentence(sentence, cited, [*neighbours, whole.title], whole, bold):
            if found.rule not in _UNASKED.get(claim.section, ()):
                yield found


def _in_headline(claim: Claim, whole: PaperText) -> Iterator[Finding]:
    """Yield what is wrong with a headline; it is held to what sentences are but for their style, in any layout."""
    if len(claim.text) > _LONGEST_HEADLINE:
        said = f"The headline has {len(claim.text)} characters; {_LONGEST_HEADLINE} are the most: {claim.text[:80]}…"
        yield finding("field/headline", said, text=claim.text[:80])
    if style.too_little_prose(claim.text):
        yield finding("language/hangul", "Write the headline in Korean.", text=claim.text[:80])
    yield from (one for one in _in_claim(claim, whole) if one.rule != "language/style")


def _in_section(section: str, body: list[Claim]) -> Iterator[Finding]:
    """Yield a finding where a section is not Korean, by its number where it is a sentence, such as a bullet."""
    if style.too_little_prose(section):
        said = f"Check whether more of this can be Korean, less than half of it is Hangul: {section[:80]}"
        alone = next((number for number, claim in enumerate(body, start=1) if claim.text == section), None)
        yield finding("language/hangul", said, text=section[:80], sentence=alone)


def _in_list(section: str) -> Iterator[Finding]:
    for problem in (*style.stray(section), *markup.problems(section), *filler.problems(section)):
        yield finding(problem.rule, problem.message, text=problem.text)
    fields = section.split(",")
    if len(fields) > _MOST_FIELDS or max(map(len, fields)) > _LONGEST_FIELD:
        said = f"Name {_MOST_FIELDS} research fields at most, each in a few words."
        yield finding("text/length", said, text=section[:40])


def _in_entry(text: str, body: list[Claim], paper: PaperText) -> Iterator[Finding]:
    for sentence in style.repeated_sentences(text):
        last = max((number for number, claim in enumerate(body, start=1) if sentence in claim.text), default=None)
        said = f"Check whether this must be said more than once: {sentence}"
        yield finding("language/repetition", said, text=sentence, sentence=last)
    if not identity.shares_title(text, paper):
        said = f"Check whether the entry says what the paper “{paper.title}” is about: no term of its title is in it."
        yield finding("identity/title", said)
