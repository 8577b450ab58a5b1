"""Two stacks of one name in one account: neither has anything of the other's, and one's destroy takes nothing of the other."""

from __future__ import annotations

import http.client
from collections import Counter
from urllib.parse import urlsplit

import pytest

from local.cloud import Cloud
from local.demo.picture import SAMPLES
from local.emulator.process import running_emulator
from local.engine import deploy, stack_config
from local.monitoring.inbox import Inbox
from local.monitoring.minutes import passing
from local.provision.provisioner import Provisioner
from tests.local.conftest import REGION
from tests.local.processes.waiting import eventually

CONFIG = {
    "namePrefix": "twins",
    "forceDestroy": True,
    "delivery": {"enabled": True, "origins": ["*"]},
    "page": {"access": {"code": "correct-horse-battery-staple"}},
    "subscribers": {"search": {"protocol": "sqs"}},
}
LISTED = (
    ("apigateway", "get_api_keys", "items", "id"),
    ("apigatewayv2", "get_apis", "Items", "ApiId"),
    ("cloudfront", "list_cache_policies", "CachePolicyList.Items", "CachePolicy.Id"),
    ("cloudfront", "list_distributions", "DistributionList.Items", "Id"),
    ("cloudfront", "list_functions", "FunctionList.Items", "Name"),
    ("cloudfront", "list_origin_access_controls", "OriginAccessControlList.Items", "Id"),
    ("cloudfront", "list_response_headers_policies", "ResponseHeadersPolicyList.Items", "ResponseHeadersPolicy.Id"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "describe_alarms", "CompositeAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("logs", "describe_metric_filters", "metricFilters", "filterName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sqs", "list_queues", "QueueUrls", ""),
)
"""All that can be listed in an account: service, request, where the list is in its answer, and where the id is in an entry."""


def account(cloud):
    """Return everything that is in the account, by service."""
    found = set()
    for service, request, place, id_ in LISTED:
        for answer in _pages(cloud.client(service), request):
            found |= {(service, place, str(_at(entry, id_))) for entry in _at(answer, place) or []}
    return found


def _pages(client, request):
    more = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]} if request == "describe_alarms" else {}
    if client.can_paginate(request):
        return client.get_paginator(request).paginate(**more)
    return [getattr(client, request)()]


def _at(value, path):
    for name in filter(None, path.split(".")):
        value = (value or {}).get(name)
    return value


def render(stack, cloud, *samples):
    """Upload samples, and wait for the outputs of the first."""
    s3, bucket = cloud.client("s3"), stack["output_bucket"]
    there = s3.list_objects_v2(Bucket=bucket)["KeyCount"]
    for sample in samples:
        s3.upload_file(str(SAMPLES / sample), stack["source_bucket"], sample)
    eventually(lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"] > there + 2)


def works(stack, cloud, directory):
    """Send a second picture and a bad one through a stack: outputs, letters, alarm, completion messages, page."""
    inbox = Inbox.open(cloud, stack["alarm_topic_arn"], directory)
    with passing(cloud, inbox, 0.5):
        render(stack, cloud, "camera.png", "not-a-picture.jpg")
        ringing = eventually(
            lambda: {note["AlarmName"] for note in inbox.notifications() if "-dead-letters-" in note["AlarmName"]}
        )
    assert ringing <= {name for _, place, name in account(cloud) if place == "MetricAlarms"}
    messages = cloud.client("sqs")
    depth = {"QueueUrl": stack["subscriber_queue_urls"]["search"], "AttributeNames": ["ApproximateNumberOfMessages"]}
    eventually(lambda: messages.get_queue_attributes(**depth)["Attributes"]["ApproximateNumberOfMessages"] == "3")
    where = urlsplit(stack["page_url"])
    connection = http.client.HTTPConnection("127.0.0.1", where.port)
    connection.request("GET", "/", headers={"Host": where.netloc})
    assert b"<!doctype html>" in connection.getresponse().read().lower()
    connection.close()


@pytest.fixture
def empty_account(tmp_path):
    """Return an emulator of its own."""
    with running_emulator(tmp_path, region=REGION) as emulator:
        cloud = Cloud(emulator.endpoint_url, REGION)
        yield cloud
        cloud.close()


@pytest.mark.soak
@pytest.mark.stack
def test_the_destroy_of_one_stack_takes_nothing_of_the_other(empty_account, tmp_path):
    """The second has as much of its own as the first; destroyed with a picture in it, it leaves the first to do its whole work."""
    cloud, second = empty_account, Provisioner(empty_account)
    before = account(cloud)
    kept = deploy(Provisioner(cloud), stack_config(CONFIG))
    first_alone = account(cloud)
    gone = deploy(second, stack_config(CONFIG))
    owned, added = first_alone - before, account(cloud) - first_alone
    assert {place for _, place, _ in owned} == {place for _, _, place, _ in LISTED}
    assert Counter(place for _, place, _ in owned) == Counter(place for _, place, _ in added)
    render(gone, cloud, "rocket.jpg")
    render(kept, cloud, "rocket.jpg")
    second.destroy()
    assert account(cloud) == first_alone
    works(kept, cloud, tmp_path)
