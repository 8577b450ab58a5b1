"""The settings that another Pulumi program gives a pipeline: the keys of `Pulumi.yaml` as types. docs/configuration.md says what each is.

What is a stack's and no pipeline's is none of them: region and account are the provider's, and so are tags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

import pulumi


class Rendition(TypedDict, total=False):
    """What to make of a picture."""

    width: int
    height: int
    fit: str
    focus: str
    format: str
    quality: int
    effort: int
    animated: bool
    background: str
    keepCopyright: bool


Renditions = Mapping[str, Rendition | Literal[False]]
"""By name; `False` takes one away."""


class Source(TypedDict, total=False):
    """The bucket that pictures land in."""

    bucket: str | pulumi.Output[str]
    prefix: str
    suffixes: Sequence[str]
    events: str
    keepDeletedDays: int


class Output(TypedDict, total=False):
    """The bucket that renditions and manifests appear in."""

    cacheControl: str
    expireAfterDays: int


class Delivery(TypedDict, total=False):
    """Addresses for everybody."""

    enabled: bool
    manifests: bool
    origins: Sequence[str]
    domain: str
    certificateArn: str
    priceClass: str


Archive = TypedDict("Archive", {"afterDays": int, "class": str}, total=False)
"""Where originals go once their renditions are ready."""


class Worker(TypedDict, total=False):
    """The function that renders."""

    memory: int
    timeout: int
    runtime: str
    architecture: str
    logRetentionDays: int
    batchSize: int
    maxConcurrency: int
    backfillConcurrency: int


class Queue(TypedDict, total=False):
    """The queue between the source bucket and the worker, and that of backfills."""

    maxReceiveCount: int
    retentionDays: int


class Filter(TypedDict, total=False):
    """Which completion messages a subscriber gets: by attribute, texts or operators of SNS; a folder and all below it as one text."""

    type: Sequence[Any]
    prefix: str | Sequence[Any]
    renditions: Sequence[Any]


class Subscriber(TypedDict, total=False):
    """Who gets completion messages."""

    protocol: str
    endpoint: str
    filter: Filter
    readers: Sequence[str]


class Alarms(TypedDict, total=False):
    """Who gets the alarms, and their thresholds."""

    email: str
    backlog: int
    backfillBacklog: int
    messageAge: int
    drainTime: int
    rejects: int
    pageRefusals: int


class Jwt(TypedDict, total=False):
    """Tokens that the upload page takes."""

    issuer: str
    audience: str
    signInUrl: str


class Access(TypedDict, total=False):
    """The way into the upload page; the code is a secret of your program's configuration."""

    code: str
    jwt: Jwt


class Page(TypedDict, total=False):
    """The upload page."""

    access: Access
    maxMegabytes: int
    uploadsPerSecond: int
    reservedConcurrency: int
    domain: str
    hstsSubdomains: bool
    certificateArn: str
    firewallRequests: int


class PipelineSettings(TypedDict, total=False):
    """Every key of docs/configuration.md that is a pipeline's; one that is left out has its default."""

    renditions: Renditions
    recipes: Mapping[str, Renditions | Literal[False]]
    source: Source
    output: Output
    delivery: Delivery
    archive: Archive
    sourceKmsKey: str
    outputKmsKey: str
    queueKmsKey: str
    topicKmsKey: str
    namePrefix: str
    forceDestroy: bool
    worker: Worker
    queue: Queue
    completionMessages: bool
    audit: str
    subscribers: Mapping[str, Subscriber]
    alarms: Alarms
    page: Page
