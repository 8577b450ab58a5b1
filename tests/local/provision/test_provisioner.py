"""What holds for resources of every kind: names, default tags, the account and the region."""

from __future__ import annotations

import json

import pulumi

from tests.local.provision.orders import QUEUE


def test_a_resource_without_a_name_gets_its_own_and_a_random_suffix(shop):
    """As Pulumi names them, so that two stacks never collide."""
    first, second = (shop.make(QUEUE, "images")["name"] for _ in range(2))

    assert first != second
    assert first.startswith("images-")
    assert len(first) == len("images-1234567")


def test_the_providers_default_tags_are_on_every_taggable_resource(shop, cloud):
    """A resource's own tags win over the provider's, and other providers' tags stay away."""
    shop.make("pulumi:providers:aws", "tagged", defaultTags=json.dumps({"tags": {"project": "p", "owner": "o"}}))
    reference = "urn:pulumi:local::image-pipeline::pulumi:providers:aws::tagged::tagged-id"

    made = shop.make(QUEUE, "images", provider=reference, tags={"owner": "me"})
    other = shop.make(QUEUE, "others")

    assert made["tagsAll"] == {"project": "p", "owner": "me"}
    assert cloud.client("sqs").list_queue_tags(QueueUrl=made["id"])["Tags"] == {"project": "p", "owner": "me"}
    assert other["tagsAll"] == {}


def test_the_account_is_the_emulators(shop, cloud):
    """What the program asks about where it is, is answered truly."""
    identity = shop.provisioner.call(
        pulumi.runtime.MockCallArgs("aws:index/getCallerIdentity:getCallerIdentity", {}, "")
    )

    assert identity["accountId"] == cloud.account_id
