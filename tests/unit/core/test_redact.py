"""Secrets in every form in which a foreign program may echo them, and what must stay as it is."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core import redact as module
from pipeline.core.errors import ModelError, SourceError
from pipeline.core.redact import hide, hide_service, hide_url, mask, redact

KEY = "pl4nted+key/with=odd&signs"


@pytest.fixture(autouse=True)
def nothing_hidden_before_or_after() -> Iterator[None]:
    kept = set(module._hidden)
    module._hidden.clear()
    yield
    module._hidden.clear()
    module._hidden.update(kept)


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        KEY.upper(),
        quote(KEY),
        quote(KEY, safe=""),
        quote(KEY, safe="").lower(),
        quote(quote(KEY, safe=""), safe=""),
        json.dumps(KEY),
        b64encode(KEY.encode()).decode(),
        urlsafe_b64encode(KEY.encode()).decode(),
        b64encode(f"u:{KEY}".encode()).decode(),
        b64encode(f"user:{KEY}".encode()).decode(),
        b64encode(f"me:{KEY}".encode()).decode(),
    ],
)
def test_a_hidden_value_is_found_in_every_form(form: str) -> None:
    hide(KEY)
    shown = redact(f"refused: ({form}) is no key")
    assert form.strip('"') not in shown
    assert "***" in shown
    assert shown.startswith("refused: (")
    assert shown.endswith(") is no key")


@settings(max_examples=50)
@given(st.text(st.characters(codec="utf-8"), min_size=8, max_size=60), st.text(max_size=9), st.text(max_size=9))
def test_no_hidden_value_survives(secret: str, before: str, after: str) -> None:
    module._hidden.clear()
    hide(secret)
    for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
        assert form not in redact(before + form + after).replace(before, "", 1) or form in before + after


def test_an_empty_or_short_value_hides_nothing() -> None:
    hide("")
    hide("ollama")
    assert redact("ollama says none") == "ollama says none"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:pass@host/list", "https://***@host/list"),
        ("https://t0ken@host", "https://***@host"),
        ("http://me:p@ss@host/", "http://***@host/"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer ***"),
        ("Basic dXNlcjpwYXNzd29yZDE=", "Basic ***"),
        ("key sk-proj-abcdefghijklmnop0 is wrong", "key *** is wrong"),
        ("http://h/v1?api_key=abc&page=2", "http://h/v1?api_key=***&page=2"),
        ("Basic understanding of a problem", "Basic understanding of a problem"),
        ("https://arxiv.org/abs/2408.11318v2, mail a@b.org", "https://arxiv.org/abs/2408.11318v2, mail a@b.org"),
    ],
)
def test_what_has_the_form_of_a_secret_is_masked_unnamed(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_an_address_gives_up_its_password_query_and_tokens_only() -> None:
    hide_url("https://maintainer:hunter%2B22@gate.example/v1/acc0untacc0unt77/openai?sig=s1gnature")
    shown = redact("hunter+22 hunter%2B22 acc0untacc0unt77 s1gnature gate.example v1 openai maintainer")
    assert shown == "*** *** *** *** gate.example v1 openai maintainer"


def test_the_path_of_a_monitor_is_a_secret() -> None:
    hide_url("https://hc.example/a-private-name/nightly", path=True)
    assert redact("GET https://hc.example/a-private-name/nightly/start") == "GET https://hc.example***/start"


def test_an_answer_is_masked_but_not_otherwise_changed() -> None:
    hide(KEY)
    assert mask(f"{KEY}, https://u:p@h") == "***, https://u:p@h"


def test_no_error_of_ours_holds_a_secret() -> None:
    hide(KEY)
    assert KEY not in str(ModelError(f"the service says {KEY}"))
    error = SourceError("arXiv", f"http://u:{KEY}@h/x", f"moved to /?k={KEY}")
    assert KEY not in repr((str(error), error.url, error.reason))


def test_ten_megabytes_are_read_at_once() -> None:
    hide(KEY)
    text = "ab/+=" * 2_000_000
    assert mask(text) == text


def test_of_a_chats_address_the_tokens_are_hidden_and_its_words_are_not() -> None:
    hide_service("slack://T1JJ3T3L2/A1BRTD4JD/TIplantedTokenOfAChat/#research-papers?format=markdown")
    hide_service("mailto://digest:plantedpassword@mail.example.org/ada@example.org")
    said = redact("TIplantedTokenOfAChat, plantedpassword; research-papers in markdown by mail.example.org")
    assert said == "***, ***; research-papers in markdown by mail.example.org"
    assert redact("Bad: slack://T1JJ3T3L2/A1BRTD4JD/TIplantedTokenOfAChat/#research-papers?format=markdown") == (
        "Bad: ***"
    )
