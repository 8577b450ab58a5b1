"""`html`: print what a page embeds a picture by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ops.pictures.html.markup import Options, html_of
from ops.terminal.errors import Misuse
from ops.terminal.output import say, show
from ops.terminal.text import argument

if TYPE_CHECKING:
    from ops.session import Session


@click.command("html")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--sizes", metavar="SIZES", help="How wide the page shows it, such as '(min-width: 800px) 800px, 100vw'.")
@click.option("--alt", default="", metavar="TEXT", help="What it shows, in words; none for mere decoration.")
@click.option("--picture", is_flag=True, help="Make a <picture>, even of one format.")
@click.option("--rendition", "renditions", multiple=True, metavar="NAME", help="Use this one. Can be repeated.")
@click.option("--eager", is_flag=True, help="Load it at once: for what is seen before anybody scrolls.")
@click.option("--origin", metavar="URL", help="Where pages find renditions, instead of the stack's own delivery.")
@click.pass_obj
def html_(
    session: Session,
    *,
    keys: tuple[str, ...],
    sizes: str | None,
    alt: str,
    picture: bool,
    renditions: tuple[str, ...],
    eager: bool,
    origin: str | None,
) -> int:
    """Print HTML to paste: an <img>, or a <picture> where the renditions' formats differ.

    A browser chooses by width among the renditions that show the whole picture; --rendition takes others, such as a
    crop. Width and height keep the page from jumping, the placeholder is seen first. A replaced picture has
    other addresses: print it again. Exit status 1 if a picture has no HTML.

    \b
    Examples:
      python -m ops --stack dev html cats/tom.jpg --alt 'Tom, asleep' --sizes '(min-width: 800px) 800px, 100vw'
      python -m ops --stack dev html cats/tom.jpg --rendition thumbnail --eager
    """  # noqa: D301 - click's marker is the control character, not a backslash
    options = Options(_origin(session, origin), sizes, alt, renditions, picture, eager)
    missing = 0
    for key in keys:
        try:
            show([_html(session, key, options)])
        except Misuse as exc:
            say(f"{key}: {exc}")
            missing = 1
    return missing


def _origin(session: Session, origin: str | None) -> str:
    found = origin or session.stack.delivery_url
    if found is None:
        raise Misuse(
            f"The stack {session.stack.name} delivers no pictures: set delivery.enabled to true and deploy, or name with"
            " --origin what pages find its output bucket by."
        )
    return found.rstrip("/")


def _html(session: Session, key: str, options: Options) -> str:
    manifest = session.pictures.manifest(key)
    where = session.command("where", *argument(key))
    if manifest is None:
        raise Misuse(f"there is no such picture, or it is not ready yet. {where}")
    if manifest.is_rejected:
        raise Misuse(f"it was rejected: {manifest.reason}: {manifest.document.get('detail')} {where}")
    html = html_of(manifest.document, options)
    if "picture" not in manifest.document:
        looks = session.command("backfill", "--outdated", "--looks", "--prefix", key)
        say(f"{key}: without placeholder, which its manifest is too old for; to add one: {looks}")
    return html
