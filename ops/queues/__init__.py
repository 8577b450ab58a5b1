"""Queues and the letters in them: received, sent, deleted and given back, in batches. Never judges a letter."""
