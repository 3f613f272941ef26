"""Papers for other programs: Obsidian's notes; BibTeX, RIS and CSL-JSON for Zotero and LaTeX; JSON for machines.

Pure: articles in, texts out. Whatever a title says, it stays text in each of these formats.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import yaml

from pipeline.archive.catalog import Article
from pipeline.archive.record import EntryRecord
from pipeline.core.models import Section
from pipeline.core.text import fold, strip_invisible

# What stands below this line of a note is its owner's.
OWN_NOTES = "## 메모"
_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_MONTH = re.compile(r"(?:^|/)(\d{2})(0[1-9]|1[0-2])")
_PARTICLES = frozenset("al bin da de del della den der di dos du el la le ten ter van von".split())
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")


class Work(NamedTuple):
    """A paper with all that is printed of it. `authors` are all known ones; `more` says that there are others."""

    id: str
    title: str
    authors: tuple[str, ...]
    more: bool
    version: int | None
    articles: tuple[Article, ...]

    @property
    def url(self) -> str:
        """arXiv's page, of the version that was read where that is known."""
        return f"https://arxiv.org/abs/{quote(self.id)}{f'v{self.version}' if self.version else ''}"

    @property
    def doi(self) -> str:
        """Every paper on arXiv has one: https://info.arxiv.org/help/doi.html"""
        return f"10.48550/arXiv.{quote(self.id)}"

    @property
    def month(self) -> dt.date | None:
        """The month of submission, which the id says: https://info.arxiv.org/help/arxiv_identifier.html"""
        found = _MONTH.search(self.id)
        if not found:
            return None
        year = int(found[1])
        return dt.date(year + (1900 if year > 90 else 2000), int(found[2]), 1)


def works(articles: Iterable[Article]) -> tuple[Work, ...]:
    """The papers of these articles, in order of first appearance; facts are those of the newest record."""
    papers: dict[str, list[Article]] = {}
    for article in articles:
        if article.entry.paper_id:
            papers.setdefault(article.entry.paper_id, []).append(article)
    return tuple(_work(paper_id, found) for paper_id, found in papers.items())


def _work(paper_id: str, articles: Sequence[Article]) -> Work:
    records = [article.record for article in articles if article.record]
    newest: EntryRecord | None = max(records, key=lambda one: one.written_at, default=None)
    entry = max((article.entry for article in articles), key=lambda one: len(one.authors))
    authors = (newest and newest.authors) or entry.authors
    return Work(
        id=_line(paper_id),
        title=_line((newest and newest.title) or entry.title),
        authors=tuple(dict.fromkeys(filter(None, map(_line, authors)))),
        more=bool(entry.more_authors) and not (newest and newest.authors),
        version=newest.version if newest else None,
        articles=tuple(articles),
    )


def _line(text: str) -> str:
    return fold(strip_invisible(text))


def _plain(section: Section) -> str:
    text = _STRONG.sub(r"\1", _line(section.text))
    return f"{_line(section.name)}: {text}" if section.name else text


def _summary(work: Work) -> str:
    """The Korean summary on one line, of the first layout that the paper is printed in."""
    return " ".join(_plain(section) for section in work.articles[0].entry.sections)


# ---- BibTeX

# Braces count for BibTeX even behind a backslash, so that none of the title's own may remain.
_TEX = {
    **{"\\": r"{\textbackslash}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}", "`": r"{\textasciigrave}"},
    **{"~": r"{\textasciitilde}", "^": r"{\textasciicircum}", "<": r"{\textless}", ">": r"{\textgreater}"},
    **{char: f"\\{char}" for char in "&%$#_"},
}
_TEX_TABLE = str.maketrans(_TEX)
_LIGATURE = re.compile(r"([-'])(?=\1)")  # TeX makes one character of two of these


def bibtex(found: Iterable[Work]) -> str:
    """BibTeX as arXiv itself gives it, with the Korean summary as `annote`; each key is the paper's id."""
    return "".join(map(_bibtex, found))


def citation(articles: Iterable[Article]) -> str:
    """One paper's BibTeX without the summary, "" where there is no paper: for citing it."""
    return "".join(_bibtex(work, annotated=False) for work in works(articles))


def _bibtex(work: Work, annotated: bool = True) -> str:
    names = [_tex_name(name) for name in work.authors] + (["others"] if work.more else [])
    fields = {
        "title": _tex(work.title),
        "author": " and ".join(names),
        "year": str(work.month.year) if work.month else "",
        "month": str(work.month.month) if work.month else "",
        "eprint": _tex(work.id),
        "archivePrefix": "arXiv",
        "doi": work.doi,
        "url": work.url,
        "annote": _tex(_summary(work)) if annotated else "",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key(work)},\n{lines}}}\n\n"


def key(work: Work) -> str:
    """A citation key: `arXiv:2408.11318`, `arXiv:hep-th-9901001`."""
    return f"arXiv:{_safe(work.id)}"


def _tex(text: str) -> str:
    """Text in which TeX sees no command."""
    return _LIGATURE.sub(r"\1{}", text.translate(_TEX_TABLE))


def _tex_name(name: str) -> str:
    """A name as it is written; in braces where BibTeX would take a part of it for something else."""
    text = _tex(name)
    return f"{{{text}}}" if "," in name or re.search(r"\b(and|others)\b", name, re.IGNORECASE) else text


# ---- RIS


def ris(found: Iterable[Work]) -> str:
    """RIS, one tag a line, with the Korean summary as a note: https://en.wikipedia.org/wiki/RIS_(file_format)"""
    return "".join("".join(f"{tag}  - {value}\n" for tag, value in _ris(work)) + "ER  - \n\n" for work in found)


def _ris(work: Work) -> Iterator[tuple[str, str]]:
    yield "TY", "UNPB"
    yield "ID", key(work)
    yield "TI", work.title
    for name in work.authors:
        parts = _parted(name)
        yield "AU", ", ".join(filter(None, (parts.family, parts.given, parts.suffix)))
    if work.month:
        yield "PY", str(work.month.year)
        yield "DA", f"{work.month:%Y/%m}//"
    yield "DO", work.doi
    yield "UR", work.url
    yield "PB", "arXiv"
    yield "N1", _summary(work)


class _Name(NamedTuple):
    family: str
    given: str = ""
    suffix: str = ""


def _parted(name: str) -> _Name:
    """A name in the order in which arXiv prints it: given names, particles, family name, suffix."""
    words = name.replace(",", " ").split()
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return _Name(" ".join(words[start:]), " ".join(words[:start]), suffix)


# ---- CSL-JSON


def csl_json(found: Iterable[Work]) -> str:
    """A CSL-JSON array: https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables"""
    return json.dumps([_csl(work) for work in found], ensure_ascii=False, indent=1) + "\n"


def _csl(work: Work) -> dict[str, object]:
    item: dict[str, object] = {
        "id": key(work),
        "type": "article",
        "genre": "Preprint",
        "title": work.title,
        "author": [_csl_name(name) for name in work.authors],
        "number": f"arXiv:{work.id}",
        "publisher": "arXiv",
        "DOI": work.doi,
        "URL": work.url,
        "annote": _summary(work),
    }
    if work.version:
        item["version"] = str(work.version)
    if work.month:
        item["issued"] = {"date-parts": [[work.month.year, work.month.month]]}
    return item


def _csl_name(name: str) -> dict[str, str]:
    parts = _parted(name)
    if not parts.given:
        return {"literal": name}
    return {"family": parts.family, "given": parts.given, **({"suffix": parts.suffix} if parts.suffix else {})}


# ---- JSON lines


def jsonl(found: Iterable[Work]) -> str:
    """A paper a line: its facts, and each printed entry with the trace that its record has."""
    return "".join(json.dumps(_row(work), ensure_ascii=False) + "\n" for work in found)


def _row(work: Work) -> dict[str, object]:
    return {
        "id": work.id,
        "version": work.version,
        "title": work.title,
        "authors": work.authors,
        "url": work.url,
        "entries": [_printed(article) for article in work.articles],
    }


def _printed(article: Article) -> dict[str, Any]:
    return {
        "date": str(article.date),
        "layout": article.layout,
        **article.entry.model_dump(mode="json", include={"votes", "thumbnail", "sections"}),
        "record": article.record.model_dump(mode="json") if article.record else None,
    }


# ---- Obsidian

# Emphasis, code, links, HTML, tags, formulas, block ids, entities; highlights, comments, strikes, fields of Dataview.
_MARKDOWN = re.compile(r"[\\`*\[\]<>#$^&]|(?<![^\W_])_|_(?![^\W_])|==|%%|~~|::")
_NO_TAG = str.maketrans("<>", "‹›")  # a link's words cannot be escaped, and `<10%` must not become `10%`
_AT_LINE_START = re.compile(r"^(\d*)([-+.)])")
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+", re.ASCII)


def obsidian(found: Sequence[Work]) -> dict[str, str]:
    """Notes by file name: one a paper, and one a day that links to its papers."""
    notes = {f"{_safe(work.id)}.md": _note(work) for work in found}
    days: dict[dt.date, list[Work]] = {}
    for work in found:
        for date in dict.fromkeys(article.date for article in work.articles):
            days.setdefault(date, []).append(work)
    return notes | {f"논문 {date}.md": _day_note(date, papers) for date, papers in days.items()}


def with_own_notes(new: str, old: str) -> str:
    """A note written anew, with what its owner wrote into the old one."""
    _, mark, own = old.partition(f"\n{OWN_NOTES}\n")
    return new + own if mark else new


def _note(work: Work) -> str:
    facts = {
        "title": work.title,
        "aliases": [_alias(work.title)],
        "arxiv": work.id,
        "version": work.version,
        "authors": list(work.authors),
        "submitted": f"{work.month:%Y-%m}" if work.month else None,
        "dates": sorted({str(article.date) for article in work.articles}),
        "fields": list(dict.fromkeys(field for article in work.articles for field in article.fields())),
        "url": work.url,
    }
    matter = yaml.safe_dump(
        {name: value for name, value in facts.items() if value}, allow_unicode=True, sort_keys=False, width=10_000
    )
    parts = [f"# {_literal(work.title)}", f"[arXiv {_literal(work.id)}]({work.url})"]
    parts += [part for article in work.articles for part in _entry(article)]
    return f"---\n{matter}---\n\n" + "\n\n".join(parts) + f"\n\n{OWN_NOTES}\n"


def _entry(article: Article) -> Iterator[str]:
    yield f"## {article.layout} {article.date}"
    for section in article.entry.sections:
        if section.name:
            yield f"### {_literal(_line(section.name))}"
            yield from (_paragraph(text) for text in strip_invisible(section.text).splitlines() if text.strip())
    bullets = [section.text for section in article.entry.sections if not section.name]
    if bullets:
        yield "\n".join(f"- {_paragraph(strip_invisible(text))}" for text in bullets)
    if article.record and article.record.claims:
        yield "\n".join(_callout(article.record))


def _paragraph(text: str) -> str:
    return _literal(_STRONG.sub(r"\1", fold(text)))


def _callout(record: EntryRecord) -> Iterator[str]:
    """Each sentence with those of the paper that it rests on, folded away until it is asked for."""
    yield "> [!quote]- 근거"
    kept = {cited.number: cited for cited in record.cited}
    for claim in record.claims:
        yield f"> - {_literal(_line(claim.text))}"
        for cited in (kept[number] for number in claim.cites if number in kept):
            place = f" ({_literal(_line(cited.section))})" if cited.section else ""
            yield f">   - \\[{cited.number}\\]{place} {_literal(_line(cited.text))}".rstrip()


def _day_note(date: dt.date, papers: Sequence[Work]) -> str:
    links = (f"- [[{_safe(work.id)}|{_alias(work.title)}]]" for work in papers)
    return f"# 논문 {date}\n\n" + "\n".join(links) + f"\n\n{OWN_NOTES}\n"


def _literal(text: str) -> str:
    """Text in which Obsidian sees no markup: no link, tag, comment, formula or HTML, and no list at its start."""
    escaped = _MARKDOWN.sub(lambda found: "".join(f"\\{char}" for char in found[0]), text)
    return _AT_LINE_START.sub(r"\1\\\2", escaped)


def _alias(title: str) -> str:
    """A title that can stand in a wikilink."""
    return _line(re.sub(r"[\[\]|#^\\]", " ", title).translate(_NO_TAG)) or "-"


def _safe(paper_id: str) -> str:
    """An id as a file's name on any system, or in a citation key."""
    return _NOT_IN_A_NAME.sub("-", paper_id).strip(".-") or "unknown"


# The formats that are one file, by the names that the command line gives them.
ONE_FILE: Final[Mapping[str, Callable[[Sequence[Work]], str]]] = {
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
    "jsonl": jsonl,
}
