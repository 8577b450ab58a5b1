"""Functions of the emulator whose code changes: what is under way goes on, as on AWS."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.local.processes.waiting import eventually
from tests.local.provision.orders import zipped

if TYPE_CHECKING:
    from local.cloud import Cloud

WAITS = """
import time
from pathlib import Path

def handler(event, context):
    Path(event["began"]).touch()
    while not Path(event["go"]).exists():
        time.sleep(0.05)
    return "old"
"""
NEW = 'def handler(event, context):\n    return "new"\n'


def test_an_invocation_ends_with_the_code_that_it_began_with(cloud: Cloud, shop, tmp_path):
    """An update of the code, and an invocation of the new one meanwhile, change nothing about it; then its process ends."""
    function = shop.function(tmp_path, WAITS, role=shop.role(actions={}))["id"]
    client = cloud.client("lambda")
    event = json.dumps({"began": str(tmp_path / "began"), "go": str(tmp_path / "go")})

    def invoke() -> object:
        return json.loads(client.invoke(FunctionName=function, Payload=event)["Payload"].read())

    with ThreadPoolExecutor(1) as pool:
        old = pool.submit(invoke)
        assert eventually((tmp_path / "began").exists)
        client.update_function_code(FunctionName=function, ZipFile=zipped(NEW))
        assert invoke() == "new"
        assert not old.done()
        (tmp_path / "go").touch()
        assert old.result() == "old"
    assert invoke() == "new"
