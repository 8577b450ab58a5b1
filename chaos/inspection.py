"""Checks the outputs and dead letters of each picture against the plan. Shares with the worker the names of keys, no more.

A key is judged by what its last upload was:

    sound     exactly the renditions of that version, which show its colour, and a manifest that says so
    poison    a manifest that says why not, and a dead letter with the same reason
    removed   nothing
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from chaos.pictures.versions import version_of
from worker.contracts.keys import manifest_key, rendition_key
from worker.contracts.manifest import READY, REJECTED
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, recipe_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chaos.plan import Plan, Upload
    from local.stack import LocalStack

_HIDDEN: Final = 600
"""Seconds: every dead letter is seen once."""


@dataclass
class Findings:
    """The outcomes of the pictures.

    Attributes:
        ready: Keys whose renditions are those of their last version.
        removed: Keys without a source, and without outputs.
        rejected: Dead letters by their reasons.
        stale: Outputs of another version than the last one, or of none.
        lost: Keys that have neither their renditions nor a dead letter that says why not.
        innocent: Dead letters of a reason that nothing about their keys explains.
    """

    ready: int = 0
    removed: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    stale: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    innocent: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether the pipeline kept its promise."""
        return not (self.stale or self.lost or self.innocent)


def inspect(plan: Plan, stack: LocalStack) -> Findings:
    """Return the outcomes of the plan's pictures; hides the dead letters for a while."""
    findings = Findings()
    reasons: dict[str, set[str]] = {}
    for keys, reason in _dead_letters(stack):
        findings.rejected[reason] += 1
        for key in keys:
            reasons.setdefault(key, set()).add(reason)
        if not any(reason in plan.poison_of(key) for key in keys):
            findings.innocent.append(f"{', '.join(keys)}: {reason}")
    outputs = _Outputs.of(stack)
    for key, upload in plan.last.items():
        _judge(key, upload, reasons.get(key, set()), outputs, findings)
    findings.stale += sorted(outputs.unexplained)
    return findings


@dataclass(frozen=True)
class _Outputs:
    """The output bucket; `unexplained` are the keys that were not checked."""

    stack: LocalStack
    unexplained: set[str]

    @classmethod
    def of(cls, stack: LocalStack) -> _Outputs:
        pages = stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stack["output_bucket"])
        return cls(stack, {entry["Key"] for page in pages for entry in page.get("Contents", [])})

    def take(self, key: str) -> tuple[bytes, Mapping[str, str]] | None:
        """Return content and metadata of an output, None if there is none."""
        if key not in self.unexplained:
            return None
        self.unexplained.remove(key)
        answer = self.stack.client("s3").get_object(Bucket=self.stack["output_bucket"], Key=key)
        return answer["Body"].read(), answer["Metadata"]


def _judge(key: str, upload: Upload | None, reasons: set[str], outputs: _Outputs, findings: Findings) -> None:
    if upload is None:
        findings.removed += not any(_names(output, key) for output in outputs.unexplained)
    elif upload.poison:
        _judge_poison(upload, reasons, outputs, findings)
    else:
        _judge_sound(upload, outputs, findings)


def _names(output: str, key: str) -> bool:
    return output.partition("/")[2].rpartition(".")[0] == key


def _judge_sound(upload: Upload, outputs: _Outputs, findings: Findings) -> None:
    """Every rendition and the manifest are there, and say and show the version that was uploaded last."""
    manifest = _manifest(upload.key, outputs)
    renditions = {name: outputs.take(name) for name in _renditions(upload.key)}
    missing = [name for name, found in renditions.items() if found is None]
    if missing or manifest is None:
        findings.lost.append(f"{upload.key}: without {', '.join(missing) or 'a manifest'}")
        return
    stale = [] if _told(manifest) == (READY, None, _etag(upload)) else [manifest_key(upload.key)]
    stale += [name for name, found in renditions.items() if found and not _is_of(upload, *found)]
    findings.stale += stale
    findings.ready += not stale


def _judge_poison(upload: Upload, reasons: set[str], outputs: _Outputs, findings: Findings) -> None:
    """The manifest and a dead letter give the reason; renditions of a sound version before may stay."""
    manifest = _manifest(upload.key, outputs)
    for name in _renditions(upload.key):
        outputs.take(name)
    if upload.poison not in reasons or manifest is None:
        findings.lost.append(f"{upload.key}: {upload.poison}, and not reported")
    elif _told(manifest) != (REJECTED, upload.poison, _etag(upload)):
        findings.stale.append(manifest_key(upload.key))


def _told(manifest: Mapping[str, Any]) -> tuple[str, str | None, str]:
    return manifest["type"], manifest.get("reason"), manifest["source"]["etag"]


def _is_of(upload: Upload, content: bytes, metadata: Mapping[str, str]) -> bool:
    marked = metadata["source-etag"].strip('"') == _etag(upload)
    return marked and metadata["recipe"] == recipe_of(DEFAULT_RENDITIONS) and version_of(content) == upload.version


def _etag(upload: Upload) -> str:
    """Return S3's ETag of an object that was sent in one piece."""
    return hashlib.md5(upload.data(), usedforsecurity=False).hexdigest()


def _renditions(key: str) -> list[str]:
    return [rendition_key(spec, key) for spec in DEFAULT_RENDITIONS]


def _manifest(key: str, outputs: _Outputs) -> dict[str, Any] | None:
    found = outputs.take(manifest_key(key))
    return json.loads(found[0]) if found else None


def _dead_letters(stack: LocalStack) -> Iterator[tuple[list[str], str]]:
    """Yield the keys and the reason of every dead letter."""
    sqs, url = stack.client("sqs"), stack["dead_letter_queue_url"]
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=_HIDDEN, MessageAttributeNames=["reason"]
    ).get("Messages", []):
        for message in messages:
            records = json.loads(message["Body"])["Records"]
            keys = [unquote_plus(record["s3"]["object"]["key"]) for record in records]
            yield keys, message.get("MessageAttributes", {}).get("reason", {}).get("StringValue", "none given")
