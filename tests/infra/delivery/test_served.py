"""Delivery on the embedded AWS: what is served to whom, for how long it may be kept, and what is not served."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from local.engine import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stack import LocalStack

OURS, FOREIGN = "https://www.example.org", "https://www.example.com"
FIRST, SECOND = "0123456789abcdef", "fedcba9876543210"
FOR_EVER, A_MINUTE = "public, max-age=31536000, immutable", "public, max-age=60"

pytestmark = pytest.mark.stack


@dataclass(frozen=True)
class Edge:
    """The distribution of one stack, and the bucket behind it."""

    stack: LocalStack
    url: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", self.stack["delivery_url"])

    def ask(self, path: str, method: str = "GET", **headers: str):
        """Return status, headers with lower-case names, and body."""
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection("127.0.0.1", where.port or 0, timeout=60)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers={"Host": where.netloc, **sent})
            response = connection.getresponse()
            return response.status, {n.lower(): v for n, v in response.getheaders()}, response.read()
        finally:
            connection.close()

    def put(self, key: str, body: bytes, bucket: str = "output_bucket", **metadata: str) -> None:
        """Write an object as the worker does."""
        self.stack.client("s3").put_object(
            Bucket=self.stack[bucket],
            Key=key,
            Body=body,
            ContentType="image/webp",
            CacheControl="public, max-age=3600",
            Metadata={"source-etag": '"abc"', "recipe": "r", **metadata},
        )


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Iterator[LocalStack]:
    """Run the program with delivery, readable for one origin."""
    with running(
        directory=tmp_path_factory.mktemp("delivery"), config={"delivery": {"enabled": True, "origins": [OURS]}}
    ) as stack:
        yield stack


@pytest.fixture
def edge(stack) -> Edge:
    """Return the distribution."""
    return Edge(stack)


def test_a_version_is_kept_for_ever_and_told_with_every_header(edge):
    """By browsers and by the edge; no picture is taken for a page; nothing is told of the original."""
    edge.put("web/cats/1 ä.jpg", b"one", version=FIRST)
    for hit in (False, True):
        status, headers, body = edge.ask(f"/web/cats/1%20%C3%A4.jpg?v={FIRST}")
        assert (status, body, headers["cache-control"]) == (200, b"one", FOR_EVER)
        assert ("age" in headers) is hit
        assert headers["x-cache"] == ("Hit" if hit else "Miss") + " from cloudfront"
        assert headers["content-type"] == "image/webp"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["vary"] == "Origin"
        assert [name for name in headers if name.startswith("x-amz-meta-")] == []


def test_without_a_version_a_browser_asks_again_after_a_minute(edge):
    """Whatever else is in the address."""
    edge.put("web/now.jpg", b"one", version=FIRST)
    for query in ("", "?", "?v=", "?v=1", "?w=100", f"?V={FIRST}", f"?v={FIRST}0", f"?v={FIRST.upper()}", "?v=now-1"):
        status, headers, body = edge.ask(f"/web/now.jpg{query}")
        assert (query, status, body, headers["cache-control"]) == (query, 200, b"one", A_MINUTE)


def test_a_replaced_picture_is_new_at_once_under_its_new_address(edge):
    """The old address still gets the old bytes where they are kept."""
    edge.put("web/cat.jpg", b"old", version=FIRST)
    assert edge.ask(f"/web/cat.jpg?v={FIRST}")[2] == b"old"
    edge.put("web/cat.jpg", b"new", version=SECOND)
    assert edge.ask(f"/web/cat.jpg?v={SECOND}")[2] == b"new"
    status, headers, body = edge.ask(f"/web/cat.jpg?v={FIRST}")
    assert (status, body, headers["cache-control"]) == (200, b"old", FOR_EVER)


def test_an_edge_forgets_a_deleted_picture_when_it_is_told_to(edge):
    """By the command of docs/delivery.md."""
    edge.put("web/gone.jpg", b"one", version=FIRST)
    assert edge.ask(f"/web/gone.jpg?v={FIRST}")[0] == 200
    edge.stack.client("s3").delete_object(Bucket=edge.stack["output_bucket"], Key="web/gone.jpg")
    assert edge.ask(f"/web/gone.jpg?v={FIRST}")[0] == 200
    batch = {"Paths": {"Quantity": 1, "Items": ["/web/gone.jpg*"]}, "CallerReference": "test"}
    edge.stack.client("cloudfront").create_invalidation(
        DistributionId=edge.stack["delivery_distribution"], InvalidationBatch=batch
    )
    assert edge.ask(f"/web/gone.jpg?v={FIRST}")[0] == 403


def test_an_old_address_that_nobody_has_kept_is_not_for_ever(edge):
    """It gets the present bytes, which are not those of its version."""
    edge.put("web/dog.jpg", b"new", version=SECOND)
    status, headers, body = edge.ask(f"/web/dog.jpg?v={FIRST}")
    assert (status, body, headers["cache-control"]) == (200, b"new", A_MINUTE)


def test_what_a_former_worker_made_has_no_version(edge):
    """It is served, and is not for ever under any address."""
    edge.put("thumbnail/former.jpg", b"one")
    for address in ("/thumbnail/former.jpg", f"/thumbnail/former.jpg?v={FIRST}"):
        status, headers, _ = edge.ask(address)
        assert (status, headers["cache-control"]) == (200, A_MINUTE)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/?list-type=2&prefix=web", "/web", "/web/", "/web/none.jpg", "/manifest/a.jpg.json", "/audit/state"),
        *("/webp/a.jpg", "/a.jpg", "/source/a.jpg", "/web/../a.jpg", "/web/%2E%2E/a.jpg", "//a.jpg"),
    ],
)
def test_nothing_else_is_served(edge, path):
    """Neither a manifest, nor an original, nor what is below no rendition's name, nor a list; what is missing gets the same answer."""
    for key in ("manifest/a.jpg.json", "audit/state", "webp/a.jpg", "a.jpg", "source/a.jpg"):
        edge.put(key, b"secret")
    edge.put("a.jpg", b"secret", bucket="source_bucket")
    for query in ("", f"?v={FIRST}"):
        status, headers, body = edge.ask(path if "?" in path else path + query)
        assert (status, b"AccessDenied" in body, b"secret" in body) == (403, True, False)
        assert "cache-control" not in headers


def test_a_picture_that_was_asked_for_too_early_is_there_once_it_is_made(edge):
    """An error is not kept."""
    assert edge.ask(f"/web/early.jpg?v={FIRST}")[0] == 403
    edge.put("web/early.jpg", b"one", version=FIRST)
    assert edge.ask(f"/web/early.jpg?v={FIRST}")[0] == 200


def test_scripts_of_the_origins_alone_may_read(edge):
    """Also where the edge has kept the answer to the request of another one, or of an <img>."""
    edge.put("web/pixels.jpg", b"one", version=FIRST)
    path = f"/web/pixels.jpg?v={FIRST}"
    for origin, allowed in ((None, None), (OURS, OURS), (FOREIGN, None), ("null", None), (f"{OURS}.evil.com", None)):
        _, headers, _ = edge.ask(path, **({"Origin": origin} if origin else {}))
        assert (origin, headers.get("access-control-allow-origin")) == (origin, allowed)
        assert "access-control-allow-credentials" not in headers


def test_plain_http_is_redirected(edge):
    """To the same address."""
    edge.put("web/tls.jpg", b"one", version=FIRST)
    status, headers, _ = edge.ask(f"/web/tls.jpg?v={FIRST}", X_Forwarded_Proto="http")
    assert status == 301
    assert headers["location"] == f"https://{urlsplit(edge.url).netloc}/web/tls.jpg?v={FIRST}"


def test_a_head_is_the_get_without_the_body(edge):
    """From the origin, and from the edge."""
    edge.put("web/head.jpg", b"one", version=FIRST)
    for _ in range(2):
        status, headers, body = edge.ask(f"/web/head.jpg?v={FIRST}", "HEAD")
        assert (status, body, headers["cache-control"]) == (200, b"", FOR_EVER)
        assert headers["content-length"] == "3"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_no_other_method_is_taken(edge, method):
    """Nobody writes through it."""
    edge.put("web/kept.jpg", b"one", version=FIRST)
    assert edge.ask(f"/web/kept.jpg?v={FIRST}", method)[0] == 403
    assert edge.ask("/web/kept.jpg")[2] == b"one"


def test_a_browser_that_has_the_bytes_gets_none(edge):
    """And keeps what it was told of them: the answer says nothing of Cache-Control."""
    edge.put("web/etag.jpg", b"one", version=FIRST)
    _, headers, _ = edge.ask(f"/web/etag.jpg?v={FIRST}")
    status, told, body = edge.ask(f"/web/etag.jpg?v={FIRST}", If_None_Match=headers["etag"])
    assert (status, body) == (304, b"")
    assert "cache-control" not in told


def test_a_part_of_a_picture_is_served(edge):
    """A range, as a resumed download asks for."""
    edge.put("web/part.jpg", b"0123456789", version=FIRST)
    status, _, body = edge.ask(f"/web/part.jpg?v={FIRST}", Range="bytes=2-3")
    assert (status, body) == (206, b"23")


def test_the_worker_knows_the_address(edge):
    """As everybody else on this computer reaches it."""
    function = edge.stack.client("lambda").get_function_configuration(FunctionName=edge.stack["worker_function"])
    assert function["Environment"]["Variables"]["DELIVERY_ORIGIN"] == edge.url


def test_only_the_distribution_reads_the_bucket(edge):
    """The policy has one statement for it, with the folders of the renditions."""
    policy = edge.stack.client("s3").get_bucket_policy(Bucket=edge.stack["output_bucket"])["Policy"]
    allow, deny = json.loads(policy)["Statement"]
    assert [arn.rpartition(":")[2].partition("/")[2] for arn in allow["Resource"]] == ["thumbnail/*", "web/*"]
    assert deny["Effect"] == "Deny"
