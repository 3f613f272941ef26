"""Finds Latin-script names of a sentence that its paper lacks, and those of a source that its translation lacks.

Words are compared folded: case, plural and other English endings, hyphens, spaces, accents and LaTeX do not count, and
an acronym stands for the words that it abbreviates. Whether a name is used for the right thing is not asked here.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from functools import lru_cache
from itertools import accumulate, chain, pairwise, permutations
from typing import NamedTuple

from pipeline.lang import en
from pipeline.lang.ko import lexicon
from pipeline.lang.quantities import ROW

_URL = re.compile(r"https?://[^\s가-힣)\]'\"]+")
_LATIN = "A-Za-zÀ-ÖØ-öø-ɏ"
_WORD = re.compile(rf"[{_LATIN}0-9]+")
# A name: Latin letters, with digits and joints inside; a figure with its unit (34B, 16GB, 4x) is for `quantities`.
_NAME = re.compile(
    rf"(?<![{_LATIN}0-9])(?=[0-9]*[{_LATIN}])[{_LATIN}0-9]+(?:(?:[-‐‑_/.&+@]|[’'](?=s\b))[{_LATIN}0-9]+)*"
)
_FIGURE = re.compile(
    r"\d+(?:\.\d+)?(?:[kmbtKMBTxX]|[KMGT]i?[Bb]?|m?s|secs?|mins?|hrs?|h|fps|FPS|[kMG]?Hz|[kcmn]?m|px?|bits?|dB|st|nd|rd|th"
    r"|e\d+|G|k?g|k?[WV]h?|times|fold|x\d+)"
)
# "Supervised Fine-Tuning (SFT)", "SFT(Supervised Fine-Tuning)" and "(Supervised Fine-Tuning, SFT)".
_PHRASE = rf"[{_LATIN}][{_LATIN}'’-]*(?:\s[{_LATIN}][{_LATIN}'’-]*){{0,7}}"
_ACRONYM = r"[A-Za-z]{0,3}[A-Z][A-Za-z]{0,7}(?![A-Za-z])"
_EXPANSION = re.compile(
    rf"(?P<phrase>{_PHRASE})(?:\s?\(|,\s)(?P<after>{_ACRONYM})(?=[),;])|(?P<before>{_ACRONYM})\s?\((?P<said>{_PHRASE})(?=[),;])"
)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_RAISED = re.compile(rf"(?<=[{_LATIN}])\^(?=\d)")
_JOINTS = re.compile(r"[-‐‑_/.&+@]+")


class WordIndex(NamedTuple):
    """An index of a text for looking names up: its words, their stems and initials, and all of them joined.

    `starts` and `ends` say where in `joined` a word begins and ends.
    """

    words: frozenset[str]
    stems: frozenset[str]
    initials: str
    joined: str
    starts: frozenset[int]
    ends: frozenset[int]


def unsupported(sentence: str, source: str) -> list[str]:
    """Return the Latin-script names of a sentence that the source text does not have, in order, none twice."""
    return not_in(names(sentence), sentence, read(source))


def not_in(suspects: Container[str], sentence: str, index: WordIndex) -> list[str]:
    """Return those of the suspected names of a sentence that a text does not have, in order, none twice."""
    general = _general(sentence)
    written = names(sentence)
    unknown = (
        name
        for before, name, after in zip(["", *written], written, [*written[1:], ""], strict=False)
        if name in suspects and not _supported(name, index, general) and not _in_pair(before, name, after, index)
    )
    return list(dict.fromkeys(unknown))


def missing(sentence: str, source_sentence: str) -> list[str]:
    """Return the proper names of a source sentence that its translation does not have, in order, none twice.

    A proper name has a capital after its first letter or a digit beside letters (GPT-4o, LLaVA), or is a capitalised
    word inside the sentence (Magpie). One that has a Korean form (Transformer, English) may stand in that form.
    """
    index = read(sentence)
    wanted = dict.fromkeys(_proper_names(plain(source_sentence)))
    return [name for name in wanted if not _kept(name, index, sentence)]


def swapped(sentence: str, cited: str, title: str, text: str) -> list[tuple[str, str]]:
    """Return the names of a sentence in another's place, as (written, meant): each with the missing name.

    A written name is one that the cited English does not have (of the words of the title only a proper name counts), or
    that is said oftener than there, while a proper name of the cited English has no place in the sentence. Where the
    English says "we", "it" or "our method", or is of many sentences, that may be the written name, unless the missing
    one has its part. `cited` has a sentence on each line; `text` is the paper's.
    """
    if cited.count("\n") > _FEW:
        return []
    of_title = read(title)
    strange = [name for name in unsupported(sentence, cited) if is_telling(name) or not _is_joined(name, sentence)]
    strange = [name for name in strange if not is_formed(name, sentence, cited)]
    strange = [
        name for name in strange if is_telling(name) or (name[0].isupper() and not _stands_in(_joined(name), of_title))
    ]
    said, there = Counter(names(sentence)), Counter(names(cited))
    repeated = [name for name, count in said.items() if count > 1 and 0 < there[name] < count and is_telling(name)]
    suspects = dict.fromkeys([*strange, *(name for name in repeated if not _stands_in(_joined(name), of_title))])
    absent = [name for name in missing(sentence, without_rows(cited)) if is_telling(name)] if suspects else []
    absent = [name for name in absent if not any(_abridges(name, other) for other in said)]
    if not absent:
        return []
    sure = not refers(cited) and cited.count("\n") < _FEW
    # a measure, of which the English may say "error rates", has no system's or dataset's place
    metrics = lexicon.entries("metric")
    placed = {name: [one for one in absent if name not in metrics or one in metrics] for name in suspects}
    meant = ((name, _meant(name, sentence, others, cited, title, text, sure)) for name, others in placed.items())
    return [(name, other) for name, other in meant if other]


def _is_joined(name: str, sentence: str) -> bool:
    """Return whether a name is beside another Latin-script word, and so a part of it: Law of "Moore's Law"."""
    return (
        re.search(rf"[{_LATIN}] {re.escape(name)}(?![A-Za-z])|(?<![A-Za-z]){re.escape(name)} [{_LATIN}]", sentence)
        is not None
    )


def _abridges(one: str, other: str) -> bool:
    """Return whether one of two names is made of the other's capitals and digits: NQ of NaturalQuestions."""
    short, long = sorted((one, other), key=len)
    return short == re.sub("[^A-Z0-9]", "", long)


def _meant(name: str, sentence: str, absent: list[str], cited: str, title: str, text: str, sure: bool) -> str:
    """Return the missing name with the same part in the English; any but the title's if `sure`."""
    part = _part(name, sentence, _KOREAN_PARTS)
    if part == "gloss" and f"({name}" in text:
        return ""
    same = (other for other in absent if part and _part(other, cited, _ENGLISH_PARTS) == part)
    others = (other for other in absent if sure and not _stands_in(_joined(other), read(title)))
    return next(chain(same, others), "")


def _part(name: str, text: str, parts: Mapping[str, re.Pattern[str]]) -> str:
    """Return what a name is in a text: the first part of the table that it has; "" where it has none."""
    marked = re.sub(rf"(?<![\w-]){re.escape(name)}(?![A-Za-z0-9])", _MARK, text)
    return next((part for part, form in parts.items() if form.search(marked)), "")


_MARK = "\1"


def _forms(forms: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    """Compile patterns in which NAME stands for the name that is asked about."""
    return {part: re.compile(form.replace("NAME", _MARK)) for part, form in forms.items()}


# What may stand for the paper's own method, model or data, by whatever name the Korean calls it.
_FEW = 2  # cited sentences of which it can be told what is missing
_REFERENCE = re.compile(
    r"\b(?:we|our|ours|it|its|itself|they|their|them|(?:the|this|these|such|proposed|resulting)\s(?:[a-z-]+\s){0,3}?(?:model"
    r"|method|approach|framework|system|algorithm|technique|dataset|benchmark|architecture|pipeline|network|strategy"
    r"|module|tool|agent|corpus|paper|work|study|survey)s?)\b",
    re.IGNORECASE,
)
_AND = r"(?:(?:,|와|과|\s및)\s[\w.-]+)*(?:\s[\dA-Z][\w.]*)?(?:\s[가-힣]{2,5})?"
_KOREAN_PARTS = _forms(
    {
        "gloss": r"\((?:[^()]*,\s)?NAME[,)]",
        "new": r"NAME(?!은|는|이\s|가\s|의|에서)[^.,]{0,60}?(?:제안|제시|소개|개발|도입|선보|발표|공개|설계|구축)",
        "rival": rf"NAME{_AND}(?:보다|\s대비|(?:와|과|에)\s비[교해]|[을를]\s(?:크게\s)?(?:능가|앞|넘|뛰어넘|웃))",
        "place": rf"NAME{_AND}에서(?![가-힣])",
        "subject": rf"NAME{_AND}(?<![에로서])(?:은|는|이|가|도)(?![가-힣])",
    }
)
_ALSO = r"(?:[A-Z][\w.-]*(?:\s[A-Z][\w.-]*)?(?:,\s(?:and\s)?|\sand\s)){0,5}"
_ENGLISH_PARTS = _forms(
    {
        "gloss": r"\((?:[^()]*,\s)?NAME[,)]",
        "new": r"\b(?:(?:propos|introduc|present|develop|releas|build|creat|design)(?:es?|ed|ing)?|dub(?:bed)?|called"
        r"|named|termed)\s(?:[a-z0-9-]+\s){0,6}NAME",
        "rival": r"\b(?:than|over|versus|vs\.?|against|unlike|compared\s(?:to|with)|(?:outperform|surpass|exceed|beat)"
        rf"(?:s|ed|ing)?)\s(?:[a-z-]+\s){{0,3}}{_ALSO}NAME",
        "place": rf"\b(?:on|in|across)\s(?:[a-z-]+\s){{0,2}}{_ALSO}NAME",
        "subject": r"(?:(?m:^)|[.,;:]\s|\b(?:that|while|whereas|where|and|but|when)\s)(?:[Tt]he\s|[Oo]ur\s)?"
        r"NAME(?:\s\d[\w.]*)?(?:(?:,|\sand|,\sand)\s[A-Z][\w.-]*){0,3}\s(?:[a-z]+ly\s)?"
        r"(?:is|are|was|were|has|have|had|does|can|cannot|may|will|could|[a-z]{3,}ed"
        r"|(?:achieve|address|allow|attain|beat|combine|consist|contain|cover|enable|exceed|excel|exhibit|fail|gain|generate|get"
        r"|give|help|improve|learn|leverage|lower|make|match|need|offer|outperform|perform|predict|produce|provide|reach|read"
        r"|reduce|remain|require|run|score|serve|show|solve|support|surpass|take|train|use|win|work|yield)(?:s|es)?)\b",
    }
)


def refers(english: str) -> bool:
    """Return whether an English text says "we", "it" or "the model" where a Korean one may use the name."""
    return _REFERENCE.search(english) is not None


def without_rows(cited: str) -> str:
    """Return the lines of a text that are no rows of a table: what belongs to what in them is told by their columns."""
    return "\n".join(line for line in cited.split("\n") if not ROW.search(line) and not _is_header(line))


def _is_header(line: str) -> bool:
    """Return whether nearly all words of a line are names, as over the columns of a table."""
    words = line.split()
    return len(words) > 5 and sum(word.islower() and word.isalpha() for word in words) < 2


def is_telling(name: str) -> bool:
    """Return whether only one thing bears a name: a capital or digit inside it, and no general abbreviation."""
    marked = any(character.isupper() or character.isdigit() for character in name[1:]) and "_" not in name
    return (
        marked
        and not re.fullmatch(r"[A-Z]?(?:LLM|LM|LVLM|VLM)s?|\d.*|.*[’']s|[IVX]+", name)
        and not _is_general(name, frozenset(lexicon.abbreviations()))
    )


def invented_expansions(sentence: str, source: str, known: Container[str] = ()) -> list[tuple[str, str]]:
    """Return (acronym, phrase) for expansions that neither the source nor the `known` folded phrases have."""
    return [
        (acronym, phrase)
        for acronym, phrase in _expansions(plain(sentence))
        if not _stands_in(_joined(phrase), read(source))
        and not _is_run(phrase, source)
        and not _is_run(" ".join(lexicon.abbreviations().get(word.lower(), word) for word in phrase.split()), source)
        and _singular(phrase) not in known
        and _singular(phrase) not in lexicon.abbreviations().values()
    ]


def _expansions(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield the acronyms that a sentence spells out, as (acronym, phrase): the initials are in the acronym."""
    for match in _EXPANSION.finditer(sentence):
        acronym, phrase = match["after"] or match["before"], match["phrase"] or match["said"]
        capitals = "".join(character for character in acronym if character.isupper()).lower()
        words = [word for word in re.split(r"[\s\-‐‑]+", phrase.strip()) if word]
        while len(words) > len(capitals) and words[0].lower()[0] != capitals[:1]:
            words = words[1:]
        initials = "".join(word[0].lower() for word in words if word.lower() not in _LINKS)
        if len(capitals) > 1 and len(words) > 1 and _resemble(capitals, initials):
            yield acronym, " ".join(words)


def _resemble(capitals: str, initials: str) -> bool:
    """Return whether a phrase is meant to spell an acronym: it has all its initials, or all but one of many."""
    letters = iter(initials)
    hits = sum(letter in letters for letter in capitals)
    return hits >= max(2, len(capitals) - (len(capitals) > 2))


def _is_run(phrase: str, source: str) -> bool:
    """Return whether the source has the words of a phrase in a row, in whatever form."""
    stems = [en.stem(_fold(word)) for word in _WORD.findall(phrase)]
    return f" {' '.join(stems)} " in _stem_run(source)


@lru_cache(maxsize=64)
def _stem_run(source: str) -> str:
    return f" {' '.join(en.stem(_fold(word)) for word in _WORD.findall(plain(source)))} "


def _singular(phrase: str) -> str:
    words = _WORD.findall(_fold(phrase))
    return " ".join([*words[:-1], *(word.removesuffix("s") for word in words[-1:])])


def names(sentence: str) -> list[str]:
    """Return the Latin-script names and words of a sentence as printed, in order: "GPT-4o", "fine-tuning", "LLMs"."""
    text = plain(sentence)
    found = _URL.findall(text)
    found += [match[0] for match in _NAME.finditer(_URL.sub(" ", text)) if not _FIGURE.fullmatch(match[0])]
    return found


def plain(text: str) -> str:
    """Return the text without LaTeX, with compatibility and raised letters made plain; accents stay."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "^" in text:
        text = _RAISED.sub("", text)  # Synth^2 and Synth² are Synth2
    if "\\" in text or "$" in text:
        text = re.sub(r"\\[`'^\"~=.]\s?", "", text)  # an accent
        text = re.sub(r"\\[A-Za-z]+\s?|[${}^\\]", "", text)
    return text


def _fold(word: str) -> str:
    if not word.isascii():
        word = _ACCENTS.sub("", unicodedata.normalize("NFD", word))
    return word.lower()


_SPELLED = {"2d": "twodimensional", "3d": "threedimensional", "4d": "fourdimensional"}
_SUFFIXES = frozenset("aware based driven free guided level like only specific style wise".split())  # "MTP-based"
_LINKS = frozenset("a an and for from in of on the to via with".split())
_IN_ACRONYMS = _LINKS | {"as", "at", "by", "or", "over"}  # IoU


@lru_cache(maxsize=64)
def read(text: str) -> WordIndex:
    """Return a text of any language as an index of its Latin-script words."""
    words = _WORD.findall(_fold(re.sub(r"(?<=[A-Za-z])[’']s\b", "", plain(text))))
    ends = list(accumulate(len(word) for word in words))
    initials = "".join(word[0] for word in words), "".join(word[0] for word in words if word not in _LINKS)
    return WordIndex(
        words=frozenset(words),
        stems=frozenset(en.stem(word) for word in words),
        initials=" ".join(initials),
        joined="".join(words),
        starts=frozenset([0, *ends]),
        ends=frozenset(ends),
    )


_IN_ROW = re.compile(rf"(?P<word>[{_LATIN}][{_LATIN}’']*)|(?P<other>[^\s‐‑-])")


@lru_cache(maxsize=64)
def _row(text: str) -> str:
    """Return the initials of a text's words, "." where they are not in a row and "<" before a link's."""
    return "".join(_initial(match["word"] or "") for match in _IN_ROW.finditer(plain(text)))


def _initial(word: str) -> str:
    return f"<{word[0].lower()}" if word.lower() in _IN_ACRONYMS else word[:1] or "."


def _general(sentence: str) -> frozenset[str]:
    """Return what needs no proof: general abbreviations, and the words of those that the sentence writes out."""
    written = " ".join(_WORD.findall(_fold(sentence)))
    spelled = (word for phrase in lexicon.abbreviations().values() if phrase in written for word in phrase.split())
    return frozenset(lexicon.abbreviations()) | frozenset(spelled)


def _supported(name: str, source: WordIndex, general: frozenset[str]) -> bool:
    """Return whether a name is proved whole or part by part; GPT-4 and a 3 elsewhere prove no GPT-3."""
    if _in_source(name, source) or _is_general(name, general):
        return True
    parts = _JOINTS.split(name)
    compound = sum(not part.islower() for part in parts) > 1  # what each part of a name could stand for says nothing
    pairs = zip(["", *parts], parts, [*parts[1:], ""], strict=False)
    return len(parts) > 1 and all(
        _in_pair(before, part, after, source)
        if part.isdigit() or len(part) < 2
        else _in_source(part, source, compound) or _is_general(part, general) or part in _SUFFIXES
        for before, part, after in pairs
    )


def _is_general(name: str, general: frozenset[str]) -> bool:
    folded = _fold(name)
    return folded in general or folded.removesuffix("s") in general


def _in_source(name: str, source: WordIndex, spelled: bool = False) -> bool:
    """Return whether a name is words of the source, or an acronym of some unless it must be spelled."""
    folded = _joined(name)
    if len(folded) < 2 or _stands_in(folded, source):
        return True
    if name.isalpha() and not name[1:].isupper() and en.stem(folded) in source.stems:
        return True
    ordinary = all(part[1:].islower() for part in _JOINTS.split(name))
    return (ordinary and _inflected(folded, source)) or (not spelled and abbreviates(name, source.initials))


def _inflected(folded: str, source: WordIndex) -> bool:
    """Return whether words of the source, joined, differ from folded letters in their ending only."""
    root = en.stem(folded)
    return len(root) > 5 and any(
        end + len(tail) in source.ends and (not tail or en.ENDINGS.fullmatch(tail))
        for end in _ends_of(root, source)
        for tail in (source.joined[end : end + length] for length in range(6))
    )


def _ends_of(letters: str, source: WordIndex) -> Iterator[int]:
    """Yield where letters end in the joined words of the source, of those that begin where a word does."""
    start = source.joined.find(letters)
    while start >= 0:
        if start in source.starts:
            yield start + len(letters)
        start = source.joined.find(letters, start + 1)


def _in_pair(before: str, name: str, after: str, source: WordIndex) -> bool:
    """Return whether the source writes two neighbours as one word: "Hugging Face" where it has "HuggingFace"."""
    pairs = [_joined(one + two) for one, two in ((before, name), (name, after)) if one and two]
    return any(_stands_in(pair, source) or (pair.isalpha() and _inflected(pair, source)) for pair in pairs)


def _joined(name: str) -> str:
    return "".join(_fold(word) for word in _WORD.findall(name))


# Endings that say the same, as plurals and as spelled in Britain and America.
_SAME = (
    "ies y, ices ix, ices ex, ses sis, ora us, i us, a um, a on, ves f, ves fe, isation ization, ise ize, ises izes"
    ", ised ized, ising izing, yse yze, our or, lling ling, lled led"
)
_ENDING_PAIRS = [pair for same in _SAME.split(", ") for pair in permutations(same.split())]


@lru_cache(maxsize=4096)
def _variants(folded: str) -> tuple[str, ...]:
    """Return a word with the endings that say the same as its own."""
    pairs = (pair for pair in _ENDING_PAIRS if folded.endswith(pair[0]) and len(folded) > 4)
    return tuple(folded.removesuffix(one) + other for one, other in pairs)


def _stands_in(folded: str, source: WordIndex) -> bool:
    """Return whether folded letters are one or several whole words of the source: "gpt4o" in "GPT-4o"."""
    folded = _SPELLED.get(folded, folded) if folded not in source.words else folded
    singular = folded.removesuffix("s")
    if not source.words.isdisjoint(
        (folded, singular, folded.removesuffix("es"), folded + "s", folded + "es", *_variants(folded))
    ):
        return True
    ends = _ends_of(singular, source)
    return any(end in source.ends or end + source.joined.startswith("s", end) in source.ends for end in ends)


def abbreviates(name: str, initials: str) -> bool:
    """Return whether the letters of an acronym, three or more, are initials: of two too many words would do.

    A plural s does not count; EC2 may be ECC, and T2V "text to video".
    """
    if not re.fullmatch(r"[A-Z]{3,7}s?|[A-Z]{1,3}[23][A-Z]{0,3}", name):
        return False
    letters = name.removesuffix("s").lower()
    readings = re.sub("([a-z])([23])", lambda match: match[1] * int(match[2]), letters), letters.replace("2", "t")
    return any(len(reading) > 2 and reading in initials for reading in readings)


def is_formed(name: str, sentence: str, source: str) -> bool:
    """Return whether an acronym, or the one of a compound, is the initials of words in a row of the source.

    MoE is of any "mixture of experts": its small letters are links. Two capitals alone are of capitalised words, all
    that are there (EU), or of those whose Korean stands before them in brackets: 보상 모델(RM).
    """
    letters = re.sub(r"(?<=[A-Z])s?(?:-[a-z]+)?$", "", name)
    if not re.fullmatch(r"[A-Z](?:[a-z]?[A-Z]){1,4}", letters):
        return False
    if not letters.isupper():
        form = "".join(f"<{one}" if one.islower() else f"[{one}{one.lower()}]" for one in letters)
        return re.search(f"(?<!<){form}", _row(source)) is not None
    if len(letters) > 2:
        return False
    capitalised = re.search(rf"(?<![A-Z]){'(?:<[a-z])*'.join(letters)}(?![A-Z])", _row(source))
    return capitalised is not None or _is_gloss(letters, sentence, read(source))


def _is_gloss(letters: str, sentence: str, source: WordIndex) -> bool:
    """Return whether two letters in brackets follow the Korean of two words of the source that begin with them."""
    match = re.search(rf"([가-힣][가-힣\s]{{1,20}})\({letters}[),]", sentence)
    if not match:
        return False
    words = [source.joined[start:end] for start, end in pairwise(sorted(source.starts))]
    said = match[1].replace(" ", "")
    pairs = ((one, two) for one, two in pairwise(words) if one[0] + two[0] == letters.lower())
    return any(_is_said(one, said) and _is_said(two, said) for one, two in pairs)


def _is_said(word: str, korean: str) -> bool:
    tables = lexicon.entries("field"), lexicon.entries("general")
    forms = (form for key in {word, word.removesuffix("s")} for table in tables for form in table.get(key, ()))
    return any(form in korean for form in forms)


def _proper_names(sentence: str) -> list[str]:
    found = []
    for match in _NAME.finditer(_URL.sub(" ", sentence)):
        name = re.sub(r"[’']s$", "", match[0])
        inside = bool(re.search(r"[\w,;:(]\s*$", sentence[max(0, match.start() - 3) : match.start()]))
        if not _FIGURE.fullmatch(name):
            found += [part for part in _proper_parts(name) if _is_proper(part, inside)]
    return found


def _proper_parts(name: str) -> list[str]:
    """Return a compound name whole ("GPT-4o", "Llama-3.1-8B"), of a mixed one only the parts: "LLM" of "LLM-based"."""
    parts = re.split(r"[-‐‑/]", name)
    whole = all(not part.islower() for part in parts)
    return [name] if whole else parts


def _is_proper(name: str, inside: bool) -> bool:
    if name.isdigit() or len(name) < 2:
        return False
    marked = any(character.isupper() for character in name[1:]) or any(character.isdigit() for character in name)
    return marked or (inside and name[0].isupper())


def _kept(name: str, translation: WordIndex, sentence: str) -> bool:
    folded = _joined(name)
    if _stands_in(folded, translation):
        return True
    field = lexicon.entries("field")
    forms = field.get(en.stem(folded)) or field.get(folded.removesuffix("s"), ())
    parts = re.split(r"[-‐‑/]", name)
    squeezed = sentence.replace(" ", "")
    if any(form in squeezed for form in forms):
        return True
    return len(parts) > 1 and all(_kept(part, translation, sentence) for part in parts)
