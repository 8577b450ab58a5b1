from __future__ import annotations

import signal
import threading

import pytest

from ops.terminal.interrupts import deferred

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.mark.parametrize("sign", SIGNALS)
def test_the_first_signal_waits_for_the_end_of_the_block(capsys, sign):
    """What must be done is done, the person knows why it goes on, and then it is a Ctrl-C like any other."""
    done = []
    with pytest.raises(KeyboardInterrupt), deferred("A moment."):  # noqa: PT012 - what is done in between is the point
        signal.raise_signal(sign)
        done.append("all of it")
    assert done == ["all of it"]
    assert capsys.readouterr().err == "A moment.\n"


def test_a_second_signal_ends_it_at_once():
    """A network that fails does not delay the end."""
    with pytest.raises(KeyboardInterrupt), deferred("A moment."):  # noqa: PT012 - same
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("it went on")


@pytest.mark.parametrize("error", [None, ValueError])
def test_nothing_stays_of_it(error):
    """Without a signal nothing is raised but what the block raises, and the handlers are those from before."""
    before = [signal.getsignal(number) for number in SIGNALS]
    try:
        with deferred("A moment."):
            if error:
                raise error
    except ValueError:
        assert error
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_only_the_main_thread_defers_signals():
    """It runs the block, and leaves the handlers alone, which it could not set."""
    seen = []

    def work():
        before = signal.getsignal(signal.SIGINT)
        with deferred("A moment."):
            seen.append(signal.getsignal(signal.SIGINT) == before)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [True]
