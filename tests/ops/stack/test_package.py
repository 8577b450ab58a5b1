"""One file out of a function's zip: from its end where the server gives parts, from the whole where it does not."""

from __future__ import annotations

import io
import os
import re
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ops.stack.package import TAIL, read_file

RECIPE = "worker/recipe.json"


def package(**files: bytes) -> bytes:
    """Return a zip with what cannot be compressed in front, as wheels are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        for name, content in files.items():
            bundle.writestr(name.replace("__", "/").replace("_json", ".json"), content)
    return stream.getvalue()


@contextmanager
def serving(content: bytes, *, parts: bool):
    """Serve `content`; yield its address, and the bytes that each answer had."""
    sent: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = re.fullmatch(r"bytes=-(\d+)", self.headers.get("Range", "")) if parts else None
            body = content[-int(wanted[1]) :] if wanted else content
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(body)))
            if wanted:
                first = len(content) - len(body)
                self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
            self.end_headers()
            self.wfile.write(body)
            sent.append(len(body))

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/code", sent
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("parts", [True, False])
def test_a_file_at_the_end_is_read(parts):
    """S3 gives the end alone: the wheels before it stay where they are."""
    content = package(PIL__x=os.urandom(3 * TAIL), worker__recipe_json=b"[]")
    with serving(content, parts=parts) as (address, sent):
        assert read_file(address, RECIPE, proxies=False) == b"[]"
    assert sent == [TAIL if parts else len(content)]


def test_a_file_further_ahead_is_read_from_the_whole():
    """It costs a second request, and is right."""
    content = package(worker__recipe_json=b"[]", z=os.urandom(2 * TAIL))
    with serving(content, parts=True) as (address, sent):
        assert read_file(address, RECIPE, proxies=False) == b"[]"
    assert sent == [TAIL, len(content)]


def test_a_small_zip_is_read():
    """The part that is asked for may be all of it, and more."""
    with serving(package(worker__recipe_json=b"{}"), parts=True) as (address, _):
        assert read_file(address, RECIPE, proxies=False) == b"{}"


def test_a_zip_without_the_file_has_none():
    """It is another program's function."""
    with serving(package(index_json=b"{}"), parts=True) as (address, _), pytest.raises(KeyError):
        read_file(address, RECIPE, proxies=False)


def test_what_is_no_zip_is_no_package():
    """An error page of a proxy, for example."""
    with serving(b"<html>" * 100, parts=True) as (address, _), pytest.raises(OSError, match="no zip"):
        read_file(address, RECIPE, proxies=False)
