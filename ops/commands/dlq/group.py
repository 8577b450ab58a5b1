"""`dlq`: the group of the commands about dead letters."""

from __future__ import annotations

import click

from ops.commands.dlq.archive import export, import_, purge
from ops.commands.dlq.letters import list_, show_, try_


@click.group()
def dlq() -> None:
    """Look at the dead letters, try them, export, import and purge them.

    A letter is looked at by receiving it, which hides it from others for up to a minute or two; every command gives all
    back at once when it ends, on Ctrl-C too.
    """


for command in (list_, show_, try_, export, import_, purge):
    dlq.add_command(command)
