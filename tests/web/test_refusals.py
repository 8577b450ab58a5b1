"""What the page's logs have of requests that are refused or throttled, and the alarm of each."""

from __future__ import annotations

import json
import urllib.parse
from dataclasses import replace

import pytest

from local.engine import running
from tests.local.processes.waiting import eventually
from tests.web.conftest import PAGE
from tests.web.test_attacks import CAT, uploads_limited

pytestmark = [pytest.mark.stack, pytest.mark.soak, pytest.mark.timeout(300)]
GUESS = {"Authorization": "Bearer guess"}
FORGED = "203.0.113.9"
MINUTE = 0.5
MANY = 4


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Run the program with the page, where a minute of CloudWatch's takes half a second."""
    config = {**PAGE, "alarms": {"pageRefusals": MANY}}
    with running(directory=tmp_path_factory.mktemp("refusals"), config=config, minute=MINUTE) as stack:
        yield stack


@pytest.fixture
def around(stack, site):
    """Return the API, asked around the distribution."""
    return replace(site, url=stack["api_url"])


def lines(stack, group, **fields):
    """Return the JSON lines of a log group that have these fields."""
    logs = stack.client("logs")
    (name,) = [
        g["logGroupName"] for g in logs.describe_log_groups()["logGroups"] if f"-{group}-" in f"-{g['logGroupName']}"
    ]
    events = [e for p in logs.get_paginator("filter_log_events").paginate(logGroupName=name) for e in p["events"]]
    found = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
    return [line for line in found if fields.items() <= line.items()]


def state(stack, alarm):
    """Return the state of an alarm by its name without prefix and suffix."""
    described = stack.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"images-{alarm}")["MetricAlarms"]
    (value,) = [each["StateValue"] for each in described]
    return value


def test_nobody_chooses_the_address_in_the_log(stack, site, around):
    """Through the distribution it is the connected one; around it there is none, whatever the caller says."""
    for asked in (site, around):
        asked.ask("POST", "/api/uploads", CAT, {"X-Forwarded-For": FORGED, "X-Origin-Verify": "a-guess"})
    through, past = eventually(lambda: (found := lines(stack, "uploader", status=201)) and len(found) == 2 and found)
    assert (through["visitor"], past["visitor"]) == ("127.0.0.1", "")
    assert not [line for line in lines(stack, "uploader") if FORGED in json.dumps(line)]


def test_guesses_raise_one_alarm_and_a_flood_another(stack, site, around):
    """Neither is taken for the other; both return to OK."""
    for asked in (site, around) * (MANY // 2):
        assert asked.ask("POST", "/api/uploads", CAT, GUESS).status == 401
    assert eventually(lambda: state(stack, "page-refusals") == "ALARM", 30)
    assert state(stack, "page-throttles") == "OK"
    eventually(lambda: state(stack, "page-refusals") == "OK", 30)
    with uploads_limited(stack, 0.001, 1):
        statuses = [asked.ask_once("POST", "/api/uploads", CAT).status for asked in (site, *[around] * MANY)]
    assert statuses == [201, *[429] * MANY]
    assert eventually(lambda: state(stack, "page-throttles") == "ALARM", 30)
    assert state(stack, "page-refusals") == "OK"
    assert len(lines(stack, "api-access", status="429", error="THROTTLED")) == MANY
    eventually(lambda: state(stack, "page-throttles") == "OK", 30)


def test_no_line_of_the_access_log_has_what_a_caller_wrote(stack, site):
    """Quotes in paths, names and headers stay out: each line is JSON with the fields of the format alone."""
    quote = '"}{"status": "200"'
    before = len(lines(stack, "api-access"))
    path = f"/api/{urllib.parse.quote(quote)}"
    assert site.ask("GET", path, None, {"Authorization": quote, "User-Agent": quote}).status == 404
    new = eventually(lambda: lines(stack, "api-access")[before:])
    assert [(line["route"], line["status"]) for line in new] == [("ANY /api/{proxy+}", "404")]
    assert quote not in json.dumps(new)
