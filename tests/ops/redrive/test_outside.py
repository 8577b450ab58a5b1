"""A redrive on a full disk, and behind a proxy that answers with a page of its own: a sentence, exit status 2, and nothing lost."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError

from tests.ops.support.disk import disk_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.stack

KEYS = ("a.jpg", "b.jpg", "c.jpg")
REDRIVE = ("redrive", "--yes", "--canary", "1", "--patience", "0")
PAGE = b"<html><body>Please log in to the network.</body></html>"


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _headers(content_type: str) -> Any:
    return {"Content-Type": content_type}


def page(status: int) -> Callable[[Any], Any]:
    """Return a proxy that answers with a page."""
    return lambda request: AWSResponse(request.url, status, _headers("text/html"), _Raw(PAGE))


def cut(request: Any) -> Any:
    """Answer with the beginning of a JSON document."""
    return AWSResponse(request.url, 200, _headers("application/x-amz-json-1.0"), _Raw(b'{"Messages": [{"Bo'))


def closed(request: Any) -> Any:
    """Close the connection."""
    raise ConnectionClosedError(endpoint_url=request.url)


FAULTS = {"a page": page(200), "a page with 502": page(502), "half an answer": cut, "no answer": closed}


class Network:
    """What is between the commands and AWS: from the request `good` on, every one gets the fault."""

    def __init__(self) -> None:
        self.fault: Callable[[Any], Any] | None = None
        self.good = 0
        self.requests = 0

    def __call__(self, request: Any, **_: Any) -> Any:
        self.requests += 1
        return self.fault(request) if self.fault and self.requests > self.good else None


@pytest.fixture
def network(clients, monkeypatch):
    """Return the network of every client; its faults end with the test."""
    network = Network()
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    used = [clients(service) for service in ("sqs", "s3", "lambda")] + [clients.once("sqs")]
    for client in used:
        client.meta.events.register("before-send", network)
    yield network
    for client in used:
        client.meta.events.unregister("before-send", network)


def plant(bench: Any) -> None:
    """Put three dead letters about pictures that are not there: a redrive settles each at once."""
    bench.client("sqs").purge_queue(QueueUrl=bench.stack["dead_letter_queue_url"])
    for key in KEYS:
        bench.plant(key, "throttled")


def check_nothing_is_lost(bench: Any, ended: Any) -> None:
    """Every letter is still there, or went back and was handled."""
    assert ended.status in {0, 1, 2}, ended.err
    assert "this is a bug" not in ended.err, ended.err
    assert "Traceback" not in ended.err
    there, hidden = bench.depth("dead_letter_queue_url")
    if there + hidden < len(KEYS):  # Some went back: the journal knows which, and the worker has had them.
        assert "journal" in ended.err or ended.status == 0, ended.err
    if hidden:
        assert "stay hidden" in ended.err, ended.err


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_proxy_answers_is_no_letter_s_end(bench, network, fault):
    """At whichever request it begins: a sentence, and no letter is deleted that was not sent."""
    plant(bench)
    network.fault = None
    assert bench.run(*REDRIVE, "--dry-run").status == 0
    whole, network.requests = network.requests, 0
    for good in range(whole + 6):
        plant(bench)
        network.fault, network.good, network.requests = FAULTS[fault], good, 0
        ended = bench.run(*REDRIVE)
        reached = network.requests > good
        network.fault = None
        check_nothing_is_lost(bench, ended)
        if reached and ended.status not in {0, 1}:
            assert ended.status == 2
            assert ended.err.strip().splitlines()[-1].endswith("."), ended.err


@pytest.mark.parametrize("command", [REDRIVE, ("dlq", "export", "kept.jsonl"), ("dlq", "purge", "--all", "--export", "p.jsonl", "--yes")], ids=" ".join)  # fmt: skip
def test_a_full_disk_loses_no_letter_and_hides_none(bench, command, tmp_path, monkeypatch):
    """Whichever byte is the first that the disk does not take; what the journal has can be resumed."""
    for size in (*range(0, 400, 40), *range(400, 3000, 250)):
        place = tmp_path / str(size)
        place.mkdir()
        monkeypatch.chdir(place)
        plant(bench)
        with disk_of(size):
            ended = bench.run(*command)
        check_nothing_is_lost(bench, ended)
        assert bench.depth("dead_letter_queue_url")[1] == 0, ended.err
        if ended.status == 2:
            assert "File too large" in ended.err or "No space" in ended.err, ended.err
        if command is REDRIVE and ended.status == 2:
            again = bench.run("redrive", "--resume", "--yes", "--patience", "0")
            assert "this is a bug" not in again.err
