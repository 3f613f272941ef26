"""The errors that this package raises on purpose. Foreign errors are wrapped in one of these at the edge.

The command line alone turns them into messages and exit codes. A message is one sentence: what, where, what to do.
Errors are shown, logged and kept in records, so none holds a secret, whatever the foreign error behind it says.
"""

from typing import Any

from pipeline.core.redact import redact


class PipelineError(Exception):
    """Base of every expected failure."""

    def __init__(self, message: str) -> None:
        super().__init__(redact(message))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the error as it is, whatever its constructor takes: errors go from process to process."""
        return type(self).__new__, (type(self), *self.args), self.__dict__


class ConfigError(PipelineError):
    """Wrong use or configuration: an option, a setting, a key, a folder that cannot be written."""


class SourceError(PipelineError):
    """A source could not be reached, or its answer is not what was asked for."""

    def __init__(self, source: str, url: str, reason: str) -> None:
        super().__init__(f"{source}: {reason} ({url})")
        self.source, self.url, self.reason = source, redact(url), redact(reason)


class StaleList(SourceError):
    """The list is another day's, or missing; the day's own is yet to come."""


class PastDay(SourceError):
    """The source lists its newest day only, and the one asked for is past."""


class ModelError(PipelineError):
    """The model could not be asked. `in_doubt`: the call may have been made and charged although no answer came."""

    def __init__(self, message: str, in_doubt: bool = False) -> None:
        super().__init__(message)
        self.in_doubt = in_doubt


class AskedElsewhere(ModelError):
    """A batch that has not ended contains this request, so a call would be paid twice. The model is not at fault."""


class ModelUnavailable(ModelError):
    """No call can succeed until somebody acts, as for an unknown model or an exhausted quota. Ends the run."""


class KeyRefused(ModelUnavailable):
    """The model's service does not accept the key."""


class LayoutError(PipelineError):
    """A digest that cannot be read as any layout."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(f"line {line}: {reason}")
        self.reason, self.line = reason, line


class LockHeld(PipelineError):
    """Another run is using the same state folder."""


class BudgetSpent(PipelineError):
    """The next call could cost more than a budget has left. Nothing is lost: papers wait for another night."""
