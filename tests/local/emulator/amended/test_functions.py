"""Functions of the emulator whose code changes, or fails: what is under way goes on, as on AWS."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.local.processes.waiting import eventually
from tests.local.provision.orders import zipped

WAITS = """
import os, time
from pathlib import Path

if Path("FAILS").exists():
    os._exit(1)

def handler(event, context):
    Path(event["began"]).touch()
    while not Path(event["go"]).exists():
        time.sleep(0.05)
    return "old"
"""
NEW = 'def handler(event, context):\n    return "new"\n'


@pytest.fixture
def function(cloud, shop, tmp_path):
    """Make a function that waits until it may end, and fails to start where there is a file; return what invokes it."""
    code = WAITS.replace("FAILS", str(tmp_path / "fails"))
    name = shop.function(tmp_path, code, role=shop.role(actions={}))["id"]
    event = json.dumps({"began": str(tmp_path / "began"), "go": str(tmp_path / "go")})
    client = cloud.client("lambda")

    def invoke() -> Any:
        return json.loads(client.invoke(FunctionName=name, Payload=event)["Payload"].read())

    yield name, invoke
    client.delete_function(FunctionName=name)


def test_an_invocation_ends_with_the_code_that_it_began_with(cloud, function, tmp_path):
    """An update of the code, and an invocation of the new one meanwhile, change nothing about it."""
    name, invoke = function
    with ThreadPoolExecutor(1) as pool:
        old = pool.submit(invoke)
        assert eventually((tmp_path / "began").exists)
        cloud.client("lambda").update_function_code(FunctionName=name, ZipFile=zipped(NEW))
        assert invoke() == "new"
        assert not old.done()
        (tmp_path / "go").touch()
        assert old.result() == "old"
    assert invoke() == "new"


def test_an_environment_that_fails_to_start_ends_no_other(function, tmp_path):
    """And the next one starts."""
    _, invoke = function
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(invoke)
        assert eventually((tmp_path / "began").exists)
        (tmp_path / "fails").touch()
        assert "errorMessage" in invoke()
        (tmp_path / "fails").unlink()
        (tmp_path / "go").touch()
        assert under_way.result() == "old"
    assert invoke() == "old"
