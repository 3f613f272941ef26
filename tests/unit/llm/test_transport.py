"""A status becomes an error by what it means to its service, where that is told, else by its number."""

import httpx2
import pytest

from pipeline.core.errors import KeyRefused, ModelError, ModelUnavailable
from pipeline.llm.transport import Unreached, status_error


@pytest.mark.parametrize(
    ("status", "told", "error"),
    [
        (401, {}, KeyRefused),
        (403, {}, ModelUnavailable),
        (403, {"bad_key": (403,)}, KeyRefused),
        (401, {"bad_key": (403,)}, ModelError),
        (402, {}, ModelError),
        (402, {"hopeless": True}, ModelUnavailable),
        (429, {}, Unreached),
        (429, {"hopeless": True}, ModelUnavailable),
    ],
)
def test_what_a_status_means_outranks_its_number(status: int, told: dict[str, object], error: type) -> None:
    assert type(status_error(httpx2.Response(status), "", "openai", **told)) is error  # type: ignore[arg-type]
