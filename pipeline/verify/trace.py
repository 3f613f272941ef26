"""Traces one Korean sentence to the sentences that it cites: asks every module of the room and words the findings.

Messages are suspicions that name what to check: a writer is to keep what is true, and repair what is not.
"""

from collections.abc import Iterator, Sequence

from pipeline.core.models import Finding
from pipeline.core.rules import finding
from pipeline.lang.ko import filler, style
from pipeline.lang.quantities import Quantity, quantities
from pipeline.verify import citations, markup, numbers, swaps, terms
from pipeline.verify.numbers import FigureIndex
from pipeline.verify.paper import PaperText


def sentence(
    korean: str, cited: Sequence[str], neighbours: Sequence[str], whole: PaperText, bold: bool = False
) -> list[Finding]:
    """Return what speaks against printing one Korean sentence; empty where nothing does.

    `cited` are the source sentences that it rests on, `neighbours` those beside them; both may be empty, then figures
    and names are looked up in the whole text and nothing is asked of the citations.
    """
    found = list(_form(korean, bold, whole))
    if english := style.copied(korean, whole.text):
        said = f"Check whether this can be said in Korean: {english}"
        return [*found, finding("language/copied", said, text=english)]
    found += [*_figures(korean, cited, neighbours, whole), *_names(korean, cited, whole)]
    for term, rendering in whole.termbase.misleading(korean, " ".join(cited) or whole.text):
        said = f"Check whether “{rendering}” says what “{term.english}” means here; readers know {term.korean[0]}."
        found.append(_of("terms/misleading", said, korean, rendering))
    if cited and citations.unrelated(korean, cited, neighbours, whole):
        found.append(_of("citations/unrelated", "Check whether the cited sentences say this.", korean, ""))
    return found


def unknown_citations(cited: Sequence[int], whole: PaperText) -> list[Finding]:
    """Return a finding for each cited number that the source does not have."""
    count = len(whole.sentences)
    return [
        finding("citations/unknown", f"There is no sentence [{number}]; cite 1 to {count}.", text=f"[{number}]")
        for number in dict.fromkeys(cited)
        if not 0 < number <= count
    ]


def _of(rule: str, said: str, korean: str, words: str) -> Finding:
    return finding(rule, f"{said} In the sentence: {korean}", text=words)


def _form(korean: str, bold: bool, whole: PaperText) -> Iterator[Finding]:
    for problem in (*style.problems(korean), *markup.problems(korean, bold), *filler.problems(korean)):
        yield _of(problem.rule, problem.message, korean, problem.text)
    if words := filler.praise(korean, whole.termbase.concepts):
        yield _of("filler/praise", "Check whether this says anything of the paper: it is stock praise.", korean, words)


def _figures(korean: str, cited: Sequence[str], neighbours: Sequence[str], whole: PaperText) -> Iterator[Finding]:
    wanted = numbers.wanted(korean)
    if not wanted:
        return
    near = FigureIndex(figure for text in (*cited, *neighbours, whole.title) for figure in quantities(text))
    listing = " ".join((*cited, *neighbours)) or whole.text
    for want in wanted:
        if not near.support(want) and not numbers.may_count(want, listing):
            rule, said = _figure_fault(want, near, whole)
            if cited or rule != "numbers/elsewhere":
                yield _of(rule, said, korean, want.text)
    if not cited:
        return
    english = "\n".join(cited)
    if pair := swaps.swapped(korean, english, whole.termbase.concepts):
        one, other = pair
        said = f"Check whether “{one.text}” and “{other.text}” each stand with what they are in the cited sentences."
        yield _of("numbers/swapped", said, korean, one.text)
    elif pair := swaps.repeated(korean, english):
        one, other = pair
        said = f"Check whether “{one.text}” is right each time: the cited sentences also have “{other.text}”."
        yield _of("numbers/swapped", said, korean, one.text)


def _figure_fault(want: Quantity, near: FigureIndex, whole: PaperText) -> tuple[str, str]:
    """Return the rule that an unproved figure breaks, the gravest first, and what to say of it."""
    meant = near.meant(want)
    elsewhere = whole.figures.support(want)
    if elsewhere and not (meant and numbers.significant(want.value) > 1):
        return "numbers/elsewhere", f"Check whether the right sentence is cited for “{want.text}”."
    if meant := meant or whole.figures.meant(want):
        return "numbers/magnitude", f"Check the magnitude and unit of “{want.text}”: the paper has “{meant.text}”."
    return "numbers/unknown", f"Check whether “{want.text}” is a figure of the paper."


def _names(korean: str, cited: Sequence[str], whole: PaperText) -> Iterator[Finding]:
    english = "\n".join(cited)
    strange = terms.unsupported(korean, f"{whole.title}\n{english}") if cited else terms.names(korean)
    strange = [name for name in strange if not terms.is_formed(name, korean, english)]
    suspects = [name for name in strange if not whole.has_word(name)]
    unknown = terms.not_in(suspects, korean, whole.word_index) if suspects else []
    unknown = [name for name in unknown if not terms.is_formed(name, korean, whole.text)]
    invented = terms.invented_expansions(korean, whole.text, whole.termbase.english) if "(" in korean else []
    spelled = {word for _, phrase in invented for word in terms.names(phrase)}
    for acronym, phrase in invented:
        said = f"Check whether {acronym} stands for “{phrase}”: the paper does not spell it so."
        yield _of("terms/expansion", said, korean, phrase)
    for name in unknown:
        if not spelled.issuperset(terms.names(name.replace("-", " "))):
            said = f"Check whether “{name}” is a name of the paper, and how it is written there."
            yield _of("terms/unknown", said, korean, name)
    if not cited:
        return
    swapped = dict(terms.swapped(korean, english, whole.title, whole.text))
    for name, meant in swapped.items():
        if name not in unknown:
            said = f"Check whether “{name}” is meant: the cited sentences have “{meant}”."
            yield _of("terms/swapped", said, korean, name)
    for name in strange:
        if name not in unknown and name not in swapped:
            said = f"Check whether the right sentence is cited for “{name}”."
            yield _of("terms/elsewhere", said, korean, name)
