from __future__ import annotations

import threading
from itertools import count

import pytest

from ops.stack.parallel import each_with_result


def test_items_come_in_order_each_with_its_own_result():
    """Whichever request is answered first: here the first one waits for the second."""
    answered = threading.Event()

    def request(number):
        if number == 0:
            assert answered.wait(10)
        else:
            answered.set()
        return number * number

    assert list(each_with_result(request, range(400))) == [(number, number * number) for number in range(400)]


def test_an_endless_source_is_taken_from_as_results_are_used():
    """Memory is constant: items are taken only a little ahead of their use."""
    taken = count()
    pairs = each_with_result(str, iter(lambda: next(taken), None))
    for number in range(500):
        assert next(pairs) == (number, str(number))
    assert next(taken) <= 500 + 200


def test_an_error_of_a_request_ends_it():
    """It is raised where its item would have come; those before it have come."""

    def request(number):
        if number == 3:
            raise ValueError("three")
        return number

    pairs = each_with_result(request, range(10))
    assert [next(pairs)[0] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(pairs)
