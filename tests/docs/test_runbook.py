"""The runbook and the help pages say what the code does."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from local import ROOT
from ops.commands.cli import cli
from ops.queues.letter import NO_REASON
from ops.queues.undelivered import UNDELIVERED
from ops.stack.alarms import NAMES, Alarm
from tests.infra.recording import record
from worker.contracts.errors import leaves

ALARMS = {"aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"}
RUNBOOK = (ROOT / "docs" / "operations.md").read_text()


def walk(group=cli, above=""):
    """Yield the path and the command of all that `python -m ops` has."""
    for name, command in group.commands.items():
        yield f"{above}{name}", command
        if isinstance(command, click.Group):
            yield from walk(command, f"{above}{name} ")


def sections(chapter):
    """Return the headings of the runbook's chapter."""
    text = RUNBOOK.partition(f"\n## {chapter}\n")[2].partition("\n## ")[0]
    return re.findall(r"^### (.+)$", text, re.MULTILINE)


@pytest.fixture(scope="module")
def every_alarm():
    """Return every alarm that there can be."""
    page = {"access": {"code": "correct-horse-battery-staple"}}
    events = {"events": "eventbridge"}
    program = record(subscribers={"search": {"protocol": "sqs"}}, page=page, audit="weekly", source=events)
    return [resource for resource in program.resources if resource.type in ALARMS]


def test_every_alarm_has_a_section(every_alarm):
    """Whoever is woken finds what to do, under the alarm's own name, and `status` knows where to send them."""
    made = [alarm.name.removeprefix("images-dev-").removesuffix("-search") for alarm in every_alarm]
    assert sorted(sections("Alarms")) == sorted(made) == sorted(NAMES)
    assert all(Alarm(f"images-dev-{name}-1a2b3c4", "OK").section == name for name in NAMES)
    assert Alarm("images-dev-undelivered-search-1a2b3c4", "OK").section == "undelivered"


def test_every_alarm_says_what_to_type_and_where_to_read(every_alarm):
    """What a pager shows at night is a command of this stack's that parses, and a section of the runbook."""
    for alarm in every_alarm:
        said = alarm.inputs["alarmDescription"]
        found = re.search(r" Begin with: python -m ops --stack dev (.+); then docs/operations\.md#([a-z-]+)\.$", said)
        assert found, said
        assert found[2] in sections("Alarms")
        path = next(path for path, _ in walk() if found[1].startswith(path) and path != "dlq")
        dict(walk())[path].make_context(path, shlex.split(found[1].removeprefix(path)))


def test_every_reason_has_a_section():
    """And no section is about a reason that is none."""
    assert sorted(sections("Reasons of dead letters")) == sorted(
        {NO_REASON, UNDELIVERED, *(leaf.reason for leaf in leaves())}
    )


def test_every_section_has_a_command_to_copy():
    """Prose alone is no help at night."""
    for section in RUNBOOK.split("\n### ")[1:]:
        assert "```sh" in section.partition("\n## ")[0], section.splitlines()[0]


@pytest.mark.parametrize("path", [path for path, command in walk() if not isinstance(command, click.Group)])
def test_every_manual_has_an_example_that_works(path):
    """Examples name the command itself, and parse."""
    command = dict(walk())[path]
    examples = re.findall(r"^ +python -m ops --\S+ \S+ (.+)$", command.help or "", re.MULTILINE)
    own = [example for example in examples if example.startswith(path)]
    assert own, path
    context = click.Context(cli, **cli.context_settings)
    for example in own:
        command.make_context("ops", shlex.split(example.removeprefix(path)), parent=context)
