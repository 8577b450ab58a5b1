"""Ids, keys and safe names."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploader.errors import NotFound
from uploader.names import Upload, safe_name
from worker.contracts.keys import manifest_key


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("cat.jpg", "cat.jpg"),
        ("K\u00e4tzchen + Kissen.JPG", "Katzchen-Kissen.JPG"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("..", "picture"),
        ("%2e%2e%2fmanifest%2fx.json", "2e-2e-2fmanifest-2fx.json"),
        ("<img src=x onerror=alert(1)>.png", "img-src-x-onerror-alert-1.png"),
        ('a"; filename="b.exe', "a-filename-b.exe"),
        ("a\r\nSet-Cookie: x=y.png", "a-Set-Cookie-x-y.png"),
        ("\u7a7a.png", "picture.png"),
        (".htaccess", "picture.htaccess"),
        ("${filename}", "filename"),
        ("x" * 255 + ".jpeg", "x" * 60 + ".jpeg"),
    ],
)
def test_a_name_becomes_safe(name, safe):
    """No folder, no quote, no control character, no markup is left of it."""
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_whatever_it_is_called_the_id_leads_back_to_its_key_under_the_prefix(name):
    """For every name the key is one level under its secret, and the id finds it again."""
    upload = Upload.of_ticket(secrets.token_hex(16), name)
    assert Upload.from_id(upload.id) == upload
    prefix, secret, last = upload.key.split("/")
    assert (prefix, len(secret)) == ("uploads", 32)
    assert last not in {"", ".", ".."}
    assert upload.id.isascii()


def test_the_manifest_is_where_the_worker_puts_it():
    """The uploader's zip is without the worker, so this is what keeps the two together."""
    upload = Upload.of_ticket(secrets.token_hex(16), "cat.jpg")
    assert upload.manifest_key == manifest_key(upload.key)


@pytest.mark.parametrize(
    "id_",
    ["", "x", "0" * 32, f"{'0' * 31}-a", f"{'G' * 32}-a", f"{'0' * 32}-", f"{'0' * 32}-../x", f"{'0' * 32}-a/b",
     f"{'0' * 32}-a%2fb", f"{'0' * 32}-a\n", f"{'0' * 32}-.a", "manifest"],
)  # fmt: skip
def test_what_is_no_id_is_not_found(id_):
    """No key is made of it."""
    with pytest.raises(NotFound):
        Upload.from_id(id_)
