"""Reads an English sentence of an abstract and gives the Korean wordings that are true to it.

A small transfer grammar over the lexicon: clauses of subject, verb, object and adjuncts, as abstracts have
them. What it cannot read it refuses, so that a sentence is left out rather than guessed. Choosing among the wordings is
the language model's work. Pure.
"""

import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Concatenate, ParamSpec

from pipeline.core.text import fold
from pipeline.lang.en import noun_lemmas, verb_lemmas
from pipeline.lang.ko.conjugation import attach, conjugate, number, passive
from pipeline.lang.ko.lexicon import Kind, entries

Slot = tuple[str, ...]  # what may stand at one place, all of it true
Phrase = tuple[Slot, ...]
Reading = tuple[Phrase, int]  # a phrase, and the place of the token after it

_TOKEN = re.compile(r"https?://\S+|\d{1,3}(?:,\d{3})+(?:\.\d+)?[%+]?|[’']s\b|[A-Za-z0-9][\w&+/%.\-]*[\w%+]|\w|[^\w\s]")
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?[KMB]?")
_AMOUNT = re.compile(r"(\d[\d.,]*(?:[-–]\d[\d.,]*)?)(%|[xX×])")
_UNKNOWN = re.compile(r"[a-z][a-z\-]{2,}")
_ENGLISH = re.compile(r"(?<![A-Za-z\d\-.])[a-z][a-z\-]{2,}(?![A-Za-z\d\-.])")
_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_PERSONS = frozenset("사람 사용자 전문가 학생 교사 튜터 연구자 주석자 환자 참가자".split())
_UNITS = frozenset("시간 일 년 초 분 점 배".split())
_LONGEST = 80  # tokens: what is longer is no sentence, and would exhaust the stack
_PAPER = {"paper": "본 논문", "report": "본 보고서", "work": "본 연구", "study": "본 연구"}
_OWNERS = {"our": "저자들의", "its": "그", "their": "그"}
_HEDGES = {"over": ("", "개 이상"), "more than": ("", "개 이상"), "up to": ("최대 ", "개"), "about": ("약 ", "개")}
_HYPHENATED = {
    **{"-based": "기반", "-level": "수준", "-specific": "특화", "-driven": "주도", "-oriented": "지향"},
    **{"-aware": "인식", "-free": "없는", "-centric": "중심", "-only": "전용"},
}
# Names of things that are written with a capital in English and not in Korean.
_COMMON = frozenset(
    "transformer transformers gaussian gaussians ai llm llms vlm vlms mllm mllms 3d 2d 4d gpu gpus cpu cpus".split()
)
# Verbs that promise more of what they are given, so that a description after the noun belongs to the noun.
_INTRODUCING = frozenset("propose present introduce develop design create build construct release".split())
# enable X to do Y: without the second half such a sentence says something else.
_ENABLING = frozenset("enable allow help facilitate".split())
# Before an infinitive these say that somebody else is to act, which a cut or an adjunct would lose.
_CAUSING = frozenset("teach require encourage challenge train guide ask lead prompt motivate".split())
_FRONT_ADVERBS = frozenset("또한 먼저 이어서 이제".split())
# Where a sentence may be cut: what follows these adds to what was said and takes nothing of it back.
_CUTS = frozenset(
    ", ; : which that where enabling achieving demonstrating allowing making ensuring by through using"
    " designed based centered tailored aimed inspired utilizing leveraging integrating enhanced trained".split()
)
_NEGATIONS = frozenset("not no but without except only unless however fail fails although though".split())

# These belong to the noun before them wherever they stand.
_ALWAYS_ATTRIBUTIVE = frozenset({"of", "for", "between", "among", "based on", "such as", "including", "designed for"})


def transfer(sentence: str, title: str) -> Phrase | None:
    """Return the true wordings of an English sentence, or None where the grammar cannot read it.

    A tail that cannot be read is left out when it only adds, and holds no figure, no name and no negation. The paper's
    title tells names from other words at the beginning of a sentence.
    """
    plain = re.sub(r"\s*\((?:e\.g\.|i\.e\.)[^)]*\)", "", plain_case(fold(sentence)))
    tokens = _TOKEN.findall(re.sub(r" (?:--?|–|—) |(?<=\w): (?=an? )", " , ", plain).rstrip(". "))
    if tokens and tokens[0][1:].islower() and not _begins_with_name(tokens[0], title):
        tokens[0] = tokens[0].lower()
    return None if len(tokens) > _LONGEST else _read(tokens) or _read(_without_lead(tokens))


def _read(tokens: list[str]) -> Phrase | None:
    readings = [reading for reading in _ClauseReader(tokens).sentences() if _may_end(tokens, reading[1])]
    return max(readings, key=lambda reading: reading[1])[0] if readings else None


def _without_lead(tokens: list[str]) -> list[str]:
    """Return "we propose X" of "Building on these ideas, we propose X"; nothing where the lead may not be left out."""
    for place in range(1, len(tokens) - 1):
        if tokens[place : place + 2] == [",", "we"]:
            return [] if _loses(tokens[:place]) else tokens[place + 1 :]
    return []


def plain_case(sentence: str) -> str:
    """Return the sentence with general terms of the field in lower case: "Large Language Models" are no name."""
    run = r"\b[A-Z][a-z\-]+(?: [A-Z][a-z\-]+)+"
    return re.sub(run, lambda match: match[0].lower() if _is_term(match[0]) else match[0], sentence)


def _begins_with_name(word: str, title: str) -> bool:
    common = any(word.lower() in entries(kind) for kind in ("n", "a", "d")) or word.lower() in entries("function")
    return word in _TOKEN.findall(title) and not common


def _is_term(run: str) -> bool:
    *words, last = run.lower().split()
    return any(" ".join([*words, lemma]) in entries("n") for lemma in noun_lemmas(last))


def is_name(token: str) -> bool:
    """Return whether a token inside a sentence is a name: it has a capital letter, or a digit beside letters."""
    named = re.search(r"[A-Z]", token) or (re.search(r"\d", token) and re.search(r"[a-z]", token))
    return bool(named) and not _FIGURE.fullmatch(token) and not _AMOUNT.fullmatch(token)


def _loses(tokens: list[str]) -> bool:
    """Return whether leaving these out loses a figure, a name or a restriction."""
    return any(is_name(token) or token[0].isdigit() or token.lower() in _NEGATIONS for token in tokens)


def _may_end(tokens: list[str], end: int) -> bool:
    rest = tokens[end:]
    infinitive = len(rest) > 1 and rest[0] == "to" and rest[1] in entries("v")
    # "a framework that …" is a framework; "offers benefits that …" says nothing without the clause.
    introduces = any(lemma in _INTRODUCING for token in tokens[:end] for lemma in verb_lemmas(token))
    vague = (rest[:1] == ["that"] and not introduces) or (rest[:1] == ["based"] and rest[1:2] != ["on"])
    return not rest or (not _loses(rest) and not vague and (rest[0] in _CUTS or infinitive))


_Arguments = ParamSpec("_Arguments")
_Rule = Callable[Concatenate["_ClauseReader", _Arguments], Iterator[Reading]]


def _remembered(rule: _Rule[_Arguments]) -> Callable[Concatenate["_ClauseReader", _Arguments], list[Reading]]:
    """Read by a rule only once at a token and keep the twelve longest readings, the longest first."""

    @wraps(rule)
    def read(reader: "_ClauseReader", /, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> list[Reading]:
        key = (rule.__name__, *args, *kwargs.values())
        if key not in reader.memory:
            reader.memory[key] = []  # a rule that meets itself at the same token finds nothing there
            found = dict.fromkeys(rule(reader, *args, **kwargs))
            reader.memory[key] = sorted(found, key=lambda reading: -reading[1])[:12]
        return reader.memory[key]

    return read


class _ClauseReader:
    """A sentence that is read top down: every rule gives its readings from a token on."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.words = tokens, [token.lower() for token in tokens]
        self.memory: dict[tuple[object, ...], list[Reading]] = {}

    def word(self, at: int) -> str:
        return self.words[at] if at < len(self.words) else ""

    def longest(self, kind: Kind, at: int, size: int) -> tuple[Slot, int]:
        """Return the Korean of the longest entry of the lexicon that stands here, up to `size` words, and its end."""
        for length in range(size, 0, -1):
            korean = entries(kind).get(" ".join(self.words[at : at + length]))
            if korean and at + length <= len(self.words):
                return korean, at + length
        return (), at

    # --- sentences and clauses ------------------------------------------------------------------------------------

    def sentences(self) -> Iterator[Reading]:
        for opening, at in self.openings():
            for subject, verb in self.subjects(at):
                for predicate, end in self.predicates(verb, "니다", subject == _WE):
                    yield (*opening, *_then(subject, "은"), *predicate), end

    def openings(self) -> Iterator[Reading]:
        korean, end = self.longest("o", 0, 6)
        if korean:
            comma = self.word(end) == ","
            mark = "," if comma and not korean[0].endswith(("서", "해")) else ""
            yield ((korean[0] + mark,),), end + comma
        for adjunct, end in self.adjuncts(0):
            if self.word(end) == ",":
                yield adjunct, end + 1
        yield (), 0

    def subjects(self, at: int) -> Iterator[Reading]:
        if self.word(at) == "we":
            yield _WE, at + 1
        elif self.word(at) in ("this", "our") and self.word(at + 1) in _PAPER:
            yield ((_PAPER[self.word(at + 1)],),), at + 2
        else:
            for phrase, end in self.noun_phrases(at, deep=True):
                if not any(_ENGLISH.search(slot[0]) for slot in phrase):
                    yield phrase, end

    @_remembered
    def predicates(self, at: int, ending: str, we: bool) -> Iterator[Reading]:
        """Yield finite predicates; `and`, or a comma and an -ing form, join several."""
        yield from self.predicate(at, ending, we)
        for first, end in self.predicate(at, "고", we):
            follow = end + (self.word(end) == ",")
            if self.word(follow) == "and":
                for second, last in self.predicates(follow + 1, ending, we):
                    yield (*first, *second), last
        for first, end in self.predicate(at, "며", we):
            if self.word(end) == "," and self.word(end + 1).endswith("ing") and self.word(end + 1) != "including":
                for second, last in self.verb_phrases(end + 1, ending):
                    yield (*first, *second), last

    def predicate(self, at: int, ending: str, we: bool) -> Iterator[Reading]:
        # After another subject than `we` a form in -ed may be a participle: "models trained on X".
        verb = self.word(next((place for _, _, place in self.adverbs(at)), at))
        if verb.endswith("ing") or (verb.endswith("ed") and not we):
            return
        # A base form after a singular is the end of its noun: "the data curation process involved …".
        if not we and verb.removesuffix("s") in _NOUN_LIKE and not is_name(self.tokens[at - 1]):
            return
        if verb in entries("v") and not any(word.endswith("s") or word in ("we", "and") for word in self.words[:at]):
            return
        if self.word(at) in ("can", "could"):
            for phrase, end in self.verb_phrases(at + 1, "ㄹ"):
                yield _then(phrase, " " + conjugate("수 있", ending)), end
        elif self.words[at : at + 2] in (["aim", "to"], ["aims", "to"]):
            for phrase, end in self.verb_phrases(at + 2, "는"):
                yield _then(phrase, " " + conjugate("것을 목표로 하", ending)), end
        elif self.word(at) in _BE:
            yield from self.being(at + 1, ending)
        elif self.word(at) in ("has", "have") and self.is_participle(at + 1):
            yield from self.verb_phrases(at + 1, ending)
        else:
            yield from self.verb_phrases(at, ending)

    def is_participle(self, at: int) -> bool:
        place = next((place for _, _, place in self.adverbs(at)), at)
        return bool(self.verb(place)[1]) and self.verb(place)[0] != self.word(place)

    def being(self, at: int, ending: str) -> Iterator[Reading]:
        """Yield predicates such as "is trained on X"."""
        for front, near, place in self.adverbs(at):
            _, stems, _, after = self.verb(place)
            done = [stem for stem in map(passive, stems) if stem]
            if done and self.word(place).endswith("ed"):
                for adjuncts, last in self.adjunct_rows(after):
                    yield (*front, *adjuncts, *near, (conjugate(done[0], ending),)), last

    def adverbs(self, at: int) -> Iterator[tuple[Phrase, Phrase, int]]:
        """Yield the adverbs before a verb: those that go before the predicate in Korean, and those beside the verb."""
        korean = entries("d").get(self.word(at))
        if not korean:
            yield (), (), at
            return
        for front, near, end in self.adverbs(at + 1):
            yield ((korean, *front), near, end) if korean[0] in _FRONT_ADVERBS else (front, (korean, *near), end)

    def verb(self, at: int) -> tuple[str, Slot, str, int]:
        """Return lemma, Korean stems, the particle of the object and the place after the verb of up to four words."""
        for lemma in verb_lemmas(self.word(at)):
            for size in (4, 3, 2, 1):
                korean = entries("v").get(" ".join([lemma, *self.words[at + 1 : at + size]]))
                if korean and at + size <= len(self.words):
                    particle, _, stem = korean[0].partition(" ")
                    if particle in ("에", "에서", "의", "으로"):
                        return lemma, (stem,), particle, at + size
                    return lemma, korean, "을", at + size
        return "", (), "", at

    @_remembered
    def verb_phrases(self, at: int, ending: str) -> Iterator[Reading]:
        for front, near, place in self.adverbs(at):
            lemma, stems, particle, after = self.verb(place)
            verb = tuple(conjugate(stem, ending) for stem in stems)
            if stems and self.word(after) == "that":
                for clause, end in self.that_clauses(after + 1):
                    yield (*front, *clause, *near, verb), end
            elif lemma in _ENABLING:
                for clause, end in self.enabled(after, ending):
                    yield (*front, *clause), end
            elif stems:
                for objects, place in self.objects(after, lemma):
                    for goal, end in self.amounts(place):
                        for adjuncts, last in self.adjunct_rows(end):
                            yield (*front, *adjuncts, *_then(objects, particle), *goal, *near, verb), last

    def amounts(self, at: int) -> Iterator[Reading]:
        """Yield "by 24%" or "by up to 18x", which Korean puts between object and verb; or nothing."""
        upto = self.words[at + 1 : at + 3] == ["up", "to"]
        place = at + 1 + 2 * upto
        match = _AMOUNT.fullmatch(self.word(place))
        if match and self.word(at) == "by":
            yield ((f"{'최대 ' * upto}{match[1]}{'%' if match[2] == '%' else '배'}",),), place + 1
        yield (), at

    def objects(self, at: int, lemma: str) -> Iterator[Reading]:
        if self.is_gerund(at):
            for phrase, end in self.verb_phrases(at, "는"):
                yield (*phrase, ("것",)), end
        for phrase, end in self.noun_phrases(at, deep=lemma in _INTRODUCING):
            if not (lemma in _CAUSING and self.word(end) == "to"):
                yield phrase, end

    def that_clauses(self, at: int) -> Iterator[Reading]:
        for subject, verb in self.subjects(at):
            for clause, end in self.predicates(verb, "ㅁ", subject == _WE):
                yield (*_then(subject, "이"), *_then(clause, "을")), end

    def enabled(self, at: int, ending: str) -> Iterator[Reading]:
        """Yield the rest of "enable X to do Y" → X가 Y할 수 있게 하, and of "enable Y" → Y를 가능하게 하."""
        for noun, place in self.noun_phrases(at, deep=False):
            if self.word(place) == "to":
                for phrase, end in self.verb_phrases(place + 1, "ㄹ"):
                    yield (*_then(noun, "이"), *_then(phrase, " 수 있게 " + conjugate("하", ending))), end
            else:
                yield (*_then(noun, "을"), ("가능하게 " + conjugate("하", ending),)), place

    # --- adjuncts of a verb ---------------------------------------------------------------------------------------

    @_remembered
    def adjunct_rows(self, at: int) -> Iterator[Reading]:
        yield (), at
        for first, end in self.adjuncts(at):
            for rest, last in self.adjunct_rows(end):
                yield (*rest, *first), last

    @_remembered
    def adjuncts(self, at: int) -> Iterator[Reading]:
        word = self.word(at)
        if word == "to":
            for phrase, end in self.verb_phrases(at + 1, "기"):
                yield _then(phrase, " 위해"), end
        elif word in _GERUNDS and self.is_gerund(at + 1):
            ending, after = _GERUNDS[word]
            for phrase, end in self.verb_phrases(at + 1, ending):
                yield _then(phrase, after), end
            return
        particles, place = self.longest("adverbial", at, 3)
        if particles:
            for phrase, end in self.noun_phrases(place, deep=False):
                if word != "from" or _AND not in phrase:  # "the X from the Y and Z": Z may stand beside X
                    yield _then(phrase, *particles), end

    def is_gerund(self, at: int) -> bool:
        """Return whether an -ing form takes an object here; before a preposition or in a known noun it is a noun."""
        place = at + (self.word(at) in entries("d"))
        if not (self.word(place).endswith("ing") and self.verb(place)[1]):
            return False
        # "training stability" is a noun, "training a model" and "training large models" are not
        after = self.word(place + 1) in _DETERMINERS or bool(self.longest("a", place + 1, 4)[0])
        return after or not self.dictionary_noun(place)[0]

    # --- noun phrases ---------------------------------------------------------------------------------------------

    @_remembered
    def noun_phrases(self, at: int, deep: bool) -> Iterator[Reading]:
        """Yield nouns with descriptions, joined by commas and `and`; `deep` lets any description belong to one."""
        start = at + (self.word(at) == "both")
        for row, end in self.rows(start):
            yield from self.described(row, end, deep)
        for first, end in self.apposed(start, deep):
            for phrase, place in self.described(first, end, deep):
                yield phrase, place
                listed = any(word in ("including", "such", "that", "which") for word in self.words[end:place])
                if self.word(place) == "and" and place > end and not listed:
                    for last, stop in self.noun_phrases(place + 1, deep):
                        yield (*phrase, _AND, *last), stop

    @_remembered
    def rows(self, at: int) -> Iterator[Reading]:
        """Yield "A, B and C", before anything is said of them together."""
        for first, end in self.nouns(at):
            comma = self.word(end) == ","
            if self.word(end + comma) in ("and", "or"):
                joint = "및" if self.word(end + comma) == "and" else "또는"
                # "vectors of X and the code of Y": the second noun goes with one that has an article too.
                if self.word(end + comma + 1) in _DETERMINERS and self.word(at) not in _DETERMINERS:
                    continue
                for last, stop in self.nouns(end + comma + 1):
                    yield (*first, (joint,), *last), stop
            if comma:
                for rest, stop in self.rows(end + 1):
                    yield (*_then(first, ","), *rest), stop

    def apposed(self, at: int, deep: bool) -> Iterator[Reading]:
        """Yield "NAME, a framework for Y,", "a framework, NAME," and "a framework called NAME"; or the noun alone."""
        for noun, end in self.nouns(at):
            yield noun, end
            comma = self.word(end) == ","
            if _is_name(noun) and comma and self.word(end + 1) in ("a", "an", "the", "our"):
                for kind, stop in self.noun_phrases(end + 1, deep=True):
                    yield (*_then(kind, "인"), *noun), stop + (self.word(stop) == ",")
            called = self.word(end) in ("called", "named", "dubbed", "termed")
            if not _is_name(noun) and (deep or called):
                for name, stop in self.names(end + (comma or called)):
                    if not comma or self.word(stop) in (",", ""):
                        yield (*_then(noun, "인"), *name), stop + comma

    def described(self, noun: Phrase, at: int, deep: bool) -> Iterator[Reading]:
        yield noun, at
        if is_name(noun[-1][0]) and self.word(at) not in ("that", "which", ","):
            return
        for description, end in self.descriptions(at, deep, noun[-1][0]):
            if self.word(at) in ("that", "which", ","):  # what follows a clause may belong to a word inside it
                yield (*description, *noun), end
            else:
                yield from self.described((*description, *noun), end, deep)

    @_remembered
    def descriptions(self, at: int, deep: bool, head: str) -> Iterator[Reading]:
        """Yield what is said of a noun after it in English, and before it in Korean."""
        word = self.word(at)
        comma = word == "," and self.word(at + 1) in ("which", "including", "such", "designed")
        at += comma
        word = self.word(at)
        if word in ("that", "which") and (deep or not comma):
            yield from self.relative(at + 1)
        if word in ("for", "of") and self.is_gerund(at + 1):
            for clause, end in self.verb_phrases(at + 1, "기" if word == "for" else "는"):
                yield (_then(clause, " 위한") if word == "for" else clause), end
            return
        if self.words[at : at + 2] in (["designed", "to"], ["developed", "to"]):
            for clause, end in self.verb_phrases(at + 2, "도록"):
                yield (*clause, ("설계된",)), end
        if self.words[at : at + 2] == ["capable", "of"]:
            for clause, end in self.verb_phrases(at + 2, "ㄹ"):
                yield _then(clause, " 수 있는"), end
        if word == "of" and head in _ABOUT:
            for phrase, end in self.noun_phrases(at + 1, deep):
                yield _then(phrase, "에 대한"), end
            return
        particles, place = self.longest("attributive", at, 3)
        key = " ".join(self.words[at:place])
        if key in ("including", "such as") and not self.word(at - 1 - comma).endswith("s"):
            return  # only plurals have examples, and only names are surely examples of the nearest noun
        if particles and (deep or key in _ALWAYS_ATTRIBUTIVE):
            for phrase, end in self.noun_phrases(place, deep):
                if key in ("including", "such as") and not any(is_name(slot[0]) for slot in phrase):
                    continue
                yield _then(phrase, *(_USING if word == "with" and is_name(phrase[-1][0]) else particles)), end

    def relative(self, at: int) -> Iterator[Reading]:
        if self.word(at) in ("can", "could"):
            for clause, end in self.verb_phrases(at + 1, "ㄹ"):
                yield _then(clause, " 수 있는"), end
        elif not self.word(at).endswith("ing"):
            yield from self.verb_phrases(at, "는")

    # --- one noun -------------------------------------------------------------------------------------------------

    @_remembered
    def nouns(self, at: int) -> Iterator[Reading]:
        """Yield determiner or owner, count, adjectives and the noun or name itself."""
        word = self.word(at)
        if word in _OWNERS:
            for phrase, end in self.nouns(at + 1):
                yield ((_OWNERS[word],), *phrase), end
            return
        if self.words[at : at + 3] == ["a", "number", "of"]:
            for phrase, end in self.modified(at + 3):
                yield (("여러",), *phrase), end
            return
        at += word in ("a", "an", "the")
        for figure, counter, end in self.counts(at):
            for phrase, stop in self.modified(end):
                if figure.endswith("B"):  # 7B models: their size, not their number
                    yield ((figure,), *phrase), stop
                    continue
                if len(phrase) == 1 and phrase[0][0] in _UNITS:
                    yield ((f"{figure}{phrase[0][0]}{counter.removeprefix('개')}",),), stop
                    continue
                counted = counter.replace("개", "명") if phrase[-1][0] in _PERSONS else counter
                yield ((f"{figure}{counted}의",), *phrase), stop
        yield from self.modified(at)

    def counts(self, at: int) -> Iterator[tuple[str, str, int]]:
        size = next((size for size in (2, 1) if " ".join(self.words[at : at + size]) in _HEDGES), 0)
        before, counter = _HEDGES[" ".join(self.words[at : at + size])] if size else ("", "개")
        token = self.tokens[at + size] if at + size < len(self.tokens) else ""
        if _FIGURE.fullmatch(token):
            scale = _SCALES.get(self.word(at + size + 1)) if token[-1].isdigit() else None
            figure = number(float(token.replace(",", "")) * 10**scale) if scale else token
            yield before + figure, counter, at + size + 1 + bool(scale)

    @_remembered
    def modified(self, at: int) -> Iterator[Reading]:
        yield from self.compounds(at)
        for adjective, end in self.adjectives(at):
            for phrase, stop in self.modified(end):
                yield (adjective, *phrase), stop
        if self.is_unknown(at) and not self.is_plural(at):
            for phrase, stop in self.modified(at + 1):
                yield ((self.tokens[at],), *phrase), stop

    @_remembered
    def compounds(self, at: int) -> Iterator[Reading]:
        """Yield nouns and names in a row; the last is the head."""
        parts: list[Reading] = list(self.names(at))
        korean, end = self.dictionary_noun(at)
        if korean:
            parts.append(((korean,), end))
        elif self.is_unknown(at):
            parts.append((((self.tokens[at],),), at + 1))
        for part, place in parts:
            yield part, place
            owner = self.word(place) in ("'s", "’s", "'", "’")
            for phrase, stop in self.modified(place + 1) if owner else self.compounds(place):
                if owner or not (self.ends_the_noun(place) or (self.is_unknown(at) and self.is_plural(at))):
                    yield (*(_then(part, "의") if owner else part), *phrase), stop

    def is_plural(self, at: int) -> bool:
        return bool(re.search(r"[^sui]s$", self.word(at)))

    def ends_the_noun(self, at: int) -> bool:
        """Return whether an unknown word after a noun is more likely the clause's verb, or an adjective."""
        return self.is_unknown(at) and self.word(at).endswith(_VERB_OR_ADJECTIVE)

    def is_unknown(self, at: int) -> bool:
        """Return whether the lexicon lacks a word that may be a noun or an adjective: it is kept in English."""
        word = self.tokens[at] if at < len(self.tokens) else ""
        if (
            not _UNKNOWN.fullmatch(word)
            or word in entries("function")
            or word.endswith(("ed", "ly", "ing", "est", "er"))
        ):
            return False
        known = any(word in entries(kind) for kind in ("a", "d"))
        return not known and not self.verb(at)[1] and not self.dictionary_noun(at)[0]

    def names(self, at: int) -> Iterator[Reading]:
        start = end = at + (self.word(at) in ("the", "our"))
        while end < len(self.tokens) and is_name(self.tokens[end]):
            if self.dictionary_noun(end)[0] and not (end > start and self.tokens[end].istitle()):
                break  # a general term, unless it stands inside a name: Neural Parametric Gaussian Avatars
            end += 1
        if end == start:
            return
        end += bool(re.fullmatch(r"\d[\d.]*", self.word(end)))
        name = _singular(" ".join(self.tokens[start:end]))
        if self.word(end) == "(" and self.word(end + 2) == ")":
            name, end = f"{name}({self.tokens[end + 1]})", end + 3
        yield ((name,),), end

    def dictionary_noun(self, at: int) -> tuple[Slot, int]:
        """Return the longest noun of the lexicon here, with its acronym if one follows in brackets, and its end."""
        for size in (4, 3, 2, 1):
            words, tokens = self.words[at : at + size], self.tokens[at : at + size]
            if len(words) < size or any(is_name(token) and token.lower() not in _COMMON for token in tokens):
                continue
            korean = next(
                filter(None, map(entries("n").get, (" ".join([*words[:-1], form]) for form in noun_lemmas(words[-1])))),
                (),
            )
            if korean:
                end = at + size
                if self.word(end) == "(" and self.word(end + 2) == ")" and is_name(self.tokens[end + 1]):
                    return tuple(f"{word}({_singular(self.tokens[end + 1])})" for word in korean), end + 3
                return korean, end
        return (), at

    def adjectives(self, at: int) -> Iterator[tuple[Slot, int]]:
        """Yield adjectives and participles, several joined by commas and `and`."""
        word = self.word(at)
        adverb = entries("d").get(word)
        if adverb and adverb[0] not in _FRONT_ADVERBS:
            for adjective, end in self.adjectives(at + 1):
                yield tuple(f"{adverb[0]} {text}" for text in adjective), end
            return
        korean, end = self.longest("a", at, 4)
        if korean:
            follow = end + (self.word(end) == ",")
            follow += self.word(follow) in ("and", "yet", "but")
            follow += follow > end and self.word(follow) == "yet"
            for more, stop in self.adjectives(follow) if follow > end else ():
                yield tuple(f"{_joined(korean[0], self.word(end) == 'and')} {text}" for text in more), stop
            yield korean, end
        elif hyphenated := next((suffix for suffix in _HYPHENATED if word.endswith(suffix)), ""):
            stem = word.removesuffix(hyphenated)
            head = entries("n").get(stem, (self.tokens[at][: len(stem)],))[0]
            yield (f"{head} {_HYPHENATED[hyphenated]}",), at + 1
        elif word.endswith("ed") and self.verb(at)[3] == at + 1:
            stems = [stem for stem in map(passive, self.verb(at)[1]) if stem]
            if stems:
                yield (conjugate(stems[0], "ㄴ"),), at + 1


_WE: Phrase = (("저자들",),)
# "of" after these says what they are about.
_ABOUT = frozenset("이해 분석 평가 지식 조사 연구 보고서 개요 예측 인식 검토".split())
# Verbs that after another noun are its head: "existing retrieval models fail".
_NOUN_LIKE = frozenset(
    "model sample plan process benchmark map rank score label mask filter project survey test".split()
)
_BE = frozenset("is are was were".split())
_DETERMINERS = frozenset("a an the our its their this these".split())
_JOINED = dict(
    pair.split(":")
    for pair in "새로운:새롭고 나은:낫고 큰:크고 긴:길고 빠른:빠르고 은:고 한:하고 인:이고 된:되고 있는:있고".split()
)
_VERB_OR_ADJECTIVE = ("s", "able", "ible", "ful", "ive", "al", "ous", "ant", "ent")
_AND = ("및",)
_USING = ("을 사용한", "을 활용한")
# Prepositions before an -ing form: the ending of the verb, and what follows it.
_GERUNDS = {
    "by": ("여", ""),
    "through": ("여", ""),
    "via": ("여", ""),
    "while": ("면서", ""),
    "without": ("지", " 않고"),
    "in": ("는", " 데"),
    "for": ("기", " 위해"),
}


def _singular(name: str) -> str:
    return re.sub(r"(?<=[A-Z])s$", "", name)


def _is_name(noun: Phrase) -> bool:
    return all(is_name(slot[0].split()[0]) for slot in noun)


def _then(phrase: Phrase, *particles: str) -> Phrase:
    return (*phrase[:-1], tuple(attach(word, particle) for particle in particles for word in phrase[-1]))


def _joined(adjective: str, by_and: bool) -> str:
    """Return an adjective as it stands before another: 단순한 → 단순하고."""
    for ending, joined in _JOINED.items():
        if adjective.endswith(ending):
            return adjective.removesuffix(ending) + joined
    return adjective + (" 및" if by_and else ",")
