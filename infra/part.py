"""How the resources of a pipeline are called, so that two pipelines fit into one stack.

Pulumi tells resources apart by their names and by the types of what they are in, not by what they are in:
https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
"""

from __future__ import annotations

import pulumi


class Named(pulumi.ComponentResource):
    """A component with a pipeline's names.

    Attributes:
        start: What the names of all resources in the pipeline begin with.
    """

    start: str

    def named(self, text: str) -> str:
        """Return what the resource is called that is `text` within the pipeline."""
        return f"{self.start}{text}"


class Part(Named):
    """A component of a pipeline.

    Attributes:
        label: Its name within the pipeline, such as `source`.
    """

    def __init__(self, kind: str, label: str, opts: pulumi.ResourceOptions | None) -> None:
        parent = opts.parent if opts else None
        self.label, self.start = label, parent.start if isinstance(parent, Named) else ""
        super().__init__(f"image-pipeline:{kind}", self.named(label), None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
