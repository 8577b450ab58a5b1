from __future__ import annotations

import re

from worker.contracts import errors


def test_the_family_is_closed_and_drawn_as_it_is():
    """Every leaf has a reason of its own, and the module's tree names exactly the leaves with their reasons."""
    drawn = dict(re.findall(r"[├└]── (\w+) +([a-z]+(?:-[a-z]+)*)$", errors.__doc__, re.MULTILINE))
    assert drawn == {leaf.__name__: leaf.reason for leaf in errors.leaves()}


def test_reasons_are_unique():
    """Operators filter by reason, so no two errors share one."""
    reasons = [leaf.reason for leaf in errors.leaves()]
    assert len(reasons) == len(set(reasons))
