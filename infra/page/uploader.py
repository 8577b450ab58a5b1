"""The uploader: the Lambda function behind the upload page, with its role and its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pulumi

from infra.worker.bundle import UPLOADER, build_bundle
from infra.worker.logged_function import LoggedFunction
from uploader.access import BY_TOKEN, hashed
from uploader.visitor import key_hash

if TYPE_CHECKING:
    from infra.storage.output_bucket import OutputBucket
    from infra.storage.source_bucket import SourceBucket
    from infra.worker.wheels import Target

HANDLER: Final = "uploader.handler.handle"
UPLOAD_SECONDS: Final = 300
"""That an upload may be started in once it was signed."""
LINK_SECONDS: Final = 900
"""That a link to a rendition is good for."""
MEMORY: Final = 512
"""MB, for its share of a core: boto3 and the access code's hash are all that takes time."""
TIMEOUT: Final = 10


@dataclass(frozen=True)
class UploaderArgs:
    """What the uploader needs to know.

    Attributes:
        prefix: Of the resources' names.
        target: What its bundle is built for.
        log_retention: Days.
        access_code: Of the page; empty where the API checks a token.
        max_bytes: Of one picture.
        renditions: Names of those that are linked to.
        concurrency: Runs at once that are reserved for it, and the most that there are; 0 for none.
    """

    prefix: str
    target: Target
    log_retention: int
    access_code: str = field(repr=False)
    max_bytes: int
    renditions: tuple[str, ...]
    concurrency: int


class Uploader(LoggedFunction):
    """Signs uploads into `source` and links to what is in `output`, under the page's prefix alone; knows its distribution by a key's hash."""

    def __init__(
        self,
        name: str,
        args: UploaderArgs,
        origin_key: pulumi.Output[str],
        source: SourceBucket,
        output: OutputBucket,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("web:Uploader", name, args.prefix, args.log_retention, opts)
        self._args = args
        self._run(
            HANDLER,
            pulumi.FileArchive(str(build_bundle(args.target, UPLOADER))),
            args.target,
            self._environment(origin_key, source, output),
            [source.grant_upload_to(self.role), output.grant_links_to(self.role, args.renditions)],
            description="Signs uploads for the upload page, and links to what became of them.",
            memory_size=MEMORY,
            timeout=TIMEOUT,
            # https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
            reserved_concurrent_executions=args.concurrency or None,
        )

    def _environment(
        self, origin_key: pulumi.Output[str], source: SourceBucket, output: OutputBucket
    ) -> dict[str, pulumi.Input[str]]:
        """Return exactly `uploader.settings.Settings.VARIABLES`."""
        return {
            "SOURCE_BUCKET": source.name,
            "OUTPUT_BUCKET": output.name,
            "ACCESS": self._access(source),
            "ORIGIN": origin_key.apply(key_hash),
            "MAX_BYTES": str(self._args.max_bytes),
            "UPLOAD_SECONDS": str(UPLOAD_SECONDS),
            "LINK_SECONDS": str(LINK_SECONDS),
        }

    def _access(self, source: SourceBucket) -> pulumi.Input[str]:
        """Return the access code's hash, a secret of the stack's state too.

        Its salt is the source bucket's name: no other bucket in the world has it, and unlike a random one it does not
        change the function with every update.
        """
        if not self._args.access_code:
            return BY_TOKEN
        return pulumi.Output.secret(source.name.apply(lambda salt: hashed(self._args.access_code, salt)))
