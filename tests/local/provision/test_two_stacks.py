"""Two stacks of one name in one account: neither has anything of the other's."""

from __future__ import annotations

from unittest.mock import patch

from local.program import load_stack_config, run_program
from local.provision.provisioner import Provisioner


class Remembering(Provisioner):
    """Remembers each resource that it makes: its type, its identity, and what it is in."""

    def __init__(self, cloud):
        super().__init__(cloud)
        self.made = set()

    def new_resource(self, args):
        """Make it, and remember it."""
        id_, outputs = super().new_resource(args)
        if args.custom and not args.typ.startswith("pulumi:"):
            within = tuple(args.inputs.get(name) for name in ("bucket", "apiId", "role", "function"))
            self.made.add((args.typ, id_, within))
        return id_, outputs


def test_two_stacks_of_one_name_share_nothing(cloud):
    """Alarms and dashboards, too, whose names Pulumi does not make unique: an update of one would take them over."""
    config = load_stack_config(
        "local", {"namePrefix": "twins", "page": {"access": {"code": "correct-horse-battery-staple"}}}
    )
    stacks = [Remembering(cloud), Remembering(cloud)]
    with patch("infra.worker.bundle._wheel_files", return_value={}):
        for stack in stacks:
            run_program(stack, config, stack="dev")
    first, second = (stack.made for stack in stacks)
    assert len(first) == len(second) > 60
    assert first & second == set()
    names = [entry["DashboardName"] for entry in cloud.client("cloudwatch").list_dashboards()["DashboardEntries"]]
    assert len([name for name in names if name.startswith("twins-")]) == 2
