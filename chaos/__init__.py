"""Everything that may go wrong at once, on the whole pipeline, and a look at what is left of each picture."""
