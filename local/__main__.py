"""`python -m local`: the pipeline on this computer, without an AWS account."""

from __future__ import annotations

import importlib
import os
import re
import secrets
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from local import ROOT
from local.cloud import ACCESS_KEY, SECRET_KEY
from local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local.stack import LocalStack

_PICTURES = (".jpg", ".jpeg", ".png", ".webp")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Run the image pipeline on this computer.

    The very same Pulumi program that deploys it to AWS is deployed on an embedded AWS: no account, no Docker, no Pulumi
    CLI, nothing that listens beyond 127.0.0.1.
    """


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port of 127.0.0.1 to serve on. Default: any free one.")
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="For outputs.json, the log and temporary files. Default: .local of the repository.",
)
@click.option("--web", is_flag=True, help="Serve the upload page too, with an access code made for this run.")
@click.option(
    "--adopt", is_flag=True, help="Begin with a bucket that another team has, as the source: to rehearse docs/adopt.md."
)
@click.option(
    "--config",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Over Pulumi.local.yaml, as pulumi config set --path takes it. Can be repeated.",
)
def up(port: int | None, directory: Path | None, web: bool, adopt: bool, settings: tuple[str, ...]) -> None:
    """Deploy the pipeline and serve it until Ctrl-C.

    Prints the endpoint, the buckets and queues, and commands that work as printed. The same is in
    .local/outputs.json while it runs; the emulator's log is .local/emulator.log. Nothing outlives it: no process, no port,
    no stored picture. So another configuration takes another run, which begins with empty buckets.

    \b
    Examples:
      python -m local up
      python -m local up --port 4566
      python -m local up --web
      python -m local up --adopt
      python -m local up --web --config worker.memory=1024
    """  # noqa: D301 - click's marker is the control character, not a backslash
    from local.demo.team import BUCKET, make_team_bucket  # noqa: PLC0415 - same
    from local.engine import running  # noqa: PLC0415 - Pulumi and boto3 take a second that --help need not wait for

    if web and adopt:
        raise click.UsageError("The upload page needs a bucket of the stack's own: leave out --web or --adopt.")

    signal.signal(signal.SIGTERM, _leave)
    try:
        paged = [f"page.access.code={secrets.token_urlsafe(12)}"] if web else []
        adopted = [f"source.bucket={BUCKET}", "source.prefix=photos/"] if adopt else []
        config = overrides_of([*paged, *adopted, *settings])
        before = make_team_bucket if adopt else lambda _cloud: None
        with running(port=port, directory=directory, config=config, before=before) as stack:
            click.echo(where(stack))
            if web:
                click.echo(
                    f"\nThe upload page: {stack['page_url']}\nIts access code: {config['page']['access']['code']}"
                )
            stack.wait()
    except LocalError as exc:
        raise click.ClickException(str(exc)) from exc
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


@cli.command()
def demo() -> NoReturn:
    """Upload the sample pictures, wait, and show what became of each.

    Starts an embedded AWS of its own and stops it again. Writes the renditions, report.json and index.html to
    build/demo. Exit status 0 only if every picture is where it belongs.

    \b
    Examples:
      python -m local demo
    """  # noqa: D301 - same
    sys.exit(importlib.import_module("local.demo.run").main())


def overrides_of(settings: Iterable[str]) -> dict[str, Any]:
    """Return what is laid over the stack's file, such as `worker.memory=1024`: numbers, true and false as such, all else as text.

    Raises:
        UsageError: One is no path and value, or stands within another.
    """
    found: dict[str, Any] = {}
    for setting in settings:
        path, is_there, value = setting.partition("=")
        *above, last = path.split(".")
        place = found
        for name in above:
            place = place.setdefault(name, {}) if isinstance(place, dict) else place
        if not is_there or not all((*above, last)) or not isinstance(place, dict) or isinstance(place.get(last), dict):
            raise click.UsageError(f"--config {setting}: it takes PATH=VALUE, such as worker.memory=1024.")
        place[last] = (
            int(value) if re.fullmatch("-?[0-9]+", value) else {"true": True, "false": False}.get(value, value)
        )
    return found


def where(stack: LocalStack) -> str:
    """Return what `up` prints: where everything is, and commands to try in another terminal."""
    outputs = stack.outputs
    width = max(len(name) for name in outputs)
    sample = _sample()
    python = os.path.relpath(sys.executable) if sys.executable.startswith(f"{ROOT}{os.sep}") else sys.executable
    upload = f'boto3.client("s3").upload_file("{sample}", "{outputs["source_bucket"]}", "by-boto3.jpg")'
    return "\n".join(
        [
            "The pipeline runs on this computer; Ctrl-C stops it.",
            "",
            *(f"  {name:<{width}}  {value}" for name, value in outputs.items()),
            "",
            "In another terminal:",
            "",
            f"  export AWS_ENDPOINT_URL={outputs['endpoint_url']} AWS_DEFAULT_REGION={outputs['region']}",
            f"  export AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY}",
            f"  aws s3 cp {sample} s3://{outputs['source_bucket']}/by-cli.jpg",
            f"  {python} -c 'import boto3; {upload}'",
            f"  aws s3 ls --recursive s3://{outputs['output_bucket']}/",
        ]
    )


def _sample() -> str:
    """Return a picture to upload: one of the samples, or a name to fill in."""
    pictures = sorted(path for path in (ROOT / "samples").glob("*") if path.suffix.lower() in _PICTURES)
    fine = [path for path in pictures if " " not in path.name]
    return os.path.relpath(fine[0]) if fine else "picture.jpg"


def _leave(*_: Any) -> NoReturn:
    """SIGTERM is Ctrl-C from a program."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    cli(prog_name="python -m local")
