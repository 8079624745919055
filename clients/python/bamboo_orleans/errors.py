"""What EngineAPIResult.exc can be."""


class BambooOrleansError(Exception):
    """A refusal of the engine. ``code`` is stable; docs/errors of BambooOrleans has a page for each."""

    def __init__(self, message, code="", details=None):
        super().__init__(message)
        self.code = code
        self.details = details or {}


class NotFoundError(BambooOrleansError):
    """What was named does not exist."""


class InvalidOperationError(BambooOrleansError):
    """The call does not fit what it was asked of: its type or its state."""


class StateVersionNotMatchError(BambooOrleansError):
    """The state has another version than the one named."""


class TreeInvalidError(BambooOrleansError):
    """The pipeline is not one that can run."""


class AlreadyExistsError(BambooOrleansError):
    """An id or a context key that must be unique is there already."""


class InvalidArgumentError(BambooOrleansError):
    """An argument cannot be used."""


class EngineUnavailableError(BambooOrleansError):
    """The engine could not be reached, or cannot take the call now. It is not known whether the call was carried out."""


class RequestRefusedError(BambooOrleansError):
    """The server refused the request before the engine heard of it. ``status`` is the HTTP status, such as 401 or 429."""

    def __init__(self, message, status, retry_after=None):
        super().__init__(message, "http.%d" % status)
        self.status = status
        self.retry_after = retry_after


_BY_CODE = {
    "not-found": NotFoundError,
    "state-version-mismatch": StateVersionNotMatchError,
    "already-exists": AlreadyExistsError,
    "invalid-argument": InvalidArgumentError,
    "engine-unavailable": EngineUnavailableError,
    "illegal-transition": InvalidOperationError,
    "start-position-invalid": TreeInvalidError,
}

_BY_FAMILY = {
    "callback": InvalidOperationError,
    "resume": InvalidOperationError,
    "retry": InvalidOperationError,
    "revoke": InvalidOperationError,
    "skip": InvalidOperationError,
    "verb": InvalidOperationError,
    "tree": TreeInvalidError,
}


def of_code(code, message, details=None):
    """The error of a code of the engine."""
    made = _BY_CODE.get(code) or _BY_FAMILY.get(code.split(".")[0], BambooOrleansError)
    return made(message, code, details)
