"""A planted key, password and monitor's address are in no byte that whole runs write or print.

The service here echoes the key in its errors, its redirects, its refusals, its answers and the model's name.
"""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from pipeline.cli import common
from tests.support.fake_model import FakeModel, completion
from tests.support.fakes import Answer, Asked
from tests.support.world import DAY, World, title_of, write

KEY = "planted+KEY/0123456789=abcdefg"
PASSWORD = "planted-pass/word+77"
PING = "planted-monitor-5e1f"
SECRETS = (KEY, PASSWORD, PING)


def echoes(header: str) -> str:
    """The key in the forms in which services, proxies and clients show it."""
    key = header.removeprefix("Bearer ")
    forms = (header, key, quote(key, safe=""), b64encode(header.encode()).decode(), b64encode(key.encode()).decode())
    return " | ".join([*forms, json.dumps({"headers": {"authorization": header}})])


def fault(status: int, said: str, **headers: str) -> Answer:
    body = {"error": {"message": said, "type": "fault", "code": said, "param": None}}
    return Answer(status, json.dumps(body).encode(), headers=headers)


def long(said: str) -> str:
    """With the key where a message of 200 characters is cut."""
    return "x" * 160 + said


FAULTS: dict[str, Callable[[str, str], Answer]] = {
    "Rejecting": lambda said, url: fault(400, said),
    "Cutting": lambda said, url: fault(400, long(said)),
    "Busy": lambda said, url: fault(503, said),
    "Throttling": lambda said, url: fault(429, said, **{"retry-after": "0"}),
    "Moving": lambda said, url: Answer(307, headers={"location": f"http://127.0.0.1:1/?key={quote(said)}"}),
    "Looping": lambda said, url: Answer(307, headers={"location": f"{url}/chat/completions?token={quote(said)}"}),
    "Refusing": lambda said, url: completion(None, refusal=said),
    "Naming": lambda said, url: completion("{}", model=said),
    "Broken": lambda said, url: Answer(body=said.encode()),
    "Paging": lambda said, url: Answer(body=f"<html>{said}".encode(), content_type="text/html"),
}


class Echo(FakeModel):
    """Answers well about papers whose title is no fault's."""

    def answer(self, asked: Asked) -> Answer:
        said = echoes(asked.headers["authorization"])
        body = json.loads(asked.body)
        make = FAULTS.get(title_of(body).partition(":")[0])
        if make:
            return make(said, self.base_url)
        if title_of(body).startswith("Parroting"):
            return completion(write(body).replace("제안된", f"{said.replace(chr(34), '')} 제안된"))
        return completion(write(body), model=f"fake {said}")


@pytest.fixture
def echo(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("PIPELINE_LLM__SECOND_READER", "false")
    monkeypatch.setenv("PIPELINE_LLM__CONCURRENCY", "1")
    address = world.sources.url.removeprefix("http://")
    monkeypatch.setenv("PIPELINE_SOURCES__HF_URL", f"http://maintainer:{quote(PASSWORD, safe='')}@{address}")
    monkeypatch.setenv("PIPELINE_PING_URL", f"{world.sources.url}/{PING}")
    with Echo() as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.base_url)
        for number, title in enumerate([*FAULTS, "Parroting"]):
            world.sources.add(DAY, f"2408.001{number:02}", title, votes=99 - 2 * number)
            world.sources.add(DAY, f"2408.002{number:02}", f"Decent {'ABCDEFGHIJK'[number]}", votes=98 - 2 * number)
        yield world


def forms(secret: str) -> Iterator[bytes]:
    """The forms that are looked for, made otherwise than by the program; half a secret is one, too."""
    yield from (secret[:14].encode(), quote(secret).encode()[:14], quote(secret, safe="").encode()[:14])
    for before in (b"", b"x", b"xy"):
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(before + secret.encode())[4:-4]


def assert_clean(text: str, folder: Path) -> None:
    written = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for place, data in {**written, "the terminal": text.encode()}.items():
        for secret in SECRETS:
            for form in forms(secret):
                assert form not in data, f"{secret} as {form!r} in {place}"


def test_a_night_at_a_service_that_echoes_the_key(echo: World) -> None:
    code, out, err = echo.run("run", "--date", DAY)
    assert code == 3
    assert_clean(out + err, echo.folder)
    log = (echo.folder / ".pipeline/pipeline.log").read_text()
    assert "attempt 2 follows" in log  # what is retried is told, and was looked at
    reasons = " ".join(failed["reason"] for failed in echo.record()["failed"])
    assert "HTTP 400" in reasons
    assert "HTTP 503" in reasons
    assert "***" in reasons
    held_back = " ".join(held["reason"] for held in echo.record()["held_back"])
    assert "refusal: " in held_back
    assert "repeats the key" in held_back
    for command in (("show", "2408.00200"), ("run", "--date", DAY, "--json"), ("doctor",)):
        _, out, err = echo.run(*command)
        assert_clean(out + err, echo.folder)


def test_a_refused_key(echo: World) -> None:
    FAULTS["Decent A"] = lambda said, url: fault(401, f"Incorrect API key provided: {said}")
    try:
        code, out, err = echo.run("run", "--date", DAY)
    finally:
        del FAULTS["Decent A"]
    assert code == 2
    assert "Incorrect API key provided: Bearer ***" in err
    assert_clean(out + err, echo.folder)


def test_a_list_that_moves_to_an_address_with_the_password(echo: World) -> None:
    header = b64encode(f"maintainer:{PASSWORD}".encode()).decode()
    for said in (header, PASSWORD, quote(PASSWORD, safe="")):
        echo.sources.queue("/api/daily_papers", Answer(302, headers={"location": f"http://h/{quote(said)}?u={said}"}))
        code, out, err = echo.run("run", "--date", DAY)
        assert code == 4
        assert "moved to http://h/" in err
        assert_clean(out + err, echo.folder)


def test_a_crash_with_the_key_in_its_traceback(echo: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        try:
            raise ValueError(f"sent {{'Authorization': 'Bearer {KEY}'}} to {PING}")
        except ValueError as error:
            raise RuntimeError(echoes(f"Bearer {KEY}")) from error

    monkeypatch.setattr("pipeline.cli.context.gate", broken)
    code, out, err = echo.run("run", "--date", DAY)
    assert code == common.BUG
    assert_clean(out + err, echo.folder)
    assert "RuntimeError" in (echo.folder / ".pipeline/pipeline.log").read_text()


def test_a_crash_whose_log_cannot_be_written(echo: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(echoes(f"Bearer {KEY}"))

    (echo.folder / ".pipeline/pipeline.log").mkdir(parents=True)
    monkeypatch.setattr("pipeline.cli.context.gate", broken)
    code, out, err = echo.run("run", "--date", DAY)
    assert code == common.BUG
    assert "Traceback" in err
    assert_clean(out + err, echo.folder)


def test_a_setting_that_is_wrong_is_not_shown_where_it_may_be_a_secret(
    echo: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_PING_URL", f"hc.example/{PING}")
    code, out, err = echo.run("run", "--date", DAY)
    assert code == 2
    assert "ping_url" in err
    assert_clean(out + err, echo.folder)
