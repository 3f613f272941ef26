"""Corrects the form of a Korean particle after a Latin name or figure that is read in one way only. Pure."""

import re

# A particle after a consonant and after a vowel.
FORMS = {"은": "는", "이": "가", "을": "를", "과": "와", "으로": "로", "이라는": "라는"}
_CLOSED = {form: closed for closed, open_form in FORMS.items() for form in (closed, open_form)}
# What the usual readings end in, one character each: ㄹ, ㅇ for any other consonant, a space for none.
_UNKNOWN = "ㅇ "
_FIGURES = dict(zip("0123456789", "ㅇㄹ ㅇ  ㅇㄹㄹ ", strict=True))  # 영 일 이 삼 사 오 육 칠 팔 구
# Digits of names are read in Korean or in English.
_IN_NAMES = dict(zip("0123456789", ("ㅇ ", "ㄹㅇ", " ", "ㅇ ", " ", " ", "ㅇ ", "ㄹㅇ", "ㄹ ", "ㅇ "), strict=True))
_LETTERS = {"L": "ㄹ", "M": "ㅇ", "N": "ㅇ", "R": "ㄹ"}  # 엘 엠 엔 알; the others end in vowels
_ENDINGS = dict.fromkeys("aiouwyrsxzfvh", " ") | {"n": "ㅇ", "m": "ㅇ", "l": "ㄹ"}  # of words; others go both ways
_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9.,+@-]*[A-Za-z0-9])?%?"
_WITH_PARTICLE = re.compile(
    rf"(?<![\w.,+@\-^_/:*$€£₩=\\·×])(?P<word>{_WORD})"
    r"(?:(?P<single>이라는|라는|은|는|이|가|을|를)|(?P<joined>과|와)(?=[의는도]?(?![가-힣]))"
    r"|(?P<towards>으로|로)(?=(?:써|서|부터)?[의는도만]?(?![가-힣])))(?(single)(?![가-힣]))"
)
_AFTER_NAME = re.compile(r"[A-Za-z][\w.-]*\s$", re.ASCII)


def mended(text: str) -> str:
    """Return the text with the other form of a particle where the word before it asks for that: GPT-4을 → GPT-4를.

    Only where every usual reading agrees: GPT-3 (삼, 쓰리), BERT and words in a silent e stay as they are written.
    """
    return _WITH_PARTICLE.sub(_mended, text)


def _mended(match: re.Match[str]) -> str:
    particle = match["single"] or match["joined"] or match["towards"]
    in_name = bool(_AFTER_NAME.search(match.string, max(0, match.start() - 40), match.start()))
    forms = {_form(particle, final) for final in _finals(match["word"], in_name)}
    return match["word"] + (forms.pop() if len(forms) == 1 else particle)


def _form(particle: str, final: str) -> str:
    closed = _CLOSED[particle]
    if particle == "이라는":
        return particle  # right after a vowel too
    return FORMS[closed] if final == " " or (final == "ㄹ" and closed == "으로") else closed


def _finals(word: str, in_name: bool) -> str:
    """Return what the usual readings of a word end in; `_UNKNOWN` where there are others: ViT-L is read "Large"."""
    if re.search("[-.][A-Z]$", word):
        return _UNKNOWN
    if word.endswith("%"):
        return " "  # 퍼센트, 프로
    if word[-1].isdigit():
        return _finals_of_digits(word, in_name)
    letters = re.search("[A-Za-z]+$", word)[0]  # type: ignore[index]  # the word ends in one
    if letters != word and word[-len(letters) - 1].isdigit():
        return " " if letters in ("D", "o") else _UNKNOWN  # 3D, 4o; units and sizes are read in several ways
    return _finals_of_letters(letters)


def _finals_of_digits(word: str, in_name: bool) -> str:
    if not in_name and re.fullmatch(r"[\d.,-]+", word):
        return _FIGURES[word[-1]]
    teen = "ㅇ" if re.search("1[3-9]$", word) else ""
    return _IN_NAMES[word[-1]] + teen


def _finals_of_letters(letters: str) -> str:
    """Return what an acronym ends in, read letter by letter, and as a word too where it has vowels: GAN."""
    capitals = re.search("[A-Z]*$", letters)[0]  # type: ignore[index]  # it always matches
    as_word = "ㅇ" if letters.endswith("ng") else _ENDINGS.get(letters[-1].lower(), _UNKNOWN)
    spelled = _LETTERS.get(letters[-1].upper(), " ")
    if len(letters) == 1:
        return spelled
    if len(capitals) < 2:  # LoRA, but not MoE and ViT
        return as_word if letters.islower() or letters[-1].islower() or as_word == " " else _UNKNOWN
    if capitals != letters and spelled != " ":
        return _UNKNOWN  # FocusLLM is followed by 는 in a golden digest, whose bytes stay; ChatGPT by nothing else
    return spelled if len(capitals) < 3 or not re.search("[AEIOUY]", capitals) else spelled + as_word
