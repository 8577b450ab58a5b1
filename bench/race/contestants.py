"""`python -m bench.race.contestants NAME FORMAT FOLDER FILE...`: makes two renditions of each file, one file after the other.

Prints one line of JSON: CPU seconds of each file, and the process's peak memory. Writes the renditions into FOLDER unless
it is `-`. Each runs in a process of its own, so that memory and warm caches are its own.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from worker.process.memory import peak_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[[bytes], dict[int, bytes]]

SIDES: Final = (256, 1600)
QUALITY: Final = 80


def worker(name: str) -> Make:
    """Return this repository's worker."""
    from worker.contracts.recipes.specs import RenditionSpec  # noqa: PLC0415
    from worker.images import render  # noqa: PLC0415 - no contestant pays for another's imports.

    specs = [RenditionSpec(str(side), side, side, format=name, quality=QUALITY) for side in SIDES]
    wanted = [spec.name for spec in specs]

    def make(data: bytes) -> dict[int, bytes]:
        made = render(data, specs, wanted=wanted, memory_bytes=1 << 30)
        return {int(rendition.name): rendition.data for rendition in made.renditions}

    return make


def pillow(name: str) -> Make:
    """Return this repository's worker where there is no SIMD, as on arm64."""
    from worker.images import leave_to_pillow  # noqa: PLC0415

    leave_to_pillow()
    return worker(name)


def plain(name: str) -> Make:
    """Return the plain way: open, rotate, resize and save, anew for each rendition; full decoding, one good filter."""
    from PIL import Image, ImageOps  # noqa: PLC0415

    def make(data: bytes) -> dict[int, bytes]:
        return {side: one(data, side) for side in SIDES}

    def one(data: bytes, side: int) -> bytes:
        with Image.open(io.BytesIO(data)) as opened:
            image = ImageOps.exif_transpose(opened)
            scale = min(1.0, side / max(image.size))
            size = round(image.width * scale), round(image.height * scale)
            out = io.BytesIO()
            image.resize(size, Image.Resampling.LANCZOS).save(out, name, **_options(name))
            return out.getvalue()

    return make


def pyvips(name: str) -> Make:
    """Return libvips by its Python binding, with one thread: its own thumbnail, for each rendition."""
    os.environ["VIPS_CONCURRENCY"] = "1"
    import pyvips as vips  # noqa: PLC0415

    vips.cache_set_max(0)
    options: dict[str, dict[str, Any]] = {
        "webp": {"Q": QUALITY, "effort": 4},
        "jpeg": {"Q": QUALITY, "interlace": True, "optimize_coding": True},
        "avif": {"Q": QUALITY, "effort": 3, "compression": "av1", "subsample_mode": "on"},
    }

    def one(data: bytes, side: int) -> bytes:
        image = vips.Image.thumbnail_buffer(data, side, height=side, size="down")
        suffix = {"webp": ".webp", "jpeg": ".jpg", "avif": ".avif"}[name]
        return bytes(image.write_to_buffer(suffix, keep="none", **options[name]))

    return lambda data: {side: one(data, side) for side in SIDES}


def limit(name: str) -> Make:
    """Return the least there is: decode once at the needed scale, and encode the worker's own pictures of the size.

    Not a contestant: what it encodes was resized while its clock stood still. It decodes each file once, as others do: a second
    time, its memory would be there already, which saves up to 2 %. Pictures of another filter would be another work to encode.
    """
    from worker.contracts.recipes.specs import RenditionSpec  # noqa: PLC0415
    from worker.images.containers.exif import Exif  # noqa: PLC0415
    from worker.images.encoding.encoders import encode  # noqa: PLC0415
    from worker.images.headers.reading import read_header  # noqa: PLC0415
    from worker.images.pixels.colour import Colours  # noqa: PLC0415
    from worker.images.pixels.decoding import decode_still  # noqa: PLC0415
    from worker.images.pixels.normalising import normalise  # noqa: PLC0415
    from worker.images.pixels.resampling import resample  # noqa: PLC0415
    from worker.images.planning.fit import fit  # noqa: PLC0415

    specs = [RenditionSpec(str(side), side, side, format=name, quality=QUALITY) for side in SIDES]

    def make(data: bytes) -> dict[int, bytes]:
        header = read_header(data)
        sizes = [fit(header.size, spec).full for spec in specs]
        began = time.process_time()
        decoded = decode_still(header, sizes[-1])
        spent = time.process_time() - began
        web = normalise(decoded, header, Colours(header.icc), sizes[-1])
        ready = [resample(web, sizes[0], (0, 0, *web.size)), web]
        del decoded
        began = time.process_time()
        made = {side: encode(image, spec, Exif()) for side, image, spec in zip(SIDES, ready, specs, strict=True)}
        SPENT.append(spent + time.process_time() - began)
        return made

    return make


SPENT: Final[list[float]] = []
"""CPU seconds that a contestant measured itself, because not all that it does counts."""

CONTESTANTS: Final[dict[str, Callable[[str], Make]]] = {
    "worker": worker,
    "pillow": pillow,
    "plain": plain,
    "pyvips": pyvips,
    "limit": limit,
}


def _options(name: str) -> dict[str, Any]:
    """Return what the worker asks of the encoder, so that only the way there differs."""
    ours: dict[str, dict[str, Any]] = {
        "webp": {"method": 4},
        "jpeg": {"progressive": True, "optimize": True},
        "avif": {"speed": 6, "max_threads": 1},
    }
    return {"quality": QUALITY, **ours[name]}


def main(contestant: str, name: str, folder: str, files: list[str]) -> None:
    """Run one contestant over the files."""
    make = CONTESTANTS[contestant](name)
    make(Path(files[0]).read_bytes())  # Loads what is loaded once.
    SPENT.clear()
    seconds = []
    for file in files:
        data = Path(file).read_bytes()
        began = time.process_time()
        made = make(data)
        seconds.append(time.process_time() - began)
        if folder != "-":
            for side, content in made.items():
                Path(folder, f"{Path(file).stem}-{side}.{name}").write_bytes(content)
    sys.stdout.write(json.dumps({"seconds": SPENT or seconds, "peak": peak_bytes()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
