"""The runbook and the help pages say what the code does."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from local import ROOT
from ops.commands.cli import cli
from ops.queues.letter import NO_REASON
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


def test_every_alarm_has_a_section():
    """Whoever is woken finds what to do, under the alarm's own name, and `status` knows where to send them."""
    page = {"access": {"code": "correct-horse-battery-staple"}}
    program = record(subscribers={"search": {"protocol": "sqs"}}, page=page, audit="weekly")
    made = [r.name.removeprefix("images-dev-").removesuffix("-search") for r in program.resources if r.type in ALARMS]
    assert sorted(sections("Alarms")) == sorted(made) == sorted(NAMES)
    assert all(Alarm(f"images-dev-{name}-1a2b3c4", "OK").section == name for name in NAMES)
    assert Alarm("images-dev-undelivered-search-1a2b3c4", "OK").section == "undelivered"


def test_every_reason_has_a_section():
    """And no section is about a reason that is none."""
    assert sorted(sections("Reasons of dead letters")) == sorted({NO_REASON, *(leaf.reason for leaf in leaves())})


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
