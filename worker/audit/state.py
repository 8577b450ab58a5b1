"""Where an audit is and what it has found, kept in the output bucket under a key that no output can have.

Every save is conditional on what was read: of two invocations at once, one ends.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from worker.audit.side_by_side import Picture, SideBySide
from worker.contracts.names import AUDIT_STATE
from worker.process.aws import NOT_FOUND, status_of, translated

if TYPE_CHECKING:
    from collections.abc import Iterable

REMEMBERED: Final = 10_000
"""Wounds of one audit: those with the smallest digests, so that two audits remember the same ones of a million."""


@dataclass
class State:
    """What one audit leaves for the next invocation, and for the next audit.

    Attributes:
        run: How many audits there were.
        began: When this one did, in seconds since the epoch.
        ended: Whether it is done.
        where: The place that was reached.
        recipes: Fingerprint of those that it judges by; empty once they have changed in its middle.
        trusted: Fingerprint of the recipes of which two audits in a row looked at everything, the second finding nothing outdated.
        looked: Fingerprint of those that the audit before looked at everything by.
        counts: Pictures by what was said of them, and `looks`, `again`.
        found: Digests of this audit's wounds.
        before: Those of the audit before.
    """

    run: int = 0
    began: float = 0
    ended: bool = True
    where: SideBySide = field(default_factory=SideBySide)
    recipes: str = ""
    trusted: str = ""
    looked: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)

    def begun(self, now: float, recipes: str) -> State:
        """Return the state of the next audit's beginning."""
        return State(
            self.run + 1,
            now,
            ended=False,
            recipes=recipes,
            trusted=self.trusted,
            looked=self.looked,
            before=self.found,
        )

    def remember(self, wounds: Iterable[Picture]) -> int:
        """Keep the digests of `wounds`, and return how many of them were found by the audit before."""
        digests = [_digest(each) for each in wounds]
        self.found = sorted({*self.found, *digests})[:REMEMBERED]
        return len(set(digests) & set(self.before))

    def to_json(self) -> str:
        """Return the text of the file."""
        pending = [each.to_json() for each in self.where.pending]
        return json.dumps({**asdict(self), "where": {"after": self.where.after, "pending": pending}})

    @classmethod
    def from_json(cls, text: str) -> State:
        """Build the state from the text of its file."""
        document: dict[str, Any] = json.loads(text)
        where = document.pop("where")
        pending = [Picture.from_json(each) for each in where["pending"]]
        return cls(**document, where=SideBySide(where["after"], pending))


def _digest(picture: Picture) -> str:
    """Return what stays the same of a wound: another version of the source is another one."""
    return blake2b(f"{picture.key}\n{picture.source and picture.source.etag}".encode(), digest_size=8).hexdigest()


class StateFile:
    """The state's object. Needs s3:GetObject and s3:PutObject on it."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket
        self._seen: dict[str, str] = {"IfNoneMatch": "*"}

    def read(self) -> State:
        """Return the state that was saved last, a new one where none was."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=AUDIT_STATE)
        except ClientError as exc:
            if status_of(exc) == NOT_FOUND:
                return State()
            raise
        self._seen = {"IfMatch": answer["ETag"]}
        return State.from_json(answer["Body"].read().decode())

    def save(self, state: State) -> None:
        """Save it.

        Raises:
            Conflict: Another invocation has saved since.
            Retry: S3 did not answer or refused.
        """
        with translated(f"s3:PutObject {AUDIT_STATE}"):
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=AUDIT_STATE,
                Body=state.to_json().encode(),
                ContentType="application/json",
                **self._seen,
            )
        self._seen = {"IfMatch": answer["ETag"]}
