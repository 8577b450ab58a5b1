"""`dlq`: the group of the commands about dead letters."""

from __future__ import annotations

import click

from ops.commands.dlq.export import export
from ops.commands.dlq.import_letters import import_
from ops.commands.dlq.list_letters import list_
from ops.commands.dlq.purge import purge
from ops.commands.dlq.show_letter import show_
from ops.commands.dlq.try_letter import try_


@click.group()
def dlq() -> None:
    """Look at the dead letters, try them, export, import and purge them.

    A letter is looked at by receiving it, which hides it from others for up to a minute or two; every command gives all
    back at once when it ends, on Ctrl-C too.
    """


for command in (list_, show_, try_, export, import_, purge):
    dlq.add_command(command)
