"""An HTTPS endpoint on the loopback, as a subscriber runs one."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Endpoint:
    """What arrived: confirmed by visiting the address in the first message, as SNS asks for."""

    url: str
    is_broken: bool = False
    is_confirmed: bool = False
    notifications: list[dict[str, Any]] = field(default_factory=list)

    def receive(self, envelope: dict[str, Any]) -> bool:
        """Take one POST of SNS's; return whether it could be handled, which a broken one never can."""
        if envelope["Type"] == "SubscriptionConfirmation":
            directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with directly.open(envelope["SubscribeURL"], timeout=10) as answer:
                self.is_confirmed = answer.status == 200
            return True
        if not self.is_broken:
            self.notifications.append(envelope)
        return not self.is_broken


@contextmanager
def serving(directory: Path, *, is_broken: bool = False) -> Iterator[Endpoint]:
    """Serve on a free port, with a self-signed certificate."""
    certificate = _certificate(directory)
    endpoint = Endpoint("", is_broken)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_taken = endpoint.receive(json.loads(body))
            self.send_response(200 if is_taken else 500)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    endpoint.url = f"https://127.0.0.1:{server.server_port}/pictures"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _certificate(directory: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    secret = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = directory / "endpoint.pem"
    path.write_bytes(secret + certificate.public_bytes(form))
    return path
