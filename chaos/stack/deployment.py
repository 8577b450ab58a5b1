"""The pipeline as a run deploys it: the very program, with a few inputs of its resources changed; and changes of its recipes.

The worker's code is what the program bundles, to the byte; a handler that sabotages Pillow is laid beside it. Timeouts are
shorter, so that a run has the time to see what a timeout does. That the program's own are six to one, tests/infra holds.
"""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pulumi

from local import ROOT
from worker.contracts.function.settings import RECIPE

if TYPE_CHECKING:
    from pathlib import Path

    from local.stack import LocalStack
    from worker.contracts.recipes.by_prefix import Recipes

TIMEOUT: Final = 30
"""Seconds of an invocation. They pass however busy the machine is: a picture that hangs is given up only if it gets half of
them, after whatever else is in its batch, and ten sound pictures took 8 s on two cores with twelve processes to run."""
LONGER: Final = 2
"""Seconds that a message stays hidden beyond the timeout, if its worker did not postpone it."""
ATTEMPTS: Final = 10
"""At a message: far more of them are killed or fail here than on AWS."""
WORKERS: Final = 4
"""At the same time: the more, the more of them are at the same key."""
CONFIG: Final = {"queue": {"maxReceiveCount": ATTEMPTS}, "worker": {"maxConcurrency": WORKERS}}
ENTRY: Final = "chaos.inside.entry.handle"
PLAIN: Final = "chaos.inside.plain_entry.handle"
_WITHOUT_RECIPE: Final = "worker-without-recipe.zip"
_BUNDLE: Final = "worker.zip"
_INSIDE: Final = ROOT / "chaos" / "inside"
_FUNCTION: Final = "aws:lambda/function:Function"
_QUEUE: Final = "aws:sqs/queue:Queue"


@dataclass(frozen=True)
class Deployment:
    """Changes the inputs of the program's resources.

    Attributes:
        directory: Where the bundle is made.
        endpoint_url: The endpoint that the worker uses as AWS.
        handler: What is called: the pipeline's worker, or the plain one.
    """

    directory: Path
    endpoint_url: str
    handler: str = ENTRY

    def transform(self, type_: str, _name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return what one resource is made from; see `local.provision.provisioner.Transform`."""
        if type_ == _QUEUE and "visibilityTimeoutSeconds" in inputs:
            return {**inputs, "visibilityTimeoutSeconds": TIMEOUT + LONGER}
        if type_ == _FUNCTION and inputs["handler"].startswith("worker."):
            return {**inputs, **self._sabotaged(inputs)}
        return inputs

    def _sabotaged(self, inputs: dict[str, Any]) -> dict[str, Any]:
        variables = {
            **inputs["environment"]["variables"],
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "PYTHONDONTWRITEBYTECODE": "",  # Nothing is compiled twice for the many that are started.
        }
        code = pulumi.FileArchive(str(self._bundle(inputs["code"])))
        return {
            "code": code,
            "handler": self.handler,
            "timeout": TIMEOUT,
            "environment": {"variables": variables},
        }

    def change(self, stack: LocalStack, recipes: Recipes) -> None:
        """Deploy other recipes as `pulumi up` does: first the parameter whose version is their generation, then the code."""
        ssm = stack.client("ssm")
        (name,) = (each["Name"] for each in ssm.describe_parameters()["Parameters"] if "-recipes" in each["Name"])
        generation = ssm.put_parameter(Name=name, Value=recipes.fingerprint, Overwrite=True)["Version"]
        bundle = self._with_recipe(replace(recipes, generation=generation).to_json())
        stack.client("lambda").update_function_code(FunctionName=stack["worker_function"], ZipFile=bundle.read_bytes())

    def _bundle(self, code: pulumi.FileArchive) -> Path:
        """Copy the program's bundle and add what is in `chaos/inside/`."""
        with zipfile.ZipFile(code.path) as source, zipfile.ZipFile(self.directory / _WITHOUT_RECIPE, "w") as target:
            for entry in source.infolist():
                if entry.filename != RECIPE:
                    target.writestr(entry, source.read(entry))
            target.write(ROOT / "chaos" / "__init__.py", "chaos/__init__.py")
            for file in sorted(_INSIDE.glob("*.py")):
                name = file.name if file.stem == "sitecustomize" else f"chaos/inside/{file.name}"
                target.write(file, name)
            recipe = source.read(RECIPE).decode()
        return self._with_recipe(recipe)

    def _with_recipe(self, text: str) -> Path:
        bundle = self.directory / _BUNDLE
        shutil.copyfile(self.directory / _WITHOUT_RECIPE, bundle)
        with zipfile.ZipFile(bundle, "a") as target:
            target.writestr(RECIPE, text)
        return bundle
