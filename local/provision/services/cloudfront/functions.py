"""Functions at the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.errors import Refused
from local.provision.kinds import Kind, Made, Order, tag_list

if TYPE_CHECKING:
    from local.cloud import Cloud

MOST_BYTES: Final = 10_240
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-functions"""


def _make_function(cloud: Cloud, order: Order) -> Made:
    request, client = order.request, cloud.client("cloudfront")
    code = request["FunctionCode"].encode()
    if len(code) > MOST_BYTES:
        raise Refused(order.type, order.name, f"its code has {len(code)} bytes: CloudFront takes {MOST_BYTES}")
    answer = client.create_function(
        Name=request["Name"],
        FunctionConfig={"Comment": "", "Runtime": request["Runtime"]},
        FunctionCode=code,
        Tags={"Items": tag_list(request.get("Tags", {}))},
    )
    if request["Publish"]:
        client.publish_function(Name=request["Name"], IfMatch=answer["ETag"])
    return Made(request["Name"], {"arn": answer["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]})


def _remove_function(cloud: Cloud, _order: Order, id_: str) -> None:
    client = cloud.client("cloudfront")
    client.delete_function(Name=id_, IfMatch=client.describe_function(Name=id_, Stage="DEVELOPMENT")["ETag"])


FUNCTION: Final = Kind(
    {"name": "Name", "runtime": "Runtime", "code": "FunctionCode", "publish": "Publish", "tags": "Tags"},
    _make_function,
    named_by="name",
    remove=_remove_function,
)
