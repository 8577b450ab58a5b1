"""Checks the outputs and dead letters of each picture against the plan, and against the recipes that were deployed last.

A key is judged by what its last upload was:

    sound     exactly the renditions of that version, which show its colour, and a manifest that says so
    poison    a manifest that says why not, and a dead letter with the same reason
    ignored   nothing, whatever it is
    removed   nothing
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image

from chaos.inspection.evidence import Outputs, dead_letters
from chaos.inspection.findings import Findings
from chaos.pictures.versions import version_of
from chaos.stack.recipes import EXTENSIONS
from worker.contracts.keys import REJECTS, manifest_key, reject_key, rendition_key
from worker.contracts.manifest import READY, REJECTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chaos.plan import Plan, Upload
    from local.stack import LocalStack
    from worker.contracts.recipes.specs import RenditionSpec


def inspect(plan: Plan, stack: LocalStack) -> Findings:
    """Return the outcomes of the plan's pictures; hides the dead letters for a while."""
    judgement = Judgement(plan, Outputs.of(stack))
    for keys, reason in dead_letters(stack):
        judgement.letter(keys, reason)
    for key, upload in plan.last.items():
        judgement.picture(key, upload)
    return judgement.ended()


@dataclass(frozen=True)
class Judgement:
    """Judges one run of the pipeline's worker."""

    plan: Plan
    outputs: Outputs
    findings: Findings = field(default_factory=Findings)
    reasons: dict[str, set[str]] = field(default_factory=dict)

    def letter(self, keys: Sequence[str], reason: str) -> None:
        """Note a dead letter."""
        self.findings.rejected[reason] += 1
        for key in keys:
            self.reasons.setdefault(key, set()).add(reason)
        if not any(reason in self.deserved(key) for key in keys):
            self.findings.innocent.append(f"{', '.join(keys)}: {reason}")

    def deserved(self, key: str) -> set[str]:
        """Return the reasons that a dead letter about a key may have."""
        return self.plan.poison_of(key)

    def picture(self, key: str, upload: Upload | None) -> None:
        """Judge a key, all letters being known."""
        if upload is None:
            self.findings.removed += self.outputs.has_none_of(key)
        elif self.plan.recipes.of(key).is_ignored:
            self.findings.ignored += self.outputs.has_none_of(key)
        elif upload.poison:
            self.poison(upload)
        else:
            self.sound(upload)

    def ended(self) -> Findings:
        """Return what was found: outputs of pictures that are there, which nothing explains, are of a former recipe.

        An entry too many may stay in the index of rejected pictures: `worker/reconcile/rejects.py`.
        """
        for output in sorted(each for each in self.outputs.unexplained if not each.startswith(REJECTS)):
            of = self.plan.last.get(output.partition("/")[2].rpartition(".")[0])
            (self.findings.former if of else self.findings.stale).append(output)
        return self.findings

    def sound(self, upload: Upload) -> None:
        """Every rendition and the manifest are there, and say and show the version that was uploaded last."""
        recipe, key = self.plan.recipes.of(upload.key), manifest_key(upload.key)
        manifest = self._manifest(upload.key)
        renditions = {spec: self.outputs.take(rendition_key(spec, upload.key)) for spec in recipe.specs}
        missing = [spec.name for spec, found in renditions.items() if found is None]
        if missing or manifest is None:
            self.findings.lost.append(f"{upload.key}: without {', '.join(missing) or 'a manifest'}")
            return
        stale = [] if _told(manifest) == (READY, None, _etag(upload)) else [key]
        former = [] if manifest.get("recipe") == recipe.fingerprint else [key]
        for spec, found in renditions.items():
            assert found
            content, metadata = found
            name = rendition_key(spec, upload.key)
            stale += [] if _is_of(upload, content, metadata) else [name]
            former += [] if metadata["recipe"] == recipe.fingerprint and _fits(content, spec) else [name]
        self.findings.stale += stale
        self.findings.former += former
        self.findings.ready += not (stale or former)

    def poison(self, upload: Upload) -> None:
        """The manifest, the index and a dead letter give the reason; renditions of a sound version before may stay, of whatever recipe."""
        manifest = self._manifest(upload.key)
        for name, extension in EXTENSIONS:
            self.outputs.take(f"{name}/{upload.key}.{extension}")
        entry = self.outputs.take(reject_key(upload.key, upload.poison or "") or "")
        if upload.poison not in self.reasons.get(upload.key, set()) or manifest is None or entry is None:
            self.findings.lost.append(f"{upload.key}: {upload.poison}, and not reported")
        elif _told(manifest) != (REJECTED, upload.poison, _etag(upload)):
            self.findings.stale.append(manifest_key(upload.key))

    def _manifest(self, key: str) -> dict[str, Any] | None:
        found = self.outputs.take(manifest_key(key))
        return json.loads(found[0]) if found else None


def _told(manifest: Mapping[str, Any]) -> tuple[str, str | None, str]:
    return manifest["type"], manifest.get("reason"), manifest["source"]["etag"]


def _is_of(upload: Upload, content: bytes, metadata: Mapping[str, str]) -> bool:
    return metadata["source-etag"].strip('"') == _etag(upload) and version_of(content) == upload.version


def _fits(content: bytes, spec: RenditionSpec) -> bool:
    with Image.open(io.BytesIO(content)) as image:
        format_ = str(image.format).lower()
        return image.width <= spec.width and image.height <= spec.height and format_ == spec.format


def _etag(upload: Upload) -> str:
    """Return S3's ETag of an object that was sent in one piece."""
    return hashlib.md5(upload.data(), usedforsecurity=False).hexdigest()
