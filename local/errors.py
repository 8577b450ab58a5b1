"""What can go wrong while the embedded AWS is set up or runs: one closed family.

    LocalError
    ├── EmulatorError      the emulator did not start, or ended, or its directory or port is in use
    ├── ProgramError       the program itself refused to run, such as over a wrong configuration value
    └── ProvisionError     the program asks for something that cannot be made
        ├── NotApplied     a resource type, property or function call that this engine does not apply
        ├── Refused        AWS would refuse it; the message is AWS's own where AWS has one
        └── FunctionBroken a Lambda function that cannot import or cannot answer an empty batch

Every message says what to do next or names what was denied; none of them is meant to be read with a traceback.
"""

from __future__ import annotations


class LocalError(Exception):
    """The embedded AWS could not do what was asked."""


class EmulatorError(LocalError):
    """The emulator did not start, or ended."""


class ProgramError(LocalError):
    """The Pulumi program stopped itself; the message is its own."""


class ProvisionError(LocalError):
    """A resource could not be made or destroyed; the message names its type and its name in the program."""

    def __init__(self, type_: str, name: str, message: str) -> None:
        super().__init__(f"{type_} {name!r}: {message}")


class NotApplied(ProvisionError):
    """The engine would have to skip something silently, and refuses to.

    Attributes:
        property: Path of the property, such as `rules[].filter`; empty when it is the whole type.
    """

    def __init__(self, type_: str, name: str, property_: str = "") -> None:
        if property_:
            message = f"property {property_!r} is not applied by the local engine; add it to the type's table in local/provision/"
        else:
            message = "this type is not made by the local engine; add it to local/provision/registry.py"
        super().__init__(type_, name, message)
        self.property = property_


class Refused(ProvisionError):
    """AWS would answer this with an error, which the emulator does not."""


class FunctionBroken(ProvisionError):
    """A function whose code does not load or does not answer."""
