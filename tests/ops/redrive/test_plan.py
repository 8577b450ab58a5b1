from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ops.redrive.plan import Bounds, plan_of
from ops.redrive.planned import Planned
from tests.ops.support.fakes import BUCKET, letter

FREE = Bounds(limit=None, max_redrives=3, canary=0, rate=None)


def plan_for(*letters, bounds=FREE, left=0):
    """Return the plan of these letters, found among so many others."""
    selected = [
        replace(each, id=f"id-{number}", sent_at=each.sent_at + timedelta(seconds=number))
        for number, each in enumerate(letters)
    ]
    return plan_of(iter(selected), range(len(letters) + left), BUCKET, bounds)


def test_what_was_sent_back_too_often_stays():
    """A letter that three redrives did not help is for a person."""
    plan = plan_for(letter(redrives="3"), letter(redrives="2"), letter())
    assert [planned.redrives for planned in plan.chosen] == [2, 0]
    assert plan.left["redriven too often already"] == 1


def test_the_limit_takes_the_oldest():
    """Those that expire first go first."""
    plan = plan_for(*[letter(f"{n}.jpg") for n in range(5)], bounds=replace(FREE, limit=2))
    assert [planned.keys for planned in plan.chosen] == [("0.jpg",), ("1.jpg",)]
    assert plan.left["over --limit"] == 3


def test_the_canary_has_one_of_each_reason():
    """A rare reason does not hide behind a common one."""
    letters = [*[letter(reason="throttled")] * 7, letter(reason="too-large"), letter(reason=None)]
    plan = plan_for(*letters, bounds=replace(FREE, canary=4))
    assert [planned.reason for planned in plan.canary] == ["none", "throttled", "too-large", "throttled"]
    assert len(plan.rest) == 5
    assert len({planned.id for planned in plan.chosen}) == 9


def test_of_a_few_letters_one_without_a_reason_goes_first_alone():
    """What ended the worker may end it again: it takes no others with it, however few there are."""
    plan = plan_for(letter(), letter(reason=None), letter(reason=None), bounds=replace(FREE, canary=5))
    assert [planned.reason for planned in plan.canary] == ["none"]
    assert len(plan.rest) == 2


def test_a_canary_of_everything_is_none():
    """With as many letters as canaries there is nothing to protect."""
    plan = plan_for(letter(), letter(), bounds=replace(FREE, canary=2))
    assert plan.canary == ()
    assert len(plan.rest) == 2


def test_everything_found_is_accounted_for():
    """Found is what goes and what stays, by why; the lines and the document say the same."""
    too_many = letter(**{f"x{n}": "1" for n in range(9)})
    plan = plan_for(letter(), letter(), letter(redrives="9"), too_many, bounds=Bounds(1, 3, 5, 50), left=4)
    assert plan.lines() == [
        "dead letters    8",
        "  stay          4 not selected by the filters",
        "  stay          1 redriven too often already",
        "  stay          1 without room for the attribute that counts redrives",
        "  stay          1 over --limit",
        "  go back       1",
        "                1 throttled",
        "canary          none",
        "rate            50 messages/s at most",
    ]
    document = plan.to_json()
    assert document["found"] == document["chosen"] + sum(document["left"].values()) == 8


def test_a_planned_letter_survives_the_journal():
    """What its outcome is known by is on disk as well."""
    (planned,) = plan_for(letter("cats/tom & jörg.jpg", redrives="1")).chosen
    assert Planned.from_json(planned.to_json()) == planned
