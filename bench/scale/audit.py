"""`python -m bench.scale.audit`: an audit of a million pictures with 1,000 wounds of five kinds: its memory, its time, and all found.

An S3 that makes its listings up, page by page, and an SQS that counts stand in for AWS, so that nothing but the audit is measured; each
size in a process of its own. The peak is the kernel's figure for the whole process (VmHWM), so Linux only. A second audit, of the same
buckets as the worker would leave them, must find nothing.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from worker.audit.audit import LOOKS, Audit
from worker.audit.buckets import Buckets
from worker.audit.hints import BackfillQueue
from worker.audit.state import StateFile
from worker.audit.wounds import INCOMPLETE, LEFTOVERS, MISSING, ORPHANED, OUTDATED, WOUNDS
from worker.contracts.events import keys_of
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS
from worker.process.memory import peak_bytes
from worker.process.parallel import sequentially

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURES: Final = 1_000_000
WOUNDED: Final = 1000
ALLOWED: Final = 128
"""MB."""
_PAGE: Final = 1000
_WEEK: Final = 7 * 86400
_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
_OLD, _MADE, _NEW = (_EPOCH + timedelta(days=days) for days in (0, 1, 2))
_RECIPES: Final = one_recipe(DEFAULT_RENDITIONS)


class MadeUp:
    """An AWS with `count` pictures, of which `WOUNDED`, spread evenly, are wounded in one of five ways each, until they are healed."""

    def __init__(self, count: int) -> None:
        self._count, self._every = count, count // WOUNDED
        self._state: bytes | None = None
        self.is_healed = False
        self.requests: Counter[str] = Counter()
        self.hinted: set[str] = set()

    def wound(self, number: int) -> str | None:
        """Return what is wrong with a picture."""
        if self.is_healed or number % self._every:
            return None
        return WOUNDS[number // self._every % len(WOUNDS)]

    def get_paginator(self, _operation: str) -> MadeUp:
        """Be the paginator, too."""
        return self

    def paginate(
        self,
        *,
        Bucket: str,  # noqa: N803 - S3's names
        Prefix: str,  # noqa: N803
        StartAfter: str,  # noqa: N803
        Delimiter: str | None = None,  # noqa: N803
    ) -> Iterator[dict[str, Any]]:
        """List the pictures or one kind of outputs, page by page."""
        if Delimiter:
            self.requests["LIST"] += 1
            yield {"CommonPrefixes": [{"Prefix": f"{name}/"} for name in ("manifest", "square", "thumbnail", "web")]}
            return
        begin = _number(StartAfter) if StartAfter else 0
        page = self._count if Prefix == "square/" else _PAGE  # Few pictures have one: all of them are on one page.
        for first in range(begin, self._count, page):
            self.requests["LIST"] += 1
            numbers = range(first, min(first + page, self._count))
            entries = (self._entry(Bucket, Prefix, number) for number in numbers)
            yield {"Contents": [entry for entry in entries if entry and entry["Key"] > StartAfter]}

    def _entry(self, bucket: str, prefix: str, number: int) -> dict[str, Any] | None:
        key, wound = f"folder/picture-{number:09}.jpg", self.wound(number)
        etag = f'"{number:032x}"'
        if bucket == "pictures":
            newer = wound == OUTDATED
            gone = wound == ORPHANED
            return None if gone else {"Key": key, "ETag": etag, "LastModified": _NEW if newer else _OLD}
        is_there = {
            "manifest/": wound != MISSING,
            "square/": wound == LEFTOVERS,
            "thumbnail/": wound != MISSING,
            "web/": wound not in (MISSING, INCOMPLETE),
        }[prefix]
        output = f"{prefix}{key}.{'json' if prefix == 'manifest/' else 'webp'}"
        return {"Key": output, "ETag": etag, "LastModified": _MADE} if is_there else None

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        """Return the marks of an output: those of a replaced picture are another version's."""
        del Bucket
        self.requests["HEAD"] += 1
        number = _number(Key)
        etag = "0" if self.wound(number) == OUTDATED else f"{number:032x}"
        return {"Metadata": {"source-etag": f'"{etag}"', "recipe": _RECIPES.of("").fingerprint}}

    def get_object(self, **_: Any) -> dict[str, Any]:
        """Return the state."""
        if self._state is None:
            answer: Any = {"Error": {"Code": "NoSuchKey"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
            raise ClientError(answer, "GetObject")
        return {"ETag": '"state"', "Body": io.BytesIO(self._state)}

    def put_object(self, *, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Keep the state."""
        self.requests["PUT"] += 1
        self._state = Body
        return {"ETag": '"state"'}

    def send_message_batch(self, *, Entries: list[dict[str, str]], **_: Any) -> dict[str, Any]:  # noqa: N803
        """Note the keys."""
        self.hinted.update(key for entry in Entries for key in keys_of(entry["MessageBody"], "pictures"))
        return {}


def _number(key: str) -> int:
    return int(key.partition("picture-")[2][:9])


def main(argv: list[str] | None = None) -> int:
    """Print each audit; exit status 1 if one took more than `ALLOWED`, or did not find exactly the wounds that there are."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale.audit", description=__doc__.partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=PICTURES, metavar="N", help=f"default {PICTURES:,}")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.one:
        return _audits(arguments.pictures)
    command = [sys.executable, "-m", "bench.scale.audit", "--one", "--pictures"]
    statuses = [
        subprocess.run([*command, str(n)], check=False).returncode
        for n in (arguments.pictures // 10, arguments.pictures)
    ]
    sys.stdout.write(f"allowed are {ALLOWED} MB\n")
    return max(statuses)


def _audits(count: int) -> int:
    """Audit `count` pictures: the first two audits look at each, later ones trust the recipes."""
    aws = MadeUp(count)
    now = (_NEW + timedelta(days=1)).timestamp()
    ok = True
    for name, is_healed in (("first", False), ("healed", True), ("wounded", False), ("healed", True)):
        aws.is_healed, aws.hinted, aws.requests = is_healed, set(), Counter()
        now += _WEEK
        counts, seconds = _one(aws, now)
        found = sum(counts.get(kind, 0) for kind in WOUNDS)
        expected = 0 if is_healed else WOUNDED
        ok = ok and found == len(aws.hinted) == expected and peak_bytes() < ALLOWED * 2**20
        kinds = " ".join(f"{kind} {counts.get(kind, 0)}" for kind in WOUNDS)
        sys.stdout.write(
            f"{count:>9,} pictures  {name:<8}  {peak_bytes() // 2**20:4} MB at most  {seconds:6.1f} s  "
            f"{aws.requests['LIST']:,} LISTs, {counts.get(LOOKS, 0):,} HEADs, {aws.requests['PUT']} PUTs; found {found:,}: {kinds}\n"
        )
        sys.stdout.flush()
    return int(not ok)


def _left(end: float) -> float:
    """Return the seconds of a call, with those that it keeps in reserve."""
    return 60 + end - time.monotonic()


def _one(aws: MadeUp, now: float) -> tuple[dict[str, int], float]:
    began = time.monotonic()
    audit = Audit(
        Buckets(aws, "pictures", "renditions"),
        BackfillQueue(aws, "https://sqs/1/backfill", "pictures"),
        StateFile(aws, "renditions"),
        _RECIPES,
        _WEEK,
        3600,
        0,
        sequentially,
        lambda: now,
    )
    state = None
    while state is None:
        end = (
            time.monotonic() + 10
        )  # A call has seconds here, where it has minutes on AWS: the audit goes on several times.
        state = audit(partial(_left, end))
    return state.counts, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
