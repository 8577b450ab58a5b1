from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.dead_letters.next_step import cure, next_step
from ops.dead_letters.verdict import ARCHIVED, PERMANENT, RETRY, permanent_reasons
from tests.ops.dead_letters.test_groups import ANYWHERE

if TYPE_CHECKING:
    from ops.session import Session

SESSION: Session = ANYWHERE


@pytest.mark.parametrize("reason", sorted({*permanent_reasons(), ARCHIVED}))
def test_every_rejection_has_one_cure_wherever_it_is_told(reason):
    """`rejects`, `where` and the dead letters said it in words of their own each."""
    said = cure(SESSION, reason)
    if reason != ARCHIVED:
        assert next_step(SESSION, PERMANENT, reason).startswith(f"{said}, or give up: dlq purge ")
    assert said.startswith(("upload a better", "change the configuration, deploy it", "restore it: ", "find who"))


@pytest.mark.parametrize(
    ("reason", "first"),
    [
        ("access-denied", "repair the permission that the detail names, then: "),
        ("unexpected-error", "report the bug that the detail shows, deploy, then: "),
        ("throttled", ""),
    ],
)
def test_what_does_not_pass_by_itself_is_repaired_before_the_redrive(reason, first):
    """It would only fail again."""
    said = next_step(SESSION, RETRY, reason)
    assert said == f"{first}redrive --verdict retry --reason {reason}"
