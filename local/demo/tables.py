"""The tables that the demo prints: pictures, dead letters, and the operator's inbox. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.demo.picture import Picture


def of_pictures(pictures: Sequence[Picture]) -> Table:
    """Return a row for each picture, green where it is as it must be."""
    table = Table("picture", "status", "renditions", title="Pictures", title_justify="left")
    for picture in pictures:
        sizes = ", ".join(f"{r['name']} {r['width']} x {r['height']} ({r['bytes']:,} B)" for r in picture.renditions)
        colour = "green" if picture.as_expected else "bold red"
        table.add_row(picture.key, f"[{colour}]{picture.status}[/]", sizes or picture.reason or "")
    return table


def of_letters(letters: Sequence[dict[str, Any]]) -> Table:
    """Return a row for each dead letter, as `dlq list --json` has it."""
    table = Table("key", "verdict", "reason", "detail", title="Dead letters", title_justify="left")
    for letter in sorted(letters, key=lambda letter: str(letter["keys"])):
        reason = letter["reason"] or "no answer"
        table.add_row(", ".join(letter["keys"]), letter["verdict"], reason, letter["detail"])
    return table


def of_inbox(notifications: Sequence[dict[str, Any]]) -> Table:
    """Return a row for each notification, as CloudWatch writes it."""
    table = Table("alarm", "state", "what it means and what to do", title="Inbox of the operator", title_justify="left")
    for note in notifications:
        table.add_row(note["AlarmName"], note["NewStateValue"], note["AlarmDescription"])
    return table
