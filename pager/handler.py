"""What Lambda calls: one change of an alarm, one message or a reason for none. Importing it opens nothing."""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pager.aws import client, why
from pager.change import Change
from pager.log import FAILED, SILENT, TOLD, log
from pager.settings import Settings
from pager.teller import Teller
from pager.words.message import message_of, plain_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEPT: Final = 12_000
"""Milliseconds that reading the log leaves for what comes after."""


def handle(event: Mapping[str, Any], context: Any) -> None:
    """Tell of each notification in an event of SNS.

    Raises:
        Exception: It could not be told. Lambda then sends the event itself to the operators' topic.
    """
    for record in event["Records"]:
        _pager().take(record["Sns"], lambda: context.get_remaining_time_in_millis() > KEPT)


@dataclass(frozen=True)
class Pager:
    """Tells of changes."""

    settings: Settings
    client: Callable[[str], Any]

    def take(self, sns: Mapping[str, Any], in_time: Callable[[], bool]) -> None:
        """Tell of one notification, or log what else tells of it."""
        change = Change.of(sns, self.settings.prefix)
        try:
            story = Teller(self.settings, self.client, sns["TopicArn"], in_time).tell(change)
            if story.silent:
                log(SILENT, alarm=change.key, state=change.state, told_by=story.silent)
                return
            message = message_of(story, self.settings.prefix)
        except Exception as exc:  # noqa: BLE001 - the one place that catches everything: a plain alarm is better than none
            log(FAILED, alarm=change.key, state=change.state, trace=traceback.format_exc())
            message = plain_message(change, self.settings.prefix, why(exc))
        message.publish(self.client("sns"), self.settings.topic)
        log(TOLD, alarm=change.key, state=change.state, subject=message.subject)


@cache
def _pager() -> Pager:
    return Pager(Settings.from_env(os.environ), cache(client))
