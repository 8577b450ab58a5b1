"""Judges the plain worker by what it promises: two renditions that show the last version, or a dead letter.

It writes no manifest and marks nothing, so pixels decide; SQS gives no reason, so any dead letter of poison will do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos.inspection.evidence import UNEXPLAINED, Outputs, dead_letters
from chaos.inspection.judgement import Judgement
from chaos.pictures.versions import version_of
from worker.contracts.keys import rendition_key
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS

if TYPE_CHECKING:
    from chaos.inspection.findings import Findings
    from chaos.plan import Plan, Upload
    from local.stack import LocalStack


def inspect_plain(plan: Plan, stack: LocalStack) -> Findings:
    """Return the outcomes of the plan's pictures; hides the dead letters for a while."""
    judgement = PlainJudgement(plan, Outputs.of(stack))
    for keys, reason in dead_letters(stack):
        judgement.letter(keys, reason)
    for key, upload in plan.last.items():
        judgement.picture(key, upload)
    return judgement.ended()


class PlainJudgement(Judgement):
    """Judges one run of the plain worker."""

    def deserved(self, key: str) -> set[str]:
        """Return the one reason that SQS gives, for a key that ever was poison."""
        return {UNEXPLAINED} if self.plan.poison_of(key) else set()

    def sound(self, upload: Upload) -> None:
        """Both renditions show the version that was uploaded last; a picture with a dead letter is not lost."""
        found = {name: self.outputs.take(name) for name in _renditions(upload.key)}
        missing = [name for name, output in found.items() if output is None]
        stale = [name for name, output in found.items() if output and version_of(output[0]) != upload.version]
        if missing and upload.key not in self.reasons:
            self.findings.lost.append(f"{upload.key}: without {', '.join(missing)}")
        self.findings.stale += stale
        self.findings.ready += not (missing or stale)

    def poison(self, upload: Upload) -> None:
        """There is a dead letter; renditions of a sound version before may stay."""
        for name in _renditions(upload.key):
            self.outputs.take(name)
        if upload.key not in self.reasons:
            self.findings.lost.append(f"{upload.key}: {upload.poison}, and not reported")


def _renditions(key: str) -> list[str]:
    return [rendition_key(spec, key) for spec in DEFAULT_RENDITIONS]
