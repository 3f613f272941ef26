"""Papers in the formats of other programs: notes for Obsidian; BibTeX, RIS and CSL-JSON for Zotero and LaTeX; JSON.

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
from pipeline.core.text import strip_invisible
from pipeline.lang.ko import interface
from pipeline.publish.papers import PublishedPaper, abs_url, clean, clean_all, group_by_paper, plain

# What stands below this line of a note is its owner's.
OWN_NOTES = f"## {interface.OWN_NOTES}"
_MONTH = re.compile(r"(?:^|/)(\d{2})(0[1-9]|1[0-2])")
_PARTICLES = frozenset("al bin da de del della den der di dos du el la le ten ter van von".split())
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")


class Reference(NamedTuple):
    """A paper as it is cited, with all that is printed of it: the facts are those of its newest record.

    `authors` are all known ones; `more` says that there are others.
    """

    id: str
    title: str
    authors: tuple[str, ...]
    more: bool
    version: int | None
    fields: tuple[str, ...]
    articles: tuple[Article, ...]

    @property
    def url(self) -> str:
        """arXiv's page, of the version that was read where that is known."""
        return abs_url(self.id, self.version)

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


def references(articles: Iterable[Article]) -> tuple[Reference, ...]:
    """Return the papers of these articles that have an id, in order of first appearance."""
    return tuple(_reference(paper) for paper in group_by_paper(articles) if paper.id)


def _reference(paper: PublishedPaper) -> Reference:
    newest = max(paper.records, key=lambda one: one.written_at, default=None)
    entry = max((article.entry for article in paper.articles), key=lambda one: len(one.authors))
    recorded = newest.authors if newest else ()
    return Reference(
        id=clean(paper.id),
        title=clean((newest and newest.title) or entry.title),
        authors=clean_all(recorded or entry.authors),
        more=bool(entry.more_authors) and not recorded,
        version=newest.version if newest else None,
        fields=paper.fields,
        articles=paper.articles,
    )


def _summary(reference: Reference) -> str:
    """Return the Korean summary on one line, of the first layout that the paper is printed in."""
    sections = reference.articles[0].entry.sections
    return " ".join(f"{clean(one.name)}: {plain(one.text)}" if one.name else plain(one.text) for one in sections)


# ---- BibTeX

# Braces count for BibTeX even behind a backslash, so that none of the title's own may remain.
_TEX = {
    **{"\\": r"{\textbackslash}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}", "`": r"{\textasciigrave}"},
    **{"~": r"{\textasciitilde}", "^": r"{\textasciicircum}", "<": r"{\textless}", ">": r"{\textgreater}"},
    **{char: f"\\{char}" for char in "&%$#_"},
}
_TEX_TABLE = str.maketrans(_TEX)
_LIGATURE = re.compile(r"([-'])(?=\1)")  # TeX makes one character of two of these


def bibtex(found: Iterable[Reference]) -> str:
    """Return BibTeX as arXiv itself gives it, with the Korean summary as `annote`; each key is the paper's id."""
    return "".join(map(_bibtex, found))


def citation(articles: Iterable[Article]) -> str:
    """Return one paper's BibTeX without the summary, for citing it; "" where there is no paper."""
    return "".join(_bibtex(reference, annotated=False) for reference in references(articles))


def _bibtex(reference: Reference, annotated: bool = True) -> str:
    names = [_tex_name(name) for name in reference.authors] + (["others"] if reference.more else [])
    fields = {
        "title": _tex(reference.title),
        "author": " and ".join(names),
        "year": str(reference.month.year) if reference.month else "",
        "month": str(reference.month.month) if reference.month else "",
        "eprint": _tex(reference.id),
        "archivePrefix": "arXiv",
        "doi": reference.doi,
        "url": reference.url,
        "annote": _tex(_summary(reference)) if annotated else "",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key(reference)},\n{lines}}}\n\n"


def key(reference: Reference) -> str:
    """Return a citation key: `arXiv:2408.11318`, `arXiv:hep-th-9901001`."""
    return f"arXiv:{_safe_name(reference.id)}"


def _tex(text: str) -> str:
    """Return a text in which TeX sees no command."""
    return _LIGATURE.sub(r"\1{}", text.translate(_TEX_TABLE))


def _tex_name(name: str) -> str:
    """Return a name as it is written; in braces where BibTeX would take a part of it for something else."""
    text = _tex(name)
    return f"{{{text}}}" if "," in name or re.search(r"\b(and|others)\b", name, re.IGNORECASE) else text


# ---- RIS


def ris(found: Iterable[Reference]) -> str:
    """Return RIS, one tag a line, with the Korean summary as a note: https://en.wikipedia.org/wiki/RIS_(file_format)"""
    return "".join(
        "".join(f"{tag}  - {value}\n" for tag, value in _ris(reference)) + "ER  - \n\n" for reference in found
    )


def _ris(reference: Reference) -> Iterator[tuple[str, str]]:
    yield "TY", "UNPB"
    yield "ID", key(reference)
    yield "TI", reference.title
    for name in reference.authors:
        yield "AU", ", ".join(filter(None, _split_name(name)))
    if reference.month:
        yield "PY", str(reference.month.year)
        yield "DA", f"{reference.month:%Y/%m}//"
    yield "DO", reference.doi
    yield "UR", reference.url
    yield "PB", "arXiv"
    yield "N1", _summary(reference)


def _split_name(name: str) -> tuple[str, str, str]:
    """Return family name with particles, given names and suffix of a name as arXiv prints it, given names first."""
    words = name.replace(",", " ").split()
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[start:]), " ".join(words[:start]), suffix


# ---- CSL-JSON


def csl_json(found: Iterable[Reference]) -> str:
    """Return a CSL-JSON array: https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables"""
    return json.dumps([_csl(reference) for reference in found], ensure_ascii=False, indent=1) + "\n"


def _csl(reference: Reference) -> dict[str, object]:
    item: dict[str, object] = {
        "id": key(reference),
        "type": "article",
        "genre": "Preprint",
        "title": reference.title,
        "author": [_csl_name(name) for name in reference.authors],
        "number": f"arXiv:{reference.id}",
        "publisher": "arXiv",
        "DOI": reference.doi,
        "URL": reference.url,
        "annote": _summary(reference),
    }
    if reference.version:
        item["version"] = str(reference.version)
    if reference.month:
        item["issued"] = {"date-parts": [[reference.month.year, reference.month.month]]}
    return item


def _csl_name(name: str) -> dict[str, str]:
    family, given, suffix = _split_name(name)
    if not given:
        return {"literal": name}
    return {"family": family, "given": given, **({"suffix": suffix} if suffix else {})}


# ---- JSON lines


def jsonl(found: Iterable[Reference]) -> str:
    """Return a paper a line: its facts, and each printed entry with the trace that its record has."""
    return "".join(json.dumps(_row(reference), ensure_ascii=False) + "\n" for reference in found)


def _row(reference: Reference) -> dict[str, object]:
    return {
        "id": reference.id,
        "version": reference.version,
        "title": reference.title,
        "authors": reference.authors,
        "url": reference.url,
        "entries": [_printed(article) for article in reference.articles],
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


def obsidian(found: Sequence[Reference]) -> dict[str, str]:
    """Return notes by file name: one a paper, and one a day that links to its papers."""
    notes = {f"{_safe_name(reference.id)}.md": _note(reference) for reference in found}
    days: dict[dt.date, list[Reference]] = {}
    for reference in found:
        for date in dict.fromkeys(article.date for article in reference.articles):
            days.setdefault(date, []).append(reference)
    return notes | {f"{interface.DAY_NOTE.format(date)}.md": _day_note(date, papers) for date, papers in days.items()}


def with_own_notes(new: str, old: str) -> str:
    """Return a note written anew, with what its owner wrote into the old one."""
    _, mark, own = old.partition(f"\n{OWN_NOTES}\n")
    return new + own if mark else new


def _note(reference: Reference) -> str:
    facts = {
        "title": reference.title,
        "aliases": [_alias(reference.title)],
        "arxiv": reference.id,
        "version": reference.version,
        "authors": list(reference.authors),
        "submitted": f"{reference.month:%Y-%m}" if reference.month else None,
        "dates": sorted({str(article.date) for article in reference.articles}),
        "fields": list(reference.fields),
        "url": reference.url,
    }
    matter = yaml.safe_dump(
        {name: value for name, value in facts.items() if value}, allow_unicode=True, sort_keys=False, width=10_000
    )
    parts = [f"# {_escape(reference.title)}", f"[arXiv {_escape(reference.id)}]({reference.url})"]
    parts += [part for article in reference.articles for part in _entry(article)]
    return f"---\n{matter}---\n\n" + "\n\n".join(parts) + f"\n\n{OWN_NOTES}\n"


def _entry(article: Article) -> Iterator[str]:
    yield f"## {article.layout} {article.date}"
    for section in article.entry.sections:
        if section.name:
            yield f"### {_escape(clean(section.name))}"
            yield from (_paragraph(text) for text in strip_invisible(section.text).splitlines() if text.strip())
    bullets = [section.text for section in article.entry.sections if not section.name]
    if bullets:
        yield "\n".join(f"- {_paragraph(strip_invisible(text))}" for text in bullets)
    if article.record and article.record.claims:
        yield "\n".join(_callout(article.record))


def _paragraph(text: str) -> str:
    return _escape(plain(text))


def _callout(record: EntryRecord) -> Iterator[str]:
    """Yield each sentence with those of the paper that it cites, folded away until it is opened."""
    yield f"> [!quote]- {interface.EVIDENCE}"
    kept = {cited.number: cited for cited in record.cited}
    for claim in record.claims:
        yield f"> - {_escape(clean(claim.text))}"
        for cited in (kept[number] for number in claim.cites if number in kept):
            place = f" ({_escape(clean(cited.section))})" if cited.section else ""
            yield f">   - \\[{cited.number}\\]{place} {_escape(clean(cited.text))}".rstrip()


def _day_note(date: dt.date, papers: Sequence[Reference]) -> str:
    links = (f"- [[{_safe_name(reference.id)}|{_alias(reference.title)}]]" for reference in papers)
    return f"# {interface.DAY_NOTE.format(date)}\n\n" + "\n".join(links) + f"\n\n{OWN_NOTES}\n"


def _escape(text: str) -> str:
    """Return a text in which Obsidian sees no markup: no link, tag, comment, formula, HTML or list."""
    escaped = _MARKDOWN.sub(lambda found: "".join(f"\\{char}" for char in found[0]), text)
    return _AT_LINE_START.sub(r"\1\\\2", escaped)


def _alias(title: str) -> str:
    """Return a title that can stand in a wikilink."""
    return clean(re.sub(r"[\[\]|#^\\]", " ", title).translate(_NO_TAG)) or "-"


def _safe_name(paper_id: str) -> str:
    """Return an id as a file's name on any system, or in a citation key."""
    return _NOT_IN_A_NAME.sub("-", paper_id).strip(".-") or "unknown"


# The formats that are one file, by the names that the command line gives them.
ONE_FILE: Final[Mapping[str, Callable[[Sequence[Reference]], str]]] = {
    "bibtex": bibtex,
    "ris": ris,
    "csl-json": csl_json,
    "jsonl": jsonl,
}
