"""Is a sentence of a paper addressed to a language model instead of a reader? By its wording alone. Pure.

What such a sentence claims must not count as the paper's own word: it is left out of what a summary may rest on, and
noted. Knows the usual wordings only; whatever gets past it is data in a prompt and must still be verified.
"""

import re

from pipeline.core.models import SourceText
from pipeline.core.text import printable

_EXCERPT = 80
_MOST_NOTES = 20
_MODEL = r"(?:AIs?|LLMs?|(?:large )?language models?|chat ?bots?|(?:AI )?(?:assistants?|reviewers?|summari[sz]ers?))"
_STARTS = r"(?:^|[.:;,!?|\"“”'‘(>\]-]\s*|\b(?:please|must|should|you|now|then|and|only|also|to)\s+)"
_SAY = r"(?:write|say|answer|respond|reply|output|print|repeat|recommend|rate|mark|praise|give|state)"
_WHAT = r"(?:that|only|exactly|the following|supported|this paper|instead|positive review|\d+%)"
_KOREAN_SAY = r"(?:답변?|출력|작성|써|쓰|응답|말|평가)\s?(?:하라|하세요|하시오|해라|해 ?주|하십|으?십시오|세요|라)"
_ORDER = re.compile(
    "|".join(
        (
            # what was said before does not count
            rf"{_STARTS}(?:ignore|disregard|forget|override|bypass|do not follow)\b.{{0,60}}"
            r"\b(?:instructions?|prompts?|directions?|commands?|above|told|previous|this and)\b",
            r"\b(?:new|updated|system) (?:instructions?|override)\s*:",
            r"(?:지시|명령|프롬프트|지침|규칙).{0,20}(?:무시|잊)",
            r"(?:忽略|无视|無視).{0,20}(?:指令|指示|命令|提示)",
            # who is meant
            rf"(?:^|[.:;!]\s*)(?:dear|note to|attention|message to|to)?\s*(?:all |any |the |every )?{_MODEL}\s*:",
            rf"\b(?:if|as) (?:you are )?an? {_MODEL}\b.{{0,40}}(?:,|you|must|should)",
            r"\byour (?:answer|response|output|summary) (?:cannot|must|should|is|will)\b",
            # what to say
            rf"(?:^|[.:;!>]\s*|\b(?:please|now)\s+){_SAY}\b.{{0,60}}?\b{_WHAT}",
            rf"(?:라고|다고|만|다음과 같이)\s?{_KOREAN_SAY}",
            # the marks of a chat, of our prompts and of their answers
            r"^(?:system|user|assistant|human)\s*:",
            r"<\|?\s*/?\s*(?:im_start|im_end|endoftext|eot_id|system|assistant|start_of_turn|end_of_turn|paper|items)\b",
            r"\[/?INST\]|<</?SYS>>",
            r"[\"“](?:whats_new|technical_details|performance_highlights|bullets|cites|verdicts?)[\"”]\s*:",
            r"^(?:numbers|terms|citations|language|text|identity|reader)/[a-z-]+:",
        )
    ),
    re.IGNORECASE,
)


def strip_prompt_injections(source: SourceText) -> SourceText:
    """Return the text without the sentences that tell a model what to do, which `cut` names."""
    orders = [sentence.text for sentence in source.sentences if _ORDER.search(sentence.text)]
    notes = (f"a sentence addressed to a model: “{printable(text[:_EXCERPT])}”" for text in orders[:_MOST_NOTES])
    kept = tuple(sentence for sentence in source.sentences if sentence.text not in orders)
    return source.model_copy(update={"sentences": kept, "cut": (*source.cut, *notes)})
