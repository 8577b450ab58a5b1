"""What an operator does after recipes have changed: a backfill of what is outdated, and a look at what no manifest lists.

The second is what an audit of the buckets does; where the stack has one, it takes the place of `send_leftovers`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from rich.console import Console

from local.demo.commands import Operator
from local.errors import LocalError
from worker.contracts.events import event_body
from worker.contracts.keys import listing, manifest_key, rendition_key
from worker.contracts.manifest import REJECTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.stack import LocalStack
    from worker.contracts.recipes.by_prefix import Recipes

_BACKFILL: Final = ("backfill", "--outdated", "--yes", "--json")


class HealingError(LocalError):
    """The backfill failed; the message is what it said."""


def heal(stack: LocalStack, recipes: Recipes, wait_until_quiet: Callable[[], None]) -> Mapping[str, int]:
    """Do both; return how many pictures were sent again, by why.

    Raises:
        HealingError: The backfill failed.
    """
    outdated = backfill(stack)
    wait_until_quiet()
    left_over = send_leftovers(stack, recipes)
    wait_until_quiet()
    return {"outdated": outdated, "left over": left_over}


def backfill(stack: LocalStack) -> int:
    """Have every outdated picture rendered; return how many there were.

    Raises:
        HealingError: The command failed.
    """
    ended = Operator(stack, Console(quiet=True)).run(*_BACKFILL)
    if ended.returncode:
        raise HealingError(f"{' '.join(_BACKFILL)} ended with {ended.returncode}: {ended.stdout}")
    told = json.loads(ended.stdout.splitlines()[-1])
    return int(told.get("enqueued", 0))  # It prints its plan alone where there is nothing to send.


def send_leftovers(stack: LocalStack, recipes: Recipes) -> int:
    """Send a hint for every key with outputs that its recipe does not make; return how many there were.

    A rejected picture keeps the renditions of its last good version, whatever recipe they are of.
    """
    left = {key: outputs for key, outputs in _left_over(stack, recipes).items() if not _is_rejected(stack, key)}
    for key, outputs in left.items():
        renditions = [output for output in outputs if output != manifest_key(key)]
        body = event_body(stack["source_bucket"], key, leftovers=listing(renditions, key))
        stack.client("sqs").send_message(QueueUrl=stack["backfill_queue_url"], MessageBody=body)
    return len(left)


def _left_over(stack: LocalStack, recipes: Recipes) -> dict[str, list[str]]:
    """Return outputs that no recipe makes, by the key of their picture."""
    found: dict[str, list[str]] = {}
    for output in outputs_of(stack):
        key = output.partition("/")[2].rpartition(".")[0]
        made = {rendition_key(spec, key) for spec in recipes.of(key).specs}
        if output not in made and not (made and output == manifest_key(key)):
            found.setdefault(key, []).append(output)
    return found


def _is_rejected(stack: LocalStack, key: str) -> bool:
    s3 = stack.client("s3")
    try:
        answer = s3.get_object(Bucket=stack["output_bucket"], Key=manifest_key(key))
    except s3.exceptions.NoSuchKey:
        return False
    return bool(json.loads(answer["Body"].read())["type"] == REJECTED)


def outputs_of(stack: LocalStack) -> set[str]:
    """Return the keys of all outputs."""
    pages = stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stack["output_bucket"])
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}
