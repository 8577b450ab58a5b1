from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ops.stack import deployment
from ops.stack.deployment import Deployment
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS


class Clients:
    """A Lambda with one function, whose environment has these variables."""

    endpoint_url = None

    def __init__(self, **environment: str) -> None:
        self.environment = environment

    def __call__(self, _service: str) -> Any:
        configuration = {
            "MemorySize": 512,
            "Timeout": 90,
            "LastModified": "2026-01-01T12:00:00.000+0000",
            **({"Environment": {"Variables": self.environment}} if self.environment else {}),
        }
        found = {"Configuration": configuration, "Code": {"Location": "https://packages.example/worker.zip"}}
        return SimpleNamespace(get_function=lambda **_: found)


@pytest.mark.parametrize(
    ("environment", "origin"),
    [({"DELIVERY_ORIGIN": "https://a.example"}, "https://a.example"), ({"QUEUE_URL": "q"}, ""), ({}, "")],
)
def test_the_origin_is_the_worker_s(monkeypatch, environment, origin):
    """What it names in manifests, not what the stack's outputs promise; where the worker names none, there is none."""
    recipes = one_recipe(DEFAULT_RENDITIONS)
    monkeypatch.setattr(deployment, "read_file", lambda *_, **__: recipes.to_json().encode())
    found = Deployment.read(Clients(**environment), "worker")  # type: ignore[arg-type]  # What is used of Clients.
    assert (found.origin, found.recipes, found.log_group) == (origin, recipes, "/aws/lambda/worker")
