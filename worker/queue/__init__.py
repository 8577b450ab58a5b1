"""A batch of messages in, a report out: which message goes first, what becomes of it, and who is told.

Never looks into a bucket or a picture: what becomes of a key is what `worker.reconcile` says.
"""
