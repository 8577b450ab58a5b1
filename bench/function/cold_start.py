"""Measures a cold start, from the interpreter's start to the first finished picture, against the least there is.

    python -m bench.function.cold_start [--quick]

The least is the same interpreter with botocore's S3 client, Pillow and the same filters and encoder, and nothing else: no
queue, no topic, no settings. The worker's side imports and wires the whole handler, then renders. Both read the picture
from a file and send nothing. CPU seconds, user and system; each in fresh processes, in alternation.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from typing import Final

from bench import section
from bench.pictures.photographs import BUILD
from bench.section import Bar, Section
from infra.worker.bundle import build_bundle
from infra.worker.wheels import Target
from local import ROOT
from tests.worker.images.pictures import factories
from worker.contracts.function.settings import Settings
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS

RUNS: Final = 9
LEAST: Final = """
import io, sys
import botocore.session
from PIL import Image, WebPImagePlugin, JpegImagePlugin
s3 = botocore.session.get_session().create_client("s3")
picture = open(sys.argv[1], "rb").read()
image = JpegImagePlugin.JpegImageFile(io.BytesIO(picture))
image.draft(None, (1600, 1600))
image.load()
for side, by in ((1600, Image.Resampling.BICUBIC), (256, Image.Resampling.LANCZOS)):
    image = image.resize((side, side * image.height // image.width), by, reducing_gap=2.0)
    image.save(io.BytesIO(), "WEBP", quality=80)
"""
WORKER: Final = """
import sys
from pathlib import Path
from worker import handler
from worker.images import render
picture = open(sys.argv[1], "rb").read()
handler.RECIPE_FILE = Path(sys.argv[2])
batch, _ = handler._batch("arn:aws:sqs:eu-west-1:123456789012:queue")
specs = batch.reconcile.recipes.of("a.jpg").specs
render(picture, specs, wanted=[spec.name for spec in specs], memory_bytes=512 << 20)
"""


def measure(quick: bool) -> Section:
    """Start both in alternation and compare."""
    measured = Section("Cold start")
    runs = 3 if quick else RUNS
    BUILD.mkdir(parents=True, exist_ok=True)
    picture = BUILD / "cold.jpg"
    recipe = BUILD / "recipe.json"
    recipe.write_text(one_recipe(DEFAULT_RENDITIONS).to_json())
    picture.write_bytes(factories.encode(factories.scene(2048, 1536), "JPEG", quality=90))
    spent: dict[str, list[float]] = {"least": [], "worker": []}
    for index in range(runs):
        section.PROGRESS.write(f"cold start: run {index + 1} of {runs}\n")
        for name, program in (("least", LEAST), ("worker", WORKER)):
            spent[name].append(_start(program, str(picture), str(recipe)))
    least, ours = (statistics.median(spent[name]) for name in ("least", "worker"))
    measured.text(
        f"From the interpreter's start to two renditions of a first picture of 3 megapixels, CPU seconds in a fresh process; "
        f"medians of {runs} runs in alternation (load {section.load()}). The least is botocore with an S3 client, and Pillow."
    )
    measured.table(
        ("", "CPU s", "of the least"),
        [("least", f"{least:.3f}", "1.00"), ("worker", f"{ours:.3f}", f"{ours / least:.2f}")],
    )
    size = build_bundle(Target(runtime="python3.13", architecture="arm64")).stat().st_size
    measured.text(f"The zip for Lambda (python3.13, arm64) has {size / 1e6:.1f} MB.")
    measured.bars.append(Bar("cold start: CPU of the least", ours / least, 1.15))
    return measured


def _start(program: str, *arguments: str) -> float:
    """Return the CPU seconds of one fresh process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, cwd=ROOT, env=environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def environment() -> dict[str, str]:
    """Return what the program sets; nothing is sent anywhere, so that the names may be any."""
    queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/queue"
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_NAME": "worker",
        "SOURCE_BUCKET": "source",
        "OUTPUT_BUCKET": "output",
        "QUEUE_URL": queue,
        "BACKFILL_QUEUE_URL": f"{queue}-backfill",
        "QUEUE_RETENTION": "345600",
        "MAX_RECEIVE_COUNT": "5",
        "DEAD_LETTER_QUEUE_URL": f"{queue}-dead",
        "COMPLETION_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:topic",
        "CACHE_CONTROL": "no-cache",
        **Settings.PROCESS_VARIABLES,
    }


if __name__ == "__main__":
    section.run(measure, __doc__)
