"""The provisioner skips nothing silently."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from local.cloud import Cloud
from local.errors import NotApplied, ProvisionError
from local.provision.kinds import Nested, translate
from local.provision.provisioner import Provisioner
from local.provision.registry import KINDS
from local.provision.unmodelled import LEFT_OUT
from tests.local.provision.orders import BUCKET, PROVIDER, QUEUE, Shop


@pytest.fixture
def shop() -> Shop:
    """Return a provisioner that must fail before it makes anything."""
    nowhere = Cloud("http://127.0.0.1:9", "eu-central-1")
    return Shop(nowhere, Provisioner(nowhere))


@pytest.mark.parametrize("type_", KINDS)
def test_a_property_that_no_table_has_is_an_error_that_names_type_resource_and_property(shop, type_):
    """No handler gets to see a property that it does not apply, and nothing is made before the error."""
    with pytest.raises(NotApplied) as caught:
        shop.make(type_, "thing", surprise="x")

    assert caught.value.property == "surprise"
    assert f"{type_} 'thing': property 'surprise' is not applied" in str(caught.value)


def nested(table, path=""):
    """Yield the path of every object within `table`."""
    for property_, entry in table.items():
        if isinstance(entry, Nested):
            yield f"{path}{property_}"
            yield from nested(entry.table, f"{path}{property_}.")


NESTED = [(type_, path) for type_, kind in KINDS.items() for path in nested(kind.properties)]


@pytest.mark.parametrize(("type_", "path"), NESTED)
@pytest.mark.parametrize("listed", [False, True], ids=["object", "list"])
def test_a_property_that_is_unknown_at_any_depth_is_an_error(type_, path, listed):
    """Strictness reaches into objects and lists of objects."""
    inputs: dict[str, Any] = {"surprise": 1}
    for property_ in reversed(path.split(".")):
        inputs = {property_: [inputs] if listed else inputs}

    with pytest.raises(NotApplied) as caught:
        translate(type_, "thing", inputs, KINDS[type_].properties)

    assert caught.value.property.replace("[]", "") == f"{path}.surprise"


def test_a_type_that_nothing_makes_is_an_error(shop):
    """A new kind of resource in the program cannot go unnoticed."""
    with pytest.raises(NotApplied, match=r"aws:dynamodb/table:Table 'table': this type is not made"):
        shop.make("aws:dynamodb/table:Table", "table")


def test_a_function_call_that_nothing_answers_is_an_error(shop):
    """Neither can a new provider function."""
    args = pulumi.runtime.MockCallArgs("aws:ec2/getVpc:getVpc", {}, "")

    with pytest.raises(NotApplied, match="aws:ec2/getVpc:getVpc"):
        shop.provisioner.call(args)


def test_a_provider_setting_that_is_not_applied_is_an_error(shop):
    """An endpoint or an assumed role in the program would be a different cloud."""
    with pytest.raises(NotApplied, match="assumeRoles"):
        shop.make(PROVIDER, "aws", assumeRoles=[])


def test_a_provider_of_another_region_is_an_error(shop):
    """The embedded AWS has one region."""
    with pytest.raises(ProvisionError, match="'us-west-2'; this embedded AWS is 'eu-central-1'"):
        shop.make(PROVIDER, "aws", region="us-west-2")


def test_a_property_that_is_not_set_is_not_an_error():
    """None is how the SDK says nothing."""
    assert translate(BUCKET, "b", {"bucket": "b", "surprise": None}, KINDS[BUCKET].properties) == {"Bucket": "b"}


def test_what_is_left_out_is_listed_with_a_reason_and_in_no_table():
    """A property is either applied or on the list, never both."""
    for (type_, property_), reason in LEFT_OUT.items():
        assert reason
        assert type_ == PROVIDER or property_ not in KINDS[type_].properties


def test_only_a_part_of_another_resource_is_not_deleted_by_itself():
    """It ends with the bucket, queue, topic, function or API that it is of; the emulator keeps no saved queries."""
    parts = {type_ for type_, kind in KINDS.items() if kind.remove is None}
    whole = {
        type_
        for type_ in parts
        if not {"bucket", "queueUrl", "arn", "function", "apiId"} & set(KINDS[type_].properties)
    }
    assert len(parts) > 10
    assert whole == {"aws:cloudwatch/queryDefinition:QueryDefinition"}


def test_a_component_is_made_without_the_cloud(shop):
    """Components are names; only their children exist."""
    args = pulumi.runtime.MockResourceArgs("pipeline:Queue", "queue", {"anything": 1}, "", "", False)

    assert shop.provisioner.new_resource(args) == ("", {"anything": 1})


def test_what_the_emulator_refuses_is_an_error_that_names_the_resource(cloud):
    """A botocore error arrives as ours, with the resource's name."""
    with pytest.raises(ProvisionError, match=r"aws:sqs/queue:Queue 'queue': .*InvalidAttributeValue"):
        Shop(cloud, Provisioner(cloud)).make(QUEUE, "queue", visibilityTimeoutSeconds=99_999)
