"""The stack's configuration, read and checked in one place, as the arguments of each component. Never makes a resource.

A wrong value is reported by `infra.values`, which stands outside: the room `messaging` uses it, too.
"""
