"""arXiv identifiers in all their forms. The scheme: https://info.arxiv.org/help/arxiv_identifier.html"""

import re
from pathlib import Path
from typing import NamedTuple

from pipeline.core.errors import ConfigError

_NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
# No letter before it, and no backtracking: otherwise a search of ten years of digests takes twice as long.
_OLD = r"(?<![a-z])[a-z]++(?:-[a-z]++)?(?:\.[A-Z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
ID = rf"(?:{_NEW}|{_OLD})"
_FORM = re.compile(
    r"(?:arxiv:\s*|(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/"
    r"|(?:https?://)?(?:www\.)?huggingface\.co/papers/)?"
    rf"(?P<id>{ID})(?:v(?P<version>[1-9]\d*))?(?:\.pdf)?(?:[?#].*)?/?",
    re.IGNORECASE | re.ASCII,
)

_SHOWN = 10  # wrong lines in a message


class ArxivId(NamedTuple):
    """An arXiv id without version, and the version if one was given."""

    id: str
    version: int | None


def parse_id(value: str) -> ArxivId:
    """Parse an id, an `arXiv:` form, or an abs, pdf, html or Hugging Face link; ConfigError for anything else.

    An old id is returned as arXiv cites it, in lower case and without subject class: `math/0309136` for
    `math.GT/0309136`.
    """
    match = _FORM.fullmatch(value.strip())
    if not match:
        raise ConfigError(
            f"{value!r} is not an arXiv id; give one like 2408.11318, arXiv:2408.11318v2 or astro-ph/0601001."
        )
    archive, slash, number = match["id"].lower().rpartition("/")
    return ArxivId(archive.partition(".")[0] + slash + number, int(match["version"]) if match["version"] else None)


def read_ids(path: Path) -> list[str]:
    """Read a file of ids, one a line, without versions or repetitions; empty lines and # comments are skipped.

    ConfigError names every line that is no id.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read as text: {error}; give a file with an arXiv id on each line."
        ) from None
    named = {number: line.strip() for number, line in enumerate(lines, start=1) if line.strip()[:1] not in ("", "#")}
    ids: dict[str, None] = {}
    wrong = []
    for number, line in named.items():
        try:
            ids[parse_id(line).id] = None
        except ConfigError:
            wrong.append(f"line {number} ({line[:40]})")
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise ConfigError(f"{path} holds what is no arXiv id: {', '.join(wrong[:_SHOWN])}{more}; correct it.")
    if not ids:
        raise ConfigError(f"{path} holds no arXiv id; give one on each line.")
    return list(ids)
