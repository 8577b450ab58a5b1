from __future__ import annotations

import pytest

from tests.infra.recording import Program, record


@pytest.fixture(scope="session")
def program() -> Program:
    """Return the program of the stack `dev`, recorded."""
    return record("dev")
