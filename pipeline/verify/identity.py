"""Tells whether an entry is about its paper, by a specific term of the title and the share of it that the paper has.

Finds an entry that says nothing of its paper, or that is of another one; not one that says something wrong of it.
"""

import re

from pipeline.lang import en
from pipeline.lang.ko import lexicon
from pipeline.lang.ko.transliteration import spelled
from pipeline.verify import terms
from pipeline.verify.paper import PaperText

# Words that say nothing about which paper this is: the English of every title and the field's most general nouns.
_GENERAL = frozenset(
    """
    a about all along an and any are as at be better beyond by can do does everything for from good has have how i if in
    into is it its just large language learn learning less make making matter matters method methods model models more
    need new no not nothing of on one only or our out over small some the their there this through to toward towards
    training under up use using via we what when where which while who why will with without work you your
    approach data deep effective efficient fast framework general high low multi performance scale scaling simple system
    task towards
    """.split()
)
# A form of one syllable, that must not be the beginning of another word: 손 is no part of 손실.
_ALONE = "(?<![가-힣]){}(?:[은는이가을를의에로와과도만]|으로|에서)?(?![가-힣])"
_STEMS = frozenset(map(en.stem, _GENERAL))

_IN_PAPER, _IN_TITLE = 0.7, 0.3  # what it counts that the paper has the entry's terms, and the entry the title's
_ABOUT = 0.39  # between the true pairs and the shuffled ones as measured
_FIRST = 20  # sentences that an abstract has at most
_TITLE_ALONE = 0.15  # the same where nothing but the title is known


def is_about(text: str, paper: PaperText) -> bool:
    """Return whether an entry's text is about a paper: its figures, names and terms are the paper's."""
    of_title = _title_share(text, paper)
    if not paper.sentences:
        return of_title >= _TITLE_ALONE
    # The more sentences, the more is covered: where the first ones are enough, the others need not be read.
    for sentences in (paper.sentences[:_FIRST], paper.sentences):
        marks = {mark for sentence in (paper.title, *sentences) for mark in paper.marks_of_english(sentence)}
        if _IN_PAPER * paper.covered(text, marks) + _IN_TITLE * of_title >= _ABOUT:
            return True
    return False


def _title_weights(paper: PaperText) -> dict[str, float]:
    concepts = paper.termbase.concepts
    return {mention.concept: concepts.weight({mention.concept}) for mention in concepts.of_english(paper.title)}


def _title_share(text: str, paper: PaperText) -> float:
    weights = _title_weights(paper)
    said = paper.concepts_of_korean(text)
    total = sum(weights.values())
    return sum(weight for concept, weight in weights.items() if concept in said) / total if total else 1.0


def shares_title(text: str, paper: PaperText) -> bool:
    """Return whether a text has a term of the title: a specific word, an acronym of its words, a Korean form.

    A Korean form is one of the tables, or spells the word as it sounds. True as well for a title that has no such term,
    of which nothing can be asked.
    """
    words = [word.lower() for word in re.findall(r"[^\W_]+", terms.plain(paper.title))]
    specific = [word for word in words if word not in _GENERAL and (len(word) > 2 or not word.isalpha())]
    if not specific or _in_latin(text, paper.title, specific):
        return True
    if _in_korean(text, words, paper) or any(spelled(specific, text)):
        return True
    stems = set(map(en.stem, specific))  # of a title without terms, such as "Speed Is Confidence", half is enough
    return 2 * len(stems & paper.concepts_of_korean(text)) >= len(stems)


def _in_latin(text: str, title: str, specific: list[str]) -> bool:
    written = terms.read(text)
    if any(word in written.words or en.stem(word) in written.stems for word in specific):
        return True
    initials = terms.read(title).initials
    return any(terms.abbreviates(name, initials) for name in terms.names(text))


def _in_korean(text: str, words: list[str], paper: PaperText) -> bool:
    weights = _title_weights(paper)
    of_field = {concept for concept in weights if weights[concept] > 1 and not _STEMS.issuperset(concept.split())}
    if not of_field.isdisjoint(paper.concepts_of_korean(text)):
        return True
    squeezed = re.sub(r"[\s\-]", "", text)
    field = lexicon.entries("field")
    forms = {form for phrase in _phrases(words) for form in field.get(phrase, ())}
    return any(form in squeezed if len(form) > 1 else re.search(_ALONE.format(form), text) for form in forms)


def _phrases(words: list[str]) -> set[str]:
    """Return every run of one to three words, the last one in the singular."""
    runs = (words[start:end] for start in range(len(words)) for end in range(start + 1, min(start + 3, len(words)) + 1))
    return {" ".join([*run[:-1], run[-1].removesuffix("s")]) for run in runs} | set(words)
