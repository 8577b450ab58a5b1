"""`GET /api/images/{id}`: queued, ready with links that end, or rejected in words."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from tests.uploader.conftest import SECRET

KEY = f"uploads/{SECRET}/cat.jpg"
PATH = f"/api/images/{SECRET}-cat.jpg"


def entry(name, key=None):
    """Return a rendition's entry in the manifest."""
    facts = {"width": 256, "height": 171, "bytes": 9000, "content_type": "image/webp"}
    return {"name": name, "key": key or f"{name}/{KEY}.webp", **facts}


def write(caller, own=None, **manifest):
    """Put a manifest of the picture; `own` is what its source has besides."""
    facts = {"bucket": "images-source", "key": KEY, "bytes": 100_000, "width": 3000, "height": 2000, "format": "JPEG"}
    source = {**facts, **(own or {})}
    document = {"type": "image.ready", "source": source, "renditions": [entry("thumbnail"), entry("web")], **manifest}
    caller.s3.put_object(Bucket="images-output", Key=f"manifest/{KEY}.json", Body=json.dumps(document))


def test_without_a_manifest_it_is_queued(caller):
    """A picture that was never uploaded and one that waits get the same answer."""
    assert caller.ask("GET", PATH) == (200, {"status": "queued"})


def test_a_403_is_no_manifest_either(caller, monkeypatch):
    """S3 says so to a role that may not list, which is how the uploader's is."""
    write(caller)
    denied = caller.s3.exceptions.ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")

    def deny(**_):
        raise denied

    monkeypatch.setattr(caller.s3, "get_object", deny)
    assert caller.ask("GET", PATH) == (200, {"status": "queued"})


def test_a_manifest_that_cannot_be_decrypted_is_an_error(caller, monkeypatch):
    """It is there, and a page that goes on asking would wait for ever."""
    said = "User: r is not authorized to perform: kms:Decrypt on resource: k"
    denied = caller.s3.exceptions.ClientError({"Error": {"Code": "AccessDenied", "Message": said}}, "GetObject")

    def deny(**_):
        raise denied

    monkeypatch.setattr(caller.s3, "get_object", deny)
    status, body = caller.ask("GET", PATH)
    assert (status, body["error"]["code"]) == (500, "internal-error")


def test_ready_has_every_rendition_with_links_that_end(caller):
    """A link to look at, a link that downloads under a name, both for a quarter of an hour on the region's host."""
    write(caller)

    status, answer = caller.ask("GET", PATH)

    assert (status, answer["status"], answer["expires_in"]) == (200, "ready", 900)
    assert answer["source"] == {"bytes": 100_000, "width": 3000, "height": 2000, "format": "JPEG"}
    thumbnail, web = answer["renditions"]
    assert (thumbnail["name"], web["name"]) == ("thumbnail", "web")
    link, download = urlsplit(thumbnail["url"]), urlsplit(thumbnail["download_url"])
    assert link.netloc == download.netloc == "images-output.s3.eu-central-1.amazonaws.com"
    assert link.path == f"/thumbnail/{KEY}.webp"
    assert parse_qs(link.query)["X-Amz-Expires"] == ["900"]
    disposition = parse_qs(download.query)["response-content-disposition"]
    assert disposition == ['attachment; filename="cat-thumbnail.webp"']


PICTURE = {
    "width": 3000,
    "height": 2000,
    "color": "#aa8811",
    "placeholder": "data:image/png;base64,AA==",
    "thumbhash": "AAA=",
}


def test_ready_has_what_a_page_needs_where_the_stack_delivers(caller):
    """The manifest's picture, and of each rendition the version and the address that it is delivered at."""
    address = f"https://d111111abcdef8.cloudfront.net/web/{KEY}.webp?v=0123456789abcdef"
    delivered = {**entry("web"), "version": "0123456789abcdef", "url": address}
    write(caller, picture=PICTURE, renditions=[entry("thumbnail"), delivered])

    _, answer = caller.ask("GET", PATH)

    assert answer["picture"] == PICTURE
    thumbnail, web = answer["renditions"]
    assert (web["version"], web["address"]) == ("0123456789abcdef", address)
    assert not {"version", "address"} & set(thumbnail)
    assert "X-Amz-Signature" in web["url"]


def test_ready_says_around_which_point_it_was_cropped(caller):
    """A page that has sent another one goes on waiting."""
    write(caller, {"focus": "0.3,0.75"})
    assert caller.ask("GET", PATH)[1]["focus"] == "0.3,0.75"


def test_of_an_older_manifest_nothing_is_made_up(caller):
    """Neither a picture nor addresses are in the answer."""
    write(caller)
    _, answer = caller.ask("GET", PATH)
    assert not {"picture", "focus"} & set(answer)


def test_rejected_says_why_in_words(caller):
    """The worker's reason and sentence, and no links."""
    write(caller, type="image.rejected", renditions=[], reason="truncated", detail="The file ends early.")
    assert caller.ask("GET", PATH) == (
        200,
        {"status": "rejected", "reason": "truncated", "detail": "The file ends early."},
    )


def test_no_link_is_signed_outside_the_picture_s_own_outputs(caller):
    """Not even if a manifest says so."""
    write(
        caller, renditions=[entry("web"), entry("other", "manifest/secret.json"), entry("web", "web/cats/tom.jpg.webp")]
    )
    _, answer = caller.ask("GET", PATH)
    assert [rendition["name"] for rendition in answer["renditions"]] == ["web"]


def test_an_internal_error_reveals_nothing(caller, capsys):
    """A broken manifest is a 500 in the one error shape; the trace is in the log alone."""
    caller.s3.put_object(Bucket="images-output", Key=f"manifest/{KEY}.json", Body="{")
    status, answer = caller.ask("GET", PATH)
    assert (status, answer["error"]["code"]) == (500, "internal-error")
    assert "JSONDecodeError" not in json.dumps(answer)
    assert "JSONDecodeError" in capsys.readouterr().out
