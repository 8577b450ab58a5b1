"""The judgement of a run's outcome: what is as it must be is found so, and each wound by its name."""

from __future__ import annotations

import json
from functools import partial
from hashlib import md5
from typing import TYPE_CHECKING

import pytest

from chaos.inspection.evidence import UNEXPLAINED, Outputs
from chaos.inspection.judgement import Judgement
from chaos.inspection.plain import PlainJudgement
from chaos.plan import Delete, Deploy, Plan, Upload
from chaos.stack.recipes import BEGINNING, CHANGES
from worker.contracts.keys import manifest_key, reject_key, rendition_key
from worker.images import render

if TYPE_CHECKING:
    from chaos.inspection.findings import Findings
    from worker.contracts.recipes.by_prefix import Recipes

SOUND, IGNORED, POISON = Upload("cats/1.jpg", 5), Upload("deep/1.gif", 6), Upload("2", 7, "truncated")
PLAN = Plan(1, (SOUND, IGNORED, POISON, Upload("3", 8), Delete("3"), Deploy(CHANGES[-1])))
MEMORY = 512 * 2**20
Bucket = dict[str, tuple[bytes, dict[str, str]]]


def etag(upload: Upload) -> str:
    """Return the ETag that S3 gives it."""
    return md5(upload.data(), usedforsecurity=False).hexdigest()


def outputs_of(upload: Upload, recipes: Recipes = CHANGES[-1], shows: Upload | None = None) -> Bucket:
    """Return what a worker of these recipes makes of an upload; `shows` another one, if it is wrong."""
    recipe = recipes.of(upload.key)
    wanted = tuple(spec.name for spec in recipe.specs)
    rendered = render((shows or upload).data(), recipe.specs, wanted=wanted, memory_bytes=MEMORY)
    made = {each.name: each.data for each in rendered.renditions}
    marks = {"source-etag": f'"{etag(upload)}"', "recipe": recipe.fingerprint}
    manifest = {"type": "image.ready", "source": {"etag": etag(upload)}, "recipe": recipe.fingerprint}
    renditions = {rendition_key(spec, upload.key): (made[spec.name], marks) for spec in recipe.specs}
    return {**renditions, manifest_key(upload.key): (json.dumps(manifest).encode(), {})}


def rejected(upload: Upload) -> Bucket:
    """Return what a worker makes of poison."""
    document = {"type": "image.rejected", "reason": upload.poison, "source": {"etag": etag(upload)}}
    entry = reject_key(upload.key, upload.poison or "")
    assert entry
    return {manifest_key(upload.key): (json.dumps(document).encode(), {}), entry: (b"", {})}


def judged(
    bucket: Bucket,
    *letters: tuple[str, str],
    plan: Plan = PLAN,
    kind: type[Judgement] = Judgement,
) -> Findings:
    """Return the findings."""
    judgement = kind(plan, Outputs(bucket.__getitem__, set(bucket)))
    for key, reason in letters:
        judgement.letter([key], reason)
    for key, upload in plan.last.items():
        judgement.picture(key, upload)
    return judgement.ended()


LETTER = ("2", "truncated")
GOOD = {**outputs_of(SOUND), **rejected(POISON)}


def test_all_is_well_where_all_is_as_the_present_recipe_makes_it():
    """A picture that is poison may keep the renditions of a version before, of whatever recipe."""
    before = Upload("2", 9)
    kept = {key: made for key, made in outputs_of(before, CHANGES[1]).items() if not key.startswith("manifest/")}
    for bucket in (GOOD, {**GOOD, **kept}):
        findings = judged(bucket, LETTER)
        assert findings.good
        assert (findings.ready, findings.ignored, findings.removed) == (1, 1, 1)
        assert findings.rejected == {"truncated": 1}


@pytest.mark.parametrize(
    ("wound", "kind", "keys"),
    [
        (outputs_of(SOUND, shows=Upload("x", 9)), "stale", {"thumbnail/cats/1.jpg.webp", "hero/cats/1.jpg.jpeg"}),
        (outputs_of(Upload("3", 8), BEGINNING), "stale", {"manifest/3.json", "thumbnail/3.webp", "web/3.webp"}),
        (
            outputs_of(IGNORED, BEGINNING),
            "former",
            {"manifest/deep/1.gif.json", "thumbnail/deep/1.gif.webp", "web/deep/1.gif.webp"},
        ),
        ({"web/cats/1.jpg.webp": (b"", {})}, "former", {"web/cats/1.jpg.webp"}),
        ({"web/nobody.webp": (b"", {})}, "stale", {"web/nobody.webp"}),
    ],
)
def test_each_wound_is_found(wound, kind, keys):
    """By its kind, with the keys of the outputs, and no other kind."""
    findings = judged({**GOOD, **wound}, LETTER)
    assert set(getattr(findings, kind)) == keys
    assert len(findings.stale + findings.lost + findings.former + findings.innocent) == len(keys)


def test_an_output_of_a_former_recipe_is_one_whatever_it_is_called():
    """The same names, made by another recipe: by its fingerprint, and by its size in pixels."""
    squares = outputs_of(SOUND, CHANGES[1])
    old = {key: squares[key] for key in ("thumbnail/cats/1.jpg.webp", "manifest/cats/1.jpg.json")}
    assert set(judged({**GOOD, **old}, LETTER).former) == set(old)
    larger, marks = outputs_of(SOUND, BEGINNING)["thumbnail/cats/1.jpg.webp"], GOOD["thumbnail/cats/1.jpg.webp"][1]
    lying = {"thumbnail/cats/1.jpg.webp": (larger[0], marks)}
    assert judged({**GOOD, **lying}, LETTER).former == ["thumbnail/cats/1.jpg.webp"]


def test_what_is_missing_is_lost():
    """A rendition, a manifest, a dead letter, an entry in the index; and a dead letter that nothing explains is innocent."""
    for key in {**outputs_of(SOUND), **rejected(POISON)}:
        assert len(judged({name: made for name, made in GOOD.items() if name != key}, LETTER).lost) == 1
    assert judged(GOOD).lost == ["2: truncated, and not reported"]
    findings = judged(GOOD, LETTER, ("2", UNEXPLAINED), ("cats/1.jpg", "truncated"))
    assert findings.innocent == [f"2: {UNEXPLAINED}", "cats/1.jpg: truncated"]


def test_the_plain_worker_is_judged_by_what_it_promises():
    """Two renditions without marks are enough, and any dead letter of poison; a picture in the dead letters is not lost."""
    bucket: Bucket = {key: (made[0], {}) for key, made in outputs_of(SOUND, BEGINNING).items() if "manifest" not in key}
    judged_plainly = partial(judged, plan=Plan(1, (SOUND, POISON)), kind=PlainJudgement)
    letter = ("2", UNEXPLAINED)
    assert judged_plainly(bucket, letter).good
    assert judged_plainly(bucket).lost == ["2: truncated, and not reported"]
    assert judged_plainly({}, letter).lost == ["cats/1.jpg: without thumbnail/cats/1.jpg.webp, web/cats/1.jpg.webp"]
    failed = judged_plainly({}, letter, ("cats/1.jpg", UNEXPLAINED))
    assert (failed.lost, failed.innocent) == ([], [f"cats/1.jpg: {UNEXPLAINED}"])
    stale = outputs_of(SOUND, BEGINNING, shows=Upload("x", 9))
    assert set(judged_plainly({key: stale[key] for key in bucket}, letter).stale) == set(bucket)
