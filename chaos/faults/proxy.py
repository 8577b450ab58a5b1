"""A proxy between the worker and the embedded AWS, in which requests go wrong.

Passes every request on as it is, Host header included: it is signed. Knows no plan and judges nothing; it counts.
"""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaos.faults.requests import Fault, Faults

HOST: Final = "127.0.0.1"
CONFLICTS: Final = (409, 412)
_HOP: Final = frozenset({"connection", "expect", "keep-alive", "transfer-encoding"})
"""Headers that are a matter of one connection (RFC 9110, section 7.6.1)."""
_SERVICE: Final = re.compile(r"Credential=[^/]+/\d+/[^/]+/(\w+)/aws4_request")
_NO_LINGER: Final = struct.pack("ii", 1, 0)
"""What makes closing a socket a reset."""
_BODIES: Final = {
    "s3": ("application/xml", "<Error><Code>{code}</Code><Message>chaos</Message></Error>"),
    "sns": ("text/xml", "<ErrorResponse><Error><Code>{code}</Code><Message>chaos</Message></Error></ErrorResponse>"),
    "sqs": ("application/x-amz-json-1.0", '{{"__type": "{code}", "message": "chaos"}}'),
}


class Proxy(ThreadingHTTPServer):
    """Serves on a free port of the loopback.

    Attributes:
        target: The port of the embedded AWS, once it is known.
        counts: Requests passed on as `passed`, faults by their names, conflicts as `conflict`.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, faults: Faults) -> None:
        """Listen."""
        super().__init__((HOST, 0), _Handler)
        self.target = 0
        self.faults = faults
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The endpoint that the worker uses."""
        return f"http://{HOST}:{self.server_port}"

    def count(self, what: str) -> None:
        """Count one."""
        with self._lock:
            self.counts[what] += 1

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing about a connection that broke: its worker may have been killed."""


@contextmanager
def running(faults: Faults) -> Iterator[Proxy]:
    """Run a proxy."""
    proxy = Proxy(faults)
    thread = threading.Thread(target=proxy.serve_forever, name="proxy", daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """One connection of the worker's, with one of its own to the embedded AWS."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Proxy
    _upstream: http.client.HTTPConnection | None = None

    def do_any(self) -> None:
        """Let one request pass, or go wrong."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.faults.of(self.headers.get("amz-sdk-invocation-id", ""))
        if fault is not None:
            self.server.count(fault.name)
            if self._fail(fault, body):
                return
        self._answer(*self._pass_on(body))

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_any  # noqa: N815 - the names that the base class looks for

    def log_message(self, *_: Any) -> None:
        """Write no access log."""

    def finish(self) -> None:
        """Close the other connection, too."""
        if self._upstream:
            self._upstream.close()
        with suppress(OSError):
            super().finish()

    def _fail(self, fault: Fault, body: bytes) -> bool:
        """Let the request go wrong; return whether it has its answer, or will never have one."""
        if fault.seconds:
            time.sleep(fault.seconds)
            return False
        if fault.status:
            self._refuse(fault.status, fault.code)
            return True
        if fault.lost_answer:
            self._pass_on(body)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.connection.close()
        self.close_connection = True
        return True

    def _refuse(self, status: int, code: str) -> None:
        """Answer as the service would."""
        found = _SERVICE.search(self.headers.get("Authorization", ""))
        kind, text = _BODIES[found[1] if found else "s3"]
        self._answer(status, {"Content-Type": kind}, text.format(code=code).encode())

    def _pass_on(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """Return the embedded AWS's answer."""
        self._upstream = self._upstream or http.client.HTTPConnection(HOST, self.server.target, timeout=60)
        self._upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _HOP:
                self._upstream.putheader(name, value)
        self._upstream.endheaders(body)
        answer = self._upstream.getresponse()
        content = answer.read()
        self.server.count("passed")
        if answer.status in CONFLICTS:
            self.server.count("conflict")
        return answer.status, dict(answer.headers), content

    def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        if not any(name.lower() == "content-length" for name in headers):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
