"""Finds talk that says nothing of the paper: chat, leftovers of a prompt, stock praise.

The patterns expect a text in which every line, the first one too, follows a newline. `check` uses them as they are.
"""

import re
from collections.abc import Iterable
from functools import cache

from pipeline.lang import en
from pipeline.lang.concepts import Concepts, Mention
from pipeline.lang.ko import lexicon
from pipeline.lang.ko.style import Flaw
from pipeline.lang.quantities import quantities

QUOTES = "'\"‘“「『`"


def any_of(*alternatives: str) -> re.Pattern[str]:
    """Return one pattern; at most one group in each alternative, for what is at fault if that is not all that matches.

    Each alternative must begin with a literal character: `re` then skips to those at ten times the speed.
    """
    return re.compile("|".join(alternatives), re.MULTILINE)


# Every repetition is bounded, so that a hostile file costs time in proportion to its length.
VALUE = r"\n(?:- )?(?:[^\s:][^:\n]{0,40}:\*{0,3} ?)?"  # a line's text, after its label if it has one
_FIELD = r"(?:title|abstract|authors?|date|paper(?:_id)?|summary|name|votes?|text|url|content|제목|저자|요약|초록|날짜)"
_PLEASE = r" ?(?:주세요|주시면|주십시오|주시기)"
_OFFER = r" ?드리(?:겠습니다|도록|고자)"
_COMMAND = r"(?:해 ?주세요|하세요|하시오|해라|하십시오)"

PROMPT = any_of(
    r"\{\{[^{}\\\n]{0,200}\}\}",
    r"\{%[^%\n]{0,200}%\}",
    rf"\{{(?<![A-Za-z}}^_\\$]\{{){_FIELD}\}}",
    rf"%\({_FIELD}\)s",
    r"\[(?:논문 ?)?(?:저자|제목|저자 ?이름|논문명|날짜|요약|초록|내용|추천수|링크)\](?![(\[])",
    r"\[(?:[Tt]itle|TITLE|[Aa]uthors?|AUTHORS?|[Aa]bstract|ABSTRACT|[Ss]ummary|SUMMARY)\](?![(\[])",
    r"\[(?:여기에|[Ii]nsert|INSERT|[Yy]our|YOUR) [^\]\n]{1,60}\]",
    r"</?(?:title|abstract|paper|summary|authors?|article|document|instructions?|examples?)>",
    r"<\|[a-z_]{1,30}\|>",
    r"<(?:start|end)_of_turn>",
    r"<</?SYS>>",
    r"\[/?INST\]",
    rf"{VALUE}(</?think>)",
    rf"{VALUE}((?:TODO|FIXME|TBD)\b)",
    r"TODO[:)\]]",
    r"FIXME[:)\]]",
    r"TBD[:)\]]",
    r"\n(`{3}[^\n]{0,80})",
    r"\n((?:Human|Assistant|User|System|Abstract|Title|Input|Output|사용자|초록|답변):)",
    r"\n(#{1,6} ?(?:Instructions?|Input|Output|Response|Task|지시(?: ?사항)?|입력|출력(?: ?형식)?)\b:?)",
    *(verb + _COMMAND for verb in ("요약", "번역", "작성", "출력", "답변")),
)

CHAT = any_of(
    *(verb + _PLEASE for verb in ("말씀해", "제공해", "입력해", "공유해", "확인해", "문의해", "질문해", "알려")),
    *(verb + _OFFER for verb in ("도와", "알려", "요약해", "번역해", "작성해", "정리해", "설명해", "안내해", "답변")),
    r"도와 ?드릴",
    r"드릴까요",
    r"시(?:면|다면) (?:언제든|말씀|알려|질문|문의)",
    r"죄송(?:합니다|하지만|스럽)",
    r"사과드(?:립니다|리)",
    rf"{VALUE}(네,(?= )|물론입니다|물론이죠|알겠습니다|이해했습니다|Sure[,!.]|Certainly[,!.]|Of course[,!.])",
    r"언어 모델(?:로서|이기 때문에|이므로),? (?:저는|제가)",
    r"저는 (?:AI|인공지능|언어 모델)",
    r"As an AI\b",
    r"As a (?:large )?language model,? I\b",
    r"I(?:'|’| a)m (?:sorry|unable)\b",
    r"I apologi[sz]e",
    r"I (?:cannot|can't|can’t|could not) (?:assist|help|provide|fulfill|comply|access|summari[sz]e|translate)",
    r"Here(?:'s|’s| is| are) (?:the|a|your) (?:[A-Za-z]{1,20} ){0,2}(?:summary|translation|response|answer)",
    r"Let me know if",
    r"I hope this helps",
    r"Please (?:provide|let me know)",
)

_STOCK = any_of(
    r"혁신적",
    r"획기적",
    r"놀라운",
    r"놀랍게",
    r"탁월",
    r"눈부신",
    r"괄목할",
    r"주목할 만한",
    r"인상적",
    r"비약적",
    r"독보적",
    r"새로운 (?:지평|장을|길을)",
    r"한 획을",
    r"게임 ?체인저",
    r"패러다임",
    r"무한한",
    r"(?:중요한|크게|큰|많은) (?:기여|통찰)",
    r"기여할 것",
    r"기대(?:됩니다|를 모)",
    r"전망입니다",
    r"의의가 (?:있|큽)",
    r"가능성을 (?:열|보여|제시|넓)",
    r"(?:초석|발판|이정표)",
    r"극대화",
    r"성능 (?:향상|개선)을 (?:보여|이루|이룬|기록|달성)",
    r"뛰어난 (?:성능|성과|결과)",
)
# Terms that are in so many papers that naming one says nothing, beside the lexicon's general words and abbreviations.
_ANY_PAPER = (
    "benchmark|baseline|neural network|loss|metric|accuracy|user|human|environment|domain|robust|performance|inference"
    "|reasoning|image|dataset|real world|training|prediction|learning"
).split("|")
_MANY = 7  # general terms that say something together


def problems(sentence: str) -> list[Flaw]:
    """Return the chat and leftovers of a prompt in a sentence, those in quotation marks aside."""
    found = []
    for rule, message, pattern in (
        ("filler/chat", "Check whether this talks to the reader instead of saying what the paper says.", CHAT),
        ("filler/prompt", "Check whether this is left over from a prompt or template.", PROMPT),
    ):
        for match in pattern.finditer(f"\n{sentence}"):
            start = match.start(match.lastindex or 0)
            if sentence[max(start - 2, 0)] not in QUOTES:
                found.append(Flaw(rule, message, match[match.lastindex or 0]))
    return found


def praise(sentence: str, concepts: Concepts) -> str:
    """Return the stock praise of a sentence without a figure, a name or a term of its own, else ""."""
    stock = _STOCK.search(sentence)
    if not stock or any(not quantity.loose for quantity in quantities(sentence)):
        return ""
    return "" if _is_specific(concepts.of_korean(sentence)) else stock[0]


def _is_specific(mentions: Iterable[Mention]) -> bool:
    """Return whether one of the mentions could not stand in a summary of any paper, or they are many."""
    places: dict[int, set[str]] = {}
    for mention in mentions:
        places.setdefault(mention.start, set()).add(mention.concept)
    return len(places) > _MANY or any(not meanings & _unspecific() for meanings in places.values())


@cache
def _unspecific() -> frozenset[str]:
    """Return the stems of the terms of any paper."""
    short = lexicon.abbreviations()
    phrases = (*lexicon.entries("general"), *short, *short.values(), *_ANY_PAPER)
    return frozenset(" ".join(en.stem(word) for word in re.findall(r"[a-z0-9]+", phrase)) for phrase in phrases)
