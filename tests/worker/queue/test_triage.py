from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.contracts.events import event_body
from worker.queue.message import Message
from worker.queue.triage import Triage


def message(number: int, keys: str, receive_count: int) -> Message:
    """Return a message that names each letter of `keys`."""
    return Message(str(number), event_body("pictures", *keys) if keys else "nonsense", receive_count)


MESSAGES = st.lists(st.tuples(st.text("abc", max_size=2), st.integers(1, 4)), max_size=8).map(
    lambda pairs: [message(number, *pair) for number, pair in enumerate(pairs)]
)


@given(MESSAGES)
def test_every_message_is_of_exactly_one_kind(messages):
    """Every message is handled, and none twice."""
    triage = Triage.of(messages, "pictures", max_receive_count=4)
    hints = (*triage.last, *triage.fresh, *triage.suspects)
    assert sorted(hint.message.message_id for hint in hints) == [each.message_id for each in messages]


@given(MESSAGES)
def test_no_key_of_a_message_received_before_is_handled_in_this_process(messages):
    """The earlier attempt did not finish, and the picture may be the cause."""
    triage = Triage.of(messages, "pictures", max_receive_count=4)
    suspicious = {key for hint in (*triage.last, *triage.suspects) for key in hint.keys if hint.message.received_before}
    assert not any(suspicious & {*hint.keys} for hint in triage.fresh)


@given(MESSAGES)
def test_the_last_attempts_are_those_that_sqs_will_not_repeat(messages):
    """Only the receive count decides."""
    triage = Triage.of(messages, "pictures", max_receive_count=4)
    assert all(hint.last and hint.message.receive_count >= 4 for hint in triage.last)
    assert not any(hint.last for hint in (*triage.fresh, *triage.suspects))
