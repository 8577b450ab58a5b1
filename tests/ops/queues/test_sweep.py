from __future__ import annotations

import os
import signal

import pytest
from botocore.exceptions import ClientError

from ops.queues.sweep import Sweep
from ops.terminal.errors import Busy
from tests.ops.support.fakes import DEAD_LETTERS, Death, Killed, MemorySqs, fill, queues


def over_limit() -> ClientError:
    """Return what SQS answers when it hides no more."""
    return ClientError({"Error": {"Code": "OverLimit", "Message": "Too many messages in flight."}}, "ReceiveMessage")


def test_a_sweep_lists_every_letter_once_and_gives_all_back():
    """Not a sample: every letter is seen, none twice, and at the end none is hidden."""
    sqs = MemorySqs()
    bodies = fill(sqs, 137)
    with Sweep(queues(sqs)[0]) as sweep:
        seen = [letter.body for letter in sweep.letters()]
        assert sqs.hidden(DEAD_LETTERS) == 137
    assert sorted(seen) == sorted(bodies)
    assert sqs.hidden(DEAD_LETTERS) == 0


def test_a_letter_delivered_twice_is_listed_once(monkeypatch):
    """SQS delivers at least once: the second delivery of an id is no second letter."""
    sqs = MemorySqs()
    fill(sqs, 12)
    receive = sqs.receive_message

    def twice(**request):
        if sqs.requests.count("receive") == 1:
            for message in sqs.messages(DEAD_LETTERS):
                message.visible_at = 0
        return receive(**request)

    monkeypatch.setattr(sqs, "receive_message", twice)
    with Sweep(queues(sqs)[0], threads=1) as sweep:
        assert len(list(sweep.letters())) == 12
    assert sqs.hidden(DEAD_LETTERS) == 0


def test_what_others_hide_is_counted():
    """Letters that a killed run still hides are not seen: the plan that is made without them must not look whole."""
    sqs = MemorySqs()
    fill(sqs, 20)
    for message in sqs.messages(DEAD_LETTERS)[:6]:
        message.visible_at = sqs.clock + 60
    with Sweep(queues(sqs)[0]) as sweep:
        assert len(list(sweep.letters())) == 14
        assert sweep.hidden_by_others == 6


def test_an_empty_queue_is_over_at_once():
    """One long poll that brings nothing is enough where the queue counts nothing."""
    sqs = MemorySqs()
    with Sweep(queues(sqs)[0]) as sweep:
        assert list(sweep.letters()) == []
    assert sqs.requests.count("receive") == 1


def test_a_count_that_does_not_fall_to_zero_ends_the_sweep_too(monkeypatch):
    """SQS's counts lag: after three quiet rounds a sweep is over, whatever the count says."""
    sqs = MemorySqs()
    honest = sqs.get_queue_attributes

    def lagging(**request):
        answer = honest(**request)
        answer["Attributes"]["ApproximateNumberOfMessages"] = "7"
        return answer

    monkeypatch.setattr(sqs, "get_queue_attributes", lagging)
    with Sweep(queues(sqs)[0]) as sweep:
        assert list(sweep.letters()) == []
    assert sqs.requests.count("receive") == 3 * 2  # A short poll, and a long one that agrees.


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_whatever_ends_a_sweep_everything_is_given_back(error):
    """Ctrl-C, an error or a consumer that has seen enough: no letter stays hidden."""
    sqs = MemorySqs()
    fill(sqs, 95)

    def look() -> None:
        with Sweep(queues(sqs)[0]) as sweep:
            for _ in sweep.letters():
                raise error

    with pytest.raises(error):
        look()
    assert sqs.hidden(DEAD_LETTERS) == 0


def test_an_error_of_aws_gives_back_what_was_received_before_it():
    """A refusal in the middle leaves nothing hidden."""
    sqs = MemorySqs()
    fill(sqs, 30)
    busy = ClientError({"Error": {"Code": "RequestThrottled", "Message": "Slow down."}}, "ReceiveMessage")

    def look() -> None:
        with Sweep(queues(sqs)[0], threads=1) as sweep:
            for number, _ in enumerate(sweep.letters()):
                if number == 5:
                    sqs.raising["receive"] = [busy]

    with pytest.raises(Busy):
        look()
    assert sqs.hidden(DEAD_LETTERS) == 0


def test_when_sqs_hides_no_more_the_sweep_ends_and_says_so():
    """More than 120,000 letters: what could be seen is listed, and the sweep knows that it is not all."""
    sqs = MemorySqs()
    fill(sqs, 30)
    with Sweep(queues(sqs)[0], threads=1) as sweep:
        seen = []
        for letter in sweep.letters():
            seen.append(letter)
            sqs.raising["receive"] = [over_limit()]
        assert len(seen) == 10
        assert not sweep.is_complete
    assert sqs.hidden(DEAD_LETTERS) == 0


def test_taking_what_is_still_held_receives_nothing_again():
    """A plan is performed on the letters that it was made from, without asking SQS for them again."""
    sqs = MemorySqs()
    fill(sqs, 25)
    with Sweep(queues(sqs)[0], keep=True, clock=lambda: sqs.clock) as sweep:
        letters = list(sweep.letters())
        receives = sqs.requests.count("receive")
        taken = list(sweep.take([letter.id for letter in letters[:15]]))
        assert sqs.requests.count("receive") == receives
    assert taken == letters[:15]
    assert sweep.missing == frozenset()


def test_taking_what_is_no_longer_hidden_receives_it_again():
    """A plan that was confirmed after an hour still works: the letters are received again, with new handles."""
    sqs = MemorySqs()
    fill(sqs, 25)
    with Sweep(queues(sqs)[0], keep=True, clock=lambda: sqs.clock) as sweep:
        ids = [letter.id for letter in sweep.letters()]
        sqs.clock += 3600
        taken = [letter.id for letter in sweep.take(ids)]
        assert sorted(taken) == sorted(ids)
        assert sweep.delete(taken[:10]) == {}
    assert len(sqs.bodies(DEAD_LETTERS)) == 15
    assert sqs.hidden(DEAD_LETTERS) == 0


def test_ids_that_are_not_there_are_missing():
    """Expired letters, and those that others deleted, stop nothing."""
    sqs = MemorySqs()
    fill(sqs, 3)
    with Sweep(queues(sqs)[0]) as sweep:
        taken = list(sweep.take(["gone"]))
    assert taken == []
    assert sweep.missing == {"gone"}


def test_what_the_filters_leave_goes_back_at_once():
    """Letters that stay are not hidden while the others are worked on."""
    sqs = MemorySqs()
    fill(sqs, 25)
    with Sweep(queues(sqs)[0]) as sweep:
        ids = [letter.id for letter in sweep.letters()]
        sweep.release(ids[:20])
        assert sqs.hidden(DEAD_LETTERS) == 5


def test_a_sweep_that_cannot_give_back_raises_no_error_of_its_own():
    """SQS makes the letters visible by itself; the error that ended the sweep is the one that is reported."""
    sqs = MemorySqs()
    fill(sqs, 5)
    with Sweep(queues(sqs)[0]) as sweep:
        assert len(list(sweep.letters())) == 5
        sqs.raising["give back"] = [ClientError({"Error": {"Code": "Oops"}}, "ChangeMessageVisibilityBatch")]


def test_a_killed_sweep_leaves_letters_hidden_for_two_minutes_at_most():
    """A letter that cannot be given back becomes visible by itself, and soon."""
    sqs = MemorySqs(death=Death(at=4))
    fill(sqs, 35)
    with pytest.raises(Killed), Sweep(queues(sqs)[0], threads=1) as sweep:
        list(sweep.letters())
    assert sqs.hidden(DEAD_LETTERS) == 30
    sqs.clock += 120
    assert sqs.hidden(DEAD_LETTERS) == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_while_letters_are_given_back_waits_for_them(monkeypatch, capsys, sign):
    """After a second Ctrl-C all letters are given back, too; the command says why it takes a moment, and then ends."""
    sqs = MemorySqs()
    fill(sqs, 137)
    change_visibility = sqs.change_message_visibility_batch

    def interrupted(**request):
        if sqs.requests.count("give back") == 3:
            os.kill(os.getpid(), sign)
        return change_visibility(**request)

    monkeypatch.setattr(sqs, "change_message_visibility_batch", interrupted)
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(KeyboardInterrupt), Sweep(queues(sqs)[0], threads=1) as sweep:  # noqa: PT012 - its end is meant
        assert len(list(sweep.letters())) == 137
        raise KeyboardInterrupt
    assert sqs.hidden(DEAD_LETTERS) == 0
    assert "Giving the messages back" in capsys.readouterr().err
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
