"""The lists of papers that `--source` names: one line each, by scheme. Opens them; imports a list when it is opened."""

import datetime as dt
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pipeline.core.config import Settings
    from pipeline.core.http import ArxivAccess


class PaperList(NamedTuple):
    """A list of papers, one a day. `module` has `open_list(argument, context)`, which returns the list as a source.

    `recorded` matches the names that records have for it; its group, if there is one, is the argument, which has the
    form `argument`. `is_final`: a day names itself and is whole when first read, without votes and thumbnails; any
    other list may grow for days. `usage` tells a person how to name it.
    """

    module: str
    usage: str
    recorded: str
    argument: str = ""
    is_final: bool = False


class ListKey(NamedTuple):
    """Which list: a scheme of `LISTS`, and what it is a list of."""

    scheme: str
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}:{self.argument}" if self.argument else self.scheme


class ListContext(NamedTuple):
    """What a list is opened with. `days` are the first and the last of many past days, None for the newest list."""

    settings: "Settings"
    access: "ArxivAccess"
    text_budget: int
    now: dt.datetime
    days: tuple[dt.date, dt.date] | None = None


_CATEGORY = r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?"
LISTS = {
    "huggingface": PaperList("pipeline.sources.web", "huggingface", "Hugging Face Daily Papers"),
    "arxiv": PaperList(
        "pipeline.sources.category", "a category like arxiv:cs.CL", r"arXiv (\S+)(?: by OAI-PMH)?", _CATEGORY, True
    ),
}
DEFAULT = ListKey("huggingface")


def parse_key(value: str) -> ListKey:
    """Read a list's name as `--source` has it; ValueError says which there are."""
    scheme, _, argument = value.partition(":")
    if scheme not in LISTS or not re.fullmatch(LISTS[scheme].argument, argument):
        raise ValueError(f"{value!r} is not a source; give {', or '.join(one.usage for one in LISTS.values())}.")
    return ListKey(scheme, argument)


def key_of(recorded: str) -> ListKey | None:
    """Return the key of a list by the name that a record has for it; None for a list that `--source` cannot name."""
    for scheme, one in LISTS.items():
        if match := re.fullmatch(one.recorded, recorded):
            return ListKey(scheme, *match.groups())
    return None


def is_final(recorded: str) -> bool:
    """Tell whether a day of the list that a record names is whole when it is first read."""
    key = key_of(recorded)
    return key is not None and LISTS[key.scheme].is_final


def is_same(recorded: str, other: str) -> bool:
    """Tell whether two names in records are of one list, however each was read."""
    return (key_of(recorded) or recorded) == (key_of(other) or other)


def open_list(key: ListKey, context: ListContext) -> Any:
    """Return the list as a source of days, facts and texts."""
    return import_module(LISTS[key.scheme].module).open_list(key.argument, context)
