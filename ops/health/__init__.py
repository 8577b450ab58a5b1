"""The pipeline as a whole: at a glance, and proved from outside with pictures of its own. Never touches those of others."""
