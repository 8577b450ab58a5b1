"""Hints of wounds for the backfill queue: messages as S3 sends them, ten a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from worker.contracts.events import event_body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.audit.patrol import Judged

_BATCH: Final = 10
_ATTEMPTS: Final = 3


class NotSent(Exception):
    """SQS did not take a hint; the next invocation begins where this one had saved."""


@dataclass(frozen=True)
class BackfillQueue:
    """The queue of one stack. Needs sqs:SendMessage."""

    client: Any
    url: str
    source_bucket: str

    def send(self, wounds: Sequence[Judged]) -> None:
        """Send a hint of each.

        Raises:
            NotSent: SQS did not take one of them.
        """
        for first in range(0, len(wounds), _BATCH):
            batch = wounds[first : first + _BATCH]
            self._send([{"Id": str(place), "MessageBody": self.body(each)} for place, each in enumerate(batch)])

    def body(self, wound: Judged) -> str:
        """Return the hint."""
        return event_body(self.source_bucket, wound.picture.key, leftovers=wound.verdict.leftovers)

    def _send(self, entries: list[dict[str, str]]) -> None:
        failed: list[dict[str, Any]] = []
        for _ in range(_ATTEMPTS):
            failed = self.client.send_message_batch(QueueUrl=self.url, Entries=entries).get("Failed", [])
            if not failed:
                return
            ids = {each["Id"] for each in failed}
            entries = [entry for entry in entries if entry["Id"] in ids]
        raise NotSent(f"{failed[0].get('Code')}: {failed[0].get('Message')}")
