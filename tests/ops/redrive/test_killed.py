"""The redrive as a process on the embedded AWS, ended by signals: resumed, nothing is lost, and little is doubled."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.processes.programs import started
from tests.local.processes.waiting import eventually
from worker.contracts.events import event_body

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.soak]

IMPATIENT = "import sys; from ops.queues import sweep; sweep._MIN_HIDE_SECONDS, sweep._MARGIN_SECONDS = 4, 1; from ops.commands.cli import main; sys.exit(main())"
"""`python -m ops` that hides letters for seconds only, so that those of a killed run are visible soon."""


@dataclass
class Queues:
    """A dead-letter queue, a queue without a consumer, and the commands on them."""

    sqs: Any
    urls: dict[str, str]
    directory: Path
    runs: ExitStack

    @property
    def journal(self) -> Path:
        return self.directory / "journal.jsonl"

    def fill(self, count: int) -> set[str]:
        """Put letters there; return their bodies."""
        bodies = [event_body("pictures", f"{number}.jpg") for number in range(count)]
        for first in range(0, count, 10):
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[first : first + 10])]
            assert not self.sqs.send_message_batch(QueueUrl=self.urls["dead_letter_queue_url"], Entries=entries).get(
                "Failed"
            )
        return set(bodies)

    def redrive(self, *options: str, python: tuple[str, ...] = ("-c", IMPATIENT)) -> subprocess.Popen[str]:
        """Start a redrive of a hundred letters a second."""
        outputs, journal = str(self.directory / "outputs.json"), str(self.journal)
        command = ["redrive", "--yes", "--no-follow", "--rate", "100", "--journal", journal, *options]
        run = started(
            [sys.executable, *python, "--outputs", outputs, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self.runs.enter_context(run)

    def noted(self, event: str) -> list[str]:
        """Return the ids under `event` in the journal's complete lines."""
        if not self.journal.exists():
            return []
        lines = self.journal.read_bytes().split(b"\n")[:-1]
        return [id_ for line in map(json.loads, lines) if line["event"] == event for id_ in line["ids"]]

    def arrived(self) -> list[str]:
        """Receive all that is in the queue and return the bodies."""
        bodies: list[str] = []
        request = {"QueueUrl": self.urls["queue_url"], "MaxNumberOfMessages": 10, "VisibilityTimeout": 600}
        while messages := self.sqs.receive_message(**request).get("Messages"):
            bodies += [message["Body"] for message in messages]
        return bodies

    def depth(self, queue: str = "dead_letter_queue_url") -> tuple[int, int]:
        """Return how many messages of a queue are visible and hidden."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.urls[queue], AttributeNames=names)
        return int(answer["Attributes"][names[0]]), int(answer["Attributes"][names[1]])


@pytest.fixture
def queues(engine, tmp_path):
    """Make two queues on the session's embedded AWS, and the outputs of a stack that has them."""
    sqs = engine.client("sqs")
    names = {"dead_letter_queue_url": "killed-dead-letters", "queue_url": "killed-queue"}
    urls = {output: sqs.create_queue(QueueName=name)["QueueUrl"] for output, name in names.items()}
    (tmp_path / "outputs.json").write_text(json.dumps({**engine.outputs, **urls}))
    with ExitStack() as runs:
        yield Queues(sqs, urls, tmp_path, runs)
    for url in urls.values():
        sqs.delete_queue(QueueUrl=url)


def has_sent(queues, count):
    """Whether the journal has this number of letters as sent."""
    return len(queues.noted("sent")) >= count


def test_a_redrive_killed_again_and_again_loses_nothing(queues):
    """SIGKILL in the middle of three runs: what AWS had taken and the journal did not have comes twice, and nothing else."""
    bodies = queues.fill(150)
    for sent, options in ((20, ()), (60, ("--resume",)), (100, ("--resume",))):
        run = queues.redrive(*options)
        assert eventually(partial(has_sent, queues, sent), 60)
        run.kill()
        run.communicate()
        assert run.returncode == -signal.SIGKILL
        assert len(queues.noted("sent")) < 150
    unknown = queues.depth("queue_url")[0] - len(queues.noted("sent"))
    last = queues.redrive("--resume")
    said = last.communicate(timeout=100)
    assert last.returncode == 0, said
    arrived = Counter(queues.arrived())
    assert set(arrived) == bodies
    assert queues.depth() == (0, 0)
    assert sum(arrived.values()) - 150 == unknown


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_redrive_gives_all_letters_back_at_once(queues, sign):
    """Ctrl-C, and its like from a program: nothing is hidden any more when the command has ended, and it says how to go on."""
    bodies = queues.fill(120)
    run = queues.redrive("--rate", "20", python=("-m", "ops"))
    assert eventually(lambda: len(queues.noted("deleted")) >= 20, 60)
    run.send_signal(sign)
    _, said = run.communicate(timeout=60)
    visible, hidden = queues.depth()
    assert hidden == 0
    assert visible == 120 - len(queues.noted("deleted"))
    assert 0 < visible < 120
    assert run.returncode == 1
    assert "redrive --resume" in said
    again = queues.redrive("--resume", "--rate", "1000", python=("-m", "ops"))
    assert again.communicate(timeout=60)
    assert again.returncode == 0
    arrived = Counter(queues.arrived())
    assert arrived == Counter(bodies)
