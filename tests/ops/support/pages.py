"""`python -m tests.ops.support.pages` writes docs/commands.md: the help page of every command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
from click.testing import CliRunner

from local import ROOT
from ops.commands.cli import PROGRAM, cli

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs" / "commands.md"
_HAS_FILTERS = "dlq list"
_HEAD = """# Commands

What `--help` prints of each. [operations.md](operations.md) says what to do when.
"""


def walk(group: click.Group = cli, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield the path and the command of all that `python -m ops` has."""
    for name, command in group.commands.items():
        yield f"{above}{name}", command
        if isinstance(command, click.Group):
            yield from walk(command, f"{above}{name} ")


def commands_page() -> str:
    """Return what the page must hold."""
    return _HEAD + "".join(_section(path) for path in ["", *(path for path, _ in walk())])


def _section(path: str) -> str:
    arguments = [*path.split(), "--help"]
    result = CliRunner().invoke(cli, arguments, prog_name=PROGRAM, terminal_width=100, catch_exceptions=False)
    assert result.exit_code == 0
    title = f"## {path}" if path else "## python -m ops"
    own = re.sub(r"(?m)^  -h, --help .*\n", "", result.output)  # Every page has it.
    if path != _HAS_FILTERS:
        own = re.sub(
            r"(?ms)^  --reason CODE.*?^  --id ID.*?\n(?=  -|\Z)", f"  (filters)  As {_HAS_FILTERS} has them.\n", own
        )
    return f"\n{title}\n\n```text\n{own}```\n"


if __name__ == "__main__":
    PAGE.write_text(commands_page())
