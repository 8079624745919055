"""Unit tests of the client against a server that this file plays."""

import inspect
import json
import sys
import threading
import unittest
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bamboo_orleans import BambooOrleansRuntime, EngineAPIResult, api, errors  # noqa: E402

DOCUMENTED = {
    "run_pipeline": ["pipeline", "root_pipeline_data", "root_pipeline_context", "subprocess_context"],
    "pause_pipeline": ["pipeline_id"],
    "revoke_pipeline": ["pipeline_id"],
    "resume_pipeline": ["pipeline_id"],
    "pause_node_appoint": ["node_id"],
    "resume_node_appoint": ["node_id"],
    "retry_node": ["node_id", "data"],
    "retry_subprocess": ["node_id"],
    "skip_node": ["node_id"],
    "skip_exclusive_gateway": ["node_id", "flow_id"],
    "skip_conditional_parallel_gateway": ["node_id", "flow_ids", "converge_gateway_id"],
    "forced_fail_activity": ["node_id", "ex_data"],
    "callback": ["node_id", "version", "data"],
    "get_pipeline_states": ["root_id", "flat_children"],
    "get_children_states": ["node_id"],
    "get_execution_data_inputs": ["node_id"],
    "get_execution_data_outputs": ["node_id"],
    "get_execution_data": ["node_id"],
    "get_data": ["node_id"],
    "get_node_histories": ["node_id", "loop"],
    "get_node_short_histories": ["node_id", "loop"],
}


class Server:
    """Answers every request with one answer, and keeps what it was asked."""

    def __init__(self, status=200, body=None, headers=None):
        asked = self.asked = []
        text = body if isinstance(body, bytes) else json.dumps(body).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                asked.append((self.path, dict(self.headers), json.loads(self.rfile.read(length))))
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self._server.server_port

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args):
        self._server.shutdown()
        self._server.server_close()


def success(data=None):
    return {"result": True, "message": "success", "data": data, "code": None}


class ApiTests(unittest.TestCase):
    def test_documented_functions_have_the_documented_arguments(self):
        for name, arguments in DOCUMENTED.items():
            signature = list(inspect.signature(getattr(api, name)).parameters)
            self.assertEqual(["runtime"] + arguments, [each for each in signature if each != "options"], name)

    def test_a_call_carries_the_function_the_arguments_and_the_key(self):
        with Server(body=success()) as server:
            result = api.retry_node(runtime=BambooOrleansRuntime(server.url, "bk_key"), node_id="n", data={"a": 1.0}, reason="why")
        self.assertTrue(result.result)
        self.assertIsNone(result.exc)
        path, headers, body = server.asked[0]
        self.assertEqual("/api/v1/retry_node", path)
        self.assertEqual("Bearer bk_key", headers["Authorization"])
        self.assertEqual({"node_id": "n", "data": {"a": 1.0}, "reason": "why"}, body)

    def test_arguments_that_are_none_are_left_out_but_null_data_is_sent(self):
        with Server(body=success()) as server:
            runtime = BambooOrleansRuntime(server.url)
            api.run_pipeline(runtime, {"id": "p"}, root_pipeline_data=None)
            api.callback(runtime, "n", "v", None)
        self.assertEqual({"pipeline": {"id": "p"}}, server.asked[0][2])
        self.assertEqual({"node_id": "n", "version": "v", "data": None}, server.asked[1][2])

    def test_times_of_states_are_times(self):
        child = {"created_time": "2026-01-02T03:04:05.000006Z", "archived_time": None, "children": {}}
        root = {"created_time": "2026-01-02T03:04:05.000006Z", "state": "FINISHED", "children": {"c": child}}
        with Server(body=success({"p": root})) as server:
            data = api.get_pipeline_states(BambooOrleansRuntime(server.url), "p").data
        time = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=timezone.utc)
        self.assertEqual(time, data["p"]["created_time"])
        self.assertEqual(time, data["p"]["children"]["c"]["created_time"])
        self.assertIsNone(data["p"]["children"]["c"]["archived_time"])

    def test_refusals_of_the_engine_have_the_type_of_their_code(self):
        for code, kind in (
            ("not-found", errors.NotFoundError),
            ("skip.not-skippable", errors.InvalidOperationError),
            ("tree.cycle", errors.TreeInvalidError),
            ("state-version-mismatch", errors.StateVersionNotMatchError),
            ("something-new", errors.BambooOrleansError),
        ):
            with Server(body={"result": False, "message": "no", "data": None, "code": code}) as server:
                result = api.skip_node(BambooOrleansRuntime(server.url), "n")
            self.assertFalse(result.result)
            self.assertIs(kind, type(result.exc))
            self.assertEqual((code, "no"), (result.exc.code, result.message))
            self.assertIn("no", result.exc_trace)

    def test_problems_are_results(self):
        with Server(429, {"detail": "too many requests"}, {"Retry-After": "1"}) as server:
            result = api.get_context(BambooOrleansRuntime(server.url), "p")
        self.assertIsInstance(result.exc, errors.RequestRefusedError)
        self.assertEqual((429, "1", "too many requests"), (result.exc.status, result.exc.retry_after, result.message))

    def test_answers_of_other_servers_and_no_answer_are_results(self):
        with Server(body=b"<html>") as server:
            self.assertIsInstance(api.get_context(BambooOrleansRuntime(server.url), "p").exc, errors.EngineUnavailableError)
        self.assertIsInstance(api.get_context(BambooOrleansRuntime(server.url), "p").exc, errors.EngineUnavailableError)

    def test_a_redirect_does_not_carry_the_key_away(self):
        with Server(body=success()) as other, Server(307, {}, {"Location": other.url}) as server:
            result = api.get_context(BambooOrleansRuntime(server.url, "bk_key"), "p")
        self.assertEqual(307, result.exc.status)
        self.assertEqual([], other.asked)

    def test_what_is_not_json_is_refused_here(self):
        result = api.callback(BambooOrleansRuntime("http://127.0.0.1:1"), "n", "v", {"a": {1, 2}})
        self.assertIsInstance(result.exc, errors.InvalidArgumentError)

    def test_a_result_is_true_as_in_bamboo_whatever_its_result(self):
        self.assertTrue(EngineAPIResult(result=False, message="fail"))

    def test_a_url_that_is_none_is_refused(self):
        for url in ("127.0.0.1:8420", "ftp://host", ""):
            with self.assertRaises(ValueError):
                BambooOrleansRuntime(url)

    def test_the_key_is_not_shown(self):
        self.assertNotIn("bk_key", repr(BambooOrleansRuntime("http://host", "bk_key")))


if __name__ == "__main__":
    unittest.main()
