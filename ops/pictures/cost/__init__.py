"""What pictures cost, and how long many of them take: a model, checked by `bench/`. Never asks AWS anything."""
