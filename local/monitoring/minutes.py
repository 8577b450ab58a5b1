"""CloudWatch's minute, which takes two seconds here: metrics arrive, then the alarms are evaluated."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from local.monitoring import alarms
from local.monitoring.metrics import Feeder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.cloud import Cloud
    from local.monitoring.inbox import Inbox

MINUTE: Final = 2.0
"""Seconds of this computer's."""


@contextmanager
def passing(cloud: Cloud, inbox: Inbox, minute: float = MINUTE) -> Iterator[None]:
    """Let minutes pass in the background while the context lasts; notifications of alarms go into `inbox`."""
    stopped = threading.Event()
    thread = threading.Thread(target=_pass_until, args=(stopped, cloud, inbox, minute), name="minutes", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _pass_until(stopped: threading.Event, cloud: Cloud, inbox: Inbox, minute: float) -> None:
    feeder = Feeder(cloud)
    while not stopped.wait(minute / 2):
        try:
            feeder.feed()
            alarms.evaluate(cloud, minute)
            inbox.collect()
        except (OSError, BotoCoreError, ClientError):
            continue  # The emulator is ending: the next request of its user fails.
