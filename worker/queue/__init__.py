"""A batch of messages in, a report out: the order of messages, their outcomes, dead letters, retries, completion messages.

Never opens a bucket or a picture: the outcome of a key is what `worker.reconcile` returns or raises.
"""
