"""A bucket that exists as the source: the program makes nothing of it, and never changes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi

from infra.storage.adoption import NotUsable, look_at
from infra.storage.source import Source

if TYPE_CHECKING:
    from infra.storage.output_bucket import OutputBucket

_NOTHING: Final[dict[str, str]] = {}


@dataclass(frozen=True)
class AdoptedBucketArgs:
    """What is known of a bucket that exists.

    Attributes:
        bucket: Its name.
        key_prefix: Only keys that start with it are processed, and only they may be read.
        key_suffixes: Only keys that end in one of them are processed; all if there are none.
        kms_key: ARN of the key that its objects are encrypted with; empty for S3's or AWS's own.
    """

    bucket: str | pulumi.Output[str]
    key_prefix: str
    key_suffixes: tuple[str, ...]
    kms_key: str = ""


class AdoptedBucket(Source):
    """A bucket that others made, and that others may use besides.

    It is looked at before anything depends on it: at preview, where its name is known by then.
    """

    def __init__(self, name: str, args: AdoptedBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("storage:AdoptedBucket", name, opts)

        def look(bucket: str) -> str:
            return look_at(bucket, args.kms_key, self)

        # The name in a configuration is looked at here and now: nothing is registered if it will not do.
        bucket = args.bucket
        found = look(bucket) if isinstance(bucket, str) else bucket.apply(look)
        self.arn = pulumi.Output.from_input(found)
        self.name = self.arn.apply(lambda arn: arn.rpartition(":")[2])
        self.readable = pulumi.Output.concat(self.arn, f"/{args.key_prefix}*")
        self.environment = _NOTHING
        self.register_outputs({"name": self.name})

    def keep_apart_from(self, output: OutputBucket) -> None:
        """Stop the program where the two are one: every rendition would be a picture to render."""

        def check(names: list[str]) -> None:
            source, other = names
            if source == other:
                raise NotUsable(source, "is this pipeline's output bucket: every rendition would be rendered again")

        pulumi.Output.all(self.name, output.name).apply(check)
