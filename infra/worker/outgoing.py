"""Says what a deployment takes away: renditions that the deployed recipes make of some pictures, and the new ones do not.

Pulumi's engine hands over the value that the parameter of the recipes had, so nothing is asked of AWS, and nothing fails.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pulumi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.contracts.recipes.by_prefix import Recipes

MOST: Final = 4096
"""Characters of a parameter's value in the standard tier
(https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html)."""
_OUTPUTS, _FINGERPRINT = "outputs", "fingerprint"


def value_of(recipes: Recipes) -> str:
    """Return the value of the parameter: what changes with the recipes, and which outputs they make, where there is room for it."""
    made = {prefix: [f"{spec.name}.{spec.format}" for spec in specs] for prefix, specs in recipes.by_prefix.items()}
    document = {_FINGERPRINT: recipes.fingerprint, _OUTPUTS: made}
    text = json.dumps(document, separators=(",", ":"), sort_keys=True)
    return text if len(text) <= MOST else json.dumps({_FINGERPRINT: recipes.fingerprint}, separators=(",", ":"))


def outgoing(before: str, after: str) -> list[str]:
    """Return a line for each prefix below which some outputs are no longer made; none where `before` does not say."""
    deployed, new = _outputs(before), _outputs(after)
    if deployed is None or new is None:
        return []
    lines = []
    for prefix in sorted({*deployed, *new}):
        gone = [output for output in _of(prefix, deployed) if output not in _of(prefix, new)]
        if gone:
            lines.append(f"{prefix or 'all other pictures'}: {', '.join(gone)}")
    return lines


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


def warn_of_outgoing(name: str) -> pulumi.ResourceHookBinding:
    """Return what warns, at `pulumi preview` and at `pulumi up`, when the parameter is about to change.

    A failure in it is a warning itself: https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
    """
    options = pulumi.ResourceHookOptions(on_dry_run=True, ignore_errors=True)
    return pulumi.ResourceHookBinding(before_update=[pulumi.ResourceHook(f"{name}-outgoing", warn, options)])


async def warn(args: pulumi.ResourceHookArgs) -> None:
    """Warn of outputs that the next backfill deletes; the value is a secret to Pulumi, though not to us."""
    before, after = [await _value_in(inputs) for inputs in (args.old_inputs, args.new_inputs)]
    command = f"python -m ops --stack {pulumi.get_stack()} recipe plan"
    if lines := outgoing(before, after):
        found = "\n".join(f"  {line}" for line in lines)
        pulumi.warn(
            f"The next backfill deletes what is no longer made:\n{found}\nTo count it, and see it before: {command}"
        )
    elif before != after:
        pulumi.info(f"The recipes change. To see what that does: {command}")


async def _value_in(inputs: Mapping[str, Any] | None) -> str:
    return str(await pulumi.Output.from_input((inputs or {}).get("value")).future())
