"""SNS, but not always: between the worker and the embedded AWS, every so many requests to publish one goes wrong.

A request here is what the worker asks for: what goes wrong does so at every attempt of the SDK's, so that the worker hears of it.
"""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WAYS: Final = ("unavailable", "takes nothing", "takes all and says half", "loses its answer")
"""It answers 503; it answers 200 with every entry failed; with half of them, which were delivered all the same; or not at all."""


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
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def way_of(self, invocation: str) -> str:
        """Return how the request goes that all attempts of `invocation` are at."""
        with self._lock:
            if invocation not in self._ways:
                wrong, rest = divmod(self.number, self.every or 1)
                goes_wrong = self.every and not rest and wrong < self.most
                way = self.ways[wrong % len(self.ways)] if goes_wrong else "passed on"
                self.number += 1
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
            way = topic.way_of(self.headers["amz-sdk-invocation-id"])
            passes = way not in {"unavailable", "takes nothing"}
            status, answer = self._pass_on(body) if passes else (503, b"")
            if way == "loses its answer":
                self.close_connection = True
                return
            ids = [ids[0] for name, ids in parse_qs(body.decode()).items() if name.endswith(".Id")]
            if way.startswith("takes"):
                status, answer = 200, _answer(ids if way == "takes nothing" else ids[: (len(ids) + 1) // 2])
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


def _answer(failed: Sequence[str]) -> bytes:
    members = "".join(
        f"<member><Id>{id_}</Id><Code>InternalError</Code><Message>chaos</Message><SenderFault>false</SenderFault></member>"
        for id_ in failed
    )
    result = f"<PublishBatchResult><Successful></Successful><Failed>{members}</Failed></PublishBatchResult>"
    space = "http://sns.amazonaws.com/doc/2010-03-31/"
    return f'<PublishBatchResponse xmlns="{space}">{result}</PublishBatchResponse>'.encode()
