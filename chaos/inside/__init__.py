"""What a run adds to the worker's bundle. Runs in the function, with the worker's own code, which knows nothing of it."""
