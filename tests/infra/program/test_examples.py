"""The programs in `examples/`, on the embedded AWS, and what a program of one's own may do to a pipeline there."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from local import ROOT
from local.cloud import Cloud
from local.demo.picture import SAMPLES
from local.emulator.process import running_emulator
from local.engine import deploy
from local.provision.provisioner import Provisioner
from local.provision.registry import KINDS
from tests.infra.program.projects import project
from tests.infra.program.test_image_pipeline import RENAMED
from tests.infra.program.test_two_stacks import render
from tests.local.processes.waiting import eventually
from worker.contracts.names import AUDIT_STATE

pytestmark = pytest.mark.stack

REGION = "eu-central-1"
CONFIG = {"aws:region": REGION}
CODE = "correct-horse-battery-staple"
EXAMPLES = ROOT / "examples"


@pytest.fixture
def cloud(tmp_path):
    """Return an account with nothing in it."""
    with running_emulator(tmp_path, region=REGION) as emulator:
        cloud = Cloud(emulator.endpoint_url, REGION)
        yield cloud
        cloud.close()


def keys_in(cloud, bucket):
    """Return the keys of a bucket."""
    return {entry["Key"] for entry in cloud.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])}


def answers(url):
    """Return what is at an address of this computer."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", where.port)
    connection.request("GET", where.path, headers={"Host": where.netloc})
    answer = connection.getresponse().read()
    connection.close()
    return answer


def renders(cloud, pipeline, picture, renditions):
    """Upload a sample, and wait until the output bucket has its renditions; it has nothing else then."""
    made = {f"manifest/{picture}.json", *(f"{rendition}/{picture}.webp" for rendition in renditions)}
    cloud.client("s3").upload_file(str(SAMPLES / picture), pipeline["source_bucket"], picture)
    eventually(lambda: made <= keys_in(cloud, pipeline["output_bucket"]))
    assert keys_in(cloud, pipeline["output_bucket"]) - {AUDIT_STATE} == made


def test_two_pipelines_work_side_by_side(cloud):
    """Each renders what lands in its own bucket, by its own recipe, and has nothing of the other's."""
    provisioner = Provisioner(cloud)
    outputs = deploy(provisioner, {**CONFIG, "two-pipelines:code": CODE}, EXAMPLES / "two_pipelines")
    named = [(order.type, id_) for order, id_ in provisioner._made if KINDS[order.type].named_by]
    assert len(set(named)) == len(named)
    renders(cloud, outputs["shop"], "camera.png", {"card", "thumbnail", "web"})
    renders(cloud, outputs["club"], "rocket.jpg", {"thumbnail", "web"})
    assert b"<!doctype html>" in answers(outputs["club"]["page_url"]).lower()
    tagged = {name: tags_of(cloud, outputs[name]["source_bucket"]) for name in ("shop", "club")}
    assert tagged == {"shop": {}, "club": {"team": "club"}}


def tags_of(cloud, bucket):
    """Return the tags of a bucket."""
    try:
        found = cloud.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]
    except cloud.client("s3").exceptions.ClientError:
        return {}
    return {tag["Key"]: tag["Value"] for tag in found}


def test_a_program_may_rename_and_tag_what_is_in_a_pipeline(tmp_path, cloud):
    """Its transforms decide the physical names; beside it another pipeline of the same settings keeps its own."""
    root = project(tmp_path, RENAMED.replace(', "firewallRequests": 1000', ""))
    outputs = deploy(Provisioner(cloud), CONFIG, root)
    shop, club = outputs["shop"], outputs["club"]
    assert shop["source_bucket"] == "acme-shop-local-source"
    assert club["source_bucket"].startswith("club-local-source-")
    assert tags_of(cloud, shop["source_bucket"]) == {"owner": "acme"}
    render(shop, cloud, "camera.png")
    render(club, cloud, "camera.png")
    assert all(b"<!doctype html>" in answers(each["page_url"]).lower() for each in (shop, club))
