"""`python -m local demo`: what it promises on a sound stack, and how it fails on a broken one."""

from __future__ import annotations

import io
import json
import re
import subprocess
from contextlib import redirect_stdout
from html import unescape
from urllib.parse import unquote

import pytest
from rich.console import Console

from local.demo.picture import FOLDERS, RAW, REJECTED, SAMPLES
from local.demo.run import _verdict, main
from local.engine import running
from tests.local.processes.waiting import eventually
from tests.local.provision.policies import taken_from_worker, without

pytestmark = [pytest.mark.stack, pytest.mark.soak]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Run the demo once; return its exit status, what it printed, and where it wrote."""
    build, printed = tmp_path_factory.mktemp("demo"), io.StringIO()
    with redirect_stdout(printed):
        status = main(build)
    return status, printed.getvalue(), build


def test_the_demo_ends_well_and_shows_every_picture(demo):
    """Exit status 0, every sample in the table, every dead letter with its reason."""
    status, printed, _ = demo
    assert status == 0
    for name in (path.name for path in SAMPLES.iterdir() if path.name != "README.md"):
        assert name.split(" ")[0] in printed
    assert "unsupported-format" in printed
    assert re.search(r"images-dead-letters-\w+ +│ ALARM", printed)
    assert "truncated" in printed
    assert re.search(r"│ broken\.jpg: redriven +│ ok", printed)
    assert "WRONG" not in printed


def test_the_report_is_of_the_promised_shape(demo):
    """`report.json` lists every picture with status, reason and renditions, and the seconds it took."""
    report = json.loads((demo[2] / "report.json").read_text())
    assert set(report) == {"images", "seconds"}
    again = {f"{folder}{name}" for folder, names in FOLDERS.items() for name in names}
    assert {image["key"] for image in report["images"]} == ({p.name for p in SAMPLES.iterdir()} - {"README.md"}) | again
    for image in report["images"]:
        assert set(image) == {"key", "status", "reason", "renditions"}
        assert image["reason"] == REJECTED.get(image["key"])
        left_alone = image["key"].startswith(RAW)
        assert image["status"] == ("ignored" if left_alone else "rejected" if image["reason"] else "ready")
        for rendition in image["renditions"]:
            assert set(rendition) == {"name", "key", "width", "height", "bytes"}
            assert (demo[2] / rendition["key"]).stat().st_size == rendition["bytes"]


def test_prefixes_have_recipes_of_their_own(demo):
    """The stack's, a strip for a page, a square for faces, and none at all: in the report, on the page, and beside it."""
    report = json.loads((demo[2] / "report.json").read_text())
    made = {
        image["key"]: [(r["name"], r["width"], r["height"]) for r in image["renditions"]] for image in report["images"]
    }
    assert made["astronaut-on-her-side.jpg"] == [("thumbnail", 200, 256), ("web", 400, 512)]
    assert made["avatars/astronaut-on-her-side.jpg"] == [("thumbnail", 96, 96)]
    assert made["raw/camera.png"] == []
    page = unescape((demo[2] / "index.html").read_text())
    headings = re.findall("<h2>(.*?)</h2>", page)[:4]
    assert [heading.partition(" ")[0] for heading in headings] == ["The", "page/", "avatars/", "raw/"]
    assert (demo[2] / "source" / "raw" / "camera.png").is_file()
    assert re.search(r"raw/camera\.png +│ ignored", demo[1])


def test_the_page_shows_every_picture_beside_its_renditions(demo):
    """`index.html` refers to every original and every rendition, by paths that exist beside it."""
    page = unescape((demo[2] / "index.html").read_text())
    report = json.loads((demo[2] / "report.json").read_text())
    for image in report["images"]:
        assert image["key"] in page
        for rendition in image["renditions"]:
            assert f"{rendition['width']} x {rendition['height']}" in page
    assert 'src="http' not in page


def test_the_page_shows_the_smoke_test(demo):
    """Its whole table, the last check included, as the operator's command printed it."""
    page = unescape((demo[2] / "index.html").read_text())
    assert re.search(r"clean up: outputs removed +│ ok", page)


def test_a_page_that_uses_the_printed_html_outlives_the_stack(demo):
    """Every address of it is a file beside it; the text that was printed names the delivery."""
    page = (demo[2] / "page.html").read_text()
    shown = re.findall("<img [^>]*>", page)
    assert len(shown) == 3
    for image in shown:
        addresses = re.findall(r"([^\s\"]+) \d+w", image)
        assert addresses
        assert all((demo[2] / unquote(address.partition("?")[0])).is_file() for address in addresses)
        assert all(re.search(r"\?v=[0-9a-f]{16}$", address) for address in addresses)
        assert "data:image/webp;base64," in image
    assert re.search("srcset=.*thumbnail/.* 256w, .*medium/.* 800w, .*web/.* 1411w", shown[0])
    assert "teaser/" in shown[2]
    assert "teaser/" not in shown[1]
    assert len(re.findall(r"<pre>&lt;img .*http://[^/]+/thumbnail/", page)) == 2


@pytest.mark.parametrize("status", [1, 2])
def test_a_smoke_test_that_fails_fails_the_demo(tmp_path, status):
    """Every picture may be where it belongs: the exit status is smoke's."""
    letters = [{"reason": reason} for reason in REJECTED.values()]
    (tmp_path / "index.html").touch()
    smoke = subprocess.CompletedProcess([], status, stdout="", stderr="")
    assert _verdict([], letters, smoke, tmp_path, 1.0, Console(file=io.StringIO())) == status


def test_a_missing_permission_fails_the_demo_with_its_name(tmp_path, capsys):
    """Not a wait until the end of patience: the message says what was denied."""
    assert main(tmp_path, without("s3:PutObject")) == 1
    printed = capsys.readouterr().out
    assert "demo failed" in printed
    assert "s3:PutObject" in printed


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Return a stack whose worker's permissions are taken one by one."""
    with running(directory=tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.mark.parametrize(
    ("action", "sample"),
    [
        ("s3:GetObject", "camera.png"),
        ("s3:PutObject", "camera.png"),
        ("sns:Publish", "camera.png"),
        ("sqs:SendMessage", "not-a-picture.jpg"),
    ],
)
def test_every_action_of_the_worker_is_needed(stack, action, sample):
    """Without it, the worker's log names what was denied: nothing is granted that is not used."""
    with taken_from_worker(stack, action):
        key = f"{action.replace(':', '-')}/{sample}"
        stack.client("s3").upload_file(str(SAMPLES / sample), stack["source_bucket"], key)

        def denied():
            lines = [line for line in stack.worker_log_lines() if line.get("reason") == "access-denied"]
            return [line for line in lines if line.get("keys") == [key]]

        assert action.partition(":")[2] in eventually(denied)[0]["detail"]


def test_deleting_needs_its_action_too(stack):
    """Outputs of a removed source stay, and the log says why, while the role may not delete them."""
    s3 = stack.client("s3")
    s3.upload_file(str(SAMPLES / "camera.png"), stack["source_bucket"], "gone.png")
    there = {"Bucket": stack["output_bucket"], "Prefix": "manifest/gone.png.json"}
    eventually(lambda: s3.list_objects_v2(**there).get("Contents"))
    with taken_from_worker(stack, "s3:DeleteObject"):
        s3.delete_object(Bucket=stack["source_bucket"], Key="gone.png")
        eventually(
            lambda: [
                line
                for line in stack.worker_log_lines()
                if line.get("reason") == "access-denied" and "s3:DeleteObject" in line["detail"]
            ]
        )
        # While it still may not: the message comes back, and is obeyed as soon as it can be.
        assert s3.list_objects_v2(**there).get("Contents")


def test_putting_off_a_retry_needs_its_action_too(stack):
    """While the role may not change a message's visibility, the log says so, and the outcome is the same."""
    with taken_from_worker(stack, "sqs:ChangeMessageVisibility"), taken_from_worker(stack, "sns:Publish"):
        stack.client("s3").upload_file(str(SAMPLES / "camera.png"), stack["source_bucket"], "put-off.png")
        lines = eventually(
            lambda: [line for line in stack.worker_log_lines() if line["event"] == "messages.not-postponed"]
        )
    assert "sqs:ChangeMessageVisibility" in lines[0]["detail"]
