"""The records that travel between the stages: what earlier versions wrote is read."""

import pytest
from pydantic import ValidationError

from pipeline.core.models import Finding


def test_the_severity_of_an_earlier_version_is_read_and_written_by_its_new_name() -> None:
    old = '{"rule": "numbers/magnitude", "severity": "grave", "message": "…"}'
    assert Finding.model_validate_json(old).severity == "critical"
    assert '"critical"' in Finding.model_validate_json(old).model_dump_json()


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(ValidationError):
        Finding.model_validate({"rule": "numbers/magnitude", "severity": "awful", "message": "…"})
