"""What the proxy does to a request, seen from both of its sides."""

from __future__ import annotations

import http.client
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chaos.faults import proxy
from chaos.faults.requests import KINDS, Fault, Faults

FAULTS = {fault.name: fault for fault in KINDS}


class Always(Faults):
    """The same fault, or none, for every request."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__(seed=0)
        self.fault = fault

    def of(self, invocation: str) -> Fault | None:
        return self.fault


class Service(BaseHTTPRequestHandler):
    """Remembers what arrives, and answers 412."""

    seen: list[tuple[str, str, bytes]]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["Host"], body))
        self.send_response(412)
        self.send_header("ETag", '"abc"')
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"no")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service():
    """Return a service that runs, with what it has seen."""
    seen: list[tuple[str, str, bytes]] = []
    handler = type("Handler", (Service,), {"seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, seen
        server.shutdown()
        thread.join()


def put(service, fault: Fault | None, name: str = "s3"):
    """Send one signed PUT through a proxy; return status, body, ETag, and what the proxy counted."""
    with (
        proxy.running(Always(fault)) as between,
        closing(http.client.HTTPConnection("127.0.0.1", between.server_port)) as c,
    ):
        between.target = service[0]
        try:
            signed = f"AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/{name}/aws4_request"
            c.request("PUT", "/a%20b?x=1", body=b"data", headers={"Host": "signed.example", "Authorization": signed})
            answer = c.getresponse()
            return answer.status, answer.read(), answer.headers["ETag"], dict(between.counts)
        except ConnectionError:
            return None, b"", None, dict(between.counts)


def test_a_request_passes_as_it_is(service):
    """Path, query, Host and body, and the answer's status, headers and body; a failed condition is counted."""
    assert put(service, None) == (412, b"no", '"abc"', {"passed": 1, "conflict": 1})
    assert service[1] == [("/a%20b?x=1", "signed.example", b"data")]


@pytest.mark.parametrize(("name", "mark"), [("s3", b"<Code>SlowDown</Code>"), ("sqs", b'"__type": "SlowDown"')])
def test_an_error_is_the_service_s_own(service, name, mark):
    """In its format, and nothing has arrived."""
    status, body, _, counts = put(service, FAULTS["error 503"], name)
    assert (status, counts, service[1]) == (503, {"error 503": 1}, [])
    assert mark in body


@pytest.mark.parametrize(("fault", "arrived"), [("reset", 0), ("lost answer", 1)])
def test_a_reset_comes_before_the_request_or_after_it(service, fault, arrived):
    """The client sees no difference."""
    assert put(service, FAULTS[fault])[0] is None
    assert len(service[1]) == arrived


def test_a_slow_request_arrives_all_the_same(service):
    """Later."""
    assert put(service, Fault("slow", seconds=0.01))[0] == 412
