"""The closed family of errors that a picture may end in.

    PipelineError
    ├── Retry                    may succeed later; the message goes back to the queue
    │   ├── AccessDenied         access-denied
    │   ├── Conflict             conflict
    │   ├── NewerRecipe          newer-recipe
    │   ├── OutOfTime            out-of-time
    │   ├── ServiceUnavailable   service-unavailable
    │   ├── Throttled            throttled
    │   └── Unexpected           unexpected-error
    └── Reject                   can never succeed; the message goes to the dead letters with its reason
        ├── Archived             archived
        ├── CorruptImage         corrupt-image
        ├── DecoderCrashed       decoder-crashed
        ├── DecoderOutOfMemory   decoder-out-of-memory
        ├── DecoderTimeout       decoder-timeout
        ├── EmptyFile            empty-file
        ├── EncoderFailed        encoder-failed
        ├── KeyTooLong           key-too-long
        ├── MalformedEvent       malformed-event
        ├── TooLarge             too-large
        ├── Truncated            truncated
        └── UnsupportedFormat    unsupported-format

Each carries `reason`, the kebab-case code that operators filter by, and `detail`, a sentence for a person: what is wrong
and what to do. Foreign exceptions are translated at one place per library, always `from exc`: botocore's in
`worker/process/aws.py`, Pillow's in `worker/images/translation.py`.
"""

from __future__ import annotations

from typing import ClassVar, Self


class PipelineError(Exception):
    """Root of the family; only its leaves are raised.

    Attributes:
        reason: Kebab-case code, one per class.
        retryable: Whether the same message may succeed later without anyone changing anything.
        detail: What is wrong and what to do, in a sentence.
        version: Of the source that was read, where S3 named one.
    """

    reason: ClassVar[str]
    retryable: ClassVar[bool]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.version: str | None = None

    def without_traceback(self) -> Self:
        """Return itself without traceback, cause and context: tracebacks hold frames, and frames hold pictures."""
        self.__context__ = None
        self.__cause__ = None
        return self.with_traceback(None)


class Retry(PipelineError):
    """May succeed later."""

    retryable = True


class AccessDenied(Retry):
    """The role lacks a permission. Retried, because the message succeeds as soon as the policy is corrected."""

    reason = "access-denied"


class Conflict(Retry):
    """Another writer kept changing the same outputs."""

    reason = "conflict"


class NewerRecipe(Retry):
    """A later generation of the recipes has made outputs of this picture: only a worker of that one may change them."""

    reason = "newer-recipe"


class OutOfTime(Retry):
    """Too little of the invocation was left for this picture."""

    reason = "out-of-time"

    @classmethod
    def not_started(cls) -> OutOfTime:
        """Return the error of a picture that was not started for lack of time."""
        return cls("Too little time was left; lower worker.batchSize or raise worker.timeout if that happens often.")


class ServiceUnavailable(Retry):
    """AWS answered 5xx, timed out or could not be reached."""

    reason = "service-unavailable"


class Throttled(Retry):
    """AWS asked for fewer requests."""

    reason = "throttled"


class Unexpected(Retry):
    """An exception that the worker does not know; only `worker.process.guard` makes it."""

    reason = "unexpected-error"


class Reject(PipelineError):
    """Can never succeed as it is."""

    retryable = False


class Archived(Reject):
    """The source is in an archive class that cannot be read before a restore."""

    reason = "archived"


class CorruptImage(Reject):
    """The bytes are an image of a known format, but they do not decode."""

    reason = "corrupt-image"


class DecoderCrashed(Reject):
    """The picture ended the process that rendered it."""

    reason = "decoder-crashed"


class DecoderOutOfMemory(Reject):
    """The picture took more memory than its header said."""

    reason = "decoder-out-of-memory"


class DecoderTimeout(Reject):
    """The picture was not rendered in the time that an invocation has."""

    reason = "decoder-timeout"


class EmptyFile(Reject):
    """The source object has no bytes."""

    reason = "empty-file"


class EncoderFailed(Reject):
    """The picture was decoded, but a rendition of it cannot be written."""

    reason = "encoder-failed"


class KeyTooLong(Reject):
    """A rendition's or the manifest's key would exceed S3's 1,024 bytes."""

    reason = "key-too-long"


class MalformedEvent(Reject):
    """The message is no event of the source bucket: neither S3's own, nor one by EventBridge."""

    reason = "malformed-event"


class TooLarge(Reject):
    """Decoding the picture would not fit into the function's memory."""

    reason = "too-large"


class Truncated(Reject):
    """The file ends before the picture does."""

    reason = "truncated"


class UnsupportedFormat(Reject):
    """The bytes are of no format on the allow-list."""

    reason = "unsupported-format"


def leaves(root: type[PipelineError] = PipelineError) -> list[type[PipelineError]]:
    """Return every class of the family that may be raised, in the order of the tree above."""
    subclasses = root.__subclasses__()
    return [leaf for subclass in subclasses for leaf in leaves(subclass)] if subclasses else [root]


def reasons(root: type[PipelineError] = PipelineError) -> frozenset[str]:
    """Return the reasons of these."""
    return frozenset(leaf.reason for leaf in leaves(root))
