"""A second look at everything after an erasure: what is gone, what stayed and why, and what is left to time or to people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ops.pictures.erasure.erase import anew
from ops.pictures.erasure.files import texts
from ops.pictures.erasure.letters import places
from ops.pictures.erasure.plan import count, plan_of
from ops.pictures.erasure.receipt import Evidence, mark_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ops.pictures.erasure.erase import Erasure
    from ops.pictures.erasure.plan import Found, Plan
    from ops.session import Session

ANEW = "uploaded anew since the plan: erase it again"
_MADE_ANEW = "made of what was uploaded anew"
_STILL_THERE = "it is still there: run it again"
_HIDDEN = 120
"""Seconds after which another command has given back, at the latest, what it hides of a usual queue."""


def evidence_of(session: Session, plan: Plan) -> dict[str, Evidence]:
    """Return what a plan has found of each key."""
    stack = session.stack
    return {
        found.key: Evidence(
            found.objects(stack.source_bucket, stack.output_bucket),
            {label: set(seen.ids.get(found.key, ())) for label, seen in plan.letters.items()},
        )
        for found in plan.found
    }


def look_again(
    erasure: Erasure,
    found_before: Mapping[str, Evidence],
    lines_before: Mapping[str, int],
    here: Path,
    exports: Sequence[Path],
) -> dict[str, Any]:
    """Return the body of the receipt.

    Args:
        erasure: That has ended.
        found_before: By key, what this run and those before have found.
        lines_before: By file, how many lines they have found.
        here: Where the commands keep their files.
        exports: Files of letters that were named.

    Raises:
        Refusal: AWS does not show something.
    """
    session, plan = erasure.session, erasure.plan
    still = [path for path in exports if path.exists()]
    now = plan_of(session, plan.keys, here, still, plan.names, plan.remains, erasure.patience)
    left = evidence_of(session, now)
    for key, evidence in _taken(erasure).items():
        found_before[key].add(evidence)
    lines = {str(each.path): each for each in now.mentions}
    removed = {path: count - (lines[path].lines if path in lines else 0) for path, count in lines_before.items()}
    return {
        "pictures": [
            {
                "key": found.key,
                "removed": found_before[found.key].less(left[found.key]).to_json(),
                "stayed": _stayed(erasure, found, planned, left[found.key]),
            }
            for found, planned in zip(now.found, plan.found, strict=True)
        ],
        "files": {path: count for path, count in sorted(removed.items()) if count},
        "invalidation": erasure.invalidation.to_json() if erasure.invalidation else None,
        "stayed": _stayed_besides(erasure, now),
        "remains": [*plan.remains, *_to_look_at(erasure, here, still)],
    }


def has_stayed(body: Mapping[str, Any]) -> bool:
    """Whether a receipt's body names something that was not removed, or not looked at, though it could be."""
    return bool(body["stayed"]) or any(picture["stayed"] for picture in body["pictures"])


def _taken(erasure: Erasure) -> dict[str, Evidence]:
    """Return by key what was removed besides the plan: messages that had come, outputs that had been made."""
    stack = erasure.session.stack
    taken = {
        key: Evidence({}, {label: seen.ids.get(key, set()) - set(seen.failed) for label, seen in erasure.taken.items()})
        for key in erasure.plan.keys
    }
    for found in erasure.later:
        objects = found.objects(stack.source_bucket, stack.output_bucket)
        taken[found.key].objects |= {
            mark: each for mark, each in objects.items() if each["bucket"] == stack.output_bucket
        }
    return taken


def _stayed(erasure: Erasure, found: Found, planned: Found, left: Evidence) -> list[dict[str, Any]]:
    stack = erasure.session.stack
    known, is_anew = {version.identity for version in planned.versions}, anew(found, planned)
    why: dict[str, str] = {}
    for version in found.versions:
        otherwise = _STILL_THERE if version.identity in known else ANEW
        if version.is_marker:
            otherwise = "it hides what stayed"
        mark = mark_of({"bucket": stack.source_bucket, **version.to_json()})
        why[mark] = erasure.why.get(version.identity, otherwise)
    for version in found.outputs:
        mark = mark_of({"bucket": stack.output_bucket, **version.to_json()})
        why[mark] = erasure.why.get(version.identity, _MADE_ANEW if is_anew else _STILL_THERE)
    for upload in found.uploads:
        mark = mark_of({"bucket": stack.source_bucket, "key": found.key, "upload_id": upload})
        why[mark] = erasure.why.get(upload, _STILL_THERE if upload in planned.uploads else ANEW)
    entries = [{**left.objects[mark], "why": why[mark]} for mark in sorted(left.objects)]
    failed = {id_: reason for seen in erasure.taken.values() for id_, reason in seen.failed.items()}
    return entries + [
        {"queue": label, "message": id_, "why": failed.get(id_, _STILL_THERE)}
        for label, ids in sorted(left.messages.items())
        for id_ in sorted(ids)
    ]


def _stayed_besides(erasure: Erasure, now: Plan) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"file": str(each.path), "why": each.why or erasure.why.get(each.path, _STILL_THERE)} for each in now.mentions
    ]
    found += [*_not_looked_at(erasure, now), *_not_understood(erasure, now)]
    found += [
        {"queue": label, "message": id_, "why": reason}
        for label, seen in erasure.taken.items()
        if label not in now.letters
        for id_, reason in seen.failed.items()
    ]
    by_label = {place.label for place in places(erasure.session)} - set(erasure.taken)
    found += [{"queue": label, "why": erasure.why[label]} for label in sorted(by_label)]
    stack = erasure.session.stack
    if stack.subscriber_queue_urls and stack.undelivered_queue_urls is None:
        found.append(
            {"queue": "undelivered", "why": "this stack's outputs do not name them: run pulumi up, then erase again"}
        )
    if erasure.invalidation and erasure.invalidation.why:
        found.append({"invalidation": list(erasure.invalidation.ids), "why": erasure.invalidation.why})
    return found


def _not_looked_at(erasure: Erasure, now: Plan) -> list[dict[str, Any]]:
    """Return what others hide, each with the seconds after which it is back or worked off, and the day on which it is gone."""
    session, found = erasure.session, []
    by_label = {place.label: place.queue for place in places(session)}
    for label, seen in {**erasure.taken, **now.letters}.items():
        if seen.unseen:
            queue = by_label[label]
            seconds, until = max(_HIDDEN, queue.visibility_timeout()), timedelta(seconds=queue.retention())
            why = f"{count(seen.unseen, 'message')} in other hands, not looked at: run it again in about {_minutes(seconds)}"
            gone_by = str((session.now() + until).date())
            found.append({"queue": label, "why": why, "again_in_seconds": seconds, "gone_by": gone_by})
    return found


def _not_understood(erasure: Erasure, now: Plan) -> list[dict[str, Any]]:
    why = "no reader understands it, and it may name the key: look at it"
    return [
        {"queue": label, "message": id_, "why": why}
        for label, seen in {**erasure.taken, **now.letters}.items()
        for id_ in sorted(set().union(*seen.unclear.values()))
    ]


def next_step(session: Session, keys: Sequence[str], body: Mapping[str, Any]) -> str | None:
    """Return what to do after an erasure with this body; None where nothing has stayed."""
    if not has_stayed(body):
        return None
    waits = [each.get("again_in_seconds", 0) for each in body["stayed"]]
    has_more = not all(waits) or any(picture["stayed"] for picture in body["pictures"])
    first = "see to what stayed, then " if has_more else ""
    when = f", in about {_minutes(max(waits))}" if any(waits) else ""
    return f"{first}run it again{when}: {session.command('erase', '--', *keys)}"


def _minutes(seconds: int) -> str:
    return count(-(-seconds // 60), "minute")


def _to_look_at(erasure: Erasure, here: Path, exports: Sequence[Path]) -> list[dict[str, Any]]:
    stack, keys = erasure.session.stack, erasure.plan.keys
    return [{"what": f"{path}, which may name it", "until": None} for path in texts(stack, keys, here, exports)]
