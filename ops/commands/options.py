"""Options that several commands share."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ops.dead_letters.filters import Filters, duration
from ops.dead_letters.verdict import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Callable


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read it, or say how it is written."""
        try:
            return duration(str(value))
        except ValueError as exc:
            self.fail(str(exc), param, ctx)


as_json: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
without_asking: Final = click.option("--yes", is_flag=True, help="Do not ask first.")
dry_run: Final = click.option("--dry-run", is_flag=True, help="Print the plan and do nothing.")
patience: Final = click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a picture.",
)
a_file: Final = click.Path(dir_okay=False, path_type=Path)

_FILTERS: Final = (
    click.option(
        "--reason", "reasons", multiple=True, metavar="CODE", help="Of this reason code, or none. Can be repeated."
    ),
    click.option(
        "--verdict",
        "verdicts",
        multiple=True,
        type=click.Choice(VERDICTS),
        help="Of this verdict. Can be repeated.",
    ),
    click.option(
        "--key", "keys", multiple=True, metavar="GLOB", help="About a key like this, such as 'cats/*'. Can be repeated."
    ),
    click.option(
        "--older-than", type=_Duration(), metavar="AGE", help="Failed longer ago than this: 90s, 10m, 3h, 2d."
    ),
    click.option("--newer-than", type=_Duration(), metavar="AGE", help="Failed less long ago than this."),
    click.option(
        "--id", "ids", multiple=True, metavar="ID", help="With this message id, or its start. Can be repeated."
    ),
)


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the filters to a command, which gets them as `filters`."""

    @wraps(command)
    def filtered(*args: Any, **kwargs: Any) -> Any:
        fields = ("reasons", "verdicts", "keys", "older_than", "newer_than", "ids")
        return command(*args, filters=Filters(**{field: kwargs.pop(field) for field in fields}), **kwargs)

    for option in reversed(_FILTERS):
        filtered = option(filtered)
    return filtered
