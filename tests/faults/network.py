"""Cases on the network and in services' answers: a table of troubles, and who has which."""

import datetime as dt
import gzip
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from email.utils import format_datetime
from functools import partial
from typing import NamedTuple

from tests.faults.case import Case
from tests.faults.site import SCALE, Site
from tests.support import fake_model
from tests.support.fake_model import completion, error
from tests.support.fakes import ARXIV_PATH, HF_PATH, Answer, Asked

Spoil = Callable[[Answer], Answer]
ALWAYS = 10**6


class Trouble(NamedTuple):
    """A trouble that befalls so many answers, after the first `spared`."""

    spoil: Spoil
    times: int = ALWAYS
    spared: int = 0


def _half(honest: Answer) -> Answer:
    return replace(honest, body=honest.body[: len(honest.body) // 2])


def _broken_off(honest: Answer, reset: bool) -> Answer:
    return replace(honest, cut=len(honest.body) // 2, reset=reset)


def _half_zipped(honest: Answer) -> Answer:
    return replace(_half(replace(honest, body=gzip.compress(honest.body))), headers={"Content-Encoding": "gzip"})


def _not_zipped(honest: Answer) -> Answer:
    return replace(honest, headers={"Content-Encoding": "gzip"})


def _status(status: int, **headers: str) -> Spoil:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda honest: error(status, headers=named)


def _until_a_date(honest: Answer) -> Answer:
    asked = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=20)
    return error(429, headers={"Retry-After": format_datetime(asked, usegmt=True)})


def _captcha(honest: Answer) -> Answer:
    return Answer(body=b"<html><body>Are you a human? Solve the captcha.</body></html>", content_type="text/html")


def _redirect(honest: Answer) -> Answer:
    return Answer(302, headers={"Location": "/api/daily_papers"})


# What may befall any service. Those that are named once or twice are over before the retries are.
BROKEN = {
    "reset in mid-body": Trouble(partial(_broken_off, reset=True), 2),
    "closed in mid-body": Trouble(partial(_broken_off, reset=False), 2),
    "slow drip": Trouble(lambda honest: replace(honest, pause=0.02), 1),
    "hang": Trouble(lambda honest: replace(honest, delay=60), 2),
    "429": Trouble(_status(429), 2),
    "429, an hour": Trouble(_status(429, Retry_After="3600"), 1),
    "503": Trouble(_status(503), 2),
    "captcha with status 200": Trouble(_captcha),
    "truncated": Trouble(_half),
    "not gzip at all": Trouble(_not_zipped, 2),
    "half of a gzip": Trouble(_half_zipped, 2),
    "wrong content type": Trouble(lambda honest: replace(honest, content_type="text/plain")),
    "redirect loop": Trouble(_redirect),
}
LIMITS = {
    "429, seconds": Trouble(_status(429, Retry_After="7"), 2),
    "429, date": Trouble(_until_a_date, 2),
    "429, milliseconds": Trouble(_status(429, retry_after_ms="1500"), 2),
    "429 storm": Trouble(_status(429, Retry_After="20")),
    "500": Trouble(_status(500), 2),
    "502": Trouble(_status(502), 2),
    "529": Trouble(_status(529), 2),
}
# What a model may answer besides.
MODEL = {
    "hang, always": Trouble(lambda honest: replace(honest, delay=60)),
    "insufficient quota": Trouble(lambda honest: error(429, "insufficient_quota")),
    "insufficient quota in mid-run": Trouble(lambda honest: error(429, "insufficient_quota"), spared=1),
    "401 in mid-run": Trouble(_status(401), spared=1),
    "model unknown": Trouble(_status(404)),
    "every call rejected": Trouble(_status(400)),
    "one call rejected": Trouble(_status(400), 1, 1),
    "refuses": Trouble(lambda honest: completion(None, refusal="I would rather not.")),
    "refuses once": Trouble(lambda honest: completion(None, refusal="I would rather not."), 1),
    "truncates": Trouble(lambda honest: completion('{"answer": {"whats_new": [', finish_reason="length")),
    "filters": Trouble(lambda honest: completion("", finish_reason="content_filter"), 2),
    "nonsense": Trouble(lambda honest: completion("All work and no play.")),
    "nonsense once": Trouble(lambda honest: completion("All work and no play."), 1),
    "another schema": Trouble(lambda honest: completion('{"title": "x", "bullets": ["y"]}')),
    "10 MB": Trouble(lambda honest: completion("x" * 10_000_000), 2),
    "no choices": Trouble(lambda honest: completion("", choices=[]), 2),
    "JSON of another API": Trouble(lambda honest: Answer(body=b'["a", "list"]'), 2),
    "empty body": Trouble(lambda honest: Answer(), 2),
}
HUGGING_FACE, ARXIV_API, ARXIV_HTML, THE_MODEL = "Hugging Face", "arXiv API", "arXiv html", "model"
PATHS = {HUGGING_FACE: HF_PATH, ARXIV_API: ARXIV_PATH, ARXIV_HTML: "/html/", THE_MODEL: fake_model.PATH}
TROUBLES = {
    HUGGING_FACE: BROKEN | LIMITS,
    ARXIV_API: BROKEN | {"429 storm": LIMITS["429 storm"], "500": LIMITS["500"]},
    ARXIV_HTML: BROKEN,
    THE_MODEL: BROKEN | LIMITS | MODEL,
}
SETTINGS = {
    HUGGING_FACE: "PIPELINE_SOURCES__HF_URL",
    ARXIV_API: "PIPELINE_SOURCES__ARXIV_API_URL",
    ARXIV_HTML: "PIPELINE_SOURCES__ARXIV_URL",
    THE_MODEL: "OPENAI_BASE_URL",
}
ADDRESSES = {"connection refused": "http://127.0.0.1:9", "DNS failure": "http://nowhere.invalid"}
_QUICK = {
    (HUGGING_FACE, "truncated"),
    (HUGGING_FACE, "captcha with status 200"),
    (ARXIV_API, "429 storm"),
    (ARXIV_HTML, "not gzip at all"),
    (THE_MODEL, "reset in mid-body"),
    (THE_MODEL, "429, date"),
    (THE_MODEL, "401 in mid-run"),
    (THE_MODEL, "nonsense"),
    (THE_MODEL, "10 MB"),
}


def spoil(site: Site, where: str, trouble: Trouble, about: Callable[[Asked], bool] = lambda asked: True) -> None:
    """Spoil the answers that `where` gives to some requests."""
    numbers = itertools.count(-trouble.spared)

    def fault(asked: Asked, honest: Answer) -> Answer | None:
        mine = asked.path.startswith(PATHS[where]) and about(asked)
        return trouble.spoil(honest) if mine and 0 <= next(numbers) < trouble.times else None

    (site.model if where == THE_MODEL else site.sources).fault = fault
    site.impatient = True


def _trouble(where: str, what: str, site: Site) -> None:
    spoil(site, where, TROUBLES[where][what])
    if what in ("slow drip", "hang", "hang, always"):
        site.env["PIPELINE_LLM__TIMEOUT"] = str(40 * SCALE)
    _spoiled_night(site)


def _unreachable(where: str, address: str, site: Site) -> None:
    site.env[SETTINGS[where]] = address
    site.run()


def _poison(trouble: Trouble, site: Site) -> None:
    """One paper of many that the model never has an answer for."""
    spoil(site, THE_MODEL, trouble, about=lambda asked: "Net00025:" in json.dumps(json.loads(asked.body)))
    _spoiled_night(site)


def _failing(site: Site) -> None:
    """So many papers that the run gives up before it has asked about each."""
    spoil(site, THE_MODEL, Trouble(_status(500)))
    _spoiled_night(site)


def _spoiled_night(site: Site) -> None:
    site.run()
    if not (site.sources.played or site.model.played):
        site.problems.append("no answer was spoiled")


CASES = [
    *(
        Case(f"{where}: {what}", partial(_unreachable, where, address))
        for where in SETTINGS
        for what, address in ADDRESSES.items()
    ),
    *(
        Case(f"{where}: {what}", partial(_trouble, where, what), quick=(where, what) in _QUICK)
        for where in TROUBLES
        for what in TROUBLES[where]
    ),
    Case("model: one poisonous paper among fifty", partial(_poison, MODEL["nonsense"]), papers=50),
    Case(
        "model: one paper among fifty resets the line",
        partial(_poison, Trouble(BROKEN["reset in mid-body"].spoil)),
        papers=50,
    ),
    Case("model: every call fails", _failing, papers=8),
]
