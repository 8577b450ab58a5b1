"""The stack's configuration, read and checked in one place, as the arguments of each component. Never makes a resource.

`declaration` is what `Pulumi.yaml` says, `overlay` lays the stack's values over it, `place` reads one value, `nearest` finds what was meant, `problems` says what is
wrong and how to correct it; `keys` and the other files know the keys.
"""
