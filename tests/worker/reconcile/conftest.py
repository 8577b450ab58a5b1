from __future__ import annotations

import pytest

from tests.worker.images.pictures.small import jpeg
from tests.worker.reconcile.scene import World


@pytest.fixture
def world() -> World:
    """Return a world with one picture."""
    world = World()
    world.sources.objects["a.jpg"] = jpeg()
    return world
