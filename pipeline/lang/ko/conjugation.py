"""Korean endings: which particle a word takes and how a verb stem is conjugated. Regular verbs only. Pure."""

from pipeline.lang.ko.particles import FORMS

_FIRST, _LAST, _FINALS = ord("가"), ord("힣"), 28
_N, _L, _M, _B = 4, 8, 16, 17  # the final consonants ㄴ ㄹ ㅁ ㅂ in their Unicode order
_EO_AFTER_I = 6 - 20  # from the vowel ㅣ to ㅕ
# What figures and letters end in when they are read aloud in Korean (영 일 … 구, 엘 엠 엔 알).
_READ = dict.fromkeys("036MNmnbckpt", _N) | dict.fromkeys("178LRl", _L)
_PARTICLES = FORMS | {"과의": "와의"}
# Endings that close an open last syllable: its final consonant, what follows it, and the form after another consonant.
_ENDINGS = {"니다": (_B, "니다", "습니다"), "ㄴ": (_N, "", "은"), "ㄹ": (_L, "", "을"), "ㅁ": (_M, "", "음")}


def final(word: str) -> int:
    """Return the final consonant of a word as read aloud: 0 for none, 8 for ㄹ, else another number above 0."""
    if word.endswith(("ne", "me", "le")):  # the last letter is silent: MotionClone, Oracle
        word = word.removesuffix("e")
    for letter in reversed(word):
        if _FIRST <= ord(letter) <= _LAST:
            return (ord(letter) - _FIRST) % _FINALS
        if letter == "%":
            return 0
        if letter.isalnum():
            return _READ.get(letter, 0)
    return 0


def attach(word: str, particle: str) -> str:
    """Return a word with a particle, given in its form after a consonant: 은, 이, 을, 과, 으로, 이라는, or another."""
    open_form = _PARTICLES.get(particle.split(" ")[0])
    closed = final(word) not in ((0, _L) if particle.startswith("으로") else (0,))
    if open_form is None or closed:
        return word + particle
    head, _, rest = particle.partition(" ")
    return word + _PARTICLES[head] + (f" {rest}" if rest else "")


def conjugate(stem: str, ending: str) -> str:
    """Return a verb stem with an ending: 니다 (formal), ㄴ or ㄹ (before a noun), ㅁ (noun), 여 (and so), 고, 는 …"""
    last = ord(stem[-1]) - _FIRST
    if ending == "여":
        return _linked(stem, last)
    consonant, rest, closed = _ENDINGS.get(ending, (0, ending, ending))
    return stem[:-1] + chr(ord(stem[-1]) + consonant) + rest if last % _FINALS == 0 else stem + closed


def passive(stem: str) -> str | None:
    """Return the passive of a verb in 하다 or 시키다 (제안하, 향상시키), as a stem; None for others."""
    for active in ("시키", "하"):
        if stem.endswith(active):
            return stem.removesuffix(active) + "되"
    return None


def without_final(syllable: str, consonant: str) -> str | None:
    """Return a verb's last syllable without the ㅂ, ㄴ or ㅁ of an ending: 하 of 합, 들 of 듭; None if it has none."""
    number = {"ㅂ": _B, "ㄴ": _N, "ㅁ": _M}[consonant]
    if final(syllable) != number:
        return None
    stem = chr(ord(syllable) - number)
    return "들" if stem == "드" else stem


def _linked(stem: str, last: int) -> str:
    if stem.endswith("하"):
        return stem + "여"
    if last % _FINALS == 0 and last // _FINALS % 21 == 20:  # ends in ㅣ
        return stem[:-1] + chr(ord(stem[-1]) + _EO_AFTER_I * _FINALS)
    return stem + "어"


def number(value: float) -> str:
    """Return a figure in Korean scales, exact: 2.5e9 → 25억, 40087 → 40,087."""
    for power, unit in ((12, "조"), (8, "억"), (4, "만")):
        scaled = value / 10**power
        if scaled >= 1 and round(scaled, 2) == scaled:
            return f"{scaled:,.2f}".rstrip("0").rstrip(".") + unit
    return f"{value:,.0f}"
