"""Makes the calls that standard input lists, and writes their results; a test of the server compares them with its own.

Input: {"url", "key", "calls": [[function, arguments], …]}. Output: a list of {"result", "message", "code", "data"}.
"""

import json
import sys
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bamboo_orleans import BambooOrleansRuntime, api  # noqa: E402


def text(value):
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    raise TypeError(type(value))


def main():
    task = json.load(sys.stdin)
    runtime = BambooOrleansRuntime(task["url"], task["key"])
    results = []
    for function, arguments in task["calls"]:
        if function == "read_journal" and "from" in arguments:
            arguments["from_position"] = arguments.pop("from")
        result = getattr(api, function)(runtime=runtime, **arguments)
        code = getattr(result.exc, "code", None)
        results.append({"result": result.result, "message": result.message, "code": code, "data": result.data})
    json.dump(results, sys.stdout, default=text)


if __name__ == "__main__":
    main()
