"""A proxy of SNS between the worker and the embedded AWS, in which one of a number of publish requests goes wrong.

A request here is what the worker asks for: what goes wrong does so at every attempt of the SDK's, so that the worker hears of it.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WAYS: Final = ("unavailable", "throttles", "takes it and fails", "loses its answer")
"""It answers 503; 429; 500, and has taken the message all the same; or takes it and does not answer."""
_REFUSALS: Final = {
    "unavailable": (503, ""),
    "throttles": (429, "Throttled"),
    "takes it and fails": (500, "InternalError"),
}
"""Status and code of what is answered in place of SNS's own answer."""


@dataclass
class FlakyTopic:
    """What goes wrong.

    Attributes:
        target: The port of the embedded AWS, once it is known.
        every: Of so many requests one goes wrong, the first of all; none where it is 0.
        most: So many requests go wrong at most.
        ways: How they go wrong, one after the other, from the first again after the last.
        counts: Of the ways in which requests went.
    """

    url: str = ""
    target: int = 0
    every: int = 0
    most: int = 0
    ways: Sequence[str] = WAYS
    number: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    _ways: dict[str, str] = field(default_factory=dict)
    _failed: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def way_of(self, invocation: str, key: str) -> str:
        """Return how the request about `key` goes that all attempts of `invocation` are at.

        A key fails once: the delay of a second retry is a minute, that of a third four.
        """
        with self._lock:
            if invocation not in self._ways:
                wrong, rest = divmod(self.number, self.every or 1)
                goes_wrong = self.every and not rest and wrong < self.most and key not in self._failed
                way = self.ways[wrong % len(self.ways)] if goes_wrong else "passed on"
                self.number += 1
                self._failed |= {key} if goes_wrong else set()
                self._ways[invocation] = way
                self.counts[way] += 1
            return self._ways[invocation]


@contextmanager
def flaky_topic() -> Iterator[FlakyTopic]:
    """Listen on a free port."""
    topic = FlakyTopic()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told = json.loads(parse_qs(body.decode())["Message"][0]).get("source")  # The pager tells of none.
            way = topic.way_of(self.headers["amz-sdk-invocation-id"], told["key"]) if told else "passed on"
            status, answer = self._pass_on(body) if way not in {"unavailable", "throttles"} else (0, b"")
            if way == "loses its answer":
                self.close_connection = True
                return
            if way in _REFUSALS:
                status, code = _REFUSALS[way]
                answer = _error(code)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def _pass_on(self, body: bytes) -> tuple[int, bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", topic.target, timeout=30)
            connection.request("POST", self.path, body, dict(self.headers))
            response = connection.getresponse()
            answer = response.read()
            connection.close()
            return response.status, answer

        def log_message(self, *_: object) -> None:
            """Write no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    topic.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield topic
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _error(code: str) -> bytes:
    """Return an error as SNS words it (https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html)."""
    error = f"<Error><Type>Receiver</Type><Code>{code}</Code><Message>chaos</Message></Error>" if code else ""
    return f'<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">{error}</ErrorResponse>'.encode()
