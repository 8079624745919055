"""The result object of the Engine API."""


class EngineAPIResult:
    """What every function answers.

    It has no truth value of its own, as in bamboo: ask ``result``.
    """

    def __init__(self, result, message, exc=None, data=None, exc_trace=None):
        """
        :param result: whether the call was carried out
        :param message: what went wrong where it was not
        :param exc: the error, or None
        :param data: what the function gives
        :param exc_trace: the error as text, or None
        """
        self.result = result
        self.message = message
        self.exc = exc
        self.data = data
        self.exc_trace = exc_trace

    def __repr__(self):
        return "EngineAPIResult(result=%r, message=%r, exc=%r, data=%r)" % (self.result, self.message, self.exc, self.data)
