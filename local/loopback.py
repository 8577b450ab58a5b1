"""Maps the host names of AWS to addresses on this computer.

A browser on this computer finds every name under `localhost` at the loopback address, and takes what is served there
for as safe as HTTPS (https://w3c.github.io/webappsec-secure-contexts/#localhost). What the program says to browsers, and
what it tells of itself, is said in these names.

    https://<label>.cloudfront.net                       http://<label>.cloudfront.localhost:<port>
    https://<api>.execute-api.<region>.amazonaws.com     http://<api>.execute-api.localhost:<port>
    https://<bucket>.s3.<region>.amazonaws.com           http://127.0.0.1:<port>
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from local.cloud import Cloud


def on_loopback(value: Any, cloud: Cloud) -> Any:
    """Return a text, or the texts of an object, with every such address replaced, and anything else as it is."""
    if isinstance(value, dict):
        return {name: on_loopback(part, cloud) for name, part in value.items()}
    if not isinstance(value, str):
        return value
    port = urlsplit(cloud.endpoint_url).port
    value = re.sub(r"https://(\w+)\.cloudfront\.net", rf"http://\1.cloudfront.localhost:{port}", value)
    region = re.escape(cloud.region)
    api = rf"https://(\w+)\.execute-api\.{region}\.amazonaws\.com"
    value = re.sub(api, rf"http://\1.execute-api.localhost:{port}", value)
    return re.sub(rf"https://[a-z0-9.-]+\.s3\.{region}\.amazonaws\.com", cloud.endpoint_url, value)
