"""What holds for every test."""

from __future__ import annotations

import signal
from collections import Counter
from functools import cache, partial
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings

from tests.local.processes import reaper

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG: Final = 5000
settings.register_profile("long", max_examples=LONG, print_blob=True, deadline=None)
# A slow computer is no fault of a test.
settings.register_profile("here", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("here")

_TESTS: Final = Path(__file__).parent
LONGEST: Final = (
    "chaos/test_chaos.py",
    "local/completion/test_completion.py",
    "web/test_page.py",
    "local/test_audit.py",
    "local/test_main.py",
    "web/test_focus.py",
    "ops/pictures/erasure/test_stays.py",
    "ops/pictures/erasure/test_erase.py",
    "local/monitoring/test_alarms_ring.py",
    "ops/commands/test_permissions.py",
    "ops/adoption/test_acceptance.py",
    "local/demo/test_demo.py",
    "infra/program/test_examples.py",
    "local/provision/programs/test_kms_keys.py",
    "local/processes/test_reaper.py",
    "infra/storage/test_adopted_bucket.py",
    "infra/config/deployer/test_policies.py",
    "local/monitoring/test_pager.py",
    "ops/pictures/backfill/test_backfill.py",
    "web/embed/test_validity.py",
    "worker/reconcile/faults/test_walk.py",
    "ops/health/test_smoke.py",
    "ops/redrive/test_killed.py",
    "infra/program/test_two_stacks.py",
    "ops/commands/test_foreign_letters.py",
    "local/provision/programs/test_deployer.py",
    "infra/page/test_upload_page.py",
    "infra/config/test_wrong_values.py",
    "web/test_markup.py",
    "web/test_attacks.py",
    "worker/contracts/foreign/test_messages.py",
    "worker/images/pictures/oracle/test_oracle.py",
)
"""The modules that take longest begin first: the last of them would be waited for alone."""
_REAPER: Final = pytest.StashKey[Popen[bytes]]()


def pytest_configure(config: pytest.Config) -> None:
    """Let no process outlive this one, and receive Ctrl-C."""
    _hear_interrupts()
    _read_models_once()
    config.stash[_REAPER] = reaper.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Wait until what a test has left running is killed."""
    if _REAPER in config.stash:
        reaper.stop(config.stash[_REAPER])


def _hear_interrupts() -> None:
    """Hear Ctrl-C and a hang-up wherever the tests were started: nohup and background jobs ignore them, and children inherit that."""
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def _read_models_once() -> None:
    """Have all sessions of botocore share what they read of AWS's models: a quarter of a second for each stack and each test with clients."""
    read = cache(partial(JSONFileLoader.load_file, JSONFileLoader()))

    def load_file(self: JSONFileLoader, file_path: str) -> Any:
        return read(file_path)

    JSONFileLoader.load_file = load_file  # type: ignore[method-assign]


@pytest.fixture
def counts(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Counter[str]]:
    """Return what a long run prints in the end: how many of which kind were drawn."""
    found: Counter[str] = Counter()
    yield found
    if settings().max_examples >= LONG:
        with capsys.disabled():
            print(f"\n{request.node.name}: {', '.join(f'{count:,} {what}' for what, count in found.items())}")  # noqa: T201


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the modules that take longest first."""
    ranks = {_TESTS / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))
