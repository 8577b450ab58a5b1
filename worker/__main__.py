"""`python -m worker FILE --out DIR`: renders one file here, with the code that runs in Lambda."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from worker.contracts.errors import Reject
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, parse_renditions
from worker.images import render

_DEFAULT_MEMORY_MB = 512


def main(argv: list[str] | None = None) -> int:
    """Render one file; exit status 0 rendered, 1 rejected (the reason on standard error), 2 wrong use."""
    arguments = _parser().parse_args(argv)
    try:
        specs = parse_renditions(json.loads(arguments.renditions)) if arguments.renditions else DEFAULT_RENDITIONS
        data = arguments.file.read_bytes()
        arguments.out.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as exc:
        sys.stderr.write(f"python -m worker: {exc}\n")
        return 2
    try:
        names = [spec.name for spec in specs]
        rendered = render(data, specs, wanted=names, memory_bytes=arguments.memory * 2**20)
    except Reject as exc:
        sys.stderr.write(f"{arguments.file}: {exc.reason}: {exc.detail}\n")
        return 1
    formats = {spec.name: spec.format for spec in specs}
    for rendition in rendered.renditions:
        path = arguments.out / f"{arguments.file.name}.{rendition.name}.{formats[rendition.name]}"
        path.write_bytes(rendition.data)
        sys.stdout.write(f"{path}  {rendition.width} x {rendition.height}  {len(rendition.data):,} bytes\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Render one picture as the worker in Lambda would, into files named FILE.RENDITION.FORMAT.",
        epilog="example: python -m worker samples/coffee.jpg --out build/coffee",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the picture")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write; made if missing")
    parser.add_argument("--renditions", metavar="JSON", help="as in the stack's configuration; default: its defaults")
    parser.add_argument(
        "--memory",
        type=int,
        default=_DEFAULT_MEMORY_MB,
        metavar="MB",
        help=f"the function's memory, which decides what is too large (default {_DEFAULT_MEMORY_MB})",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
