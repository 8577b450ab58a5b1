"""Says what a deployment takes away: renditions that the deployed recipes make of some pictures, and the new ones do not.

Pulumi's engine hands over the value that the parameter of the recipes had. How many outputs there are is counted as far as one listing
says; where AWS does not answer, the number is left out, and nothing fails.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from infra.part import Part
    from worker.contracts.recipes.by_prefix import Recipes

MOST: Final = 4096
"""Characters of a parameter's value in the standard tier
(https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html)."""
COUNTED: Final = 1000
"""Keys of one listing: more are not counted."""
_OUTPUTS, _FINGERPRINT = "outputs", "fingerprint"


def value_of(recipes: Recipes) -> str:
    """Return the value of the parameter: what changes with the recipes, and which outputs they make, where there is room for it."""
    made = {prefix: [f"{spec.name}.{spec.format}" for spec in specs] for prefix, specs in recipes.by_prefix.items()}
    document = {_FINGERPRINT: recipes.fingerprint, _OUTPUTS: made}
    text = json.dumps(document, separators=(",", ":"), sort_keys=True)
    return text if len(text) <= MOST else json.dumps({_FINGERPRINT: recipes.fingerprint}, separators=(",", ":"))


def outgoing(before: str, after: str) -> dict[str, list[str]]:
    """Return the outputs that are no longer made, by the prefix of their keys; nothing where `before` does not say."""
    deployed, new = _outputs(before), _outputs(after)
    if deployed is None or new is None:
        return {}
    prefixes = sorted({*deployed, *new})
    gone = {prefix: [each for each in _of(prefix, deployed) if each not in _of(prefix, new)] for prefix in prefixes}
    return {prefix: outputs for prefix, outputs in gone.items() if outputs}


def _outputs(value: str) -> Mapping[str, list[str]] | None:
    try:
        document = json.loads(value)
    except ValueError:  # An earlier program wrote the fingerprint alone.
        return None
    outputs = document.get(_OUTPUTS) if isinstance(document, dict) else None
    return outputs if isinstance(outputs, dict) else None


def _of(prefix: str, outputs: Mapping[str, list[str]]) -> list[str]:
    """Return what is made of keys that begin with `prefix`: by the longest prefix of it that has a recipe."""
    fitting = [each for each in outputs if prefix.startswith(each)]
    return outputs[max(fitting, key=len)] if fitting else []


def warn_of_outgoing(name: str, bucket: pulumi.Output[str], parent: Part) -> pulumi.ResourceHookBinding:
    """Return what warns, at `pulumi preview` and at `pulumi up`, when the parameter is about to change; outputs are in `bucket`.

    A failure in it is a warning itself: https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
    """

    async def hook(args: pulumi.ResourceHookArgs) -> None:
        await warn(args, parent.ops, lambda output, prefix: _counted(bucket, output, prefix, parent))

    options = pulumi.ResourceHookOptions(on_dry_run=True, ignore_errors=True)
    return pulumi.ResourceHookBinding(before_update=[pulumi.ResourceHook(f"{name}-outgoing", hook, options)])


async def warn(args: pulumi.ResourceHookArgs, ops: str, count: Callable[[str, str], Awaitable[str]]) -> None:
    """Warn of outputs that the next backfill deletes; the value is a secret to Pulumi, though not to us.

    `ops` begins the command to look with; `count` returns how many there are of an output below a prefix, in words.
    """
    before, after = [await _value_in(inputs) for inputs in (args.old_inputs, args.new_inputs)]
    command = f"{ops} recipe plan"
    if gone := outgoing(before, after):
        lines = []
        for prefix, outputs in gone.items():
            found = [f"{output}{await count(output, prefix)}" for output in outputs]
            lines.append(f"  {prefix or 'all other pictures'}: {', '.join(found)}\n")
        pulumi.warn(
            f"The next backfill deletes what is no longer made:\n{''.join(lines)}To count all, and see it before: {command}"
        )
    elif before != after:
        pulumi.info(f"The recipes change. To see what that does: {command}")


async def _counted(bucket: pulumi.Output[str], output: str, prefix: str, parent: pulumi.Resource) -> str:
    """Say how many keys begin so; those of folders with recipes of their own are among them."""
    name = output.rpartition(".")[0]
    try:
        listed = aws.s3.get_objects_output(
            bucket=bucket,
            prefix=f"{name}/{prefix}",
            max_keys=COUNTED,
            opts=pulumi.InvokeOutputOptions(parent=parent),
        )
        number = len(await listed.keys.future() or ())
    except Exception as exc:  # noqa: BLE001 - a number is not worth a deployment.
        pulumi.debug(f"{output} was not counted: {exc}")
        return ""
    return f" ({number:,} or more)" if number >= COUNTED else f" ({number:,})"


async def _value_in(inputs: Mapping[str, Any] | None) -> str:
    return str(await pulumi.Output.from_input((inputs or {}).get("value")).future())
