"""The Korean of what readers get: site, feeds, messages and notes. The site has more in its templates and scripts."""

import datetime as dt

_WEEKDAYS = "월화수목금토일"

# ---- the site

HTML_LANGUAGE, LOCALE = "ko", "ko_KR"
CALENDAR = "날짜"
NOTHING_PRINTED = "아직 실린 논문이 없습니다. pipeline run을 실행한 뒤 사이트를 다시 만드시기 바랍니다."
UNTITLED = "제목 없음"
MORE_AUTHORS = " 외 {}명"
TAB_SUMMARY, TAB_EASY, TAB_DETAILS = "요약", "쉽게", "자세히"
HEADINGS = {
    "What's New": "무엇이 새로운가",
    "Technical Details": "어떻게 했는가",
    "Performance Highlights": "얼마나 좋은가",
}
LINK_ABSTRACT, LINK_CODE = "초록", "코드"
DAY_DESCRIPTION = "논문 {}편의 한국어 요약"


def long_date(date: dt.date) -> str:
    """Return a date in words: 2024년 8월 22일 목요일."""
    return f"{date.year}년 {date.month}월 {date.day}일 {_WEEKDAYS[date.weekday()]}요일"


# ---- feeds

LINK_TRACES = "문장별 근거 보기"
NO_TRACES = "이 글에는 문장별 근거가 기록되어 있지 않습니다."
WITHDRAWN_TITLE = "[내린 글] {}"
WITHDRAWN_ON = "이 논문의 글을 {:%Y-%m-%d}에 내렸습니다."
WITHDRAWN_BECAUSE = "사유: {}"

# ---- llms.txt

LLMS_SUMMARY = (
    "매일 화제가 된 연구 논문을 한국어로 요약합니다. 수록된 문장마다 근거가 되는 논문의 문장을 함께 기록합니다."
)
LLMS_DETAILS = (
    "날짜별 JSON에는 그날 수록한 논문의 요약과 문장별 근거, 수록하지 않은 논문과 그 사유가 들어 있습니다.",
    "`record`가 null인 글은 근거 기록 없이 들여온 것입니다. 인용하실 때에는 원문 논문을 함께 확인하시기 바랍니다.",
)
LLMS_DAYS, LLMS_OTHERS = "날짜별 데이터", "그 밖의 자료"
LLMS_ARCHIVE, LLMS_SCHEMA = "모든 날짜의 목록", "날짜별 JSON의 스키마"
LLMS_ATOM, LLMS_JSON_FEED = "Atom 피드", "JSON 피드"

# ---- messages

MESSAGE_TITLE = "오늘의 논문 {}"
VOTES = "추천 {}"
HELD_BACK = "보류하고 싣지 않은 논문: {}편"
READ_ON = "이어서 읽기"

# ---- notes for Obsidian

DAY_NOTE = "논문 {}"
OWN_NOTES = "메모"
EVIDENCE = "근거"
