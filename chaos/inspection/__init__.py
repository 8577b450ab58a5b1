"""What became of each picture, seen in the buckets and among the dead letters. Shares with the worker names of keys, no more."""
