"""Which papers of a long list are for one reader, and in which order: a profile of words, authors and exclusions.

Words are scored by BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) over
titles and abstracts, with the day's own list as the corpus: a word that half of the papers have says little. Nothing
is learnt, and nothing is known of meaning. Regular English plurals count as their singular; no other form of a word
does.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline.core.config import ProfileSettings
from pipeline.core.errors import ConfigError
from pipeline.core.models import Listed, Match
from pipeline.core.text import plain, plain_latex
from pipeline.lang import en

_WORD = re.compile(r"[^\W_]+")


class _RankedRow(NamedTuple):
    """A row with its words, in order, and the keywords of the profile as often as they occur."""

    row: Listed
    words: list[str]
    keywords: list[str]


def require_bm25s() -> None:
    """Raise ConfigError unless bm25s is installed."""
    try:
        import bm25s  # noqa: F401
    except ImportError:
        raise ConfigError("profile.keywords needs the extra rank: pip install 'paper-digest-pipeline[rank]'.") from None


def choose(rows: Sequence[Listed], profile: ProfileSettings) -> tuple[Listed, ...]:
    """Choose the rows for this reader, best first, `profile.limit` at most, each with its match.

    Papers by one of the authors come before all others; then the higher score; what is equal stays in its order. A
    row that matches nothing is not taken, nor is one with an excluded word; one without a word of title and abstract
    may match, and comes last. With neither keywords nor authors the first rows are taken as they are. ConfigError where
    keywords are to be scored and bm25s is not installed.
    """
    excluded = _terms(profile.excluded)
    read = [_read(row, profile) for row in rows]
    read = [one for one in read if not any(_count(term, one.words) for term in excluded.values())]
    if not profile.keywords and not profile.authors:
        return tuple(one.row for one in read[: profile.limit])
    scores = _scores(read, profile.keywords)
    ranked = []
    for place, one in enumerate(read):
        names = _named(one.row, profile.authors)
        match = Match(score=float(f"{scores[place]:.4g}"), words=(*names, *dict.fromkeys(one.keywords)))
        if match.words or not one.words:
            row = one.row.model_copy(update={"match": match if match.words else None})
            ranked.append((not names, -scores[place], place, row))
    return tuple(row for *_, row in sorted(ranked, key=lambda one: one[:3])[: profile.limit])


def _read(row: Listed, profile: ProfileSettings) -> _RankedRow:
    words = _words(f"{plain(row.title)}. {plain(row.abstract)}")
    terms = _terms(tuple(profile.keywords))
    return _RankedRow(row, words, [name for name, term in terms.items() for _ in range(_count(term, words))])


def _scores(read: Sequence[_RankedRow], weights: Mapping[str, float]) -> list[float]:
    """Return each row's BM25 score, the sum over the keywords of weight times score; a phrase counts as one word."""
    known = {name for one in read for name in one.keywords}
    if not known:
        return [0.0] * len(read)
    require_bm25s()
    import bm25s

    index = bm25s.BM25()
    # A keyword's own spelling cannot be mistaken for a word: each has its own token, and a line break in front.
    index.index([one.words + [f"\n{name}" for name in one.keywords] for one in read], show_progress=False)
    total = [0.0] * len(read)
    for name in sorted(known):
        scored = index.get_scores([f"\n{name}"])
        total = [before + weights[name] * float(score) for before, score in zip(total, scored, strict=True)]
    return total


def _terms(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the words of each; of those that come to the same words, as `LLM` and `LLMs` do, the first alone."""
    first: dict[tuple[str, ...], str] = {}
    for name in names:
        first.setdefault(tuple(_words(name)), name)
    return {name: list(words) for words, name in first.items()}


def _words(text: str) -> list[str]:
    """Return runs of letters and digits, in lower case and the singular: `State-of-the-Art LLMs` is five words."""
    return [en.singular(word) for word in _WORD.findall(unicodedata.normalize("NFC", text.casefold()))]


def _count(term: Sequence[str], words: Sequence[str]) -> int:
    """Count how often the words of a term stand in a row."""
    return sum(words[at : at + len(term)] == term for at, word in enumerate(words) if word == term[0])


def _named(row: Listed, authors: Sequence[str]) -> tuple[str, ...]:
    """Return the wanted authors who wrote it: whole names, whatever their case, accents and dots."""
    names = {_plain_name(name) for name in row.authors} - {""}
    return tuple(author for author in authors if _plain_name(author) in names)


def _plain_name(name: str) -> str:
    letters = unicodedata.normalize("NFKD", plain_latex(name).casefold())
    return " ".join(_WORD.findall("".join(char for char in letters if not unicodedata.combining(char))))
