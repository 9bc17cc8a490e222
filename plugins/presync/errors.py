"""Every exception of Presync, grouped by what the operator does next.

PresyncError
├── ConfigurationError      edit a file or a connection, then run again
│   ├── TenantFileError     a tenant file is broken: names file, line, field, reason and the way out
│   ├── SuiteError          a suite file is missing, empty, incomplete or names an unknown expectation
│   ├── CatalogueError      a mapped table or column is not in the database: lists everything missing
│   └── OutdatedError       somebody looked at a state that has changed since: look again, then decide
├── AccessError             credentials refused or rights missing: correct the connection or ask the owner
├── SourceUnavailableError  the system did not answer or gave up half-way: wait and try again (retried)
├── SourceDataError         the system answered with something that cannot be right: somebody must look
├── IncompleteError         something that must be there before this step is not: run the earlier step again
├── NotReadyError           the gate is shut; the message says what to change
└── StartError              the integration was not started: the run does not allow it
    ├── StartRefusedError   the receiver said no, nothing was started: correct the cause and run again
    ├── StartNotSentError   the receiver was not reached, nothing was started: try again (retried)
    ├── StartUnderWayError  another run's call is being made right now: look again in a few minutes (retried)
    └── StartUnknownError   nobody knows whether it was started: a person asks the receiver and settles it

A message says what happened, to what, why it matters and what to do. It never holds a secret.
Exceptions cross process borders in Airflow, so each one pickles.
"""

from __future__ import annotations


class PresyncError(Exception):
    """Base of all; `source` names what could not be checked, as `verdict.json` shows it in `errors`."""

    retryable = False

    def __init__(self, message: str, *, source: str = "presync") -> None:
        super().__init__(message)
        self.message = message
        self.source = source

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.source))


def _rebuild(kind: type[PresyncError], message: str, source: str) -> PresyncError:
    return kind(message, source=source)


class ConfigurationError(PresyncError):
    """A file or a connection must be edited."""


class TenantFileError(ConfigurationError):
    """A tenant file cannot be used."""


class SuiteError(ConfigurationError):
    """A suite in `expectations/` cannot be used, so its rules cannot be checked."""


class CatalogueError(ConfigurationError):
    """A table or column that the tenant file maps does not exist, or has an unusable type."""


class OutdatedError(ConfigurationError):
    """What a person decided on has changed since they saw it; nothing was recorded."""


class AccessError(PresyncError):
    """A login, token, scope or permission was refused."""


class SourceUnavailableError(PresyncError):
    """A system could not be reached or broke off; a later try may succeed."""

    retryable = True


class SourceDataError(PresyncError):
    """A system's answer contradicts its own description; a further try would not help."""


class IncompleteError(PresyncError):
    """An extract, a table or a suite's result that must exist for this run does not."""


class NotReadyError(PresyncError):
    """The verdict is not `ready`: the gate stays shut."""


class StartError(PresyncError):
    """The integration was not started, or it is not known whether the start arrived."""


class StartRefusedError(StartError):
    """The receiver refused the call; nothing was started."""


class StartNotSentError(StartError):
    """The call never reached the receiver; nothing was started, and a later try may succeed."""

    retryable = True


class StartUnderWayError(StartError):
    """Another run is making the call right now; this one made none, and a later try will see how it ended."""

    retryable = True


class StartUnknownError(StartError):
    """A call may have arrived; nobody may call again until a person has found out."""
