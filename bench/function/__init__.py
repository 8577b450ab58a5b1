"""One batch and one cold start of the whole worker, against what they could take at least."""
