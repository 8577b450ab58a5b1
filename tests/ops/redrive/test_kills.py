"""The redrive, killed at every step: nothing is lost, and nothing is doubled outside of one named window."""

from __future__ import annotations

from collections import Counter
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from ops.queues.queue import Queue
from tests.ops.redrive.redrives import redrive_between, steps_of_a_life, survive
from tests.ops.support.fakes import DEAD_LETTERS, QUEUE, Death, Killed, MemoryClients, MemorySqs, entry, fill


def is_in_window(death):
    """Whether the kill came after AWS had taken a batch and before the journal had it."""
    step = death.steps[-1]
    return (step, death.when) in {("send", "after"), ("journal sent", "before"), ("journal sent", "torn")}


def test_a_kill_at_any_step_loses_nothing_and_doubles_only_in_the_window(tmp_path):
    """At every request and every line of the journal, before, after and in the middle of it: resumed, all is well."""
    steps = steps_of_a_life(tmp_path, 23)
    assert Counter(steps)["send"] == 3
    for at, step in enumerate(steps):
        for when in ("before", "after", "torn") if step.startswith("journal") else ("before", "after"):
            sqs, death = MemorySqs(), Death(at, when)
            bodies = fill(sqs, 23)
            survive(sqs, tmp_path / f"{at}-{when}.jsonl", [death])
            assert death.is_dead, (at, when)
            arrived = Counter(sqs.bodies(QUEUE))
            assert set(arrived) == set(bodies), f"lost at {step}, {when}"
            assert sqs.bodies(DEAD_LETTERS) == [], f"left at {step}, {when}"
            doubled = sum(count - 1 for count in arrived.values())
            assert doubled == (min(10, doubled) if is_in_window(death) else 0), f"doubled at {step}, {when}"


def test_a_kill_in_the_window_doubles_that_one_batch(tmp_path):
    """The window is real: whether SQS took the batch is unknown, and a loss would be worse."""
    at = steps_of_a_life(tmp_path, 23).index("send")
    sqs = MemorySqs()
    fill(sqs, 23)
    survive(sqs, tmp_path / "window.jsonl", [Death(at, "after")])
    assert sum(count - 1 for count in Counter(sqs.bodies(QUEUE)).values()) == 10


@settings(max_examples=60, deadline=None)
@given(
    deaths=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["before", "after", "torn"])), min_size=1, max_size=5
    ),
    letters=st.integers(1, 25),
)
def test_a_redrive_that_is_killed_again_and_again_ends_with_everything_sent(tmp_path_factory, deaths, letters):
    """Kills of the resumed runs too: each body arrives, none stays, and doubles come of the window only."""
    sqs = MemorySqs()
    bodies = fill(sqs, letters)
    dying = [Death(at, when) for at, when in deaths]
    survive(sqs, tmp_path_factory.mktemp("kills") / "journal.jsonl", dying)
    arrived = Counter(sqs.bodies(QUEUE))
    assert set(arrived) == set(bodies)
    assert sqs.bodies(DEAD_LETTERS) == []
    windows = sum(death.is_dead and is_in_window(death) for death in dying)
    assert sum(count - 1 for count in arrived.values()) <= 10 * windows


class DyingMoto:
    """moto's SQS, with the same deaths."""

    def __init__(self, client, death):
        self._client = client
        self._death = death

    def __getattr__(self, action):
        def request(**arguments):
            self._death.before(action)
            if action == "receive_message":
                arguments["WaitTimeSeconds"] = 0  # moto would have us wait for nothing, and shows all at once.
            answer = getattr(self._client, action)(**arguments)
            self._death.after()
            return answer

        return request


@pytest.fixture
def moto_queues(aws):
    """Two queues of moto's, and a function that makes everything visible as time would."""
    client = boto3.client("sqs")
    urls = [client.create_queue(QueueName=name)["QueueUrl"] for name in ("dead-letters", "queue")]

    def age():
        for queue in sqs_backends[DEFAULT_ACCOUNT_ID][client.meta.region_name].queues.values():
            for message in queue._messages:
                message.change_visibility(0)

    return client, urls, age


def bodies_in(client, url):
    """Return all bodies of a queue of moto's."""
    bodies = []
    while messages := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [message["Body"] for message in messages]
    return bodies


@pytest.mark.parametrize("at", range(1, 30, 4))
@pytest.mark.parametrize("when", ["before", "after"])
def test_moto_s_sqs_agrees(moto_queues, tmp_path, at, when):
    """The same on another implementation of SQS: killed at every fourth step, resumed, nothing is lost."""
    client, (dead_url, queue_url), age = moto_queues
    bodies = [entry(f"{number}.jpg")["MessageBody"] for number in range(12)]
    for body in bodies:
        client.send_message(QueueUrl=dead_url, MessageBody=body, MessageAttributes=entry("x")["MessageAttributes"])
    death = Death(at, when)
    for life in (death, Death()):
        clients: Any = MemoryClients(DyingMoto(client, life))
        ends = Queue(clients, dead_url, "dead-letter queue"), Queue(clients, queue_url, "queue")
        try:
            redrive_between(*ends, tmp_path / "journal.jsonl", life)
            break
        except Killed:
            age()
    arrived = Counter(bodies_in(client, queue_url))
    assert set(arrived) == set(bodies)
    age()
    assert bodies_in(client, dead_url) == []
    doubled = sum(count - 1 for count in arrived.values())
    assert doubled == 0 or death.steps[-1] in {"send_message_batch", "journal sent"}
