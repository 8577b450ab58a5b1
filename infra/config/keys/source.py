"""The source's configuration keys: a bucket of the program's own, or one that exists."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from infra.config.problems import Change
from infra.messaging.bucket_events import LONGEST_PATTERN, BucketEventsArgs, pattern_of
from infra.pipeline import EVENTBRIDGE, NOTIFICATION
from infra.storage.adopted_bucket import AdoptedBucketArgs
from infra.storage.archive_classes import CLASSES
from infra.storage.source_bucket import SourceBucketArgs

if TYPE_CHECKING:
    from infra.config.place import Place

FILTER_CHARACTERS: Final = "letters, digits and / ! _ . ' ( ) -"
"""S3 takes others only URL-encoded in a notification's filter, and takes no `*` at all:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html"""

_LONGEST_BUCKET: Final = 63
_SUFFIX: Final = r"[A-Za-z0-9/!_.'()-]{1,64}"
_BUCKET: Final = (
    r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)(?!.*(-s3alias|--ol-s3|--x-s3|--table-s3|\.mrap)$)"
    r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
_ADDRESS: Final = re.compile(r"(?:arn:aws[a-z-]*:s3:::|s3://|https?://)?([^/]*)")
_HOST: Final = re.compile(r"(^|\.)s3[.-][a-z0-9.-]*amazonaws\.com.*")


def read_source(config: Place, prefix: str, *, force_destroy: bool, page: bool) -> SourceBucketArgs | AdoptedBucketArgs:
    """Return the arguments of the source; `page` is whether there is one, which uploads into it."""
    source, archive = config.at("source"), config.at("archive")
    own = SourceBucketArgs(
        prefix=prefix,
        force_destroy=force_destroy,
        key_prefix=source.at("prefix").matching(
            r"[A-Za-z0-9/!_.'()-]{0,512}",
            f"up to 512 {FILTER_CHARACTERS}",
            re.sub(r"[^A-Za-z0-9/!_.'()-]", "", source.at("prefix").text)[:512] or "photos/",
        ),
        key_suffixes=_read_suffixes(source.at("suffixes")),
        archive_after=archive.at("afterDays").integer(0, 3650),
        archive=CLASSES[archive.at("class").choice(CLASSES)],
        noncurrent_days=source.at("keepDeletedDays").integer(1, 3650),
    )
    if not source.at("bucket").text:
        return own
    bucket = _read_bucket(source.at("bucket"))
    if own.archive_after:
        archive.at("afterDays").refuse("0 beside source.bucket, whose lifecycle is not the program's to set", 0)
    if page:
        place = config.at("page")
        place.refuse_for("is set beside source.bucket, whose CORS is not the program's to set", Change(place.path))
    return AdoptedBucketArgs(bucket, own.key_prefix, own.key_suffixes)


def read_events(place: Place, prefix: str, source: SourceBucketArgs | AdoptedBucketArgs) -> BucketEventsArgs | None:
    """Return the arguments of the rule; None where S3 itself notifies the queue."""
    is_own, events = isinstance(source, SourceBucketArgs), place.at("events")
    usual = NOTIFICATION if is_own else EVENTBRIDGE
    chosen = events.choice((NOTIFICATION, EVENTBRIDGE)) if events.text else usual
    if chosen == NOTIFICATION:
        if not is_own:
            events.refuse(
                f"{EVENTBRIDGE} beside source.bucket: a notification would replace what others have", EVENTBRIDGE
            )
        return None
    args = BucketEventsArgs(prefix, source.key_prefix, source.key_suffixes)
    pattern = pattern_of("x" * _LONGEST_BUCKET, args.key_prefix, args.key_suffixes)
    if len(json.dumps(pattern)) > LONGEST_PATTERN:
        place.at("suffixes").refuse(
            f"fewer, or a shorter source.prefix: EventBridge takes a pattern of {LONGEST_PATTERN:,} characters"
        )
    return args


def _read_bucket(place: Place) -> str:
    if isinstance(place.value, dict | list) or not re.fullmatch(_BUCKET, place.text):
        place.refuse("the name of a bucket: by S3's rules 3 to 63 of a-z, 0-9, . and -", _named(place) or None)
    return place.text


def _named(place: Place) -> str:
    """Return the bucket's name in an ARN or an address; nothing where there is none."""
    found = _ADDRESS.match(place.text)
    name = _HOST.sub("", found[1]) if found else ""
    return name if re.fullmatch(_BUCKET, name) else ""


def _read_suffixes(place: Place) -> tuple[str, ...]:
    entries = place.parts()
    for entry in reversed(entries):  # The last first: to remove one leaves the others where they are.
        others = [other.text for other in entries if other is not entry]
        if not isinstance(entry.value, str) or not re.fullmatch(_SUFFIX, entry.value):
            entry.refuse(f"1 to 64 {FILTER_CHARACTERS}", ".jpg" if ".jpg" not in others else None)
        elif any(entry.value.endswith(other) for other in others if other):
            entry.refuse("an ending of which no other one is the end: S3 refuses filters that overlap")
    return tuple(entry.text for entry in entries)
