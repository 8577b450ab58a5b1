"""How the resources of a pipeline are called, so that two pipelines fit into one stack.

Pulumi tells resources apart by their names and by the types of what they are in, not by what they are in:
https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
"""

from __future__ import annotations

from typing import Final

import pulumi

_END: Final = "_"
"""Between the name of a pipeline and that of a resource. In no pipeline's name: `a-b` and `c` are not `a` and `b-c`."""


class Named(pulumi.ComponentResource):
    """A component with a pipeline's names.

    Attributes:
        of: The pipeline's name; empty for the one of `__main__.py`, whose resources have no other's beside them.
    """

    of: str

    def named(self, text: str) -> str:
        """Return what the resource is called that is `text` within the pipeline."""
        return f"{self.of}{_END}{text}" if self.of else text

    @property
    def ops(self) -> str:
        """The operators' commands on this pipeline, up to the command; docs/component.md says what the file is."""
        return f"python -m ops {f'--outputs {self.of}.json' if self.of else f'--stack {pulumi.get_stack()}'}"


class Part(Named):
    """A component of a pipeline.

    Attributes:
        label: Its name within the pipeline, such as `source`.
    """

    def __init__(self, kind: str, label: str, opts: pulumi.ResourceOptions | None) -> None:
        parent = opts.parent if opts else None
        self.label, self.of = label, parent.of if isinstance(parent, Named) else ""
        super().__init__(f"image-pipeline:{kind}", self.named(label), None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
