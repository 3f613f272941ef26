"""arXiv identifiers in all their forms. The scheme: https://info.arxiv.org/help/arxiv_identifier.html"""

import re
from typing import NamedTuple

from pipeline.errors import ConfigError

_NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_OLD = r"[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
ID = rf"(?:{_NEW}|{_OLD})"
_FORM = re.compile(
    r"(?:arxiv:\s*|(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/"
    r"|(?:https?://)?(?:www\.)?huggingface\.co/papers/)?"
    rf"(?P<id>{ID})(?:v(?P<version>[1-9]\d*))?(?:\.pdf)?(?:[?#].*)?/?",
    re.IGNORECASE | re.ASCII,
)


class ArxivId(NamedTuple):
    """An id without version, and the version if one was given."""

    id: str
    version: int | None


def parse_id(value: str) -> ArxivId:
    """Read an id, `arXiv:` form, or abs, pdf, html or Hugging Face link; ConfigError when it is none of these."""
    match = _FORM.fullmatch(value.strip())
    if not match:
        raise ConfigError(
            f"{value!r} is not an arXiv id; give one like 2408.11318, arXiv:2408.11318v2 or astro-ph/0601001."
        )
    return ArxivId(match["id"], int(match["version"]) if match["version"] else None)
