"""Can a reader see what an element holds? From its attributes and inline style alone; style sheets are not read. Pure.

Authors have hidden instructions to models in papers: as white text, in tiny letters, outside the page.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

Colour = tuple[int, int, int]
WHITE, BLACK = (255, 255, 255), (0, 0, 0)

SMALLEST = 2.0  # pixels
NEAREST = 16  # of 255: colours that differ by less in every channel cannot be told apart
_BODY_SIZE = 16.0
_PIXELS = {"px": 1.0, "pt": 4 / 3}
_NAMES = {"white": WHITE, "black": BLACK}
_CLASSES = frozenset({"sr-only", "visually-hidden", "ltx_phantom"})
_HEX = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b")
_RGB = re.compile(r"rgba?\(\s*(\d+)\D+(\d+)\D+(\d+)(?:\D+?([\d.]+))?\s*\)")
_LENGTH = re.compile(r"(\d*\.?\d+)(px|pt|%|em|rem)")
_SCALE = re.compile(r"(?:scale|matrix)\(\s*(-?\d*\.?\d+)")
_OUTSIDE = re.compile(r"(?:^|;)\s*(?:left|right|top|text-indent|margin-left)\s*:\s*-\d{4,}")


class Look(NamedTuple):
    """What an element's text looks like: colours (None: unknown, an image say), pixels, and why it is not seen."""

    color: Colour | None = BLACK
    background: Colour | None = WHITE
    size: float = _BODY_SIZE
    hidden: str = ""


def look(attributes: Mapping[str, str | None], around: Look) -> Look:
    """The look of an element inside another; `hidden` is "" for what can be seen."""
    style = _declarations((attributes.get("style") or "").lower())
    now = around._replace(
        color=_color(style.get("--ltx-fg-color") or style.get("color") or attributes.get("mathcolor"), around.color),
        background=_color(
            style.get("--ltx-bg-color")
            or style.get("background-color")
            or style.get("background")
            or attributes.get("bgcolor")
            or attributes.get("mathbackground"),
            around.background,
        ),
        size=_size(style, around.size),
    )
    return now._replace(hidden=_by_attribute(attributes) or _by_style(style) or _unseen(now))


def _declarations(style: str) -> dict[str, str]:
    pairs = (declaration.partition(":") for declaration in style.split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value.strip()}


def _by_attribute(attributes: Mapping[str, str | None]) -> str:
    if "hidden" in attributes or not _CLASSES.isdisjoint((attributes.get("class") or "").split()):
        return "hidden element"
    return "hidden from readers by aria-hidden" if attributes.get("aria-hidden") == "true" else ""


def _by_style(style: Mapping[str, str]) -> str:
    if style.get("display") == "none":
        return "display:none"
    if style.get("visibility") in ("hidden", "collapse"):
        return "visibility:hidden"
    if re.fullmatch(r"0*\.?0*%?", style.get("opacity", "1")):
        return "opacity:0"
    declared = ";".join(f"{name}:{value}" for name, value in style.items())
    return "outside the page" if _OUTSIDE.search(declared) else ""


def _unseen(now: Look) -> str:
    if now.size < SMALLEST:
        return "letters too small to see"
    return "text in the colour of its background" if _alike(now.color, now.background) else ""


def _alike(one: Colour | None, other: Colour | None) -> bool:
    return bool(one and other) and all(abs(a - b) < NEAREST for a, b in zip(one or (), other or (), strict=True))


def _size(style: Mapping[str, str], around: float) -> float:
    size = around
    if match := _LENGTH.fullmatch(style.get("font-size", "").strip()):
        number, unit = float(match[1]), match[2]
        relative = {"%": around / 100, "em": around, "rem": _BODY_SIZE}
        size = number * (_PIXELS.get(unit) or relative[unit])
    elif style.get("font-size") == "0":
        size = 0.0
    scale = _SCALE.search(style.get("transform", ""))
    return size * abs(float(scale[1])) if scale else size


def _color(value: str | None, around: Colour | None) -> Colour | None:
    if not value or value in ("inherit", "currentcolor"):
        return around
    value = value.lower()
    if match := _HEX.search(value):
        digits = match[0][1:] if len(match[0]) == 7 else "".join(digit * 2 for digit in match[0][1:])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if match := _RGB.search(value):
        return int(match[1]), int(match[2]), int(match[3])
    return _NAMES.get(value.split()[0])
