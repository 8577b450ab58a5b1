"""The stack's dashboard: read as CloudWatch would, and drawn."""
