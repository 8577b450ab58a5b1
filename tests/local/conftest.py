"""One emulator for the whole session, and a way to order single resources from the provisioner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.cloud import Cloud
from local.emulator.process import running_emulator
from local.provision.provisioner import Provisioner
from tests.local.provision.orders import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-central-1"


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Run an emulator that has nothing deployed on it."""
    with running_emulator(tmp_path_factory.mktemp("emulator"), region=REGION) as emulator:
        cloud = Cloud(emulator.endpoint_url, REGION)
        yield cloud
        cloud.close()


@pytest.fixture
def shop(cloud: Cloud) -> Shop:
    """Return a provisioner of the session's emulator."""
    return Shop(cloud, Provisioner(cloud))
