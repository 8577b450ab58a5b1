"""Everything that may go wrong at once, on the whole pipeline, and the outcome of each picture."""
