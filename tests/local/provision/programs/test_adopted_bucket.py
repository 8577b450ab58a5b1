"""A bucket that exists, without versions and with settings of its own, as the source of a stack on the embedded AWS."""

from __future__ import annotations

import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest

from local.cloud import Cloud
from local.emulator.process import running_emulator
from local.engine import deploy, stack_config
from local.errors import ProgramError
from local.provision.provisioner import Provisioner
from local.provision.services.iam import denied_actions
from ops.commands.cli import main
from tests.local.conftest import REGION
from tests.local.processes.waiting import eventually
from tests.local.provision.programs.buckets_of_others import STRANGER, everything_about, make_bucket
from tests.worker.images.pictures.small import jpeg
from worker.contracts.events import event_body

if TYPE_CHECKING:
    from pathlib import Path

BUCKET = "team-pictures"
INSIDE = ("photos/a.jpg", "photos/faces/b.jpg", "photos/c & d.jpg")
OUTSIDE = ("other/e.jpg", "photos/notes.txt")
FROM_S3 = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}
    ]
}
CONFIG: dict[str, Any] = {
    "audit": "weekly",
    "forceDestroy": True,
    "recipes": {"photos/faces/": {"thumbnail": {"fit": "cover"}}},
    "source": {"bucket": BUCKET, "prefix": "photos/", "suffixes": [".jpg"]},
}


def refusal(cloud, bucket):
    """Return the sentence that stops a program with this source, which has made nothing then."""
    provisioner = Provisioner(cloud)
    with pytest.raises(ProgramError) as caught:
        deploy(provisioner, stack_config({"source": {"bucket": bucket}}))
    assert not provisioner._made
    return str(caught.value)


def test_a_missing_bucket_stops_the_preview(cloud):
    """With a sentence, and with what the provider said."""
    said = refusal(cloud, "nobody-s-pictures")
    assert said.startswith("source.bucket is 'nobody-s-pictures', which does not exist.")
    assert "couldn't find resource" in said


def test_a_bucket_of_another_region_stops_the_preview(cloud):
    """S3's events stay in the region of their bucket."""
    said = refusal(cloud, make_bucket(cloud, "pictures-far-away", region="us-west-2"))
    assert said.startswith(
        "source.bucket is 'pictures-far-away', which is in us-west-2, and this stack in eu-central-1:"
    )


@pytest.mark.parametrize("readable", [False, True])
def test_a_foreign_bucket_stops_the_preview(cloud, readable):
    """One that nobody here may read, and one that everybody may: its events go to its own account."""
    name = make_bucket(cloud, f"strange-pictures-{readable}".lower(), account=STRANGER, readable=readable)
    assert refusal(cloud, name).startswith(f"source.bucket is '{name}', which is another account's")


def without_delay(type_, name, inputs):
    """Have each call of the auditor begin an audit, of whatever is there."""
    if type_.endswith(":Function") and name.endswith("auditor"):
        variables = {**inputs["environment"]["variables"], "AUDIT_PERIOD": "0", "SETTLED_AFTER": "0"}
        return {**inputs, "environment": {"variables": variables}}
    return inputs


@dataclass
class Adopted:
    """A stack whose source is the bucket; `before` is all that was known of the bucket then."""

    cloud: Cloud
    provisioner: Provisioner
    outputs: dict[str, Any]
    file: Path
    before: dict[str, Any]

    @property
    def s3(self) -> Any:
        return self.cloud.client("s3")

    def put(self, key: str, colour: str = "red") -> None:
        """Upload a picture."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=jpeg(colour=colour))

    def hint(self, *keys: str) -> None:
        """Tell the worker of keys, as S3 would."""
        for key in keys:
            self.cloud.client("sqs").send_message(
                QueueUrl=self.outputs["queue_url"], MessageBody=event_body(BUCKET, key)
            )

    def rendered(self) -> set[str]:
        """Return the keys of the pictures that have a manifest."""
        found = self.s3.list_objects_v2(Bucket=self.outputs["output_bucket"], Prefix="manifest/").get("Contents", [])
        return {each["Key"].removeprefix("manifest/").removesuffix(".json") for each in found}

    def made_of(self, key: str) -> str:
        """Return the ETag in the manifest of a picture."""
        answer = self.s3.get_object(Bucket=self.outputs["output_bucket"], Key=f"manifest/{key}.json")
        return str(json.loads(answer["Body"].read())["source"]["etag"]).strip('"')

    def is_quiet(self) -> bool:
        """Whether the queues are empty, of dead letters too."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        urls = [self.outputs[name] for name in ("queue_url", "backfill_queue_url", "dead_letter_queue_url")]
        sqs = self.cloud.client("sqs")
        depths = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in urls]
        return all(depth[name] == "0" for depth in depths for name in names)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run an operator's command; return its status and its output."""
        out = StringIO()
        with redirect_stdout(out), redirect_stderr(StringIO()):
            status = main(["--outputs", str(self.file), *arguments])
        return status, out.getvalue()


@pytest.fixture(scope="module")
def adopted(tmp_path_factory):
    """Return the stack, deployed beside what other teams do with the bucket."""
    directory = tmp_path_factory.mktemp("adopted")
    with running_emulator(directory, region=REGION) as emulator:
        cloud = Cloud(emulator.endpoint_url, REGION)
        s3, sqs = cloud.client("s3"), cloud.client("sqs")
        make_bucket(cloud, BUCKET, readable=True)
        for key in (*INSIDE, *OUTSIDE):
            s3.put_object(Bucket=BUCKET, Key=key, Body=jpeg())
        sqs.create_queue(QueueName="of-others", Attributes={"Policy": json.dumps(FROM_S3)})
        queue = {"QueueArn": cloud.arn("sqs", "of-others"), "Events": ["s3:ObjectCreated:*"], "Id": "others"}
        # The flag, which `ops adopt` sets, is all that the pipeline needs.
        configuration: Any = {"QueueConfigurations": [queue], "EventBridgeConfiguration": {}}
        s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=configuration)
        s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "team", "Value": "photos"}]})
        before = everything_about(s3, BUCKET)
        provisioner = Provisioner(cloud, without_delay)
        outputs = deploy(provisioner, stack_config(CONFIG))
        file = directory / "adopted.json"
        file.write_text(json.dumps(outputs))
        yield Adopted(cloud, provisioner, outputs, file, before)
        cloud.close()


@pytest.mark.soak
@pytest.mark.stack
def test_an_unversioned_bucket_is_used_under_the_prefix_alone(adopted, monkeypatch, tmp_path):
    """Backfilled, replaced, deleted, audited and asked about: the roles suffice, and what is outside is left alone."""
    monkeypatch.chdir(tmp_path)
    assert adopted.run("backfill", "--json")[0] == 0
    eventually(lambda: adopted.rendered() == set(INSIDE))

    adopted.put(INSIDE[0], "blue")
    adopted.put("photos/new.jpg")
    adopted.put("other/new.jpg")
    adopted.s3.delete_object(Bucket=BUCKET, Key=INSIDE[2])
    adopted.hint(*OUTSIDE, "photos/never-there.jpg")
    etag = adopted.s3.head_object(Bucket=BUCKET, Key=INSIDE[0])["ETag"].strip('"')
    there = {INSIDE[0], INSIDE[1], "photos/new.jpg"}
    eventually(lambda: adopted.rendered() == there and adopted.made_of(INSIDE[0]) == etag)
    eventually(adopted.is_quiet)
    assert adopted.rendered() == there

    status, state = adopted.run("where", INSIDE[0], "--json")
    assert (status, json.loads(state)["state"]) == (0, "ready")
    assert json.loads(state)["source"]["version_id"] is None
    assert "version" not in adopted.run("where", INSIDE[0])[1].splitlines()[0]
    assert json.loads(adopted.run("where", OUTSIDE[0], "--json")[1])["state"] == "ignored"
    assert adopted.run("restore", INSIDE[0], "--dry-run")[0] == 0

    for key in adopted.s3.list_objects_v2(Bucket=adopted.outputs["output_bucket"], Prefix="web/")["Contents"]:
        adopted.s3.delete_object(Bucket=adopted.outputs["output_bucket"], Key=key["Key"])
    (auditor,) = [
        each["FunctionName"]
        for each in adopted.cloud.client("lambda").list_functions()["Functions"]
        if "auditor" in each["FunctionName"]
    ]
    answer = adopted.cloud.client("lambda").invoke(FunctionName=auditor)
    assert "FunctionError" not in answer
    eventually(
        lambda: adopted.s3.list_objects_v2(Bucket=adopted.outputs["output_bucket"], Prefix="web/")["KeyCount"] == 3
    )
    eventually(adopted.is_quiet)
    assert adopted.run("audit", "--settled-after", "0", "--json")[0] == 0


@pytest.mark.soak
@pytest.mark.stack
def test_no_role_may_read_outside_of_the_prefix(adopted):
    """AWS itself refuses what is other teams' business, whatever a message says."""
    functions = adopted.cloud.client("lambda").list_functions()["Functions"]
    readers = [each["Role"] for each in functions if "SOURCE_BUCKET" in each["Environment"]["Variables"]]
    assert len(readers) == 2
    for role in readers:
        for key, refused in ((OUTSIDE[0], ["s3:GetObject"]), (INSIDE[0], [])):
            assert denied_actions(adopted.cloud, role, ["s3:GetObject"], f"arn:aws:s3:::{BUCKET}/{key}") == refused


@pytest.mark.soak
@pytest.mark.stack
def test_the_bucket_outlives_the_stack_as_it_was(adopted):
    """No setting of it has changed, by the deployment or by its destroy, and every picture is there."""
    there = everything_about(adopted.s3, BUCKET)
    settings = {name: value for name, value in there.items() if name != "versions"}
    assert settings == {name: adopted.before[name] for name in settings}
    own = adopted.outputs["output_bucket"]
    assert adopted.s3.list_buckets(Prefix=own)["Buckets"]
    adopted.provisioner.destroy()
    assert everything_about(adopted.s3, BUCKET) == there
    assert adopted.s3.list_buckets(Prefix=own)["Buckets"] == []
