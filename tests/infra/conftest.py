from __future__ import annotations

import pytest

from tests.infra.recording import Program, record, record_page


@pytest.fixture(scope="session")
def program() -> Program:
    """Return the program of the stack `dev`, recorded."""
    return record("dev")


@pytest.fixture(scope="session")
def page() -> Program:
    """Return the same program with the upload page."""
    return record_page()
