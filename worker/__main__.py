"""`python -m worker FILE --out DIR`: renders one file here, with the code that runs in Lambda."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worker.contracts.errors import Reject
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, parse_renditions
from worker.images import render

if TYPE_CHECKING:
    from worker.images import Rendition

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
        began = time.process_time()
        rendered = render(data, specs, wanted=names, memory_bytes=arguments.memory * 2**20)
    except Reject as exc:
        sys.stderr.write(f"{arguments.file}: {exc.reason}: {exc.detail}\n")
        return 1
    seconds = time.process_time() - began
    formats = {spec.name: spec.format for spec in specs}
    written = [
        _write(each, arguments.out / f"{arguments.file.name}.{each.name}.{formats[each.name]}")
        for each in rendered.renditions
    ]
    if arguments.json:
        sys.stdout.write(json.dumps({"cpu_seconds": seconds, "renditions": written}) + "\n")
        return 0
    for each in written:
        sys.stdout.write(f"{each['path']}  {each['width']} x {each['height']}  {each['bytes']:,} bytes\n")
    return 0


def _write(rendition: Rendition, path: Path) -> dict[str, Any]:
    path.write_bytes(rendition.data)
    size = {"width": rendition.width, "height": rendition.height, "bytes": len(rendition.data)}
    return {"name": rendition.name, "path": str(path), **size}


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
    parser.add_argument("--json", action="store_true", help="print JSON, with the CPU seconds that the rendering took")
    return parser


if __name__ == "__main__":
    sys.exit(main())
