"""The way to a server."""

import json
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from .errors import EngineUnavailableError, InvalidArgumentError, RequestRefusedError


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    # A redirect would carry the key to wherever it leads.
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        return None


class BambooOrleansRuntime:
    """A server of BambooOrleans. It keeps nothing between calls, and may be used by several threads."""

    def __init__(self, url, key=None, timeout=330):
        """
        :param url: where the server is, such as http://127.0.0.1:8420
        :param key: an API key or a JSON Web Token; None for a server without authentication
        :param timeout: how long to wait for an answer, in seconds
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("url must be http:// or https:// and a host, but is %r" % (url,))
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._key = key
        self._opener = urllib.request.build_opener(_NoRedirects())

    def __repr__(self):
        return "BambooOrleansRuntime(%r)" % self.url

    def call(self, function, arguments):
        """Calls a function by its name, and gives the envelope that answers it.

        :raises RequestRefusedError: the server refused the request
        :raises EngineUnavailableError: there was no answer
        :raises InvalidArgumentError: an argument cannot be written as JSON
        """
        try:
            body = json.dumps(arguments, allow_nan=False).encode("utf-8")
        except (TypeError, ValueError, RecursionError) as failure:
            raise InvalidArgumentError("%s: an argument cannot be written as JSON: %s" % (function, failure), "invalid-argument") from failure
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key is not None:
            headers["Authorization"] = "Bearer " + self._key
        request = urllib.request.Request("%s/api/v1/%s" % (self.url, function), data=body, headers=headers, method="POST")
        try:
            with self._opener.open(request, timeout=self.timeout) as response:
                answer = json.loads(response.read().decode("utf-8"))
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise _refused(refusal) from refusal
        except (OSError, ValueError) as failure:
            raise EngineUnavailableError("%s at %s had no answer: %s" % (function, self.url, failure), "engine-unavailable") from failure
        if not isinstance(answer, dict) or not isinstance(answer.get("result"), bool):
            raise EngineUnavailableError("what %s answered is none of a BambooOrleans server" % self.url, "engine-unavailable")
        return answer


def _refused(refusal):
    try:
        detail = json.loads(refusal.read().decode("utf-8"))["detail"]
    except (OSError, ValueError, KeyError, TypeError):
        detail = refusal.reason
    return RequestRefusedError(str(detail), refusal.code, refusal.headers.get("Retry-After"))
