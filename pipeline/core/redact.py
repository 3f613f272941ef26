"""Redaction of secrets from texts before they are shown or kept: messages, the log, tracebacks, records.

There are two kinds: values that were registered by `hide...`, in every form in which another program may echo them, and
whatever has the form of a key, a token or a password. Does not know where texts come from or go to.
"""

import re
from functools import cache
from urllib.parse import quote, unquote, urlsplit

MASK = "***"
# Local servers get keys such as "none" or "ollama": no secrets, and masking them would tear words apart.
_SHORTEST = 8
_TOKEN = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.~%-]{16,}")
# In the address of a chat: host and path may be ordinary words, which other texts need.
_SERVICE_TOKEN = re.compile(r"(?=.*[A-Z\d])(?=.*[a-z])[\w.~%+-]{16,}")
_BASE64_REST = r"[\w+/=-]*"
# The user and password of an address, an authorization header, the keys of well-known services, a query's secrets.
_SHAPES = (
    (re.compile(r"(?<=://)[^/\s?#]*@"), f"{MASK}@"),
    (re.compile(r"\b(bearer|basic)\s+(?=\S*\d)[\w.~+/=-]{16,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"\b(?:(?:sk|gsk|xai|hf|gh[pos]|github_pat)[-_]|AIza)[\w-]{16,}"), MASK),
    (re.compile(r"([?&;][\w-]*(?:key|token|secret|password|sig|signature)=)[^&\s#'\")]+", re.IGNORECASE), rf"\1{MASK}"),
)
_hidden: set[str] = set()


def hide(secret: str) -> None:
    """Register a secret, so that no redacted text contains it. Values of fewer than eight characters are ignored."""
    if len(secret) >= _SHORTEST:
        _hidden.add(secret)


def hide_url(url: str, path: bool = False) -> None:
    """Register the secrets of an address: the password, the query's values, what looks like a token in its path.

    `path`: the whole path is a secret, as in the addresses of monitors.
    """
    parts = urlsplit(url)
    values = [parts.password or parts.username or "", *(pair.partition("=")[2] for pair in parts.query.split("&"))]
    values += [part for part in parts.path.split("/") if _TOKEN.fullmatch(part)]
    for value in [*values, parts.path] if path else values:
        hide(value)
        hide(unquote(value))


def hide_service(url: str) -> None:
    """Register an address of apprise (`slack://token/…`), its password, and what in it looks like a token."""
    tokens = (part for part in re.split(r"[/:@?&=#,]+", url) if _SERVICE_TOKEN.fullmatch(part))
    for value in (url, *re.findall(r"://[^/@]*:([^/@]+)@", url), *tokens):
        hide(value)
        hide(unquote(value))


def mask(text: str) -> str:
    """Return the text without registered secrets: for what must otherwise stay as it is, a model's answer."""
    lower = text.lower()
    for secret in sorted(_hidden, key=len, reverse=True):
        for form, pattern in _forms(secret):
            if form in lower:
                text = pattern.sub(MASK, text)
    return text


def redact(text: str) -> str:
    """Return the text without registered secrets or anything of a secret's form: for messages and tracebacks."""
    text = mask(text)
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


@cache
def _forms(secret: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return each form of a secret in lower case with its pattern: plain, quoted for an address or JSON, base64."""
    import json  # here, because every start of the program imports this module

    quoted = quote(secret, safe="")
    plain = dict.fromkeys((secret, quoted, quote(quoted, safe=""), quote(secret), json.dumps(secret)[1:-1]))
    patterns = {form.lower(): re.escape(form) for form in plain}
    patterns |= {form.lower(): re.escape(form) + _BASE64_REST for form in _base64(secret)}
    return tuple((form, re.compile(pattern, re.IGNORECASE)) for form, pattern in patterns.items())


def _base64(secret: str) -> list[str]:
    """Return the characters that the secret alone decides, at each offset in the encoded text, in both alphabets."""
    from base64 import b64encode

    data, forms = secret.encode(), []
    for before in range(3):
        encoded = b64encode(bytes(before) + data).decode()
        certain = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        forms += [certain, certain.translate(str.maketrans("+/", "-_"))]
    return forms
