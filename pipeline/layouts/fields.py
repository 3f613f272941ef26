"""The one-line fields of an entry, read and written: links, thumbnails, authors; and what a text may look like.

Every `write_…` is the canonical form that `read_…` reads back. Knows no layout.
"""

import ast
import re
import warnings
from collections.abc import Callable

from pipeline.core.errors import ConfigError
from pipeline.core.ids import parse_id
from pipeline.core.text import fold

_SOCIAL = "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{}.png"
_VIDEO = re.compile(r"\.(?:mp4|webm)(?:[?#].*)?$", re.IGNORECASE)
_MORE = re.compile(r"(?P<names>.*\S?),?\s+외\s+(?P<more>[1-9][0-9]{0,5})명")


def id_of(url: str) -> str:
    """Return the arXiv id without version in a link; "" when there is none."""
    try:
        return parse_id(url).id
    except ConfigError:
        return ""


def social_thumbnail(paper_id: str) -> str | None:
    """Return the address of Hugging Face's own picture of a paper; None without an id."""
    return _SOCIAL.format(paper_id) if paper_id else None


def is_video(url: str) -> bool:
    """Tell whether a browser plays what the URL names: `.mp4` or `.webm`."""
    return bool(_VIDEO.search(url))


def read_authors(value: str) -> tuple[tuple[str, ...], int]:
    """Return the names of an author line and the N of `외 N명`; a Python or JSON list is read as the names in it.

    A comma inside a name cannot be told from one between names: `clean_name` makes it a space.
    """
    value, more = fold(value), 0
    names = _literal_list(value)
    if names is None:
        if match := _MORE.fullmatch(value):
            value, more = match["names"], int(match["more"])
        names = value.split(",")
    return tuple(filter(None, map(clean_name, names))), more


def write_authors(names: tuple[str, ...], more: int) -> str:
    """Return `A, B 외 3명`, without the last part when all are named."""
    return ", ".join(names) + (f" 외 {more}명" if more else "")


def clean_name(name: str) -> str:
    """Return a name as an author line can hold it: one line, no comma, no bracket that would open a list."""
    return fold(name.replace(",", " ")).lstrip("[ ")


def normal_authors(names: tuple[str, ...], more: int) -> tuple[tuple[str, ...], int]:
    """Return the names as they are read back once written."""
    cleaned = tuple(filter(None, map(clean_name, names)))
    return read_authors(write_authors(cleaned, more)) if cleaned else ((), 0)


def _literal_list(value: str) -> list[str] | None:
    if not (value.startswith("[") and value.endswith("]")):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a backslash in a name is no fault of this program
            names = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else None


def normal_text(text: str, structural: Callable[[str], bool]) -> str:
    """Return a section's text as it is read back once written: LF, no blank lines at its ends.

    A line after the first that would be read as part of the form is joined to the line before it.
    """
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not kept and not line.strip():
            continue
        kept.append(line)
        while len(kept) > 1 and structural(kept[-1]):
            last = kept.pop()
            _drop_blank_end(kept)
            kept[-1] += " " + last
    _drop_blank_end(kept)
    return "\n".join(kept)


def _drop_blank_end(lines: list[str]) -> None:
    while lines and not lines[-1].strip():
        lines.pop()
