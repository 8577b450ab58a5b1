"""Notification configurations, drawn: what S3 may answer, what boto3's model does not know, and what only looks like the flag."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from hypothesis import strategies as st

from ops.stack.aws import Clients

if TYPE_CHECKING:
    from collections.abc import Callable

S3 = "http://s3.amazonaws.com/doc/2006-03-01/"
EMPTY = f'<?xml version="1.0" encoding="UTF-8"?>\n<NotificationConfiguration xmlns="{S3}"/>'.encode()
OTHERS = (
    f'<NotificationConfiguration xmlns="{S3}"><TopicConfiguration><Id>a</Id><Topic>arn:aws:sns:eu-central-1:1:new</Topic>'
    "<Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>in/</Value></FilterRule></S3Key>"
    "</Filter></TopicConfiguration><TableConfiguration><Id>b</Id><Table>unheard of</Table></TableConfiguration>"
    "<CloudFunctionConfiguration><Id>c</Id><CloudFunction>arn:aws:lambda:eu-central-1:1:function:f</CloudFunction>"
    "<Event>s3:ObjectRemoved:*</Event></CloudFunctionConfiguration></NotificationConfiguration>"
).encode()
"""One element is of a model that is newer than any boto3."""

_TEXTS = st.sampled_from(["a", "", "é🙂", " in/ ", "a/>b", "&lt;&amp;&gt;", "&#62;"])
_SPACES = st.sampled_from(["", "\n", "\n    ", "\t"])
_CHILDREN = (
    "<{p}QueueConfiguration><{p}Id>{t}</{p}Id><{p}Queue>arn</{p}Queue><{p}Event>s3:*</{p}Event></{p}QueueConfiguration>",
    "<{p}TopicConfiguration  a='>' b=\"/>\"><{p}Topic>{t}</{p}Topic></{p}TopicConfiguration >",
    "<{p}Unheard of='it'/>",
    "<{p}Unheard><{p}EventBridgeConfiguration/></{p}Unheard>",
    "<x:EventBridgeConfiguration xmlns:x='urn:of:others'/>",
    "<!-- <{p}EventBridgeConfiguration/> {s}-->",
    "<?look <{p}EventBridgeConfiguration/>?>",
    "<{p}Unheard><![CDATA[<{p}EventBridgeConfiguration/>]]></{p}Unheard>",
)
_FLAGS = (
    "<{p}EventBridgeConfiguration/>",
    "<{p}EventBridgeConfiguration />",
    "<{p}EventBridgeConfiguration></{p}EventBridgeConfiguration>",
    "<{p}EventBridgeConfiguration a='/>'>{s}<!-- -->{t}</{p}EventBridgeConfiguration >",
    "<y:EventBridgeConfiguration xmlns:y='" + S3 + "'/>",
)


@st.composite
def configurations(draw: Callable[..., Any], flags: int = 0) -> bytes:
    """Return one with so many flags."""
    prefix = draw(st.sampled_from(["", "s3:", "a.b-c:"]))
    opening = f'{prefix}NotificationConfiguration xmlns{":" + prefix[:-1] if prefix else ""}="{S3}"'
    opening += draw(st.sampled_from(["", " ", "\n", " of='>' and=\"'/>\""]))
    parts = [draw(st.sampled_from(_CHILDREN)) for _ in range(draw(st.integers(0, 4)))]
    for _ in range(flags):
        parts.insert(draw(st.integers(0, len(parts))), draw(st.sampled_from(_FLAGS)))
    inside = draw(_SPACES) + "".join(
        part.format(p=prefix, t=draw(_TEXTS), s=draw(_SPACES)) + draw(_SPACES) for part in parts
    )
    before = draw(
        st.sampled_from(["", '<?xml version="1.0" encoding="UTF-8"?>\n', "<!-- </NotificationConfiguration> -->"])
    )
    after = draw(st.sampled_from(["", "\n", "<!-- <NotificationConfiguration/> -->"]))
    if not inside and draw(st.booleans()):
        return f"{before}<{opening}/>{after}".encode()
    closing = f"</{prefix}NotificationConfiguration{draw(_SPACES)}>"
    return f"{before}<{opening}>{inside}{closing}{after}".encode()


class _Raw(io.BytesIO):
    def stream(self, **_: Any):
        while some := self.read(65536):
            yield some


@dataclass
class Wire:
    """The other end of the wire: the notification configuration of one bucket, as bytes.

    Attributes:
        raw: What is there.
        requests: That came, in order.
        refusals: By method, statuses and codes to answer with, the first first.
        on_request: Called with each request's number, from 1, before it is answered: what others do meanwhile.
        spell: How what was put is shown.
    """

    raw: bytes
    requests: list[Any] = field(default_factory=list)
    refusals: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    on_request: Any = lambda _number: None
    spell: Any = bytes
    _clients: Clients | None = None

    def clients(self) -> Clients:
        """Return clients whose S3 is this, the same ones every time."""
        if self._clients is None:
            self._clients = Clients("eu-central-1", "http://127.0.0.1:9")
            for client in (self._clients("s3"), self._clients.once("s3")):
                client.meta.events.register("before-send.s3", self._answer)
        return self._clients

    @property
    def puts(self) -> list[bytes]:
        """What was to be written."""
        return [request.body for request in self.requests if request.method == "PUT"]

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        self.requests.append(request)
        self.on_request(len(self.requests))
        assert request.url.endswith("/photos?notification")
        if self.refusals.get(request.method):
            status, code = self.refusals[request.method].pop(0)
            body = f"<Error><Code>{code}</Code><Message>{code} it is</Message></Error>".encode()
            return AWSResponse(request.url, status, HTTPHeaders(), _Raw(body))
        if request.method == "PUT":
            self.raw = self.spell(request.body)
            return AWSResponse(request.url, 200, HTTPHeaders(), _Raw(b""))
        return AWSResponse(request.url, 200, HTTPHeaders(), _Raw(self.raw))
