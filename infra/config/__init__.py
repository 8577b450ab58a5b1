"""The stack's configuration, read in one place: what each component is told. Never makes a resource."""
