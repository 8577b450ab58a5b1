"""Parameters, whose versions count how often their value has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.provision.kinds import ID, Kind, Made, Order, removal, tag_list

if TYPE_CHECKING:
    from local.cloud import Cloud


def _put_parameter(cloud: Cloud, order: Order) -> Made:
    request = dict(order.request)
    tags = tag_list(request.pop("Tags", {}))
    answer = cloud.client("ssm").put_parameter(**request, Tags=tags)
    return Made(request["Name"], {"version": answer["Version"]})


PARAMETER: Final = Kind(
    {"name": "Name", "type": "Type", "value": "Value", "description": "Description", "tags": "Tags"},
    _put_parameter,
    named_by="name",
    remove=removal("ssm", "delete_parameter", Name=ID),
)
