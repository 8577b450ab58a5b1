"""Pictures: uploaded, looked up, restored from the archive, rendered again, erased. Never sends a dead letter back."""
