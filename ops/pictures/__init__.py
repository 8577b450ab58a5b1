"""Pictures: uploaded, looked up, restored from the archive, rendered again. Never touches a dead letter."""
