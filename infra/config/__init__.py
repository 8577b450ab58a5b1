"""The stack's configuration, read and checked in one place, as the arguments of each component. Never makes a resource."""
