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
_NAMES = {"black": BLACK} | dict.fromkeys(
    ("white", "snow", "ivory", "ghostwhite", "floralwhite", "mintcream", "azure", "whitesmoke"), WHITE
)
_CLASSES = frozenset({"sr-only", "visually-hidden", "ltx_phantom"})
# Without one of these, or of the classes, an element looks as what is around it: nearly all of a page.
_TELLING = frozenset("style mathcolor color bgcolor mathbackground hidden aria-hidden".split())
_HEX = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?:[0-9a-f]{1,2})?\b")  # with or without an alpha channel
_RGB = re.compile(r"rgba?\(\s*(\d+)(%?)\D+(\d+)\D+(\d+)")
_HSL = re.compile(r"hsla?\([^,%]+[,\s]+[\d.]+%[,\s]+(\d+)")
_CLEAR = re.compile(r"transparent|#(?:[0-9a-f]{3}0|[0-9a-f]{6}00)\b|\((?:[^,/()]+,){3}\s*[0.]+%?\s*\)|/\s*[0.]+%?\s*\)")
_LENGTH = re.compile(r"(\d*\.?\d+)(px|pt|%|em|rem)")
_COMMENT = re.compile(r"/\*.*?\*/")
_FONT = re.compile(r"(?:^|\s)(0|\d*\.?\d+(?:px|pt|%|em|rem))(?=[\s/])")
_SCALE = re.compile(r"(?:scale|matrix)\(\s*(-?\d*\.?\d+)")
_FAR = r"-(?:\d{4,}|\d{3,}(?:\.\d*)?(?:em|rem|vw|vh|%))"
_STYLES = {
    "display:none": re.compile(r";display:none;"),
    "visibility:hidden": re.compile(r";visibility:(?:hidden|collapse);"),
    "opacity:0": re.compile(r";opacity:(?:0*(?:\.0\d*)?|\d(?:\.\d*)?%);"),
    "outside the page": re.compile(
        rf";(?:left|right|top|bottom|text-indent|margin-left|margin-top):{_FAR}|translate\w*\(\s*(?:0\w*\s*,\s*)?{_FAR}"
    ),
    "clipped away": re.compile(
        r";clip:rect\((?:\s*[01](?:px)?[\s,]*){4}\)|;clip-path:(?:inset\((?:[5-9]\d|\d{3,})%|circle\(0)"
    ),
    "no room for it": re.compile(
        r";(?:max-)?(?:height|width):[01]?(?:\.\d+)?(?:px|pt|em)?;(?:.*;)?overflow(?:-[xy])?:hidden;"
    ),
    "a transparent colour": re.compile(rf";color:[^;]*(?:{_CLEAR.pattern})"),
}


class Look(NamedTuple):
    """What an element's text looks like: colours (None: unknown, an image say), pixels, and why it is not seen."""

    color: Colour | None = BLACK
    background: Colour | None = WHITE
    size: float = _BODY_SIZE
    hidden: str = ""


def look(attributes: Mapping[str, str | None], around: Look) -> Look:
    """Return the look of an element inside another; `hidden` is "" for what can be seen."""
    if _TELLING.isdisjoint(attributes) and _CLASSES.isdisjoint((attributes.get("class") or "").split()):
        return around
    style = _declarations((attributes.get("style") or "").lower())
    now = around._replace(
        color=_color(style.get("--ltx-fg-color") or style.get("color") or _attribute(attributes), around.color),
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


def _attribute(attributes: Mapping[str, str | None]) -> str | None:
    return attributes.get("mathcolor") or attributes.get("color")


def _declarations(style: str) -> dict[str, str]:
    pairs = (declaration.partition(":") for declaration in _COMMENT.sub("", style).split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value.strip()}


def _by_attribute(attributes: Mapping[str, str | None]) -> str:
    if "hidden" in attributes or not _CLASSES.isdisjoint((attributes.get("class") or "").split()):
        return "hidden element"
    return "hidden from readers by aria-hidden" if attributes.get("aria-hidden") == "true" else ""


def _by_style(style: Mapping[str, str]) -> str:
    declared = "".join(f";{name}:{value}" for name, value in sorted(style.items())) + ";"
    return next((reason for reason, pattern in _STYLES.items() if pattern.search(declared)), "") if style else ""


def _unseen(now: Look) -> str:
    if now.size < SMALLEST:
        return "letters too small to see"
    return "text in the colour of its background" if _alike(now.color, now.background) else ""


def _alike(one: Colour | None, other: Colour | None) -> bool:
    return bool(one and other) and all(abs(a - b) < NEAREST for a, b in zip(one or (), other or (), strict=True))


def _size(style: Mapping[str, str], around: float) -> float:
    size = around
    font = _FONT.search(style.get("font", ""))
    declared = style.get("font-size") or (font[1] if font else "")
    if match := _LENGTH.fullmatch(declared):
        number, unit = float(match[1]), match[2]
        relative = {"%": around / 100, "em": around, "rem": _BODY_SIZE}
        size = number * (_PIXELS.get(unit) or relative[unit])
    elif re.fullmatch(r"[0.]+", declared):
        size = 0.0
    scale = _SCALE.search(style.get("transform", ""))
    return size * abs(float(scale[1])) if scale else size


def _color(value: str | None, around: Colour | None) -> Colour | None:
    value = (value or "").lower()
    if not value or value in ("inherit", "currentcolor") or _CLEAR.search(value):
        return around
    if match := _HEX.search(value):
        digits = match[1] if len(match[1]) == 6 else "".join(digit * 2 for digit in match[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if match := _RGB.search(value):
        of_255 = 2.55 if match[2] else 1
        return round(int(match[1]) * of_255), round(int(match[3]) * of_255), round(int(match[4]) * of_255)
    if match := _HSL.search(value):
        grey = round(int(match[1]) * 2.55)  # near white and near black the hue cannot be seen
        return grey, grey, grey
    return _NAMES.get(value.split()[0])
