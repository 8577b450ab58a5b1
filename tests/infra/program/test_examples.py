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

pytestmark = [pytest.mark.stack, pytest.mark.soak]

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


def announcing(cloud, bucket):
    """Make a bucket that others have, whose events go to EventBridge."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}, SkipDestinationValidation=True
    )


def test_a_bucket_that_exists_is_adopted(cloud):
    """What lands in its folder is rendered; what lands beside it is not, and the pipeline has no bucket for pictures of its own."""
    announcing(cloud, "old-photos")
    outputs = deploy(Provisioner(cloud), {**CONFIG, "adopt:bucket": "old-photos"}, EXAMPLES / "adopt")["photos"]
    assert outputs["source_bucket"] == "old-photos"
    for key in ("beside.png", "photos/camera.png"):
        cloud.client("s3").upload_file(str(SAMPLES / "camera.png"), "old-photos", key)
    made = {"manifest/photos/camera.png.json", *(f"{name}/photos/camera.png.webp" for name in ("thumbnail", "web"))}
    eventually(lambda: made <= keys_in(cloud, outputs["output_bucket"]))
    assert keys_in(cloud, outputs["output_bucket"]) - {AUDIT_STATE} == made


OWN = """
bucket = aws.s3.Bucket("mine", force_destroy=True)
events = aws.s3.BucketNotification("mine", bucket=bucket.id, eventbridge=True)
photos = ImagePipeline("photos", {"source": {"bucket": bucket.bucket}}, pulumi.ResourceOptions(depends_on=[events]))
pulumi.export("photos", photos.outputs)
"""


def test_a_bucket_of_the_program_s_own_is_adopted_before_its_name_is_known(tmp_path, cloud):
    """An Output is all that there is at first."""
    outputs = deploy(Provisioner(cloud), CONFIG, project(tmp_path, OWN))["photos"]
    assert outputs["source_bucket"].startswith("mine-")
    render(outputs, cloud, "camera.png")


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
