"""Can a summary be trusted? Holds Korean text against the paper that it was made from. Pure functions, no I/O.

`gate` asks each room: `numbers`, `terms`, `language`, `identity`. What to do about a finding is decided by its caller.
"""

from collections.abc import Iterator

from pipeline.models import Claim, Finding, LayoutName, Paper, Section, SourceText
from pipeline.rules import finding
from pipeline.text import fold, media_problem, sentences
from pipeline.verify import identity, language, numbers, terms

_LISTS = frozenset({"관련분야"})  # sections of `easy` that list words of the field: no sentences, and not the paper's


def gate(
    sections: tuple[Section, ...],
    claims: tuple[Claim, ...],
    layout: LayoutName,
    paper: Paper,
    source: SourceText,
) -> tuple[Finding, ...]:
    """What speaks against printing one paper's entry: of its claims in their order, then of its sections and the whole.

    `claims` are the sentences of `sections`, but for lists such as 관련분야. Figures and names are looked up in the
    title, the abstract and the sentences of the source. Every message names the sentence and what was expected of it,
    so that a model can repair it; `sentence` is the claim's number from 1.
    """
    text = _paper_text(paper, source)
    found = [
        one.model_copy(update={"sentence": number})
        for number, claim in enumerate(claims, start=1)
        for one in _in_claim(claim.text, text)
    ]
    for section in sections:
        found += _in_list(section.text) if section.name in _LISTS else _in_section(section.text)
    found += _in_entry("\n".join(section.text for section in sections), paper.title)
    found += _in_media(paper.thumbnail)
    return tuple(one.model_copy(update={"paper_id": paper.id}) for one in found)


def claims_of(sections: tuple[Section, ...]) -> tuple[Claim, ...]:
    """The sentences of printed sections, which cite nothing."""
    prose = (section for section in sections if section.name not in _LISTS)
    return tuple(Claim(section=one.name, text=text, cites=()) for one in prose for text in sentences(one.text))


def _paper_text(paper: Paper, source: SourceText) -> str:
    """All that figures and names may come from; the abstract once, although the source mostly begins with it."""
    body, abstract = " ".join(sentence.text for sentence in source.sentences), fold(paper.abstract)
    return "\n".join((paper.title, body) if abstract in body else (paper.title, abstract, body))


def _in_section(section: str) -> Iterator[Finding]:
    if language.too_little_prose(section):
        yield finding("language/hangul", "Less than half of this section's running text is Hangul; write it in Korean.")


def _in_claim(claim: str, source: str) -> Iterator[Finding]:
    for sentence in sentences(claim):
        for problem in language.problems(sentence):
            yield finding(problem.rule, f"{problem.message} In the sentence: {sentence}", text=problem.text)
        if english := language.copied(sentence, source):
            yield finding("language/copied", f"Write this in Korean, in words of your own: {english}", text=english)
        else:
            yield from _unproved(sentence, source)


def _unproved(sentence: str, source: str) -> Iterator[Finding]:
    """The figures and names of a sentence that the paper does not have."""
    for quantity in numbers.unsupported(sentence, source):
        meant = numbers.meant(quantity, source)
        hint = f"the paper has “{meant.text}”" if meant else "leave it out or take the paper's"
        message = f"The paper has no figure “{quantity.text}”; {hint}. In the sentence: {sentence}"
        yield finding("numbers/unknown", message, text=quantity.text)
    for name in terms.unsupported(sentence, source):
        message = f"The paper has no “{name}”; write it in Korean or as the paper does. In the sentence: {sentence}"
        yield finding("terms/unknown", message, text=name)


def _in_list(section: str) -> Iterator[Finding]:
    for problem in language.stray(section):
        yield finding(problem.rule, problem.message, text=problem.text)


def _in_entry(text: str, title: str) -> Iterator[Finding]:
    for sentence in language.repeated_sentences(text):
        yield finding("language/repetition", f"Say this once: {sentence}", text=sentence)
    if not identity.shares_title(text, title):
        yield finding("identity/title", f"No term of the title is in the entry; say what the paper “{title}” is about.")


def _in_media(thumbnail: str | None) -> Iterator[Finding]:
    """A thumbnail that must not be printed; none at all is no fault, the paper has a social one."""
    if thumbnail and (problem := media_problem(thumbnail)):
        yield finding("field/media", f"The thumbnail {problem}; print the paper's social one.", text=thumbnail)
