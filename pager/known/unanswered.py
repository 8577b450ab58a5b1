"""Dead letters that no line of the log tells of: the worker was killed or throttled on every attempt. Pure.

The pager may not look into the queue, so it counts: what the queue held at most, without the rejects that were logged. Where the numbers
do not cover the same time, nothing is said.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pager.change import ALARM, OK
from pager.known.log_lines import REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pager.change import Change
    from pager.known.alarms import Alarm
    from pager.known.log_lines import Lines
    from pager.known.series import Series

LETTERS: Final = "dead-letters"
"""The alarm whose series is the number of dead letters."""
UNDELIVERED: Final = "events-failed"
"""The alarm on events that EventBridge could not send to the queue, and made dead letters of."""
LATE: Final = timedelta(minutes=15)
"""That SQS may take until it sends the numbers of a queue that was idle for hours, as that of the dead letters mostly was.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
"""


def unanswered(
    change: Change, began: datetime | None, lines: Lines, held: Series | None, alarms: Iterable[Alarm]
) -> int:
    """Return how many there are at least, 0 where nobody can know.

    Args:
        change: Of the alarm on dead letters; of any other the answer is 0.
        began: When an alarm that is over had gone on; None where it had not been off before.
        lines: The worker's log.
        held: Dead letters in the queue by the minute, from the log's beginning on; the alarm says that there was one.
        alarms: All; while EventBridge made dead letters, whose reasons are in no log, the answer is 0.
    """
    others = any(alarm.key == UNDELIVERED and (alarm.on or alarm.since >= lines.since) for alarm in alarms)
    if (
        change.key != LETTERS
        or held is None
        or others
        or not lines.whole
        or not _whole_story(change, began, lines, held)
    ):
        return 0
    logged = sum(1 for line in lines.read if line.kind == REJECTED)
    return max(0, int(max(held.values, default=1)) - logged)


def _whole_story(change: Change, began: datetime | None, lines: Lines, held: Series) -> bool:
    """Whether the log begins before the first letter: the queue was empty while the alarm was off, which is not known of a new alarm."""
    went_on = began if change.state != ALARM else change.at if change.was == OK else None
    return held.values[:1] == [0] or (went_on is not None and lines.since <= went_on - LATE)
