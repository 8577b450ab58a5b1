"""Has the worker reconcile pictures again that are in the source bucket: plan, canary, messages, journal.

Never reads a picture, nor writes to a bucket.
"""
