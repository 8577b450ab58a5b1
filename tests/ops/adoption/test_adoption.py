from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.adoption.adoption import Adoption, apply
from ops.adoption.document import Document
from ops.adoption.notifications import Notifications
from ops.terminal.errors import Busy, Denied, Misuse, Unknown
from tests.ops.adoption.configurations import EMPTY, OTHERS, S3, Wire, configurations

ACCOUNT = "123456789012"
CHANGED = OTHERS.replace(b"in/", b"out/")


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    """S3 shows at once whatever there is, unless a test says otherwise."""
    monkeypatch.setattr("ops.adoption.adoption._SETTLED_AFTER", 0.0)
    monkeypatch.setattr("ops.adoption.adoption._POLL_SECONDS", 0.0)


def adopted(wire, kept, *, undo=False):
    """Look, and write."""
    notifications = Notifications(wire.clients(), "photos", ACCOUNT)
    former = notifications.read()
    apply(Adoption("photos", former, former.without_flag() if undo else former.with_flag()), notifications, kept)


@pytest.fixture(scope="module")
def wire():
    """Return one for many examples: to build its clients takes longer than any of them."""
    return Wire(EMPTY)


@settings(max_examples=30, deadline=None)
@given(st.just(EMPTY) | st.just(OTHERS) | configurations())
def test_what_is_put_is_what_was_got_but_for_the_flag_and_undo_puts_what_was_got(wire, tmp_path_factory, raw):
    """Byte for byte, on the wire: boto3, which knows but a part of the elements, has no hand in it."""
    directory = tmp_path_factory.mktemp("kept")
    wire.raw, wire.requests = raw, []
    adopted(wire, directory / "1.xml")
    adopted(wire, directory / "2.xml", undo=True)
    first, second = wire.puts
    assert Document(first).has_flag
    assert Document(first).without_flag().raw == raw
    assert second == raw
    assert (directory / "1.xml").read_bytes() == raw
    assert (directory / "2.xml").read_bytes() == first


def test_every_request_names_the_owner_and_no_destination_is_asked(tmp_path):
    """Another account's bucket is none of ours; nobody else's queue gets a test message."""
    wire = Wire(OTHERS)
    adopted(wire, tmp_path / "kept.xml")
    assert [request.method for request in wire.requests] == ["GET", "GET", "PUT", "GET"]
    assert {request.headers["x-amz-expected-bucket-owner"] for request in wire.requests} == {ACCOUNT.encode()}
    assert wire.requests[2].headers["x-amz-skip-destination-validation"] == b"true"


def test_s3_may_show_it_in_its_own_spelling(tmp_path):
    """Other prefixes, another order: what it says counts."""
    spelled = (
        f'<s:NotificationConfiguration xmlns:s="{S3}">\n<s:EventBridgeConfiguration></s:EventBridgeConfiguration>'
        "</s:NotificationConfiguration>"
    ).encode()
    wire = Wire(EMPTY, spell=lambda _put: spelled)
    adopted(wire, tmp_path / "kept.xml")
    assert len(wire.puts) == 1


def test_what_was_changed_since_it_was_shown_stops_it(tmp_path):
    """Nothing is written, and nothing of the others' change is lost."""
    wire = Wire(OTHERS)

    def meanwhile(number):
        if number == 2:
            wire.raw = CHANGED

    wire.on_request = meanwhile
    with pytest.raises(Misuse, match=r"Somebody has changed .* so nothing was written"):
        adopted(wire, tmp_path / "kept.xml")
    assert wire.puts == []
    assert wire.raw == CHANGED


def test_what_is_changed_in_the_same_moment_is_seen(tmp_path):
    """S3 takes no condition with a write; the former configuration is in a file."""
    wire = Wire(OTHERS)

    def meanwhile(number):
        if number == 4:
            wire.raw = CHANGED

    wire.on_request = meanwhile
    with pytest.raises(Unknown, match=r"is not what was written: .* The configuration from before is in .*kept\.xml"):
        adopted(wire, tmp_path / "kept.xml")
    assert (tmp_path / "kept.xml").read_bytes() == OTHERS


def test_it_waits_until_s3_shows_what_was_written(tmp_path, monkeypatch):
    """A bucket's configuration is eventually consistent."""
    monkeypatch.setattr("ops.adoption.adoption._SETTLED_AFTER", 60.0)
    wire = Wire(OTHERS)
    written = []

    def meanwhile(number):
        if number == 4:
            written.append(wire.raw)
            wire.raw = OTHERS
        if number == 6:
            wire.raw = written[0]

    wire.on_request = meanwhile
    adopted(wire, tmp_path / "kept.xml")
    assert len(wire.requests) == 6


@pytest.mark.parametrize(
    ("method", "status", "code", "error", "sentence"),
    [
        ("GET", 403, "AccessDenied", Denied, r"not allowed to read .* not of the stack's account 123456789012"),
        ("PUT", 403, "AccessDenied", Denied, r"not allowed to write .* not of the stack's account .*kept\.xml"),
        ("PUT", 503, "SlowDown", Busy, r"AWS is busy and did not write .*kept\.xml"),
        ("PUT", 409, "OperationAborted", Busy, r"AWS is busy and did not write .*kept\.xml"),
        ("PUT", 400, "MalformedXML", Unknown, r"AWS did not write .*kept\.xml"),
    ],
)
def test_a_refusal_is_a_sentence_and_nothing_is_written_twice(tmp_path, method, status, code, error, sentence):
    """Meanwhile somebody else may have written: only a person asks again."""
    wire = Wire(OTHERS, refusals={method: [(status, code)]})
    with pytest.raises(error, match=f"(?s){sentence}"):
        adopted(wire, tmp_path / "kept.xml")
    assert len(wire.puts) == (method == "PUT")
    assert wire.raw == OTHERS


def test_what_is_no_configuration_is_said_before_anything_is_written(tmp_path):
    """Such as an answer of something in between."""
    wire = Wire(b"<Something/>")
    with pytest.raises(Unknown, match=r"it is a Something\. Nothing was written"):
        adopted(wire, tmp_path / "kept.xml")
    assert wire.puts == []
